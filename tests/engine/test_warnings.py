"""What is taken is told if something in it has no effect or can hardly be right."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from schemas.catalogue import CATALOGUE, NOT_READ_YET
from schemas.generate import json_schemas
from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from shared.engine.intake import Message
from tests.engine.conftest import Open
from tests.engine.running import Office
from tests.schemas import encode, golden

RECEIVED = datetime(2026, 6, 20, tzinfo=UTC)
SCHEMAS = json_schemas()


@pytest.fixture
async def contacts(opened: Open) -> Office:
    """The contacts service, before its first day."""
    return await opened(CONTACTS)


def event(type: str, /, id: str = "1", source: str | None = None, **data: Any) -> dict[str, Any]:
    """The example of a type, changed."""
    made = golden(type)
    made |= {"id": id, "data": made["data"] | data}
    return made | ({"source": source} if source else {})


class Feed:
    """Sends events to a service as messages, each at the next offset of its topic."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.offset = 0

    def message(self, event: dict[str, Any], topic: str | None = None) -> Message:
        self.offset += 1
        known = CATALOGUE.get(event["type"])
        topic = topic or (known.topics[0] if known else "court")
        return Message(topic, 0, self.offset, None, encode(event), (), RECEIVED, "one")

    async def sends(self, *events: dict[str, Any], topic: str | None = None) -> None:
        """Each in a batch of its own."""
        for one in events:
            await self.office.engine.handle([self.message(one, topic)])

    async def warnings(self) -> list[tuple[str, str, str | None, str | None]]:
        """Kind, event id, field and what was meant, in order."""
        query = "select kind, event_id, field, meant from warnings order by number"
        return [tuple(row) for row in await self.office.rows(query)]

    async def refused(self) -> list[tuple[str, str]]:
        """Reason and explanation of each dead letter."""
        query = "select reason, explanation from dead_letters order by number"
        return [tuple(row) for row in await self.office.rows(query)]


@pytest.fixture
async def feed(contacts: Office) -> Feed:
    return Feed(contacts)


# -- names -------------------------------------------------------------------------------------------


async def test_a_misspelt_field_is_taken_with_a_warning(feed: Feed) -> None:
    sentence = event("SentenceImposed")
    sentence["data"]["requirement"] = sentence["data"].pop("requirements")
    await feed.sends(sentence)
    assert await feed.warnings() == [("unknown_field", "1", "data.requirement", "data.requirements")]
    assert await feed.office.count("journal") == 1


async def test_a_misspelt_attribute_is_taken_with_a_warning(feed: Feed) -> None:
    await feed.sends(event("PersonDied") | {"recordedTime": "2026-06-09T10:00:00Z"})
    assert await feed.warnings() == [("unknown_attribute", "1", "recordedTime", "recordedtime")]


async def test_what_a_newer_service_says_more_is_no_mistake(feed: Feed) -> None:
    await feed.sends(event("CaseAllocated", more="x"))
    assert await feed.warnings() == []


async def test_a_misspelt_type_is_refused_with_what_was_meant(feed: Feed) -> None:
    await feed.sends(golden("SentenceImposed") | {"type": "SentenceImpose"})
    ((reason, explanation),) = await feed.refused()
    assert reason == "unknown_type"
    assert "SentenceImposed was probably meant" in explanation


async def test_a_type_that_another_service_reads_is_skipped(feed: Feed) -> None:
    await feed.sends(event("EnforcementActionTaken"))
    assert await feed.refused() == []
    assert await feed.warnings() == []


async def test_a_type_that_a_newer_service_publishes_is_skipped(feed: Feed) -> None:
    await feed.sends(golden("CaseAllocated") | {"type": "CaseAlocated"}, topic="allocation")
    assert await feed.refused() == []


