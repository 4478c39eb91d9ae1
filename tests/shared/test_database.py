"""The rights of each role in a service's database."""

from __future__ import annotations

import secrets

import asyncpg
import pytest

from shared.database import address, create, migrate
from tools.embedded import choose
from tools.services import BY_NAME

SERVICE = BY_NAME["contacts"]


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
