"""A service's database: its connections, and what is asked of it outside of a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from shared.engine.connections import Connections
from shared.engine.erasing import check_key, hash_of_key
from shared.engine.queries import SQL
from shared.engine.storage import Due, Place
from shared.engine.transaction import PostgresTransaction


class Postgres:
    """The database of one service. `erasure_key` hashes the names of erased people; the same for ever."""

    def __init__(self, pool: asyncpg.Pool[Any], *, erasure_key: bytes | None = None) -> None:
        self.connections = Connections(pool)
        self.erasure_key = erasure_key

    @property
    def pool(self) -> asyncpg.Pool[Any]:
        """The pool of its connections."""
        return self.connections.pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """A transaction on a connection of its own."""
        async with self.connections.one() as connection:
            async with connection.transaction():
                transaction = PostgresTransaction(connection, self.connections, self.erasure_key)
                yield transaction
            self.connections.left(transaction.offsets)

    async def begin_release(self, digest: str) -> int:
        """Make the release of that digest the newest, unless it is already; returns its number."""
        number: int = await self._value("begin_release", digest)
        return number

    async def check_erasure_key(self) -> None:
        """Raise `ErasureKeyError` if the erased people would not be known again by the key."""
        async with self.connections.one() as connection:
            found = await connection.fetchrow(SQL["erasure_key"], hash_of_key(self.erasure_key))
        assert found is not None
        check_key(self.erasure_key, used=found["used"], known=found["known"])

    async def due(self, release: int, last: Collection[str], kinds: Collection[str]) -> Due:
        """Is there anything to sweep: lost events (these subjects' last), cases of these kinds, pools?"""
        async with self.connections.one() as connection:
            row = await connection.fetchrow(SQL["due"], release, list(last), list(kinds))
        assert row is not None
        return Due(*row)

    async def note_unseen(self, pools: Sequence[str], seen: Sequence[str]) -> bool:
        """Did anything else offer itself in these pools than what was seen there?"""
        return await self._value("note_unseen", list(pools), list(seen)) is not None

    async def offsets(self) -> dict[Place, int]:
        """Where to read on, by topic, partition and incarnation."""
        return await self.connections.offsets()

    async def known_topics(self) -> dict[str, tuple[str, int]]:
        """The incarnation and the number of partitions of each topic when it was read first."""
        async with self.connections.one() as connection:
            rows = await connection.fetch(SQL["known_topics"])
        return {row["topic"]: (row["incarnation"], row["partitions"]) for row in rows}

    async def know_topics(self, topics: Mapping[str, tuple[str, int]]) -> None:
        """Remember these topics."""
        ids = [id for id, _ in topics.values()]
        async with self.connections.one() as connection:
            await connection.execute(SQL["know_topics"], list(topics), ids, [n for _, n in topics.values()])

    async def last_read(self) -> dict[Place, tuple[int, bytes]]:
        """The offset and the digest of the last message read of each partition."""
        async with self.connections.one() as connection:
            rows = await connection.fetch(SQL["load_last_read"])
        return {(r["topic"], r["partition"], r["incarnation"]): (r["offset"], r["digest"]) for r in rows}

    async def quarantined(self) -> dict[str, str]:
        """Why each case in quarantine is there."""
        async with self.connections.one() as connection:
            return {row["subject"]: row["why"] for row in await connection.fetch(SQL["quarantined"])}

    async def _value(self, query: str, *arguments: object) -> Any:
        async with self.connections.one() as connection:
            return await connection.fetchval(SQL[query], *arguments)
