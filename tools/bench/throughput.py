"""Throughput of separate programs, from the first event to the last.

Each run has a new copy of a database that has the people's sentences, and new topics to write to. It reads
the same topics from their start. The programs are started first and wait for a locked table, so that neither
Python's start nor joining the consumer group is measured. The clock runs from the release of the lock until
the last event is processed and the broker has the last finding.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tools.bench.world import POLL_SECONDS, Cpu, World, memory
from tools.embedded.process import EmbeddedError, Process

PREFIX = "bench."
PEOPLE = "bench_people"
"""The database that has the people's sentences."""

SERVICE = ("tools.cli", "serve", "contacts")
LIMIT_SECONDS = 600.0
STALLED_SECONDS = 60.0
"""After this long without progress, something is wrong."""

TAKEN = """
select coalesce((select sum(next_offset) from offsets where topic = 'practice'), 0)
    - (select count(*) from (select from outbox limit 1) as waiting)"""
"""Events processed: fewer than all while anything waits to be published."""

TAKEN_FIRST_TRY = "select count(*) from journal where type = 'ContactOutcomeRecorded' and month is null"
"""The rows that `first_try` added: they have no month, unlike the rows that the engine added before."""


@dataclass(frozen=True)
class Run:
    """One run, or several runs of the same program added up."""

    name: str
    events: int
    seconds: float
    cpu: Cpu
    findings: int
    megabytes: Mapping[int, float] = field(default_factory=dict)
    """The memory that the first program had, after each tenth of the events."""

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds

    def per_event(self, seconds: float) -> float:
        """Microseconds per event."""
        return seconds / self.events * 1e6

    def __add__(self, other: Run) -> Run:
        return Run(
            self.name,
            self.events + other.events,
            self.seconds + other.seconds,
            self.cpu + other.cpu,
            self.findings + other.findings,
        )


async def through(
    world: World,
    name: str,
    programs: Sequence[Sequence[str]],
    events: int,
    *,
    taken: str = TAKEN,
    limit: float = LIMIT_SECONDS,
    prefix: str = PREFIX,
    copy_of: str = PEOPLE,
) -> Run:
    """Let these programs process that many events. Stop them after `limit` seconds."""
    database = f"bench_{name.replace(' ', '_')}"
    topic = f"{prefix}contacts"
    await world.empty_own_topics(prefix)
    async with world.database(database, copy_of):
        running: list[Process] = []
        connection = await asyncpg.connect(world.postgres.dsn(database))
        try:
            variables = world.variables(prefix, database)
            async with connection.transaction():
                await connection.execute("lock table offsets in access exclusive mode")
                for number, program in enumerate(programs):
                    running.append(world.start(f"{name} {number}", program, variables))
                    await wait_at_lock(connection, number + 1, f"{name} {number}", world)
                before, begin = world.cpu(running), time.monotonic()
            done, changed, megabytes = 0, begin, dict[int, float]()
            while done < events and time.monotonic() - begin < limit:
                await asyncio.sleep(POLL_SECONDS)
                before_that, done = done, await connection.fetchval(taken)
                changed = time.monotonic() if done != before_that else changed
                megabytes.setdefault(10 * max(done, 0) // events, memory(running[0].pid))
                if time.monotonic() - changed > STALLED_SECONDS:
                    raise EmbeddedError(f"{name} makes no progress at {done}:\n{_log_tail(world, name)}")
            seconds, cpu = time.monotonic() - begin, world.cpu(running) - before
        finally:
            for process in running:
                process.end("stop")
            await connection.close()
        return Run(name, int(done), seconds, cpu, await world.count(topic), megabytes)


async def wait_at_lock(connection: asyncpg.Connection[Any], number: int, name: str, world: World) -> None:
    """Wait until so many programs wait for the offsets. Raises `EmbeddedError` if that takes too long."""
    end = time.monotonic() + STALLED_SECONDS
    waiting = "select count(*) from pg_locks where relation = 'offsets'::regclass and not granted"
    while await connection.fetchval(waiting) < number:
        if time.monotonic() > end:
            raise EmbeddedError(f"{name} did not start:\n{_log_tail(world, name)}")
        await asyncio.sleep(POLL_SECONDS)


def _log_tail(world: World, name: str) -> str:
    """The ends of the logs of the programs whose names start with `name`."""
    logs = sorted(world.folder.glob(f"{name}*.log"))
    return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs)
