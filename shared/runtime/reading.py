"""Reads what aiokafka has fetched, each partition by itself, so that a bad one does not hold up the others.

aiokafka raises from `getmany`, and again each time, if a partition has something that it cannot read: an
unknown codec, a damaged batch, a header name that is not UTF-8, a topic that it may not read. What it had
already taken from other partitions would be lost. So `Reader` asks for one partition at a time: for those of
which something has been fetched, as soon as there is one. If that fails, it reads fewer records, down to the
one that fails, and then leaves that partition alone for a while.

It gives a day only when what was on the topics before it has been read: see `day_order`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaError,
    OffsetOutOfRangeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from shared.aiokafka_internals import Found, Record, arrival, fetched, lenient, position_of
from shared.kafka import explain
from shared.runtime.day_order import DayOrder

log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""How long a partition that cannot be read is left alone before the next attempt."""

LOOK_SECONDS = 0.5
"""How often it looks at partitions of which nothing has been fetched, and how long it waits for records."""

FEW = 100
"""If it gets fewer records than this, it waits for others that were sent with them."""

GATHER_SECONDS = 0.005
"""How long it waits for these, in other partitions: a batch costs much more than a record in it."""

INTERRUPTED_SECONDS = 2.0
"""If a partition has not been fetched for so long, its log may be another. Kafka needs longer to start."""

UNANSWERED_SECONDS = 10.0
"""How long a day waits for a partition for which the broker does not answer."""

SHOWN = 5
"""How many faults readiness shows."""

_NOT_OF_RECORDS = (
    GroupAuthorizationFailedError,
    IllegalStateError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)
"""Faults that reading fewer records does not avoid."""

_NO_PARTITION = TopicPartition("", -1)
"""Asking for its records raises only what concerns the group as a whole."""


@dataclass
class Fault:
    """Why a partition cannot be read. Times are in seconds of `time.time()`."""

    words: str
    again_at: float
    tried_at: float | None = None


def shortened(wrong: list[str]) -> str | None:
    """What is wrong, as one text of a few items; None if nothing is."""
    more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return "; ".join(wrong[:SHOWN] + more) or None


def _number(found: Found) -> int:
    return sum(map(len, found.values()))


