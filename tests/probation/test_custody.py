"""When a person is in custody, and the deadlines that custody pauses (ENF-35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
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
    """The first day and the day of leaving of each period in custody."""
    periods = case_of(*facts).custody().periods
    return [(p.start.isoformat(), p.end.isoformat() if p.end else None) for p in periods]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], [], id="never held"),
        pytest.param([f.taken("2026-03-01")], [("2026-03-01", None)], id="still held"),
        pytest.param(
            [f.taken("2026-03-01"), f.left("2026-03-08")], [("2026-03-01", "2026-03-08")], id="left"
        ),
        pytest.param([f.left("2026-03-08")], [], id="left, never taken"),
        pytest.param([f.taken("2026-03-10"), f.left("2026-03-05")], [], id="left before taken: never held"),
        pytest.param([f.taken("2026-03-10"), f.left("2026-03-10")], [], id="left the day taken: never held"),
        pytest.param(
            [f.taken("2026-03-01"), f.released("2026-03-20", "2026-09-30")],
            [("2026-03-01", "2026-03-20")],
            id="end not recorded: the next release",
        ),
        pytest.param(
            [f.taken("2026-03-01"), f.released("2026-03-20", "2026-09-30", id="S2")],
            [("2026-03-01", "2026-03-20")],
            id="a release on any sentence",
        ),
        pytest.param(
            [f.taken("2026-03-20"), f.released("2026-03-20", "2026-09-30")],
            [("2026-03-20", None)],
            id="released on the day taken: held again",
        ),
        pytest.param(
            [f.taken("2026-03-01"), f.released("2026-03-20", "2026-09-30"), f.left("2026-04-20")],
            [("2026-03-01", "2026-04-20")],
            id="a recorded day of leaving overrides a release",
        ),
        pytest.param(
            [
                f.taken("2026-03-01"),
                f.left("2026-03-08"),
                f.taken("2026-03-04", id="K2"),
                f.left("2026-03-13", id="K2"),
            ],
            [("2026-03-01", "2026-03-13")],
            id="two overlapping periods are one",
        ),
        pytest.param(
            [
                f.taken("2026-03-01"),
                f.left("2026-03-13"),
                f.taken("2026-03-04", id="K2"),
                f.left("2026-03-08", id="K2"),
            ],
            [("2026-03-01", "2026-03-13")],
            id="one within another changes nothing",
        ),
        pytest.param(
            [
                f.taken("2026-03-01"),
                f.left("2026-03-08"),
                f.taken("2026-03-08", id="K2"),
                f.left("2026-03-13", id="K2"),
            ],
            [("2026-03-01", "2026-03-13")],
            id="taken again on the day of leaving: one period",
        ),
        pytest.param(
            [
                f.taken("2026-03-01"),
                f.left("2026-03-08"),
                f.taken("2026-03-09", id="K2"),
                f.left("2026-03-13", id="K2"),
            ],
            [("2026-03-01", "2026-03-08"), ("2026-03-09", "2026-03-13")],
            id="a day between: two periods",
        ),
        pytest.param(
            [f.taken("2026-03-01"), f.taken("2026-03-05", id="K2"), f.left("2026-03-10", id="K2")],
            [("2026-03-01", None)],
            id="one without an end includes the others",
        ),
    ],
)
def test_the_periods_in_custody(facts: list[Fact], expected: object) -> None:
    assert held(*facts) == expected


def test_on_the_day_of_leaving_custody_the_person_is_not_held() -> None:
    custody = case_of(f.taken("2026-03-01"), f.left("2026-03-08")).custody()
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 7), date(2026, 3, 8)]
    assert [custody.held_on(day) for day in days] == [False, True, True, False]


@table(
    """
    | case                                                  | due        | facts |
    | never held                                            | 2025-01-20 |       |
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


def taken_and_left(times: Sequence[Spell]) -> list[Fact]:
    """Facts about periods in custody with these first days and lengths, each recorded separately."""
    facts: list[Fact] = []
    for n, (after, length) in enumerate(times):
        first = START + after * DAY
        facts += [
            f.taken(first.isoformat(), id=f"K{n}"),
            f.left((first + length * DAY).isoformat(), id=f"K{n}"),
        ]
    return facts


@given(spells)
def test_periods_in_custody_are_separate_and_cover_the_recorded_days(times: list[Spell]) -> None:
    custody = case_of(*taken_and_left(times)).custody()
    for one, other in pairwise(custody.periods):
        assert one.end is not None
        assert one.end < other.start
    recorded = {START + n * DAY for after, length in times for n in range(after, after + length)}
    days = {START + n * DAY for n in range(80)}
    assert {day for day in days if custody.held_on(day)} == recorded


@given(spells, st.randoms())
def test_periods_in_custody_do_not_depend_on_the_order_of_arrival(times: list[Spell], random: object) -> None:
    facts = taken_and_left(times)
    random.shuffle(facts)  # type: ignore[attr-defined]
    assert held(*facts) == held(*taken_and_left(times))


@given(spells, st.integers(0, 40), st.integers(1, 20), st.sampled_from(["business_days", "calendar_days"]))
def test_a_deadline_counts_exactly_the_days_outside_custody(
    times: list[Spell], after: int, days: int, unit: DayUnit
) -> None:
    custody = case_of(*taken_and_left(times)).custody()
    since = START + after * DAY
    due = custody.within(since, days, unit)
    assert due == counted_one_by_one(custody, since, days, unit)
    if not custody.during(since, due):
        assert due == within(since, days, unit)


def counted_one_by_one(custody: Custody, since: date, days: int, unit: DayUnit) -> date:
    """The same deadline, by counting every day."""
    day = since
    while custody.held_on(day):
        day += DAY
    while days:
        day += DAY
        if not custody.held_on(day) and (unit == "calendar_days" or is_business_day(day)):
            days -= 1
    return day
