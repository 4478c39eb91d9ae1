"""Before anything runs: databases, topics and the generated schema files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.catalogue import SERVICES as NAMES
from tools.cli import mistakes
from tools.cli.mistakes import Mistake
from tools.cli.places import DATABASE, PLACEHOLDER, named_database
from tools.cli.serving import known

PANEL = "Set up"
CHECKOUT = Path(__file__).parents[2]
console = Console()

db = typer.Typer(help="The services' databases.")
topics = typer.Typer(help="The topics in Kafka.")
schemas = typer.Typer(help="The generated schema files (JSON Schema, AsyncAPI).")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(db, name="db", rich_help_panel=PANEL)
    app.add_typer(topics, name="topics", rich_help_panel=PANEL)
    app.add_typer(schemas, name="schemas", rich_help_panel=PANEL)


@db.callback()
def _db() -> None:
    """The services' databases."""


def _known(names: list[str] | None) -> list[str]:
    return [known(name) for name in names or NAMES]


@db.command(name="migrate")
def migrate_(
    services: Annotated[
        list[str] | None,
        typer.Argument(help="Which services; all if left out.", metavar="SERVICE", callback=_known),
    ] = None,
    new: Annotated[
        bool, typer.Option("--create", help="Make the databases and their roles first, as a superuser.")
    ] = False,
) -> None:
    """Bring the databases to this release. Run it before the services start, never inside them.

    PROBATION_DATABASE_URL says where; {service} in it stands for the service's name. With --create it is the
    server's maintenance database, for example postgresql://postgres@host/postgres; the roles get no password.

    Example: PROBATION_DATABASE_URL=postgresql://postgres@localhost/postgres probation db migrate --create
    """
    from shared.database import address, create, migrate
    from tools.services import BY_NAME

    async def work() -> None:
        for name in services or ():
            service, url = BY_NAME[name], named_database(name)
            if url is None:
                raise Mistake(
                    f"{DATABASE} is missing: set it to postgresql://user@host/{PLACEHOLDER}, of a user who "
                    "may change tables; what `probation up` starts has its tables already"
                )
            with mistakes.database(url):
                if new:
                    await create(url, service, {})
                    url = address(url, name)
                applied = await migrate(url, service)
            console.print(f"{name}: {', '.join(applied) or 'up to date'}", highlight=False)

    asyncio.run(work())


@topics.callback()
def _topics() -> None:
    """The topics in Kafka."""


@topics.command(name="create")
def create_() -> None:
    """Make the topics that are missing, dead-letter topics included. Never changes one that is there.

    PROBATION_KAFKA_BOOTSTRAP_SERVERS says where, PROBATION_KAFKA_PARTITIONS and
    PROBATION_KAFKA_REPLICATION how.
    """
    from shared.kafka import create_topics
    from shared.settings import KafkaSettings, load
    from tools.topics import all_topics

    settings = load(KafkaSettings)
    wanted = all_topics(settings)
    made = asyncio.run(create_topics(settings, wanted))
    for name in made:
        console.print(name, highlight=False)
    console.print(f"{len(made)} made, {len(wanted) - len(made)} there already")


@schemas.command()
def write(
    release: Annotated[
        bool, typer.Option("--release", help="Freeze them as well: from then on only compatible changes.")
    ] = False,
) -> None:
    """Write the schema files that follow from the models in schemas/."""
    from tools.schemas import write as write_files

    _tell(write_files(CHECKOUT, release=release))
    console.print("written")


@schemas.command()
def check() -> None:
    """Fail if the schema files are stale, or no longer compatible with what was released."""
    from tools.schemas import check as check_files

    _tell(check_files(CHECKOUT))
    console.print("in order")


def _tell(problems: list[str]) -> None:
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
