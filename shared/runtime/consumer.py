"""The Kafka consumer of a service: assigns partitions, keeps offsets and passes messages to the engine.

- Reading continues from the offsets in the database, not from Kafka's, because they were committed together
  with the results. Offsets are committed to Kafka afterwards, only so that the lag can be seen. On each
  assignment all partitions are paused, then positioned by seek, then resumed, so that nothing is read from
  another offset in between.
- The range assignor and topics with equal numbers of partitions make sure that one instance sees all events
  about one person.
- If partitions are revoked, or the service stops, the current batch is finished first.
- No record may block a partition, and no partition another: see `reading` and `faststream_internals`.
- If the log has no such offset any more, see `_out_of_range`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka.annotations import KafkaMessage

from shared import kafka
from shared.aiokafka_internals import Record, Topic
from shared.engine.engine import Engine
from shared.engine.intake import DeadLetter, Message
from shared.engine.working_set import describe
from shared.observe import Metrics
from shared.runtime.batches import Batches
from shared.runtime.brake import Brake
from shared.runtime.faststream_internals import consumer_of, leave_offsets, undecoded, without_headers
from shared.runtime.gaps import log_went_back, removed_unread
from shared.runtime.partitions import wrong_number
from shared.runtime.progress import Progress, Seen
from shared.runtime.reading import Reader
from shared.settings import ServiceSettings
from shared.waiting import cancel, full_jitter

log = logging.getLogger(__name__)

_faststream_log = log.getChild("faststream")
_faststream_log.setLevel(logging.ERROR)  # it warns at each start that it will not create topics

BATCH = 4_000
"""The most messages in a batch. In a large batch, each person's case is loaded and written only once."""

FETCH_BYTES = 4 * 1024 * 1024
"""Bytes fetched from one partition: enough for a batch to have many messages about the same people."""

KAFKA_SECONDS = 5.0
"""How long Kafka may take to commit or to say where a log begins and ends, else it could take forever."""

