"""What must hold for any facts: whatever they are, in whatever order they come."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.allocation import CaseAllocated
from schemas.envelope import Data
from schemas.practice import PractitionerChangeRequested
from services.allocation.app import SERVICE
from shared.engine.casebook import Assessment
from tests.allocation.facts import (
    allocated,
    assessed,
    change,
    colleague,
    concluded,
    died,
    imposed,
    left,
    managed,
    person,
    practitioner,
    recalled,
    released,
    revoked,
    varied,
    workload,
)
from tests.ledger import Ledger

START = date(2026, 12, 1)
LENGTH = 40
ONE_DAY = timedelta(days=1)

days = st.integers(0, LENGTH).map(lambda n: START + timedelta(days=n))
spans = st.integers(0, LENGTH).map(lambda n: timedelta(days=n))
sentences = st.sampled_from(["S1", "S2"])
requires = st.sampled_from([("rar",), ("unpaid_work",), (), ("curfew", "rar")])


def order(on: date, span: timedelta, id: str, requires: Any) -> Data:
    return imposed(on, on + span, id=id, requires=requires)


def licence(on: date, span: timedelta, id: str, pss: timedelta | None) -> Data:
    return released(on, on + span, on + span + pss if pss is not None else None, id=id)


def variation(on: date, span: timedelta, id: str, requires: Any) -> Data:
    return varied(on, on + span, id=id, requires=requires)


orders = st.builds(order, days, spans, sentences, requires)
custodials = st.builds(imposed, days, id=sentences)
licences = st.builds(licence, days, spans, sentences, st.none() | spans)
variations = st.builds(variation, days, spans, sentences, requires)
revocations = st.builds(revoked, days, st.sampled_from(["breach", "quashed"]), sentences)
deaths = st.builds(died, days)
risks = st.builds(
    assessed,
    days,
    rosh=st.sampled_from(["low", "medium", "high", "very_high"]),
    id=st.sampled_from(["A1", "A2", "A3"]),
    rsr=st.none() | st.sampled_from([0.0, 3.0, 7.0]),
    ogrs=st.none() | st.integers(0, 100),
    mappa=st.none() | st.integers(1, 3),
)
stays = st.builds(
    recalled, days, st.sampled_from(["C1", "C2"]), st.sampled_from(["recall", "remand"]), sentences
)
returns = st.builds(left, days, st.sampled_from(["C1", "C2"]))
changes = st.builds(change, days, st.none() | sentences, st.sampled_from(["K1", "K2"]))
managers = st.builds(managed, days, st.booleans(), sentences, decision=st.sampled_from(["M1", "M2"]))
facts = st.one_of(
    orders, custodials, licences, variations, revocations, deaths, risks, stays, returns, changes, managers
)
decisions = st.builds(
    allocated, days, st.sampled_from(["P1", "P2"]), sentences, st.sampled_from(["new", "change"])
)
# One or two of most kinds, so that what takes several facts to happen happens often.
histories = st.tuples(
    orders,
    custodials,
    licences,
    risks,
    decisions,
    stays,
    variations,
    changes,
    *(
        st.none() | kind
        for kind in (licences, risks, decisions, returns, variations, revocations, deaths, managers)
    ),
).map(lambda found: [fact for fact in found if fact is not None])
cases = st.lists(facts | decisions, max_size=12) | histories


def conclusions(assessment: Assessment) -> list[object]:
    overview = assessment.overview
    return [
        sorted(
            (type(f.event).__name__, f.key, f.event, assessment.closed(f) or "") for f in assessment.findings
        ),
        [(request.key, request.pools, request.details) for request in overview.requests],
        overview.claims,
        overview.pools,
        (overview.status, overview.region, overview.practitioner),
    ]


def standing(assessment: Assessment) -> dict[tuple[str, str], Any]:
    return {(type(f.event).__name__, f.key): f.event for f in assessment.standing}


def watched(assess: Callable[[date], Assessment]) -> None:
    """Assess on every day; only on the day waited for may anything be new."""
    last = assess(START - ONE_DAY)
    for n in range(3 * LENGTH):
        on = START + timedelta(days=n)
        now = assess(on)
        if last.wake_on is None or on < last.wake_on:
            assert conclusions(now) == conclusions(last)
        else:
            last = now


RECALLED = [
    order(START, timedelta(days=90), "S1", ("rar",)),
    imposed(START, id="S2"),
    licence(START, timedelta(days=90), "S2", None),
    assessed(START),
    allocated(START),
    recalled("2026-12-15", id="S2"),
    left("2026-12-20"),
]


@given(cases)
@example(RECALLED)
@settings(max_examples=300)
def test_nothing_changes_before_the_day_waited_for(given_facts: list[Data]) -> None:
    case = person(*given_facts)
    watched(lambda today: concluded(case, today))


records = st.lists(
    st.builds(practitioner, on=days, hours=st.floats(0, 60), active=st.booleans()), min_size=1, max_size=4
)


@given(records, st.integers(0, 4000))
def test_no_practitioner_changes_before_the_day_waited_for(given_facts: list[Any], points: int) -> None:
    case = colleague(*given_facts, points=points)
    watched(lambda today: workload(case, today))


@given(cases)
@settings(max_examples=200)
def test_nothing_fires_after_the_end_and_what_was_missed_stays_missed(given_facts: list[Data]) -> None:
    case = person(*given_facts)
    before = standing(concluded(case, START - ONE_DAY))
    for n in range(4 * LENGTH):
        assessment = concluded(case, START + timedelta(days=n))
        now = standing(assessment)
        for kind, key in now.keys() - before.keys():
            # What is new today was not over before: an end that a later fact moves is no end.
            assert ("SupervisionEnded", key) not in before or ("SupervisionEnded", key) not in now, kind
        for name, event in before.items():
            reopened = ("SupervisionEnded", name[1]) in before and ("SupervisionEnded", name[1]) not in now
            if name[0] == "AllocationOverdue" and not reopened:
                assert now.get(name) == event
        before = now


@given(st.lists(facts, max_size=8, unique_by=repr), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(given_facts: list[Data], random: Any) -> None:
    def told(order: list[int]) -> set[tuple[str, str]]:
        ledger = Ledger(SERVICE)
        ledger.day(START)
        for n in order:
            ledger.tell(given_facts[n], id=f"fact-{n:02d}", recorded=ledger_time(n))
        ledger.day(START + timedelta(days=2 * LENGTH))
        return {(e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events()}

    order = list(range(len(given_facts)))
    shuffled = order.copy()
    random.shuffle(shuffled)
    assert told(shuffled) == told(order)


def ledger_time(n: int) -> datetime:
    return datetime(2026, 12, 1, 9, 0, n, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(0, 9), facts), max_size=25),
    st.lists(st.floats(1, 37), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_nobody_at_capacity_is_chosen(told: list[tuple[int, Data]], hours: list[float]) -> None:
    ledger = Ledger(SERVICE)
    ledger.day(START)
    for n, weekly in enumerate(hours):
        ledger.tell(practitioner(f"P{n}", hours=weekly), subject=f"P{n}")
    for n, fact in told:
        ledger.tell(fact, subject=f"X{n}")
    ledger.day(START + timedelta(days=LENGTH))
    allocations = [(e.subject, e.data) for e in ledger.standing_events("CaseAllocated")]
    first = [(subject, a.sentence_id) for subject, a in allocations if a.reason != "change"]
    assert len(set(first)) == len(first)
    for _, allocation in allocations:
        assert allocation.reason in ("continuity", "change") or allocation.workload_percent_before < 100


@given(
    st.lists(histories, min_size=1, max_size=2),
    st.integers(1, 3),
    st.integers(0, LENGTH),
)
@settings(max_examples=60, deadline=None)
def test_a_person_has_one_practitioner_at_any_time(
    people: list[list[Data]], practitioners: int, pause: int
) -> None:
    ledger = Ledger(SERVICE)
    ledger.day(START)
    for n in range(practitioners):
        ledger.tell(practitioner(f"P{n}"), subject=f"P{n}")
    for n, told in enumerate(people):
        for fact in told:
            if not isinstance(fact, CaseAllocated):
                ledger.tell(fact, subject=f"X{n}")
        ledger.day(START + timedelta(days=pause * n))
    ledger.day(START + timedelta(days=2 * LENGTH))
    asked = {
        n: sum(isinstance(fact, PractitionerChangeRequested) for fact in p) for n, p in enumerate(people)
    }
    for n in range(len(people)):
        mine = [e.data for e in ledger.standing_events("CaseAllocated") if e.subject == f"X{n}"]
        on_a_day = {(a.allocated_on, a.practitioner_id) for a in mine if a.reason == "change"}
        assert len(on_a_day) <= asked[n]
        latest = {a.sentence_id: a.practitioner_id for a in mine}
        ended = {
            e.data.sentence_id for e in ledger.standing_events("SupervisionEnded") if e.subject == f"X{n}"
        }
        assert len({who for id, who in latest.items() if id not in ended}) <= 1
