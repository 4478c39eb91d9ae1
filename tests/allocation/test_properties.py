"""What must hold for any facts: whatever they are, in whatever order they come."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import Assessed, known
from tests.ledger import Ledger

START = date(2026, 12, 1)
LENGTH = 40
TYPES = (
    *("TierCalculated", "AllocationDue", "AllocationOverdue", "SupervisionEnded", "HandoverDue"),
    *("PreReleaseTaskDue", "PreReleaseTaskOverdue", "AllocationReviewRequired", "EarlyEndEligible"),
)


def day(n: int) -> str:
    return (START + timedelta(days=n)).isoformat()


def order(first: int, length: int, requires: str, id: str) -> f.Fact:
    return f.order(day(first), day(first + length), requires, id=id)


def variation(first: int, length: int, requires: str, id: str) -> f.Fact:
    return f.varied(day(first), day(first + length), requires, id=id)


def licence(first: int, length: int, pss: int | None, id: str) -> f.Fact:
    ends = first + length
    return f.released(day(first), day(ends), None if pss is None else day(ends + pss), id=id)


def planned(first: int, stay: str, id: str) -> f.Fact:
    return f.release_planned(day(first), day(first + LENGTH), stay, id=id)


numbers = st.integers(0, LENGTH)
days = numbers.map(day)
sentences = st.sampled_from(["S1", "S2"])
requires = st.sampled_from(["rar", "unpaid_work", "", "curfew, rar RAR"])
custody = st.sampled_from(["K1", "K2"])

orders = st.builds(order, numbers, numbers, requires, sentences)
custodials = st.builds(f.custodial, days, id=sentences)
licences = st.builds(licence, numbers, numbers, st.none() | numbers, sentences)
variations = st.builds(variation, numbers, numbers, requires, sentences)
revocations = st.builds(f.revoked, days, st.sampled_from(["breach", "quashed"]), id=sentences)
deaths = st.builds(f.died, days)
risks = st.builds(
    f.risk,
    days,
    st.sampled_from(["low", "medium", "high", "very_high"]),
    id=st.sampled_from(["A1", "A2", "A3"]),
    needs=st.just(""),
    severe=st.just(""),
    mappa=st.none() | st.integers(1, 3),
    rsr=st.none() | st.sampled_from([0.0, 3.0, 7.0]),
    ogrs=st.none() | numbers.map(lambda n: n * 100 // LENGTH),
)
takings = st.builds(f.taken, days, st.sampled_from(["recall", "remand"]), id=custody, sentence=sentences)
leavings = st.builds(f.left, days, id=custody)
changes = st.builds(f.change_asked, days, id=st.sampled_from(["H1", "H2"]), sentence=st.none() | sentences)
decisions = st.builds(
    f.decided,
    days,
    st.just("practitioner_change"),
    st.booleans(),
    id=st.sampled_from(["M1", "M2"]),
    sentence=sentences,
)
plans = st.builds(planned, numbers, st.sampled_from(["short_term", "long_term"]), sentences)
tasks = st.builds(f.task_done, days, st.sampled_from(["accommodation", "benefits"]), sentence=sentences)
let_out = st.builds(f.let_out, days, id=st.sampled_from(["G1", "G2"]), sentence=sentences)
short = st.builds(f.custodial, days, st.sampled_from([100, 364]), id=sentences)
transfers = st.builds(f.transfer_accepted, days, id=st.sampled_from(["T1", "T2"]))
registrations = st.builds(
    f.registered,
    days,
    st.sampled_from(["domestic_abuse", "mappa"]),
    id=st.sampled_from(["G1", "G2"]),
    active=st.booleans(),
)
done = st.builds(f.completed, days, sentence=sentences) | st.builds(
    f.plan, days, sentence=sentences, objectives_met_on=st.none() | days
)
facts = st.one_of(
    *(orders, custodials, licences, variations, revocations, deaths, risks, takings, leavings),
    *(changes, decisions, plans, tasks, transfers, registrations, done, let_out, short),
)
allocations = st.builds(
    f.allocated,
    days,
    st.sampled_from(["new", "change"]),
    to=st.sampled_from(["P1", "P2"]),
    sentence=sentences,
)
# One or two of most kinds, so that what takes several facts to happen happens often.
histories = st.tuples(
    *(orders, custodials, licences, risks, allocations, takings, variations, changes, plans),
    *(
        st.none() | kind
        for kind in (licences, risks, allocations, leavings, variations, revocations, deaths, decisions)
    ),
    *(st.none() | kind for kind in (plans, tasks, transfers, registrations, done, let_out, short)),
).map(lambda found: [fact for fact in found if fact is not None])
cases = st.lists(facts | allocations, min_size=1, max_size=12) | histories


def conclusions(case: Assessed) -> list[object]:
    return [
        case.summary(),
        [(request.key, request.pools, request.details) for request in case.requests],
        *(case.claims, case.pools, case.status, case.region, case.practitioner),
    ]


def watched(case: Callable[[str], Assessed]) -> None:
    """Assess on every day; only on the day waited for may anything be new."""
    last = case(day(-1))
    for n in range(3 * LENGTH):
        now = case(day(n))
        if last.wake_on is None or day(n) < last.wake_on.isoformat():
            assert conclusions(now) == conclusions(last)
        else:
            last = now


RECALLED = [
    order(0, 90, "rar", "S1"),
    f.custodial(day(0), id="S2"),
    licence(0, 90, None, "S2"),
    f.risk(day(0)),
    f.allocated(day(0)),
    f.taken(day(14), "recall", sentence="S2"),
    f.left(day(19)),
]


@given(cases)
@example(RECALLED)
@settings(max_examples=2 * settings().max_examples)
def test_nothing_changes_before_the_day_waited_for(told: list[f.Fact]) -> None:
    watched(known(ALLOCATION, *told))


records = st.lists(
    st.builds(f.practitioner, days, hours=st.floats(0, 60), active=st.booleans()), min_size=1, max_size=4
)


@given(records, st.integers(0, 4000))
def test_no_practitioner_changes_before_the_day_waited_for(told: list[f.Fact], points: int) -> None:
    watched(known(ALLOCATION, *told, used={"points": points}))


def released_anew(told: list[f.Fact], sentence: str, on: str) -> bool:
    """Whether the clock starts anew that day: a release on the day after supervision had run out."""
    facts: list[Any] = [fact.data for fact in told if fact.type == "PersonReleased"]
    releases = [one for one in facts if one.sentence_id == sentence]
    ends = {day for one in releases for day in (one.licence_ends_on, one.pss_ends_on) if day is not None}
    today = date.fromisoformat(on)
    return any(one.released_on == today and today - timedelta(days=1) in ends for one in releases)


def standing(case: Assessed) -> dict[tuple[str, str], Any]:
    return {(type, key): event for type in TYPES for key, event in case.open(type).items()}


@given(cases)
@settings(max_examples=2 * settings().max_examples)
def test_nothing_fires_after_the_end_and_what_was_missed_stays_missed(told: list[f.Fact]) -> None:
    case = known(ALLOCATION, *told)
    before = standing(case(day(-1)))
    for n in range(4 * LENGTH):
        now = standing(case(day(n)))
        for type, key in now.keys() - before.keys():
            # What is new today was not over before: an end that a later fact moves is no end.
            assert ("SupervisionEnded", key) not in before or ("SupervisionEnded", key) not in now, type
        for (type, key), event in before.items():
            reopened = ("SupervisionEnded", key) in before and ("SupervisionEnded", key) not in now
            reopened = reopened or released_anew(told, key, day(n))
            if type == "AllocationOverdue" and not reopened:
                assert now.get((type, key)) == event
        before = now


@given(st.lists(facts, max_size=8, unique_by=repr), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(told: list[f.Fact], random: Any) -> None:
    def outcome(arriving: list[f.Fact]) -> set[tuple[str, str]]:
        ledger = Ledger(ALLOCATION)
        ledger.day(START)
        for fact in arriving:
            ledger.publish(fact)
        ledger.day(day(2 * LENGTH))
        return {(e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events()}

    recorded = f.told(told)
    assert outcome(random.sample(recorded, len(recorded))) == outcome(recorded)


@given(
    st.lists(st.tuples(st.integers(0, 9), facts), max_size=25),
    st.lists(st.floats(1, 37), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_nobody_at_capacity_is_chosen(told: list[tuple[int, f.Fact]], hours: list[float]) -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day(START)
    ledger.tell(*(f.practitioner(id=f"P{n}", hours=weekly) for n, weekly in enumerate(hours)))
    for n, fact in told:
        ledger.tell(fact.about(f"X{n}"))
    ledger.day(day(LENGTH))
    allocations = [(e.subject, e.data) for e in ledger.standing_events("CaseAllocated")]
    first = [(subject, a.sentence_id) for subject, a in allocations if a.reason != "change"]
    assert len(set(first)) == len(first)
    for _, allocation in allocations:
        assert allocation.reason in ("continuity", "change") or allocation.workload_percent_before < 100


@given(st.lists(histories, min_size=1, max_size=2), st.integers(1, 3), numbers)
@settings(max_examples=60, deadline=None)
def test_a_person_has_one_practitioner_at_any_time(
    people: list[list[f.Fact]], practitioners: int, pause: int
) -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day(START)
    ledger.tell(*(f.practitioner(id=f"P{n}") for n in range(practitioners)))
    for n, told in enumerate(people):
        ledger.tell(*(fact.about(f"X{n}") for fact in told if fact.type != "CaseAllocated"))
        ledger.day(day(pause * n))
    ledger.day(day(2 * LENGTH))
    for n, told in enumerate(people):
        mine = [e.data for e in ledger.standing_events("CaseAllocated") if e.subject == f"X{n}"]
        on_a_day = {(a.allocated_on, a.practitioner_id) for a in mine if a.reason == "change"}
        assert len(on_a_day) <= sum(fact.type == "PractitionerChangeRequested" for fact in told)
        latest = {a.sentence_id: a.practitioner_id for a in mine}
        ends = ledger.standing_events("SupervisionEnded")
        ended = {e.data.sentence_id for e in ends if e.subject == f"X{n}"}
        assert len({who for id, who in latest.items() if id not in ended}) <= 1
