"""The engine looks at each month in time, whatever the rules about months wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.engine.assessment import Finding
from shared.engine.case import first_and_last, month_of
from shared.engine.casebook import Casebook
from shared.engine.publication import Publication
from shared.engine.service import MonthRules
from tests.engine import toy
from tests.engine import toy_language as says
from tests.engine.library import joined, left, visited
from tests.engine.running import ONE_DAY, History, at, days
from tests.engine.toy_language import LANGUAGE

FIRST, LAST = date(2026, 1, 1), date(2027, 3, 31)
some_days = st.dates(FIRST, LAST)
asked: list[date] = []
"""The first days of the months that the rule was asked about."""


def unvisited(view: toy.MemberView) -> Iterator[Finding]:
    """A month of membership without a visit. In any other month it waits for nothing."""
    case, month = view.case, view.two_months
    asked.append(month.first)
    [this] = month.between(month.first, month.last)
    if case.first is None or this.visits or month.first < case.first or month.last >= case.last:
        return
    if view.today.after(month.last):
        event = says.NoVisit(month=month.first)
        yield Finding(event=event, key=str(month.first), rules=("TOY-1",), because=[], policy="none")


PERSON = toy.SERVICE.person
assert PERSON.months is not None
ALONE = replace(
    toy.SERVICE,
    person=replace(
        PERSON,
        rules=(),
        months=replace(PERSON.months, rules=MonthRules(), period_rules=MonthRules(rules=(unvisited,))),
    ),
    entities=(),
    decide=None,
)


def values(published: list[Publication]) -> list[bytes]:
    return [publication.value for publication in published]


def expected(begun: date, over: date, visits: list[date], today: date) -> set[str]:
    """The months that are over, wholly within membership, without a visit."""
    visited_in = {month_of(day) for day in visits}
    months = (first_and_last(month) for month in range(month_of(FIRST), month_of(today)))
    return {
        str(first)
        for first, last in months
        if begun <= first and last < over and month_of(first) not in visited_in
    }


@given(some_days, some_days, st.lists(some_days, max_size=12), st.dates(FIRST, FIRST + timedelta(days=90)))
def test_a_month_without_a_visit_is_told_on_the_first_day_after_it(
    begun: date, over: date, visits: list[date], told_on: date
) -> None:
    book, history = Casebook(ALONE, LANGUAGE), History()
    facts = [joined(str(begun)), left(str(over)), *(visited(f"V{n}", str(on)) for n, on in enumerate(visits))]
    history.read(values(book.begin_day(told_on)))
    history.read(values(book.take([fact.fact(LANGUAGE) for fact in facts])))
    for today in days(told_on + ONE_DAY, LAST + ONE_DAY):
        history.read(values(book.begin_day(today)))
        found = {event["month"] for event in history.of("NoVisit")}
        assert found == expected(begun, over, visits, today)
    assert over > LAST or book.file("Ann").wake_on is None


def test_a_case_in_which_a_rule_waits_in_each_month_is_not_woken_for_month_ends_as_well() -> None:
    book = Casebook(ALONE, LANGUAGE)
    book.begin_day(date(2026, 1, 10))
    book.take([joined("2026-01-05").fact(LANGUAGE)])
    woken = []
    for today in days(date(2026, 1, 11), date(2026, 7, 31)):
        asked.clear()
        book.begin_day(today)
        if asked:
            woken.append(str(today))
    assert woken == [f"2026-{month:02}-01" for month in range(3, 8)]


def test_a_visit_of_the_month_that_is_told_late_does_not_stop_the_months_after_it() -> None:
    book, history = Casebook(ALONE, LANGUAGE), History()
    history.read(values(book.begin_day(date(2026, 3, 1))))
    for told in (
        joined("2026-03-01"),
        visited("V1", "2026-03-02"),
        visited("V2", "2026-04-02", when=at("2026-03-01")),
    ):
        history.read(values(book.take([told.fact(LANGUAGE)])))
    for today in days(date(2026, 3, 2), date(2026, 6, 1)):
        history.read(values(book.begin_day(today)))
    assert [event["month"] for event in history.of("NoVisit")] == ["2026-05-01"]
