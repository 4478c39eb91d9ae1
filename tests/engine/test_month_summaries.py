"""What a case keeps of its months, what is shown of both, and batches of many facts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared.engine.assessment import Finding
from shared.engine.service import MonthRules
from shared.engine.unit_of_work import UnitOfWork
from tests.engine import toy
from tests.engine.conftest import EITHER_WAY
from tests.engine.library import begin, joined, moved, planned, visited
from tests.engine.running import Office, again


async def _first_visit(library: Office) -> list[str]:
    return [event["made_on"] for event in (await library.history()).of("FirstVisit")]


async def _shown(library: Office, table: str) -> list[object]:
    rows = await library.rows(f"select shown from {table} order by {table}")
    return [json.loads(row["shown"]) for row in rows if row["shown"] is not None]


@EITHER_WAY
async def test_what_the_case_keeps_of_a_month_is_seen_by_the_rules_about_the_case(library: Office) -> None:
    await begin(library, "2026-05-10")
    await library.take(visited("V2", "2026-04-20"), visited("V1", "2026-04-02"))
    assert await _first_visit(library) == ["2026-04-02"]
    await library.take(visited("V0", "2026-02-03"))
    assert await _first_visit(library) == ["2026-02-03"]


@EITHER_WAY
async def test_it_follows_a_correction_to_another_month_and_a_visit_that_never_was(library: Office) -> None:
    await begin(library, "2026-05-10")
    await library.take(visited("V1", "2026-03-02"), visited("V2", "2026-04-02"))
    await library.take(visited("V1", "2026-05-02", when="2026-05-03"))
    assert await _first_visit(library) == ["2026-04-02"]
    await library.take(visited("V2", "2026-04-02", voided=True, when="2026-05-04"))
    assert await _first_visit(library) == ["2026-05-02"]


@EITHER_WAY
async def test_it_is_known_before_the_case_has_begun(library: Office) -> None:
    await library.day("2026-05-10")
    await library.take(visited("V1", "2026-04-02"))
    assert await _first_visit(library) == []
    await library.take(joined("2026-01-05"))
    assert await _first_visit(library) == ["2026-04-02"]


async def test_what_is_shown_follows_the_facts(library: Office) -> None:
    await begin(library, "2026-05-10")
    assert await _shown(library, "months") == []
    await library.take(visited("V1", "2026-03-02"), visited("V2", "2026-03-09"), visited("V3", "2026-04-02"))
    assert await _shown(library, "months") == [{"visits": 2, "calls": 2}, {"visits": 1, "calls": 1}]
    assert await _shown(library, "cases") == [{"months_visited": 2}]
    await library.take(visited("V3", "2026-04-02", voided=True, when="2026-05-03"))
    assert await _shown(library, "months") == [{"visits": 2, "calls": 2}]
    assert await _shown(library, "cases") == [{"months_visited": 1}]


async def test_of_a_person_whose_record_went_into_anothers_nothing_is_shown(library: Office) -> None:
    await begin(library, "2026-05-10")
    await library.take(visited("V1", "2026-03-02", "Bob"), joined("2026-01-05", "Bob"))
    await library.take(moved("Bob", into="Ann"))
    rows = await library.rows("select subject, shown from months where shown is not null")
    assert [row["subject"] for row in rows] == ["Ann"]
    assert await library.value("select shown from cases where subject = 'Bob'") is None
    assert await _first_visit(library) == ["2026-03-02"]


async def _watched(
    opened: Callable[..., Awaitable[Office]], days_before: int, days_from_end: int
) -> tuple[Office, list[str]]:
    """A library whose rules only note the months that they are asked about.

    The rule about periods looks from so many days before the month to so many days before its end.
    """
    seen: list[str] = []

    def facts(view: toy.MemberView) -> Iterator[Finding]:
        seen.append(f"{view.month.first:%B}")
        yield from ()

    def periods(view: toy.MemberView) -> Iterator[Finding]:
        months = view.two_months
        seen.append(f"periods of {months.first:%B}")
        first, last = months.first - timedelta(days=days_before), months.last - timedelta(days=days_from_end)
        for part in months.between(first, last):
            assert isinstance(part, toy.Visits)
        yield from ()

    person = toy.SERVICE.person
    assert person.months is not None
    months = replace(
        person.months, rules=MonthRules(rules=(facts,)), period_rules=MonthRules(rules=(periods,))
    )
    library = await opened(
        replace(toy.SERVICE, person=replace(person, months=months), entities=(), decide=None)
    )
    await begin(library, "2026-05-10")
    return library, seen


async def test_a_fact_is_looked_at_with_its_month_and_the_periods_of_that_and_of_the_next(
    opened: Callable[..., Awaitable[Office]],
) -> None:
    library, seen = await _watched(opened, 31, 0)
    march = ["March", "periods of March", "periods of April"]
    for visit, expected in (
        (visited("V1", "2026-03-21"), march),
        (visited("V2", "2026-03-22"), march),
        (visited("V1", "2026-03-30", when="2026-04-01"), march),
        (visited("V2", "2026-03-22", voided=True, when="2026-04-04"), march),
        # One that goes to another month is looked at there as well.
        (
            visited("V1", "2026-04-21", when="2026-04-05"),
            ["March", "periods of March", "April", "periods of April", "periods of May"],
        ),
        (visited("V3", "2026-05-02"), ["May", "periods of May", "periods of June"]),
        # The periods of a month that is empty and further ahead than the next one are looked at later.
        (visited("V4", "2026-06-02"), ["June", "periods of June"]),
    ):
        seen.clear()
        await library.take(visit)
        assert seen == expected


async def test_a_fact_of_a_day_at_which_the_rules_about_periods_did_not_look_does_not_touch_them(
    opened: Callable[..., Awaitable[Office]],
) -> None:
    library, seen = await _watched(opened, 10, 20)
    await library.take(visited("V0", "2026-04-02"), visited("V9", "2026-03-01"))
    for visit, expected in (
        (visited("V1", "2026-03-21"), ["March"]),
        (visited("V2", "2026-03-22"), ["March", "periods of April"]),
        (visited("V2", "2026-03-20", when="2026-04-01"), ["March", "periods of April"]),  # no longer there
        (visited("V2", "2026-03-20", when="2026-04-02"), ["March"]),
        (visited("V2", "2026-03-11", when="2026-04-03"), ["March", "periods of March"]),
        (visited("V3", "2026-03-12"), ["March"]),
    ):
        seen.clear()
        await library.take(visit)
        assert seen == expected


async def test_what_a_section_waits_for_stays_when_only_the_other_one_is_assessed(library: Office) -> None:
    await begin(library, "2026-03-20")
    await library.take(planned("V1", "2026-03-20"))
    await library.take(visited("V2", "2026-03-03"))
    assert str(await library.wakes_on("Ann")) == "2026-03-21"
    await library.day("2026-03-21")
    assert [event["visit_id"] for event in (await library.history()).of("NoShow")] == ["V1"]


@pytest.fixture
async def large_batches(opened: Callable[..., Awaitable[Office]]) -> Office:
    """A library to which more than 50 facts are so many that they go into several transactions."""
    library = await opened(replace(toy.SERVICE, entities=(), decide=None))
    library.engine = again(library.engine, transaction_size=50)
    await library.engine.start()
    await begin(library, "2026-05-10")
    return library


async def test_a_batch_of_many_facts_is_taken_as_many_small_ones_would_be(large_batches: Office) -> None:
    library = large_batches
    people = [f"M{n}" for n in range(100)]
    told = [fact for who in people for fact in (joined(who=who), visited(f"V-{who}", "2026-04-02", who))]
    await library.take(*told, *told)
    history = await library.history()
    assert len(history.of("FirstVisit")) == len(people)
    assert library.engine.tally.duplicates == len(told)
    read_on = await library.value("select next_offset from offsets where topic = 'desk'")
    assert read_on == library.message(joined()).offset


async def test_where_people_share_something_the_transactions_of_a_batch_follow_each_other(
    library: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.engine = again(library.engine, transaction_size=50)
    await library.engine.start()
    commit = library.engine._commit
    under_way: list[int] = []
    sizes: list[int] = []

    async def watched(facts: Any, *rest: Any) -> bool:
        assert not under_way
        under_way.append(len(facts))
        pools_changed = await commit(facts, *rest)
        sizes.append(under_way.pop())
        return pools_changed

    monkeypatch.setattr(library.engine, "_commit", watched)
    people = [f"M{n}" for n in range(120)]
    await library.take(*(joined(who=who) for who in people))
    assert sizes == [50, 50, 20]
    assert await library.value("select count(*) from journal where subject like 'M%'") == len(people)


async def test_of_one_id_told_of_two_people_the_first_counts_in_a_large_batch_too(
    large_batches: Office,
) -> None:
    people = [f"M{n}" for n in range(100)]
    twice = [replace(joined(who=who), id="one-id") for who in ("M2", "M1")]
    await large_batches.take(*(visited(f"V-{who}", "2026-04-02", who) for who in people), *twice)
    found = await large_batches.rows("select subject from journal where id = 'one-id'")
    assert [row["subject"] for row in found] == ["M2"]


@pytest.mark.parametrize("deadlocks", [1, 2])
async def test_where_two_transactions_of_a_batch_met_the_one_that_was_ended_is_done_again(
    large_batches: Office, monkeypatch: pytest.MonkeyPatch, deadlocks: int
) -> None:
    library = large_batches
    take, ended = UnitOfWork.take, iter([True] * deadlocks)

    async def a_deadlock(*arguments: Any) -> set[tuple[str, str]]:
        fresh = await take(*arguments)
        if next(ended, False):
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return fresh

    monkeypatch.setattr(UnitOfWork, "take", a_deadlock)
    people = [f"M{n}" for n in range(100)]
    await library.take(*(joined(who=who) for who in people))
    assert await library.value("select count(*) from journal where subject like 'M%'") == len(people)
