"""The command that fills topics again when Kafka has lost them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tools.cli import errors
from tools.cli.addresses import database_of
from tools.cli.errors import UserError
from tools.cli.serving import Service

PANEL = "When something went wrong"
console = Console()


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(republish)


def republish(
    service: Service,
    facts: Annotated[
        bool,
        typer.Option(
            "--facts",
            help="Also send the facts of the feeds. Each type of fact comes from one service's journal: run "
            "it for all services.",
        ),
    ] = False,
    only: Annotated[
        Path | None,
        typer.Option(
            help="Only of the people and entities that this file names, one on each line: to move them to "
            "another deployment.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
) -> None:
    """Fill a service's topic, and that of what stands, again from its database: Kafka has lost them.

    Sends each event as it was published: same id, bytes, sequence and order per person. First stop all
    instances of all services, and create the topics. PROBATION_DATABASE_URL and
    PROBATION_KAFKA_BOOTSTRAP_SERVERS say where. Run it again if it was interrupted: what comes twice has no
    effect. Exit code 1 if the database has not kept every event.

    Example: probation republish contacts --facts
    """
    from shared.settings import KafkaSettings, load
    from tools.republish import InUse
    from tools.republish import republish as send
    from tools.services import BY_NAME

    settings, dsn = load(KafkaSettings), database_of(service)
    subjects = None if only is None else set(only.read_text("utf-8").split())
    with errors.database(dsn), errors.kafka(settings):
        try:
            done = asyncio.run(send(BY_NAME[service], dsn, settings, facts=facts, only=subjects))
        except InUse:
            raise UserError(f"an instance of {service} is publishing: stop all its instances first") from None
    said = f"{service}: {done.events} events, of which {done.standing} stand"
    console.print(f"{said}; {done.facts} facts of the feeds" if facts else said, highlight=False)
    if done.incomplete:
        raise UserError(
            f"{service} has not kept every event of {done.incomplete} cases, so their sequences have gaps: "
            "they were published by an older release, and are no longer on the topic"
        )
