"""Thin domain events become our events, with what their details say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.feeds.hearings import CUSTODY, defendant, hearing, order, result, unpaid_work
from tests.feeds.notices import (
    NOMS,
    URL,
    conviction,
    introduce,
    notice,
    offender,
    prison,
    prisoner,
    tell,
)
from tests.feeds.world import CRN, World, letters, waits

COURT = "common-platform"


@pytest.fixture
async def world() -> World:
    """Case management knows the person, and the clock is late enough for all that happens."""
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await introduce(world)
    return world


async def sentenced(world: World, *results: dict[str, Any], event: dict[str, Any] | None = None) -> str:
    """A court sentences the person, and case management has the sentence as event 1; returns our id of it."""
    await world.take(COURT, hearing(defendant(*results)))
    await tell(world, notice("probation-case.sentence.created", eventNumber="1"), event or conviction())
    id: str = world.published("SentenceImposed")[0]["data"]["sentence_id"]
    return id


async def imprisoned(world: World) -> str:
    """The person is sentenced to a year in prison."""
    custody = result("R1", CUSTODY, given={"imprisonmentPeriod": "1 Years"})
    return await sentenced(world, custody, event=conviction(type="SC"))


# Who is who


async def test_a_hearing_waits_for_the_person_whom_case_management_makes_after_it() -> None:
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await world.take(COURT, hearing(defendant(order())))
    await introduce(world)
    [event] = world.published("SentenceImposed")
    assert (event["subject"], event["data"]["region"], event["data"]["pdu"]) == (CRN, "london", "Camden")


async def test_an_unknown_probation_area_is_a_dead_letter_that_names_it(world: World) -> None:
    told = await tell(
        world, notice("probation-case.engagement.created", crn="X000009"), offender("X000009", "ZZZ")
    )
    assert "ZZZ" in letters(told)


async def test_a_merge_is_published_and_undone(world: World) -> None:
    await tell(world, notice("probation-case.merge.completed", sourceCRN="X000001", targetCRN=CRN))
    [merged] = world.published()
    assert (merged["type"], merged["subject"], merged["data"]["into"]) == ("PersonMerged", "X000001", CRN)
    later = "2026-03-05T10:00:00Z"
    unmerge = notice("probation-case.unmerge.completed", later, unmergedCRN=CRN, reactivatedCRN="X000001")
    await tell(world, unmerge)
    voided, undone = world.published()
    assert (voided["subject"], voided["data"]["voided"]) == ("X000001", True)
    assert (undone["type"], undone["subject"]) == ("PersonUnmerged", CRN)
    assert undone["data"] == {"voided": False, "reactivated": "X000001", "unmerged_on": "2026-03-05"}


async def test_records_that_are_merged_again_are_one_again(world: World) -> None:
    told = {"merge": notice("probation-case.merge.completed", sourceCRN="X000001", targetCRN=CRN)}
    undoing = {"unmergedCRN": CRN, "reactivatedCRN": "X000001"}
    await tell(world, told["merge"])
    await tell(world, notice("probation-case.unmerge.completed", "2026-03-05T10:00:00Z", **undoing))
    await tell(world, told["merge"] | {"occurredAt": "2026-03-09T10:00:00Z"})
    assert world.standing("PersonUnmerged") == []
    assert [one["into"] for one in world.standing("PersonMerged")] == [CRN]


async def test_a_moved_sentence_is_published_again_under_the_person_who_holds_it(world: World) -> None:
    sentence = await sentenced(world, order())
    moved = notice(
        "probation-case.sentence.moved",
        crn=None,
        sourceCRN=CRN,
        targetCRN="X000002",
        sourceEventNumber="1",
        targetEventNumber="3",
    )
    assert waits(await tell(world, moved)) == []
    told = [(e["subject"], e["type"], e["data"]["voided"]) for e in world.published()]
    assert told == [(CRN, "SentenceImposed", True), ("X000002", "SentenceImposed", False)]
    assert world.standing("SentenceImposed")[0]["sentence_id"] == sentence


async def test_an_erased_person_leaves_nothing_and_is_refused_from_then_on(world: World) -> None:
    await sentenced(world, order())
    await tell(world, notice("probation-case.deleted.gdpr", "2026-06-01T10:00:00Z"))
    assert [event["type"] for event in world.published()] == ["PersonErased"]
    await world.take(COURT, hearing(defendant(order(end="01/06/2027")), shared="2026-03-02T12:00:00Z"))
    await tell(
        world, notice("probation-case.registration.added", registrationId="7", registerTypeCode="ADVP")
    )
    assert world.published() == []


async def test_access_to_a_case_is_limited_by_an_exclusion(world: World) -> None:
    await tell(world, notice("probation-case.exclusion.updated"), offender() | {"currentExclusion": True})
    [event] = world.published("CaseAccessChanged")
    assert (event["data"]["limited"], event["data"]["effective_on"]) == (True, "2026-03-02")


# Registrations and risk


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


# Custody


async def test_a_release_ends_the_stay_and_begins_the_licence(world: World) -> None:
    sentence = await imprisoned(world)
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "ADMISSION", "I"), prisoner())
    await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"), prisoner())
    taken, left, released = world.published()
    assert (taken["type"], taken["data"]["reason"]) == ("PersonTakenIntoCustody", "new_sentence")
    assert left["data"]["custody_id"] == taken["data"]["custody_id"]
    data = released["data"]
    assert (data["sentence_id"], data["released_on"]) == (sentence, "2026-08-28")
    assert (data["licence_ends_on"], data["pss_ends_on"]) == ("2027-03-01", None)


async def test_a_release_told_before_the_reception_ends_the_same_stay(world: World) -> None:
    await imprisoned(world)
    await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"), prisoner())
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "ADMISSION", "I"), prisoner())
    [taken], [left] = world.standing("PersonTakenIntoCustody"), world.standing("PersonLeftCustody")
    assert left["custody_id"] == taken["custody_id"]


async def test_a_recall_names_the_licence(world: World) -> None:
    sentence = await imprisoned(world)
    back = prison("received", "2026-10-05T15:00:00Z", "ADMISSION", "N")
    await tell(world, back, prisoner(legalStatus="RECALL", recall=True))
    [event] = world.published("PersonTakenIntoCustody")
    assert (event["data"]["reason"], event["data"]["sentence_id"]) == ("recall", sentence)


async def test_a_recall_of_a_sentence_that_nobody_passed_waits_and_a_person_links_it(world: World) -> None:
    back = prison("received", "2026-10-05T15:00:00Z", "ADMISSION", "24")
    told = await tell(world, back, prisoner())
    assert waits(told) == [f"link:{CRN}/booking:77"]
    await world.link(f"link:{CRN}/booking:77", "S1")
    assert world.published()[0]["data"]["sentence_id"] == "S1"


async def test_a_return_from_court_begins_no_stay(world: World) -> None:
    await tell(world, prison("received", "2026-03-02T15:00:00Z", "RETURN_FROM_COURT", "CRT"), prisoner())
    assert world.published() == []


async def test_an_escape_has_no_word_and_is_a_dead_letter(world: World) -> None:
    told = await tell(world, prison("released", "2026-03-09T15:00:00Z", "RELEASED", "UAL"), prisoner())
    assert "UAL" in letters(told)


async def test_a_death_in_custody_is_told(world: World) -> None:
    await tell(world, prison("released", "2026-03-09T15:00:00Z", "RELEASED", "DEC"), prisoner())
    assert world.published()[0]["data"]["died_on"] == "2026-03-09"


async def test_a_planned_release_follows_the_dates_and_is_corrected_by_them(world: World) -> None:
    await imprisoned(world)
    changed = "prison-offender-events.prisoner.sentence-dates-changed"
    await tell(world, prison("sentence-dates-changed", "2026-04-01T09:00:00Z", "", None), prisoner())
    by_hand = prisoner(confirmedReleaseDate=None, conditionalReleaseOverrideDate="2026-08-30")
    await tell(world, notice(changed, "2026-04-02T09:00:00Z", nomsNumber=NOMS), by_hand)
    told = [(e["data"]["release_on"], e["data"]["stay"]) for e in world.published("ReleasePlanned")]
    assert told == [("2026-08-28", "short_term"), ("2026-08-30", "short_term")]


async def test_detail_that_did_not_change_is_not_published_again(world: World) -> None:
    await imprisoned(world)
    for day in ("2026-04-01", "2026-04-02"):
        told = prison("sentence-dates-changed", f"{day}T09:00:00Z", "", None)
        await tell(world, told, prisoner())
    assert len(world.published("ReleasePlanned")) == 1


async def test_a_detail_that_is_gone_is_a_dead_letter(world: World) -> None:
    world.details.pop(URL)
    told = await tell(world, prison("released", "2026-08-28T11:00:00Z", "RELEASED", "CR"))
    assert "no longer has it (404)" in letters(told)


# Sentences, requirements, enforcement, check-ins


async def test_a_breach_names_the_sentence_by_its_event_number(world: World) -> None:
    sentence = await sentenced(world, order())
    detail = {"crn": CRN, "eventNumber": "1", "referralDate": "2026-05-04", "outcome": {"code": None}}
    await tell(world, notice("enforcement.breach.raised", nsiId="31"), detail)
    [event] = world.published("EnforcementActionTaken")
    assert (event["data"]["action"], event["data"]["sentence_id"]) == ("breach_initiated", sentence)
    assert event["data"]["taken_at"].startswith("2026-05-04")


async def test_a_sentence_in_case_management_with_several_candidates_is_left_to_a_person(
    world: World,
) -> None:
    await world.take(COURT, hearing(defendant(order())))
    await world.take(COURT, hearing(defendant(order(orderedHearingId="H9")), id="H9"))
    told = await tell(world, notice("probation-case.sentence.created", eventNumber="1"), conviction())
    [wait] = told.waits
    assert (wait.key, len(wait.candidates)) == (f"link:{CRN}/event:1", 2)


async def test_a_requirement_in_case_management_is_the_only_one_of_its_kind(world: World) -> None:
    await sentenced(world, order(), unpaid_work())
    info = {"requirementID": "55", "eventNumber": "1", "requirementMainType": "Unpaid Work"}
    told = await tell(world, notice("probation-case.requirement.created", **info))
    assert (letters(told), waits(told)) == ("", [])


async def test_the_outcome_of_a_recall_has_no_known_meaning(world: World) -> None:
    detail = {"crn": CRN, "eventNumber": "1", "outcome": {"code": "REC01"}}
    assert "REC01" in letters(await tell(world, notice("enforcement.recall.concluded", nsiId="31"), detail))


async def test_an_online_check_in_is_no_national_standard_contact(world: World) -> None:
    await tell(world, notice("esupervision.check-in.received"))
    [event] = world.published("ContactOutcomeRecorded")
    data = event["data"]
    assert (data["mode"], data["outcome"], data["national_standard"]) == ("online", "complied", False)


async def test_an_unknown_type_is_a_dead_letter_that_names_it(world: World) -> None:
    assert "some.new.event" in letters(await tell(world, notice("some.new.event")))


async def test_the_type_within_counts_before_that_of_the_message(world: World) -> None:
    told = await world.take("hmpps", notice("tier.calculation.complete"), eventType="some.new.event")
    assert letters(told) == ""
