"""A contact that never happened is voided by its id alone, whenever that is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from services.contacts.app import SERVICE as CONTACTS
from shared.engine.intake import Message
from tests import facts as f
from tests.engine.conftest import Open
from tests.engine.running import Office

RECEIVED = datetime(2026, 12, 1, tzinfo=UTC)


def void(contact: str, recorded: str) -> dict[str, Any]:
    """That a contact never happened, as a system says it that knows no more than its id."""
    return {
        "specversion": "1.0",
        "id": f"void-{contact}",
        "source": "/feeds/practice",
        "type": "ContactOutcomeRecorded",
        "subject": f.PERSON,
        "time": f"{recorded}T12:00:00Z",
        "data": {"contact_id": contact, "voided": True},
    }


def said(fact: f.Fact, source: str = "/feeds/practice") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": fact.id,
        "source": source,
        "type": fact.type,
        "subject": fact.subject,
        "time": fact.recorded.isoformat(),
        "data": json.loads(fact.data.model_dump_json()),
    }


async def take(office: Office, events: Sequence[dict[str, Any]]) -> None:
    for n, event in enumerate(events):
        topic = "court" if event["type"] == "SentenceImposed" else "practice"
        message = Message(topic, 0, n, None, json.dumps(event).encode(), (), RECEIVED, "one")
        await office.engine.handle([message])


EVENTS = (
    said(f.order("2026-01-05", "2026-12-31"), "/feeds/court"),
    said(f.contact("2026-02-10", "unacceptable_absence", id="C1")),
    said(f.scheduled("2026-02-10", id="C1")),
    void("C1", "2026-05-04"),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 3, 1, 2), (2, 3, 0, 1)])
async def test_a_contact_voided_by_its_id_is_gone_in_every_order(
    opened: Open,
    order: Sequence[int],
) -> None:
    office = await opened(CONTACTS)
    await office.day("2026-06-01")
    await take(office, [EVENTS[n] for n in order])
    await office.day("2026-06-02")
    history = await office.history()
    assert history.of("ContactMissed") == []
    assert await office.engine.quarantined() == []
    assert [row["subject"] for row in await office.rows("select subject from cases")] == [f.PERSON]


async def test_it_was_missed_until_it_was_voided(opened: Open) -> None:
    office = await opened(CONTACTS)
    await office.day("2026-06-01")
    await take(office, EVENTS[:3])
    assert len((await office.history()).of("ContactMissed")) == 1
    await office.engine.handle(
        [Message("practice", 0, 9, None, json.dumps(EVENTS[3]).encode(), (), RECEIVED, "one")]
    )
    assert "-ContactMissed corrected" in (await office.history()).told(f.PERSON)
