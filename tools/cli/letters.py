"""Commands for refused messages (dead letters) and cases that could not be assessed (quarantine)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from schemas.envelope import Reason as Refusal
from tools.cli.errors import UserError
from tools.cli.grant import Grant, require
from tools.cli.serving import ALL, OneOrAll, Service, services_of

if TYPE_CHECKING:
    from tools.cli import redrive as work
    from tools.cli.redrive import Redriven

PANEL = "When something went wrong"
console = Console()
progress = Console(stderr=True)

EACH = 200
"""Up to so many letters, each gets a line of its own."""

PROGRESS_SECONDS = 1.0
"""How often a long redrive says how far it is."""

REASONS: tuple[str, ...] = get_args(Refusal)


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in REASONS:
        raise typer.BadParameter(f"there is no reason {reason!r}: use one of {', '.join(REASONS)}")
    return reason


Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers of the dead letters, as shown by `list`.")]
Event = Annotated[
    str | None,
    typer.Option("--event", help="Only of the event that its sender gave this id, for example 4711."),
]
Source = Annotated[
    str | None, typer.Option("--source", help="Only of events from this source, for example /feeds/court.")
]
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Only those with this reason, for example wrong_data.", callback=_known),
]

letters = typer.Typer(help="Messages that a service refused.")


async def _found(
    service: str,
    numbers: list[int] | None,
    reason: str | None,
    event: str | None,
    source: str | None,
    *,
    closed: bool = False,
) -> list[work.Letter]:
    """The dead letters that a command is about, of one service or of all."""
    from tools.cli import redrive as work

    if service == ALL and numbers:
        raise UserError(
            "each service numbers its own dead letters: give --event, or a service in place of all", 2
        )
    letters = [
        letter
        for name in services_of(service)
        for letter in await work.find(name, numbers, reason, closed=closed, event=event)
    ]
    return work.of_event(letters, event, source)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(letters, name="dead-letters", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(recheck)


@letters.command(name="list")
def list_(
    service: OneOrAll = ALL,
    reason: Reason = None,
    event: Event = None,
    source: Source = None,
    everything: Annotated[bool, typer.Option("--all", help="Also show closed ones.")] = False,
) -> None:
    """List the open dead letters of a service: number, time, topic/partition/offset and reason.

    Without a service, lists each message that was refused once, with the services that refused it and the
    numbers of their dead letters.

    Example: probation dead-letters list --event 4711

    Example: probation dead-letters list contacts --reason wrong_data
    """
    from tools.cli import redrive as work

    found = asyncio.run(_found(service, None, reason, event, source, closed=everything))
    if service == ALL:
        for mistake in work.mistakes(found):
            _show_mistake(mistake)
    for letter in found if service != ALL else ():
        received = f"{letter.received.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        status = f"  ({letter.status})" if everything else ""
        head = f"{letter.number:>6}  {received}  {letter.where}  [bold]{letter.reason}[/bold]{status}"
        console.print(head, highlight=False, soft_wrap=True)
        console.print(Padding(escape(letter.explanation), (0, 0, 0, 8)), highlight=False)
    if not found:
        who = "no service has" if service == ALL else f"{service} has no"
        which = "any " * (service == ALL) + ("" if everything else "open ")
        console.print(f"{who} {which}dead letters" + (f" with the reason {reason}" if reason else ""))


def _show_mistake(mistake: work.Mistake) -> None:
    """One message that services refused; more than one reason if they do not agree."""
    first = mistake.letters[0]
    received = f"{first.received.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    head = f"{received}  [bold]{escape(mistake.name)}[/bold]  ({', '.join(mistake.services)})"
    console.print(head, highlight=False, soft_wrap=True)
    for reason, explanation in dict.fromkeys((each.reason, each.explanation) for each in mistake.letters):
        told = f"[bold]{reason}[/bold]: {escape(explanation)}"
        console.print(Padding(told, (0, 0, 0, 8)), highlight=False)


@letters.command()
def show(
    service: Service,
    number: Annotated[int, typer.Argument(help="Its number, as shown by `list`.", show_default=False)],
    save: Annotated[
        Path | None,
        typer.Option(help="Save the original message to this file. It may contain personal data."),
    ] = None,
    access_reason: Grant = None,
) -> None:
    """Show one dead letter: where it came from, why it was refused, and its attributes, but not its data.

    Example: probation dead-letters show contacts 17 --save message.json
    """
    from tools.access import limited_people
    from tools.cli import redrive as work

    letter = asyncio.run(work.find(service, [number], closed=True))[0]
    for crn in sorted(asyncio.run(limited_people([service], letter.subjects))):
        require(access_reason, crn, "dead-letters show")
    table = Table.grid(padding=(0, 2))
    for name, value in letter.about().items():
        table.add_row(f"[bold]{name}[/bold]", escape(value))
    console.print(table)
    if save is not None:
        save.touch(mode=0o600)
        save.write_bytes(letter.value or b"")
        console.print(f"saved to {save}", soft_wrap=True)


@letters.command()
def redrive(
    service: OneOrAll,
    numbers: Numbers = None,
    reason: Reason = None,
    event: Event = None,
    source: Source = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen to each.")] = False,
) -> None:
    """Process open dead letters again, after a fix.

    They go straight into the service's database, not back to the topic. Those that are refused again stay
    open, with the new reason. Without numbers or a reason, all open ones are processed. Exit code 1 if any
    stays open.

    Example: probation dead-letters redrive contacts --reason wrong_data --dry-run

    Example: probation dead-letters redrive all --event 4711
    """

    from tools.cli import redrive as work

    would = "would be " if dry_run else ""

    async def each() -> list[work.Redriven]:
        done: list[work.Redriven] = []
        found = await _found(service, numbers, reason, event, source)
        told = time.monotonic()
        for name in dict.fromkeys(letter.service for letter in found):
            own = [letter for letter in found if letter.service == name]
            async for one in work.redrive(name, own, dry_run=dry_run):
                if len(found) <= EACH:
                    number = f"{name} {one.letter.number}" if service == ALL else f"{one.letter.number}"
                    console.print(f"{number}: {one.why}", highlight=False, markup=False, soft_wrap=True)
                done.append(one)
                if time.monotonic() - told > PROGRESS_SECONDS:
                    told = time.monotonic()
                    progress.print(f"{len(done)} of {len(found)}: {_summary(done, would)}", markup=False)
        return done

    done = asyncio.run(each())
    console.print(_summary(done, would), highlight=False, markup=False, soft_wrap=True)
    left = Counter(one.left_open for one in done if one.left_open is not None)
    if left:
        reasons = ", ".join(f"{number} {why}" for why, number in left.most_common())
        raise UserError(
            f"{left.total()} dead letters {'would ' if dry_run else ''}stay open ({reasons}): fix the cause "
            "and redrive them again, or close them with `probation dead-letters discard`"
        )


def _summary(done: Sequence[Redriven], would: str) -> str:
    """How many are redriven and how many stay open; for these a sample for each reason."""
    left = [one for one in done if one.left_open is not None]
    lines = [f"{len(done) - len(left)} {would}redriven, {len(left)} {would}left open"]
    if len(done) > EACH:
        for reason, number in Counter(one.left_open for one in left).most_common():
            sample = next(one for one in left if one.left_open == reason)
            lines.append(f"  {number} {reason}, such as {sample.letter.number}: {sample.why}")
    return "\n".join(lines)


@letters.command()
def discard(
    service: OneOrAll,
    because: Annotated[
        str, typer.Option(help="Why it can be discarded. Kept with the letter.", show_default=False)
    ],
    numbers: Numbers = None,
    reason: Reason = None,
    event: Event = None,
    source: Source = None,
) -> None:
    """Close open dead letters that need no redrive, and give the reason. They are kept as closed.

    Example: probation dead-letters discard contacts 17 --because "sent again by the feed as event 4711"
    """
    if not (numbers or reason or event):
        raise UserError(
            "no dead letters selected: give numbers, --event or --reason (see `probation dead-letters list`)",
            2,
        )
    if not because.strip():
        raise UserError("--because is empty: say why they can be discarded", 2)

    from tools.cli import redrive as work

    async def each() -> int:
        found = await _found(service, numbers, reason, event, source)
        for name in dict.fromkeys(letter.service for letter in found):
            await work.discard(name, [letter for letter in found if letter.service == name], because)
        return len(found)

    console.print(f"{asyncio.run(each())} discarded")


def recheck(
    service: Service,
    crn: Annotated[
        str | None, typer.Argument(help="One case. Default: all cases in quarantine.", metavar="CRN")
    ] = None,
) -> None:
    """Rebuild a case from its facts and assess it again, after a fix.

    A case that the rules cannot assess is in quarantine: its facts are kept, but nothing is published about
    it. Exit code 1 if a case stays in quarantine.

    Example: probation recheck contacts X123456
    """
    from tools.cli import redrive as work

    outcome = asyncio.run(work.recheck(service, crn))
    for subject, fault in outcome.items():
        console.print(
            f"{subject}: {'assessed' if fault is None else f'still fails: {fault}'}", highlight=False
        )
    if not outcome:
        console.print(f"{service} has no case in quarantine")
    if still := [subject for subject, fault in outcome.items() if fault is not None]:
        raise UserError(
            f"{len(still)} of {len(outcome)} cases stay in quarantine: fix the rule or the policy"
        )
