"""The toy service's house."""

from collections.abc import AsyncIterator

import pytest

from shared import database as databases
from shared import kafka as kafka_clients
from tests.runtime import toy
from tests.runtime.house import House, settings_of
from tools.embedded import choose


@pytest.fixture
async def house(
    kafka: choose.Kafka, postgres: choose.Postgres, database: str, topic_prefix: str
) -> AsyncIterator[House]:
    """Topics and a migrated database; whatever still runs at the end is stopped."""
    house = House(settings_of(kafka, database, topic_prefix), database, postgres.dsn())
    await databases.migrate(database, toy.SERVICE)
    await kafka_clients.create_topics(
        house.settings, {house.topic(name): number for name, number in toy.PARTITIONS.items()}
    )
    yield house
    for runtime in list(house.running):
        await house.stop(runtime)
    if house.producer is not None:
        await house.producer.stop()
