"""What the floors of the benchmark share: how they read, and the rows that they write without logic."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer

from shared import kafka
from shared.aiokafka_internals import Record
from shared.engine.relay import Relay
from shared.kafka import BATCH, FETCH_BYTES
from shared.settings import ServiceSettings, load

_JOURNAL = """
insert into journal (source, id, subject, type, key, month, recorded, day, body)
select source, id, subject, type, key, month, recorded, $9::date, body
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
    $8::bytea[]) as x(source, id, subject, type, key, month, recorded, body)
on conflict do nothing"""
_OUTBOX = """
insert into outbox (topic, key, event_id, value, headers)
select topic, case topic when $1 then key else id::bytea end, id, value, headers
from unnest($2::bytea[], $3::text[], $4::bytea[], $5::bytea[])
        with ordinality as x(key, id, value, headers, n),
    unnest(array[$1, $1 || '.standing']) as topic
order by n, topic"""
_OFFSETS = """
insert into offsets (topic, partition, incarnation, next_offset)
select topic, partition, '', next_offset from unnest($1::text[], $2::int[], $3::bigint[])
    as x(topic, partition, next_offset)
on conflict (topic, partition) do update set next_offset = excluded.next_offset"""

_pack = msgspec.msgpack.Encoder().encode


class Published(msgspec.Struct):
    """What a service published: how many events for each that it read, and their average sizes."""

    published_per_event: float
    value_bytes: int
    header_bytes: int


class Event(Protocol):
    """What the journal's columns need of an event."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime


async def journal(
    connection: Any,
    read: Sequence[tuple[Event, bytes]],
    keys: Sequence[str],
    months: Sequence[int | None],
    day: date | None,
) -> None:
    """Write events, each with its bytes, to the journal."""
    await connection.execute(
        _JOURNAL,
        [event.source for event, _ in read],
        [event.id for event, _ in read],
        [event.subject for event, _ in read],
        [event.type for event, _ in read],
        keys,
        months,
        [event.time for event, _ in read],
        [body for _, body in read],
        day,
    )


async def offsets(connection: Any, records: Sequence[Record], prefix: str) -> None:
    """Write where to read on; the topics have a prefix, which the service does not know."""
    ends = {(record.topic, record.partition): record.offset + 1 for record in records}
    topics = [topic.removeprefix(prefix) for topic, _ in ends]
    await connection.execute(_OFFSETS, topics, [partition for _, partition in ends], [*ends.values()])


class Outbox:
    """As many events as the service publishes, of their size, for its topic and that of what stands."""

    def __init__(self, service: str, shape: Published) -> None:
        self._service = service
        self._per_event = shape.published_per_event
        self._value = os.urandom(shape.value_bytes)
        padding = b"x" * max(0, shape.header_bytes - len(_pack([("padding", b"")])))
        self._headers = _pack([("padding", padding)])
        self._owed = 0.0
        self._sent = 0

    async def send(self, connection: Any, subjects: Sequence[str]) -> None:
        """Write those that follow from events about these people."""
        self._owed += self._per_event * len(subjects)
        number = int(self._owed)
        self._owed -= number
        if not number:
            return
        ids = [f"00000000-0000-5000-8000-{self._sent + n:012d}" for n in range(number)]
        self._sent += number
        keys = [subjects[n % len(subjects)].encode() for n in range(number)]
        values, headers = [self._value] * number, [self._headers] * number
        await connection.execute(_OUTBOX, self._service, keys, ids, values, headers)


Writer: TypeAlias = "Callable[[asyncpg.Pool[Any]], Callable[[Sequence[Record]], Awaitable[None]]]"
"""Given a database's pool, makes what writes one batch of records in one transaction."""


async def run(writer: Writer, topics: Collection[str], publish_to: str) -> None:
    """Read these topics (short names) from their start until stopped; the relay's topics get this prefix."""
    settings = load(ServiceSettings)
    dsn = settings.database_url.get_secret_value()
    options: dict[str, Any] = {"server_settings": {"jit": "off"}}
    relay = Relay(
        lambda: asyncpg.connect(dsn, **options), lambda: kafka.producer(settings, "floor"), publish_to
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    consumer = AIOKafkaConsumer(
        *(f"{settings.topic_prefix}{topic}" for topic in topics),
        **kafka.client_options(settings, "floor"),
        group_id=f"{settings.topic_prefix}floor-{'-'.join(topics)}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    await consumer.seek_to_beginning()
    publishing = asyncio.create_task(relay.run())
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, **options) as pool:
        await pool.fetch("select * from offsets")  # waits here until `throughput.py` releases the lock
        write = writer(pool)
        while not stop.is_set():
            found = await consumer.getmany(timeout_ms=50, max_records=BATCH)
            if records := [record for part in found.values() for record in part]:
                await write(records)
                relay.wake()
                await consumer.commit()
    relay.stop(1)
    await publishing
    await consumer.stop()
