"""Questions: what happened to a person, what a caseload looks like. A replay is in `replaying.py`."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.catalogue import SERVICES as NAMES
from tools.cli import mistakes
from tools.cli.mistakes import Mistake
from tools.cli.places import DATABASE, PLACEHOLDER, database_of
from tools.cli.replaying import DAY, check_writable, replay

PANEL = "Ask"
console = Console()

Seed = Annotated[int, typer.Option(help="The same seed gives the same caseload.")]
_CRN = re.compile(r"[A-Z][A-Z0-9-]{1,31}")
_YEARS = (1991, 2100)
"""In which an invented caseload may lie: the law that the rules know of, and what a calendar is for."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(explain)
    app.command(rich_help_panel=PANEL)(replay)
    app.command(rich_help_panel=PANEL)(simulate)


def explain(
    crn: Annotated[
        str, typer.Argument(help="Case reference number, for example X123456.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a timeline.")] = False,
) -> None:
    """One person's timeline: facts, findings, what was withdrawn and why, with rule and policy version.

    Reads the services' databases: those that `probation up` runs here, or PROBATION_DATABASE_URL with
    {service} in place of the database's name. Exit code 1 if one of them cannot be read.
    """
    from tools.cli import timeline
    from tools.explain import Journal, journal_of, story
    from tools.services import BY_NAME, SERVICES

    if not _CRN.fullmatch(crn):
        raise Mistake(
            f"{crn!r} is no case reference number: it is a capital letter and digits, like X123456", 2
        )
    _check_names_each()

    async def gather() -> tuple[dict[str, Journal], list[str]]:
        found, failed = {}, []
        for name in NAMES:
            dsn = database_of(name)
            try:
                with mistakes.database(dsn):
                    journal = await journal_of(dsn, BY_NAME[name], crn)
            except Mistake as mistake:
                failed.append(str(mistake))
                continue
            if journal is not None:
                found[name] = journal
        return found, failed

    journals, failed = asyncio.run(gather())
    if not journals:
        raise Mistake(failed[0] if failed else f"no service knows {crn}: check the number")
    told = story(crn, journals, SERVICES)
    if as_json:
        typer.echo(timeline.as_json(told))
    else:
        timeline.show(told, console)
    if failed:
        raise Mistake(f"the timeline is not whole: {'; '.join(failed)}")


def _check_names_each() -> None:
    url = os.environ.get(DATABASE)
    if url and PLACEHOLDER not in url:
        raise Mistake(
            f"{DATABASE} names one database: put {PLACEHOLDER} in place of its name, to read each service's"
        )


def simulate(
    out: Annotated[
        Path, typer.Option(help="Gets the events, one a line, in order of arrival.", dir_okay=False)
    ],
    people: Annotated[int, typer.Option(min=1, max=100_000, help="How many people.")] = 300,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days.")] = 365,
    first_day: Annotated[
        datetime | None,
        typer.Option(help="The first of them; 2025-01-06 if left out.", **DAY),
    ] = None,
    seed: Seed = 1,
) -> None:
    """Invent a caseload: what the upstream feeds would tell of people on probation.

    Sentences, risk assessments, contacts, sessions and enforcement; some of it late, twice or out of order.
    Nobody in it is real. To be played with `probation replay`.

    Example: probation simulate --people 200 --out year.jsonl
    """
    from tools.simulate import FIRST_DAY, caseload

    begins = first_day.date() if first_day else FIRST_DAY
    if not date(_YEARS[0], 1, 1) <= begins <= date(_YEARS[1], 1, 1) - timedelta(days=days):
        raise Mistake(f"all days must lie from {_YEARS[0]} to {_YEARS[1] - 1}: give another --first-day", 2)
    check_writable(out)
    lines = caseload(seed=seed, people=people, first_day=begins, days=days)
    out.write_bytes(b"".join(line + b"\n" for line in lines))
    console.print(
        f"{len(lines)} events about {people} people in {days} days: {out}", highlight=False, soft_wrap=True
    )
