"""Prints what was measured of the dashboard, and writes it to the document."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tools.bench.dashboard import READERS, Measured
from tools.bench.report import Target, replace, table

HEADINGS = ("page", "asked", "p50", "p95", "processor")
LIMIT_MILLISECONDS = 100


def rows(found: Measured) -> list[Sequence[str]]:
    """For each kind of page how often it was asked for, how long it took, and its processor time."""
    return [
        (
            page.name,
            f"{len(page.milliseconds):,}",
            *(f"{page.quantile(share):.0f} ms" for share in (0.5, 0.95)),
            f"{page.processor:.1f} ms",
        )
        for page in (*found.pages, found.all)
    ]


def sentences(found: Measured) -> list[str]:
    """All other results, one line each."""
    held, live = found.held, found.live
    return [
        f"The read model holds {held.people:,} people with {held.events:,} events, {held.items:,} open items "
        f"and {held.practitioners:,} practitioners.",
        f"If its {READERS} readers never pause, one process makes {found.rate:.0f} pages a second.",
        f"A day begins, and everything changes for {live.pages} open pages: the last is told after "
        f"{live.told_seconds:.1f} s and has its content anew after {live.shown_seconds:.1f} s.",
        f"While nothing changes, these pages use {live.idle:.2f} s of processor time a second, of the "
        "dashboard and PostgreSQL together.",
    ]


def target(found: Measured) -> Target:
    """The slowest kind of page at the 95th percentile."""
    slowest = max(found.pages, key=lambda page: page.quantile(0.95))
    measured = slowest.quantile(0.95)
    what = f"the slowest page, p95 ({slowest.name})"
    return Target(what, f"{measured:.0f} ms", f"≤ {LIMIT_MILLISECONDS} ms", measured <= LIMIT_MILLISECONDS)


def show(console: Console, found: Measured, where: Sequence[str]) -> None:
    """Print the results."""
    for line in where:
        console.print(line)
    printed = Table(*HEADINGS)
    for row in rows(found):
        printed.add_row(*row)
    console.print(printed)
    for line in sentences(found):
        console.print(f"- {line}")
    reached = target(found)
    console.print(f"{reached.what}: {reached.measured}, {'reached' if reached.reached else 'NOT REACHED'}")


def write(found: Measured, where: Sequence[str]) -> None:
    """Replace the results in the document, and keep the text around them."""
    reached = target(found)
    goal = (reached.what, reached.measured, reached.target, "yes" if reached.reached else "**no**")
    lines = [*where, "", *table(HEADINGS, rows(found)), ""]
    lines += [f"- {line}" for line in sentences(found)]
    lines += ["", *table(("measurement", "measured", "target", "reached"), [goal])]
    replace("dashboard", lines)
