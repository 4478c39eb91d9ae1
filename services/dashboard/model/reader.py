"""Reads all topics into one read model, from the offsets that the model has.

One reader fills a model, so it needs no consumer group: the process that holds the lock reads. A topic that
was made anew, or whose log no longer has the offset, is read from its beginning: what comes twice changes
nothing. A record that cannot be read is counted, and holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import SERVICES, TOPICS, dead_letter_topic, partitions, standing_topic, topic_name
from services.dashboard.model.adding import Message
from services.dashboard.model.letters import DEAD_LETTERS
from services.dashboard.model.taking import Position, Taker, positions
from shared import kafka
from shared.aiokafka_internals import Record
from shared.runtime.reading import Reader, shortened
from shared.settings import KafkaSettings

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
"""How long it waits after there was nothing to read."""
CONFIRM_SECONDS = 1.0
"""How often it confirms that all has been read."""
LOOK_SECONDS = 5.0
"""How long the ids of topics, as looked up, are good for."""
BATCH = 2_000


def consumer(settings: KafkaSettings, client_id: str) -> AIOKafkaConsumer:
    """A consumer that is in no group. It reads what it is assigned, from where it is told to."""
    return AIOKafkaConsumer(
        **kafka.client_options(settings, client_id),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=kafka.FETCH_BYTES,
        fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
    )


def names(prefix: str) -> dict[str, str]:
    """The full names of the topics to read, with the short ones. What stands comes first."""
    standing = {standing_topic(name, prefix): f"{name}.standing" for name in SERVICES}
    refused = {dead_letter_topic(name, prefix): f"{name}{DEAD_LETTERS}" for name in SERVICES}
    return standing | {topic_name(name, prefix): name for name in TOPICS} | refused


def message(record: Record, short: str) -> Message:
    """A record as the model takes it."""
    headers = [(name, value or b"") for name, value in record.headers]
    numbered = not short.endswith(".standing")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC) if record.timestamp >= 0 else None
    return Message(short, record.partition, record.offset, record.value, headers, numbered, at)


class ModelReader:
    """Fills one model until it is cancelled."""

    def __init__(self, pool: Any, schema: str, taker: Taker, settings: KafkaSettings) -> None:
        self._pool = pool
        self._schema = schema
        self._taker = taker
        self._settings = settings
        self._names = names(settings.topic_prefix)
        self._cluster = kafka.Cluster(settings, "dashboard")
        self._consumer = consumer(settings, "dashboard")
        self._positions: dict[TopicPartition, Position] = {}
        self._next: dict[TopicPartition, int] = {}
        self._ids: dict[str, str] = {}
        self._wrong: dict[str, str] = {}
        """Why each of the topics that cannot be used cannot."""
        self._looked_at = 0.0
        self._reader: Reader | None = None
        self.complete = False
        """Has it ever read all that there was?"""

    @property
    def begun(self) -> bool:
        """Whether it knows where to read on, and reads."""
        return self._reader is not None

    @property
    def trouble(self) -> str | None:
        """What cannot be read, and why; None if all can."""
        return shortened(self._reader.trouble) if self._reader else None

    async def run(self) -> None:
        """Read until cancelled. Raises `KafkaError` or `OSError` if no broker answers, and `LookupError`."""
        try:
            await self._look()  # tells why a broker refuses this program, which a consumer does not
            await self._consumer.start()
            await self._begin()
            confirmed = 0.0
            while True:
                found = await self._consumer.getmany(timeout_ms=0, max_records=BATCH)
                if found:
                    await self._take(found)
                    continue
                if time.monotonic() - confirmed >= CONFIRM_SECONDS and self._has_all():
                    confirmed = time.monotonic()
                    await self._pass_control_records()
                    await self._count_waiting()
                    await self._confirm()
                await asyncio.sleep(IDLE_SECONDS)
        finally:
            await self._consumer.stop()
            await self._cluster.close()

    async def _begin(self) -> None:
        if self._wrong:
            first, why = min(self._wrong.items())
            others = f" (and {len(self._wrong) - 1} others)" if len(self._wrong) > 1 else ""
            raise LookupError(f"topic {first}{others}: {why}")
        counts = {
            name: partitions(short, self._settings.kafka_partitions) for name, short in self._names.items()
        }
        places = [TopicPartition(name, n) for name, count in counts.items() for n in range(count)]
        self._consumer.assign(places)
        async with self._pool.acquire() as connection:
            stored = await positions(connection, self._schema)
            if not stored:
                await self._taker.count_later(connection)
        began = await self._consumer.beginning_offsets(places)
        for place in places:
            known = stored.get((self._names[place.topic], place.partition))
            if known is None or known.topic_id != self._ids[place.topic]:
                known = self._position(place, began[place], began[place])
            self._seek(place, known)
        days = frozenset[str]()  # nothing here depends on what was known when a day began
        self._reader = Reader(self._consumer, lambda: self._next, self._unreadable, self._close_gap, days)

    async def _look(self) -> None:
        found = await self._cluster.look(self._names)
        self._ids = {name: topic.id for name, topic in found.items() if topic.wrong is None}
        self._wrong = {name: topic.wrong for name, topic in found.items() if topic.wrong is not None}
        self._looked_at = time.monotonic()

    def _position(self, place: TopicPartition, next_offset: int, began: int) -> Position:
        short = self._names[place.topic]
        return Position(short, place.partition, self._ids[place.topic], next_offset, began)

    def _seek(self, place: TopicPartition, position: Position) -> None:
        self._positions[place] = position
        self._next[place] = position.next_offset
        self._consumer.seek(place, position.next_offset)

    async def _take(self, found: dict[TopicPartition, list[Record]]) -> None:
        messages = [
            message(record, self._names[p.topic]) for p, records in found.items() for record in records
        ]
        for place, records in found.items():
            self._advance(place, records[-1].offset + 1)
        async with self._pool.acquire() as connection:
            await self._taker.take(connection, messages, [self._positions[place] for place in found])

    def _advance(self, place: TopicPartition, next_offset: int) -> None:
        known = self._positions[place]
        self._positions[place] = self._position(place, next_offset, known.began)
        self._next[place] = next_offset

    def _has_all(self) -> bool:
        assert self._reader is not None
        if self._reader.faults:
            return False
        for place in self._positions:
            end = self._consumer.highwater(place)
            if end is None or max(self._next[place], self._reader.read_to.get(place, 0)) < end:
                return False
        return True

    async def _pass_control_records(self) -> None:
        """Store the offsets after records of which no message comes."""
        assert self._reader is not None
        passed = [place for place, at in self._reader.read_to.items() if at > self._next[place]]
        for place in passed:
            self._advance(place, self._reader.read_to[place])
        if passed:
            async with self._pool.acquire() as connection:
                await self._taker.take(connection, [], [self._positions[place] for place in passed])

    async def _count_waiting(self) -> None:
        """Count what waited until all had been read, when it is for the first time."""
        if not self.complete:
            async with self._pool.acquire() as connection:
                while await self._taker.count_waiting(connection):
                    pass

    async def _confirm(self) -> None:
        async with self._pool.acquire() as connection:
            await connection.execute(f"update {self._schema}.state set up_to = now()")  # noqa: S608
        self.complete = True

    async def _unreadable(self, record: Record) -> bool:
        place = TopicPartition(record.topic, record.partition)
        self._advance(place, record.offset + 1)
        async with self._pool.acquire() as connection:
            broken = Message(self._names[record.topic], record.partition, record.offset, b"", ())
            await self._taker.take(connection, [broken], [self._positions[place]])
        return True

    async def _close_gap(self, place: TopicPartition, fetched: bool) -> str | None:
        """Read from the beginning a log that is another one, or that has no such offset any more."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            await self._look()
        if place.topic in self._wrong:
            return self._wrong[place.topic]
        if fetched and self._ids[place.topic] == self._positions[place].topic_id:
            return None
        began = (await self._consumer.beginning_offsets([place]))[place]
        log.warning("read from its beginning", extra={"place": f"{place.topic}/{place.partition}"})
        self._seek(place, self._position(place, began, began))
        return None
