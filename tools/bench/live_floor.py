"""The floor of a service in a year: reads what it reads, and writes its journal and outbox rows set-based.

It parses the attributes of each event, has no cases and no rules, and publishes as many events as the service
did, of their average size, with the service's own relay. It reads from the topics that a run of the services
left, what these published on each other too, and publishes to topics of its own.

Run by `live.py`: python -m tools.bench.live_floor SERVICE SHAPE PREFIX, with the settings of a service.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
import uvloop

from shared.aiokafka_internals import Record
from tools.bench.floor import JOURNAL, OUTBOX, run
from tools.services import BY_NAME

OFFSETS = """
insert into offsets (topic, partition, incarnation, next_offset)
select topic, partition, '', next_offset from unnest($1::text[], $2::int[], $3::bigint[])
    as x(topic, partition, next_offset)
on conflict (topic, partition) do update set next_offset = excluded.next_offset"""

_pack = msgspec.msgpack.Encoder().encode


class Shape(msgspec.Struct):
    """What a service published on a year: how many events for each that it read, and their average sizes."""

    published_per_event: float
    value_bytes: int
    header_bytes: int


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    time: datetime
    subject: str = ""


_decode = msgspec.json.Decoder(_Event).decode


class YearFloor:
    """Writes batches as the module's docstring describes."""

    def __init__(self, pool: asyncpg.Pool[Any], service: str, shape: Shape, prefix: str) -> None:
        self._pool = pool
        self._service = service
        self._shape = shape
        self._prefix = prefix
        self._value = os.urandom(shape.value_bytes)
        self._headers = _pack(
            [("padding", b"x" * max(0, shape.header_bytes - len(_pack([("padding", b"")]))))]
        )
        self._owed = 0.0
        self._sent = 0

    async def write(self, records: Sequence[Record]) -> None:
        """Write one batch in one transaction."""
        events = [(_decode(record.value), record.value) for record in records if record.value is not None]
        ends = {(record.topic, record.partition): record.offset + 1 for record in records}
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                JOURNAL,
                [event.source for event, _ in events],
                [event.id for event, _ in events],
                [event.subject for event, _ in events],
                [event.type for event, _ in events],
                [event.id for event, _ in events],
                [None] * len(events),
                [event.time for event, _ in events],
                [body for _, body in events],
                None,
            )
            await self._send(connection, [event.subject for event, _ in events])
            await connection.execute(
                OFFSETS,
                [topic.removeprefix(self._prefix) for topic, _ in ends],
                [partition for _, partition in ends],
                [*ends.values()],
            )

    async def _send(self, connection: Any, subjects: list[str]) -> None:
        """As many events as the service publishes, each for its topic and that of what stands."""
        self._owed += self._shape.published_per_event * len(subjects)
        number = int(self._owed)
        self._owed -= number
        if not number:
            return
        ids = [f"00000000-0000-5000-8000-{self._sent + n:012d}" for n in range(number)]
        self._sent += number
        keys = [subjects[n % len(subjects)].encode() for n in range(number)]
        await connection.execute(
            OUTBOX, self._service, keys, ids, [self._value] * number, [self._headers] * number
        )


def main(service: str, shape: Shape, publish_to: str) -> None:
    """Be the floor of a service."""
    topics = sorted(BY_NAME[service].reads)
    prefix = os.environ["PROBATION_TOPIC_PREFIX"]
    uvloop.run(run(lambda pool: YearFloor(pool, service, shape, prefix).write, topics, publish_to))


if __name__ == "__main__":
    main(sys.argv[1], msgspec.json.decode(sys.argv[2], type=Shape), sys.argv[3])
