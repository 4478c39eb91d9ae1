"""What every test may ask for: a Kafka, a PostgreSQL, a database and topic names of its own.

The servers are the best that this machine has (`tools/embedded/choose.py`) and start when the first test asks
for one; a run that needs neither starts neither. Which they were stands at the end of every run.
"""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import HealthCheck, settings

from tools.embedded import choose
from tools.embedded.process import EmbeddedError

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "thorough",
    max_examples=600,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "random"))

Choice = TypeVar("Choice")
_USED = pytest.StashKey[list[str]]()

_CURES: dict[choose.Feature, str] = {
    "real_kafka": "Apache Kafka",
    "durable": "a server that keeps what it acknowledged",
    "takeover": "a Kafka whose consumer groups take over from a killed member",
    "idempotence": "a Kafka with idempotent producers",
    "restart": "a server that the test may kill and start",
}


def needs(server: choose.Kafka | choose.Postgres, *features: choose.Feature) -> None:
    """Skip the test if the server lacks one of these, saying what it would need and how to get it."""
    missing = [_CURES[feature] for feature in features if feature not in server.features]
    if not missing:
        return
    cure = "Docker, or a JDK 17+ and Maven" if isinstance(server, choose.Kafka) else "Docker"
    given = "KAFKA_BOOTSTRAP_SERVERS" if isinstance(server, choose.Kafka) else "DATABASE_URL"
    how = f"install {cure}" + ("" if "restart" in features else f", or set {given}")
    pytest.skip(f"needs {' and '.join(missing)} ({how}); this run has {server.name}")


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[choose.Kafka]:
    """The Kafka of this run; ask `needs(kafka, ...)` for what not every one can do."""
    chosen = _start(choose.kafka)
    pytestconfig.stash.setdefault(_USED, []).append(f"Kafka: {chosen.name}")
    yield chosen
    chosen.server.close()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[choose.Postgres]:
    """The PostgreSQL of this run."""
    chosen = _start(choose.postgres)
    pytestconfig.stash.setdefault(_USED, []).append(f"PostgreSQL: {chosen.name}")
    yield chosen
    chosen.server.close()


@pytest.fixture
async def create_database(postgres: choose.Postgres) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Makes empty databases and returns their addresses; they are dropped after the test."""
    names: list[str] = []

    async def create() -> str:
        names.append(f"test_{secrets.token_hex(6)}")
        await _run(postgres, f"create database {names[-1]}")
        return postgres.dsn(names[-1])

    yield create
    for name in names:
        await _run(postgres, f"drop database {name} with (force)")


@pytest.fixture
async def database(create_database: Callable[[], Awaitable[str]]) -> str:
    """The address of an empty database of this test's own."""
    return await create_database()


@pytest.fixture
async def topic_prefix(kafka: choose.Kafka) -> AsyncIterator[str]:
    """A prefix for this test's topics and groups; its topics are deleted after the test."""
    prefix = f"t{secrets.token_hex(4)}-"
    yield prefix
    if "real_kafka" not in kafka.features:
        return  # it forgets them with everything else
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        mine = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if mine:
            await admin.delete_topics(mine)
    finally:
        await admin.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests tells the one that began it which servers it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["used"] = session.config.stash.get(_USED, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take note of what such a process used."""
    used = node.config.stash.setdefault(_USED, [])
    used += [line for line in getattr(node, "workeroutput", {}).get("used", []) if line not in used]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which servers the tests ran on."""
    for line in config.stash.get(_USED, ["no test asked for a Kafka or a PostgreSQL"]):
        terminalreporter.write_line(line)


def _start(start: Callable[[], Choice]) -> Choice:
    try:
        return start()
    except EmbeddedError as error:
        pytest.exit(str(error), returncode=2)


async def _run(postgres: choose.Postgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
