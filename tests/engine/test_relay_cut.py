"""A relay whose database connection is cut goes on with another one, whatever asyncpg makes of it."""

from typing import Any, cast

import asyncpg
import pytest

from shared.engine.relay import Relay


class Cut:
    """A connection that is cut while the relay reads the outbox; a second one finds it empty."""

    def __init__(self, fault: Exception | None) -> None:
        self._fault = fault

    async def fetchval(self, _query: str) -> bool:
        return True

    async def fetch(self, _query: str, _limit: int) -> list[Any]:
        if self._fault:
            raise self._fault
        return []

    async def close(self, **_: float) -> None:
        """Nothing is to be done."""


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        ConnectionResetError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_relay_outlives_its_connection(fault: Exception) -> None:
    connections = [Cut(fault), Cut(None)]

    async def connect() -> Any:
        connection = connections.pop(0)
        if not connections:
            relay.stop(0)
        return connection

    relay = Relay(connect, cast(Any, None), "")
    await relay.run()
    assert connections == []
