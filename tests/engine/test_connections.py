"""A connection that no longer serves is thrown away, and one that only met a bad statement is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import migrate
from shared.engine.connections import Connections, WentBack
from tests.engine import toy

PID = "select pg_backend_pid()"


@pytest.fixture
async def connections(database: str) -> AsyncIterator[Connections]:
    """A pool of two connections, both open."""
    await migrate(database, toy.SERVICE)

    async def look(connection: asyncpg.Connection) -> None:
        await made.look(connection)

    async with asyncpg.create_pool(database, min_size=0, max_size=2, init=look) as pool:
        made = Connections(pool)
        yield made


async def processes(connections: Connections) -> set[int]:
    """The server's processes behind the two connections."""
    async with connections.one() as one, connections.one() as other:
        return {await one.fetchval(PID), await other.fetchval(PID)}


async def fail(connections: Connections, code: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        async with connections.one() as connection:
            await connection.execute(f"do $$ begin raise exception 'so' using errcode = '{code}'; end $$")


@pytest.mark.parametrize(
    "code",
    [
        "25006",
        "26000",
        "42P05",
        "0A000",
        "XX000",
        "08006",
        "08003",
        "53300",
        "57P01",
        "57P03",
        "58030",
        "25P03",
    ],
)
async def test_an_error_that_another_connection_would_not_meet_throws_all_of_them_away(
    connections: Connections, code: str
) -> None:
    before = await processes(connections)
    await fail(connections, code)
    assert before.isdisjoint(await processes(connections))


@pytest.mark.parametrize("code", ["22012", "23505", "40P01", "40001", "54000", "55P03", "57014"])
async def test_an_error_of_the_statement_keeps_the_connections(connections: Connections, code: str) -> None:
    before = await processes(connections)
    await fail(connections, code)
    assert await processes(connections) == before


OFFSET = """
insert into offsets values ('desk', 0, 'one', {0})
on conflict (topic, partition) do update set next_offset = {0}
"""


async def test_a_new_connection_to_a_database_that_went_back_is_not_given_out(
    connections: Connections,
) -> None:
    async with connections.one() as connection:
        await connection.execute(OFFSET.format(5))
    assert await connections.offsets() == {("desk", 0, "one"): 5}
    async with connections.one() as connection:
        await connection.execute(OFFSET.format(4))
    await connections.pool.expire_connections()
    for _ in range(2):
        with pytest.raises(WentBack):
            async with connections.one():
                pass
    assert connections.went_back.is_set()
    await connections.forget()
    assert await connections.offsets() == {("desk", 0, "one"): 4}


async def test_offsets_that_another_instance_moved_on_are_no_going_back(connections: Connections) -> None:
    async with connections.one() as connection:
        await connection.execute(OFFSET.format(5))
    await connections.offsets()
    async with connections.one() as connection:
        await connection.execute(OFFSET.format(9))
        await connections.look(connection)
    assert not connections.went_back.is_set()
