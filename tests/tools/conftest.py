"""The command line as people use it: arguments in, exit code and text out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from schemas import language
from schemas.catalogue import CATALOGUE
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from tests.schemas import encode
from tools.cli import main
from tools.clock import day_started
from tools.services import BY_NAME

RECEIVED = datetime(2026, 6, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """The output of a command and its exit code."""

    code: int
    out: str
    err: str


def is_one_line(said: Said, *parts: str, code: int) -> None:
    """Check that a command printed one line with these parts on standard error, and nothing else."""
    assert said.code == code, said
    assert said.out == ""
    assert said.err.startswith("probation: ")
    assert said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err
    for part in parts:
        assert part in said.err


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate folder, with an environment that names no server."""
    for name in list(os.environ):
        if name.startswith("PROBATION_") or name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PROBATION_ENVIRONMENT", "development")  # the tests' servers have no TLS
    monkeypatch.setenv("COLUMNS", "300")
    # What the tests play takes less time than to start processes that share it.
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs `probation` with these arguments in this process."""

    def run(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(words)
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, captured.out, captured.err)

    return run


@pytest.fixture
def acall(call: Callable[..., Said]) -> Callable[..., Awaitable[Said]]:
    """The same for tests with their own event loop: runs commands in another thread."""
    return lambda *words: asyncio.to_thread(call, *words)


class System:
    """Services on databases of their own, without a broker."""

    def __init__(self, engines: dict[str, Engine], addresses: dict[str, str]) -> None:
        self.engines = engines
        self.addresses = addresses
        self.offset = 0

    async def hears(self, topic: str, value: bytes) -> None:
        """A message on a topic, for each service that reads it."""
        self.offset += 1
        for engine in self.engines.values():
            if topic in engine.service.reads:
                await engine.handle([Message(topic, 0, self.offset, None, value, (), RECEIVED, "one")])

    async def execute(self, service: str, statement: str) -> None:
        """Run a statement on the database of a service."""
        connection = await asyncpg.connect(self.addresses[service])
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def hears_event(self, event: dict[str, Any], topic: str | None = None) -> None:
        await self.hears(topic or CATALOGUE[event["type"]].topics[0], encode(event))


@asynccontextmanager
async def reached(
    names: Iterable[str], create_database: Callable[[], Awaitable[str]], patch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """These services after their first day, with the addresses of their databases in the environment."""
    async with AsyncExitStack() as stack:
        engines = {}
        addresses = {}
        for name in names:
            addresses[name] = dsn = await create_database()
            await migrate(dsn, BY_NAME[name])
            pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
            engine = Engine(BY_NAME[name], language, Postgres(pool), latest_day=lambda: date(2026, 6, 20))
            await engine.start()
            engines[name] = engine
        for module in ("tools.cli.redrive", "tools.cli.databases", "tools.cli.asking", "tools.tracing"):
            patch.setattr(f"{module}.database_of", addresses.__getitem__)
        made = System(engines, addresses)
        await made.hears("clock", day_started(date(2026, 6, 19)))
        yield made


@pytest.fixture
async def system(
    create_database: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[System]:
    """All four services after their first day."""
    async with reached(BY_NAME, create_database, monkeypatch) as made:
        yield made
