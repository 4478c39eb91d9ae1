"""The Kafka consumer of a service: assigns partitions, keeps offsets and passes messages to the engine.

- Reading continues from the offsets in the database, not from Kafka's, because they were committed together
  with the results. Offsets are committed to Kafka afterwards, only so that the lag can be seen. On each
  assignment all partitions are paused, then positioned by seek, then resumed, so that nothing is read from
  another offset in between.
- The range assignor and topics with equal numbers of partitions make sure that one instance sees all events
  about one person.
- If partitions are revoked, or the service stops, the current batch is finished first.
- No record may block a partition: see `UnreadableRecords` and `faststream_internals`.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import attrgetter
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
_faststream_log.setLevel(logging.ERROR)  # it warns at each start that it will not create topics

BATCH = 4_000
"""The most messages in a batch. In a large batch, each person's case is loaded and written only once."""

FETCH_BYTES = 4 * 1024 * 1024
"""Bytes fetched from one partition: enough for a batch to have many messages about the same people."""

COMMIT_SECONDS = 5.0
"""How long a commit to Kafka may take. Without a limit it would wait forever for a lost broker."""


def in_order_of_arrival(records: Iterable[Record]) -> Iterable[Record]:
    """The records of a batch by their time, each partition in its order: the client gives them by partition.

    So the brake does not take one partition's bad messages for a share of all.
    """
    partitions: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        partitions[record.topic, record.partition].append(record)
    return heapq.merge(*partitions.values(), key=attrgetter("timestamp"))


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads the service's topics and passes them to the engine. It can be started again after `stop`."""

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
        """The full names of the topics that it reads, with their names in the catalogue."""
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
            ack_policy=AckPolicy.NACK_ON_ERROR,  # the default commits first; ACK commits failed batches
            max_records=BATCH,
            batch_timeout_ms=50,  # after an empty poll it sleeps for the same time again
            auto_offset_reset="earliest",  # the default would miss existing messages
            isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=self._settings.kafka_session_timeout_ms // 10,
            rebalance_timeout_ms=60_000,  # the default of 10 s is too short to finish a batch
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
        """Why no batch can be processed at the moment; None if batches can."""
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
        """Finish and commit the current batch, and leave the group so that others take over at once."""
        self.batches.give_back.set()
        await self._stop_seeking()
        await self._broker.stop()
        self.incarnations = {}
        self._next = {}
        self._waiting = "stopped"

    # -- partitions --------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """Before partitions go to another instance, wait until the batch is committed or given back."""
        self.batches.give_back.set()
        await self._stop_seeking()
        async with self._in_hand:
            self._next = {}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Start reading from the stored offsets, without waiting, because waiting would stop heartbeats."""
        consumer = consumer_of(self._subscriber)
        # Before any other task can run, because no record may be read from a wrong offset.
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
        # If the start of a topic has expired, the reset policy goes from offset 0 to the earliest.
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
            batch = [self._message(record, received) for record in in_order_of_arrival(records)]
            if not await self.batches.take(batch):
                self._give_back(message)
                raise NackMessage
            self._committed()
            # Records of a partition are in order, so the last one has the highest offset.
            read = {(record.topic, record.partition): record.offset + 1 for record in records}
            self._next |= {TopicPartition(*place): offset for place, offset in read.items()}
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await message.ack()
            except (KafkaError, TimeoutError) as fault:
                # Harmless, because the database has the offsets. The middleware does not retry it.
                leave_offsets(message)
                log.info("Kafka did not accept the commit", extra={"fault": type(fault).__name__})
        self._metrics.batch_seconds.observe(time.monotonic() - began)
        self._metrics.batch_size.observe(len(batch))
        for topic, number in Counter(item.topic for item in batch).items():
            self._metrics.consumed.labels(topic).inc(number)

    def _give_back(self, message: KafkaMessage) -> None:
        if self.batches.give_back.is_set():
            # The partitions may be revoked already: then whoever gets them seeks.
            leave_offsets(message)
        if self.batches.halted is not None:
            # Paused partitions are still polled, so this member stays in the group.
            consumer = consumer_of(self._subscriber)
            consumer.pause(*consumer.assignment())

    async def _unreadable(self, record: Record) -> bool:
        """Make a record that the client cannot read a dead letter. Returns whether that succeeded."""
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
        """Seconds since the least recently fetched partition was fetched; 0 if none is being read."""
        consumer = consumer_of(self._subscriber)
        if consumer is None:
            return 0.0
        reading = consumer.assignment() - consumer.paused()
        last = [consumer.last_poll_timestamp(p) for p in reading]
        now = time.time()
        return max((now - max(self._assigned_at, (at or 0) / 1000) for at in last), default=0.0)

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset of each topic and partition that it reads."""
        return {(self.topics[p.topic], p.partition): offset for p, offset in self._next.items()}

    def lags(self) -> dict[tuple[str, int], int]:
        """The number of unprocessed messages in each assigned partition, if known."""
        consumer = consumer_of(self._subscriber)
        if consumer is None:
            return {}
        found = {}
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None and partition in self._next:
                key = (self.topics[partition.topic], partition.partition)
                found[key] = max(0, end - self._next[partition])
        return found
