"""Prints the tables of results and targets, and writes them to `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shared.kafka import BATCH
from tools.bench.allocation import Allocations
from tools.bench.latency import Latency
from tools.bench.long_cases import Measured
from tools.bench.replays import Played
from tools.bench.statements import Statements
from tools.bench.sweep import Sweep
from tools.bench.throughput import Run
from tools.embedded import kafka

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Target:
    """A target."""

    what: str
    measured: str
    target: str
    reached: bool


@dataclass(frozen=True)
class Measurements:
    """All results of one run."""

    service: Run
    floor: Run
    first_try: Run
    two: Run
    statements: Statements
    latency: Latency
    chain: Latency
    sweep: Sweep
    long_cases: dict[int, Measured]
    allocations: dict[int, Allocations]
    places: dict[int, Allocations]
    backfill: Run

    def targets(self) -> list[Target]:
        """The targets of the design, and whether they were reached."""
        to_first_try = self.service.rate / self.first_try.rate
        slowest, chained = self.latency.quantile(0.99), self.chain.quantile(0.99)
        backfill = self.backfill.rate / self.service.rate
        longer = self.long_cases[10].microseconds / self.long_cases[1].microseconds
        return [
            Target("service / first try", f"{to_first_try:.0f}", "≥ 20", to_first_try >= 20),
            Target("event to finding, p99", f"{slowest:.0f} ms", "≤ 150 ms", slowest <= 150),
            Target("the longest chain, p99", f"{chained:.0f} ms", "≤ 60 ms", chained <= 60),
            Target("backfill / service", f"{backfill:.2f}", "≥ 1", backfill >= 1),
            Target("a ten-year case / a one-year case", f"{longer:.1f}", "≤ 4", longer <= 4),
            Target(
                f"sweep of {self.sweep.cases:,} cases",
                f"{self.sweep.seconds:.1f} s",
                "≤ 5 s",
                self.sweep.seconds <= 5,
            ),
        ]

    def rows(self) -> list[Sequence[str]]:
        """Throughput: name, events, seconds, events/s, microseconds of client, PostgreSQL and broker."""
        return [
            (
                run.name,
                f"{run.events:,}",
                f"{run.seconds:.1f}",
                f"{run.rate:,.0f}",
                *(
                    f"{run.per_event(used):.0f}"
                    for used in (run.cpu.client, run.cpu.postgres, run.cpu.broker)
                ),
                f"{run.findings / run.events:.2f}",
            )
            for run in (self.service, self.two, self.floor, self.first_try, self.backfill)
        ]

    def sentences(self) -> list[str]:
        """All other results, one line each."""
        engine, one, ten = self.statements, self.long_cases[1], self.long_cases[10]
        memory = ", ".join(f"{mb:.0f}" for _, mb in sorted(self.backfill.megabytes.items()))
        return [
            f"The service handles {self.service.rate / self.floor.rate:.2f} of the floor's events/s.",
            f"Two service processes: {self.two.rate / self.service.rate:.2f} times the events/s of one.",
            f"Statements per batch of {BATCH:,}, in four transactions and one for the offsets (without "
            f"BEGIN, COMMIT and the pool's reset): {engine.per_batch:.1f}, at most {engine.most}. The engine "
            f"alone, in one process without Kafka: {engine.events / engine.seconds:,.0f} events/s, "
            f"{engine.cpu.client / engine.events * 1e6:.0f} µs client and "
            f"{engine.cpu.postgres / engine.events * 1e6:.0f} µs PostgreSQL per event.",
            f"From the publication of an event to that of its finding: {self.latency}.",
            f"Through the longest chain, a failure, ContactMissed and BreachRequired: {self.chain}.",
            f"A new database reads {self.backfill.events:,} events; MB of memory by tenths: {memory}.",
            f"A day starts for {self.sweep.cases:,} cases, {self.sweep.woken:,} of which wake, and "
            f"{self.sweep.published:,} events are published: {self.sweep.seconds:.2f} s, "
            f"{self.sweep.cpu.client:.2f} s client and {self.sweep.cpu.postgres:.2f} s PostgreSQL.",
            f"An event on a case with weekly contacts, client and PostgreSQL: one year "
            f"{one.microseconds:.0f} µs, ten years {ten.microseconds:.0f} µs.",
            "One allocation in a transaction of its own: "
            + ", ".join(
                f"{allocated.milliseconds:.1f} ms among {staff} practitioners"
                for staff, allocated in self.allocations.items()
            )
            + ".",
            "One place on an intervention in a transaction of its own: "
            + ", ".join(
                f"{placed.milliseconds:.1f} ms among {listed} listed"
                for listed, placed in self.places.items()
            )
            + ".",
        ]


HEADINGS = ("", "events", "seconds", "events/s", "client µs", "PostgreSQL µs", "broker µs", "published/event")


def machine(load: float) -> str:
    """When and on which machine it was measured."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors ("
        f"{model[1] if model else platform.machine()}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; load {load:.1f} before the start."
    )


