"""The connections of a service to its database: those that no longer serve are thrown away.

- **After a fail-over** a pooled connection may lead to a server that only reads, or hold what the new server
  does not know: prepared statements, the ids of types, a cached plan. So each error that could come from
  the connection throws it away, with the others of the pool; one that a statement itself causes does not.
- **A database may go back**: a backup is restored, or a standby takes over that had not received everything.
  Each new connection therefore looks whether the database is the one that this service left, and whether
  it still knows up to where the topics were read. So do every batch and the monitor.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from shared.engine.queries import SQL
from shared.engine.storage import Place

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

FAULTS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg's own, if the connection is cut between two steps
)
"""What may be raised by a database that cannot be used at the moment."""

OF_STATEMENTS = (
    asyncpg.DataError,  # 22
    asyncpg.IntegrityConstraintViolationError,  # 23
    asyncpg.TransactionRollbackError,  # 40: deadlocks and the like
    asyncpg.ProgramLimitExceededError,  # 54
    asyncpg.LockNotAvailableError,  # 55P03
    asyncpg.QueryCanceledError,  # 57014
)
"""Errors that the same statement would meet on any connection."""


class WentBack(Exception):
    """The database is at an earlier state than the one in which this service left it."""

    def __init__(self) -> None:
        super().__init__(
            "the database is not as this service left it (a fail-over or a restore): the service reads again "
            "what it lost"
        )


class Connections:
    """The pool of a service, and what the service has left in the database."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool
        self.went_back = asyncio.Event()
        """Set when the database went back: no connection is given out until `forget`."""
        self._left: dict[Place, int] | None = None
        self._history: str | None = None

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Connection]:
        """A connection of the pool. Raises `WentBack` if the database did."""
        if self.went_back.is_set():
            raise WentBack
        async with self.pool.acquire() as connection:
            try:
                yield connection
            except FAULTS as fault:
                if not isinstance(fault, OF_STATEMENTS):
                    connection.terminate()
                    await self.pool.expire_connections()
                raise

    async def offsets(self) -> dict[Place, int]:
        """Where to read on. From now on the database must not go back behind it."""
        async with self.one() as connection:
            return await self._read(connection)

    async def look(self, connection: Connection) -> None:
        """Look whether the database is as this service left it. Raises `WentBack` if it is not.

        Does nothing until the service has asked for the offsets to read its topics from.
        """
        if self._left is not None:
            await self._read(connection)

    async def _read(self, connection: Connection) -> dict[Place, int]:
        left = dict(self._left or {})  # before asking: more may be left meanwhile
        history: str = await connection.fetchval(SQL["history"])
        stored = places(await connection.fetch(SQL["load_offsets"]))
        if self._history not in (None, history) or gone_back(left, stored):
            self.notice()
        self._history = history
        self._left = self._left or {}
        self.left(stored)
        return stored

    def left(self, offsets: Mapping[Place, int]) -> None:
        """These offsets have been stored, also if another instance did it."""
        left = self._left
        if left is not None:
            left |= {place: max(offset, left.get(place, 0)) for place, offset in offsets.items()}

    def check(self, stored: Mapping[Place, int], at: Iterable[Place]) -> None:
        """Raises `WentBack` if less is stored of these places than this service left."""
        if self._left is not None and gone_back({p: self._left.get(p, 0) for p in at}, stored):
            self.notice()

    def notice(self) -> None:
        """Give out no more connections, since the database went back. Raises `WentBack`."""
        self.went_back.set()
        raise WentBack

    async def forget(self) -> None:
        """Take the database as it is now."""
        self._left = self._history = None
        await self.pool.expire_connections()
        self.went_back.clear()


def places(rows: Iterable[Any]) -> dict[Place, int]:
    """Rows of the table of offsets."""
    return {(r["topic"], r["partition"], r["incarnation"]): r["next_offset"] for r in rows}


def gone_back(left: Mapping[Place, int], stored: Mapping[Place, int]) -> bool:
    """Is less stored than was left? What is stored of a topic that was made anew says nothing."""
    known = {(topic, partition) for topic, partition, _ in stored}
    return any(
        stored[place] < offset if place in stored else offset > 0 and place[:2] not in known
        for place, offset in left.items()
    )
