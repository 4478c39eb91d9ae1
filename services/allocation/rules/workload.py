"""Workload: the points of a case, a practitioner's percentage, and who holds too much."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from schemas.allocation import PractitionerOverCapacity
from services.allocation.case import AllocationCase, CustodyBegun, Practitioner, PractitionerCase, Sentence
from services.allocation.rules.tier import Tier
from services.allocation.rules.values import in_force, whole
from services.allocation.supervision import Term, releases_of
from shared.engine.assessment import Day, Finding
from shared.policy import Policy, Values


def case_points(case: AllocationCase, sentences: list[Term], tier: Tier, today: Day, policy: Policy) -> int:
    """ALLOC-8: a person counts once, by tier and by where they are: in custody, on licence or on an order.

    One case a person, as the workload tools count: a second sentence adds no points of its own, but a
    licence beside an order makes the case a licence case, and custody a custody case.
    """
    if _in_custody(case, sentences, today):
        kind = "custody"
    elif any(term.sentence.custodial and term.end is None for term in sentences):
        kind = "licence"
    else:
        kind = "community"
    return whole(in_force(policy, today).table(f"{kind}_points"), tier.letters)


def available_points(practitioner: Practitioner, values: Values) -> int:
    """ALLOC-7: nominal target x (weekly hours / contracted hours), truncated."""
    hours = Decimal(str(practitioner.weekly_hours))
    return int(values.number("nominal_target") * hours // values.number("contracted_hours"))


def workload_percent(points: int, available: int, values: Values) -> Decimal:
    """ALLOC-7: points held / available points, rounded half up to 0.1 %; 0 for who has no points to give."""
    if available <= 0:
        return Decimal(0)
    share = Decimal(100 * points) / available
    return share.quantize(values.number("workload_percent_step"), ROUND_HALF_UP)


def over_capacity(case: PractitionerCase, today: Day, policy: Policy) -> Iterator[Finding]:
    """ALLOC-6, ALLOC-7: 100 % and more is over capacity; no part of the organisation may be overloaded.

    Nothing tells whether it once was so, so that "not over capacity" is always given as resolved.
    """
    practitioner = practitioner_on(case, today)
    if practitioner is None:
        return
    values = in_force(policy, today, practitioner.region)
    percent = workload_percent(case.points, available_points(practitioner, values), values)
    over = practitioner.active and percent >= values.number("over_capacity_percent")
    yield Finding(
        event=PractitionerOverCapacity(
            practitioner_id=case.subject,
            workload_percent=float(percent),
        ),
        key=case.subject,
        rules=("ALLOC-6", "ALLOC-7", "ALLOC-8"),
        because=(practitioner,),
        policy=values.version,
        resolved_on=None if over else today.date,
    )


def practitioner_on(case: PractitionerCase, today: Day) -> Practitioner | None:
    """The practitioner's record in force: the one with the latest effective date that has come."""
    begun = [u for u in case.updates.values() if today.reached(u.effective_on)]
    return max(begun, key=lambda u: u.effective_on, default=None)


def _in_custody(case: AllocationCase, sentences: Iterable[Term], today: Day) -> bool:
    """Serving a custodial sentence inside: not yet released, or recalled and not released since."""
    for term in sentences:
        if not term.sentence.custodial or term.end is not None:
            continue
        releases = releases_of(case, term.sentence, today)
        if not releases or any(
            releases[-1].released_on <= recall.taken_on and not _left(case, recall, today)
            for recall in _recalls(case, term.sentence, today)
        ):
            return True
    return False


def _recalls(case: AllocationCase, sentence: Sentence, today: Day) -> list[CustodyBegun]:
    """The recalls of a licence by today; one that names no sentence is taken to be of any."""
    return [
        stay
        for stay in case.custody.values()
        if stay.reason == "recall"
        and stay.sentence_id in (None, sentence.sentence_id)
        and today.reached(stay.taken_on)
    ]


def _left(case: AllocationCase, stay: CustodyBegun, today: Day) -> bool:
    left = case.custody_left.get(stay.custody_id)
    return left is not None and today.reached(left.left_on)
