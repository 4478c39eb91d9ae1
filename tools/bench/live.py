"""A simulated year through the four running services, beside its floor and the release of before, by turns.

Each service is a process of its own, on Apache Kafka and PostgreSQL, with a new database and new topics. The
year comes to them in one of two ways:

- *day by day*, as it would: the services get a day's DayStarted, and when they have nothing left to do, the
  events that arrive on it. So what they publish is what `probation replay` would.
- *backlog*: all of it lies on the topics before they start. They read in large batches, and each day begins
  when what was on the topics before it has been read, and often more: the same stands in the end, but for
  decisions.

The floor reads what a service reads, from the topics that a run left, and writes the same journal, outbox and
offsets without state and rules (`live_floor.py`). The clock starts when all programs wait at a locked table,
and stops when nothing is left to do.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from schemas import language
from schemas.topics import SERVICES
from shared.database import create
from tools.bench.floors import Published
from tools.bench.replays import BEFORE, Year, checked_out
from tools.bench.throughput import wait_at_lock
from tools.bench.topics import Message, Topics
from tools.bench.world import ROOT, Cpu, World, memory, python_of
from tools.clock import day_started
from tools.embedded.process import EmbeddedError, Process
from tools.services import BY_NAME
from tools.simulate import by_day

BACKLOG, DAY_BY_DAY = "backlog", "day by day"

QUIET_SECONDS = 0.02
"""How often it looks whether the services have anything left to do."""

LIMIT_SECONDS = 1_200.0
"""After this long with something left to do, something is wrong."""

WARM_UP = 50
"""People in a year that does not count: it warms up the broker's JIT compiler and the page cache."""

_READ = "select topic, sum(next_offset)::bigint as read from offsets group by topic"
"""How much a service has read of each topic."""

_BUSY = """
select exists (select from outbox)
    or exists (select from changed_pools)
    or coalesce((select true from cases where wake_on <= (select day from clock)
        and quarantined is null and merged_into is null order by wake_on limit 1), false)
    or coalesce((select true from cases where release < (select release from clock)
        and assessed_on is not null and quarantined is null and merged_into is null
        order by release limit 1), false)
"""
"""Whether it has anything left to do with what it has read. Asked only then, since it takes longer."""

_SHAPE = """
select count(*) / (select sum(next_offset) from offsets)::float8, avg(length(value))::int,
    avg(length(headers))::int
from published
"""


@dataclass(frozen=True)
class Lived:
    """A year that went through four programs."""

    name: str
    way: str
    people: int
    events: int
    published: int
    seconds: float
    cpu: Cpu
    megabytes: float
    """The most memory that one of the four used."""
    load: float
    """How many others wanted a processor before it began."""

    @property
    def microseconds(self) -> float:
        """Processor time of the programs, PostgreSQL and the broker for each event of the year."""
        return self.cpu.total / self.events * 1e6


@dataclass(frozen=True)
class Days:
    """A year as it is sent: for each day its DayStarted and the events that arrive on it."""

    people: int
    days: Sequence[tuple[Message, Sequence[Message]]]

    @classmethod
    def of(cls, year: Year) -> Days:
        """The days of a simulated year, without gaps."""
        arriving = dict(by_day(year.file.read_bytes().splitlines()))
        first, last = min(arriving), max(arriving)
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return cls(year.people, [(_begin(day), [*map(_message, arriving.get(day, ()))]) for day in every])

    @property
    def events(self) -> int:
        return sum(len(events) for _, events in self.days)

    @property
    def arrivals(self) -> list[datetime]:
        """When each day arrives if the year ends now: Kafka removes what is older than 400 days."""
        now = datetime.now(UTC)
        return [now - timedelta(days=n) for n in reversed(range(len(self.days)))]


def _begin(day: date) -> Message:
    return "clock", None, day_started(day)


def _message(line: bytes) -> Message:
    event, _ = language.read(line, ())
    return language.topics_of(event.type)[0], event.subject.encode() if event.subject else None, line