async def test_a_type_that_nobody_reads_yet_is_a_warning(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    # Contacts does not read it, and by this list nobody else does either.
    monkeypatch.setitem(NOT_READ_YET, "EnforcementActionTaken", "its rules are not built yet")
    await feed.sends(event("EnforcementActionTaken"))
    assert await feed.warnings() == [("not_read_yet", "1", None, None)]


# -- sources -----------------------------------------------------------------------------------------


async def test_a_feed_may_not_use_the_source_of_another(feed: Feed) -> None:
    await feed.sends(event("PersonDied", source="/feeds/court"))
    ((reason, explanation),) = await feed.refused()
    assert reason == "wrong_source"
    assert explanation == (
        "source is not /feeds/practice, which publishes on practice, but that of court: give the source "
        "/feeds/practice, or one below it"
    )
    # So the court's own event of that id is not silenced.
    await feed.sends(event("SentenceImposed"))
    assert await feed.office.value("select type from journal") == "SentenceImposed"


async def test_a_feed_may_have_a_source_for_each_sender(feed: Feed) -> None:
    await feed.sends(event("PersonDied", source="/feeds/practice/london"))
    assert await feed.refused() == []
    assert await feed.warnings() == []


async def test_a_source_that_nobody_knows_is_a_warning(feed: Feed) -> None:
    await feed.sends(event("PersonDied", source="/feed/practise"))
    assert await feed.warnings() == [("unknown_source", "1", "source", "/feeds/practice")]


async def test_nobody_speaks_for_a_service(feed: Feed) -> None:
    await feed.sends(event("CaseAllocated", source="/somebody"))
    assert [reason for reason, _ in await feed.refused()] == ["wrong_source"]


async def test_two_providers_may_both_have_a_session_1(feed: Feed) -> None:
    await feed.sends(
        event("SessionRecorded", "a", "/feeds/providers/acme", session_id="1", held_on="2026-06-01"),
        event("SessionRecorded", "b", "/feeds/providers/best", session_id="1", held_on="2026-06-02"),
        event("SessionRecorded", "c", "/feeds/providers/acme", session_id="1", held_on="2026-06-03")
        | {"recordedtime": "2026-06-10T00:00:00Z"},
    )
    keys = await feed.office.rows("select id, key from journal order by number")
    assert [tuple(row) for row in keys] == [
        ("a", "contact/1@acme"),
        ("b", "contact/1@best"),
        ("c", "contact/1@acme"),
    ]
    assert await feed.warnings() == []


# -- ids ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [False, True], ids=["apart", "in one batch"])
async def test_another_body_under_a_known_id_is_told_with_both_places(feed: Feed, together: bool) -> None:
    first, second = event("PersonDied"), event("PersonDied", died_on="2026-06-02")
    messages = [feed.message(first), feed.message(second)]
    for batch in [messages] if together else [[one] for one in messages]:
        await feed.office.engine.handle(batch)
    assert await feed.warnings() == [("altered_id", "1", "id", None)]
    told = await feed.office.value("select explanation from warnings")
    assert "practice/0/1" in told
    assert "practice/0/2" in told
    assert feed.office.engine.tally.altered == 1


async def test_another_body_about_another_person_makes_no_case(feed: Feed) -> None:
    other = event("PersonDied") | {"subject": "X999999", "partitionkey": "X999999"}
    await feed.sends(event("PersonDied"), other)
    assert [kind for kind, *_ in await feed.warnings()] == ["altered_id"]
    assert [row["subject"] for row in await feed.office.rows("select subject from cases")] == ["X123456"]


async def test_the_same_said_again_in_other_bytes_is_a_duplicate(feed: Feed) -> None:
    again = feed.message(event("PersonDied"))
    again.value = json.dumps(event("PersonDied"), indent=1).encode()
    await feed.sends(event("PersonDied"))
    await feed.office.engine.handle([again])
    assert await feed.warnings() == []
    assert feed.office.engine.tally.duplicates == 1


# -- values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "field", "day"),
    [
        ("SentenceImposed", "ends_on", "2062-05-31"),
        ("ContactOutcomeRecorded", "occurred_on", "2062-06-08"),
        ("ContactOutcomeRecorded", "occurred_on", "1926-06-08"),
    ],
)
async def test_a_date_that_can_hardly_be_right_is_a_warning(
    feed: Feed, type: str, field: str, day: str
) -> None:
    await feed.sends(event(type, **{field: day}))
    assert await feed.warnings() == [("implausible_date", "1", f"data.{field}", None)]


async def test_a_date_of_birth_long_ago_is_plausible(feed: Feed) -> None:
    sentence = event("SentenceImposed")
    sentence["data"]["person"]["born_on"] = "1936-01-01"
    await feed.sends(sentence)
    assert await feed.warnings() == []


