"""The floor of a service in a year: reads what it reads, and writes its journal and outbox rows set-based.

It parses the attributes of each event, has no cases and no rules, and publishes as many events as the service
did, of their average size, with the service's own relay. It reads from the topics that a run of the services
left, what these published on each other too, and publishes to topics of its own.

Run by `live.py`: python -m tools.bench.live_floor SERVICE PUBLISHED PREFIX, with the settings of a service.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
import uvloop

from shared.aiokafka_internals import Record
from shared.settings import ServiceSettings, load
from tools.bench.floors import Outbox, Published, journal, offsets, run
from tools.services import BY_NAME


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    time: datetime
    subject: str = ""


_decode = msgspec.json.Decoder(_Event).decode


class YearFloor:
    """Writes batches as the module's docstring describes."""

    def __init__(self, pool: asyncpg.Pool[Any], service: str, published: Published, prefix: str) -> None:
        self._pool = pool
        self._prefix = prefix
        self._outbox = Outbox(service, published)

    async def write(self, records: Sequence[Record]) -> None:
        """Write one batch in one transaction."""
        events = [(_decode(record.value), record.value) for record in records if record.value is not None]
        async with self._pool.acquire() as connection, connection.transaction():
            await journal(connection, events, [event.id for event, _ in events], [None] * len(events), None)
            await self._outbox.send(connection, [event.subject for event, _ in events])
            await offsets(connection, records, self._prefix)


def main(service: str, published: Published, publish_to: str) -> None:
    """Be the floor of a service."""
    topics, prefix = sorted(BY_NAME[service].reads), load(ServiceSettings).topic_prefix
    uvloop.run(run(lambda pool: YearFloor(pool, service, published, prefix).write, topics, publish_to))


if __name__ == "__main__":
    main(sys.argv[1], msgspec.json.decode(sys.argv[2], type=Published), sys.argv[3])
