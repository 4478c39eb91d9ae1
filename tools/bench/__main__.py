"""`python -m tools.bench`: measures everything in one run, and writes the results to `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console

from tools.bench import dashboard_report, live_report, recovery, report
from tools.bench.allocation import allocations
from tools.bench.backfill import backfill
from tools.bench.chain import chain
from tools.bench.dashboard import dashboard
from tools.bench.events import BEGIN, WEEK, batches, day_started, messages, plan, sentence, visit, weekly
from tools.bench.latency import PREFIX as LATENCY_PREFIX
from tools.bench.latency import latency
from tools.bench.live import Lived, live
from tools.bench.long_cases import long_cases
from tools.bench.places import places
from tools.bench.replays import Played, replays
from tools.bench.report import Measurements
from tools.bench.statements import statements
from tools.bench.sweep import sweep
from tools.bench.throughput import PEOPLE, PREFIX, SERVICE, TAKEN_FIRST_TRY, Run, through
from tools.bench.world import World, world
from tools.embedded.process import EmbeddedError

PARTS = ("year", "live", "services", "dashboard", "recovery")


@dataclass(frozen=True)
class Size:
    """The size of the measurements."""

    people: int = 5_000
    weeks: int = 20
    rounds: int = 2
    """The number of turns of the service and the floor."""
    first_try_seconds: int = 60
    latency_seconds: int = 30
    sweep_cases: int = 100_000
    long_people: int = 200
    long_weeks: int = 40
    allocated: int = 1_000
    national: int = 240_000
    """People whom the dashboard shows."""
    recovered: int = 500
    """People for whom a database is restored and republished."""
    open_pages: int = 500
    read_seconds: float = 90
    replayed: tuple[int, ...] = (200, 1_000, 5_000)
    """How many people the years have that are replayed."""
    lived: tuple[int, ...] = (200, 1_000, 5_000)
    """How many people the years have that go through the running services."""
    lived_rounds: int = 1
    backfilled: int = 10_000
    """People of whom a new database has everything to read, a hundred events each."""
    compared: int = 1_000
    """How many people the year has that is replayed by the release before, too."""

    @property
    def events(self) -> int:
        return self.people * self.weeks


QUICK = Size(500, 10, 1, 10, 5, 5_000, 20, 40, 100, 12_000, 100, 500, 15, (20, 50), (20,), 1, 500, 50)


async def measure(here: World, size: Size, console: Console) -> Measurements:
    """Take all measurements, one by one."""

    def say(what: str) -> None:
        console.print(f"[dim]{what}[/dim]")

    await here.make_topics(PREFIX)
    await here.make_topics(LATENCY_PREFIX)
    say("people and their sentences")
    people, weeks = range(size.people), range(size.weeks)
    await _people(here, size)
    events = list(weekly(people, weeks))
    say("the engine alone")  # first, because the floor writes the same amounts
    async with here.database("bench_statements", PEOPLE) as database:
        engine = await statements(here, database, events)
    say(f"publishing {len(events):,} events")
    await here.publish(f"{PREFIX}practice", events)
    floor_program = ("tools.bench.floor", msgspec.json.encode(engine.shape).decode())
    # This run does not count: it warms up the broker's JIT compiler and the page cache.
    await through(here, "warm up", [SERVICE], size.events // 10)
    service, floor = list[Run](), list[Run]()
    for number in range(size.rounds):
        say(f"the service and the floor, round {number + 1} of {size.rounds}")
        service.append(await through(here, "service", [SERVICE], size.events))
        floor.append(await through(here, "floor", [floor_program], size.events))
    say("two service processes")
    two = await through(here, "two services", [SERVICE, SERVICE], size.events)
    say("a transaction per message")
    first_try = await through(
        here,
        "first try",
        [("tools.bench.first_try",)],
        size.events,
        taken=TAKEN_FIRST_TRY,
        limit=size.first_try_seconds,
    )
    say("from publication to finding")
    times = await latency(here, size.people, size.latency_seconds)
    say("from publication to the finding that ends the longest chain")
    chained = await chain(here, size.latency_seconds)
    say(f"a day begins for {size.sweep_cases:,} cases")
    swept = await sweep(here, size.sweep_cases)
    say("cases of ten years")
    long = await long_cases(here, size.long_people, size.long_weeks)
    say("allocations one by one")
    allocated = await allocations(here, size.allocated)
    say("places on interventions one by one")
    placed = await places(here, size.allocated)
    say(f"a new database reads {size.backfilled * 100:,} events")
    filled = await backfill(here, size.backfilled)
    return Measurements(
        _sum(service),
        _sum(floor),
        first_try,
        two,
        engine,
        times,
        chained,
        swept,
        long,
        allocated,
        placed,
        filled,
    )


def _sum(runs: Sequence[Run]) -> Run:
    total, *others = runs
    for run in others:
        total += run
    return total


async def _people(here: World, size: Size) -> None:
    """Create the database that the runs copy.

    Its clock has reached the day after the last contact. It has everyone's sentence, sentence plan and
    monthly home visit, so that little except the missed contacts follows from the events.
    """
    people = range(size.people)
    visits = [visit(person, week) for week in range(0, size.weeks, 4) for person in people]
    await here.admin(f"create database {PEOPLE} template bench")
    async with here.engine(PEOPLE) as engine:
        for batch in batches("court", [sentence(person) for person in people]):
            await engine.handle(batch)
        for batch in batches("practice", [*map(plan, people), *visits]):
            await engine.handle(batch)
        await engine.handle(messages("clock", [day_started(BEGIN + WEEK * size.weeks)]))
    await here.admin("truncate outbox, offsets", PEOPLE)
    await here.admin(
        "create table first_try as select subject, '{\"contacts\": []}'::jsonb as state from cases", PEOPLE
    )
    await here.admin("alter table first_try add primary key (subject)", PEOPLE)
    await here.admin("grant all on first_try to bench_app", PEOPLE)
    await here.admin("vacuum analyze", PEOPLE)


async def pages(size: Size, console: Console, *, keep: bool) -> None:
    """Measure the dashboard, print and, unless it was only a trial, write the document."""
    load = os.getloadavg()[0]
    found = await dashboard(size.national, size.open_pages, size.read_seconds, console.print)
    where = [report.machine(load), f"PostgreSQL {found.postgres} (fsync on), no broker."]
    dashboard_report.show(console, found, where)
    if keep:
        dashboard_report.write(found, where)
        console.print(f"written to {report.DOCUMENT}")


async def services(size: Size, console: Console, *, keep: bool) -> None:
    """Measure the services, print and, unless it was only a trial, write the document."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs every retry
    load = os.getloadavg()[0]
    async with world() as here:
        version = str(await here.admin("show server_version"))
        found = await measure(here, size, console)
    where = [report.machine(load), report.servers(version)]
    report.show(console, found, where)
    if keep:
        report.write(found, where)
        console.print(f"written to {report.DOCUMENT}")


