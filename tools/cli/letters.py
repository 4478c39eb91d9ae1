"""What could not be understood (dead letters) or assessed (quarantine), and how it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from schemas import language
from schemas.envelope import Refused, UnknownType
from shared.engine.engine import Engine
from shared.engine.intake import CLOCK, DeadLetter, Message, Skipped, take
from shared.engine.release import release_digest
from shared.engine.store import describe, headers_of
from shared.runtime.service import today_in_london
from tools.cli import mistakes
from tools.cli.mistakes import Mistake
from tools.cli.places import database_of
from tools.cli.serving import Service
from tools.services import BY_NAME

PANEL = "When something went wrong"
console = Console()

Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of the dead letters, as `list` shows them.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", help="All open ones with this reason, for example wrong_data.")
]

letters = typer.Typer(no_args_is_help=True, help="Messages that a service could not understand.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(letters, name="dead-letters", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(recheck)


# -- the database ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """A dead letter as the database holds it."""

    number: int
    topic: str
    partition: int
    offset: int
    reason: str
    explanation: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    received: datetime
    status: str
    closed_because: str | None

    @property
    def where(self) -> str:
        """Topic, partition and offset from which it came."""
        return f"{self.topic}/{self.partition}/{self.offset}"


_FIND = """
select number, topic, partition, "offset", reason, explanation, key, value, headers, received, status,
    closed_because
from dead_letters
where ($1::bigint[] is null or number = any($1)) and ($2::text is null or reason = $2)
    and ($3 or status = 'open')
