"""The rights of each role in a service's database."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared import database as tables
from shared import engine, runtime
from shared.database import MigrationError, address, create, migrate
from shared.engine.queries import load
from tools.embedded import choose
from tools.services import BY_NAME

SERVICE = BY_NAME["contacts"]

ENGINE, RUNTIME = Path(engine.__file__).parent, Path(runtime.__file__).parent
FILES = (ENGINE / "queries.sql", ENGINE / "relay.sql", RUNTIME / "monitor.sql")
STATEMENTS = [statement for file in FILES for statement in load(file).values()]


async def nothing_for(connection: Any, statement: str) -> list[None]:
    """No value for each parameter of a statement: PostgreSQL checks rights before it looks at values."""
    return [None for _ in (await connection.prepare(statement)).get_parameters()]


async def test_migrations_need_no_superuser_and_each_role_has_only_its_rights(
    postgres: choose.Postgres,
) -> None:
    name, password = f"roles_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    await create(
        postgres.dsn(), SERVICE, {"migrate": password, "app": password, "read": password}, database=name
    )
    try:
        as_migrate = address(postgres.dsn(), name, f"{name}_migrate", password)
        assert await migrate(as_migrate, SERVICE)
        assert await migrate(as_migrate, SERVICE) == []
        app = await asyncpg.connect(address(postgres.dsn(), name, f"{name}_app", password))
        assert await app.fetchval("select count(*) from journal") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("delete from journal")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("delete from published")
        await app.execute(
            "insert into outbox (topic, key, event_id, value, headers) "
            """values ('contacts', 'X1', 'e1', '{"sequence":"0000000001"}', '')"""
        )
        assert await app.fetchval("select sequence from published where subject = 'X1'") == 1
        await app.execute(
            "insert into journal (source, id, subject, type, key, recorded, body) "
            "values ('/feeds/court', '1', 'X1', 'PersonDied', '', now(), '')"
        )
        await app.execute("select erase_people('{X1}', '{hash}')")
        assert await app.fetchval("select count(*) from journal") == 0
        assert await app.fetchval("select count(*) from published") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("delete from erased")
        for statement in STATEMENTS:
            await app.fetch(f"explain {statement}", *await nothing_for(app, statement))
        await app.close()
        read = await asyncpg.connect(address(postgres.dsn(), name, f"{name}_read", password))
        assert await read.fetchval("select count(*) from open_cases") == 0
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
            await read.execute("insert into changed_pools values ('x')")
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
            await read.execute("select erase_people('{X1}', '{hash}')")
        await read.close()
    finally:
        admin = await asyncpg.connect(postgres.dsn())
        await admin.execute(f'drop database "{name}" with (force)')
        for role in ("migrate", "app", "read", "owner"):
            await admin.execute(f'drop role "{name}_{role}"')
        await admin.close()


async def test_a_migration_does_not_hold_up_the_service_while_it_waits_for_a_lock(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, SERVICE)
    monkeypatch.setattr(tables, "_LOCK_SECONDS", 0.1)
    holder = await asyncpg.connect(database)
    try:
        await holder.execute("delete from migration where name = 'engine/004_words.sql'")
        async with holder.transaction():
            await holder.execute("lock table journal in access exclusive mode")
            with pytest.raises(MigrationError, match=r"is in use: engine/004_words\.sql waited 0\.1 s"):
                await migrate(database, SERVICE)
        assert await migrate(database, SERVICE) == ["engine/004_words.sql"]
    finally:
        await holder.close()
