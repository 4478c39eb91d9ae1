"""The rights of each role in a service's database."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared import engine, runtime
from shared.database import address, create, migrate
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
        await app.execute(
            "insert into journal (source, id, subject, type, key, recorded, body) "
            "values ('/feeds/court', '1', 'X1', 'PersonDied', '', now(), '')"
        )
        await app.execute("select erase_people('{X1}', '{hash}')")
        assert await app.fetchval("select count(*) from journal") == 0
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
