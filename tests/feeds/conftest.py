"""The feeds' own database, and the feeds on a real Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from feeds.postgres import DATABASE, Postgres
from feeds.settings import FeedSettings
from shared import database as databases
from shared import kafka as kafka_clients
from shared.settings import PREFIX
from tests.feeds.notices import introduce
from tests.feeds.world import World
from tools.embedded import choose

COURT_TOPICS = ("court", "prison", "practice", "providers")
FEED_TOPIC = "feeds.common-platform"
KEY = b"a key for the tests"


@pytest.fixture
async def world() -> World:
    """Case management knows the person, and the clock is late enough for all that happens."""
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    await introduce(world)
    return world


@pytest.fixture
async def feeds_database(database: str) -> str:
    """The address of a migrated database of the feeds."""
    await databases.migrate(database, DATABASE)
    return database


@pytest.fixture
async def store(feeds_database: str) -> AsyncIterator[Postgres]:
    """A store in it."""
    async with asyncpg.create_pool(feeds_database, min_size=0, max_size=4) as pool:
        yield Postgres(pool, KEY)


@pytest.fixture
async def settings(kafka: choose.Kafka, feeds_database: str, topic_prefix: str) -> FeedSettings:
    """The settings of a feed on these servers, with its topics."""
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value for name, value in kafka.client_settings.items()
    }
    settings = FeedSettings(
        **given,
        database_url=feeds_database,
        topic_prefix=topic_prefix,
        http_port=0,
        kafka_session_timeout_ms=6_000,
    )
    names = {f"{topic_prefix}{short}": 3 for short in COURT_TOPICS} | {f"{topic_prefix}{FEED_TOPIC}": 2}
    await kafka_clients.create_topics(settings, names)
    return settings
