"""Each database role has its rights in its own database, and every other combination is refused."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from schemas.topics import SERVICES
from tests.security.composed import Composed

OURS = (*SERVICES, "dashboard", "feeds")
ROLES = [f"{database}_{kind}" for database in OURS for kind in ("app", "read")]
DATABASES = (*OURS, "postgres", "template1")

ADDED_TO = {"journal", "published", "warnings"}
CHANGED = {"cases", "clock", "notices", "offsets", "own_offsets", "last_read", "topics", "dead_letters"}
QUEUES = {"outbox", "changed_pools", "announced_days", "lost_events"}
REWRITTEN = {"months", "catch_up"}
"""What a service's own role may do with its tables, beside reading them: see docs/promises.md."""

ACTS = {
    "select": "select 1 from {table} limit 0",
    "insert": "insert into {table} default values",
    "update": 'update {table} set "{column}" = default where false',
    "delete": "delete from {table} where false",
    "truncate": "truncate {table}",
}
ON_THE_DATABASE = {
    "create a table": "create table strange ()",
    "create a schema": "create schema strange",
    "create a temporary table": "create temporary table strange ()",
    "create a role": "create role strange",
    "become the owner": 'set role "{database}_owner"',
    "read a file": "select pg_read_file('postgresql.conf')",
    "run a program": "copy (select 1) to program 'true'",
}


def granted(table: str) -> set[str]:
    """What the role of a service may do with a table."""
    rights = {"select"}
    if table in ADDED_TO | CHANGED | QUEUES | REWRITTEN:
        rights.add("insert")
    if table in CHANGED | REWRITTEN:
        rights.add("update")
    if table in QUEUES | REWRITTEN:
        rights.add("delete")
    return rights


async def may(connection: Any, statement: str) -> bool:
    """Whether the connection's role may execute the statement, which is then undone."""
    change = connection.transaction()
    await change.start()
    try:
        await connection.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError):
        return False
    except asyncpg.IntegrityConstraintViolationError:
        return True  # it got as far as the table's own rules
    finally:
        await change.rollback()
    return True


async def rights_in(connection: Any) -> dict[str, set[str]]:
    """What the role may do with each table."""
    tables = await connection.fetch(
        """
        select relname as table, min(attname) filter (where attnum > 0 and not attisdropped) as column
        from pg_class join pg_attribute on attrelid = pg_class.oid
        where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace group by relname
        """
    )
    assert tables
    return {
        row["table"]: {
            act for act, statement in ACTS.items() if await may(connection, statement.format_map(row))
        }
        for row in tables
    }


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_its_own_database_and_no_other(secured: Composed, role: str) -> None:
    opened = set()
    for database in DATABASES:
        try:
            connection = await asyncpg.connect(secured.address(database, role))
        except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidAuthorizationSpecificationError):
            continue
        opened.add(database)
        await connection.close()
    assert opened == {role.rpartition("_")[0]}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_role_adds_facts_and_changes_only_what_is_not_history(
    secured: Composed, service: str
) -> None:
    connection = await asyncpg.connect(secured.address(service, f"{service}_app"))
    try:
        found = await rights_in(connection)
        assert {"journal", *CHANGED, *QUEUES, *REWRITTEN} <= set(found)
        assert found == {table: granted(table) for table in found}
    finally:
        await connection.close()


@pytest.mark.parametrize("database", OURS)
async def test_a_reading_role_only_reads(secured: Composed, database: str) -> None:
    connection = await asyncpg.connect(secured.address(database, f"{database}_read"))
    try:
        await connection.execute("set default_transaction_read_only = off")  # its rights must do it alone
        assert {act for acts in (await rights_in(connection)).values() for act in acts} == {"select"}
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_makes_nothing_of_its_own_and_reaches_nothing_outside(
    secured: Composed, role: str
) -> None:
    database = role.rpartition("_")[0]
    connection = await asyncpg.connect(secured.address(database, role))
    try:
        await connection.execute("set default_transaction_read_only = off")
        done = {
            what
            for what, statement in ON_THE_DATABASE.items()
            if await may(connection, statement.format(database=database))
        }
        # The dashboard makes its read models anew, each in a schema of its own.
        assert done == ({"create a schema"} if role == "dashboard_app" else set())
    finally:
        await connection.close()


async def test_roles_that_own_or_migrate_have_no_password(secured: Composed) -> None:
    admin = await asyncpg.connect(secured.address("postgres", "postgres"))
    try:
        rows = await admin.fetch(
            "select rolname from pg_authid where rolcanlogin and rolpassword is not null"
        )
    finally:
        await admin.close()
    assert {row["rolname"] for row in rows} == {"postgres", *ROLES}