order by number
"""
_CLOSE = "update dead_letters set status = $2, closed_because = $3 where number = $1 and status = 'open'"
_LEAVE = "update dead_letters set reason = $2, explanation = $3 where number = $1 and status = 'open'"
_INCARNATION = "select incarnation from offsets where topic = $1 and partition = $2"


@asynccontextmanager
async def _connected(service: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    dsn = database_of(service)
    with mistakes.database(dsn):
        connection = await asyncpg.connect(dsn)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def _engine(service: str) -> AsyncIterator[Engine]:
    """The service's engine in this process, on the service's database."""
    dsn = database_of(service)
    with mistakes.database(dsn):
        async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
            engine = Engine(BY_NAME[service], language, pool, latest_day=today_in_london)
            at_work = await pool.fetchval("select digest from clock")
            if at_work not in ("", release_digest(engine.service, engine.policy)):
                raise Mistake(
                    f"{service} runs other rules or another policy than this program, which would stop it: "
                    "run this command from the release that the service runs"
                )
            await engine.start()
            yield engine


async def _find(
    connection: asyncpg.Connection[Any], numbers: Sequence[int] | None, reason: str | None, *, closed: bool
) -> list[Letter]:
    rows = await connection.fetch(_FIND, list(numbers) if numbers else None, reason, closed)
    found = [Letter(**{**row, "headers": headers_of(row["headers"])}) for row in rows]
    missing = sorted(set(numbers or ()) - {letter.number for letter in found})
    if missing:
        kind = "dead letter" if closed else "open dead letter"
        raise Mistake(f"there is no {kind} {missing[0]}: see `probation dead-letters list`")
    return found


# -- commands ----------------------------------------------------------------------------------------


@letters.command(name="list")
def list_(
    service: Service,
    reason: Reason = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
) -> None:
    """Show the open dead letters of a service: number, where from, why."""

    async def work() -> list[Letter]:
        async with _connected(service) as connection:
            return await _find(connection, None, reason, closed=everything)

    found = asyncio.run(work())
    table = Table(box=None, header_style="bold")
    for column in ("number", "received", "from", "reason", "what is wrong", "status"):
        table.add_column(column, justify="right" if column == "number" else "left", overflow="fold")
    for letter in found:
        received = f"{letter.received.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        table.add_row(
            str(letter.number), received, letter.where, letter.reason, letter.explanation, letter.status
        )
    if found:
        console.print(table)
    else:
        console.print(f"{service} has no {'' if everything else 'open '}dead letters")


@letters.command()
def show(
    service: Service,
    number: Annotated[int, typer.Argument(help="Its number, as `list` shows it.", show_default=False)],
    save: Annotated[
        Path | None,
        typer.Option(help="Write the message as it came to this file. It may hold personal data."),
    ] = None,
) -> None:
    """Show one dead letter: where from, why, and what it says of itself. Its data are not printed."""

    async def work() -> Letter:
        async with _connected(service) as connection:
            return (await _find(connection, [number], None, closed=True))[0]

    letter = asyncio.run(work())
    table = Table.grid(padding=(0, 2))
    for name, value in _about(letter).items():
        table.add_row(f"[bold]{name}[/bold]", value)
    console.print(table)
    if save is not None:
        save.touch(mode=0o600)
        save.write_bytes(letter.value or b"")
        console.print(f"written to {save}")


def _about(letter: Letter) -> dict[str, str]:
    status = letter.status + (f": {letter.closed_because}" if letter.closed_because else "")
    about = {
        "number": str(letter.number),
        "from": letter.where,
        "received": letter.received.astimezone(UTC).isoformat(),
        "reason": letter.reason,
        "what is wrong": letter.explanation,
        "status": status,
        "size": "no value" if letter.value is None else f"{len(letter.value)} bytes",
        "headers": ", ".join(name for name, _ in letter.headers if not name.startswith("dead-letter-")),
    }
    try:
        event, _ = language.read(letter.value, letter.headers)
    except (Refused, UnknownType):
        return about
    return about | {"event": f"{event.type} {event.id} from {event.source} about {event.subject}"}


@letters.command()
def redrive(
    service: Service,
    numbers: Numbers = None,
    reason: Reason = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each.")] = False,
) -> None:
    """Give open dead letters to the service's engine again, after a fix.

    They go into the service's database straight away, not back to the topic. What is refused again stays
    open, with the reason of today. Without numbers or a reason: all open ones.

    Example: probation dead-letters redrive contacts --reason wrong_data --dry-run
    """

    async def work() -> dict[str, int]:
        count = {"redriven": 0, "left open": 0}
        async with _engine(service) as engine, _connected(service) as connection:
            for letter in await _find(connection, numbers, reason, closed=False):
                done, why = await _redrive(engine, connection, letter, dry_run=dry_run)
                count["redriven" if done else "left open"] += 1
                console.print(f"{letter.number}: {why}", highlight=False)
        return count

    count = asyncio.run(work())
    would = "would be " if dry_run else ""
    console.print(f"{count['redriven']} {would}redriven, {count['left open']} {would}left open")


async def _redrive(
    engine: Engine, connection: asyncpg.Connection[Any], letter: Letter, *, dry_run: bool
) -> tuple[bool, str]:
    """What becomes of one letter: whether it is done with, and why."""
    message = await _message(connection, letter)
    taken = take(message, engine.service, engine.language)
    if isinstance(taken, DeadLetter):
        if not dry_run:
            await connection.execute(_LEAVE, letter.number, taken.reason, taken.explanation)
        return False, f"still {taken.reason}: {taken.explanation}"
    if isinstance(taken, Skipped):
        why = f"{taken.type} is in order, and of no use to this service"
    elif taken.type == CLOCK:
        return False, "a day is the ticker's to say, in its turn: discard it"
    else:
        why = f"{taken.type} {taken.id}"
        if not dry_run:
            try:
                await engine.handle([message])
            except asyncpg.DataError as fault:
                await connection.execute(_LEAVE, letter.number, "store_error", describe(fault))
                return False, f"still store_error: {describe(fault)}"
    if not dry_run:
        await connection.execute(_CLOSE, letter.number, "redriven", why)
    return True, why


async def _message(connection: asyncpg.Connection[Any], letter: Letter) -> Message:
    # Before the first offset of the topic as it is now: where to read on stays as it was.
    incarnation = await connection.fetchval(_INCARNATION, letter.topic, letter.partition)
    return Message(
        topic=letter.topic,
        partition=letter.partition,
        offset=-1,
        key=letter.key,
        value=letter.value,
        headers=[(name, value) for name, value in letter.headers if not name.startswith("dead-letter-")],
        received=datetime.now(UTC),
        incarnation=incarnation or "",
    )


@letters.command()
def discard(
    service: Service,
    because: Annotated[
        str, typer.Option(help="Why nothing is lost: kept with the letter.", show_default=False)
    ],
    numbers: Numbers = None,
    reason: Reason = None,
) -> None:
    """Close open dead letters that need no redrive, saying why. They are kept, as closed.

    Example: probation dead-letters discard contacts 17 --because "sent again by the feed as event 4711"
    """
    if not numbers and not reason:
        raise Mistake("nothing is named: give numbers or --reason (see `probation dead-letters list`)", 2)
    if not because.strip():
        raise Mistake("--because is empty: say why nothing is lost", 2)

    async def work() -> int:
        async with _connected(service) as connection:
            found = await _find(connection, numbers, reason, closed=False)
            for letter in found:
                await connection.execute(_CLOSE, letter.number, "discarded", because)
            return len(found)

    console.print(f"{asyncio.run(work())} discarded")


def recheck(
    service: Service,
    crn: Annotated[str | None, typer.Argument(help="One case; all in quarantine if left out.")] = None,
) -> None:
    """Join a case again from its facts and assess it, after a fix.

    A case that the rules could not assess is in quarantine: its facts are kept, nothing is concluded.

    Example: probation recheck contacts X123456
    """

    async def work() -> dict[str, str | None]:
        async with _engine(service) as engine:
            known = "select 1 from cases where subject = $1"
            if crn is not None and not await engine.pool.fetchval(known, crn):
                raise Mistake(f"{service} holds no case {crn}: check the number")
            subjects = [crn] if crn is not None else await engine.quarantined()
            return {subject: await engine.recheck(subject) for subject in subjects}

    outcome = asyncio.run(work())
    for subject, fault in outcome.items():
        console.print(
            f"{subject}: {'in order' if fault is None else f'still wrong: {fault}'}", highlight=False
        )
    if not outcome:
        console.print(f"{service} has no case in quarantine")
    if any(outcome.values()):
        raise typer.Exit(1)
