"""The command that replays a file of events through the services in memory."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tools.cli.errors import UserError

if TYPE_CHECKING:
    from tools.players import Trial
    from tools.replay import Failed, Outcome

console = Console()
progress = Console(stderr=True)

DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="How many processes play the services: at most one for each. Default: one for each processor. "
        "The result is the same.",
        show_default=False,
    ),
]
_ESTIMATE_SECONDS = 60.0
"""The time that is left is estimated from the speed of the last minute: as cases grow, it changes."""


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
    jobs: Jobs = None,
) -> None:
    """Show what would have been published: play a file through the four services, without broker or database.

    Each event is delivered on the day (in London) on which it was recorded. Each day starts with DayStarted.
    The same input gives the same output, byte for byte. Exit code 1 if the result is incomplete: a case could
    not be assessed, or lines were refused and --dead-letters was not given.

    Example: probation simulate --out year.jsonl; probation replay year.jsonl --out found.jsonl
    """
    check_files(source, **{"--out": out, "--dead-letters": dead_letters, "--warnings": warnings})
    check_policy(policy)
    from tools.players import Trial

    began = time.monotonic()
    with writing(out) as publish:
        outcome = play(source, until, publish, "replaying", Trial(policy), jobs)
    for file, found in ((dead_letters, outcome.dead_letters), (warnings, outcome.warnings)):
        if file is not None:
            lines = [json.dumps(vars(one), ensure_ascii=False) + "\n" for one in found]
            file.write_text("".join(lines), encoding="utf-8")
    days = f"{outcome.first} to {outcome.last}" if outcome.first else "no day, because no line could be read"
    console.print(
        f"{days}: {outcome.lines} lines, {outcome.beyond} of them after the last day; "
        f"events published: {outcome.published:,}; dead letters: {len(outcome.dead_letters)} "
        f"({time.monotonic() - began:.1f} s, {_processor_seconds():.1f} s of processor time)",
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
    if outcome.failed:
        raise not_assessed(outcome.failed, "correct the values in --policy" if policy else "fix the rule")
    if outcome.dead_letters and dead_letters is None:
        refused = outcome.dead_letters[0]
        raise UserError(
            f"{len(outcome.dead_letters)} lines were refused and left out; the first is line {refused.line} "
            f"({refused.reason}): correct them, or keep them with --dead-letters FILE"
        )


def play(
    source: Path,
    until: datetime | None,
    publish: Callable[[bytes], object],
    doing: str,
    trial: Trial,
    jobs: int | None,
) -> Outcome:
    """Play a file and show how far it is. Raises `UserError` if there is nothing to play."""
    from tools.event_file import UnreadableFile, events_in
    from tools.players import replay as replayed

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(
        *columns,
        console=progress,
        transient=True,
        speed_estimate_period=_ESTIMATE_SECONDS,
        disable=not progress.is_terminal,
    ) as bar:
        task = bar.add_task(doing, total=1.0)

        def show(share: float) -> None:
            bar.update(task, completed=share)

        try:
            outcome = replayed(
                events_in(source, show),
                publish,
                until=until.date() if until else None,
                trial=trial,
                jobs=jobs or os.cpu_count() or 1,
            )
        except UnreadableFile as mistake:
            raise UserError(str(mistake)) from None
    if not outcome.lines:
        raise UserError(
            f"{source} is empty: it needs one CloudEvent per line (`probation simulate` creates some)"
        )
    if until and outcome.first is None and outcome.beyond:
        raise UserError(f"--until {until:%Y-%m-%d} is before the first event of {source}: give a later day")
    return outcome


@contextmanager
def writing(out: Path) -> Iterator[Callable[[bytes], object]]:
    """Write lines to a file as they come. It is left as it was if there are none because of an error."""
    file: IO[bytes] | None = None

    def write(line: bytes) -> None:
        nonlocal file
        file = file or out.open("wb")
        file.write(line + b"\n")

    try:
        yield write
        file = file or out.open("wb")
    finally:
        if file is not None:
            file.close()


def _processor_seconds() -> float:
    """The processor time of this process and of those that it has ended."""
    return sum(os.times()[:4])


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
