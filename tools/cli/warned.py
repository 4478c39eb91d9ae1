"""The command that lists warnings: messages that were taken although something in them is doubtful."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from schemas.envelope import WarningKind
from tools.cli.grant import Grant, require
from tools.cli.serving import ALL, OneOrAll, services_of

if TYPE_CHECKING:
    from tools.warned import Warned

PANEL = "When something went wrong"
KINDS: tuple[str, ...] = get_args(WarningKind)
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(name="warnings", rich_help_panel=PANEL)(warnings)


def _known(kind: str | None) -> str | None:
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"there is no kind {kind!r}: use one of {', '.join(KINDS)}")
    return kind


def warnings(
    service: OneOrAll = ALL,
    kind: Annotated[
        str | None,
        typer.Option(help="Only those of this kind, for example unknown_field.", callback=_known),
    ] = None,
    event: Annotated[
        str | None, typer.Option(help="Only about the event that its sender gave this id, for example 4711.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Only about events from this source, for example /feeds/court.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Only about messages with this subject, for example X123456.")
    ] = None,
    access_reason: Grant = None,
    last: Annotated[int, typer.Option(min=1, help="How many to show at most: the latest.")] = 100,
) -> None:
    """List warnings: messages that were taken although something in them is doubtful.

    It has no effect, or can hardly be right. Each is shown once, with the services that warned of it.

    Example: probation warnings --kind unknown_field --source /feeds/court
    """
    from tools.access import limited_people
    from tools.warned import find

    if subject is not None:
        for crn in asyncio.run(limited_people(services_of(service), {subject})):
            require(access_reason, crn, "warnings")
    found = asyncio.run(find(services_of(service), kind, event, source, subject))
    for one in found[-last:]:
        _show(one)
    if len(found) > last:
        console.print(
            f"{len(found) - last} older ones are not shown: raise --last, or choose by --kind or --event"
        )
    if not found:
        who = "no service has warned" if service == ALL else f"{service} has not warned"
        console.print(f"{who} of such a message")


def _show(one: Warned) -> None:
    received = f"{one.received.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    event = f"{one.type} {one.event_id} from {one.source}"
    head = f"{received}  {one.where}  [bold]{one.kind}[/bold]  {escape(event)}  ({', '.join(one.services)})"
    console.print(head, highlight=False, soft_wrap=True)
    console.print(Padding(escape(one.explanation), (0, 0, 0, 8)), highlight=False)
