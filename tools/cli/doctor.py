"""The command that looks whether everything arrived and everything works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from shared.settings import KafkaSettings, SettingsError, load
from tools.cli.addresses import check_names_each, running_settings
from tools.cli.errors import UserError
from tools.wording import counted

if TYPE_CHECKING:
    from tools.doctor.part import Part

PANEL = "When something went wrong"
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(doctor)


def doctor(
    expected: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What upstream says it sent: one event a line, its id and type, and if you know it the day "
            "in London on which it was recorded, such as 4711,SentenceImposed,2026-03-02.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, with every id that is missing.")
    ] = False,
) -> None:
    """Look whether everything arrived and everything works, on one page, with what to do.

    For each service: the day, the release and policy in force, dead letters, cases that could not be
    assessed, whether an instance is connected and publishes. Then topics without a reader, who lags, gaps in
    sequences, what waits in the feeds, and what is missing of --expected. What cannot be reached is said.
    Changes nothing.

    Exit code 0 if there is nothing to do, 1 if there is, 2 if the command was called wrongly.

    Example: probation doctor --expected sent.csv
    """
    from tools.doctor.examining import examine
    from tools.doctor.expected import read

    check_names_each()
    lines = read(expected) if expected is not None else []
    parts = asyncio.run(examine(_kafka(), datetime.now(UTC), lines))
    troubles = sum(len(part.troubles) for part in parts)
    if as_json:
        print(json.dumps({"ok": not troubles, **{part.name: part.as_object() for part in parts}}, indent=2))
        raise typer.Exit(1 if troubles else 0)
    _show(parts)
    if troubles:
        raise UserError(f"{counted(troubles, 'thing')} to do, marked with ! above")
    console.print("nothing to do")


def _kafka() -> KafkaSettings | None:
    try:
        return load(KafkaSettings, **running_settings())
    except SettingsError:
        return None


def _show(parts: Sequence[Part]) -> None:
    for part in parts:
        console.print(Text(part.name, style="bold"))
        for line in part.lines:
            console.print(Text(f"    {line}"), soft_wrap=True)
        for trouble in part.troubles:
            console.print(Text(f"  ! {trouble}", style="red"), soft_wrap=True)
