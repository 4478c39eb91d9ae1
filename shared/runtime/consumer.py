"""Messages into the engine: which are read, from where, and by whom.

- The offsets stored in the database say where to read on, not Kafka's: they were committed with what
  was read. Kafka gets its commit afterwards, for those who watch the lag. On each assignment all
  partitions are paused, then sought, then resumed: nothing is read from another place in between.
- Partitions are assigned by range over topics with equal numbers of partitions, so that one instance
  sees all events of one person.
- When partitions are taken away, or the service stops, the batch in hand is finished first.
- No record may stop a partition: see `UnreadableRecords` and `faststream_internals`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka.annotations import KafkaMessage

from shared import kafka
from shared.aiokafka_internals import Record, UnreadableRecords
from shared.engine.engine import Engine
from shared.engine.intake import DeadLetter, Message
from shared.engine.working_set import describe
from shared.observe import Metrics
from shared.runtime.batches import Batches
from shared.runtime.brake import Brake
from shared.runtime.faststream_internals import consumer_of, leave_offsets, undecoded, without_headers
from shared.settings import ServiceSettings
from shared.waiting import cancel, full_jitter

log = logging.getLogger(__name__)

_faststream_log = log.getChild("faststream")
_faststream_log.setLevel(logging.ERROR)  # it warns at each start that it will not make topics

BATCH = 4_000
"""Messages taken at once, at the most: what concerns one person is then loaded and written once."""

FETCH_BYTES = 4 * 1024 * 1024
"""Of one partition at once: so much that a batch has many messages of the same people, not a few of all."""

COMMIT_SECONDS = 5.0
"""How long Kafka may take to note what was read. It would wait for a lost broker without end."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads the service's topics into its engine. `start` and `stop` it; it can be started again."""

    def __init__(
        self,
        engine: Engine,
        brake: Brake,
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
        self.batches = Batches(engine, brake, metrics)
        self._waiting: str | None = "not started"
        self._in_hand = asyncio.Lock()
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
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=self._settings.kafka_session_timeout_ms // 10,
            rebalance_timeout_ms=60_000,  # the default, 10 s, is too short to finish a batch
            max_poll_interval_ms=300_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=self,
            parser=without_headers,
            decoder=undecoded,
            title=self._engine.service.name,
        )
        subscriber(self._consume)
        return broker, subscriber

    @property
    def group(self) -> str:
        """The consumer group."""
        return self._settings.topic_prefix + self._engine.service.name

    @property
    def trouble(self) -> str | None:
        """Why no batch can be taken at the moment, if so."""
        return self.batches.halted or self._waiting or self.batches.trouble

    async def start(self) -> None:
        """Join the group. Raises `KafkaError` or `OSError` if no broker answers."""
        self._waiting = "waiting for partitions"
        try:
            await self._broker.start()
        except BaseException:
            await self._broker.stop()
            raise
        UnreadableRecords(consumer_of(self._subscriber), lambda: self._next, self._unreadable)

    async def stop(self) -> None:
        """Finish the batch in hand, commit it, and leave the group so that others take over at once."""
        self.batches.give_back.set()
        await self._stop_seeking()
        await self._broker.stop()
        self.incarnations = {}
        self._next = {}
        self._waiting = "stopped"

    # -- partitions --------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """Partitions will go to someone: wait until the batch in hand is done or given back."""
        self.batches.give_back.set()
        await self._stop_seeking()
        async with self._in_hand:
            self._next = {}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Read on from the stored offsets; not waited for here, since heartbeats stand still meanwhile."""
        consumer = consumer_of(self._subscriber)
        # First of all, before any other task can run: no record of a wrong position may be read.
        consumer.pause(*assigned)
        self._metrics.rebalances.inc()
        self._assigned_at = time.time()
        await self._stop_seeking()
        if self.batches.halted is None:
            self.batches.give_back.clear()
            self._seeking = asyncio.create_task(self._seek(consumer, assigned))

    async def _stop_seeking(self) -> None:
        task, self._seeking = self._seeking, None
        if task is not None:
            await cancel(task)

    async def _seek(self, consumer: Any, assigned: set[TopicPartition]) -> None:
        attempt = 0
        while True:
            try:
                positions = await self._positions(assigned)
                break
            except Exception as fault:
                attempt += 1
                self._waiting = f"the offsets cannot be read: {describe(fault)}"
                log.warning("waiting for the stored offsets", extra={"fault": describe(fault)})
                await asyncio.sleep(full_jitter(attempt))
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        self._next = dict(positions)
        self._waiting = None
        consumer.resume(*positions)
        log.info("partitions assigned", extra={"partitions": len(positions)})

    async def _positions(self, assigned: set[TopicPartition]) -> dict[TopicPartition, int]:
        found = await self._cluster.topics(self.topics)
        self.incarnations = {name: topic.id for name, topic in found.items()}
        stored = await self._engine.storage.offsets()
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
            received = datetime.now(UTC)
            batch = [self._message(record, received) for record in records]
            if not await self.batches.take(batch):
                self._give_back(message)
                raise NackMessage
            self._committed()
            # Records of one partition are in order: the last one counts.
            read = {(record.topic, record.partition): record.offset + 1 for record in records}
            self._next |= {TopicPartition(*place): offset for place, offset in read.items()}
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await message.ack()
            except (KafkaError, TimeoutError) as fault:
                # Of no consequence: the database has the offsets. Not tried again by the middleware.
                leave_offsets(message)
                log.info("Kafka did not take the commit", extra={"fault": type(fault).__name__})
        self._metrics.batch_seconds.observe(time.monotonic() - began)
        self._metrics.batch_size.observe(len(batch))
        for topic, number in Counter(item.topic for item in batch).items():
            self._metrics.consumed.labels(topic).inc(number)

    def _give_back(self, message: KafkaMessage) -> None:
        if self.batches.give_back.is_set():
            # The partitions may be gone: the next assignment seeks, in whoever's hands.
            leave_offsets(message)
        if self.batches.halted is not None:
            # Members that are only paused go on to be asked, and keep their partitions.
            consumer = consumer_of(self._subscriber)
            consumer.pause(*consumer.assignment())

    async def _unreadable(self, record: Record) -> bool:
        """A record that the client cannot read becomes a dead letter; whether it did."""
        async with self._in_hand:
            where = f"{record.topic}/{record.partition}/{record.offset}"
            explanation = f"the name of a header is not UTF-8; the message stays in Kafka at {where}"
            if not await self.batches.set_aside(
                DeadLetter(self._message(record, datetime.now(UTC)), "unreadable", explanation)
            ):
                return False
            self._committed()
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
            return True

    def _message(self, record: Record, received: datetime) -> Message:
        return Message(
            topic=self.topics[record.topic],
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            headers=[(name, value or b"") for name, value in record.headers],
            received=received,
            incarnation=self.incarnations[record.topic],
        )

    # -- health ------------------------------------------------------------------------------------

    def stalled_seconds(self) -> float:
        """Since when the partition was not fetched that was fetched longest ago; 0 if none is read."""
        consumer = consumer_of(self._subscriber)
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
        consumer = consumer_of(self._subscriber)
        if consumer is None:
            return {}
        found = {}
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None and partition in self._next:
                place = (self.topics[partition.topic], partition.partition)
                found[place] = max(0, end - self._next[partition])
        return found
