"""Where a case stands and what it asks of practitioners: for the engine, and for those who query cases."""

from collections.abc import Sequence
from typing import Any

from services.allocation.facts import region_pool, unit_pool
from services.allocation.retention import retention
from services.allocation.rules.changes import places
from services.allocation.rules.ending import practitioner_changes
from services.allocation.rules.provider import provider_on, region_on
from services.allocation.rules.requests import requests, reversals
from services.allocation.rules.teams import team_claims, team_workloads
from services.allocation.rules.tier import current_tier
from services.allocation.rules.workload import case_points, workload_percent
from services.allocation.units import units_notice
from services.allocation.view import AllocationView, PractitionerView, RegionView
from shared.engine.assessment import Finding, Overview


def person_overview(view: AllocationView, findings: Sequence[Finding]) -> Overview:
    """How far allocation has got, which practitioners are requested, and the workload of the case."""
    current = view.current_allocation
    claims = {}
    if current is not None:
        claims = {
            (current.practitioner_id, "points"): case_points(view),
            (current.practitioner_id, "cases"): 1,
        }
    where = places(view, view.live)
    return Overview(
        status=_status(view),
        region=region_on(view.values_today(), where[0][0]) if where else None,
        practitioner=current.practitioner_id if current else None,
        shown=_shown(view, findings) if view.live else _retained(view),
        requests=[*requests(view)],
        reversals=[*reversals(view)],
        claims=claims,
    )


def _status(view: AllocationView) -> str:
    if not view.live:
        return "ended" if view.managed else "not_supervised"
    if all(managed.allocations for managed in view.live):
        return "allocated"
    return "unallocated" if current_tier(view) else "awaiting_risk"


def _shown(view: AllocationView, findings: Sequence[Finding]) -> dict[str, Any]:
    """What managers ask of a live case: where it is, since when it waits, what awaits their decision."""
    region, pdu = places(view, view.live)[0]
    awaiting = [managed for managed in view.live if not managed.allocations]
    view.values_today(region)
    changes = [practitioner_changes(view, managed) for managed in view.live if managed.allocations]
    reviews = [f.event for f in findings if type(f.event).__name__ == "AllocationReviewRequired"]
    return {
        "pdu": pdu,
        "provider": provider_on(view, region, view.today.waited_for),
        "waiting_since": min(m.starts_on for m in awaiting).isoformat() if awaiting else None,
        "changes": max(changes, default=None),
        "reviews": [{"sentence_id": r.sentence_id, "reason": r.reason} for r in reviews],
    }


def _retained(view: AllocationView) -> dict[str, Any] | None:
    """Until when what is held of a case that is over is kept."""
    kept = retention(view)
    if kept is None:
        return None
    return {
        "ended_on": kept.ended_on.isoformat(),
        "retained_until": kept.until.isoformat(),
        "retained_as": kept.kind,
    }


def practitioner_overview(view: PractitionerView, findings: Sequence[Finding]) -> Overview:
    """A practitioner's capacity, the pools in which cases may be taken, and what it adds to the team."""
    practitioner = view.practitioner
    if practitioner is None:
        return Overview()
    values = view.values_today(practitioner.region)
    percent = workload_percent(view.case.points, view.available, values)
    return Overview(
        pools=practitioner.pools if practitioner.active else (),
        status="over_capacity" if findings else "active" if practitioner.active else "inactive",
        region=practitioner.region,
        claims=team_claims(view),
        shown={
            "pdu": practitioner.pdu,
            "team": practitioner.team,
            "points": view.case.points,
            "available": view.available,
            "percent": float(percent),
        },
    )


def region_overview(view: RegionView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """The workload of a region's teams, and the units whose names have changed, for those who choose."""
    region = view.case.subject
    return Overview(
        pools=(region_pool(region), *(unit_pool(region, pdu) for pdu in sorted(view.units.named)))
        if view.units.named
        else (),
        status="region",
        region=region,
        notice=units_notice(view.case.unit_changes.values()),
        shown={
            "units": {pdu: view.units.name(pdu) for pdu in sorted(view.units.named)},
            "teams": [
                {
                    "pdu": pdu,
                    "team": team,
                    "points": workload.points,
                    "available": workload.available,
                    "cases": workload.cases,
                    "practitioners": workload.practitioners,
                }
                for (pdu, team), workload in team_workloads(view).items()
            ],
        },
    )
