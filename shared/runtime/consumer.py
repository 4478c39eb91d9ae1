"""The Kafka consumer of a service: assigns partitions, keeps offsets and passes messages to the engine.

- Reading continues from the offsets in the database, not from Kafka's, because they were committed together
  with the results. They are committed to Kafka every second, only so that the lag can be seen there. On each
  assignment all partitions are paused, then positioned by seek, then resumed, so that nothing is read from
  another offset in between.
- The range assignor and topics with equal numbers of partitions make sure that one instance sees all events
  about one person.
- If partitions are revoked, or the service stops, the current batch is finished first.
- No record may block a partition, and no partition another: see `reading` and `faststream_internals`.
- If the log has no such offset any more, see `gaps`.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy

from shared import kafka
from shared.aiokafka_internals import Record, Topic, position_of
from shared.engine.connections import WentBack
from shared.engine.engine import Engine
from shared.engine.intake import CLOCK, DeadLetter, Message
from shared.engine.storage import Place
from shared.engine.working_set import describe
from shared.metrics import ServiceMetrics
from shared.runtime.batches import Batches
from shared.runtime.brake import Brake
from shared.runtime.faststream_internals import consumer_of, undecoded, without_headers
from shared.runtime.gaps import Gaps
from shared.runtime.reading import Reader, shortened
from shared.runtime.topics import Topics
from shared.runtime.watch import Watch
from shared.settings import ServiceSettings
from shared.waiting import Abandoned, cancel, full_jitter, unless_cancelled

if TYPE_CHECKING:
    from shared.spans import Spans

log = logging.getLogger(__name__)

_faststream_log = log.getChild("faststream")
_faststream_log.setLevel(logging.ERROR)  # it warns at each start that it will not create topics

EMPTY_MS = 1
"""How long FastStream sleeps after an empty answer: `Reader` has waited for records before it gives one."""

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
        metrics: ServiceMetrics,
        committed: Callable[[], None],
        spans: Spans | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._metrics = metrics
        self._committed = committed
        self._spans = spans
        prefix = settings.topic_prefix
        self.topics = {prefix + short: short for short in engine.service.reads}
        """The full names of the topics that it reads, with their names in the catalogue."""
        self._clock = frozenset(prefix + short for short in engine.language.topics_of(CLOCK))
        self.own_topics = tuple(self.group + kind for kind in ("", ".standing", ".dead-letter", ".warning"))
        """The full names of the topics that the service writes."""
        self._logs = Topics(
            self.topics, self.own_topics, engine.storage, cluster, settings.intended_partitions
        )
        self.batches = Batches(engine, brake, metrics)
        self._gaps = Gaps(engine, self.batches, metrics)
        self._waiting: str | None = "not started"
        self._in_hand = asyncio.Lock()
        self._seeking: asyncio.Task[None] | None = None
        self._next: dict[TopicPartition, int] = {}
        self._committed_to: dict[TopicPartition, int] = {}
        self._reader: Reader | None = None
        self.watch = Watch(self.topics, metrics)
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
            ack_policy=AckPolicy.MANUAL,  # offsets are the database's: what fails is given back here
            **kafka.reading_options(self._settings) | {"batch_timeout_ms": EMPTY_MS},
            listener=self,
            parser=without_headers,
            decoder=undecoded,
            title=self._engine.service.name,
        )
        subscriber(self._consume)
        return broker, subscriber

    @property
    def incarnations(self) -> dict[str, str]:
        """The ids of the topics being read, by full name."""
        return self._logs.incarnations

    def sees(self, topic: str) -> bool:
        """Does the client know the partitions of a topic? Not if it was missing when it looked last."""
        consumer = consumer_of(self._subscriber)
        return consumer is not None and bool(consumer.partitions_for_topic(topic))

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
        return shortened([*self._reader.trouble, *self.watch.trouble])

    @property
    def day_waits(self) -> str | None:
        """What must be read before the next day begins, if one waits for that."""
        left = [] if self._reader is None else self._reader.before_the_day()
        if not left:
            return None
        first = min(left)
        others = f" and {len(left) - 1} others" if len(left) > 1 else ""
        return (
            "the next day begins when what was published before it has been read, from "
            f"{first.topic}/{first.partition}{others}"
        )

    async def start(self) -> None:
        """Join the group. Raises `KafkaError` or `OSError` if no broker answers."""
        self._waiting = "waiting for partitions"
        try:
            await self._broker.start()
        except BaseException:
            await self._broker.stop()
            raise
        self._reader = Reader(
            consumer_of(self._subscriber), lambda: self._next, self._unreadable, self._close_gap, self._clock
        )

    async def stop(self) -> None:
        """Finish and commit the current batch, and leave the group so that others take over at once."""
        self.batches.give_back.set()
        await self._stop_seeking()
        if not self._in_hand.locked():
            await self.commit()
        await self._broker.stop()
        self._logs.incarnations = {}
        self._next = {}
        self._reader = None
        self._waiting = "stopped"

    # -- partitions --------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """Before partitions go to another instance, wait until the batch is committed or given back."""
        self.batches.give_back.set()
        await self._stop_seeking()
        async with self._in_hand:
            await self.commit()
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
            except WentBack as fault:
                self._waiting = str(fault)
                return  # it will be started again
            except Exception as fault:
                attempt += 1
                self._waiting = f"the offsets cannot be read: {describe(fault)}"
                log.warning("waiting for the stored offsets", extra={"fault": describe(fault)})
                await asyncio.sleep(full_jitter(attempt))
        if self.batches.halted is not None:
            return
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        self._next = dict(positions)
        self._committed_to = dict(positions)
        self._waiting = None
        self.batches.given_back()
        consumer.resume(*positions)
        log.info("partitions assigned", extra={"partitions": len(positions)})

    async def _positions(self, assigned: set[TopicPartition]) -> dict[TopicPartition, int]:
        wrong = await self._logs.find()
        if wrong is not None:
            self._refuse(wrong)
        return await self._logs.positions(assigned)

    def check_partitions(self, found: Mapping[str, Topic]) -> None:
        """Stop reading if the topics have other numbers of partitions than when they were read first."""
        wrong = self._logs.wrong_number(found)
        if wrong is not None:
            self._refuse(wrong)

    def _refuse(self, why: str) -> None:
        if self.batches.halted is None:
            log.error("reading stops: %s", why)
            self.batches.halt(why)
            self._pause()

    async def _close_gap(self, partition: TopicPartition, fetched: bool) -> str | None:
        """Read on where the log allows it, or return why that is not possible."""
        consumer = consumer_of(self._subscriber)
        async with self._in_hand:
            if partition not in self._next:
                return None
            wanted = _nothing_at(partition, self._next[partition])
            message = self._message(wanted, datetime.now(UTC))
            going_on = await self._gaps.close(consumer, partition, message, fetched=fetched)
            if isinstance(going_on, str):
                return going_on
            if going_on < self._next[partition]:
                self._logs.went_back(partition)
            if going_on != self._next[partition]:
                self._next[partition] = going_on
                consumer.seek(partition, going_on)
            return None

    async def look(self) -> None:
        """See how far reading is, and update its metrics. To be called at intervals."""
        consumer, reader = consumer_of(self._subscriber), self._reader
        if consumer is None or reader is None:
            return
        self.watch.look(consumer, reader, self._next, busy=self._in_hand.locked())
        if not self._in_hand.locked():
            await self._pass_unreadable(reader)

    async def _pass_unreadable(self, reader: Reader) -> None:
        """Store the offsets after control records and aborted transactions, of which no message comes.

        Otherwise it would look as if retention had removed messages when it removes these.
        """
        async with self._in_hand:
            passed = {p: at for p, at in reader.read_to.items() if at > self._next.get(p, at)}
            if passed and self.batches.halted is None:
                received = datetime.now(UTC)
                last = [self._message(_nothing_at(p, at - 1), received) for p, at in passed.items()]
                await self._engine.take((), (), last)
                self._next |= passed

    def stalled(self) -> dict[TopicPartition, float]:
        """For how many seconds each partition being read has had no answer from the broker."""
        consumer, reader = consumer_of(self._subscriber), self._reader
        if consumer is None or reader is None or self._in_hand.locked():
            return {}
        return reader.stalled(consumer.assignment() - consumer.paused())

    @property
    def must_start_again(self) -> bool:
        """Whether the client may not recover by itself."""
        return self._reader is not None and self._reader.group_fault is not None

    # -- batches -----------------------------------------------------------------------------------

    async def _consume(self, records: Any) -> None:
        began = time.monotonic()
        async with self._in_hand:
            received = datetime.now(UTC)
            batch = [self._message(record, received) for record in in_order_of_arrival(records)]
            taken = False
            try:
                taken = await self.batches.take(batch)
            finally:
                if not taken:
                    self._give_back(records)
            if not taken:
                return
            self._committed()
            self.watch.take(records)
            # Records of a partition are in order, so the last one has the highest offset.
            read = {(record.topic, record.partition): record.offset + 1 for record in records}
            self._next |= {TopicPartition(*place): offset for place, offset in read.items()}
            if self.batches.give_back.is_set():
                await self.commit()
        seconds = time.monotonic() - began
        if self._spans is not None:
            self._spans.batch(batch, seconds)
        self._metrics.batch_seconds.observe(seconds)
        self._metrics.batch_size.observe(len(batch))
        for topic, number in Counter(item.topic for item in batch).items():
            self._metrics.consumed.labels(topic).inc(number)

    async def commit(self) -> None:
        """Tell Kafka up to where each partition has been processed, unless it knows. To be called often."""
        consumer = consumer_of(self._subscriber)
        if consumer is None:
            return
        new = dict(self._next.items() - self._committed_to.items())
        progress = {partition: new[partition] for partition in new.keys() & consumer.assignment()}
        if not progress:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await unless_cancelled(consumer.commit(progress))
            self._committed_to |= progress
        except (KafkaError, TimeoutError, Abandoned) as fault:
            # Harmless, because the database has the offsets.
            log.info("Kafka did not accept the commit", extra={"fault": type(fault).__name__})

    def _give_back(self, records: Iterable[Record]) -> None:
        """Read these records again. If their partitions may be revoked already, whoever gets them seeks."""
        consumer = consumer_of(self._subscriber)
        if consumer is not None and not self.batches.give_back.is_set():
            partitions = {TopicPartition(record.topic, record.partition) for record in records}
            for partition in partitions & consumer.assignment() & self._next.keys():
                consumer.seek(partition, self._next[partition])
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
            self.watch.take([record])
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
            incarnation=self._logs.incarnation(TopicPartition(record.topic, record.partition)),
            timestamp=record.timestamp if record.timestamp >= 0 else None,
        )

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset of each topic and partition that it reads."""
        return {(self.topics[p.topic], p.partition): offset for p, offset in self._next.items()}

    def fetched(self) -> dict[Place, int]:
        """Up to where each partition that it reads has been fetched; nothing while a batch is processed."""
        consumer = consumer_of(self._subscriber)
        if consumer is None or self._in_hand.locked():
            return {}
        found = {}
        for partition in consumer.assignment() - consumer.paused():
            position = position_of(consumer, partition)
            if position is not None and partition.topic in self.incarnations:
                place = (self.topics[partition.topic], partition.partition, self._logs.incarnation(partition))
                found[place] = position
        return found


def _nothing_at(partition: TopicPartition, offset: int) -> Record:
    """A record without content, for a place in a log."""
    return Record(*partition, offset, -1, 0, None, None, None, -1, -1, ())
