"""Prints the tables of a year through the running services, and writes them to `docs/benchmarks.md`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import mean

from rich.console import Console
from rich.table import Table

from tools.bench.live import Lived
from tools.bench.report import replace, table

HEADINGS = (
    *("", "way", "people", "events", "published", "seconds", "events/s"),
    *("client µs", "PostgreSQL µs", "broker µs", "µs/event", "MB", "load"),
)


def write(found: Sequence[Lived], where: Sequence[str]) -> None:
    """Replace the results in the document."""
    sentences = [f"- {sentence}" for sentence in _sentences(found)]
    replace("live", [*where, "", *table(HEADINGS, _rows(found)), "", *sentences])


def show(console: Console, found: Sequence[Lived], where: Sequence[str]) -> None:
    """Print the results."""
    for line in where:
        console.print(line)
    shown = Table(*HEADINGS)
    for row in _rows(found):
        shown.add_row(*row)
    console.print(shown)
    for line in _sentences(found):
        console.print(f"- {line}")


def _rows(found: Sequence[Lived]) -> list[Sequence[str]]:
    return [
        (
            lived.name,
            lived.way,
            f"{lived.people:,}",
            f"{lived.events:,}",
            f"{lived.published:,}",
            f"{lived.seconds:.1f}",
            f"{lived.events / lived.seconds:,.0f}",
            f"{lived.cpu.client / lived.events * 1e6:,.0f}",
            f"{lived.cpu.postgres / lived.events * 1e6:,.0f}",
            f"{lived.cpu.broker / lived.events * 1e6:,.0f}",
            f"{lived.microseconds:,.0f}",
            f"{lived.megabytes:.0f}",
            f"{lived.load:.1f}",
        )
        for lived in found
    ]


def _sentences(found: Sequence[Lived]) -> list[str]:
    """How the services compare with the release of before and with the floor, for each year and way."""
    used: defaultdict[tuple[int, str], defaultdict[str, list[float]]]
    used = defaultdict(lambda: defaultdict(list))
    for lived in found:
        used[lived.people, lived.way][lived.name].append(lived.microseconds)
    sentences = []
    for (people, way), by_name in used.items():
        mine = mean(by_name.pop("services"))
        others = ", ".join(f"{mine / mean(times):.2f} times the {name}" for name, times in by_name.items())
        sentences.append(f"{people:,} people, {way}: an event takes {others} in processor time.")
    return sentences