@pytest.mark.parametrize(
    ("pdu", "warned"),
    [
        ("Derby Citty", [("unknown_unit", "2", "data.pdu", "east_midlands/derby city")]),
        ("Nowhere", [("unknown_unit", "2", "data.pdu", None)]),
        ("DERBY city ", []),
    ],
)
async def test_a_unit_in_which_nobody_works_is_a_warning(opened: Open, pdu: str, warned: list[Any]) -> None:
    feed = Feed(await opened(ALLOCATION))
    await feed.office.day("2026-06-19")
    await feed.sends(event("SentenceImposed", "1"))  # nobody is known yet: it cannot be judged
    worker = event("PractitionerUpdated", "p", region="east_midlands", pdu="Derby City", active=True)
    worker["data"]["effective_on"] = "2026-01-01"
    await feed.sends(worker, event("SentenceImposed", "2", sentence_id="S-2", pdu=pdu))
    assert await feed.warnings() == warned


# -- versions ----------------------------------------------------------------------------------------


def version(id: str, second: int, source: str | None = None) -> dict[str, Any]:
    """A version of one contact, recorded in that second."""
    said = event("ContactOutcomeRecorded", id, source, outcome="complied", acceptable_reason=None)
    return said | {"recordedtime": f"2026-06-09T10:00:{second:02}Z"}


@pytest.mark.parametrize("order", [("b", "a"), ("a", "b")], ids=["it loses", "it wins by its id"])
async def test_two_versions_of_the_same_instant_are_a_warning(feed: Feed, order: tuple[str, str]) -> None:
    await feed.office.day("2026-06-19")
    await feed.sends(*(version(id, 1) for id in order))
    assert await feed.warnings() == [("version_not_standing", order[1], "recordedtime", None)]


async def test_a_version_that_does_not_stand_is_a_warning_and_one_that_does_is_none(feed: Feed) -> None:
    await feed.sends(version("a", 2), version("b", 3), version("c", 1))
    assert await feed.warnings() == [("version_not_standing", "c", "recordedtime", None)]


async def test_a_correction_from_another_source_is_a_warning(feed: Feed) -> None:
    await feed.sends(version("a", 1), version("b", 2, "/feeds/practice/london"))
    assert await feed.warnings() == [("other_source", "b", None, None)]


# -- telling -----------------------------------------------------------------------------------------


async def test_a_warning_is_published_once_by_its_schema_and_counted(feed: Feed) -> None:
    message = feed.message(event("PersonDied", died="x"))
    await feed.office.engine.handle([message])
    await feed.office.engine.handle([message])
    rows = await feed.office.rows("select topic, key, value from outbox")
    assert [(row["topic"], row["key"]) for row in rows] == [("contacts.warning", b"X123456")]
    told = json.loads(rows[0]["value"])
    jsonschema.validate(told, SCHEMAS["CloudEvent.json"])
    jsonschema.validate(told["data"], SCHEMAS["MessageWarned.1.json"])
    assert told["data"] | {"explanation": ""} == {
        "kind": "unknown_field",
        "event_source": "/feeds/practice",
        "event_id": "1",
        "event_type": "PersonDied",
        "topic": "practice",
        "partition": 0,
        "offset": 1,
        "field": "data.died",
        "meant": "data.died_on",
        "explanation": "",
    }
    assert feed.office.engine.warned == {"unknown_field": 1}


async def test_a_fact_in_the_future_is_told_by_the_attribute_that_was_sent(feed: Feed) -> None:
    late = event("PersonDied") | {"time": "2027-01-01T00:00:00Z"}
    del late["recordedtime"]
    await feed.sends(late, event("PersonDied") | {"recordedtime": "2027-01-01T00:00:00Z"})
    assert [told.split(" ")[0] for _, told in await feed.refused()] == ["time", "recordedtime"]


# -- evidence ----------------------------------------------------------------------------------------


async def test_evidence_names_the_sources_of_two_events_with_one_id(feed: Feed) -> None:
    await feed.office.day("2026-06-19")
    missed = event(
        "ContactOutcomeRecorded",
        occurred_on="2026-06-08",
        kind="planned",
        outcome="unacceptable_absence",
        acceptable_reason=None,
    )
    await feed.sends(event("SentenceImposed", imposed_on="2026-06-01"), missed)
    ((told),) = (await feed.office.history()).of("ContactMissed")
    assert told["why"]["evidence"] == ["1", "1"]
    assert told["why"]["sources"] == ["/feeds/practice", "/feeds/court"]
