"""A service's database: its roles, its tables and what each role may do.

Each service has its own database and four roles. `<service>_owner` owns the tables and cannot log in;
`<service>_migrate` can become the owner; `<service>_app` runs the service and can only add to the journal,
except that it may erase a person (`erase_people`); `<service>_read` can only read.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from shared.mistakes import Mistake

Role = Literal["migrate", "app", "read"]
ROLES: tuple[Role, ...] = get_args(Role)

_ENGINE = Path(__file__).parent / "engine" / "migrations"
_CONTRACT = ".contract.sql"
"""How the name of a migration ends that takes away what the release before it uses."""
_LOCK_SECONDS = 5
"""How long a migration may wait for a table that transactions use: those that come later wait behind it."""
_LOCK = 0x70726F6261  # an arbitrary number, the same for every migration
_MIGRATION_TABLE = """
create table if not exists migration (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())
"""
_LIMITS = """
alter role {app} set statement_timeout = '60s';
alter role {app} set idle_in_transaction_session_timeout = '20s';
alter role {read} set default_transaction_read_only = on;
"""
_READ = """
grant usage on schema public to {app}, {read};
grant select on all tables in schema public to {app}, {read};
"""
_ENGINE_GRANTS = """
grant insert on journal, published, warnings to {app};
grant insert, update on cases, clock, notices, offsets, own_offsets, last_read, topics, dead_letters to {app};
grant insert, update, delete on months, catch_up to {app};
grant insert, delete on outbox, changed_pools, announced_days, lost_events to {app};
grant execute on function erase_people to {app};
"""


class Owner(Protocol):
    """Whose database it is: one of the services, or a program with tables of its own kind (`Program`)."""

    @property
    def name(self) -> str:
        """The name of the database and the beginning of its roles' names."""
        ...

    @property
    def migrations(self) -> Path:
        """The folder of its own migrations."""
        ...


@dataclass(frozen=True)
class Program:
    """A program that keeps no journal, so its database has its own tables only.

    `grants` gives its roles their rights, with `{app}`, `{read}` and `{database}` for the names.
    """

    name: str
    migrations: Path
    grants: str


class MigrationError(Mistake):
    """The database does not fit this release. The message follows the database's name and says what to do."""


async def create(
    admin_dsn: str, service: Owner, passwords: Mapping[Role, str], *, database: str | None = None
) -> None:
    """Create the service's database and roles if they are missing, and set the roles' passwords.

    `admin_dsn` is a superuser's; `database` is the name of the database if it differs from the service's.
    """
    name = database or service.name
    connection = await asyncpg.connect(admin_dsn)
    try:
        await _locked(connection)
        owner = f"{name}_owner"
        await _role(connection, owner, "nologin")
        for role in ROLES:
            await _role(connection, f"{name}_{role}", "login", passwords.get(role))
        await connection.execute(f'grant "{owner}" to "{name}_migrate"')
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}" owner "{owner}"')
        await connection.execute(f'revoke all on database "{name}" from public')
        await connection.execute(_LIMITS.format(app=f'"{name}_app"', read=f'"{name}_read"'))
        for role in ROLES:
            await connection.execute(f'grant connect on database "{name}" to "{name}_{role}"')
    finally:
        await connection.close()


async def _role(connection: Any, name: str, login: str, password: str | None = None) -> None:
    if not await connection.fetchval("select 1 from pg_roles where rolname = $1", name):
        await connection.execute(f'create role "{name}" {login}')
    if password is not None:
        # A role's password cannot be a parameter, so PostgreSQL quotes it.
        quoted = await connection.fetchval("select quote_literal($1::text)", password)
        await connection.execute(f'alter role "{name}" password {quoted}')


async def migrate(dsn: str, service: Owner) -> list[str]:
    """Migrate the database to this release, and return the migrations applied.

    Run it as a job, never at the start of each replica. Concurrent runs wait for each other. Roles get their
    grants if they exist (temporary databases have none). Raises `MigrationError` if a migration has changed
    since it was applied, or if a newer release has migrated the database.
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
        wanted = _migrations(service)
        _refuse_others(done, service)
        if newer := _newer(done, service):
            raise MigrationError(
                f"was migrated by a newer release ({', '.join(newer)}): run that release or a later one"
            )
        applied = [n for n, path in wanted.items() if await _apply(connection, path, n, done)]
        if f"{name}_app" in roles:
            grants = _READ + (service.grants if isinstance(service, Program) else _ENGINE_GRANTS)
            names = {"app": f'"{name}_app"', "read": f'"{name}_read"', "database": f'"{name}"'}
            await connection.execute(grants.format_map(names))
        return applied
    finally:
        await connection.close()


async def check(connection: Any, service: Owner) -> None:
    """Raise `MigrationError` unless the database is migrated to this release.

    A database that a newer release has only expanded will do too: so there is a way back from that release.
    """
    done = set()
    if await connection.fetchval("select to_regclass('migration') is not null"):
        done = {row["name"] for row in await connection.fetch("select name from migration")}
    _refuse_others(done, service)
    if contracted := [name for name in _newer(done, service) if name.endswith(_CONTRACT)]:
        raise MigrationError(
            f"was migrated by a newer release ({', '.join(contracted)}): run that release or a later one"
        )
    if not done.issuperset(_migrations(service)):
        raise MigrationError("is not migrated to this release: run `probation db migrate`")


def _migrations(service: Owner) -> dict[str, Path]:
    """The migrations of this release by name, in order."""
    engine = [] if isinstance(service, Program) else [(_ENGINE, "engine")]
    return {
        f"{prefix}/{path.name}": path
        for folder, prefix in (*engine, (service.migrations, service.name))
        for path in sorted(folder.glob("*.sql"))
    }


def _refuse_others(done: Collection[str], service: Owner) -> None:
    """Refuse another service's database."""
    for name in done:
        owner = name.partition("/")[0]
        if owner not in ({service.name} if isinstance(service, Program) else {service.name, "engine"}):
            raise MigrationError(f"belongs to {owner}, not to {service.name}: correct its address")


def _newer(done: Collection[str], service: Owner) -> list[str]:
    """The migrations that were applied and that this release does not have."""
    return sorted(set(done) - set(_migrations(service)))


async def _locked(connection: Any) -> None:
    # Polled, so that no statement stays open: creating an index concurrently would wait for it forever.
    while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def _apply(connection: Any, path: Path, name: str, done: Mapping[str, str]) -> bool:
    text = path.read_text("utf-8")  # noqa: ASYNC240 - this job does nothing else
    digest = hashlib.sha256(text.encode()).hexdigest()
    if name in done:
        if done[name] != digest:
            raise MigrationError(f"has another {name}, which has changed since: add a new migration instead")
        return False
    try:
        async with connection.transaction():
            await connection.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
            await connection.execute(text)
            await connection.execute("insert into migration (name, sha256) values ($1, $2)", name, digest)
    except asyncpg.LockNotAvailableError:
        raise MigrationError(
            f"is in use: {name} waited {_LOCK_SECONDS} s for a lock. Run `probation db migrate` again, or "
            "end the transaction that holds it"
        ) from None
    return True


def address(dsn: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """The DSN of another database on the same server, for another user if one is given."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    credentials = parts.netloc.rpartition("@")[0]
    if user is not None:
        credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
    return urlunsplit(
        parts._replace(netloc=f"{credentials}@{host}" if credentials else host, path=f"/{database}")
    )
