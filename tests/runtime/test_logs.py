"""What lasts is logged once, and then once in ten seconds."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from shared.observe import QUIET_SECONDS, Repetitions
from tests.conftest import needs
from tests.runtime import admin
from tests.runtime.environment import Environment, readiness_says, until
from tools.embedded import choose


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """The seconds it shows."""
        return self.now


class Log:
    """Writes lines at given seconds, and tells which get through."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._filter = Repetitions(self.clock)

    def line(self, logger: str, level: int, text: str, **extra: str) -> logging.LogRecord | None:
        """The line if it gets through."""
        record = logging.makeLogRecord({"name": logger, "levelno": level, "msg": text, **extra})
        return record if self._filter.filter(record) else None


@pytest.fixture
def log() -> Log:
    """An empty log at second 0."""
    return Log()


def test_a_cause_that_lasts_is_logged_once_in_ten_seconds_with_how_often_it_came(log: Log) -> None:
    assert log.line("shared.x", logging.WARNING, "waiting", why="no broker")
    for log.clock.now in (1, 5, 9.9):
        assert log.line("shared.x", logging.WARNING, "waiting", why="no broker") is None
    log.clock.now = QUIET_SECONDS
    line = log.line("shared.x", logging.WARNING, "waiting", why="no broker")
    assert line is not None
    assert line.__dict__["held_back"] == 3


def test_another_cause_is_logged_at_once(log: Log) -> None:
    assert log.line("shared.x", logging.WARNING, "waiting", why="no broker")
    assert log.line("shared.x", logging.WARNING, "waiting", why="no database")
    assert log.line("shared.x", logging.ERROR, "a partition cannot be read", place="t/1")
    assert log.line("shared.x", logging.ERROR, "a partition cannot be read", place="t/2")


def test_a_library_is_one_cause_whatever_it_says(log: Log) -> None:
    assert log.line("aiokafka.conn", logging.ERROR, "Unable to connect to node 1")
    assert log.line("aiokafka.client", logging.ERROR, "Unable to update metadata") is None
    assert log.line("asyncpg.pool", logging.ERROR, "another library")


def test_what_is_no_trouble_is_always_logged(log: Log) -> None:
    assert log.line("shared.x", logging.INFO, "serving")
    assert log.line("shared.x", logging.INFO, "serving")


@pytest.fixture
def lines() -> Iterator[list[logging.LogRecord]]:
    """The warnings and errors that would be logged."""
    found: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record)

    keep = Keep(logging.WARNING)
    keep.addFilter(Repetitions())
    logging.getLogger().addHandler(keep)
    yield found
    logging.getLogger().removeHandler(keep)


async def test_a_broker_that_is_away_fills_no_log(
    kafka: choose.Kafka, env: Environment, lines: list[logging.LogRecord]
) -> None:
    needs(kafka, "restart", "durable")
    runtime = await env.run()
    await env.weigh("before", 50)
    await env.knows("before")
    await env.new_producer()
    lines.clear()
    began = asyncio.get_running_loop().time()
    await asyncio.to_thread(kafka.server.stop)
    try:
        await readiness_says(runtime, "broker", "no broker answers")

        async def twice() -> bool:
            return sum(line.name.startswith("aiokafka") for line in lines) > 2

        await until(twice)
    finally:
        await asyncio.to_thread(kafka.server.start)
    await env.ready(runtime)
    tens = (asyncio.get_running_loop().time() - began) / QUIET_SECONDS + 1
    causes = {(line.name.split(".")[0], line.levelno) for line in lines}
    assert len(lines) <= 3 * len(causes) * tens, [line.getMessage() for line in lines]


async def test_a_topic_that_is_gone_fills_no_log(
    kafka: choose.Kafka, env: Environment, lines: list[logging.LogRecord]
) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    lines.clear()
    began = asyncio.get_running_loop().time()
    await admin.delete(env, "porter")
    await env.fetch(
        "insert into outbox (topic, key, event_id, value, headers)"
        " values ('porter', 'k'::bytea, 'waits', '{}'::bytea, '\\x90'::bytea)"
    )
    await readiness_says(runtime, "broker", env.topic("porter"), "does not exist")

    async def two() -> bool:
        return len(lines) >= 2

    await until(two)
    await admin.create(env, "porter")
    await env.ready(runtime)
    assert [record.key for record in await env.read("porter", 1)] == [b"k"]
    tens = (asyncio.get_running_loop().time() - began) / QUIET_SECONDS + 1
    assert len(lines) <= 4 * tens, [line.getMessage() for line in lines]
