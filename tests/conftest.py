"""Fixtures for all tests: a Kafka, a PostgreSQL, and a test's own database and topic names.

The servers are the best that this machine has (`tools/embedded/choose.py`). They start when the first test
needs one; a run that needs none starts none. The end of every run says which were used.
"""

import gc
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tools.embedded import choose
from tools.embedded.process import EmbeddedError

settings.register_profile(
    "ci", max_examples=50, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough",
    max_examples=600,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "random"))
if settings.get_current_profile_name() == "ci":
    # Examples would also contain constants of the modules that a worker happens to have loaded by then.
    providers._get_local_constants = lambda: providers._local_constants

os.environ.pop("COLUMNS", None)  # readline sets it for the workers, and it would fix the width of consoles

Choice = TypeVar("Choice")
_USED = pytest.StashKey[list[str]]()

_REMEDIES: dict[choose.Feature, str] = {
    "real_kafka": "Apache Kafka",
    "durable": "a server that keeps acknowledged data",
    "takeover": "a Kafka whose consumer groups take over from a killed member",
    "idempotence": "a Kafka with idempotent producers",
    "restart": "a server that the test may kill and start",
}


_LONG = (
    "tools/test_up",
    "security/",
    "system/",
    "dashboard/",
    "upgrade/",
    "runtime/",
    "tools/",
    "engine/",
    "schemas/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    places = [f"tests/{part}" for part in _LONG]
    items.sort(
        key=lambda item: next((n for n, p in enumerate(places) if item.nodeid.startswith(p)), len(places))
    )


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and not in the tests themselves: it took an eighth of the processor time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give tests/security to one worker: each worker with a part of it would set up the secured system."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return "tests/security" if file.startswith("tests/security/") else file

    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def needs(server: choose.Kafka | choose.Postgres, *features: choose.Feature) -> None:
    """Skip the test if the server lacks one of these features, and say how to get them."""
    missing = [_REMEDIES[feature] for feature in features if feature not in server.features]
    if not missing:
        return
    remedy = "Docker, or a JDK 17+ and Maven" if isinstance(server, choose.Kafka) else "Docker"
    given = "KAFKA_BOOTSTRAP_SERVERS" if isinstance(server, choose.Kafka) else "DATABASE_URL"
    how = f"install {remedy}" + ("" if "restart" in features else f", or set {given}")
    pytest.skip(f"needs {' and '.join(missing)} ({how}); this run has {server.name}")


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[choose.Kafka]:
    """The Kafka of this run. Call `needs(kafka, ...)` for features that not every Kafka has."""
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
    """Creates empty databases and returns their addresses. They are dropped after the test."""
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
    """The address of an empty database for this test."""
    return await create_database()


@pytest.fixture
async def topic_prefix(kafka: choose.Kafka) -> AsyncIterator[str]:
    """A prefix for this test's topics and groups. The topics are deleted after the test."""
    prefix = f"t{secrets.token_hex(4)}-"
    yield prefix
    if "real_kafka" not in kafka.features:
        return  # it loses all its data anyway
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        mine = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if mine:
            await admin.delete_topics(mine)
    finally:
        await admin.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process that runs some of the tests reports to its parent which servers it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["used"] = session.config.stash.get(_USED, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Record which servers a worker used."""
    used = node.config.stash.setdefault(_USED, [])
    used += [line for line in getattr(node, "workeroutput", {}).get("used", []) if line not in used]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print which servers the tests ran on."""
    for line in config.stash.get(_USED, ["no test needed a Kafka or a PostgreSQL"]):
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
