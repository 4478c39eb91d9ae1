"""Where a case stands and what it asks of practitioners: for the engine, and for those who query cases."""

from collections.abc import Sequence

from services.allocation.facts import own_pool
from services.allocation.rules.choice import requests, reversals
from services.allocation.rules.tier import current_tier
from services.allocation.rules.workload import case_points
from services.allocation.view import AllocationView, PractitionerView
from shared.engine.assessment import Finding, Overview


def person_overview(view: AllocationView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """How far allocation has got, which practitioners are requested, and the workload of the case."""
    current = view.current_allocation
    claims = {(current.practitioner_id, "points"): case_points(view)} if current else {}
    return Overview(
        status=_status(view),
        region=view.live[-1].sentence.region if view.live else None,
        practitioner=current.practitioner_id if current else None,
        requests=[*requests(view)],
        reversals=[*reversals(view)],
        claims=claims,
    )


def _status(view: AllocationView) -> str:
    if not view.live:
        return "ended" if view.supervised else "not_supervised"
    if all(supervised.allocations for supervised in view.live):
        return "allocated"
    return "unallocated" if current_tier(view) else "awaiting_risk"


def practitioner_overview(view: PractitionerView, findings: Sequence[Finding]) -> Overview:
    """A practitioner's capacity, and the pools in which cases may be taken."""
    practitioner = view.practitioner
    if practitioner is None:
        return Overview()
    return Overview(
        pools=(practitioner.pool, own_pool(view.case.subject)) if practitioner.active else (),
        status="over_capacity" if findings else "active" if practitioner.active else "inactive",
        region=practitioner.region,
    )