def servers(postgres: str) -> str:
    """The servers and the libraries with which it was measured."""
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("aiokafka", "asyncpg", "faststream", "uvloop")
    )
    return (
        f"Apache Kafka {kafka.version()} (one node), PostgreSQL {postgres} (fsync on), {libraries}; all on "
        "the same machine."
    )


def show(console: Console, found: Measurements, where: Sequence[str]) -> None:
    """Print the results."""
    for line in where:
        console.print(line)
    table = Table(*HEADINGS)
    for row in found.rows():
        table.add_row(*row)
    console.print(table)
    for line in found.sentences():
        console.print(f"- {line}")
    targets = Table("measurement", "measured", "target", "")
    for target in found.targets():
        targets.add_row(
            target.what, target.measured, target.target, "reached" if target.reached else "NOT REACHED"
        )
    console.print(targets)


def write(found: Measurements, where: Sequence[str]) -> None:
    """Replace the results of the services in the document."""
    lines = [*where, "", *table(HEADINGS, found.rows()), ""]
    lines += [f"- {line}" for line in found.sentences()]
    targets = [(m.what, m.measured, m.target, "yes" if m.reached else "**no**") for m in found.targets()]
    lines += ["", *table(("measurement", "measured", "target", "reached"), targets)]
    replace("services", lines)


def write_replays(found: Sequence[Played], where: Sequence[str]) -> None:
    """Replace the results of replays in the document."""
    replace("year", [*where, "", *table(REPLAY_HEADINGS, replay_rows(found))])


def show_replays(console: Console, found: Sequence[Played], where: Sequence[str]) -> None:
    """Print the results of replays."""
    for line in where:
        console.print(line)
    table = Table(*REPLAY_HEADINGS)
    for row in replay_rows(found):
        table.add_row(*row)
    console.print(table)


REPLAY_HEADINGS = ("", "people", "events", "published", "seconds", "processor s", "µs/event", "MB", "load")


def replay_rows(found: Sequence[Played]) -> list[Sequence[str]]:
    """The results of replays."""
    return [
        (
            played.name,
            f"{played.people:,}",
            f"{played.events:,}",
            f"{played.published:,}",
            f"{played.seconds:.1f}",
            f"{played.processor_seconds:.1f}",
            f"{played.microseconds:.0f}",
            f"{played.megabytes:.0f}",
            f"{played.load:.1f}",
        )
        for played in found
    ]


def replace(part: str, lines: Sequence[str]) -> None:
    """Replace the results of a part of the benchmark in the document, and keep the text around them."""
    place = re.compile(rf"(<!-- measured: {part} -->\n).*?(<!-- end of measured -->)", re.DOTALL)
    measured = "".join(line + "\n" for line in lines)
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(place.sub(lambda m: m[1] + measured + m[2], text), encoding="utf-8")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown, with numbers to the right."""
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
