"""Fills an empty database of a service from another one, and assesses every case in it by this release.

Everything is copied but the outbox. Each case is joined again from the journal, in its order, and takes over
what was published of it, so that its sequences and ids go on as before. What this release sees in another way
is in the outbox of the filled database, and nowhere else as long as no service runs on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from schemas import language
from shared.database import check
from shared.engine.engine import Engine
from shared.engine.postgres import Postgres
from shared.engine.service import Service
from shared.policy import Policy

_LEFT_OUT = ("clock", "migration", "outbox")
_COLUMNS = """
select table_name, array_agg(column_name::text order by ordinal_position) as columns
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> all ($1::text[])
group by table_name order by table_name
"""
_IDENTITIES = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and is_identity = 'YES' and table_name <> all ($1::text[])
"""
_NEXT_NUMBER = """
select setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 0) + 1, false)
from {table}
"""
_COUNTED = """
select (select count(*) from journal), (select count(*) from cases), (select day from clock),
    (select count(*) from outbox where topic = $1)
"""
_OF_NO_FORM = r"overlay({column} placing '\x0000000000000000'::bytea from 1 for 8)"
"""A state whose first eight bytes name no form is joined again from the journal (see `packing.Form`)."""


class NotEmpty(Exception):
    """The database to be filled holds facts already."""


@dataclass(frozen=True)
class Filled:
    """What was copied, as of which day, and how many events this release would publish beside."""

    facts: int
    cases: int
    day: date | None
    published: int


async def fill(
    service: Service, source: str, target: str, *, erasure_key: bytes | None, policy: Policy | None = None
) -> Filled:
    """Fill the database at `target` from the one at `source`, which is only read, as of one moment.

    Raises `NotEmpty`, `MigrationError`, `ErasureKeyError`, and what the databases raise.
    """
    unlimited = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    old = await asyncpg.connect(source, server_settings=unlimited)
    new = await asyncpg.connect(target, server_settings=unlimited)
    try:
        await check(new, service)
        if await new.fetchval("select exists (select from journal) or exists (select from cases)"):
            raise NotEmpty
        async with old.transaction(isolation="repeatable_read", readonly=True), new.transaction():
            for table, columns in await _tables(old, new):
                await _copy(old, new, table, columns)
            for table, column in await new.fetch(_IDENTITIES, _LEFT_OUT):
                await new.execute(_NEXT_NUMBER.format(table=table, column=column))
            [clock] = await old.fetch("select day, release from clock")
            await new.execute("update clock set day = $1, release = $2, rules_since = $2", *clock)
        await new.execute("analyze")
        await _assess(service, target, erasure_key, policy)
        [counted] = await new.fetch(_COUNTED, service.name)
    finally:
        await old.close()
        await new.close()
    return Filled(*counted)


async def _tables(old: asyncpg.Connection[Any], new: asyncpg.Connection[Any]) -> list[tuple[str, list[str]]]:
    """The tables that both releases have, with the columns that both have."""
    known = {row["table_name"]: row["columns"] for row in await old.fetch(_COLUMNS, _LEFT_OUT)}
    wanted = {row["table_name"]: row["columns"] for row in await new.fetch(_COLUMNS, _LEFT_OUT)}
    if "published" not in known:
        del wanted["own_offsets"]  # so that its first start reads what was published from the own topic
    return [
        (table, [column for column in columns if column in known[table]])
        for table, columns in wanted.items()
        if table in known
    ]


async def _copy(
    old: asyncpg.Connection[Any], new: asyncpg.Connection[Any], table: str, columns: Iterable[str]
) -> None:
    names = [f'"{column}"' for column in columns]
    states = table in ("cases", "months")
    chosen = [_OF_NO_FORM.format(column=n) if states and n == '"state"' else n for n in names]
    query = f'select {", ".join(chosen)} from "{table}"'  # noqa: S608 - the names are the database's own
    rows: list[Any] = []
    async for row in old.cursor(query, prefetch=2_000):
        rows.append(tuple(row))
        if len(rows) == 2_000:
            await new.copy_records_to_table(table, records=rows, columns=list(columns))
            rows.clear()
    await new.copy_records_to_table(table, records=rows, columns=list(columns))


async def _assess(service: Service, target: str, erasure_key: bytes | None, policy: Policy | None) -> None:
    async with asyncpg.create_pool(target, min_size=1, max_size=2) as pool:
        storage = Postgres(pool, erasure_key=erasure_key)
        engine = Engine(service, language, storage, policy=policy, latest_day=lambda: date.min)
        await engine.start()
        await engine.sweep()
