"""A feed on a real Kafka and a real database publishes each event once, in order."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from feeds.message import Message
from feeds.registry import ADAPTERS
from feeds.runner import Feed, opened, run_once
from feeds.settings import FeedSettings
from feeds.statement import About, Identifier, Place, Statement
from feeds.topic import TopicReader
from tests.conftest import needs
from tests.feeds.conftest import FEED_TOPIC
from tests.feeds.hearings import PNC, defendant, hearing, order, unpaid_work
from tests.feeds.world import CRN, NOON
from tools.embedded import choose

COURT = "common-platform"
PATIENCE = 30.0


def shares() -> list[bytes]:
    """A hearing, shared, sent again, and corrected."""
    first = json.dumps(hearing(defendant(order(), unpaid_work()))).encode()
    corrected = hearing(defendant(order(), unpaid_work("90 Hours")), shared="2026-03-02T11:30:00Z")
    return [first, first, json.dumps(corrected).encode()]


async def know(feed: Feed) -> None:
    """Case management has said who the person is."""
    person = (Identifier("crn", CRN),)
    about = About(person, known_as=(Identifier("pnc", PNC),), place=Place("london", "Camden"))
    await feed.intake.state("hmpps", Statement(f"person/{CRN}", NOON, (about,)), NOON)


async def read(settings: FeedSettings, topic: str, number: int) -> list[Any]:
    """The first messages of a topic, as soon as they are there."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(settings.topic_prefix + topic, number) for number in range(3)]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        found: list[Any] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < number:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def reading(settings: FeedSettings) -> AsyncIterator[Feed]:
    """A feed that reads its topic."""
    async with opened(ADAPTERS[COURT], settings, now=lambda: NOON) as (feed, _), reader_of(feed, settings):
        yield feed


@asynccontextmanager
async def reader_of(feed: Feed, settings: FeedSettings) -> AsyncIterator[TopicReader]:
    """What reads the topic of a feed."""
    reader = TopicReader(feed, settings, settings.topic_prefix + FEED_TOPIC)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        reader.stop()
        async with asyncio.timeout(PATIENCE):
            await task


async def send(settings: FeedSettings, *bodies: bytes) -> int:
    """Send messages to the feed's topic; returns the offset of the last."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    try:
        for body in bodies:
            sent = await producer.send_and_wait(settings.topic_prefix + FEED_TOPIC, body, partition=0)
        offset: int = sent.offset
        return offset
    finally:
        await producer.stop()


async def test_files_are_published_and_nothing_is_left_when_the_command_ends(settings: FeedSettings) -> None:
    messages = [Message(body, {}, NOON, "a file") for body in shares()]
    async with opened(ADAPTERS[COURT], settings, now=lambda: NOON) as (feed, _):
        await know(feed)
        taken = await run_once(feed, messages)
    assert len(taken) == 2
    records = await read(settings, "court", 2)
    events = [json.loads(record.value) for record in records]
    assert [event["data"]["requirements"][0]["amount"] for event in events] == [80, 90]
    assert {record.key for record in records} == {CRN.encode()}
    assert dict(records[0].headers)["type"] == b"SentenceImposed"


async def test_what_was_fetched_waits_until_it_is_taken(
    settings: FeedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def held_up(*_: object) -> None:
        begun.set()
        await go_on.wait()

    await send(settings, *shares())
    async with opened(ADAPTERS[COURT], settings, now=lambda: NOON) as (feed, _):
        monkeypatch.setattr(feed, "take", held_up)
        async with asyncio.timeout(PATIENCE), reader_of(feed, settings) as reader:
            await begun.wait()
            assert sum(seen.lag for seen in reader.progress.seen.values()) == 3
            [seconds] = reader.progress.seconds_behind(time.time()).values()
            assert seconds > 0
            go_on.set()
            while any(seen.lag for seen in reader.progress.seen.values()):  # noqa: ASYNC110 - no signal
                await asyncio.sleep(0.01)
            assert [*reader.progress.seconds_behind(time.time()).values()] == [0]


async def test_a_topic_is_read_and_a_feed_that_starts_again_reads_on(settings: FeedSettings) -> None:
    first, again, corrected = shares()
    await send(settings, first, again)
    async with reading(settings) as feed:
        await know(feed)
        await read(settings, "court", 1)
    await send(settings, corrected)
    async with reading(settings) as feed:
        records = await read(settings, "court", 2)
        kept = await feed.pool.fetch("select origin from messages order by number")
    assert len({json.loads(record.value)["id"] for record in records}) == 2
    assert len(records) == 2
    assert [row["origin"].rsplit("/", 2)[1:] for row in kept] == [["0", "0"], ["0", "2"]]


async def test_what_is_no_message_is_kept_and_holds_up_nothing(settings: FeedSettings) -> None:
    await send(settings, b"\xff\x00", b"", shares()[0])
    async with reading(settings) as feed:
        await know(feed)
        await read(settings, "court", 1)
        rows = await feed.pool.fetch("select status from messages order by number")
    assert [row["status"] for row in rows] == ["dead", "dead", "done"]


async def test_a_topic_that_was_made_anew_is_read_from_its_start(settings: FeedSettings) -> None:
    first, _, corrected = shares()
    await send(settings, first)
    async with reading(settings) as feed:
        await know(feed)
        await read(settings, "court", 1)
        await feed.pool.execute("update offsets set incarnation = 'the topic before', next_offset = 2")
    await send(settings, corrected)
    async with reading(settings) as feed:
        await read(settings, "court", 2)
        [row] = await feed.pool.fetch("select next_offset, incarnation from offsets")
    assert row["next_offset"] == 2
    assert row["incarnation"] != "the topic before"


async def test_messages_that_were_removed_unread_are_an_error_in_the_log_and_hold_up_nothing(
    settings: FeedSettings, kafka: choose.Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    needs(kafka, "real_kafka")
    first, again, corrected = shares()
    await send(settings, first)
    async with reading(settings) as feed:
        await know(feed)
        await read(settings, "court", 1)
    last = await send(settings, again, corrected)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    place = TopicPartition(settings.topic_prefix + FEED_TOPIC, 0)
    await admin.delete_records({place: RecordsToDelete(before_offset=last)})
    await admin.close()
    async with reading(settings):
        await read(settings, "court", 2)
    errors = [line for line in caplog.records if line.levelname == "ERROR"]
    [lost] = [
        line for line in errors if not line.name.startswith("aiokafka.")
    ]  # its group may not be there yet
    assert lost.getMessage().startswith("messages were removed before they were read")
    assert vars(lost)["messages"] == 1
