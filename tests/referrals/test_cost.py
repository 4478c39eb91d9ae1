"""What a place costs, who is woken by a listing, and that repair loses nothing that was told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from schemas import language
from services.referrals.app import SERVICE
from tests import facts as f
from tests.engine.running import Office, Told, at, office

TODAY = "2026-06-01"
WALES: dict[str, Any] = {"region": "wales"}
ORDER = f.order("2026-05-04", "2027-05-03", region="wales", pdu="gwent")


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    # One connection, so that it learns the types of all parameters once.
    async with office(database, SERVICE, language, size=1) as made:
        await made.day(TODAY)
        yield made


async def tell(office: Office, *facts: f.Fact) -> None:
    await office.take(*(Told(one.data, one.subject, f"{one.subject}-{one.id}", at(TODAY)) for one in facts))


def asked(number: int, **options: Any) -> list[f.Fact]:
    wanted = f.referral_asked(TODAY, id=f"F{number}", desired_outcomes=["home"], **options)
    return [one.about(f"X{number:06d}") for one in (ORDER, wanted)]


def supplier(number: int, needs: str, listings: int, places: int = 1) -> list[f.Fact]:
    """A provider with so many interventions."""
    id = f"V{number}"
    return [
        f.qualified("2026-01-05", needs, id=id, regions="wales"),
        *(
            f.listed("2026-01-05", needs, id=f"I{number}-{n}", provider=id, places=places, **WALES)
            for n in range(listings)
        ),
    ]


async def test_a_place_among_500_listed_interventions_takes_as_many_statements_as_among_5(
    opened: Office,
) -> None:
    counts = []
    await tell(opened, *supplier(1, "accommodation", 5))
    await tell(opened, *asked(1))
    for number, more in ((2, 0), (3, 495)):
        if more:
            for provider in range(10, 15):
                await tell(opened, *supplier(provider, "accommodation", more // 5))
        opened.statements.clear()
        await tell(opened, *asked(number))
        counts.append(len(opened.statements))
    made = await opened.rows("select subject from journal where type = 'ReferralMade'")
    assert len(made) == 3
    assert counts[0] == counts[1]


async def sequences(office: Office) -> dict[str, int]:
    """How many events each case has published."""
    rows = await office.rows("select subject, sequence from cases")
    return {row["subject"]: row["sequence"] for row in rows}


async def test_a_listing_wakes_only_those_who_wait_for_it(opened: Office) -> None:
    await tell(opened, *asked(1), *asked(2, need="finance_benefit_debt"))
    await tell(
        opened, ORDER.about("X000003"), f.plan(TODAY, needs_planned=["accommodation"]).about("X000003")
    )
    await tell(opened, *(one.about("X000004") for one in (ORDER, f.plan(TODAY))))
    await tell(opened, f.order("2026-05-04", id="S1").about("X000005"))
    waiting = await opened.rows(
        "select subject from cases where waiting && array['commissioned_service/accommodation/wales/*']"
    )
    assert sorted(row["subject"] for row in waiting) == ["X000001", "X000003"]
    before = await sequences(opened)
    await tell(opened, *supplier(1, "accommodation", 1))
    after = await sequences(opened)
    changed = {subject for subject in before if subject.startswith("X") and after[subject] != before[subject]}
    assert changed == {"X000001", "X000003"}


async def test_a_provider_and_a_region_that_are_joined_again_know_what_they_were_told(opened: Office) -> None:
    await tell(opened, *supplier(1, "accommodation", 2), *asked(1), *asked(2), *asked(3))
    events = await opened.count("outbox")
    places = await opened.rows("select * from places")
    for subject in ("V1", "wales"):
        assert await opened.engine.recheck(subject) is None
    assert await opened.count("outbox") == events
    assert await opened.rows("select * from places") == places
    assert {row["waiting"] for row in places} == {1}
