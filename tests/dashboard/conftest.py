"""A caseload as the topics have it, and a database with the dashboard's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser

from schemas import language
from schemas.envelope import CloudEvent
from schemas.parsing import parse
from services.dashboard.model import generations
from services.dashboard.model.adding import Message
from services.dashboard.model.taking import Taker
from services.dashboard.settings import DATABASE
from shared.database import migrate
from tests.dashboard.browsing import chromium
from tests.dashboard.running import Running, different, publish, running
from tests.dashboard.site import Site, asked
from tests.replaying import in_memory
from tools.embedded import choose
from tools.simulate import caseload, history

KEY = b"key of the tests' hashes"
ENCRYPTED = {
    "kafka_security_protocol": "SASL_SSL",
    "kafka_username": "dashboard",
    "kafka_password": "password of the tests",
}
"""Settings without which nothing connects to Kafka in production."""
PEOPLE, DAYS = 16, 120


@dataclass
class Caseload:
    """What the feeds sent and what the services published of it."""

    facts: list[bytes]
    published: list[bytes]

    @property
    def lines(self) -> list[bytes]:
        """All of it, each person's in order."""
        return [*self.facts, *self.published]

    @property
    def messages(self) -> list[Message]:
        """All of it as messages on the topics, each person's in order."""
        return messages(self.lines)

    @property
    def events(self) -> list[CloudEvent[Any]]:
        """What the services published."""
        return [parse(line) for line in self.published]


def messages(lines: Iterable[bytes]) -> list[Message]:
    """Events as messages on their topics."""
    found = []
    for offset, line in enumerate(lines):
        topic = language.owner_of(parse(line).source)
        assert topic is not None
        found.append(Message(topic, 0, offset, line, ()))
    return found


def day(date: str) -> bytes:
    """`DayStarted`, as the ticker publishes it."""
    return (
        f'{{"specversion":"1.0","id":"day-{date}","source":"/services/ticker","type":"DayStarted",'
        f'"time":"{date}T00:00:00Z","data":{{"date":"{date}"}}}}'
    ).encode()


@pytest.fixture(scope="session")
def played() -> Caseload:
    """A simulated caseload, in which many people have two numbers, after the four services."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "TWO_NUMBERS", 0.4)
        lines = caseload(seed=3, people=PEOPLE, days=DAYS)
    last = max(parse(line).recorded for line in lines).date().isoformat()
    return Caseload([*lines, day(last)], in_memory(lines).published)


@dataclass
class Read:
    """A read model in a database, and what takes messages into it."""

    connection: Any
    model: generations.Model
    taker: Taker
    dsn: str

    async def take(self, found: Iterable[Message]) -> None:
        await self.taker.take(self.connection, found)

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        await self.connection.execute(f"set search_path to {self.model.schema}, public")
        return [dict(row) for row in await self.connection.fetch(query, *values)]

    async def serve(self) -> None:
        await self.rows("update state set up_to = now()")
        await self.connection.execute(f"update {self.model.schema}.state set up_to = now()")
        await generations.serve(self.connection, self.model)


@pytest.fixture
async def read(create_database: Callable[[], Awaitable[str]]) -> Any:
    """An empty read model."""
    dsn = await create_database()
    await migrate(dsn, DATABASE)
    connection = await asyncpg.connect(dsn)
    model = await generations.build(connection)
    yield Read(connection, model, Taker(model.schema, KEY), dsn)
    await connection.close()


@pytest.fixture
async def empty(read: Read) -> AsyncIterator[Site]:
    """The pages of an empty read model."""
    async with asked(read, Caseload([], []), KEY) as found:
        yield found


@pytest.fixture
async def site(empty: Site, played: Caseload) -> Site:
    """The pages of a read model with the caseload."""
    empty.played = played
    await empty.read.take(played.messages)
    await empty.read.serve()
    return empty


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with chromium() as found:
        yield found


@pytest.fixture
async def on(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> AsyncIterator[Running]:
    """A dashboard that has read the caseload."""
    found = await running(kafka, database, topic_prefix)
    await publish(found, played.lines)
    async with found.dashboard():
        await found.until_it_holds(different(played.lines))
        yield found
