"""The system under test, and what it should have published."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system.failover import Pair
from tests.system.harness import System
from tools.embedded import choose


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    """A PostgreSQL with a standby, which is not started yet."""
    async with Pair() as pair:
        yield pair


@pytest.fixture
async def system(
    kafka: choose.Kafka, postgres: choose.Postgres, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[System]:
    """Topics and, on request, databases and processes of services. All are removed after the test."""
    async with System(kafka, postgres, topic_prefix, tmp_path) as system:
        yield system
