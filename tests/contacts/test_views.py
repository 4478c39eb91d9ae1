"""The views for those who query the service's database, on a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from schemas import language
from schemas.practice import PersonMerged
from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.said import EXEMPT
from tests.engine.running import Office, Told, at, office

ORDER = f.order("2026-03-02", "2027-03-01")
TODAY = "2026-04-20"


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    async with office(database, SERVICE, language) as made:
        await made.day("2026-04-19")
        yield made


async def tell(office: Office, subject: str, *facts: f.Fact) -> None:
    told = [Told(fact.data, subject, f"{subject}-{n}", at("2026-04-19")) for n, fact in enumerate(facts)]
    await office.take(*told)


async def view(office: Office, name: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in await office.rows(f"select * from {name}")), key=str)


async def test_standards_met_by_delivery_unit_practitioner_and_month(opened: Office) -> None:
    met, excused = f.contact("2026-03-10"), f.contact("2026-03-10", "acceptable_absence")
    first, second = f.allocated("2026-03-02"), f.allocated("2026-03-02", to="P2", pdu="Brent")
    await tell(opened, "X000001", ORDER, EXEMPT, first, met)
    await tell(opened, "X000002", ORDER, EXEMPT, first, excused)
    await tell(opened, "X000003", ORDER, EXEMPT, first)
    await tell(opened, "X000004", ORDER, EXEMPT, second, f.order("2026-02-25", "2027-02-24", id="S2"))
    assert await view(opened, "standards_met") == [
        ("Brent", "P2", date(2026, 4, 1), 1, 0, 0, 1),
        ("camden", "P1", date(2026, 4, 1), 3, 1, 1, 1),
        ("camden", None, date(2026, 3, 1), 1, 0, 0, 1),
    ]


async def test_appointments_without_an_outcome_until_they_have_one(opened: Office) -> None:
    facts = [ORDER, EXEMPT, f.allocated("2026-03-02")]
    await tell(opened, "X000001", *facts, f.scheduled("2026-04-14", id="C1"), f.scheduled(TODAY, id="C2"))
    assert await view(opened, "appointments_without_outcome") == [("X000001", "P1", "C1", date(2026, 4, 14))]
    await opened.until("2026-04-21")
    assert [row[2] for row in await view(opened, "appointments_without_outcome")] == ["C1", "C2"]
    await opened.take(Told(f.contact("2026-04-14", id="C1").data, "X000001", "late", at("2026-04-21")))
    assert [row[2] for row in await view(opened, "appointments_without_outcome")] == ["C2"]


async def test_home_visits_due(opened: Office) -> None:
    flag = f.registered("2026-04-16", id="D1")
    await tell(opened, "X000001", ORDER, EXEMPT, f.allocated("2026-03-02"), flag)
    # 20 business days after Thursday 16 April; Monday 4 May is a holiday.
    expected = [("X000001", "P1", "camden", "D1", date(2026, 5, 15))]
    assert await view(opened, "home_visits_due") == expected


async def test_how_often_contacts_were_rescheduled(opened: Office) -> None:
    moved = [f.contact(on, "rescheduled_by_person") for on in ("2026-03-10", "2026-03-17", "2026-04-10")]
    await tell(opened, "X000001", ORDER, EXEMPT, *moved, f.contact("2026-04-14", "rescheduled_by_service"))
    await tell(opened, "X000002", ORDER, EXEMPT, f.contact("2026-04-14"))
    assert await view(opened, "rescheduled_contacts") == [("X000001", 3, 1)]


async def test_a_person_whose_record_went_into_another_is_not_shown(opened: Office) -> None:
    facts = [
        ORDER,
        EXEMPT,
        f.scheduled("2026-04-14", id="C1"),
        f.contact("2026-04-10", "rescheduled_by_person"),
    ]
    flag = f.registered("2026-04-16")
    await tell(opened, "X000001", *facts, flag)
    await opened.take(Told(PersonMerged(into="X000009"), "X000001", "merged", at("2026-04-19", 10)))
    for name in ("standards_met", "appointments_without_outcome", "home_visits_due", "rescheduled_contacts"):
        assert "X000001" not in {row[0] for row in await view(opened, name)}
    assert [row[0] for row in await view(opened, "appointments_without_outcome")] == ["X000009"]
    assert [row[3] for row in await view(opened, "standards_met")] == [1]


async def test_what_victims_are_still_to_be_told(opened: Office) -> None:
    planned = f.release_planned("2026-09-01", "2027-03-01")
    told = f.custodial("2026-01-05"), planned, f.victim_asks("2026-04-17"), f.allocated("2026-03-02")
    await tell(opened, "X000001", *told)
    expected = [("X000001", "P1", "london", "S1", "release_planned", date(2026, 4, 24))]
    assert await view(opened, "victim_updates_due") == expected


async def test_open_cases_name_the_cohorts_of_a_person(opened: Office) -> None:
    await tell(opened, "X000001", f.order("2026-03-02", "2027-03-01", cohorts="older_person care_leaver"))
    await tell(opened, "X000002", ORDER)
    rows = await opened.rows("select subject, cohorts from open_cases order by subject")
    assert [tuple(row) for row in rows] == [("X000001", ["care_leaver", "older_person"]), ("X000002", [])]
