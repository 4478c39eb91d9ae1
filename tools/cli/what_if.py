"""The command that says what another policy would change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli import errors
from tools.cli.addresses import dashboard_database
from tools.cli.errors import UserError
from tools.cli.replaying import (
    DAY,
    Jobs,
    check_files,
    check_policy,
    not_assessed,
    play,
    writing,
)

if TYPE_CHECKING:
    from services.dashboard.model.what_ifs import Result
    from shared.policy_file import Value


def what_if(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN.jsonl",
            help="File with one CloudEvent per line, as for `probation replay`.",
            exists=True,
            dir_okay=False,
            readable=True,
            show_default=False,
        ),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FILE.NAME=VALUE",
            help="A policy value to try, for example enforcement.evidence_days=7. It holds on all days and "
            "in all regions. Can be given several times.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Folder with policy files to try instead of <service>.toml and probation.toml.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(help="Last day to play. Default: the day of the last line.", **DAY),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File for what the services would publish under that policy, for `explain --from`.",
            dir_okay=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List every difference, not only some examples.")
    ] = False,
    show: Annotated[
        bool,
        typer.Option(
            "--to-dashboard",
            help="Also show the result on the dashboard, at /what-if. PROBATION_DATABASE_URL says where its "
            "database is; without it, that of what runs on this machine is meant.",
        ),
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Say what another policy would change: play a file under the policy in force and under yours.

    Says which findings appear, vanish or change, by rule, region and month, with examples. Changes nothing.
    What is published under your policy names it as a trial, such as enforcement@what-if-3f2a90c1-2021-06-26.

    Example: probation what-if year.jsonl --set enforcement.evidence_days=7
    """
    from schemas import language
    from services.dashboard.model.what_ifs import Result
    from shared.answers.comparison import compare, counted
    from shared.answers.standing import Standing
    from tools.cli.differences import say
    from tools.cli.differences import show as show_differences
    from tools.players import Trial

    if bool(changes) == (policy is not None):
        raise UserError("say what to try: either --set FILE.NAME=VALUE or --policy FOLDER", 2)
    check_files(source, **{"--out": out})
    check_policy(policy)
    dashboard = dashboard_database() if show else None
    tried, words = _changes(changes or ())
    if policy is not None:
        words = _differences(policy)
    merges = [language.read(line, ())[0] for line in _merges(source)]
    ours, theirs = Standing(merges), Standing(merges)

    def take(standing: Standing, value: bytes) -> None:
        standing.take(language.read(value, ())[0])

    before = play(source, until, partial(take, ours), "replaying under the policy in force", Trial(), jobs)
    if before.failed:
        raise not_assessed(before.failed, "fix the rule")
    with writing(out) if out is not None else nullcontext() as write:

        def keep(value: bytes) -> None:
            take(theirs, value)
            if write is not None:
                write(value)

        trial = Trial(policy, tried)
        after = play(source, until, keep, "replaying under the policy to try", trial, jobs)
    found = compare(ours, theirs)
    for line in words:
        say(line)
    say(f"{before.first} to {before.last}, {before.lines} lines")
    show_differences(found, every)
    if dashboard is not None and before.first and before.last:  # else no line could be read, as is said below
        days = before.first, before.last
        numbers = counted(ours), counted(theirs)
        result = Result(f"what-if-{after.trial}", words, *days, before.lines, *numbers, found)
        say(f"\nOn the dashboard: /what-if/{_publish(dashboard, result)}")
    if out is not None:
        say(f"\nOne case under that policy: probation explain CRN --from {out} --from {source}")
    if after.failed:
        raise not_assessed(after.failed, "correct the values to try")
    if before.dead_letters:
        refused = before.dead_letters[0]
        raise UserError(
            f"{len(before.dead_letters)} lines were refused and left out of both; the first is line "
            f"{refused.line} ({refused.reason}): correct them"
        )


def _changes(given: Iterable[str]) -> tuple[dict[tuple[Path, str], Value], list[str]]:
    """The values to try by policy file and name, and what changes in words. Raises `UserError` for others."""
    from shared.answers.describing import in_force
    from shared.policy_file import PolicyError, read, shown, written
    from tools.services import POLICIES

    tried: dict[tuple[Path, str], Value] = {}
    words: list[str] = []
    for text in given:
        where, equals, value = text.partition("=")
        file, dot, name = where.strip().partition(".")
        if not (equals and dot and value.strip()):
            raise UserError(f"--set {text}: write FILE.NAME=VALUE, such as enforcement.evidence_days=7", 2)
        path = POLICIES.get(f"{file}.toml")
        if path is None:
            known = ", ".join(each.removesuffix(".toml") for each in POLICIES)
            raise UserError(f"--set {text}: there is no policy file {file}: use one of {known}", 2)
        entries = [entry for entry in read(path) if entry.name == name]
        if not entries:
            raise UserError(f"--set {text}: {_unknown(name, [entry.name for entry in read(path)])}", 2)
        if (path, name) in tried:
            raise UserError(f"--set {text}: {where} is given twice: leave one out", 2)
        try:
            values = [written(entry, value.strip()) for entry in entries]
        except PolicyError as mistake:
            raise UserError(f"--set {text}: {mistake}", 2) from None
        tried[path, name] = values[0]
        now = "; ".join(map(in_force, entries))
        words.append(f"{where.strip()} = {shown(values[0])} instead of {now}")
        if all(entry.value == values[0] for entry in entries):
            raise UserError(f"--set {text}: that is the value in force: give another", 2)
    return tried, words


def _differences(folder: Path) -> list[str]:
    """What differs in a folder of policy files from those in force, in words."""
    from shared.answers.describing import in_force
    from shared.policy_file import read
    from tools.services import POLICIES

    words = []
    for path in sorted(folder.glob("*.toml")):
        own, given = ([(e.name, in_force(e)) for e in read(each)] for each in (POLICIES[path.name], path))
        for name in dict.fromkeys(name for name, _ in own):
            now, then = ("; ".join(text for n, text in values if n == name) for values in (own, given))
            if now != then:
                words.append(f"{path.stem}.{name} = {then} instead of {now}")
    return words or ["The policy files have the values in force"]


def _publish(dsn: str, result: Result) -> str:
    """Add the result to the dashboard's database. Returns its id."""
    import asyncpg

    from services.dashboard.model.what_ifs import publish

    async def work() -> str:
        connection = await asyncpg.connect(dsn)
        try:
            return await publish(connection, result)
        finally:
            await connection.close()

    with errors.database(dsn):
        return asyncio.run(work())


def _unknown(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 3)
    return f"there is no value '{name}'" + (
        f": did you mean {' or '.join(close)}?" if close else ": see policy.toml"
    )


def _merges(source: Path) -> Iterable[bytes]:
    """The lines that say which records of a person belong together."""
    from shared.answers.standing import MERGED
    from tools.event_file import events_in

    return (line for line in events_in(source) if f'"{MERGED}"'.encode() in line and _readable(line))


def _readable(line: bytes) -> bool:
    from schemas import language
    from schemas.envelope import Refused, UnknownType

    try:
        language.read(line, ())
    except (Refused, UnknownType):
        return False
    return True
