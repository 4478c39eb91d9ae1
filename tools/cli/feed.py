"""Commands for the feeds: `feed` takes what a source sends; `feeds` settles what a person must decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.settings import load
from tools.cli import errors
from tools.cli.addresses import database_of, erasure_key, running_settings
from tools.cli.errors import UserError
from tools.cli.serving import check_port
from tools.wording import counted

if TYPE_CHECKING:
    import asyncpg

    from feeds.settings import FeedSettings
    from feeds.store import Taken

PANEL = "Take what others send"
FEEDS = "feeds"
console = Console()
progress = Console(stderr=True)

group = typer.Typer(help="What the feeds wait for, or could not translate.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(feed)
    app.add_typer(group, name="feeds", rich_help_panel=PANEL)


def _known(name: str) -> str:
    from feeds.registry import ADAPTERS

    if name not in ADAPTERS:
        raise typer.BadParameter(f"there is no feed {name!r}: use one of {', '.join(ADAPTERS)}")
    return name


Because = Annotated[str, typer.Option("--because", help="Why, for those who look at it later.")]
Feed = Annotated[str, typer.Argument(metavar="FEED", help="Which feed.", callback=_known, show_default=False)]


def feed(
    name: Feed,
    place: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER|-|TOPIC",
            help="Where to read: a file, a folder, - for standard input, or a topic. Default: the topic "
            "feeds.FEED, until stopped.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the events; keep nothing and publish nothing.")
    ] = False,
) -> None:
    """Translate what a source sends into our events and publish them.

    `probation feeds list` shows what could not be translated and what waits for a case reference or a link.

    Example: probation feed common-platform --from hearings/ --dry-run
    """
    from pathlib import Path

    from feeds.sources import STDIN, messages_in

    is_file = place is not None and (place == STDIN or Path(place).exists() or "/" in place)
    if place is not None and is_file:
        if place != STDIN:
            Path(place).stat()  # says at once that there is none
        messages = messages_in(place, datetime.now(UTC))
        taken = asyncio.run(_dry(name, messages) if dry_run else _once(name, messages))
        _report(taken, _NOT_IN_A_DRY_RUN if dry_run else _NOT_FETCHED)
    elif dry_run:
        raise UserError("--dry-run needs a file, a folder or - for standard input: give it with --from", 2)
    else:
        _serve(name, place)


async def _dry(name: str, messages: Any) -> list[Taken]:
    from feeds.intake import Intake
    from feeds.registry import ADAPTERS, JOINS
    from feeds.store import Memory

    store = Memory()
    intake = Intake(store, ADAPTERS, JOINS)
    numbers = []
    for message in messages:
        taken = await intake.take(name, message, message.received)
        if taken is not None:
            numbers.append(taken)
    for event in store.events:
        print(event.body.decode())
    return store.latest(numbers)


async def _once(name: str, messages: Any) -> list[Taken]:
    from feeds.registry import ADAPTERS
    from feeds.runner import opened, run_once

    async with opened(ADAPTERS[name], _settings()) as (running, _):
        return await run_once(running, messages)


def _serve(name: str, topic: str | None) -> None:
    from feeds.registry import ADAPTERS, topic_of
    from feeds.service import serve
    from shared.runtime.program import run

    settings = _settings()
    check_port(settings)
    run(serve(ADAPTERS[name], settings, topic or topic_of(name)))


def _settings() -> FeedSettings:
    from feeds.settings import FeedSettings

    key = erasure_key()
    given = running_settings() | ({"erasure_key": key.decode()} if key else {})
    return load(FeedSettings, database_url=database_of(FEEDS), **given)


_NOT_FETCHED = "its detail could not be fetched yet"
_NOT_IN_A_DRY_RUN = (
    'its detail is needed, and a dry run fetches nothing: give both, as {"body": ..., "detail": ...}'
)


def _report(taken: list[Taken], without_detail: str) -> None:
    for one in taken:
        if one.needs is not None and not one.letters:
            progress.print(f"{one.number}: {without_detail}", highlight=False, markup=False)
        for letter in one.letters:
            progress.print(f"{one.number}: {letter}", highlight=False, markup=False)
        for wait in one.waits:
            progress.print(f"{one.number}: {wait.key}: {wait.why}", highlight=False, markup=False)
    dead = sum(bool(one.letters) for one in taken)
    waiting = sum(bool(one.waits or one.needs) for one in taken)
    messages = counted(len(taken), "message")
    progress.print(f"{messages}: {waiting} waiting, {dead} could not be translated", highlight=False)
    if dead or waiting:
        raise typer.Exit(1)


@group.callback()
def _group() -> None:
    """What the feeds wait for, or could not translate."""


@group.command(name="list")
def list_(
    name: Annotated[str | None, typer.Argument(metavar="FEED", help="Only of this feed.")] = None,
) -> None:
    """List the messages that wait or could not be translated, with what to do. Exit code 1 if there are any.

    Example: probation feeds list common-platform
    """
    rows = asyncio.run(_open(name))
    table = Table(box=None, pad_edge=False)
    for column in ("number", "feed", "since", "what to do"):
        table.add_column(column)
    for row in rows:
        since = row["waiting_since"] or row["received"]
        late = " (late)" if row["alarmed"] else ""
        for text in _told(row):
            table.add_row(str(row["number"]), row["feed"], f"{since:%Y-%m-%d %H:%M}{late}", text)
    console.print(table if rows else "nothing waits", highlight=False, markup=False)
    if rows:
        raise typer.Exit(1)


def _told(row: Any) -> list[str]:
    from feeds.message import Letter

    told = [str(Letter(**letter)) for letter in json.loads(row["letters"])]
    for wait in json.loads(row["waits"]):
        chosen = f" ({', '.join(wait['candidates'])})" if wait["candidates"] else ""
        told.append(f"{wait['key']}: {wait['why']}{chosen}")
    return told or [_NOT_FETCHED]


async def _open(name: str | None) -> list[Any]:
    from feeds.postgres import SQL

    async with _connected() as connection:
        return list(await connection.fetch(SQL["open"], name))


@group.command()
def identify(
    identifier: Annotated[str, typer.Argument(help="As `feeds list` shows it: kind:value.")],
    crn: Annotated[str, typer.Argument(help="The person's case reference number.")],
    because: Because,
) -> None:
    """Decide whose an identifier is. What waits for it goes on; the decision is kept as a fact.

    Example: probation feeds identify defendant:8f1c9e70 X123456 --because "checked with the court"
    """
    from feeds.deciding import identified

    _decide(identified(identifier, crn, because))


@group.command(name="link")
def link_(
    key: Annotated[str, typer.Argument(help="As `feeds list` shows it: link:CRN/kind:value.")],
    id: Annotated[str, typer.Argument(help="Our id of the sentence or requirement.")],
    because: Because,
) -> None:
    """Decide which sentence (or requirement) of ours a source's name belongs to.

    Example: probation feeds link link:X123456/event:2 8db73afd --because "the only order of that day"
    """
    from feeds.deciding import linked

    _decide(linked(key, id, because))


@group.command()
def place(
    crn: Annotated[str, typer.Argument(help="The person's case reference number.")],
    region: Annotated[str, typer.Argument(help="Region, for example london.")],
    pdu: Annotated[str, typer.Argument(help="Probation delivery unit.")],
    because: Because,
) -> None:
    """Decide which region and delivery unit supervise a person, if case management has not said it.

    Example: probation feeds place X123456 london camden --because "no manager is recorded yet"
    """
    from feeds.deciding import placed

    _decide(placed(crn, region, pdu, because))


@group.command()
def discard(
    number: Annotated[int, typer.Argument(help="Number of the message, as `feeds list` shows it.")],
    because: Because,
) -> None:
    """Give a message up. It is kept, and what it said already stands.

    Example: probation feeds discard 17 --because "a test message"
    """
    from feeds.postgres import SQL

    async def work() -> bool:
        async with _connected() as connection:
            return bool(await connection.fetchval(SQL["discard"], number, because))

    if not asyncio.run(work()):
        raise UserError(f"no message {number} waits: `probation feeds list` shows those that do")
    console.print(f"{number} is discarded", highlight=False)


def _decide(statement: Any) -> None:
    async def work() -> None:
        from feeds.deciding import FEED
        from feeds.registry import ADAPTERS
        from feeds.runner import opened

        async with opened(next(iter(ADAPTERS.values())), _settings()) as (running, _):
            await running.intake.state(FEED, statement, datetime.now(UTC))

    asyncio.run(work())
    console.print("decided", highlight=False)


@asynccontextmanager
async def _connected() -> AsyncIterator[asyncpg.Connection[Any]]:
    import asyncpg

    from feeds.postgres import DATABASE
    from shared.database import check

    dsn = database_of(FEEDS)
    with errors.database(dsn):
        connection = await asyncpg.connect(dsn)
        try:
            await check(connection, DATABASE)
            yield connection
        finally:
            await connection.close()
