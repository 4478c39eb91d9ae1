"""Registrations are told, and join assessments and scores in a person's risk."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.feeds.notices import (
    introduce,
    notice,
    tell,
)
from tests.feeds.world import World, letters

COURT = "common-platform"


async def test_a_registration_is_added_and_ends(world: World) -> None:
    codes = {"registrationId": "7", "registerTypeCode": "ADVP", "registrationLevelCode": ""}
    await tell(world, notice("probation-case.registration.added", registrationDate="2026-03-01", **codes))
    ended = notice("probation-case.registration.deregistered", "2026-06-01T10:00:00Z", **codes)
    await tell(world, ended)
    told = [(e["data"]["active"], e["data"]["effective_on"]) for e in world.published("RegistrationChanged")]
    assert told == [(True, "2026-03-01"), (False, "2026-06-01")]


async def test_a_deleted_registration_is_voided_with_its_end(world: World) -> None:
    codes = {"registrationId": "7", "registerTypeCode": "SPO"}
    await tell(world, notice("probation-case.registration.added", registrationDate="2026-03-01", **codes))
    await tell(world, notice("probation-case.registration.deregistered", "2026-06-01T10:00:00Z", **codes))
    await tell(world, notice("probation-case.registration.deleted", "2026-06-02T10:00:00Z", **codes))
    assert world.standing("RegistrationChanged") == []


async def test_an_end_that_comes_before_its_registration_stands(world: World) -> None:
    codes = {"registrationId": "7", "registerTypeCode": "SPO"}
    await tell(world, notice("probation-case.registration.deregistered", "2026-06-01T10:00:00Z", **codes))
    await tell(world, notice("probation-case.registration.added", registrationDate="2026-03-01", **codes))
    assert len(world.standing("RegistrationChanged")) == 2


async def test_an_unknown_register_is_a_dead_letter_that_names_it(world: World) -> None:
    told = await tell(
        world, notice("probation-case.registration.added", registrationId="7", registerTypeCode="ZZ1")
    )
    assert "ZZ1" in letters(told)
    assert world.published() == []


async def assessed(world: World, harm: str = "M", **scores: int) -> None:
    """An assessment of 2 March is completed."""
    detail = {
        "assessments": [
            {
                "assessmentPk": 1,
                "dateCompleted": "2026-03-02T10:00:00",
                "assessmentStatus": "COMPLETE",
                "offender": {"riskToOthers": harm},
                "weightedScores": scores,
                "furtherInformation": {"ogrs2Year": "61"},
            }
        ]
    }
    await tell(world, notice("assessment.summary.produced"), detail)


async def test_an_assessment_tells_harm_needs_and_scores(world: World) -> None:
    await assessed(world, "H", drugWeightedScore=3, accommodationWeightedScore=8)
    [event] = world.published("RiskAssessed")
    data = event["data"]
    assert (data["rosh"], data["ogrs"], data["assessed_on"]) == ("high", 61, "2026-03-02")
    assert data["needs"] == [
        {"need": "accommodation", "severity": "severe"},
        {"need": "drugs", "severity": "standard"},
    ]


async def test_a_register_joins_the_assessment_from_its_own_day(world: World) -> None:
    await assessed(world)
    codes = {"registrationId": "8", "registerTypeCode": "MAPP"}
    levels = {"registrationCategoryCode": "M3", "registrationLevelCode": "M2"}
    added = notice("probation-case.registration.added", "2026-04-01T10:00:00Z", **codes, **levels)
    await tell(
        world, added | {"additionalInformation": {**codes, **levels, "registrationDate": "2026-04-01"}}
    )
    ended = notice("probation-case.registration.deregistered", "2026-05-01T10:00:00Z", **codes, **levels)
    await tell(world, ended)
    told = [(one["assessed_on"], one["rosh"], one["mappa"]) for one in world.standing("RiskAssessed")]
    assert sorted(told, key=lambda one: one[0]) == [
        ("2026-03-02", "medium", None),
        ("2026-04-01", "medium", {"level": 2, "category": 3}),
        ("2026-05-01", "medium", None),
    ]


async def test_the_order_in_which_parts_of_a_risk_arrive_does_not_matter() -> None:
    async def first(world: World) -> None:
        await assessed(world)

    async def second(world: World) -> None:
        scores = notice("risk-assessment.scores.rsr.determined", "2026-03-10T10:00:00Z", RSRScore="6.9")
        await tell(world, scores)

    async def third(world: World) -> None:
        harm = {"registrationId": "9", "registerTypeCode": "RVHR", "registrationDate": "2026-03-20"}
        await tell(world, notice("probation-case.registration.added", "2026-03-20T10:00:00Z", **harm))

    told = []
    for steps in ((first, second, third), (third, second, first), (second, third, first)):
        world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
        await introduce(world)
        for step in steps:
            await step(world)
        told.append(sorted(world.standing("RiskAssessed"), key=lambda one: str(one["assessed_on"])))
    assert told[0] == told[1] == told[2]
    assert [(one["rosh"], one["rsr"]) for one in told[0]] == [
        ("medium", None),
        ("medium", 6.9),
        ("very_high", 6.9),
    ]
