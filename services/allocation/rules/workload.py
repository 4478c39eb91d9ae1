"""Workload: the points of a case, a practitioner's workload in per cent, and who is over capacity."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from schemas.allocation import PractitionerOverCapacity
from services.allocation.rules.tier import current_tier
from services.allocation.tables import whole
from services.allocation.tiers.second import UNSUPERVISED
from services.allocation.view import AllocationView, PractitionerView
from shared.engine.assessment import Finding
from shared.policy import Values
from shared.probation.facts import TakenIntoCustody
from shared.probation.supervision import SupervisionPeriod


def case_points(view: AllocationView) -> int:
    """ALLOC-8: a person counts once, by tier and by where they are: in custody, on licence or on an order.

    A person is one case, as in the workload tools: a second sentence adds no points of its own, but a
    licence beside an order makes the case a licence case, and custody a custody case. ALLOC-5: without an
    assessment the policy's provisional tier counts. No points in Probation Reset, or once all is over.
    """
    if not view.live:
        return 0
    values, tier = view.values_today(), current_tier(view)
    letters = tier.workload if tier is not None else values.text("provisional_tier")
    if letters.endswith(UNSUPERVISED):
        return 0
    today = view.today
    custodial = [
        period
        for period in view.supervision.values()
        if period.sentence.custodial
        and today.reached(period.sentence.imposed_on)
        and period.end(today) is None
    ]
    if any(in_prison(view, period) for period in custodial):
        kind = "custody"
    else:
        kind = "licence" if custodial else "community"
    return whole(values.table(f"{kind}_points"), letters)


def in_prison(view: AllocationView, period: SupervisionPeriod) -> bool:
    """Is the sentence served in prison: before the first release, or since a recall?

    A recall that names no sentence counts for every sentence.
    """
    if period.under_way(view.today) is None:
        return True
    held = view.held_today()
    return held is not None and any(
        isinstance(taken, TakenIntoCustody)
        and taken.reason == "recall"
        and view.today.reached(taken.taken_on)
        and taken.sentence_id in (None, period.sentence.sentence_id)
        for taken in held.begun_by
    )


def workload_percent(points: int, available: int, values: Values) -> Decimal:
    """ALLOC-7: points held / available points, rounded half up to 0.1 %; 0 where none are available."""
    if available <= 0:
        return Decimal(0)
    share = Decimal(100 * points) / available
    return share.quantize(values.number("workload_percent_step"), ROUND_HALF_UP)


def practitioner_over_capacity(view: PractitionerView) -> Iterator[Finding]:
    """ALLOC-6, ALLOC-7, ALLOC-8, MGR-1: a practitioner whose workload is 100 % or more is over capacity.

    Facts do not tell since when the workload has been lower, so the finding is then resolved today.
    """
    practitioner = view.practitioner
    if practitioner is None:
        return
    values = view.values_today(practitioner.region)
    percent = workload_percent(view.case.points, view.available, values)
    over = practitioner.active and percent >= values.number("over_capacity_percent")
    yield Finding(
        event=PractitionerOverCapacity(
            practitioner_id=view.case.subject,
            workload_percent=float(percent),
            manager_id=practitioner.manager_id,
        ),
        key=view.case.subject,
        rules=("ALLOC-6", "ALLOC-7", "ALLOC-8", "MGR-1"),
        because=(practitioner,),
        policy=values.version,
        resolved_on=None if over else view.today.waited_for,
    )