SHOWN = 5
"""How many faults readiness shows."""


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
        self.own_topics = (self.group, f"{self.group}.dead-letter")
        """The full names of the topics that the service writes."""
        self.incarnations: dict[str, str] = {}
        """The ids of the topics being read, by full name."""
        self.batches = Batches(engine, brake, metrics)
        self._waiting: str | None = "not started"
        self._in_hand = asyncio.Lock()
        self._seeking: asyncio.Task[None] | None = None
        self._next: dict[TopicPartition, int] = {}
        self._partitions: dict[str, Topic] = {}
        self._taken = 0
        self._reader: Reader | None = None
        self.progress = Progress()
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
            auto_offset_reset="none",  # a reset would pass over what retention removed or Kafka lost
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
        """What cannot be processed at the moment, and why; None if all can."""
        stopped = self.batches.halted or self._waiting or self.batches.trouble
        if stopped or self._reader is None:
            return stopped
        faults = [self._reader.faults[p].words for p in sorted(self._reader.faults)]
        wrong = [*filter(None, [self._reader.group_fault]), *faults, *self.progress.trouble(time.time())]
        if len(wrong) > SHOWN:
            wrong[SHOWN:] = [f"and {len(wrong) - SHOWN} more"]
        return "; ".join(wrong) or None

    async def start(self) -> None:
        """Join the group. Raises `KafkaError` or `OSError` if no broker answers."""
        self._waiting = "waiting for partitions"
        try:
            await self._broker.start()
        except BaseException as fault:
            await self._broker.stop()
            if isinstance(fault, KafkaError):
                raise LookupError(kafka.explain(fault)) from fault
            raise
        self._reader = Reader(
            consumer_of(self._subscriber), lambda: self._next, self._unreadable, self._out_of_range
        )

    async def stop(self) -> None:
        """Finish and commit the current batch, and leave the group so that others take over at once."""
        self.batches.give_back.set()
        await self._stop_seeking()
        await self._broker.stop()
        self.incarnations = {}
        self._next = {}
        self._reader = None
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
        if self._reader is not None:
            self._reader.assigned()
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
                why = str(fault) if isinstance(fault, LookupError) else describe(fault)
                self._waiting = f"the offsets cannot be read: {why}"
                log.warning("waiting for the stored offsets", extra={"fault": why})
                await asyncio.sleep(full_jitter(attempt))
        if self.batches.halted is not None:
            return
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        self._next = dict(positions)
        self._waiting = None
        consumer.resume(*positions)
        log.info("partitions assigned", extra={"partitions": len(positions)})

    async def _positions(self, assigned: set[TopicPartition]) -> dict[TopicPartition, int]:
        found = await self._cluster.topics(self.topics)
        self.check_partitions(found)
        missing = {p.topic for p in assigned} - set(found)
        if missing:
            wrong = await self._cluster.unusable(missing)
            raise LookupError("; ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.incarnations = {name: topic.id for name, topic in found.items()}
        stored = await self._engine.storage.offsets()
        return {
            p: stored.get((self.topics[p.topic], p.partition, self.incarnations[p.topic]), 0)
            for p in assigned
        }

    def check_partitions(self, found: Mapping[str, Topic]) -> None:
        """Stop reading if the topics have other numbers of partitions than they had or should have."""
        wrong = wrong_number(found, self._partitions, self._settings.intended_partitions)
        self._partitions |= found
        if wrong is not None and self.batches.halted is None:
            log.error("reading stops: %s", wrong)
            self.batches.halt(wrong)
            self._pause()

    async def _out_of_range(self, partition: TopicPartition) -> str | None:
        """The log has no such offset. Read on where it has one, or return why that is not possible.

        If retention removed messages, read on at the first that is left. If the log ends before the offset,
        Kafka has lost messages and gives their offsets to others: read the partition again from its start.
        Either way a dead letter tells people, and keeps the service unready until they have closed it.
        """
        consumer = consumer_of(self._subscriber)
        async with self._in_hand:
            offset = self._next.get(partition)
            if offset is None:
                return None
            try:
                async with asyncio.timeout(KAFKA_SECONDS):
                    start = (await consumer.beginning_offsets([partition]))[partition]
                    end = (await consumer.end_offsets([partition]))[partition]
                if start <= offset <= end:
                    return None
                known = {topic for topic, _, _ in await self._engine.storage.offsets()}
            except Exception as fault:
                return f"the log has no such offset, and where it begins is not known: {describe(fault)}"
            message = self._message(_nothing_at(partition, offset), datetime.now(UTC))
            if offset > end:
                done = await self.batches.set_aside(log_went_back(message, end), read_again_from=start)
            elif message.topic not in known:
                done = True  # a new service: what was there before it is not lost
            else:
                done = await self.batches.set_aside(removed_unread(message, start))
                lost = self._metrics.messages_lost.labels(message.topic, str(message.partition))
                lost.inc(start - offset if done else 0)
            if not done:
                return f"the log has offsets {start} to {end} only"
            self._next[partition] = start
            consumer.seek(partition, start)
            return None

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
            self._taken += len(batch)
            # Records of a partition are in order, so the last one has the highest offset.
            read = {(record.topic, record.partition): record.offset + 1 for record in records}
            self._next |= {TopicPartition(*place): offset for place, offset in read.items()}
            try:
                async with asyncio.timeout(KAFKA_SECONDS):
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
            self._pause()

    def _pause(self) -> None:
        # Paused partitions are still polled, so this member stays in the group.
        consumer = consumer_of(self._subscriber)
        if consumer is not None:
            consumer.pause(*consumer.assignment())

    async def _unreadable(self, record: Record) -> bool:
        """Make a record that the client cannot read a dead letter. Returns whether that succeeded."""
        async with self._in_hand:
            explanation = "the name of a header is not UTF-8: send it again with names in UTF-8"
            if not await self.batches.set_aside(
                DeadLetter(self._message(record, datetime.now(UTC)), "unreadable", explanation)
            ):
                return False
            self._committed()
            self._taken += 1
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

    async def look(self) -> None:
        """Note how far reading is. To be called at intervals."""
        self.progress.observe(self._seen(), self._taken, time.time())
        if not self._in_hand.locked():
            await self._pass_unreadable()

    async def _pass_unreadable(self) -> None:
        """Store the offsets after control records and aborted transactions, of which no message comes.

        Otherwise it would look as if retention had removed messages when it removes these.
        """
        async with self._in_hand:
            read_to = {} if self._reader is None else self._reader.read_to
            passed = {p: at for p, at in read_to.items() if at > self._next.get(p, at)}
            if passed and self.batches.halted is None:
                last = [self._message(_nothing_at(p, at - 1), datetime.now(UTC)) for p, at in passed.items()]
                await self._engine.take((), (), last)
                self._next |= passed

    def _seen(self) -> dict[TopicPartition, Seen]:
        consumer = consumer_of(self._subscriber)
        seen: dict[TopicPartition, Seen] = {}
        if consumer is None or self._reader is None:
            return seen
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            stable = consumer.last_stable_offset(partition)
            if end is not None and partition in self._next:
                readable = end if stable is None or stable < 0 else stable
                position = max(self._next[partition], self._reader.read_to.get(partition, 0))
                seen[partition] = Seen(position, readable, end)
        return seen

    def measure(self) -> None:
        """Update the metrics of reading."""
        metrics, now = self._metrics, time.time()
        for gauge in (metrics.lag, metrics.unfinished):
            gauge.clear()
        for partition, seen in self.progress.seen.items():
            labels = (self.topics[partition.topic], str(partition.partition))
            metrics.lag.labels(*labels).set(seen.lag)
            metrics.unfinished.labels(*labels).set(seen.unfinished)
        metrics.no_progress.set(self.progress.seconds_without(now))
        metrics.unreadable.set(0 if self._reader is None else len(self._reader.faults))
        metrics.fetch_age.set(max(self.stalled().values(), default=0.0))

    def stalled(self) -> dict[TopicPartition, float]:
        """For how many seconds each partition being read has had no answer from the broker."""
        consumer, reader = consumer_of(self._subscriber), self._reader
        if consumer is None or reader is None or self._in_hand.locked():
            return {}
        reading = consumer.assignment() - consumer.paused() - set(reader.faults)
        unasked = time.time() - reader.polled_at
        return {p: max(unasked, reader.stalled.get(p, 0.0)) for p in reading}

    @property
    def lost_group_at(self) -> float | None:
        """Since when (`time.time()`) the client has failed in a way that another attempt may not mend."""
        return self._reader.group_fault_since if self._reader is not None else None

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset of each topic and partition that it reads."""
        return {(self.topics[p.topic], p.partition): offset for p, offset in self._next.items()}


def _nothing_at(partition: TopicPartition, offset: int) -> Record:
    """A record without content, for a place in a log."""
    return Record(*partition, offset, 0, 0, None, None, None, -1, -1, ())
