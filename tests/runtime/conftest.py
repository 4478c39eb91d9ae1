"""The environment of the toy service."""

from collections.abc import AsyncIterator

import pytest

from shared import database as databases
from shared import kafka as kafka_clients
from tests.runtime import toy
from tests.runtime.environment import Environment, settings_of
from tools.embedded import choose


@pytest.fixture
async def env(
    kafka: choose.Kafka, postgres: choose.Postgres, database: str, topic_prefix: str
) -> AsyncIterator[Environment]:
    """Topics and a migrated database. Whatever still runs at the end is stopped."""
    env = Environment(settings_of(kafka, database, topic_prefix), database, postgres.dsn())
    await databases.migrate(database, toy.SERVICE)
    await kafka_clients.create_topics(
        env.settings, {env.topic(name): number for name, number in toy.PARTITIONS.items()}
    )
    yield env
    for runtime in list(env.running):
        await env.stop(runtime)
    if env.producer is not None:
        await env.producer.stop()
