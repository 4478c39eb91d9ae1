"""Replays lines through the services on PostgreSQL, as `probation replay` does in memory.

For tests that compare the two, or that look into the databases afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from schemas import language
from schemas.catalogue import CATALOGUE
from shared.calendar import london_date
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from shared.engine.service import Service
from shared.policy_file import Value
from shared.settings import DEVELOPMENT_ERASURE_KEY
from tools import players
from tools.players import Trial, replay
from tools.replay import (
    LINES,
    Failed,
    Letter,
    Outcome,
    RefusedLine,
    Remembered,
    Replay,
    Said,
    WarnedLine,
)
from tools.services import SERVICES

_TAKE_OUTBOX = "with taken as (delete from outbox returning *) select * from taken order by id"
_LETTERS = 'select "offset", reason, explanation from dead_letters where partition = $1'
_WARNINGS = 'select "offset", kind, explanation from warnings where partition = $1 order by number'
_FAILED = "select subject, quarantined from cases where quarantined is not null order by subject"
_TOPICS = {topic for entry in CATALOGUE.values() for topic in entry.topics}


@dataclass(frozen=True)
class Replayed:
    """The result of a replay; see `Outcome`."""

    published: list[bytes]
    dead_letters: list[RefusedLine]
    warnings: list[WarnedLine]
    failed: list[Failed]
    lines: int
    beyond: int


def result(published: list[bytes], outcome: Outcome) -> Replayed:
    """An outcome with what was published."""
    assert outcome.published == len(published)
    letters, doubtful, failed = outcome.dead_letters, outcome.warnings, outcome.failed
    return Replayed(published, letters, doubtful, failed, outcome.lines, outcome.beyond)


def in_memory(lines: Iterable[bytes], until: date | None = None, *, jobs: int = 1) -> Replayed:
    """What `probation replay` gives."""
    published: list[bytes] = []
    return result(published, replay(lines, published.append, until=until, jobs=jobs))


class OnDatabases:
    """Services at work on their databases, to be played with lines."""

    def __init__(self, engines: Sequence[Engine], pools: Mapping[str, asyncpg.Pool[Any]]) -> None:
        self.today = date.min
        self._engines = engines
        self._pools = pools

    async def run(self, lines: Iterable[bytes], until: date | None = None) -> Replayed:
        """Play each line on its day. Start every day up to `until`, or up to the day of the last line."""
        published: list[bytes] = []
        course = Replay([engine.service.name for engine in self._engines], language, published.append)
        rounds = course.rounds(lines, until)
        said: list[Said] | None = None
        try:
            while True:
                messages = next(rounds) if said is None else rounds.send(said)
                self.today = london_date(messages[0].received)
                said = [*await asyncio.gather(*(self._play(e, messages) for e in self._engines))]
        except StopIteration:
            return result(published, course.end([await self._remembered(one) for one in self._engines]))

    async def _play(self, engine: Engine, messages: Sequence[Message]) -> Said:
        mine = [message for message in messages if message.topic in engine.service.reads]
        for first in range(0, len(mine), players.BATCH):
            await engine.handle(mine[first : first + players.BATCH])
        pool = self._pools[engine.service.name]
        rows = await pool.fetch(_TAKE_OUTBOX)
        refused = [row["offset"] for row in await pool.fetch(_LETTERS, LINES)]
        return Said([(row["key"], row["value"]) for row in rows if row["topic"] in _TOPICS], refused)

    async def _remembered(self, engine: Engine) -> Remembered:
        pool, name = self._pools[engine.service.name], engine.service.name
        return Remembered(
            [Letter(*row) for row in await pool.fetch(_LETTERS, LINES)],
            [WarnedLine(*row) for row in await pool.fetch(_WARNINGS, LINES)],
            [Failed(name, *row) for row in await pool.fetch(_FAILED)],
        )


@asynccontextmanager
async def on_databases(
    address_of: Callable[[str], str],
    policy: Path | None = None,
    services: Sequence[Service] = SERVICES,
    changes: Mapping[tuple[Path, str], Value] | None = None,
) -> AsyncIterator[OnDatabases]:
    """The services on empty databases, of which `address_of` gives the DSNs by the services' names."""
    policies, _ = Trial(policy, changes or {}).policies(services)
    async with AsyncExitStack() as stack:
        engines: list[Engine] = []
        pools: dict[str, asyncpg.Pool[Any]] = {}
        for service in services:
            dsn = address_of(service.name)
            await migrate(dsn, service)
            pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
            pools[service.name] = pool
            engines.append(
                Engine(
                    service,
                    language,
                    Postgres(pool, erasure_key=DEVELOPMENT_ERASURE_KEY),
                    policy=policies[service.name],
                    latest_day=lambda: playing.today,
                )
            )
        playing = OnDatabases(engines, pools)
        for engine in engines:
            await engine.start()
        yield playing
