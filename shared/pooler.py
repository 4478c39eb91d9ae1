"""Recognises a connection pooler that shares connections between transactions: PgBouncer in transaction mode.

A service needs its connections for itself. The relay's leader holds a lock that belongs to a connection:
behind such a pooler two instances would both lead. Prepared statements would be missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import asyncpg

TRIES = 4
"""How many transactions it opens at once: one of them gets the connection that another has just left."""

ANSWER_SECONDS = 5.0
"""How long the pooler may take to give a connection. It may have none left."""

_PID = "select pg_backend_pid()"


class PoolerError(Exception):
    """The database's address leads to such a pooler. The message follows the database's name."""

    def __str__(self) -> str:
        return (
            "is behind a pooler that shares connections between transactions, such as PgBouncer in "
            "transaction mode: the service needs connections of its own, for locks and prepared statements. "
            "Connect it to PostgreSQL itself, or to a pool with pool_mode = session"
        )


def is_refused_by_pooler(fault: asyncpg.PostgresError) -> bool:
    """Whether this is PgBouncer's answer to a setting that it does not pass on, which PostgreSQL knows."""
    return "unsupported startup parameter" in str(fault)


async def check_sessions(dsn: str, options: Mapping[str, Any]) -> None:
    """Raise `PoolerError` if connections to `dsn`, opened with these options, are shared by transactions.

    PostgreSQL tells each connection its process when it opens; a pooler answers with a number of its own.
    Only then is it tried whether a connection keeps its process while others have transactions open.
    """
    async with AsyncExitStack() as stack:

        async def connect() -> asyncpg.Connection[Any]:
            # A statement that is kept would be missing on another connection, before this can be told.
            opened: asyncpg.Connection[Any] = await asyncpg.connect(dsn, **options, statement_cache_size=0)
            stack.push_async_callback(opened.close, timeout=ANSWER_SECONDS)
            return opened

        first = await connect()
        try:
            if first.get_server_pid() == await first.fetchval(_PID):
                return
            for _ in range(TRIES):
                before = await first.fetchval(_PID)
                other = await connect()
                async with asyncio.timeout(ANSWER_SECONDS):
                    await other.execute("begin")
                    if await other.fetchval(_PID) == before or await first.fetchval(_PID) != before:
                        raise PoolerError
        except (TimeoutError, asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError):
            # The open transactions use all its connections, or a statement was left on another one.
            raise PoolerError from None
