"""Thin domain events become our events, with what their details say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.feeds.hearings import SUSPENDED, defendant, hearing, order, result, unpaid_work
from tests.feeds.notices import (
    conviction,
    introduce,
    notice,
    offender,
    sentenced,
    tell,
)
from tests.feeds.world import CRN, World, letters, waits

COURT = "common-platform"


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


@pytest.mark.parametrize(("disposal", "number"), [("201", 0), ("216", 1)])
async def test_the_disposal_tells_orders_of_one_day_apart(world: World, disposal: str, number: int) -> None:
    await world.take(COURT, hearing(defendant(order())))
    given = {"suspendedPeriod": "18 Months"}
    suspended = result("R1", SUSPENDED, given=given, orderedHearingId="H9")
    await world.take(COURT, hearing(defendant(suspended), id="H9"))
    held = conviction()
    held["sentence"]["disposalType"] = {"code": disposal}
    await tell(world, notice("probation-case.sentence.created", eventNumber="1"), held)
    detail = {"crn": CRN, "eventNumber": "1", "referralDate": "2026-05-04"}
    await tell(world, notice("enforcement.breach.raised", nsiId="31"), detail)
    [action] = world.standing("EnforcementActionTaken")
    assert action["sentence_id"] == world.standing("SentenceImposed")[number]["sentence_id"]


async def test_a_deferred_sentence_in_case_management_is_none_of_ours(world: World) -> None:
    held = conviction()
    held["sentence"]["disposalType"] = {"code": "407"}
    told = await tell(world, notice("probation-case.sentence.created", eventNumber="1"), held)
    assert (letters(told), waits(told)) == ("", [])


@pytest.mark.parametrize("type", ["W", "Unpaid Work"])
async def test_a_requirement_in_case_management_is_the_only_one_of_its_kind(world: World, type: str) -> None:
    await sentenced(world, order(), unpaid_work())
    info = {"requirementID": "55", "eventNumber": "1", "requirementMainType": type}
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
