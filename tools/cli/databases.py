"""Connections to the services' databases for commands that ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tools.cli import errors
from tools.cli.addresses import database_of


@asynccontextmanager
async def connected(service: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection to a service's database. Raises `UserError` if there is none."""
    dsn = database_of(service)
    with errors.database(dsn):
        connection = await asyncpg.connect(dsn)
        try:
            yield connection
        finally:
            await connection.close()
