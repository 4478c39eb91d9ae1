"""The command that checks events before they are published."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from tools.cli.errors import UserError
from tools.cli.serving import check_listens
from tools.wording import counted

if TYPE_CHECKING:
    from tools.check.checking import Checked
    from tools.check.conclusions import Conclusions

PANEL = "Publish"
STDIN = "-"
LINES_SHOWN = 5
TYPES_SHOWN = 6
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(check)


def check(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE|-",
            help="File with one CloudEvent per line, or a JSON array of them, in the order of publishing. "
            "May be compressed with gzip. - for standard input.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with every line.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not say what the services would conclude.")
    ] = False,
    address: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="[HOST:]PORT",
            help="Answer checks over HTTP instead, until stopped. Default host: this machine only.",
        ),
    ] = None,
) -> None:
    """Check events before you publish them: what is wrong, in which field, and what to do.

    Each event is read by the services' own code. All of them together are checked for repeated ids, unknown
    references, the order of dates, the clock, and gaps. Then the services play them, in memory, and what they
    would conclude is said in a few lines. Publishes nothing and keeps nothing.

    Exit code 0 if there is nothing to correct, 1 if there is, 2 if the command was called wrongly or the file
    cannot be read.

    Example: probation check events.jsonl
    """
    if (source is None) == (address is None):
        raise UserError("say what to check: give a file, - for standard input, or --serve PORT", 2)
    if address is not None:
        _serve(address)
        return
    assert source is not None
    with _opened(source) as path:
        found = _checked(path, source, 0 if quick else os.cpu_count() or 1)
    if as_json:
        from tools.check.shown import as_object

        print(json.dumps(as_object(found), indent=2))
        raise typer.Exit(0 if found.ok else 1)
    _show(found, source)
    if not found.ok:
        raise UserError(
            f"{counted(len(found.mistakes), 'mistake')} above: correct what is wrong, and check again"
            if found.events
            else "there is nothing to check: give one CloudEvent per line"
        )


def _checked(path: Path, source: str, jobs: int) -> Checked:
    from tools.check.checking import check as checked
    from tools.event_file import UnreadableFile

    try:
        return checked(path, datetime.now(UTC), jobs=jobs)
    except UnreadableFile as mistake:
        named = "standard input" if source == STDIN else source
        raise UserError(str(mistake).replace(str(path), named), 2) from None
    except OSError as mistake:
        raise UserError(f"{source}: {mistake.strerror}: give another path", 2) from None


@contextmanager
def _opened(source: str) -> Iterator[Path]:
    """The file. Standard input is copied to one that is deleted afterwards, because it is read twice."""
    if source != STDIN:
        yield Path(source)
        return
    with tempfile.NamedTemporaryFile(prefix="check-", suffix=".jsonl") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Path(file.name)


def _serve(address: str) -> None:
    from shared.runtime.program import run
    from tools.check.web import serve

    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        raise UserError(f"--serve {address}: give a port, such as 8080, or host and port", 2)
    host = host or "127.0.0.1"
    check_listens(host, int(port), "give another port")
    with socket.create_server((host, int(port))) as listening:
        _say(f"POST events to http://{host}:{port}/check. Ctrl-C stops it.")
        run(serve(listening))


def _show(found: Checked, source: str) -> None:
    from tools.check.findings import REFUSED

    about = f"{counted(found.events, 'event')} about {counted(found.people, 'person', 'people')}"
    _say(f"{about}: {found.events - found.refused:,} valid, {found.refused:,} refused")
    for note in found.notes:
        _say(f"Note: {note}")
    grade = None
    for mistake, lines in found.mistakes:
        if mistake.grade != grade:
            grade = mistake.grade
            words = "The services would refuse" if grade == REFUSED else "Taken, but doubtful"
            console.print(Text(f"\n{words}", style="bold"))
        head = " ".join(filter(None, (mistake.type, mistake.kind)))
        _say(f"  {head}, {_lines(lines)}")
        _say(f"      {mistake.explanation}")
    if found.conclusions is not None:
        _show_conclusions(found.conclusions, source)


def _lines(lines: Sequence[int]) -> str:
    numbers = list(dict.fromkeys(lines))
    shown = ", ".join(map(str, numbers[:LINES_SHOWN]))
    more = len(numbers) - LINES_SHOWN
    return f"line{'s' if len(numbers) > 1 else ''} {shown}" + (f" and {more:,} more" if more > 0 else "")


def _show_conclusions(found: Conclusions, source: str) -> None:
    if found.first is None:
        _say("\nThe services would conclude nothing: no line could be read")
        return
    console.print(Text(f"\nWhat the services would conclude, {found.first} to {found.last}", style="bold"))
    for service, counts in found.standing.items():
        shown = [f"{number:,} {type}" for type, number in list(counts.items())[:TYPES_SHOWN]]
        if (more := len(counts) - TYPES_SHOWN) > 0:
            shown.append(f"{more} other types")
        _say(f"  {service}: {', '.join(shown)}")
    _say(
        f"  about {counted(found.people, 'person', 'people')}; {found.withdrawn:,} more were withdrawn again"
    )
    if found.not_assessed:
        _say(f"  {found.not_assessed} cases could not be assessed: this is our fault, please report it")
    for example in found.examples:
        _say(f"  For example {example.subject}: {example.type}: {example.says}")
    if found.examples:
        file = "FILE" if source == STDIN else source
        case = found.examples[0].subject
        _say(f"  Why: probation replay {file} --out found.jsonl")
        _say(f"       probation explain {case} --from found.jsonl --from {file}")


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
