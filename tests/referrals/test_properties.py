"""What holds of the referrals rules for any facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.allocation import SupervisionEnded
from schemas.court import Requirement, SentenceImposed, SentenceRevoked, SentenceVaried
from schemas.envelope import Data
from schemas.referrals import RarDayUsed, UnpaidWorkCredited
from services.referrals.app import SERVICE
from services.referrals.case import Sentence, Variation
from tests.ledger import Ledger
from tests.referrals.facts import (
    WHY,
    Known,
    Said,
    activity,
    contact,
    course,
    custodial,
    died,
    left,
    order,
    released,
    requested,
    requirement,
    session,
    taken,
)

FIRST, LAST = date(2024, 1, 1), date(2026, 9, 30)
"""Around the days on which the policy changes: 1 May 2024 and 11 May 2026."""

days = st.dates(FIRST, LAST).map(str)
sentence_ids = st.sampled_from(["S1", "S1", "S1", "S2"])
outcomes = st.sampled_from(["complied", "complied", "complied", "failed_to_comply", "unacceptable_absence"])


def required(id: str, *kinds: str, most: int) -> Any:
    """A requirement of one of these kinds and of up to so many hours, days or sessions, or none."""
    amounts = st.integers(0, most)
    made = st.builds(requirement, st.sampled_from(kinds), amounts, st.just(id), st.none() | st.just("R1"))
    return st.none() | made | made | made


REQUIRED = [
    required("R1", "unpaid_work", most=60),
    required("R2", "rar", most=3),
    required("R3", "unpaid_work", "rar", "alcohol_treatment", "curfew", most=45),
]
requirements = st.tuples(*REQUIRED).map(lambda listed: [r for r in listed if r is not None])


def later(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


def _order(on: str, length: int, ordered: list[Requirement], id: str) -> SentenceImposed:
    return order(on, later(on, length), *ordered, id=id)


def _varied(on: str, length: int, ordered: list[Requirement], id: str) -> SentenceVaried:
    ends_on = date.fromisoformat(later(on, length))
    return SentenceVaried(
        sentence_id=id, varied_on=date.fromisoformat(on), ends_on=ends_on, requirements=ordered
    )


def _released(on: str, length: int, id: str) -> Data:
    return released(on, later(on, length), id=id)


def _revoked(on: str, id: str) -> Data:
    return SentenceRevoked(sentence_id=id, revoked_on=date.fromisoformat(on), reason="breach")


def _ended(on: str, id: str) -> Data:
    return SupervisionEnded(
        sentence_id=id,
        ended_on=date.fromisoformat(on),
        reason="completed",
        practitioner_changes=0,
        why=WHY,
    )


def _custodial(on: str, ordered: list[Requirement], id: str) -> Data:
    return custodial(on, *ordered, id=id)


lengths = st.integers(0, 900)
session_ids = st.integers(0, 30).map(lambda n: f"P{n}")


def held(make: Callable[..., Data], *fields: Any, under: tuple[str, ...]) -> Any:
    """Sessions under one of these requirements, held on some day in the life of most orders."""
    return st.builds(
        make,
        days,
        *fields,
        outcome=outcomes,
        id=session_ids,
        requirement=st.sampled_from(under),
        sentence=sentence_ids,
    )


early = st.dates(FIRST, date(2024, 12, 31)).map(str)
orders = st.builds(_order, early, st.integers(200, 900), requirements, sentence_ids)
happenings = st.one_of(
    orders,
    st.builds(_custodial, days, requirements, sentence_ids),
    st.builds(_varied, days, lengths, requirements, sentence_ids),
    st.builds(_released, days, lengths, sentence_ids),
    st.builds(_revoked, days, sentence_ids),
    st.builds(_ended, days, sentence_ids),
    st.builds(died, days),
    st.builds(taken, days),
    st.builds(left, days),
    st.builds(requested, st.just("F1"), st.sampled_from([None, "R1", "R2"])),
)
sessions = st.one_of(
    held(session, st.integers(0, 1440), under=("R1", "R3")),
    held(course, st.integers(0, 1440), under=("R1", "R3")),
    held(activity, under=("R2", "R3")),
    st.builds(contact, days, outcome=outcomes, requirement=st.sampled_from(["R2", "R3"])),
)


def some_life(most_sessions: int) -> Any:
    """The facts about one person, in the order in which they were recorded."""
    return st.tuples(
        st.lists(orders, min_size=1, max_size=2),
        st.lists(happenings, max_size=3),
        st.lists(sessions, min_size=most_sessions // 2, max_size=most_sessions),
    ).flatmap(lambda told: st.permutations([fact for facts in told for fact in facts]))


lives = some_life(20)


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_nothing_changes_before_the_day_it_waits_for(told: list[Data], today: date) -> None:
    known = Known(*told)
    said = known.on(today)
    wake_on = said.wake_on or date(2035, 1, 1)
    assert wake_on > today
    halfway = today + (wake_on - today) // 2
    for day in {today + timedelta(days=1), halfway, wake_on - timedelta(days=1)}:
        if today < day < wake_on:
            assert known.on(day).summary() == said.summary()


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_nothing_arises_after_the_end_of_every_sentence(told: list[Data], today: date) -> None:
    def standing(said: Said) -> set[tuple[str, str, str]]:
        return {(kind, key, data) for kind, key, data, closed in said.summary() if closed is None}

    known = Known(*told)
    lasts = [known.case.life(s).last for s in known.case.sentences.values()]
    # What lapses with the last day is concluded the day after.
    over = max([today, *(last + timedelta(days=1) for last in lasts if last < date.max)])
    assert standing(known.on(date(2060, 1, 1))) <= standing(known.on(over))


@settings(max_examples=200, deadline=None)
@given(lives, st.dates(FIRST, LAST))
def test_no_two_findings_are_one_thing_and_totals_add_up(told: list[Data], today: date) -> None:
    said = Known(*told).on(today)
    names = [(type(f.event), f.key) for f in said.assessment.findings]
    assert len(names) == len(set(names))

    totals: dict[tuple[str, str], int] = defaultdict(int)
    for finding in said.findings(UnpaidWorkCredited):
        ordered_by = finding.because[-1]
        assert isinstance(ordered_by, Sentence | Variation)
        place = ordered_by.sentence_id, finding.event.requirement_id
        totals[place] += finding.event.minutes
        assert finding.event.worked_minutes == totals[place] <= finding.event.ordered_minutes
    used: dict[str, int] = defaultdict(int)
    for finding in said.findings(RarDayUsed):
        requirement_key = finding.key.rsplit("/", 1)[0]
        used[requirement_key] += 1
        assert finding.event.used == used[requirement_key] <= finding.event.ordered


@settings(max_examples=20, deadline=None)
@given(some_life(8), st.data())
def test_what_stands_does_not_depend_on_the_order_of_arrival(told: list[Data], data: st.DataObject) -> None:
    def standing(arrival: list[tuple[int, Data]], days_between: int) -> set[tuple[str, str]]:
        ledger, today = Ledger(SERVICE), FIRST
        ledger.day(today)
        for n, fact in arrival:
            recorded = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
            ledger.tell(fact, id=f"E{n:03d}", recorded=recorded)
            today += timedelta(days=days_between)
            ledger.day(today)
        ledger.day(LAST)
        return {(e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events()}

    numbered = list(enumerate(told))
    shuffled = data.draw(st.permutations(numbered))
    assert standing(numbered, 0) == standing(shuffled, 50)
