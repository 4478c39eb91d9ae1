"""Whom a hearing is about is found by exact rules; a person decides the rest."""

from datetime import timedelta

import pytest

from feeds.deciding import DecisionError, identified, linked
from feeds.identity import Unresolved, cro, noms, pnc, whose
from feeds.statement import Identifier
from tests.feeds.hearings import PNC, defendant, hearing, order
from tests.feeds.world import CRN, World, waits

COURT = "common-platform"
A, B = Identifier("pnc", "2001/0000001A"), Identifier("noms", "A1234BC")


def test_the_case_reference_of_the_message_counts_first() -> None:
    assert whose([A, Identifier("crn", "X000001")], {A: {"X000002"}}, {}) == "X000001"


def test_one_person_with_all_identifiers_is_found() -> None:
    assert whose([A, B], {A: {"X000001"}, B: {"X000001"}}, {}) == "X000001"


def test_an_identifier_that_nobody_has_does_not_matter_beside_one_that_is_known() -> None:
    assert whose([A, B], {A: {"X000001"}}, {}) == "X000001"


def test_identifiers_of_several_people_are_left_to_a_person() -> None:
    assert whose([A, B], {A: {"X000001"}, B: {"X000002"}}, {}) == Unresolved(("X000001", "X000002"))


def test_a_decision_counts_before_what_the_sources_say() -> None:
    known = {A: {"X000001"}, B: {"X000002"}}
    assert whose([A, B], known, {B: "X000002"}) == "X000002"


@pytest.mark.parametrize("written", [PNC, PNC.replace("/0", "/"), PNC[2:], PNC.lower(), f" {PNC} "])
def test_a_pnc_has_one_form(written: str) -> None:
    assert pnc(written) == Identifier("pnc", PNC)


@pytest.mark.parametrize("written", [None, "", "2001/0123456Z", "2001/0123456", "Ada Example"])
def test_a_pnc_that_is_missing_or_has_a_wrong_letter_identifies_nobody(written: str | None) -> None:
    assert pnc(written) is None


def test_a_prison_or_records_number_of_another_form_identifies_nobody() -> None:
    assert (noms("1234"), cro("12/34/56")) == (None, None)


async def test_a_hearing_of_somebody_new_waits_until_the_case_reference_comes() -> None:
    world = World()
    taken = await world.take(COURT, hearing(defendant(order())))
    assert waits(taken) == ["identity:defendant:D1"]
    assert world.published() == []
    await world.known(CRN, ("pnc", PNC))
    assert [event["subject"] for event in world.published()] == [CRN]
    assert world.settled(taken).waits == []


async def test_a_sentence_waits_until_case_management_says_who_supervises() -> None:
    world = World()
    await world.known(CRN, ("pnc", PNC), place=None)
    taken = await world.take(COURT, hearing(defendant(order())))
    assert waits(taken) == [f"place:{CRN}"]
    await world.place(CRN, "wales", "Cardiff")
    assert world.published("SentenceImposed")[0]["data"]["region"] == "wales"


async def test_a_person_decides_between_people_with_the_same_number() -> None:
    world = World()
    await world.known("X000001", ("pnc", PNC))
    await world.known("X000002", ("pnc", PNC))
    taken = await world.take(COURT, hearing(defendant(order())))
    [wait] = world.settled(taken).waits
    assert wait.candidates == ("X000001", "X000002")
    await world.identify(wait.key, "X000002")
    assert [event["subject"] for event in world.published()] == ["X000002"]


async def test_a_decision_that_is_corrected_moves_what_was_published() -> None:
    world = World()
    for crn in ("X000001", "X000002"):
        await world.known(crn)
    await world.take(COURT, hearing(defendant(order())))
    await world.identify("defendant:D1", "X000001")
    world.published()
    await world.identify("defendant:D1", "X000002")
    told = [(event["subject"], event["data"]["voided"]) for event in world.published()]
    assert told == [("X000001", True), ("X000002", False)]


async def test_a_message_that_waits_keeps_nobody_else_waiting() -> None:
    world = World()
    await world.known(CRN, ("pnc", PNC))
    unknown = defendant(order("R5"), id="D2", master="M2", pncId=None)
    taken = await world.take(COURT, hearing(unknown, defendant(order())))
    assert [event["subject"] for event in world.published()] == [CRN]
    assert waits(taken) == ["identity:defendant:D2"]


async def test_what_one_of_several_people_lost_is_voided_while_another_still_waits() -> None:
    world = World()
    await world.known(CRN, ("pnc", PNC))
    unknown = defendant(order("R5"), id="D2", master="M2", pncId=None)
    await world.take(COURT, hearing(unknown, defendant(order())))
    await world.take(COURT, hearing(unknown, defendant(), shared="2026-03-02T11:30:00Z"))
    assert world.standing("SentenceImposed") == []


async def test_a_message_recorded_in_the_future_is_a_dead_letter() -> None:
    world = World()
    later = (world.now + timedelta(days=2)).isoformat()
    taken = await world.take(COURT, hearing(defendant(order()), shared=later))
    assert taken is not None
    assert "correct the source's clock" in str(taken.letters[0])


def test_a_decision_that_cannot_be_understood_says_what_to_write() -> None:
    with pytest.raises(DecisionError, match="kind:value"):
        identified("D1", CRN, "asked")
    with pytest.raises(DecisionError, match="like X123456"):
        identified("defendant:D1", "somebody", "asked")
    with pytest.raises(DecisionError, match="link:CRN/kind:value"):
        linked("event:1", "S1", "asked")
