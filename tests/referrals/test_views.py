"""The views for managers and co-ordinators, and places between instances, on a real database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from schemas import language
from services.referrals.app import SERVICE
from tests import facts as f
from tests.engine.running import Office, Told, at, office

TODAY = "2026-06-01"
ORDER = f.order("2026-05-04", "2027-05-03", "rar 10, unpaid_work 100", region="wales", pdu="gwent")
WALES: dict[str, Any] = {"region": "wales"}


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    async with office(database, SERVICE, language) as made:
        await made.day(TODAY)
        yield made


async def tell(office: Office, *facts: f.Fact, day: str = TODAY) -> None:
    """Facts of one batch, recorded on a day."""
    await office.take(*(Told(one.data, one.subject, f"{one.subject}-{one.id}", at(day)) for one in facts))


async def view(office: Office, name: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = await office.rows(f"select {', '.join(columns) or '*'} from {name}")
    return sorted((tuple(row) for row in rows), key=str)


def asked(id: str, day: str = TODAY, **options: Any) -> f.Fact:
    return f.referral_asked(day, id=id, desired_outcomes=["home"], **options)


def person(number: int, *facts: f.Fact) -> list[f.Fact]:
    return [one.about(f"X{number:06d}") for one in facts]


SUPPLIER = f.qualified("2026-01-05", "accommodation finance_benefit_debt", regions="wales", specialist=True)


async def test_places_waiting_stages_and_needs(opened: Office) -> None:
    await tell(opened, SUPPLIER, f.listed("2026-01-05", places=1, **WALES))
    await tell(opened, *person(1, ORDER, asked("F1")), *person(2, ORDER, asked("F2", "2026-04-27")))
    await tell(opened, *person(3, ORDER, f.plan(TODAY, needs_planned=["non_dependent_alcohol"])))
    places = await view(opened, "places", "region", "intervention_id", "places", "free", "waiting")
    assert places == [("wales", "I1", 1, 0, 1)]
    stages = await view(opened, "referrals_by_stage", "pdu", "kind", "stage", "age", "referrals")
    assert ("gwent", "commissioned_service", "made", "under 4 weeks", 1) in stages
    assert ("gwent", "commissioned_service", "waiting", "4 to 12 weeks", 1) in stages
    assert await view(opened, "unmet_needs") == [("wales", "gwent", "non_dependent_alcohol", 1)]


async def test_hours_and_what_waits_for_somebody(opened: Office) -> None:
    down = f.work("2026-05-18", "acceptable_absence", minutes=0, acceptable_reason="stood_down")
    facts = [ORDER, f.work("2026-05-11", minutes=300), down, f.learning("2026-05-25", minutes=60)]
    await tell(opened, *person(1, *facts))
    columns = ("requirement_id", "ordered", "worked", "stood_down", "learning_without_need")
    hours = await view(opened, "unpaid_work_hours", *columns)
    assert [(row[0], *map(float, row[1:])) for row in hours] == [("UPW", 100.0, 6.0, 1.0, 1.0)]
    assert [row[0] for row in await view(opened, "open_items", "item")] == ["EmploymentAssessmentDue"]


async def test_gaps_calls_and_consultations(opened: Office) -> None:
    call = f.called(TODAY, closes="2026-06-30", region="wales", subject="wales")
    held = f.consulted(TODAY, "victims councils", region="wales", subject="wales")
    await tell(opened, SUPPLIER, f.listed("2026-01-05", **WALES))
    await tell(opened, call, held, f.proposed(TODAY, subject="wales"), f.awarded(TODAY, subject="wales"))
    assert await view(opened, "service_calls", "call_id", "notified", "specialists", "awarded_to") == [
        ("K1", 1, 1, "V1")
    ]
    reached = await view(opened, "calls_that_reached_specialists", "region", "calls", "reached_specialists")
    assert reached == [("wales", 1, 1)]
    assert await view(opened, "consultations", "consultation_id") == [("N1",)]
    gaps = await view(opened, "coverage_gaps", "what", "cohort")
    assert ("finance_benefit_debt", None) in gaps
    assert ("accommodation", None) not in gaps


async def test_outcomes_by_provider_and_equality_without_small_counts(opened: Office) -> None:
    await tell(opened, SUPPLIER, f.listed("2026-01-05", places=50, **WALES))
    women = f.order("2026-05-04", "2027-05-03", region="wales", pdu="gwent", sex="female")
    for number in range(1, 15):
        await tell(opened, *person(number, women if number <= 3 else ORDER, asked("F1")))
    done = [f.concluded("2026-06-01"), f.end_report(TODAY, "home:achieved")]
    attended = f.session(TODAY, requirement=None, referral_id="F1")
    await tell(opened, *person(1, f.action_plan(TODAY, 1), attended, *done))
    outcomes = await view(opened, "outcomes_by_provider", "provider_id", "outcome", "referrals", "achieved")
    assert outcomes == [("V1", "home", 1, 1)]
    rows = await view(opened, "equality_of_referrals", "cohort", "referrals", "completed")
    equality = {row[0]: row[1:] for row in rows}
    assert {cohort: [n and int(n) for n in row] for cohort, row in equality.items()} == {
        "everyone": [25, None],
        "women": [None, None],
    }


async def in_the_end(office: Office, *facts: f.Fact) -> None:
    """A batch is taken again, as the consumer does, when PostgreSQL ends one that waits for another."""
    for _ in range(20):
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            await tell(office, *facts)
            return


async def test_two_instances_never_sell_a_place_twice(database: str) -> None:
    async with office(database, SERVICE, language) as first, office(database, SERVICE, language) as second:
        await first.day(TODAY)
        await second.day(TODAY)
        await tell(first, SUPPLIER, f.listed("2026-01-05", places=3, **WALES))
        await asyncio.gather(
            *(in_the_end((first, second)[n % 2], *person(n, ORDER, asked(f"F{n}"))) for n in range(8))
        )
        made = await first.rows("select subject from journal where type = 'ReferralMade'")
        assert len(made) == 3
        assert await view(first, "places", "free", "waiting") == [(0, 5)]
