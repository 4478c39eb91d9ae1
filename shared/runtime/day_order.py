"""Lets a day begin only when what was on the topics before it has been read.

Days are few messages on one partition. A service that has much to read, because it is new or was down, would
read them all at once: they would begin while most facts are still on their topics, and deadlines would be
missed whose facts come next. So a day waits until each other partition has been read up to a message that is
not older than the day, by Kafka's timestamps, or up to where it ended when the day was read first. Facts wait
for nothing: those that are newer than a day may be read before it.

Whatever the timestamps, a day never waits for what comes after it was read. It does not wait for a partition
that cannot be read, nor for what another instance reads: what of that is late is taken as any late fact is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.aiokafka_internals import Record, position_of


def readable_to(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    """The offset up to which a partition can be read, as the broker said last; None if it has not yet.

    An open transaction, and what is behind it, cannot be read.
    """
    stable: int | None = consumer.last_stable_offset(partition)
    end: int | None = consumer.highwater(partition)
    return end if stable is None or stable < 0 else stable


class DayOrder:
    """The order of days and facts that one consumer reads.

    `clock` are the topics (full names) with the days, `readable` the partitions for which a day waits.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        clock: frozenset[str],
        readable: Callable[[], Iterable[TopicPartition]],
    ) -> None:
        self._consumer = consumer
        self._clock = clock
        self._readable = readable
        self._last: dict[TopicPartition, tuple[int, int]] = {}
        """The offset and the timestamp of what was read last."""
        self._waiting: Record | None = None
        self._ends: dict[TopicPartition, int] = {}
        """Where partitions ended when the day that waits was read first."""

    def forget(self) -> None:
        """Forget everything: the partitions have been assigned anew."""
        self._last.clear()
        self._waiting = None

    def days(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Those of the partitions that have days."""
        return [partition for partition in partitions if partition.topic in self._clock]

    def facts(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """The others."""
        return [partition for partition in partitions if partition.topic not in self._clock]

    def in_order(self, partition: TopicPartition, records: list[Record]) -> list[Record]:
        """Those of the records just read that may be processed now; days that wait will be read again."""
        if partition.topic not in self._clock:
            self._last[partition] = (records[-1].offset, records[-1].timestamp)
            return records
        for number, day in enumerate(records):
            if self._waiting is None or self._waiting.offset != day.offset:
                self._waiting, self._ends = day, {}
            if self.left():
                self._consumer.seek(partition, day.offset)
                return records[:number]
        self._waiting = None
        return records

    def left(self) -> list[TopicPartition]:
        """The partitions of which something is left to read before the day that waits; none if none waits."""
        day = self._waiting
        if day is None:
            return []
        return [p for p in self.facts(self._readable()) if not self._is_read(p, day.timestamp)]

    def _is_read(self, partition: TopicPartition, until: int) -> bool:
        position = position_of(self._consumer, partition)
        if position is None:
            return False
        offset, timestamp = self._last.get(partition, (-1, -1))
        if offset < position and timestamp >= until:
            return True
        end = self._ends.get(partition)
        if end is None:
            end = readable_to(self._consumer, partition)
            if end is None:
                return False
            self._ends[partition] = end
        return position >= end
