"""The command that replays a file of events through the services on temporary databases."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import asyncpg
import typer
from rich.console import Console

from schemas.catalogue import SERVICES as NAMES
from tools.cli import errors
from tools.cli.errors import UserError

if TYPE_CHECKING:
    from shared.policy_file import Value
    from tools.replay import Outcome

console = Console()
progress = Console(stderr=True)
SERVER = "DATABASE_URL"
"""Names a PostgreSQL in which temporary databases may be created."""

DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
_QUARANTINED = "select subject, quarantined from cases where quarantined is not null order by subject"


def replay(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.jsonl",
            help="File with one CloudEvent per line, or a JSON array of them, in order of arrival. May be "
            "compressed with gzip.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="File for the events that the services publish.", dir_okay=False)],
    until: Annotated[
        datetime | None,
        typer.Option(help="Last day to play. Default: the day of the last line.", **DAY),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Folder with policy files to try instead of <service>.toml and probation.toml.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    dead_letters: Annotated[
        Path | None, typer.Option(help="File for the lines that were refused, with reasons.", dir_okay=False)
    ] = None,
    warnings: Annotated[
        Path | None,
        typer.Option(
            help="File for the lines in which something is doubtful, with what it is.", dir_okay=False
        ),
    ] = None,
) -> None:
    """Show what would have been published: play a file through the four services, without a broker.

    Each event is delivered on the day (in London) on which it was recorded. Each day starts with DayStarted.
    The same input gives the same output, byte for byte. Exit code 1 if the result is incomplete: a case could
    not be assessed, or lines were refused and --dead-letters was not given.

    Example: probation simulate --out year.jsonl; probation replay year.jsonl --out found.jsonl
    """
    check_files(source, **{"--out": out, "--dead-letters": dead_letters, "--warnings": warnings})
    check_policy(policy)
    began = time.monotonic()
    with temporary_databases() as databases, progress.status("replaying"):
        outcome, failed = play(databases, source, until, policy)
    out.write_bytes(b"".join(line + b"\n" for line in outcome.published))
    for file, found in ((dead_letters, outcome.dead_letters), (warnings, outcome.warnings)):
        if file is not None:
            lines = [json.dumps(vars(one), ensure_ascii=False) + "\n" for one in found]
            file.write_text("".join(lines), encoding="utf-8")
    days = f"{outcome.first} to {outcome.last}" if outcome.first else "no day, because no line could be read"
    console.print(
        f"{days}: {outcome.lines} lines, {outcome.beyond} of them after the last day; "
        f"events published: {len(outcome.published)}; dead letters: {len(outcome.dead_letters)} "
        f"({time.monotonic() - began:.1f} s)",
        highlight=False,
        soft_wrap=True,
    )
    if outcome.warnings:
        kinds = Counter(warned.kind for warned in outcome.warnings).most_common()
        first = outcome.warnings[0]
        console.print(
            f"warnings: {len(outcome.warnings)} ({', '.join(f'{number} {kind}' for kind, number in kinds)}); "
            f"the first is line {first.line}: {first.explanation}"
            + ("" if warnings else " (all of them: --warnings FILE)"),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if failed:
        raise not_assessed(failed, "correct the values in --policy" if policy else "fix the rule")
    if outcome.dead_letters and dead_letters is None:
        refused = outcome.dead_letters[0]
        raise UserError(
            f"{len(outcome.dead_letters)} lines were refused and left out; the first is line {refused.line} "
            f"({refused.reason}): correct them, or keep them with --dead-letters FILE"
        )


Failed = tuple[str, str, str]
"""The service, case and error of a case that could not be assessed."""


def play(
    databases: Mapping[str, str],
    source: Path,
    until: datetime | None,
    policy: Path | None = None,
    changes: Mapping[tuple[Path, str], Value] | None = None,
) -> tuple[Outcome, list[Failed]]:
    """Play a file on empty databases; also returns the cases that could not be assessed.

    Raises `UserError` if there is nothing to play.
    """
    from tools.event_file import UnreadableFile, events_in
    from tools.replay import replaying

    async def work() -> Outcome:
        async with replaying(databases.__getitem__, policy, changes=changes) as replay:
            return await replay.run(events_in(source), until.date() if until else None)

    try:
        outcome = asyncio.run(work())
    except UnreadableFile as mistake:
        raise UserError(str(mistake)) from None
    if not outcome.lines:
        raise UserError(
            f"{source} is empty: it needs one CloudEvent per line (`probation simulate` creates some)"
        )
    if until and outcome.first is None and outcome.beyond:
        raise UserError(f"--until {until:%Y-%m-%d} is before the first event of {source}: give a later day")
    return outcome, asyncio.run(_quarantined(databases))


def not_assessed(failed: Sequence[Failed], remedy: str) -> UserError:
    """The error that says which cases could not be assessed."""
    service, case, fault = failed[0]
    return UserError(
        f"{len(failed)} cases could not be assessed, and findings about them are missing; "
        f"the first is {case} in {service} ({fault}): {remedy}"
    )


def check_files(source: Path, **outputs: Path | None) -> None:
    """Check, before minutes of work, that the output files can be written and overwrite no input."""
    files = {"IN.jsonl": source, **{name: file for name, file in outputs.items() if file is not None}}
    seen: dict[Path, str] = {}
    for name, file in files.items():
        if not file.parent.is_dir():
            raise UserError(f"{file}: there is no folder {file.parent}: create it, or give another path", 2)
        place = file.resolve()
        if place in seen and (place.is_file() or not place.exists()):
            raise UserError(f"{name} and {seen[place]} are the same file: give another path for {name}", 2)
        seen[place] = name
    for file in filter(None, outputs.values()):
        check_writable(file)


def check_writable(file: Path) -> None:
    """Raise `OSError` if this file cannot be written. Leaves no new file behind."""
    new = not file.exists()
    with file.open("ab"):
        pass
    if new:
        file.unlink()


def check_policy(folder: Path | None) -> None:
    """Each file must have the same values, of the same kinds, as the service's own file."""
    from shared.policy_file import read
    from tools.services import POLICIES

    if folder is None:
        return
    files = {path.name: path for path in sorted(folder.glob("*.toml"))}
    strange = sorted(set(files) - set(POLICIES))
    if strange or not files:
        what = f"{strange[0]} belongs to no service" if strange else "it has no policy file"
        raise UserError(f"{folder}: {what}: name the files {', '.join(POLICIES)}", 2)
    for name, path in files.items():
        own = POLICIES[name]
        needed, given = ({entry.name: entry.kind for entry in read(file)} for file in (own, path))
        for value, kind in needed.items():
            if value not in given:
                raise UserError(f"{path}: value '{value}' is missing: start from a copy of {own}")
            if given[value] != kind:
                raise UserError(f"{path}: '{value}' is of kind {given[value]}, not {kind}: see {own}")
        if unknown := sorted(given.keys() - needed):
            raise UserError(f"{path}: no rule uses '{unknown[0]}': correct the name (see {own})")


async def _quarantined(databases: Mapping[str, str]) -> list[Failed]:
    """The service, case and error of every case that could not be assessed."""
    found = []
    for service, dsn in databases.items():
        connection = await asyncpg.connect(dsn)
        found += [(service, *row) for row in await connection.fetch(_QUARANTINED)]
        await connection.close()
    return found


@contextmanager
def temporary_databases() -> Iterator[dict[str, str]]:
    """An empty temporary database for each service, on DATABASE_URL's server or an embedded one."""
    from shared.database import address

    given = os.environ.get(SERVER)
    if given:
        with errors.database(given, SERVER):
            names = asyncio.run(_create_databases(given))
        try:
            yield {service: address(given, name) for service, name in names.items()}
        finally:
            asyncio.run(_run(given, [f'drop database "{name}" with (force)' for name in names.values()]))
        return
    if importlib.util.find_spec("tools.embedded") is None:
        raise UserError(
            f"{SERVER} is missing: set it to a PostgreSQL in which databases may be created, for example "
            "postgresql://postgres@localhost/postgres (only a checkout of the project has an embedded one)"
        )
    from tools.embedded.database import EmbeddedPostgres

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
