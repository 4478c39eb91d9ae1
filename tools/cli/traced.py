"""The command that says what became of one event."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from schemas.topics import SERVICES as NAMES
from tools.cli.addresses import check_names_each
from tools.cli.errors import UserError
from tools.cli.grant import Grant, require

if TYPE_CHECKING:
    from tools.tracing import Conclusion, Trace, Traced

PANEL = "Ask"
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(trace)


def trace(
    event_id: Annotated[
        str,
        typer.Argument(
            metavar="EVENT_ID", help="Id of the event, as its sender gave it.", show_default=False
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(help="Source of the event, if several gave this id, for example /feeds/court."),
    ] = None,
    access_reason: Grant = None,
) -> None:
    """Show what became of an event: who took it, who refused it and why, and what was concluded from it.

    Says of each conclusion whether it stands. Exit code 1 if no service knows the event.

    Example: probation trace 4711 --source /feeds/court
    """
    from tools import tracing
    from tools.access import limited_people

    check_names_each()
    found = asyncio.run(tracing.trace(NAMES, event_id, source))
    if not found:
        which = f"{event_id} from {source}" if source else event_id
        raise UserError(
            f"no service knows an event {which}: check the id (a message that cannot be read has none: see "
            "`probation dead-letters list`; one that no service has a use for leaves no trace)"
        )
    if len(found) > 1:
        raise UserError(
            f"{len(found)} sources gave the id {event_id}: choose one with --source "
            f"({', '.join(one.source for one in found)})"
        )
    for crn in sorted(asyncio.run(limited_people(NAMES, found[0].people))):
        require(access_reason, crn, "trace")
    _show(found[0])


def _show(found: Trace) -> None:
    about = f" about {found.subject}" if found.subject else ""
    _say(f"{found.type or 'an event'} {found.id} from {found.source}{about}")
    known = {one.service: one for one in found.services}
    for service in NAMES:
        one = known.get(service)
        if one is None:
            unused = found.not_used_by(service)
            _say(f"  {service:<12} {'has no use for it' if unused else 'has not seen it'}")
        else:
            _show_service(one)
    for warned in found.warnings:
        _say(f"  warning ({', '.join(warned.services)}): {warned.kind}: {warned.explanation}")


def _show_service(one: Traced) -> None:
    if one.taken:
        when = f" on {one.day}" if one.day else " before the first day"
        _say(f"  {one.service:<12} took it{when}{f', from {one.place}' if one.place else ''}")
    for letter in one.letters:
        state = "" if letter.status == "open" else f", {letter.status}"
        which = f"{letter.reason}, dead letter {letter.number}{state}"
        _say(f"  {one.service:<12} refused it ({which}): {letter.explanation}")
    for conclusion in one.conclusions:
        _show_conclusion(conclusion)
    if one.taken and not one.conclusions:
        _say(
            "      concluded nothing from it alone"
            if one.fault is None
            else "      what it concluded is not known"
        )
    if one.fault is not None:
        _say(f"      the case could not be assessed ({one.fault}): see `probation recheck {one.service}`")


def _show_conclusion(conclusion: Conclusion) -> None:
    event, data = conclusion.event, conclusion.event.data
    if event.type == "Withdrawn":
        _say(f"      withdrew {data.withdrawn_type} {data.key} ({data.reason})")
        return
    stands = "stands" if conclusion.ended is None else f"was withdrawn ({conclusion.ended})"
    _say(f"      {event.type} {event.id}  [{', '.join(data.why.rules)}]  {stands}")


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
