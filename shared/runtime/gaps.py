"""Closes gaps: the offset at which a service wants to read on is not in the partition's log any more.

- Retention removed messages before they were read: it reads on at the first that is left.
- The log ends before that offset, or another message stands where one was read. Kafka has lost messages, or
  was restored from an older copy of its disk, and gives their offsets to others. So the partition is read
  again from its start; the journal knows what was read before.

In either case a dead letter tells people. While it is open, the service is not ready.
"""

from __future__ import annotations

import asyncio
import dataclasses

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from shared.aiokafka_internals import lenient
from shared.engine.engine import Engine
from shared.engine.intake import DeadLetter, Message, digest
from shared.engine.working_set import describe
from shared.metrics import ServiceMetrics
from shared.runtime.batches import Batches

KAFKA_SECONDS = 5.0
"""How long Kafka may take to say where a log begins and ends."""

GAPS = ("removed_unread", "log_went_back")
"""The reasons of these dead letters."""


class Gaps:
    """Closes the gaps of one service."""

    def __init__(self, engine: Engine, batches: Batches, metrics: ServiceMetrics) -> None:
        self._engine = engine
        self._batches = batches
        self._metrics = metrics

    async def close(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: Message, *, fetched: bool
    ) -> int | str:
        """Return the offset to read on at, or why the gap cannot be closed yet.

        `wanted` stands for the message to be read next. `fetched`: the broker has returned some from there.
        """
        try:
            place = (wanted.topic, wanted.partition, wanted.incarnation)
            last, read = (await self._engine.storage.last_read()).get(place, (-1, b""))
            if last >= wanted.offset:
                last = -1  # it is being read again
            if fetched and (last < 0 or await _stands(consumer, partition, last, read)):
                return wanted.offset
            async with asyncio.timeout(KAFKA_SECONDS):
                start: int = (await consumer.beginning_offsets([partition]))[partition]
                end: int = (await consumer.end_offsets([partition]))[partition]
            known = {topic for topic, _, _ in await self._engine.storage.offsets()}
        except Exception as fault:
            return f"its log has no such offset, and where it begins and ends is not known: {describe(fault)}"
        other = fetched and start <= last
        if start <= wanted.offset <= end and not other:
            return wanted.offset
        if wanted.offset > end or other:
            letter = log_went_back(wanted, None if other else end)
            done = await self._batches.set_aside(letter, read_again_from=start)
        elif wanted.topic not in known:
            return start  # the service is new: it has not lost what was there before it
        else:
            done = await self._batches.set_aside(removed_unread(wanted, start))
            if done:
                lost = self._metrics.messages_lost.labels(wanted.topic, str(wanted.partition))
                lost.inc(start - wanted.offset)
        return start if done else f"its log has only the offsets from {start} to {end}"


async def _stands(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int, read: bytes) -> bool:
    """Whether the message that was read still stands at its offset. Also true if that cannot be told."""
    try:
        async with asyncio.timeout(KAFKA_SECONDS):
            records, _ = await lenient(consumer, partition, offset)
    except OffsetOutOfRangeError:
        return False
    except Exception:
        return True  # what is wrong with the partition is told when it is read
    first = records[0][0] if records else None
    return (
        first is not None
        and first.offset == offset
        and digest(first.timestamp, first.key, first.value) == read
    )


def removed_unread(message: Message, start: int) -> DeadLetter:
    """Retention removed the messages from this one up to `start`, where the log now begins."""
    words = (
        f"up to {start - message.offset} messages (offsets {message.offset} to {start - 1}) were removed "
        "from the topic before this service read them: have them sent again, then close this with "
        "`probation dead-letters discard`"
    )
    return DeadLetter(dataclasses.replace(message, offset=start - 1), "removed_unread", words)


def log_went_back(message: Message, end: int | None) -> DeadLetter:
    """The log ends at `end`, before the message that should be next, or has others before it (None)."""
    ends = "has other messages than those read" if end is None else f"ends at offset {end}"
    words = (
        f"the topic {ends}, but offset {message.offset - 1} was read already: Kafka lost messages, or was "
        "restored from an older copy. The partition is being read again from its start, which repeats "
        "nothing. See docs/operations.md, then close this with `probation dead-letters discard`"
    )
    return DeadLetter(message, "log_went_back", words)
