"""Workload: the points of a case, a practitioner's workload in per cent, and who is over capacity."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from schemas.allocation import PractitionerOverCapacity
from services.allocation.facts import Practitioner
from services.allocation.rules.tier import current_tier
from services.allocation.tables import whole
from services.allocation.view import AllocationView, PractitionerView, values_today
from shared.engine.assessment import Finding
from shared.policy import Values
from shared.probation.facts import TakenIntoCustody
from shared.probation.supervision import SupervisionPeriod


def case_points(view: AllocationView) -> int:
    """ALLOC-8: a person counts once, by tier and by where they are: in custody, on licence or on an order.

    A person is one case, as in the workload tools: a second sentence adds no points of its own, but a
    licence beside an order makes the case a licence case, and custody a custody case. There are no points
    without a tier, or once supervision is over on all sentences.
    """
    tier = current_tier(view)
    if tier is None or not view.live:
        return 0
    today = view.today
    custodial = [
        period
        for period in view.supervision.values()
        if period.sentence.custodial
        and today.reached(period.sentence.imposed_on)
        and period.end(today) is None
    ]
    if any(_in_custody(view, period) for period in custodial):
        kind = "custody"
    else:
        kind = "licence" if custodial else "community"
    return whole(values_today(view).table(f"{kind}_points"), tier.letters)


def _in_custody(view: AllocationView, period: SupervisionPeriod) -> bool:
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


def available_points(practitioner: Practitioner, values: Values) -> int:
    """ALLOC-7: nominal target x (weekly hours / contracted hours), truncated."""
    hours = Decimal(str(practitioner.weekly_hours))
    return int(values.number("nominal_target") * hours // values.number("contracted_hours"))


def workload_percent(points: int, available: int, values: Values) -> Decimal:
    """ALLOC-7: points held / available points, rounded half up to 0.1 %; 0 where none are available."""
    if available <= 0:
        return Decimal(0)
    share = Decimal(100 * points) / available
    return share.quantize(values.number("workload_percent_step"), ROUND_HALF_UP)


def practitioner_over_capacity(view: PractitionerView) -> Iterator[Finding]:
    """ALLOC-6, ALLOC-7, ALLOC-8: a practitioner whose workload is 100 % or more is over capacity.

    Facts do not tell since when the workload has been lower, so the finding is then resolved today.
    """
    practitioner = view.practitioner
    if practitioner is None:
        return
    values = values_today(view, practitioner.region)
    points = view.case.points
    percent = workload_percent(points, available_points(practitioner, values), values)
    over = practitioner.active and percent >= values.number("over_capacity_percent")
    yield Finding(
        event=PractitionerOverCapacity(
            practitioner_id=view.case.subject,
            workload_percent=float(percent),
        ),
        key=view.case.subject,
        rules=("ALLOC-6", "ALLOC-7", "ALLOC-8"),
        because=(practitioner,),
        policy=values.version,
        resolved_on=None if over else view.today.date,
    )
