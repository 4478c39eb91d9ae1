"""A running dashboard that reads a caseload from topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from schemas import language
from schemas.parsing import parse
from services.dashboard.app import Dashboard
from services.dashboard.settings import DATABASE, DashboardSettings
from shared.database import migrate
from shared.kafka import create_topics
from shared.settings import load
from tools.embedded import choose
from tools.embedded.process import free_port
from tools.topics import all_topics

PATIENCE = 60.0
"""Seconds after which a waiting test fails."""


@dataclass
class Running:
    """A dashboard's settings and its database."""

    settings: DashboardSettings
    dsn: str

    @property
    def site(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.settings.http_port}"

    @asynccontextmanager
    async def dashboard(self) -> AsyncIterator[Dashboard]:
        """Run it inside the block."""
        dashboard = Dashboard(self.settings)
        task = asyncio.create_task(dashboard.run())
        task.add_done_callback(lambda _: waiting and waiting.cancel())
        waiting = asyncio.current_task()
        try:
            yield dashboard
            waiting = None
        finally:
            waiting = None
            dashboard.stop()
            await task

    async def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, with {model} for the schema that serves; none before one does."""
        connection = await asyncpg.connect(self.dsn)
        try:
            id = await connection.fetchval("select id from models where state = 'serving'")
            if id is None:
                return []
            return [dict(row) for row in await connection.fetch(query.format(model=f"model_{id}"))]
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        await self.rows(statement)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await condition():  # noqa: ASYNC110 - it sends no signal
                await asyncio.sleep(0.1)

    async def until_it_serves(self) -> None:
        """Wait until a read model is complete."""

        async def serves() -> bool:
            return bool(await self.rows("select from {model}.state"))

        await self.until(serves)

    async def until_it_holds(self, number: int) -> None:
        """Wait until the model that serves holds so many events."""

        async def holds() -> bool:
            rows = await self.rows("select count(*)::int as n from {model}.events")
            return bool(rows) and rows[0]["n"] == number

        await self.until(holds)


async def running(kafka: choose.Kafka, dsn: str, topic_prefix: str, **more: Any) -> Running:
    """A dashboard with empty topics, not started yet."""
    given = {name.removeprefix("PROBATION_").lower(): value for name, value in kafka.client_settings.items()}
    settings = load(
        DashboardSettings,
        **{
            **given,
            "database_url": dsn,
            "environment": "development",
            "topic_prefix": topic_prefix,
            "kafka_partitions": 2,
            "http_host": "127.0.0.1",
            "http_port": free_port(),
            **more,
        },
    )
    await create_topics(settings, all_topics(settings))
    await migrate(dsn, DATABASE)
    return Running(settings, dsn)


def different(lines: Iterable[bytes]) -> int:
    """How many different events there are, without the days."""
    events = map(parse, lines)
    return len({(event.source, event.id) for event in events if event.type != "DayStarted"})


async def publish(on: Running, lines: Iterable[bytes]) -> None:
    """Publish events on their topics."""
    producer = AIOKafkaProducer(bootstrap_servers=on.settings.kafka_bootstrap_servers, linger_ms=5)
    await producer.start()
    try:
        for line in lines:
            event = parse(line)
            topic = on.settings.topic_prefix + (language.owner_of(event.source) or "")
            await producer.send(topic, line, key=(event.subject or "").encode())
        await producer.flush()
    finally:
        await producer.stop()