def year(size: Size, console: Console, *, keep: bool) -> None:
    """Measure replays of a year, print and, unless it was only a trial, write the document."""
    where, found = [report.machine(os.getloadavg()[0])], list[Played]()
    with tempfile.TemporaryDirectory(prefix="probation-bench-") as folder:
        for played in replays(Path(folder), size.replayed, size.compared, size.rounds):
            console.print(f"[dim]{played.name}, {played.people:,} people: {played.microseconds:.0f} µs[/dim]")
            found.append(played)
    report.show_replays(console, found, where)
    if keep:
        report.write_replays(found, where)
        console.print(f"written to {report.DOCUMENT}")


async def running(size: Size, console: Console, *, keep: bool) -> None:
    """Measure a year through the services, print and, unless it was only a trial, write the document."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    found, load = list[Lived](), os.getloadavg()[0]
    async with world() as here:
        with tempfile.TemporaryDirectory(prefix="probation-bench-") as folder:
            async for lived in live(here, Path(folder), size.lived, size.lived_rounds):
                about = f"{lived.name}, {lived.way}, {lived.people:,} people: {lived.microseconds:,.0f} µs"
                console.print(f"[dim]{about}[/dim]")
                found.append(lived)
        where = [report.machine(load), report.servers(str(await here.admin("show server_version")))]
    live_report.show(console, found, where)
    if keep:
        live_report.write(found, where)
        console.print(f"written to {report.DOCUMENT}")


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a trial with few events in two minutes; writes nothing"
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all unless any is named"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {sorted(unknown)[0]}: name {', '.join(PARTS)}")
    size, console, keep = QUICK if given.quick else Size(), Console(), not given.quick
    parts = given.parts or PARTS
    try:
        if "year" in parts:
            year(size, console, keep=keep)
        if "live" in parts:
            uvloop.run(running(size, console, keep=keep))
        if "services" in parts:
            uvloop.run(services(size, console, keep=keep))
        if "dashboard" in parts:
            uvloop.run(pages(size, console, keep=keep))
        if "recovery" in parts:
            uvloop.run(recovery.run(size.recovered, size.national, console, keep=keep))
    except EmbeddedError as error:
        sys.exit(f"the benchmark cannot continue: {error}")


if __name__ == "__main__":
    main()
