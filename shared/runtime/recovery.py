"""What a service published is known to its database, also after the database went back.

A restored backup, or a standby that had not received everything, lacks what was committed last: facts, which
the service reads again, and what it published, which subscribers have. Before it reads anything the service
therefore reads its own topic from where the database knows it. Events whose sequence their case has not
reached are lost events. They are kept, all topics are read up to where they end now without concluding
anything, then each case takes over its own (`UnitOfWork.take_over`), and what is different by then is
published.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared import kafka
from shared.aiokafka_internals import Record
from shared.engine.connections import places
from shared.engine.lost import Lost, lost_from
from shared.engine.outbox import as_published
from shared.engine.postgres import Postgres
from shared.engine.queries import SQL
from shared.engine.relay import DEPOSE_SECONDS
from shared.engine.storage import Place
from shared.engine.transaction import columns, erased_people
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

STILL_SECONDS = DEPOSE_SECONDS
"""For how long no further lost event may come after the database went back: another instance may not have
noticed yet, and still publish."""

SILENCE_SECONDS = 30.0
"""After how long without a record a topic that has not been read to its end cannot be read."""


class Recovery:
    """Finds the lost events of one service.

    `topics` are those that it reads, with their short names; `people` is the kind of its people's cases.
    """

    def __init__(
        self,
        name: str,
        storage: Postgres,
        settings: ServiceSettings,
        cluster: kafka.Cluster,
        topics: Mapping[str, str],
        people: str,
    ) -> None:
        self._storage = storage
        self._cluster = cluster
        self._topics = topics
        self._people = people
        self._own = settings.topic_prefix + name
        self._options = kafka.client_options(settings, f"{name}-recovery")
        self._read_to: dict[Place, int] = {}

    async def run(self, *, went_back: bool = False) -> None:
        """Read the own topic to its end, and keep the events that were lost.

        `went_back`: the database is known to have gone back, though nothing may be lost. So it may have if
        its history is another one than the last time. Raises whatever Kafka or the database raise; it may be
        run again at any point.
        """
        known, history = await self._value("known_history"), await self._value("history")
        went_back |= known not in (None, history)
        consumer = AIOKafkaConsumer(**self._options, isolation_level="read_committed")
        await consumer.start()
        try:
            lost = await self._read(consumer)
            since = time.monotonic() if lost or went_back else float("-inf")
            while time.monotonic() - since < STILL_SECONDS:
                await asyncio.sleep(0.2)
                if more := await self._read(consumer):
                    since = time.monotonic()
                    lost += more
        finally:
            await consumer.stop()
        if known != history:
            await self._value("keep_history", history)
        if lost:
            log.warning("published events that the database lost are known again", extra={"events": lost})

    async def _read(self, consumer: AIOKafkaConsumer) -> int:
        """Read on in the own topic; returns how many lost events came."""
        topic = (await self._cluster.topics([self._own])).get(self._own)
        if topic is None:
            raise LookupError(f"create {self._own} with `topics create`")
        known = await self._known(topic.id)
        partitions = [TopicPartition(self._own, n) for n in range(topic.partitions)]
        starts = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        lost = 0
        for partition in partitions:
            begin = known.get(partition.partition, starts[partition])
            if begin < starts[partition]:
                log.error("the own topic no longer holds all that the database lacks", extra={"from": begin})
            if begin < ends[partition]:
                consumer.assign([partition])
                consumer.seek(partition, max(begin, starts[partition]))
                lost += await self._read_partition(consumer, partition, ends[partition])
            await self._know(partition.partition, topic.id, max(begin, ends[partition]))
        return lost

    async def _read_partition(self, consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> int:
        lost = 0
        most: int | None = None
        silent_since = time.monotonic()
        while (position := await consumer.position(partition)) < end:
            try:
                found = await consumer.getmany(partition, timeout_ms=500, max_records=most)
            except UnicodeDecodeError:  # a header's name: this service never wrote that
                consumer.seek(partition, position if most is None else position + 1)
                most = 1
                continue
            if records := found.get(partition):
                silent_since = time.monotonic()
                lost += await self._keep(consumer, records)
            elif time.monotonic() - silent_since > SILENCE_SECONDS:
                raise KafkaError(f"{partition.topic}/{partition.partition} cannot be read to its end")
        return lost

    async def _keep(self, consumer: AIOKafkaConsumer, records: Sequence[Record]) -> int:
        """Keep these events, which of them were lost, and up to where topics must be read first."""
        found = [
            (lost, as_published(r.headers))
            for r in records
            if (lost := lost_from(r.value, r.headers)) is not None
        ]
        if not found:
            return 0
        async with self._storage.connections.one() as connection, connection.transaction():
            # What was said of people who were erased since is lost for good.
            key = self._storage.erasure_key
            erased = await erased_people(connection, key, {event.subject for event, _ in found})
            found = [(event, headers) for event, headers in found if event.subject not in erased]
            events = [event for event, _ in found]
            kept = [(event.subject, event.sequence, event.value, headers) for event, headers in found]
            if kept:
                await connection.execute(SQL["keep_published"], *map(list, zip(*kept, strict=True)))
            number: int = await connection.fetchval(SQL["note_lost"], *_columns(events)) if events else 0
            if number:
                stored = places(await connection.fetch(SQL["load_offsets"]))
                ends = await self._ends(consumer, stored)
                ahead = {place: end for place, end in ends.items() if stored.get(place, 0) < end}
                await connection.execute(SQL["note_catch_up"], *columns(ahead))
        return number

    async def _ends(self, consumer: AIOKafkaConsumer, stored: Collection[Place]) -> dict[Place, int]:
        """Where the topics that the service reads end now."""
        # A partition whose log went back has an incarnation of its own (`Message`).
        logs = {(topic, n, log.rstrip("+")): log for topic, n, log in stored}
        found = await self._cluster.topics(self._topics)
        partitions = {
            TopicPartition(name, n): (short, n, logs.get((short, n, topic.id), topic.id))
            for name, topic in found.items()
            for short in (self._topics[name],)
            for n in range(topic.partitions)
        }
        ends = await consumer.end_offsets(list(partitions))
        return {partitions[partition]: end for partition, end in ends.items()}

    async def _value(self, query: str, *arguments: Any) -> Any:
        async with self._storage.connections.one() as connection:
            return await connection.fetchval(SQL[query], *arguments)

    async def _known(self, incarnation: str) -> dict[int, int]:
        async with self._storage.connections.one() as connection:
            rows = await connection.fetch(SQL["own_offsets"])
        return {r["partition"]: r["next_offset"] for r in rows if r["incarnation"] == incarnation}

    async def _know(self, partition: int, incarnation: str, offset: int) -> None:
        async with self._storage.connections.one() as connection:
            await connection.execute(SQL["know_own_topic"], [partition], [incarnation], [offset])

    # -- catching up -------------------------------------------------------------------------------

    async def watch(self, read_to: Mapping[Place, int]) -> bool:
        """Look whether the database went back, and how far topics were read; true if it has just caught up.

        `read_to` is up to where this instance has fetched each partition. What is not a message (the end of
        a producer's transaction) is never stored as read, so that where nothing was fetched since the last
        look, it counts as read.
        """
        before, self._read_to = self._read_to, dict(read_to)
        async with self._storage.connections.one() as connection, connection.transaction():
            await self._storage.connections.look(connection)
            if not await connection.fetch(SQL["catch_up"]):
                return False
            same = {place: offset for place, offset in read_to.items() if before.get(place) == offset}
            for offsets in (places(await connection.fetch(SQL["load_offsets"])), same):
                await connection.execute(SQL["caught_up"], *columns(offsets))
            if await connection.fetch(SQL["catch_up"]):
                return False
            await connection.execute(SQL["take_over_due"], self._people)
            return True


def _columns(events: Sequence[Lost]) -> list[list[Any]]:
    """Events as the parameters of a statement; of one sequence the first."""
    first = {(event.subject, event.sequence): event for event in reversed(events)}
    return [list(column) for column in zip(*first.values(), strict=True)]
