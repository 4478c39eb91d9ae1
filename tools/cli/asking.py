"""Commands that show one person's history or simulate a caseload. `replay` is in `replaying.py`."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from schemas.topics import SERVICES as NAMES
from tools.cli import errors
from tools.cli.addresses import check_names_each, database_of, erasure_key
from tools.cli.errors import UserError
from tools.cli.grant import Grant, require
from tools.cli.replaying import DAY, check_writable, replay
from tools.cli.report import report
from tools.cli.rule import rule
from tools.cli.what_if import what_if

if TYPE_CHECKING:
    from tools.explain import PersonHistory

PANEL = "Ask"
console = Console()

Seed = Annotated[int, typer.Option(help="The same seed gives the same caseload.")]
_CRN = re.compile(r"[A-Z][A-Z0-9-]{1,31}")
_YEARS = (1991, 2100)
"""The years that a simulated caseload may cover, because the rules know the law of these years."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(explain)
    app.command(rich_help_panel=PANEL)(report)
    app.command(rich_help_panel=PANEL)(rule)
    app.command(rich_help_panel=PANEL)(replay)
    app.command(name="what-if", rich_help_panel=PANEL)(what_if)
    app.command(rich_help_panel=PANEL)(simulate)


def explain(
    crn: Annotated[
        str,
        typer.Argument(help="Case reference number, for example X123456.", metavar="CRN", show_default=False),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a timeline.")
    ] = False,
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Read this file instead of the databases: what a replay published. Give the replay's input "
            "too, with a second --from, to see the facts.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(help="With --from: as of the end of this day. Default: the last day in it.", **DAY),
    ] = None,
    access_reason: Grant = None,
) -> None:
    """Show one person's case: who is responsible, what is open and due next, then the timeline, with reasons.

    The timeline has facts, findings and withdrawals, with rules and policy versions. Reads the services'
    databases: those that `probation up` runs here, or PROBATION_DATABASE_URL with {service} in place of the
    database's name. Exit code 1 if a database cannot be read.

    Example: probation explain X123456
    Example: probation explain X123456 --from found.jsonl --from year.jsonl
    """
    from tools.access import is_limited
    from tools.cli import timeline
    from tools.explain import Journal, journal_of, person_history, was_erased
    from tools.services import BY_NAME, SERVICES

    if not _CRN.fullmatch(crn):
        raise UserError(
            f"{crn!r} is not a case reference number: write a capital letter and digits, like X123456", 2
        )
    if source:
        history = _history_in(source, crn, on.date() if on else None, access_reason)
        typer.echo(timeline.as_json(history)) if as_json else timeline.show(history, console)
        return
    if on:
        raise UserError("--on needs --from: the databases have only the day that they have reached", 2)
    check_names_each()

    key, hint = erasure_key(), ""
    erased: list[str] = []

    async def gather() -> tuple[dict[str, Journal], list[str]]:
        nonlocal hint
        found, failed = {}, []
        for name in NAMES:
            dsn = database_of(name)
            try:
                with errors.database(dsn):
                    journal = await journal_of(dsn, BY_NAME[name], crn)
                    if journal is None and (gone := await was_erased(dsn, crn, key)):
                        erased.append(name)
                    elif journal is None and gone is None:
                        hint = ", or set PROBATION_ERASURE_KEY to see whether the person was erased"
            except UserError as mistake:
                failed.append(str(mistake))
                continue
            if journal is not None:
                found[name] = journal
        return found, failed

    journals, failed = asyncio.run(gather())
    if not any(journal.rows for journal in journals.values()):
        if erased:
            raise UserError(f"{crn} was erased: {', '.join(erased)} hold nothing about this person")
        raise UserError(
            failed[0]
            if failed
            else f"nothing is known about {crn}: check the number{hint}; what was refused or warned of is in "
            f"`probation dead-letters list` and `probation warnings --subject {crn}`"
        )
    limited = any(
        is_limited(BY_NAME[name], (row.body for row in journal.rows), journal.today)
        for name, journal in journals.items()
    )
    if limited:
        require(access_reason, crn, "explain")
    history = person_history(crn, journals, SERVICES)
    if limited:
        history.notes.insert(0, "access to this case is limited")
    if erased:
        history.notes.insert(0, f"erased in {', '.join(erased)}")
    if as_json:
        typer.echo(timeline.as_json(history))
    else:
        timeline.show(history, console)
    if failed:
        raise UserError(f"the timeline is incomplete: {'; '.join(failed)}")


def _history_in(files: list[Path], crn: str, on: date | None, access_reason: str | None) -> PersonHistory:
    """The person's history in files of events."""
    from schemas import language
    from tools.access import is_limited
    from tools.cli.reading import events_of
    from tools.explain import history_in
    from tools.services import SERVICES

    names = ", ".join(map(str, files))
    history = history_in(events_of(files), crn, on)
    if history is None:
        until = f" up to {on}" if on else ""
        raise UserError(f"nothing in {names} is about {crn}{until}: check the number and the file")
    published = [event for each in history.published.values() for event in each.published]
    told = [language.render(event) for event in history.facts]
    limited = any(event.data.limited for event in published)
    if limited or any(is_limited(service, told, history.today) for service in SERVICES):
        require(access_reason, crn, "explain")
        history.notes.insert(0, "access to this case is limited")
    return history


def simulate(
    out: Annotated[
        Path, typer.Option(help="File for the events, one per line, in order of arrival.", dir_okay=False)
    ],
    people: Annotated[int, typer.Option(min=1, max=100_000, help="Number of people.")] = 300,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Number of days.")] = 365,
    first_day: Annotated[
        datetime | None,
        typer.Option(help="First day; default 2025-01-06.", **DAY),
    ] = None,
    seed: Seed = 1,
) -> None:
    """Simulate a caseload: the events that upstream feeds would publish about people on probation.

    Includes sentences, risk assessments, contacts, sessions and enforcement, some of them late, repeated or
    out of order. Nobody in it is real. Play it with `probation replay`.

    Example: probation simulate --people 200 --out year.jsonl
    """
    from tools.simulate import FIRST_DAY, caseload

    begins = first_day.date() if first_day else FIRST_DAY
    if not date(_YEARS[0], 1, 1) <= begins <= date(_YEARS[1], 1, 1) - timedelta(days=days):
        raise UserError(
            f"all days must be from {_YEARS[0]} to {_YEARS[1] - 1}: choose another --first-day", 2
        )
    check_writable(out)
    lines = caseload(seed=seed, people=people, first_day=begins, days=days)
    out.write_bytes(b"".join(line + b"\n" for line in lines))
    console.print(
        f"{len(lines)} events about {people} people in {days} days: {out}", highlight=False, soft_wrap=True
    )
