"""Reads a feed's topic in Kafka, and runs a feed until it is stopped."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry, Gauge

from feeds.adapters import Adapter
from feeds.message import Message
from feeds.postgres import SQL
from feeds.runner import PAGE, Feed, opened
from feeds.settings import FeedSettings
from shared import kafka
from shared.connecting import Unusable, database_trouble, kafka_trouble
from shared.engine.connections import FAULTS
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.waiting import cancel, full_jitter, is_set

log = logging.getLogger(__name__)

TEND_SECONDS = 30.0
"""How often it fetches again what could not be fetched, and looks for messages that wait too long."""


class _Positions(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads on where the database says, not where Kafka does: it may have been restored."""

    def __init__(self, consumer: AIOKafkaConsumer, pool: asyncpg.Pool[Any]) -> None:
        self._consumer = consumer
        self._pool = pool

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is held."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Look up where to read on."""
        topics = sorted({place.topic for place in assigned})
        rows = await self._pool.fetch(SQL["offsets"], topics)
        known = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        for place in assigned:
            self._consumer.seek(place, known.get(place, 0))


def message_of(record: ConsumerRecord[bytes, bytes]) -> Message:
    """The message in a Kafka record."""
    attributes = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    received = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    origin = f"{record.topic}/{record.partition}/{record.offset}"
    position = (record.topic, record.partition, record.offset + 1)
    return Message(record.value or b"", attributes, received, origin, position=position)


class TopicReader:
    """Reads a feed's topic until it is stopped. Waits while Kafka or the database is down."""

    def __init__(self, feed: Feed, settings: FeedSettings, topic: str) -> None:
        self._feed = feed
        self._settings = settings
        self._topic = topic
        self._stop = asyncio.Event()
        self.trouble: str | None = "not started"
        """Why messages cannot be taken; None if they can."""

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
        await self._find_topic()
        consumer = AIOKafkaConsumer(
            **kafka.client_options(self._settings, f"feed-{self._feed.adapter.name}"),
            group_id=f"{self._settings.topic_prefix}feed-{self._feed.adapter.name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
        )
        consumer.subscribe([self._topic], listener=_Positions(consumer, self._feed.pool))
        loop = asyncio.get_running_loop()
        try:
            await consumer.start()
            tended = float("-inf")
            while not self._stop.is_set():
                if loop.time() - tended > TEND_SECONDS:
                    await self._feed.tend()
                    tended = loop.time()
                self.trouble = None
                for place, records in (await consumer.getmany(timeout_ms=500, max_records=PAGE)).items():
                    for record in records:
                        await self._feed.take(message_of(record))
                    await consumer.commit({place: records[-1].offset + 1})
        finally:
            await consumer.stop()

    async def _find_topic(self) -> None:
        """Raise `LookupError` if the topic is missing: Kafka would say nothing."""
        cluster = kafka.Cluster(self._settings, f"feed-{self._feed.adapter.name}")
        try:
            if not await cluster.topics([self._topic]):
                raise LookupError(f"create topic {self._topic}, or name another with --from")
        finally:
            await cluster.close()


async def serve(adapter: Adapter, settings: FeedSettings, topic: str) -> None:
    """Read a feed's topic until SIGTERM or SIGINT."""
    async with opened(adapter, settings) as (feed, relay):
        reader = TopicReader(feed, settings, topic)
        begin(f"feed-{adapter.name}", settings, reader.stop)

        async def reading() -> str | None:
            return reader.trouble

        async def publishing() -> str | None:
            return relay.trouble

        registry = CollectorRegistry()
        counting = asyncio.create_task(_count(feed.pool, registry))
        health = Health(registry, {"reading": reading, "publishing": publishing}, {})
        try:
            async with answering(health, settings.http_host, settings.http_port):
                await reader.run()
        finally:
            await cancel(counting)
    log.info("stopped")


async def _count(pool: asyncpg.Pool[Any], registry: CollectorRegistry) -> None:
    """Keep the metrics of what waits and what is dead."""
    gauge = Gauge(
        "feed_messages", "Messages that wait or are dead letters.", ["feed", "status"], registry=registry
    )
    while True:
        try:
            rows = await pool.fetch(SQL["counts"])
        except FAULTS:
            rows = []
        else:
            gauge.clear()
        for row in rows:
            gauge.labels(row["feed"], row["status"]).set(row["count"])
        await asyncio.sleep(TEND_SECONDS)
