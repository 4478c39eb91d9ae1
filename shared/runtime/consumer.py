"""Messages into the engine: which are read, from where, and what happens when a batch cannot be taken.

- The offsets stored in the database say where to read on, not Kafka's: they were committed with what
  was read. Kafka gets its commit afterwards, for those who watch the lag. On each assignment all
  partitions are paused, then sought, then resumed: nothing is read from another place in between.
- Partitions are assigned by range over topics with equal numbers of partitions, so that one instance
  sees all events of one person.
- A batch is repeated until it is committed. While the database is away, or two batches wait for each
  other, the handler waits and tries again; before Kafka would take the partitions away it gives the
  batch back, to be read again.
- PostgreSQL refuses some data for ever (class 22, 23, 54). When that repeats, the messages are taken
  one by one, and the one that is refused becomes a dead letter.
- When partitions are taken away, or the service stops, the batch in hand is finished first.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka.annotations import KafkaMessage
from faststream.message import AckStatus, StreamMessage

from shared import kafka
from shared.engine import store
from shared.engine.engine import Superseded
from shared.engine.intake import DeadLetter, Message
from shared.engine.queries import SQL
from shared.observe import Metrics
from shared.runtime.brake import Braked, BrakedEngine
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

_faststream_log = log.getChild("faststream")
_faststream_log.setLevel(logging.ERROR)  # it warns at each start that it will not make topics

BATCH = 500
"""Messages in a transaction: more gain little, and make everyone wait longer for each other."""

GIVE_BACK_SECONDS = 60.0
"""How long a batch is tried in the handler; Kafka waits five minutes before it takes partitions away."""

REFUSED_DATA = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What PostgreSQL will refuse again: classes 22, 23 and 54."""

Records = tuple[ConsumerRecord[bytes, bytes], ...]


