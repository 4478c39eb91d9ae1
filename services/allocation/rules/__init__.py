"""What the allocation service concludes: of a person, and of a practitioner."""

from services.allocation.case import AllocationCase, PractitionerCase, own_pool
from services.allocation.rules.changes import changes_wanted
from services.allocation.rules.choice import requests
from services.allocation.rules.deadlines import allocation_due, allocation_overdue, supervision_ended
from services.allocation.rules.tier import Tier, tier_calculated, tiers
from services.allocation.rules.workload import case_points, over_capacity, practitioner_on
from services.allocation.supervision import Supervision, current_allocation, supervisions, terms
from shared.engine.assessment import Assessment, Day
from shared.policy import Policy


def assess_person(case: AllocationCase, today: Day, policy: Policy) -> Assessment:
    """All that allocation says of a person on a day."""
    sentences = terms(case, today)
    supervised = supervisions(case, sentences, today)
    calculated = tiers(case, sentences, today, policy)
    tier = calculated[-1] if calculated else None
    current = current_allocation(supervised)
    live = [s for s in supervised if s.live]
    changes = changes_wanted(case, supervised, today)
    points = case_points(case, sentences, tier, today, policy) if tier and live else 0

    findings = [*tier_calculated(calculated)]
    for supervision in supervised:
        findings += allocation_due(supervision, policy)
        findings += allocation_overdue(case, supervision, supervised, today, policy)
        findings += supervision_ended(supervision, policy)
    return Assessment(
        findings=findings,
        wishes=[*requests(supervised, current, changes, tier, points, policy)],
        claims={(current.practitioner_id, "points"): points} if current else {},
        status=_status(supervised, live, tier),
        region=live[-1].sentence.region if live else None,
        practitioner=current.practitioner_id if current else None,
    )


def assess_practitioner(case: PractitionerCase, today: Day, policy: Policy) -> Assessment:
    """All that allocation says of a practitioner on a day: workload, and where cases may be taken."""
    practitioner = practitioner_on(case, today)
    if practitioner is None:
        return Assessment()
    findings = [*over_capacity(case, today, policy)]
    over = any(finding.closed is None for finding in findings)
    pools = (practitioner.place, own_pool(case.subject)) if practitioner.active else ()
    return Assessment(
        findings=findings,
        pools=pools,
        status="over_capacity" if over else "active" if practitioner.active else "inactive",
        region=practitioner.region,
    )


def _status(supervised: list[Supervision], live: list[Supervision], tier: Tier | None) -> str:
    """Where the person stands in the life of an allocation, for those who look at the caseload."""
    if not live:
        return "ended" if supervised else "not_supervised"
    if all(supervision.allocations for supervision in live):
        return "allocated"
    return "unallocated" if tier else "awaiting_risk"
