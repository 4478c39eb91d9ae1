"""The services take everything that the feeds publish, without a doubt, and conclude from it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from schemas import language
from shared.engine.casebook import Casebook
from shared.engine.intake import Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.service import Service
from tests.feeds.samples import SAMPLES
from tests.feeds.test_mutations import detail_of, give
from tests.feeds.world import World
from tools.services import BY_NAME, SERVICES

LATE = datetime(2026, 12, 1, tzinfo=UTC)


async def published() -> list[Message]:
    """The messages of the feeds about one message of every kind, but the one that erases."""
    world = World(now=LATE)
    for sample in SAMPLES[:-1]:
        await give(world, sample, json.dumps(sample.body).encode(), detail_of(sample))
    return [
        Message(event.topic, 0, offset, event.subject.encode(), event.body, (), LATE)
        for offset, event in enumerate(world.store.events)
    ]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_no_event_of_a_feed_is_refused_or_doubtful(service: Service) -> None:
    taken = [
        take(message, service, language) for message in await published() if message.topic in service.reads
    ]
    assert any(isinstance(one, Fact) for one in taken)
    for one in taken:
        assert isinstance(one, Fact | Skipped), one
        assert isinstance(one, Skipped) or not one.doubts, one.doubts
    book = Casebook(service, language)
    book.begin_day(date(2026, 3, 1))
    book.take(one for one in taken if isinstance(one, Fact))
    assert book.faults == {}


async def test_a_hearing_in_the_courts_own_format_leads_to_work_for_somebody() -> None:
    service = BY_NAME["allocation"]
    book = Casebook(service, language)
    book.begin_day(date(2026, 3, 2))
    court = [take(one, service, language) for one in await published() if one.topic == "court"]
    told = book.take(one for one in court if isinstance(one, Fact))
    assert "AllocationDue" in {event.type for event in told}
