"""Reads a feed's topic in Kafka."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from feeds.message import Message, Position
from feeds.postgres import SQL
from feeds.runner import PAGE, Feed
from feeds.settings import FeedSettings
from shared import kafka
from shared.connecting import Unusable, database_trouble, kafka_trouble
from shared.engine.connections import FAULTS
from shared.runtime.progress import Progress, Seen
from shared.tracing import tracing, valid
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

TEND_SECONDS = 30.0
"""How often it fetches again what could not be fetched, and looks for messages that wait too long."""


class _Positions(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads on where the database says, not where Kafka does: it may have been restored."""

    def __init__(self, consumer: AIOKafkaConsumer, pool: asyncpg.Pool[Any], incarnation: str) -> None:
        self._consumer = consumer
        self._pool = pool
        self._incarnation = incarnation

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is held."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Look up where to read on."""
        for place in sorted(assigned):
            rows = await self._pool.fetch(SQL["offsets"], place.topic, self._incarnation)
            known = {row["partition"]: row["next_offset"] for row in rows}
            begin = (await self._consumer.beginning_offsets([place]))[place]
            wanted = known.get(place.partition, 0)
            if known and wanted < begin:
                where = {"topic": place.topic, "partition": place.partition, "messages": begin - wanted}
                log.error("messages were removed before they were read: ask the source for them", extra=where)
            self._consumer.seek(place, max(begin, wanted))


def message_of(record: ConsumerRecord[bytes, bytes], incarnation: str) -> Message:
    """The message in a Kafka record of the topic of that id."""
    attributes = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    received = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    origin = f"{record.topic}/{record.partition}/{record.offset}"
    position = Position(record.topic, record.partition, record.offset + 1, incarnation)
    return Message(record.value or b"", attributes, received, origin, position=position)


class TopicReader:
    """Reads a feed's topic until it is stopped. Waits while Kafka or the database is down."""

    def __init__(self, feed: Feed, settings: FeedSettings, topic: str) -> None:
        self._feed = feed
        self._settings = settings
        self._topic = topic
        self._spans = tracing(f"feed-{feed.adapter.name}")
        self._stop = asyncio.Event()
        self.trouble: str | None = "not started"
        """Why messages cannot be taken; None if they can."""
        self.taken = 0
        """How many messages it has taken."""
        self.progress = Progress()
        """How far it has read, and what waits."""
        self._written: dict[TopicPartition, float] = {}

    def stop(self) -> None:
        """Make `run` return."""
        self._stop.set()

    async def run(self) -> None:
        """Take messages. Raises `Unusable` if waiting does not help."""
        failures = 0
        while not self._stop.is_set():
            try:
                await self._read()
            except (KafkaError, LookupError, *FAULTS) as fault:
                failures = failures + 1 if self.trouble else 1
                address = self._settings.database_url.get_secret_value()
                trouble = (
                    kafka_trouble(fault, self._settings)
                    if isinstance(fault, KafkaError | LookupError)
                    else database_trouble(fault, address)
                )
                if trouble is not None and trouble.lasting:
                    raise Unusable(trouble.what) from None
                self.trouble = trouble.what if trouble else type(fault).__name__
                log.warning("the feed waits", extra={"why": self.trouble})
                await is_set(self._stop, within=full_jitter(failures))

    async def _read(self) -> None:
        incarnation = await self._incarnation()
        consumer = AIOKafkaConsumer(
            **kafka.client_options(self._settings, f"feed-{self._feed.adapter.name}"),
            group_id=f"{self._settings.topic_prefix}feed-{self._feed.adapter.name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
        )
        consumer.subscribe([self._topic], listener=_Positions(consumer, self._feed.pool, incarnation))
        loop = asyncio.get_running_loop()
        try:
            await consumer.start()
            tended = float("-inf")
            while not self._stop.is_set():
                if loop.time() - tended > TEND_SECONDS:
                    if await self._incarnation() != incarnation:
                        log.warning("the topic was made anew: reading it from its start")
                        return
                    await self._feed.tend()
                    tended = loop.time()
                found = await consumer.getmany(timeout_ms=500, max_records=PAGE)
                self.trouble = None  # not before: it may not be allowed to read
                await self._look(consumer, {place: records[0].offset for place, records in found.items()})
                for place, records in found.items():
                    for record in records:
                        await self._take(message_of(record, incarnation))
                        self.taken += 1
                    self._written[place] = records[-1].timestamp / 1000
                    await consumer.commit({place: records[-1].offset + 1})
                if found:
                    await self._look(consumer, {})
        finally:
            await consumer.stop()

    async def _look(self, consumer: AIOKafkaConsumer, fetched: Mapping[TopicPartition, int]) -> None:
        """Note how far it is. `fetched` are the first offsets that are fetched and not processed."""
        seen = {}
        for place in consumer.assignment():
            end = consumer.highwater(place)
            if end is not None:
                position = fetched.get(place, await consumer.position(place))
                seen[place] = Seen(position, end, end, self._written.get(place))
        self.progress.observe(seen, self.taken, time.time())

    async def _take(self, message: Message) -> None:
        if self._spans is None:
            await self._feed.take(message)
            return
        named = valid(message.attributes.get("traceparent"))
        identity = message.origin.encode() + message.body
        with self._spans.translation(self._topic, named, identity) as traceparent:
            attributes = {**message.attributes, "traceparent": traceparent}
            await self._feed.take(dataclasses.replace(message, attributes=attributes))

    async def _incarnation(self) -> str:
        """The id that Kafka gave the topic. Raises `LookupError` if it is missing: Kafka would not."""
        cluster = kafka.Cluster(self._settings, f"feed-{self._feed.adapter.name}")
        try:
            found = (await cluster.look([self._topic]))[self._topic]
        finally:
            await cluster.close()
        if found.wrong is not None:
            raise LookupError(f"topic {self._topic}: {found.wrong}, or name another with --from")
        return found.id
