"""Questions: what would have been published, what happened to a person, what a caseload looks like."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console

from schemas.catalogue import SERVICES as NAMES
from tools.cli import mistakes
from tools.cli.mistakes import Mistake
from tools.cli.places import DATABASE, PLACEHOLDER, database_of

PANEL = "Ask"
console = Console()
progress = Console(stderr=True)

Seed = Annotated[int, typer.Option(help="The same seed gives the same caseload.")]
_CRN = re.compile(r"[A-Z][A-Z0-9-]{1,31}")
_DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}


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
    {service} in place of the database's name.
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
    told.notes += failed
    if as_json:
        typer.echo(timeline.as_json(told))
    else:
        timeline.show(told, console)


def _check_names_each() -> None:
    url = os.environ.get(DATABASE)
    if url and PLACEHOLDER not in url:
        raise Mistake(
            f"{DATABASE} names one database: put {PLACEHOLDER} in place of its name, to read each service's"
        )


def replay(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.jsonl",
            help="One CloudEvent a line, in order of arrival.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Gets every event that the services published.", dir_okay=False)],
    until: Annotated[
        datetime | None,
        typer.Option(help="Last day to be played; that of the last line if left out.", **_DAY),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Folder with <service>.toml files to use instead of the services' own: what if?",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    dead_letters: Annotated[
        Path | None, typer.Option(help="Gets the lines that were refused, and why.", dir_okay=False)
    ] = None,
) -> None:
    """What would have been published? Play a file through the four services, without a broker.

    Each event is delivered on the day (London) on which it was recorded; every day begins with DayStarted.
    The same input gives the same output, byte for byte.

    Example: probation simulate --out year.jsonl; probation replay year.jsonl --out found.jsonl
    """
    from tools.replay import Outcome, replaying

    for file in filter(None, (out, dead_letters)):
        if not file.parent.is_dir():
            raise Mistake(f"{file}: there is no folder {file.parent}: make it, or give another path", 2)
    _check_policy(policy)
    began = time.monotonic()

    async def work(databases: dict[str, str]) -> Outcome:
        async with replaying(databases.__getitem__, policy) as play:
            with source.open("rb") as lines:
                whole = (line.rstrip(b"\r\n") for line in lines)
                return await play.run(whole, until.date() if until else None)

    with _scratch_databases() as databases, progress.status("replaying"):
        outcome = asyncio.run(work(databases))
    out.write_bytes(b"".join(line + b"\n" for line in outcome.published))
    if dead_letters is not None:
        told = [json.dumps(vars(letter), ensure_ascii=False) + "\n" for letter in outcome.dead_letters]
        dead_letters.write_text("".join(told), encoding="utf-8")
    days = f"{outcome.first} to {outcome.last}" if outcome.first else "no day"
    console.print(
        f"{days}: {outcome.lines} lines, {outcome.beyond} of them after the last day; "
        f"events published: {len(outcome.published)}; dead letters: {len(outcome.dead_letters)} "
        f"({time.monotonic() - began:.1f} s)",
        highlight=False,
        soft_wrap=True,
    )


def _check_policy(folder: Path | None) -> None:
    if folder is None:
        return
    files = [path.stem for path in folder.glob("*.toml")]
    strange = sorted(set(files) - set(NAMES))
    if strange or not files:
        what = f"{strange[0]}.toml is no service's" if strange else "there is no policy file in it"
        raise Mistake(f"{folder}: {what}: name the files {', '.join(f'{name}.toml' for name in NAMES)}", 2)


@contextmanager
def _scratch_databases() -> Iterator[dict[str, str]]:
    """An empty database for each service, gone afterwards: at DATABASE_URL's server, or an embedded one."""
    from shared.database import address
    from tools.embedded.database import EmbeddedPostgres

    given = os.environ.get("DATABASE_URL")
    if given:
        with mistakes.database(given):
            names = asyncio.run(_create_databases(given))
        try:
            yield {service: address(given, name) for service, name in names.items()}
        finally:
            asyncio.run(_run(given, [f'drop database "{name}" with (force)' for name in names.values()]))
        return
    with EmbeddedPostgres(fsync=False) as server:
        names = asyncio.run(_create_databases(server.dsn()))
        yield {service: server.dsn(name) for service, name in names.items()}


async def _create_databases(dsn: str) -> dict[str, str]:
    names = {service: f"replay_{secrets.token_hex(6)}" for service in NAMES}
    await _run(dsn, [f'create database "{name}"' for name in names.values()])
    return names


async def _run(dsn: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def simulate(
    out: Annotated[
        Path, typer.Option(help="Gets the events, one a line, in order of arrival.", dir_okay=False)
    ],
    people: Annotated[int, typer.Option(min=1, max=100_000, help="How many people.")] = 300,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days.")] = 365,
    first_day: Annotated[
        datetime | None,
        typer.Option(help="The first of them; 2025-01-06 if left out.", **_DAY),
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
    lines = caseload(seed=seed, people=people, first_day=begins, days=days)
    out.write_bytes(b"".join(line + b"\n" for line in lines))
    console.print(
        f"{len(lines)} events about {people} people in {days} days: {out}", highlight=False, soft_wrap=True
    )
