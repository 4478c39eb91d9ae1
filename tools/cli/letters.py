"""Commands for refused messages (dead letters) and cases that could not be assessed (quarantine)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from schemas.envelope import Reason as Refusal
from tools.cli.errors import UserError
from tools.cli.serving import Service

PANEL = "When something went wrong"
console = Console()
REASONS: tuple[str, ...] = get_args(Refusal)


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in REASONS:
        raise typer.BadParameter(f"there is no reason {reason!r}: use one of {', '.join(REASONS)}")
    return reason


Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers of the dead letters, as shown by `list`.")]
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Only those with this reason, for example wrong_data.", callback=_known),
]

letters = typer.Typer(help="Messages that a service refused.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(letters, name="dead-letters", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(recheck)


@letters.command(name="list")
def list_(
    service: Service,
    reason: Reason = None,
    everything: Annotated[bool, typer.Option("--all", help="Also show closed ones.")] = False,
) -> None:
    """List the open dead letters of a service: number, time, topic/partition/offset and reason.

    Example: probation dead-letters list contacts --reason wrong_data
    """
    from tools.cli import redrive as work

    found = asyncio.run(work.find(service, None, reason, closed=everything))
    for letter in found:
        received = f"{letter.received.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        status = f"  ({letter.status})" if everything else ""
        head = f"{letter.number:>6}  {received}  {letter.where}  [bold]{letter.reason}[/bold]{status}"
        console.print(head, highlight=False, soft_wrap=True)
        console.print(Padding(escape(letter.explanation), (0, 0, 0, 8)), highlight=False)
    if not found:
        which = "" if everything else "open "
        console.print(
            f"{service} has no {which}dead letters" + (f" with the reason {reason}" if reason else "")
        )


@letters.command()
def show(
    service: Service,
    number: Annotated[int, typer.Argument(help="Its number, as shown by `list`.", show_default=False)],
    save: Annotated[
        Path | None,
        typer.Option(help="Save the original message to this file. It may contain personal data."),
    ] = None,
) -> None:
    """Show one dead letter: where it came from, why it was refused, and its attributes, but not its data.

    Example: probation dead-letters show contacts 17 --save message.json
    """
    from tools.cli import redrive as work

    letter = asyncio.run(work.find(service, [number], closed=True))[0]
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
    service: Service,
    numbers: Numbers = None,
    reason: Reason = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen to each.")] = False,
) -> None:
    """Process open dead letters again, after a fix.

    They go straight into the service's database, not back to the topic. Those that are refused again stay
    open, with the new reason. Without numbers or a reason, all open ones are processed. Exit code 1 if any
    stays open.

    Example: probation dead-letters redrive contacts --reason wrong_data --dry-run
    """
    from tools.cli import redrive as work

    async def each() -> list[work.Redriven]:
        done = []
        found = await work.find(service, numbers, reason)
        async for one in work.redrive(service, found, dry_run=dry_run):
            console.print(f"{one.letter.number}: {one.why}", highlight=False, markup=False, soft_wrap=True)
            done.append(one)
        return done

    done = asyncio.run(each())
    left = Counter(one.left_open for one in done if one.left_open is not None)
    would = "would be " if dry_run else ""
    console.print(f"{len(done) - left.total()} {would}redriven, {left.total()} {would}left open")
    if left:
        reasons = ", ".join(f"{number} {why}" for why, number in left.most_common())
        raise UserError(
            f"{left.total()} dead letters {'would ' if dry_run else ''}stay open ({reasons}): fix the cause "
            "and redrive them again, or close them with `probation dead-letters discard`"
        )


@letters.command()
def discard(
    service: Service,
    because: Annotated[
        str, typer.Option(help="Why it can be discarded. Kept with the letter.", show_default=False)
    ],
    numbers: Numbers = None,
    reason: Reason = None,
) -> None:
    """Close open dead letters that need no redrive, and give the reason. They are kept as closed.

    Example: probation dead-letters discard contacts 17 --because "sent again by the feed as event 4711"
    """
    from tools.cli import redrive as work

    if not numbers and not reason:
        raise UserError(
            "no dead letters selected: give numbers or --reason (see `probation dead-letters list`)", 2
        )
    if not because.strip():
        raise UserError("--because is empty: say why they can be discarded", 2)

    async def each() -> int:
        found = await work.find(service, numbers, reason)
        await work.discard(service, found, because)
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
