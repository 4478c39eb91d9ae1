"""The floor: writes the contacts service's rows as fast as aiokafka and PostgreSQL can, without logic.

It reads with `getmany`, takes from each event only what the journal's columns need, writes journal, cases,
months, outbox and offsets set-based in one transaction per batch, and publishes with the service's own relay.
Cases and months are bytes of the average size that the engine writes, written as often as the engine does.

Run by `throughput.py`: python -m tools.bench.floor SHAPE, with the settings of a service in the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec
import uvloop

from shared.aiokafka_internals import Record
from shared.settings import ServiceSettings, load
from tools.bench.floors import Outbox, journal, offsets, run
from tools.bench.statements import Shape

CASES = """
update cases c set sequence = c.sequence + 1, assessed_on = $2, wake_on = $3, state = x.state
from unnest($1::text[], $4::bytea[]) as x(subject, state) where c.subject = x.subject"""
MONTHS = """
insert into months (subject, month, state) select * from unnest($1::text[], $2::int[], $3::bytea[])
on conflict (subject, month) do update set state = excluded.state"""

DAY, WAKE = date(2026, 1, 1), date(2026, 1, 2)


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

    def __init__(self, pool: asyncpg.Pool[Any], shape: Shape, prefix: str) -> None:
        self._pool = pool
        self._prefix = prefix
        self._cases_per_event = shape.cases_per_event
        self._case = os.urandom(shape.case_bytes)
        self._month = os.urandom(shape.month_bytes)
        self._outbox = Outbox("contacts", shape)
        self._owed_cases = 0.0

    async def write(self, records: Sequence[Record]) -> None:
        """Write one batch in one transaction."""
        events = [(_decode(record.value), record.value) for record in records if record.value is not None]
        subjects = [event.subject for event, _ in events]
        contacts = [f"contact/{event.data.contact_id}" for event, _ in events]
        months = [event.data.occurred_on.year * 12 + event.data.occurred_on.month - 1 for event, _ in events]
        self._owed_cases += self._cases_per_event * len(events)
        cases = sorted({*subjects})[: int(self._owed_cases)]
        self._owed_cases -= len(cases)
        parts = sorted({*zip(subjects, months, strict=True)})
        async with self._pool.acquire() as connection, connection.transaction():
            await journal(connection, events, contacts, months, DAY)
            await connection.execute(CASES, cases, DAY, WAKE, [self._case] * len(cases))
            await connection.execute(
                MONTHS, [s for s, _ in parts], [m for _, m in parts], [self._month] * len(parts)
            )
            await self._outbox.send(connection, subjects)
            await offsets(connection, records, self._prefix)


def main(shape: Shape) -> None:
    """Be the floor of the contacts service."""
    prefix = load(ServiceSettings).topic_prefix
    uvloop.run(run(lambda pool: Floor(pool, shape, prefix).write, ["practice"], prefix))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Shape))
