"""The floor: writes the contacts service's rows as fast as aiokafka and PostgreSQL can, without logic.

It reads with `getmany`, takes from each event only what the journal's columns need, writes journal, cases,
months, outbox and offsets set-based in one transaction per batch, and publishes with the service's own relay.
Cases and months are bytes of the average size that the engine writes, written as often as the engine does.

Run by `throughput.py`: python -m tools.bench.floor SHAPE, with the settings of a service in the environment.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

import asyncpg
import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer

from shared import kafka
from shared.aiokafka_internals import Record
from shared.engine.relay import Relay
from shared.kafka import BATCH, FETCH_BYTES
from shared.settings import ServiceSettings, load
from tools.bench.statements import Shape

JOURNAL = """
insert into journal (source, id, subject, type, key, month, recorded, day, body)
select source, id, subject, type, key, month, recorded, $9::date, body
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
    $8::bytea[]) as x(source, id, subject, type, key, month, recorded, body)
on conflict do nothing"""
CASES = """
update cases c set sequence = c.sequence + 1, assessed_on = $2, wake_on = $3, state = x.state
from unnest($1::text[], $4::bytea[]) as x(subject, state) where c.subject = x.subject"""
MONTHS = """
insert into months (subject, month, state) select * from unnest($1::text[], $2::int[], $3::bytea[])
on conflict (subject, month) do update set state = excluded.state"""
OUTBOX = """
insert into outbox (topic, key, event_id, value, headers)
select topic, case topic when $1 then key else id::bytea end, id, value, headers
from unnest($2::bytea[], $3::text[], $4::bytea[], $5::bytea[])
        with ordinality as x(key, id, value, headers, n),
    unnest(array[$1, $1 || '.standing']) as topic
order by n, topic"""
OFFSETS = """
insert into offsets (topic, partition, incarnation, next_offset)
select $1, partition, '', next_offset from unnest($2::int[], $3::bigint[]) as x(partition, next_offset)
on conflict (topic, partition) do update set next_offset = excluded.next_offset"""

DAY, WAKE = date(2026, 1, 1), date(2026, 1, 2)
_headers = msgspec.msgpack.Encoder().encode


class _Data(msgspec.Struct):
    contact_id: str
    occurred_on: date


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: _Data


_decode = msgspec.json.Decoder(_Event).decode


class Floor:
    """Writes batches as the module's docstring describes."""

    def __init__(self, pool: asyncpg.Pool[Any], topic: str, shape: Shape) -> None:
        self._pool = pool
        self._topic = topic
        self._shape = shape
        self._case = os.urandom(shape.case_bytes)
        self._month = os.urandom(shape.month_bytes)
        self._value = os.urandom(shape.value_bytes)
        padding = b"x" * max(0, shape.header_bytes - len(_headers([("padding", b"")])))
        self._headers = _headers([("padding", padding)])
        self._owed_cases = 0.0
        self._owed = 0.0
        self._sent = 0

    async def write(self, records: Sequence[Record]) -> None:
        """Write one batch in one transaction."""
        events = [(_decode(record.value), record.value) for record in records if record.value is not None]
        months = [event.data.occurred_on.year * 12 + event.data.occurred_on.month - 1 for event, _ in events]
        self._owed_cases += self._shape.cases_per_event * len(events)
        cases = sorted({event.subject for event, _ in events})[: int(self._owed_cases)]
        self._owed_cases -= len(cases)
        parts = sorted({(event.subject, month) for (event, _), month in zip(events, months, strict=True)})
        ends = {record.partition: record.offset + 1 for record in records}
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                JOURNAL,
                [event.source for event, _ in events],
                [event.id for event, _ in events],
                [event.subject for event, _ in events],
                [event.type for event, _ in events],
                [f"contact/{event.data.contact_id}" for event, _ in events],
                months,
                [event.time for event, _ in events],
                [body for _, body in events],
                DAY,
            )
            await connection.execute(CASES, cases, DAY, WAKE, [self._case] * len(cases))
            await connection.execute(
                MONTHS, [s for s, _ in parts], [m for _, m in parts], [self._month] * len(parts)
            )
            await self._send(connection, [event.subject for event, _ in events])
            await connection.execute(OFFSETS, self._topic, list(ends), list(ends.values()))

    async def _send(self, connection: Any, subjects: list[str]) -> None:
        """As many events as the engine publishes, each for the service's topic and that of what stands."""
        self._owed += self._shape.published_per_event * len(subjects)
        number = min(int(self._owed), len(subjects))
        self._owed -= number
        ids = [f"00000000-0000-5000-8000-{self._sent + n:012d}" for n in range(number)]
        self._sent += number
        keys = [subject.encode() for subject in subjects[:number]]
        await connection.execute(
            OUTBOX, "contacts", keys, ids, [self._value] * number, [self._headers] * number
        )


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


def main(shape: Shape) -> None:
    """Be the floor of the contacts service."""
    prefix = load(ServiceSettings).topic_prefix
    uvloop.run(run(lambda pool: Floor(pool, "practice", shape).write, ["practice"], prefix))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Shape))
