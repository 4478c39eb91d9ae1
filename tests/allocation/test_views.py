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
