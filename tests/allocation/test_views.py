"""The views for those who query the service's database, on a real one, and what an allocation costs there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from schemas import language
from services.allocation.app import SERVICE
from tests import facts as f
from tests.engine.running import Office, Told, at, office

ORDER, RISK = f.order("2026-06-01"), f.risk("2026-06-01")


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    async with office(database, SERVICE, language) as made:
        await made.day("2026-06-03")
        yield made


async def tell(office: Office, *facts: f.Fact) -> None:
    """Tell facts, each about its own subject."""
    told = [Told(fact.data, fact.subject, fact.id, at("2026-06-03")) for fact in facts]
    await office.take(*told)


async def view(office: Office, name: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in await office.rows(f"select * from {name}")), key=str)


def people(numbers: range, *facts: f.Fact) -> list[f.Fact]:
    return [fact.about(f"X{n:06}") for n in numbers for fact in facts]


async def test_unallocated_cases_by_unit_and_how_long_they_have_waited(opened: Office) -> None:
    late = f.order("2026-06-02", pdu="hackney")
    await tell(opened, *people(range(2), ORDER, RISK), *people(range(2, 3), late))
    assert await view(opened, "unallocated_by_unit") == [
        ("london", "camden", "unallocated", 2, 2, 2),
        ("london", "hackney", "awaiting_risk", 1, 1, 0),
    ]
    await tell(opened, f.practitioner())
    await opened.until("2026-06-04")
    assert await view(opened, "unallocated_by_unit") == [("london", "hackney", "awaiting_risk", 2, 1, 0)]


async def test_workload_by_practitioner_and_team(opened: Office) -> None:
    await tell(opened, f.practitioner(hours=3.0), f.practitioner(id="P2", team="short_sentence"))
    await tell(opened, *people(range(3), ORDER, RISK))
    assert await view(opened, "practitioner_workload") == [
        ("P1", "london", "camden", "generic", "active", 126, 176, Decimal("71.6")),
        ("P2", "london", "camden", "short_sentence", "active", 63, 2176, Decimal("2.9")),
    ]
    assert await view(opened, "team_workload") == [
        ("london", "camden", "generic", 1, 2, 126, 176, Decimal("71.6")),
        ("london", "camden", "short_sentence", 1, 1, 63, 2176, Decimal("2.9")),
    ]


async def test_continuity(opened: Office) -> None:
    await tell(opened, f.practitioner(), f.practitioner(id="P2"))
    await tell(opened, *people(range(3), ORDER, RISK))
    await tell(opened, f.change_asked("2026-06-03").about("X000000"))
    assert await view(opened, "continuity") == [("london", "camden", 0, 2), ("london", "camden", 1, 1)]


async def test_reviews_waiting(opened: Office) -> None:
    await tell(opened, f.practitioner(), *people(range(2), ORDER, RISK))
    await opened.until("2026-06-10")
    await tell(opened, f.risk("2026-06-10", "high", id="A2").about("X000001"))
    assert await view(opened, "reviews_waiting") == [
        ("X000001", "london", "camden", "P1", "S1", "tier_changed")
    ]


async def test_open_cases_those_that_wait_and_caseloads(opened: Office) -> None:
    await tell(opened, f.practitioner(), *people(range(2), ORDER, RISK))
    await tell(
        opened, *people(range(2, 3), ORDER), *people(range(3, 4), f.order("2026-06-01", pdu="leeds"), RISK)
    )
    await tell(opened, *people(range(4, 5), ORDER, f.died("2026-06-02")))
    assert await opened.rows("select subject, status, region, practitioner from open_cases order by 1") == [
        ("X000000", "allocated", "london", "P1"),
        ("X000001", "allocated", "london", "P1"),
        ("X000002", "awaiting_risk", "london", None),
        ("X000003", "unallocated", "london", None),
    ]
    assert await view(opened, "unallocated_cases") == [
        ("london", "awaiting_risk", 1, 0),
        ("london", "unallocated", 1, 1),
    ]
    assert await view(opened, "caseloads") == [("P1", "london", "active", 2)]


async def test_cases_and_practitioners_of_a_unit_that_was_renamed_are_told_under_its_name_of_today(
    opened: Office,
) -> None:
    """Also where the name is written in another way."""
    await tell(opened, f.practitioner(hours=1.0), *people(range(2), ORDER, RISK))
    await tell(opened, *people(range(2, 3), f.order("2026-06-01", pdu="Camden"), RISK))
    await tell(opened, f.unit_changed("2026-06-03"))
    now = "camden and islington"
    assert await view(opened, "delivery_units") == [("london", "camden", now)]
    assert await view(opened, "unallocated_by_unit") == [("london", now, "unallocated", 2, 2, 2)]
    assert [row[2] for row in await view(opened, "practitioner_workload")] == [now]
    assert await view(opened, "continuity") == [("london", now, 0, 1)]
    await opened.until("2026-06-10")
    await tell(opened, f.risk("2026-06-10", "high", id="A2").about("X000000"))
    assert [row[2] for row in await view(opened, "reviews_waiting")] == [now]


async def test_a_managers_note_stays_in_the_journal(opened: Office) -> None:
    """ALLOC-15: the decision is told by its id alone, whatever the manager wrote."""
    await tell(opened, f.practitioner(), f.practitioner(id="P2"), *people(range(1), ORDER, RISK))
    asked = f.change_asked("2026-06-03")
    note = f.decided("2026-06-03", "practitioner_change", id="M1", reason="She fears her brother in law")
    await tell(opened, *people(range(1), asked, note))
    kept = []
    tables = await opened.rows("select relname from pg_stat_user_tables where schemaname = 'public'")
    for (table,) in tables:
        rows = await opened.rows(f'select t::text from "{table}" t')
        assert rows is not None
        text = "".join(row[0] for row in rows)
        if "brother in law" in text or b"brother in law".hex() in text:
            kept.append(table)
    assert kept == ["journal"]


async def test_allocating_among_200_practitioners_takes_as_many_statements_as_among_5(
    database: str,
) -> None:
    """The number of statements does not depend on how many there are to choose from."""
    async with office(database, SERVICE, language, size=1) as made:
        await made.day("2026-06-03")
        counts = []
        staff = [f.practitioner(id=f"P{n}") for n in range(200)]
        for hired, n in ((staff[:5], 0), (staff[5:10], 1), (staff[10:], 2)):
            await tell(made, *hired)
            made.statements.clear()
            await tell(made, *people(range(n, n + 1), ORDER, RISK))
            counts.append(len(made.statements))
        assert await made.count("journal") >= 200 + 3 * 3
        assert counts[1] == counts[2]


async def test_two_that_allocate_at_the_same_moment_do_not_rely_on_the_same_load(database: str) -> None:
    """Each of two practitioners has room for one case only: so each gets one."""
    async with office(database, SERVICE, language) as one, office(database, SERVICE, language) as two:
        await one.day("2026-06-03")
        await tell(one, f.practitioner(hours=1.2), f.practitioner(id="P2", hours=1.2))
        first, second = people(range(1), ORDER, RISK), people(range(1, 2), ORDER, RISK)
        await asyncio.gather(tell(one, *first), tell(two, *second))
        held = [row[5] for row in await view(one, "practitioner_workload")]
        assert held == [63, 63]
