"""When a person is held, and the deadlines that custody stops (ENF-35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import DayUnit, is_business_day, within
from shared.probation.custody import Custody
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import case_of
from tests.table import table

DAY = timedelta(days=1)


def held(*facts: Fact) -> list[tuple[str, str | None]]:
    """First day and day of leaving of each time in custody."""
    periods = case_of(*facts).custody().periods
    return [(p.start.isoformat(), p.end.isoformat() if p.end else None) for p in periods]


@table(
    """
    | case                                                       | expected                                                     | facts |
    | never held                                                 | []                                                           | |
    | still held                                                 | [("2026-03-01", None)]                                       | 2026-03-01 taken |
    | left                                                       | [("2026-03-01", "2026-03-08")]                               | 2026-03-01 taken; 2026-03-08 left |
    | left, never taken                                          | []                                                           | 2026-03-08 left |
    | left before taken: never held                              | []                                                           | 2026-03-10 taken; 2026-03-05 left |
    | left the day taken: never held                             | []                                                           | 2026-03-10 taken; 2026-03-10 left |
    | an end that was not recorded: the first release after      | [("2026-03-01", "2026-03-20")]                               | 2026-03-01 taken; 2026-03-20 released ends=2026-09-30 |
    | a release on any sentence                                  | [("2026-03-01", "2026-03-20")]                               | 2026-03-01 taken; 2026-03-20 released S2 ends=2026-09-30 |
    | released the day taken: held again                         | [("2026-03-20", None)]                                       | 2026-03-20 taken; 2026-03-20 released ends=2026-09-30 |
    | the day of leaving that was recorded goes before a release | [("2026-03-01", "2026-04-20")]                               | 2026-03-01 taken; 2026-03-20 released ends=2026-09-30 |
    |                                                            |                                                              | 2026-04-20 left |
    | two that overlap are one                                   | [("2026-03-01", "2026-03-13")]                               | 2026-03-01 taken; 2026-03-08 left; 2026-03-04 taken K2 |
    |                                                            |                                                              | 2026-03-13 left K2 |
    | one within another changes nothing                         | [("2026-03-01", "2026-03-13")]                               | 2026-03-01 taken; 2026-03-13 left; 2026-03-04 taken K2 |
    |                                                            |                                                              | 2026-03-08 left K2 |
    | taken again the day of leaving: one                        | [("2026-03-01", "2026-03-13")]                               | 2026-03-01 taken; 2026-03-08 left; 2026-03-08 taken K2 |
    |                                                            |                                                              | 2026-03-13 left K2 |
    | a day between: two                                         | [("2026-03-01", "2026-03-08"), ("2026-03-09", "2026-03-13")] | 2026-03-01 taken; 2026-03-08 left; 2026-03-09 taken K2 |
    |                                                            |                                                              | 2026-03-13 left K2 |
    | one that goes on holds the others                          | [("2026-03-01", None)]                                       | 2026-03-01 taken; 2026-03-05 taken K2; 2026-03-10 left K2 |
    """,  # noqa: E501
)
def test_the_times_in_custody(facts: list[Fact], expected: object) -> None:
    assert held(*facts) == expected


def test_the_day_of_leaving_is_a_day_of_freedom() -> None:
    custody = case_of(f.taken("2026-03-01"), f.left("2026-03-08")).custody()
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 7), date(2026, 3, 8)]
    assert [custody.held_on(day) for day in days] == [False, True, True, False]


@table(
    """
    | case                                                  | due        | facts |
    | never held                                            | 2025-01-20 | |
    | taken the day after it was due                        | 2025-01-20 | 2025-01-21 taken remand |
    | taken the day on which it was due, and still held     | None       | 2025-01-20 taken remand |
    | one day gone by, four more from the day of leaving on | 2025-01-30 | 2025-01-15 taken remand; 2025-01-27 left |
    | the same days as two times that overlap               | 2025-01-30 | 2025-01-15 taken remand; 2025-01-22 left; 2025-01-18 taken K2 remand; 2025-01-27 left K2 |
    | held when it began: it begins with the day of leaving | 2025-01-22 | 2025-01-10 taken remand; 2025-01-15 left |
    | held when it began, and still held                    | None       | 2025-01-13 taken remand |
    | held on a weekend: no day lost                        | 2025-01-20 | 2025-01-18 taken remand; 2025-01-20 left |
    """,  # noqa: E501
)
def test_a_deadline_of_five_business_days_from_monday_13_january(facts: list[Fact], due: str | None) -> None:
    found = case_of(*facts).custody().within(date(2025, 1, 13), 5, "business_days")
    assert found == (date.fromisoformat(due) if due else None)


Spell = tuple[int, int]
spells = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), max_size=5)
START = date(2025, 1, 13)


def told_of(times: Sequence[Spell]) -> list[Fact]:
    """Times in custody by their first day and their length in days, each told of by itself."""
    facts: list[Fact] = []
    for n, (after, length) in enumerate(times):
        first = START + after * DAY
        facts += [
            f.taken(first.isoformat(), id=f"K{n}"),
            f.left((first + length * DAY).isoformat(), id=f"K{n}"),
        ]
    return facts


@given(spells)
def test_times_in_custody_are_apart_and_cover_the_days_that_were_told(times: list[Spell]) -> None:
    custody = case_of(*told_of(times)).custody()
    for one, other in pairwise(custody.periods):
        assert one.end is not None
        assert one.end < other.start
    told = {START + n * DAY for after, length in times for n in range(after, after + length)}
    days = {START + n * DAY for n in range(80)}
    assert {day for day in days if custody.held_on(day)} == told


@given(spells, st.randoms())
def test_times_in_custody_do_not_depend_on_the_order_in_which_they_are_told(
    times: list[Spell], random: object
) -> None:
    facts = told_of(times)
    random.shuffle(facts)  # type: ignore[attr-defined]
    assert held(*facts) == held(*told_of(times))


@given(spells, st.integers(0, 40), st.integers(1, 20), st.sampled_from(["business_days", "calendar_days"]))
def test_a_deadline_counts_exactly_the_days_of_freedom(
    times: list[Spell], after: int, days: int, unit: DayUnit
) -> None:
    custody = case_of(*told_of(times)).custody()
    since = START + after * DAY
    due = custody.within(since, days, unit)
    assert due == counted_one_by_one(custody, since, days, unit)
    if not custody.during(since, due):
        assert due == within(since, days, unit)


def counted_one_by_one(custody: Custody, since: date, days: int, unit: DayUnit) -> date:
    """The same by counting every day."""
    day = since
    while custody.held_on(day):
        day += DAY
    while days:
        day += DAY
        if not custody.held_on(day) and (unit == "calendar_days" or is_business_day(day)):
            days -= 1
    return day