@dataclass
class Programs:
    """Four programs, one for each service, and a connection to the database of each."""

    topics: Topics
    running: Sequence[Process]
    databases: Mapping[str, asyncpg.Connection[Any]]
    reads: Mapping[str, Sequence[str]]
    """The topics (short names) that each reads."""
    _published: dict[str, int] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def started(
        cls, topics: Topics, label: str, program: Callable[[str], Sequence[str]], checkout: Path
    ) -> AsyncIterator[Programs]:
        """Start a program for each service on a new database; all wait until `begin`."""
        world = topics.world
        async with AsyncExitStack() as stack:
            databases, running = {}, list[Process]()
            for name in SERVICES:
                database = f"live_{label}_{name}"
                await create(world.postgres.dsn(), BY_NAME[name], {"app": world.password}, database=database)
                stack.push_async_callback(world.admin, f"drop database {database} with (force)")
                dsn = world.postgres.dsn(database)
                await asyncio.to_thread(
                    subprocess.run,
                    [python_of(checkout), "-m", "tools.cli", "db", "migrate", name],
                    cwd=checkout,
                    env={**os.environ, "PROBATION_DATABASE_URL": dsn},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                databases[name] = await asyncpg.connect(dsn)
                stack.push_async_callback(databases[name].close)
                await databases[name].execute("begin; lock table offsets in access exclusive mode")
                variables = world.variables(topics.prefix, database, owner=database)
                running.append(world.start(f"{label} {name}", program(name), variables, checkout=checkout))
                stack.callback(running[-1].end, "stop")
            for name, connection in databases.items():
                await wait_at_lock(connection, 1, f"{label} {name}", world)
            yield cls(topics, running, databases, _reads(checkout))

    async def begin(self) -> None:
        """Let them begin."""
        for connection in self.databases.values():
            await connection.execute("commit")

    async def quiet(self) -> None:
        """Wait until they have read all that was sent and published, and have nothing left to do.

        When they have read all that was published by an earlier moment and have nothing to do, and no more
        has been published since, no more will be. Raises `EmbeddedError` if that takes too long.
        """
        until = time.monotonic() + LIMIT_SECONDS
        while True:
            if await self._idle():
                before, self._published = self._published, await self.topics.published()
                if before == self._published:
                    return
            if time.monotonic() > until:
                raise EmbeddedError(f"the services make no progress: see {self.topics.world.folder}")
            await asyncio.sleep(QUIET_SECONDS)

    async def _idle(self) -> bool:
        ends = self.topics.sent | Counter(self._published)
        for name, connection in self.databases.items():
            read: dict[str, int] = dict(await connection.fetch(_READ))
            if any(read.get(topic, 0) < ends[topic] for topic in self.reads[name]):
                return False
        for connection in self.databases.values():
            if await connection.fetchval(_BUSY):
                return False
        return True

    async def shapes(self) -> dict[str, Published]:
        """What each has published: how much, and of which size."""
        rows = {name: await connection.fetchrow(_SHAPE) for name, connection in self.databases.items()}
        return {name: Published(*row) for name, row in rows.items() if row is not None}

    def megabytes(self) -> float:
        """The most memory that one of them has used."""
        return max(memory(process.pid, "VmHWM") for process in self.running)


def _reads(checkout: Path) -> dict[str, list[str]]:
    """The topics (short names) that each service of a release reads."""
    ask = (
        "import json; from tools.services import SERVICES; "
        "print(json.dumps({service.name: service.reads for service in SERVICES}))"
    )
    said = subprocess.run([python_of(checkout), "-c", ask], cwd=checkout, check=True, capture_output=True)
    return msgspec.json.decode(said.stdout, type=dict[str, list[str]])


async def live(world: World, folder: Path, sizes: Sequence[int], rounds: int) -> AsyncIterator[Lived]:
    """Take the measurements one by one: of each year, the release of before and this one by turns."""
    before = await asyncio.to_thread(checked_out, BEFORE)
    year = Days.of(await asyncio.to_thread(Year.simulated, WARM_UP, folder, before))
    async for _ in _served(world, "warm_up", "warm up", year, DAY_BY_DAY, ROOT):
        pass
    for people in sizes:
        year = Days.of(await asyncio.to_thread(Year.simulated, people, folder, before))
        for way in (BACKLOG, DAY_BY_DAY):
            for number in range(rounds):
                for name, checkout in ((f"services of {BEFORE}", before), ("services", ROOT)):
                    label = f"{way.split()[0]}_{people}_{number}_{checkout.name}"
                    async for lived in _served(world, label, name, year, way, checkout):
                        yield lived


async def _served(
    world: World, label: str, name: str, year: Days, way: str, checkout: Path
) -> AsyncIterator[Lived]:
    """The year through the services of a release, and through the floor of this one."""
    async with Topics.made(world, f"{label}.") as topics:
        if way == BACKLOG:
            for at, (day, events) in zip(year.arrivals, year.days, strict=True):
                await topics.send([day, *events], at)
        async with Programs.started(topics, label, _service, checkout) as services:
            yield await _measured(services, name, year, way)
            shapes = await services.shapes() if way == BACKLOG and checkout == ROOT else {}
        if shapes:
            async with Topics.made(world, f"{label}_floor.") as other:

                def floor(service: str) -> Sequence[str]:
                    shape = msgspec.json.encode(shapes[service]).decode()
                    return "tools.bench.live_floor", service, shape, other.prefix

                async with Programs.started(topics, f"{label}_floor", floor, ROOT) as floors:
                    yield await _measured(floors, "floor", year, BACKLOG)


def _service(name: str) -> Sequence[str]:
    return "tools.cli", "serve", name


async def _measured(programs: Programs, name: str, year: Days, way: str) -> Lived:
    world, topics = programs.topics.world, programs.topics
    load, began, before = os.getloadavg()[0], time.monotonic(), world.cpu(programs.running)
    await programs.begin()
    if way == DAY_BY_DAY:
        for day, events in year.days:
            for messages in ([day], events):
                if messages:
                    await topics.send(messages)
                    await programs.quiet()
    await programs.quiet()
    return Lived(
        name,
        way,
        year.people,
        year.events,
        sum((await topics.published()).values()),
        time.monotonic() - began,
        world.cpu(programs.running) - before,
        programs.megabytes(),
        load,
    )
