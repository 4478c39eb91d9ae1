"""Runs a feed: takes its messages, fetches their details, and publishes what they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry, Gauge

from feeds.adapters import Adapter
from feeds.client import Details, Unavailable
from feeds.codes import release
from feeds.intake import Intake
from feeds.message import Message, Untranslatable
from feeds.policy import policy
from feeds.postgres import DATABASE, SQL, Postgres
from feeds.registry import ADAPTERS, JOINS
from feeds.settings import FeedSettings
from feeds.store import Taken
from shared import kafka
from shared.calendar import london_date
from shared.connecting import Unusable, database_trouble, kafka_trouble
from shared.database import check
from shared.engine.connections import FAULTS
from shared.engine.erasing import check_key, hash_of_key
from shared.engine.relay import Relay
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.waiting import cancel, full_jitter, is_set

log = logging.getLogger(__name__)

PAGE = 500
"""How many messages are read again in one go."""

TEND_SECONDS = 30.0
"""How often it fetches again what could not be fetched, and looks for messages that wait too long."""

DRAIN_SECONDS = 60.0
"""How long a feed that ends goes on publishing. What is left is published by the next one that runs."""


class Feed:
    """One feed with its store. `now` is the clock of receipt."""

    def __init__(
        self,
        adapter: Adapter,
        store: Postgres,
        details: Details,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.adapter = adapter
        self.pool = store.pool
        self._store = store
        self._details = details
        self._wake = wake
        self._now = now
        self.intake = Intake(store, ADAPTERS, JOINS)

    async def take(self, message: Message) -> Taken | None:
        """Take one message, with its detail if it needs one; None if it is known already.

        If the detail cannot be fetched now the message is kept, and `tend` tries again.
        """
        taken = await self.intake.take(self.adapter.name, message, self._now())
        if taken is not None and taken.needs is not None:
            taken = await self._with_detail(taken.number, message, taken.needs) or taken
        self._wake()
        return taken

    async def _with_detail(self, number: int, message: Message, url: str) -> Taken | None:
        try:
            detail = await self._details.fetch(url)
        except Unavailable as fault:
            log.warning("a detail cannot be fetched yet", extra={"why": str(fault)})
            return None
        except Untranslatable as fault:
            return await self.intake.refuse(number, fault.letter, self._now())
        fetched = self._now()
        complete = Message(
            message.body, message.attributes, message.received, message.origin, detail, fetched
        )
        return await self.intake.add_detail(number, complete, fetched)

    async def tend(self) -> None:
        """Read again what was never read, or was read by other tables; alarm what waits for too long."""
        last = 0
        while numbers := await self._outdated(last):
            for number in numbers:
                last = number
                async with self._store.transaction() as transaction:
                    _, message = await transaction.message(number)
                url = self.intake.needs(self.adapter.name, message)
                if url is not None:
                    await self._with_detail(number, message, url)
                else:
                    await self.intake.again([number], self._now())
        self._wake()
        await self.alarm()

    async def _outdated(self, after: int) -> list[int]:
        rows = await self._store.pool.fetch(SQL["outdated"], self.adapter.name, release(), after, PAGE)
        return [row["number"] for row in rows]

    async def alarm(self) -> list[int]:
        """Alarm, once each, the messages that have waited for longer than policy says."""
        hours = policy(london_date(self._now())).integer("alarm_after_hours")
        rows = await self._store.pool.fetch(SQL["late"], self._now(), hours)
        for row in rows:
            log.error("a message waits for too long", extra={"feed": row["feed"], "number": row["number"]})
        return [row["number"] for row in rows]


async def run_once(feed: Feed, messages: Iterable[Message]) -> list[Taken]:
    """Take messages until there are no more; returns what became of the new ones in the end."""
    await feed.tend()
    taken = [one for message in messages if (one := await feed.take(message)) is not None]
    left = {row["number"] for row in await feed.pool.fetch(SQL["open"], feed.adapter.name)}
    return [one if one.number in left else Taken(one.number) for one in taken]


@asynccontextmanager
async def opened(
    adapter: Adapter, settings: FeedSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[tuple[Feed, Relay]]:
    """A feed whose events are published while the block runs and, when it ends, until none is left.

    Raises `Unusable` if the database cannot be used.
    """
    address = settings.database_url.get_secret_value()
    try:
        pool = await asyncpg.create_pool(address, min_size=0, max_size=4, command_timeout=60)
        async with pool.acquire() as connection:
            await check(connection, DATABASE)
            await _check_key(connection, settings.hashing_key)
    except Exception as fault:
        trouble = database_trouble(fault, address)
        if trouble is None:
            raise
        raise Unusable(trouble.what) from None
    relay = Relay(
        lambda: asyncpg.connect(address),
        lambda: kafka.producer(settings, f"feed-{adapter.name}"),
        settings.topic_prefix,
    )
    token = settings.feed_token.get_secret_value() if settings.feed_token else None
    details = Details([url for url in settings.feed_detail_urls.split(",") if url], token)
    publishing = asyncio.create_task(relay.run())
    try:
        yield Feed(adapter, Postgres(pool, settings.hashing_key), details, relay.wake, now), relay
    finally:
        relay.stop(DRAIN_SECONDS)
        try:
            async with asyncio.timeout(DRAIN_SECONDS + 5):
                await publishing
        except TimeoutError:
            await cancel(publishing)
        await details.close()
        await pool.close()


async def _check_key(connection: Any, key: bytes | None) -> None:
    hashes = {row["hash"] for row in await connection.fetch("select hash from erased limit 2")}
    known = bool(await connection.fetchval("select 1 from erased where hash = $1", hash_of_key(key)))
    check_key(key, used=bool(hashes), known=known)


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