def full_jitter(attempt: int) -> float:
    """Seconds to wait before trying again: anything up to a bound that doubles from 0.1 to 10 s."""
    return random.uniform(0, min(10.0, 0.1 * 2 ** min(attempt, 10)))  # noqa: S311 - no secret


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads the service's topics into its engine. `start` and `stop` it; it can be started again."""

    def __init__(
        self,
        engine: BrakedEngine,
        settings: ServiceSettings,
        cluster: kafka.Cluster,
        metrics: Metrics,
        committed: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._cluster = cluster
        self._metrics = metrics
        self._committed = committed
        prefix = settings.topic_prefix
        self.topics = {prefix + short: short for short in engine.service.reads}
        """The full names of the topics it reads, and their names in the catalogue."""
        self.incarnations: dict[str, str] = {}
        """The ids of the topics being read, by full name."""
        self.trouble: str | None = "not started"
        """Why no batch can be taken at the moment, if so."""
        self.superseded = asyncio.Event()
        """A newer release is at work: this instance must end."""
        self._halted: str | None = None
        self._failures = 0
        self._in_hand = asyncio.Lock()
        self._give_back = asyncio.Event()
        self._seeking: asyncio.Task[None] | None = None
        self._next: dict[TopicPartition, int] = {}
        self._assigned_at = time.time()
        self._broker, self._subscriber = self._subscribe()

    def _subscribe(self) -> tuple[Any, Any]:
        broker = kafka.broker(
            self._settings,
            self._engine.service.name,
            logger=_faststream_log,
            log_level=logging.DEBUG,
        )
        subscriber = broker.subscriber(
            *self.topics,
            batch=True,
            group_id=self.group,
            ack_policy=AckPolicy.NACK_ON_ERROR,  # the default would commit first, ACK also what failed
            max_records=BATCH,
            batch_timeout_ms=50,  # an empty poll sleeps once more for the same time
            auto_offset_reset="earliest",  # the default would miss what is there already
            isolation_level="read_committed",
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=self._settings.kafka_session_timeout_ms // 10,
            rebalance_timeout_ms=60_000,  # the default, 10 s, is too short to finish a batch
            max_poll_interval_ms=300_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=self,
            parser=_without_headers,
            decoder=_undecoded,
            title=self._engine.service.name,
        )
        subscriber(self._consume)
        return broker, subscriber

    @property
    def group(self) -> str:
        """The consumer group."""
        return self._settings.topic_prefix + self._engine.service.name

    async def start(self) -> None:
        """Join the group. Raises `KafkaError` or `OSError` if no broker answers."""
        self._give_back.clear()
        self.trouble = self._halted or "waiting for partitions"
        try:
            await self._broker.start()
        except BaseException:
            await self._broker.stop()
            raise

    async def stop(self) -> None:
        """Finish the batch in hand, commit it, and leave the group so that others take over at once."""
        self._give_back.set()
        await self._stop_seeking()
        await self._broker.stop()
        self.incarnations = {}
        self._next = {}
        self.trouble = self._halted or "stopped"

    def halt(self, why: str) -> None:
        """Take no more batches, for good."""
        self._halted = self.trouble = why
        self._give_back.set()
        consumer = self._subscriber.consumer
        if consumer is not None:
            consumer.pause(*consumer.assignment())

    # -- partitions --------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """Partitions will go to someone: wait until the batch in hand is done or given back."""
        self._give_back.set()
        await self._stop_seeking()
        async with self._in_hand:
            self._next = {}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Read on from the stored offsets; not waited for here, since heartbeats stand still meanwhile."""
        consumer = self._subscriber.consumer
        # First of all, before any other task can run: no record of a wrong position may be read.
        consumer.pause(*assigned)
        self._metrics.rebalances.inc()
        self._assigned_at = time.time()
        await self._stop_seeking()
        if self._halted is None:
            self._give_back.clear()
            self._seeking = asyncio.create_task(self._seek(consumer, assigned))

    async def _stop_seeking(self) -> None:
        task, self._seeking = self._seeking, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _seek(self, consumer: Any, assigned: set[TopicPartition]) -> None:
        attempt = 0
        while True:
            try:
                positions = await self._positions(assigned)
                break
            except Exception as fault:
                attempt += 1
                self.trouble = f"the offsets cannot be read: {store.describe(fault)}"
                log.warning("waiting for the stored offsets", extra={"fault": store.describe(fault)})
                await asyncio.sleep(full_jitter(attempt))
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        self._next = dict(positions)
        self.trouble = None
        consumer.resume(*positions)
        log.info("partitions assigned", extra={"partitions": len(positions)})

    async def _positions(self, assigned: set[TopicPartition]) -> dict[TopicPartition, int]:
        found = await self._cluster.topics(self.topics)
        self.incarnations = {name: topic.id for name, topic in found.items()}
        async with self._engine.pool.acquire() as connection:
            rows = await connection.fetch(SQL["load_offsets"])
        stored = {(r["topic"], r["partition"], r["incarnation"]): r["next_offset"] for r in rows}
        # Offset 0 of a topic of which the beginning has expired: the reset policy goes to the earliest.
        return {
            p: stored.get((self.topics[p.topic], p.partition, self.incarnations[p.topic]), 0)
            for p in assigned
        }

    # -- batches -----------------------------------------------------------------------------------

    async def _consume(self, message: KafkaMessage) -> None:
        records: Any = message.raw_message
        began = time.monotonic()
        async with self._in_hand:
            batch = [self._message(record) for record in records]
            if not await self._take(batch):
                if self._give_back.is_set():
                    # The partitions may be gone: the next assignment seeks, in whoever's hands.
                    message.committed = AckStatus.NACKED
                raise NackMessage
            self._committed()
            for record in records:
                self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
            try:
                await message.ack()
            except KafkaError as fault:
                # Of no consequence: the database has the offsets. Not tried again by the middleware.
                message.committed = AckStatus.ACKED
                log.info("Kafka did not take the commit", extra={"fault": type(fault).__name__})
        self._metrics.batch_seconds.observe(time.monotonic() - began)
        self._metrics.batch_size.observe(len(batch))
        for item in batch:
            self._metrics.consumed.labels(item.topic).inc()

    def _message(self, record: ConsumerRecord[bytes, bytes]) -> Message:
        return Message(
            topic=self.topics[record.topic],
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            headers=[(name, value or b"") for name, value in record.headers],
            received=datetime.now(UTC),
            incarnation=self.incarnations[record.topic],
        )

    async def _take(self, batch: Sequence[Message]) -> bool:
        """Commit the batch; false if it must be given back."""
        until = time.monotonic() + GIVE_BACK_SECONDS
        refused = 0
        while self._halted is None:
            try:
                await (self._take_singly(batch) if refused > 1 else self._handle(batch))
            except Superseded as fault:
                log.error("this instance is superseded and stops: %s", fault)
                self.halt(str(fault))
                self.superseded.set()
            except Braked as fault:
                log.error("the brake is on: %s", fault)
                self._metrics.braked.set(1)
                self.halt(str(fault))
            except Exception as fault:
                refused += isinstance(fault, REFUSED_DATA)
                if not await self._wait(fault, until):
                    return False
            else:
                self._failures = 0
                self.trouble = None
                return True
        return False

    async def _handle(self, batch: Sequence[Message]) -> None:
        await self._engine.handle(batch)
        self._engine.brake.accept()

    async def _wait(self, fault: Exception, until: float) -> bool:
        """Wait before the next attempt; false if there shall be none."""
        self._failures += 1
        what = getattr(fault, "sqlstate", None) or type(fault).__name__
        self._metrics.retries.labels(what).inc()
        if self._failures > 1:  # the first may be a deadlock that is gone by now
            self.trouble = f"a batch cannot be committed: {store.describe(fault)}"
        seconds = full_jitter(self._failures)
        log.warning(
            "a batch is tried again", extra={"fault": store.describe(fault), "code": what, "seconds": seconds}
        )
        try:
            async with asyncio.timeout(seconds):
                await self._give_back.wait()
        except TimeoutError:
            return time.monotonic() < until
        return False

    async def _take_singly(self, batch: Sequence[Message]) -> None:
        """Take the messages one by one; what the database refuses becomes a dead letter."""
        for message in batch:
            try:
                await self._handle([message])
            except REFUSED_DATA as fault:
                code = fault.sqlstate
                letter = DeadLetter(
                    message, "store_error", f"PostgreSQL refuses it: {type(fault).__name__} {code}"
                )
                self._engine.brake.judge(0, 1)
                async with self._engine.pool.acquire() as connection, connection.transaction():
                    await store.bury(connection, self._engine.service, [letter])
                    await store.save_offsets(connection, [message])
                self._engine.brake.accept()
                self._engine.tally.dead += 1
                log.error("the database refuses a message", extra={"topic": message.topic, "code": code})

    # -- health ------------------------------------------------------------------------------------

    def stalled_seconds(self) -> float:
        """Since when the partition was not fetched that was fetched longest ago; 0 if none is read."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return 0.0
        reading = consumer.assignment() - consumer.paused()
        last = [consumer.last_poll_timestamp(p) for p in reading]
        now = time.time()
        return max((now - max(self._assigned_at, (at or 0) / 1000) for at in last), default=0.0)

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """The offset at which it will read on, by topic and partition; only what it reads."""
        return {(self.topics[p.topic], p.partition): offset for p, offset in self._next.items()}

    def lags(self) -> dict[tuple[str, int], int]:
        """How many messages of each assigned partition are not taken yet, where that is known."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return {}
        found = {}
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None and partition in self._next:
                place = (self.topics[partition.topic], partition.partition)
                found[place] = max(0, end - self._next[partition])
        return found


async def _without_headers(
    batch: Records, original: Callable[[Records], Awaitable[StreamMessage[Any]]]
) -> StreamMessage[Any]:
    # FastStream decodes every header; one that is null or not UTF-8 raises there, and the whole batch
    # would be lost without a word. It needs none of them; the handler gets the records as they came.
    message = await original(tuple(dataclasses.replace(record, headers=()) for record in batch))
    message.raw_message = batch
    return message


async def _undecoded(message: StreamMessage[Any]) -> Any:
    # Decoding by content type would raise on bad JSON before the handler is called, again and again.
    return message.raw_message
