"""Engines on databases of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from schemas import language
from shared.engine.service import Service
from shared.policy import Policy
from tests.engine import toy
from tests.engine.running import InMemory, Office, Words, office
from tests.engine.toy_language import LANGUAGE

Open = Callable[..., Awaitable[Office]]


@pytest.fixture
async def opened(create_database: Callable[[], Awaitable[str]]) -> AsyncIterator[Open]:
    """Opens a service on a new database."""
    async with AsyncExitStack() as stack:

        async def open(
            service: Service = toy.SERVICE, *, policy: Policy | None = None, size: int = 8
        ) -> Office:
            words: Words = LANGUAGE if service.name == toy.SERVICE.name else language
            made = office(await create_database(), service, words, policy=policy, size=size)
            return await stack.enter_async_context(made)

        yield open


EITHER_WAY = pytest.mark.parametrize("library", ["in memory", "PostgreSQL"], indirect=True)
"""What holds of the engine wherever the cases are: in a casebook or in a database."""


@pytest.fixture
async def library(opened: Open, request: pytest.FixtureRequest) -> Office:
    """The library before its first day, on a database of its own unless the test says "in memory"."""
    if getattr(request, "param", None) == "in memory":
        return InMemory(toy.SERVICE, LANGUAGE)
    return await opened()
