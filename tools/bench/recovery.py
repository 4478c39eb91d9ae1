"""How long it takes to restore, to fill and to republish: measured on a part of the country, and scaled up.

A caseload is simulated and played through the contacts service, which has most facts. Each step is then timed
on its database. The time for the country is that of the step, times as many people: each step reads every
fact, case or event once, in order, and holds none of them in memory.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
from rich.console import Console

from schemas import language
from services.contacts.app import SERVICE
from shared import kafka
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from shared.runtime.recovery import Recovery
from shared.runtime.ticker import days_from
from shared.settings import DEVELOPMENT_ERASURE_KEY, PREFIX, ServiceSettings, load
from tools.bench.report import machine, table
from tools.clock import day_started
from tools.compare import compare
from tools.embedded.choose import client_settings
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.embedded.kafka import ApacheKafka
from tools.embedded.process import EmbeddedError
from tools.fill import fill
from tools.republish import republish
from tools.simulate import by_day, caseload
from tools.topics import all_topics

DOCUMENT = Path(__file__).parents[2] / "docs/operations/recover.md"
DAYS = 180
_COUNTED = "select (select count(*) from journal), (select count(*) from published)"
_PLACE = re.compile(r"(<!-- measured: recovery -->\n).*?(<!-- end of measured -->)", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A step, and how many seconds it took."""

    what: str
    seconds: float


@dataclass(frozen=True)
class Measured:
    """All steps on a database with so many people, facts and published events, of so many bytes."""

    version: str
    people: int
    facts: int
    events: int
    size: int
    steps: list[Step]


async def recovery(people: int, say: Callable[[str], None]) -> Measured:
    """Take all measurements. Raises `EmbeddedError` if this machine has no PostgreSQL or no JDK."""
    binaries = machine_binaries()
    if binaries is None:
        raise EmbeddedError("no PostgreSQL 15 or later is installed on this machine")
    steps: list[Step] = []

    async def timed(what: str, work: Awaitable[Any]) -> None:
        say(what)
        begin = monotonic()
        await work
        steps.append(Step(what, monotonic() - begin))

    with (
        EmbeddedPostgres(binaries=binaries, fsync=True) as postgres,
        ApacheKafka(runs_long=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        admin = await asyncpg.connect(postgres.dsn())
        for name in ("blue", "green", "restored"):
            await admin.execute(f"create database {name}")
        blue, green, dump = postgres.dsn("blue"), postgres.dsn("green"), f"{folder}/dump"
        say(f"simulating {people:,} people")
        await _play(blue, people)
        size = await admin.fetchval("select pg_database_size('blue')")
        version = await admin.fetchval("show server_version")
        values = client_settings(server.bootstrap, embedded=False)
        given = {name.removeprefix(PREFIX).lower(): value for name, value in values.items()}
        settings = load(ServiceSettings, database_url=green, **given)
        await kafka.create_topics(settings, all_topics(settings))

        program = ("-Fc", f"--file={dump}", f"--dbname={blue}")
        await timed("back up with `pg_dump`", _run(binaries / "pg_dump", *program))
        restored = f"--dbname={postgres.dsn('restored')}"
        await timed("restore with `pg_restore`", _run(binaries / "pg_restore", restored, dump))
        await migrate(green, SERVICE)
        key = DEVELOPMENT_ERASURE_KEY
        await timed("`db fill`: copy, join again, assess", fill(SERVICE, blue, green, erasure_key=key))
        one, other = await asyncpg.connect(blue), await asyncpg.connect(green)
        await timed("`compare`", compare(one, other))
        await timed("`republish --facts`", republish(SERVICE, blue, settings, facts=True))
        async with asyncpg.create_pool(green, min_size=1, max_size=2) as pool:
            storage, cluster = Postgres(pool, erasure_key=key), kafka.Cluster(settings, "bench")
            own = Recovery(SERVICE.name, storage, settings, cluster, {}, SERVICE.person.kind)
            await timed("the start after that: read the own topic", own.run())
            await cluster.close()
        [counted] = await one.fetch(_COUNTED)
        for connection in (admin, one, other):
            await connection.close()
    facts, events = counted
    return Measured(version, people, facts, events, size, steps)


async def _play(dsn: str, people: int) -> None:
    """Let the service take a simulated caseload, day by day."""
    await migrate(dsn, SERVICE)
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        storage = Postgres(pool, erasure_key=DEVELOPMENT_ERASURE_KEY)
        engine = Engine(SERVICE, language, storage, latest_day=lambda: date.max)
        await engine.start()
        told_on = dict(by_day(caseload(people=people, days=DAYS)))
        for day in days_from(min(told_on), max(told_on)):
            await engine.handle([_message("clock", day_started(day), day)])
            lines = told_on.get(day, [])
            topics = [language.topics_of(language.read(line, ())[0].type)[0] for line in lines]
            told = [_message(*pair, day) for pair in zip(topics, lines, strict=True)]
            await engine.handle([message for message in told if message.topic in SERVICE.reads])
        await pool.execute("truncate outbox")


def _message(topic: str, value: bytes, day: date) -> Message:
    return Message(topic, 0, 0, None, value, (), datetime.combine(day, time.max, UTC), "bench")


async def _run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise EmbeddedError(f"{command[0]} ended with {process.returncode}")


def lines(found: Measured, national: int, before: float) -> list[str]:
    """What was measured, and what it makes of the whole country."""
    share = national / found.people

    def scaled(seconds: float) -> str:
        minutes = seconds * share / 60
        return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"

    rows = [(step.what, f"{step.seconds:.1f} s", scaled(step.seconds)) for step in found.steps]
    about = (
        f"contacts: {found.people:,} people with half a year of history ({found.facts:,} facts, "
        f"{found.events:,} events, {found.size / 2**20:,.0f} MiB), and {national:,} people "
        f"({found.facts * share / 1e6:,.0f} million facts, {found.size * share / 2**30:,.0f} GiB)"
    )
    return [
        machine(before),
        f"PostgreSQL {found.version} (fsync on), Apache Kafka, all on the same machine. For {about}:",
        "",
        *table(("step", "measured", f"for {national:,} people"), rows),
        "",
        "The last column is the measured time, times as many people: each step reads every fact, case or",
        "event once. It was not measured at that size. More years of history take longer in proportion.",
    ]


async def run(people: int, national: int, console: Console, *, keep: bool) -> None:
    """Measure, print and, unless it was only a trial, write the document."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs every retry
    before = os.getloadavg()[0]
    said = lines(await recovery(people, console.print), national, before)
    console.print("\n".join(said), highlight=False, markup=False)
    if keep:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(
            _PLACE.sub(lambda m: m[1] + "\n".join(said) + "\n" + m[2], text), encoding="utf-8"
        )
