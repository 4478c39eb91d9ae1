"""The command that erases people whose retention has ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tools.cli import errors
from tools.cli.errors import UserError

if TYPE_CHECKING:
    from tools.retention import Due

PANEL = "Run one program, as in production"
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(retention)


def retention(
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase them. This cannot be undone. Without it, they are listed.")
    ] = False,
    at_most: Annotated[
        int,
        typer.Option(
            min=1, help="Erase nobody if more people than this are due: then a wrong policy is likely."
        ),
    ] = 500,
) -> None:
    """List the people whose retention has ended, or erase them. Run it once a day with --erase.

    How long records are kept is the policy value retention_after_end of allocation. Reads allocation's
    database (PROBATION_DATABASE_URL), and with --erase publishes PersonErased for each of them
    (PROBATION_KAFKA_BOOTSTRAP_SERVERS), which every service and subscriber follows.

    Example: probation retention --erase --at-most 200
    """
    from shared.calendar import LONDON
    from shared.settings import KafkaSettings, load
    from tools import retention as work
    from tools.cli.databases import connected

    settings = load(KafkaSettings) if erase else None

    async def find() -> list[Due]:
        async with connected("allocation") as connection:
            return await work.due(connection, datetime.now(LONDON).date())

    people = asyncio.run(find())
    counted = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(p.retained_as for p in people).items()))
    console.print(f"{len(people)} people are due" + (f": {counted}" if people else ""), highlight=False)
    if settings is None:
        for person in people:
            console.print(
                f"{person.subject}  ended {person.ended_on}  kept until {person.retained_until}  "
                f"{person.retained_as}",
                highlight=False,
            )
        return
    if len(people) > at_most:
        raise UserError(
            f"nobody was erased: {len(people)} people are due, more than {at_most}: check the policy value "
            "retention_after_end, then allow as many with --at-most"
        )
    with errors.kafka(settings):
        asyncio.run(work.erase(settings, people))
    console.print(f"{len(people)} people are being erased by every service", highlight=False)
