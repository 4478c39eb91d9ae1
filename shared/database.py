"""A service's database: its roles, its tables, what each role may do.

Each service has a database of its own and four roles: `<service>_owner` owns the tables and cannot
log in; `<service>_migrate` may become the owner; `<service>_app` runs the service and may only add
to the journal; `<service>_read` only reads.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from shared.engine.service import Service

Role = Literal["migrate", "app", "read"]

_ENGINE = Path(__file__).parent / "engine" / "migrations"
_LOCK = 0x70726F6261  # any number, the same for everyone who migrates
_MIGRATION_TABLE = """
create table if not exists migration (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())
"""
_LIMITS = """
alter role {app} set statement_timeout = '60s';
alter role {app} set idle_in_transaction_session_timeout = '60s';
alter role {read} set default_transaction_read_only = on;
"""
_GRANTS = """
grant usage on schema public to {app}, {read};
grant select on all tables in schema public to {app}, {read};
grant insert on journal to {app};
grant insert, update on cases, clock, offsets, dead_letters to {app};
grant insert, update, delete on months to {app};
grant insert, delete on outbox, changed_pools to {app};
"""


class MigrationError(Exception):
    """The database cannot be brought to this release; the message says what to do."""


async def create(
    admin_dsn: str, service: Service, passwords: Mapping[Role, str], *, database: str | None = None
) -> None:
    """Create the service's database and roles where they are missing, and set the roles' passwords.

    `admin_dsn` is of a superuser; `database` names the database if not after the service.
    """
    name = database or service.name
    connection = await asyncpg.connect(admin_dsn)
    try:
        await _locked(connection)
        owner = f"{name}_owner"
        await _role(connection, owner, "nologin")
        for role in ("migrate", "app", "read"):
            await _role(connection, f"{name}_{role}", "login", passwords.get(role))
        await connection.execute(f'grant "{owner}" to "{name}_migrate"')
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}" owner "{owner}"')
        await connection.execute(f'revoke all on database "{name}" from public')
        await connection.execute(_LIMITS.format(app=f'"{name}_app"', read=f'"{name}_read"'))
        for role in ("migrate", "app", "read"):
            await connection.execute(f'grant connect on database "{name}" to "{name}_{role}"')
    finally:
        await connection.close()


async def _role(connection: Any, name: str, login: str, password: str | None = None) -> None:
    if not await connection.fetchval("select 1 from pg_roles where rolname = $1", name):
        await connection.execute(f'create role "{name}" {login}')
    if password is not None:
        # A role's password cannot be a parameter; PostgreSQL itself quotes it.
        quoted = await connection.fetchval("select quote_literal($1::text)", password)
        await connection.execute(f'alter role "{name}" password {quoted}')


async def migrate(dsn: str, service: Service) -> list[str]:
    """Bring the database to this release; returns the migrations applied.

    Run as a job, never in each replica's start; two at once wait for each other. The roles get their
    grants if they exist (scratch databases have none). Raises `MigrationError` if a migration that was
    applied has been changed since.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await _locked(connection)
        name = await connection.fetchval("select current_database()")
        roles = {r["rolname"] for r in await connection.fetch("select rolname from pg_roles")}
        if f"{name}_owner" in roles:
            await connection.execute(f'grant create, usage on schema public to "{name}_owner"')
            await connection.execute(f'set role "{name}_owner"')
        await connection.execute(_MIGRATION_TABLE)
        done = {r["name"]: r["sha256"] for r in await connection.fetch("select name, sha256 from migration")}
        applied = []
        for folder, prefix in ((_ENGINE, "engine"), (service.migrations, service.name)):
            for path in sorted(folder.glob("*.sql")):
                if await _apply(connection, path, f"{prefix}/{path.name}", done):
                    applied.append(f"{prefix}/{path.name}")
        if f"{name}_app" in roles:
            await connection.execute(_GRANTS.format(app=f'"{name}_app"', read=f'"{name}_read"'))
        return applied
    finally:
        await connection.close()


async def _locked(connection: Any) -> None:
    # Polled, so that no statement stays open: a concurrent index would wait for it for ever.
    while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def _apply(connection: Any, path: Path, name: str, done: Mapping[str, str]) -> bool:
    text = path.read_text("utf-8")  # noqa: ASYNC240 - a job that does nothing else
    digest = hashlib.sha256(text.encode()).hexdigest()
    if name in done:
        if done[name] != digest:
            raise MigrationError(f"{name} was changed after it was applied: add a new migration instead")
        return False
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("insert into migration (name, sha256) values ($1, $2)", name, digest)
    return True


def address(dsn: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """The same server's address of another database, as another user if one is given."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    who = parts.netloc.rpartition("@")[0]
    if user is not None:
        who = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
    return urlunsplit(parts._replace(netloc=f"{who}@{place}" if who else place, path=f"/{database}"))
