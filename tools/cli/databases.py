"""Connections to the services' databases for commands that ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from shared.database import check
from tools.cli import errors
from tools.cli.addresses import database_of
from tools.services import BY_NAME


@asynccontextmanager
async def connected(service: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection to a service's database. Raises `UserError` if there is none."""
    dsn = database_of(service)
    with errors.database(dsn):
        connection = await asyncpg.connect(dsn)
        try:
            await check(connection, BY_NAME[service])
            yield connection
        finally:
            await connection.close()