class Reader:
    """Replaces the `getmany` of a consumer.

    Args:
        positions: the offsets processed so far.
        dead_letter: makes a record whose headers cannot be read a dead letter; returns whether it did.
        close_gap: called if the log has no such offset, and when a partition is fetched (True) for the first
            time or after an interruption. Moves the consumer if the log is not the one that was read, or
            returns why that is not possible.
        clock: the topics (full names) whose days wait for what came before them.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        positions: Callable[[], Mapping[TopicPartition, int]],
        dead_letter: Callable[[Record], Awaitable[bool]],
        close_gap: Callable[[TopicPartition, bool], Awaitable[str | None]],
        clock: frozenset[str],
    ) -> None:
        self._consumer = consumer
        self._order = DayOrder(consumer, clock, self._readable)
        self._positions = positions
        self._dead_letter = dead_letter
        self._close_gap = close_gap
        self.faults: dict[TopicPartition, Fault] = {}
        self.group_fault: str | None = None
        """Why the consumer group cannot be used, if so. aiokafka may not recover from it: start it again."""
        self.read_to: dict[TopicPartition, int] = {}
        """The next offset of each partition of which nothing is left to process. It counts control records
        and aborted transactions too, which never become messages."""
        self._polled_at = time.time()
        self._unanswered: dict[TopicPartition, float] = {}
        self._limits: dict[TopicPartition, int] = {}
        self._empty_since: dict[TopicPartition, float] = {}
        self._last_taken: dict[TopicPartition, float] = {}
        self._fetched_at: dict[TopicPartition, float] = {}
        self._assignments = 0
        self._found: Found = {}
        """What was taken for the present request."""
        self._looked_at = 0.0
        self._read = consumer.getmany
        consumer.getmany = self._getmany

    def assigned(self) -> None:
        """Forget everything: the partitions have been assigned anew.

        What was taken before is read again. What is taken after is not, even if it is for the same request.
        """
        self._assignments += 1
        self._order.forget()
        self._found = {}
        for known in (
            self._fetched_at,
            self.faults,
            self._unanswered,
            self.read_to,
            self._limits,
            self._empty_since,
        ):
            known.clear()
        self._polled_at = time.time()

    @property
    def trouble(self) -> list[str]:
        """What cannot be read, and why."""
        group = [] if self.group_fault is None else [self.group_fault]
        return group + [self.faults[partition].words for partition in sorted(self.faults)]

    def stalled(self, reading: Collection[TopicPartition]) -> dict[TopicPartition, float]:
        """For how many seconds the broker has not answered for each of these partitions.

        Partitions with a known fault are left out, and so is the time in which nobody asks, because a batch
        is being processed.
        """
        unasked = time.time() - self._polled_at
        return {p: max(unasked, self._unanswered.get(p, 0.0)) for p in reading if p not in self.faults}

    async def _getmany(self, *, timeout_ms: int = 0, max_records: int) -> Found:  # noqa: ARG002
        # It waits for records by itself: FastStream sleeps after an empty answer.
        self._polled_at = time.time()
        try:
            await self._read(_NO_PARTITION)
        except KafkaError as fault:
            await self._group_failed(fault)
            return {}
        self.group_fault = None
        self._found = {}
        ready = await self._in_turn()
        await self._take_from(self._order.facts(ready), max_records)
        if ready and (number := _number(self._found)) < FEW:
            await asyncio.sleep(GATHER_SECONDS)
            others = [partition for partition in self._ready() if partition not in self._found]
            await self._take_from(self._order.facts(others), max_records - number)
        # However many facts there are, or a day would never begin while they fill each batch.
        await self._take_from(self._order.days(self._ready()), max_records)
        return self._found

    async def _in_turn(self) -> list[TopicPartition]:
        """The partitions of which something has been fetched: that from which was taken last is last.

        Waits a moment for the first.
        """
        ready = self._ready()
        if not ready:
            await arrival(self._consumer, within=LOOK_SECONDS)
            ready = self._ready()
        if time.time() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = time.time()
            for partition in self._reading().difference(fetched(self._consumer)):
                if not self._is_held(partition):
                    self._is_interrupted(partition)
                    self._nothing(partition)
        return sorted(ready, key=lambda p: self._last_taken.get(p, 0.0))

    def _reading(self) -> set[TopicPartition]:
        reading: set[TopicPartition] = self._consumer.assignment() - self._consumer.paused()
        return reading

    def _ready(self) -> list[TopicPartition]:
        reading = self._reading()
        ready = [p for p in fetched(self._consumer) if p in reading and not self._is_held(p)]
        return self._order.facts(ready) if self.before_the_day() else ready

    def before_the_day(self) -> list[TopicPartition]:
        """The partitions that are still to be read before the next day begins, if one waits for that."""
        return self._order.left()

    def _readable(self) -> list[TopicPartition]:
        """The partitions that hold no day up because they cannot be read."""
        return [
            partition
            for partition in self._reading() - self.faults.keys()
            if self._unanswered.get(partition, 0.0) < UNANSWERED_SECONDS
        ]

    def _is_held(self, partition: TopicPartition) -> bool:
        """Whether it is left alone because of a fault. When the time has come, it is tried again."""
        fault = self.faults.get(partition)
        if fault is None or fault.tried_at is not None:
            return False
        now = time.time()
        if now < fault.again_at:
            return True
        fault.tried_at = now
        self._rewind(partition)
        return False

    async def _take_from(self, partitions: Iterable[TopicPartition], most: int) -> None:
        for partition in partitions:
            if most <= 0:
                return
            assignment = self._assignments
            records = await self._take(partition, most)
            if not records or assignment != self._assignments:
                continue
            if in_order := self._order.in_order(partition, records):
                self._found[partition] = in_order
                most -= len(in_order)

    async def _take(self, partition: TopicPartition, most: int) -> list[Record]:
        limit = min(most, self._limits.get(partition, most))
        try:
            found: Found = await self._read(partition, timeout_ms=0, max_records=limit)
        except OffsetOutOfRangeError:
            self._hold(partition, await self._close_gap(partition, False))
            return []
        except Exception as fault:
            return await self._failed(partition, limit, fault)
        if partition not in self._consumer.assignment():
            return []  # it was revoked meanwhile
        records = found.get(partition, [])
        interrupted = self._is_interrupted(partition)
        if records and interrupted and not await self._is_same_log(partition):
            return []
        if records:
            self._taken(partition)
        else:
            self._nothing(partition)
        return records

    def _is_interrupted(self, partition: TopicPartition) -> bool:
        """Whether it had not been fetched for a while, or never, when it was fetched last."""
        fetched_at = (self._consumer.last_poll_timestamp(partition) or 0) / 1000
        pause = fetched_at - self._fetched_at.get(partition, 0.0)
        self._fetched_at[partition] = fetched_at
        return pause > INTERRUPTED_SECONDS

    async def _is_same_log(self, partition: TopicPartition) -> bool:
        before = self._positions().get(partition)
        words = await self._close_gap(partition, True)
        if words is not None:
            self._hold(partition, words)
            del self._fetched_at[partition]
        return words is None and before == self._positions().get(partition)

    def _taken(self, partition: TopicPartition) -> None:
        self._last_taken[partition] = time.time()
        for known in (self._unanswered, self.read_to, self._empty_since):
            known.pop(partition, None)
        if partition in self.faults:
            self._readable_again(partition)

    def _nothing(self, partition: TopicPartition) -> None:
        if self._positions().get(partition) is None:
            return
        now = time.time()
        fetched_at = (self._consumer.last_poll_timestamp(partition) or 0) / 1000
        empty_since = self._empty_since.setdefault(partition, now)
        self._unanswered[partition] = max(0.0, now - max(empty_since, fetched_at))
        position = position_of(self._consumer, partition)
        if position is not None:
            self.read_to[partition] = position
        fault = self.faults.get(partition)
        if fault is not None and fault.tried_at is not None and fetched_at > fault.tried_at:
            self._readable_again(partition)

    def _readable_again(self, partition: TopicPartition) -> None:
        del self.faults[partition]
        self._limits.pop(partition, None)
        log.info("a partition can be read again", extra={"place": f"{partition.topic}/{partition.partition}"})

    # -- faults ------------------------------------------------------------------------------------

    async def _group_failed(self, fault: KafkaError) -> None:
        self.group_fault = explain(fault)
        log.error("the consumer group cannot be used", extra={"fault": self.group_fault})
        await asyncio.sleep(RETRY_SECONDS / 2)

    async def _failed(self, partition: TopicPartition, limit: int, fault: Exception) -> list[Record]:
        if limit > 1 and not isinstance(fault, _NOT_OF_RECORDS):
            self._limits[partition] = limit // 2
            self._rewind(partition)
            return []
        if isinstance(fault, UnicodeDecodeError):
            return await self._read_leniently(partition)
        self._hold(partition, explain(fault))
        return []

    async def _read_leniently(self, partition: TopicPartition) -> list[Record]:
        """The records up to the end of the batch in which a header name is not UTF-8, without such ones."""
        good: list[Record] = []
        offset = position_of(self._consumer, partition)
        if offset is None:
            return []
        try:
            records, end = await lenient(self._consumer, partition, offset)
        except Exception as fault:
            self._hold(partition, explain(fault))
            return []
        for record, readable in records:
            if readable:
                good.append(record)
            elif good:
                end = record.offset  # after these are processed
                break
            elif not await self._dead_letter(record):
                self._hold(partition, "a record cannot be made a dead letter")
                return []
        if records and partition in self._consumer.assignment():
            self._consumer.seek(partition, end)
            if end > records[-1][0].offset:
                del self._limits[partition]
        return good

    def _hold(self, partition: TopicPartition, words: str | None) -> None:
        """Leave a partition alone for a while; if there are no words, nothing is wrong with it any more."""
        if words is None:
            self.faults.pop(partition, None)
            return
        offset = self._positions().get(partition)
        where = f"{partition.topic}/{partition.partition} at offset {offset}"
        self.faults[partition] = Fault(f"{where}: {words}", time.time() + RETRY_SECONDS)
        log.error("a partition cannot be read", extra={"place": where, "fault": words})
        self._rewind(partition)

    def _rewind(self, partition: TopicPartition) -> None:
        """Drop what was fetched of a partition, and fetch it again from what was processed last."""
        offset = self._positions().get(partition)
        if offset is not None and partition in self._consumer.assignment():
            self._consumer.seek(partition, offset)
