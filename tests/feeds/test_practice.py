"""Contacts of case management become our events, in the words of the published language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.feeds.hearings import CUSTODY, defendant, hearing, order, result
from tests.feeds.notices import URL, conviction, introduce, notice, tell
from tests.feeds.world import CRN, World, letters, waits


def changed(at: str = "2026-04-01T12:00:00", type: str = "CONTACT_CHANGED") -> dict[str, Any]:
    """A thin notice of the legacy topic."""
    body = {"offenderId": 1, "crn": CRN, "sourceId": 42, "eventDatetime": at}
    return body | {"eventType": type, "detailUrl": URL}


def contact(code: str = "COAP", outcome: str | None = None, **more: Any) -> dict[str, Any]:
    """A contact as it is now."""
    return {
        "contactId": 42,
        "contactStart": "2026-04-01T10:00:00+01:00",
        "type": {"code": code, "description": "a contact", "nationalStandards": True},
        "outcome": {"code": outcome} if outcome else None,
        "eventNumber": "1",
        "notes": "free text that must not leave the feed",
        **more,
    }


@pytest.fixture
async def world() -> World:
    """A person with a community order, event 1."""
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await introduce(world)
    await world.take("common-platform", hearing(defendant(order())))
    await tell(world, notice("probation-case.sentence.created", eventNumber="1"), conviction())
    world.published()
    return world


async def told(world: World, detail: dict[str, Any], at: str = "2026-04-01T12:00:00") -> Any:
    world.detail(URL, detail)
    return await world.take("practice", changed(at))


async def test_a_contact_is_scheduled_for_its_sentence(world: World) -> None:
    await told(world, contact())
    [event] = world.published()
    data = event["data"]
    assert (event["type"], data["scheduled_on"], data["kind"], data["mode"]) == (
        "ContactScheduled",
        "2026-04-01",
        "planned",
        "face_to_face",
    )
    assert data["sentence_id"] == world.standing("SentenceImposed")[0]["sentence_id"]


async def test_a_notice_of_the_legacy_topic_does_not_say_where_the_contact_is(world: World) -> None:
    told = {name: value for name, value in changed().items() if name != "detailUrl"}
    world.detail(f"contacts/{CRN}/42", contact())
    await world.take("practice", told)
    assert [event["type"] for event in world.published()] == ["ContactScheduled"]


async def test_an_outcome_is_recorded_and_the_appointment_stands(world: World) -> None:
    await told(world, contact())
    await told(world, contact(outcome="UAAB"), "2026-04-02T12:00:00")
    [outcome] = world.standing("ContactOutcomeRecorded")
    assert outcome["outcome"] == "unacceptable_absence"
    assert len(world.standing("ContactScheduled")) == 1


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("ATTC", "complied", None),
        ("AFTC", "failed_to_comply", None),
        ("AAME", "acceptable_absence", "medical"),
        ("AFDA", "acceptable_absence", "other"),
        ("AAM11", "acceptable_absence", "other"),
        ("RSOF", "rescheduled_by_person", None),
    ],
)
async def test_each_outcome_has_its_word(world: World, code: str, outcome: str, reason: str | None) -> None:
    await told(world, contact(outcome=code))
    [data] = world.standing("ContactOutcomeRecorded")
    assert (data["outcome"], data["acceptable_reason"]) == (outcome, reason)


@pytest.mark.parametrize("code", ["CO39", "ZZZZ"])
async def test_an_outcome_without_a_word_is_a_dead_letter_that_names_the_code(
    world: World, code: str
) -> None:
    taken = await told(world, contact(outcome=code))
    assert f"detail.outcome.code {code}" in letters(taken)
    assert world.published() == []


async def test_a_corrected_outcome_corrects(world: World) -> None:
    await told(world, contact(outcome="UAAB"))
    await told(world, contact(outcome="AAME"), "2026-04-03T12:00:00")
    [data] = world.standing("ContactOutcomeRecorded")
    assert data["acceptable_reason"] == "medical"


@pytest.mark.parametrize("more", [{"outcome": {"code": "IAPSD"}}, {"softDeleted": True}])
async def test_a_deleted_contact_is_voided(world: World, more: dict[str, Any]) -> None:
    await told(world, contact(outcome="UAAB"))
    await told(world, contact() | more, "2026-04-03T12:00:00")
    assert world.standing("ContactOutcomeRecorded") == world.standing("ContactScheduled") == []


async def test_a_contact_of_a_sentence_without_a_link_waits(world: World) -> None:
    assert waits(await told(world, contact(eventNumber="2"))) == [f"link:{CRN}/event:2"] * 1
    await world.link(f"link:{CRN}/event:2", "S2")
    assert world.published()[0]["data"]["sentence_id"] == "S2"


@pytest.mark.parametrize(("code", "action"), [("EA02", "warning"), ("IBR", "breach_initiated")])
async def test_an_action_on_an_order_is_told_with_its_contact(world: World, code: str, action: str) -> None:
    taken = {"enforcementAction": {"code": code}, "actionTakenDate": "2026-04-02"}
    await told(world, contact(outcome="UAAB", enforcement=taken))
    [data] = world.standing("EnforcementActionTaken")
    assert data["action"] == action
    assert data["contact_id"] == world.standing("ContactOutcomeRecorded")[0]["contact_id"]


async def test_the_same_action_on_a_licence_is_a_recall() -> None:
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await introduce(world)
    custody = result("R1", CUSTODY, given={"imprisonmentPeriod": "1 Years"})
    await world.take("common-platform", hearing(defendant(custody)))
    await tell(world, notice("probation-case.sentence.created", eventNumber="1"), conviction(type="SC"))
    taken = {"enforcementAction": {"code": "IBR"}}
    await told(world, contact(outcome="UAAB", enforcement=taken))
    assert world.standing("EnforcementActionTaken")[0]["action"] == "recall_recommended"


async def test_no_free_text_leaves_the_feed(world: World) -> None:
    await told(world, contact(outcome="UAAB"))
    assert not any(b"free text" in event.body for event in world.store.events)


async def test_a_type_that_case_management_lists_without_a_meaning_is_a_dead_letter(world: World) -> None:
    assert "COHV" in letters(await told(world, contact("COHV")))
