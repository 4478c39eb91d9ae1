"""Commands that set up databases, topics and the generated schema files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.topics import SERVICES as NAMES
from tools.cli import errors
from tools.cli.addresses import (
    DATABASE,
    PLACEHOLDER,
    dashboard_database,
    named_database,
)
from tools.cli.errors import UserError
from tools.cli.feed import FEEDS
from tools.cli.serving import DASHBOARD, known

PANEL = "Set up"
CHECKOUT = Path(__file__).parents[2]
console = Console()

db = typer.Typer(help="The services' databases.")
topics = typer.Typer(help="The topics in Kafka.")
schemas = typer.Typer(help="The generated schema files (JSON Schema, AsyncAPI).")


Passwords = Annotated[
    Path | None,
    typer.Option(
        "--passwords",
        metavar="FOLDER",
        help="Also set the passwords in this folder, one file each, named after its user.",
    ),
]


def _passwords(folder: Path | None) -> dict[str, str]:
    """The passwords in the folder by their users' names."""
    if folder is None:
        return {}
    return {file.name: file.read_text("utf-8").strip() for file in sorted(folder.iterdir()) if file.is_file()}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(db, name="db", rich_help_panel=PANEL)
    app.add_typer(topics, name="topics", rich_help_panel=PANEL)
    app.add_typer(schemas, name="schemas", rich_help_panel=PANEL)


@db.callback()
def _db() -> None:
    """The services' databases."""


def _known(names: list[str] | None) -> list[str]:
    beside = (DASHBOARD, FEEDS)
    return [name if name in beside else known(name) for name in names or (*NAMES, *beside)]


@db.command(name="migrate")
def migrate_(
    services: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Which services, {DASHBOARD} or {FEEDS}. Default: all of them.",
            metavar="SERVICE",
            callback=_known,
        ),
    ] = None,
    new: Annotated[
        bool, typer.Option("--create", help="Create the databases and their roles first, as a superuser.")
    ] = False,
    passwords: Passwords = None,
) -> None:
    """Migrate the databases to this release. Run it before the services start, never inside them.

    PROBATION_DATABASE_URL says where; {service} in it is replaced with the service's name. With --create it
    names the server's maintenance database, for example postgresql://postgres@host/postgres. A role gets a
    password if the folder of --passwords has a file of its name, such as contacts_app.

    Example: PROBATION_DATABASE_URL=postgresql://postgres@localhost/postgres probation db migrate --create
    """
    from feeds.postgres import DATABASE as FEED_TABLES
    from services.dashboard.settings import DATABASE as DASHBOARD_TABLES
    from shared.database import ROLES, Owner, address, create, migrate
    from tools.services import BY_NAME

    given = _passwords(passwords)
    if given and not new:
        raise UserError("--passwords sets the passwords of roles: it needs --create", 2)
    owners: dict[str, Owner] = {**BY_NAME, DASHBOARD: DASHBOARD_TABLES, FEEDS: FEED_TABLES}

    async def work() -> None:
        for name in services or ():
            service, url = owners[name], named_database(name)
            if url is None:
                raise UserError(
                    f"{DATABASE} is missing: set it to postgresql://user@host/{PLACEHOLDER}, with a user who "
                    "may change tables; the databases of `probation up` have their tables already"
                )
            with errors.database(url):
                if new:
                    roles = {role: given[f"{name}_{role}"] for role in ROLES if f"{name}_{role}" in given}
                    await create(url, service, roles)
                    url = address(url, name)
                applied = await migrate(url, service)
            console.print(f"{name}: {', '.join(applied) or 'up to date'}", highlight=False)

    asyncio.run(work())


@db.command()
def rebuild() -> None:
    """Build the dashboard's read model anew from the topics. The old one serves until the new one is ready.

    Whichever dashboard reads the topics does the work. PROBATION_DATABASE_URL says where its database is;
    without it, that of what runs on this machine is meant.

    Example: PROBATION_DATABASE_URL=postgresql://dashboard_app@host/dashboard probation db rebuild
    """
    import asyncpg

    from services.dashboard.model.generations import build

    url = dashboard_database()

    async def work() -> int:
        connection = await asyncpg.connect(url)
        try:
            return (await build(connection)).id
        finally:
            await connection.close()

    with errors.database(url):
        console.print(f"read model {asyncio.run(work())} is being built", highlight=False)


@topics.callback()
def _topics() -> None:
    """The topics in Kafka."""


@topics.command(name="create")
def create_() -> None:
    """Create the missing topics, including dead-letter topics. Never changes an existing one.

    PROBATION_KAFKA_BOOTSTRAP_SERVERS says where. PROBATION_KAFKA_PARTITIONS and PROBATION_KAFKA_REPLICATION
    say how.

    Example: PROBATION_KAFKA_BOOTSTRAP_SERVERS=localhost:9092 probation topics create
    """
    from shared.kafka import Cluster, create_topics, other_retention
    from shared.settings import KafkaSettings, load
    from tools.topics import all_topics

    settings = load(KafkaSettings)
    wanted = all_topics(settings)

    async def work() -> tuple[list[str], list[str]]:
        cluster = Cluster(settings, "topics")
        try:
            await cluster.topics(wanted)  # it tells a refused password from a broker that is away
        finally:
            await cluster.close()
        created = await create_topics(settings, wanted)
        return created, await other_retention(settings, set(wanted) - set(created))

    with errors.kafka(settings):
        created, warnings = asyncio.run(work())
    for name in created:
        console.print(name, highlight=False)
    for warning in warnings:
        typer.echo(warning, err=True)
    console.print(f"{len(created)} created, {len(wanted) - len(created)} existed already")


@topics.command(name="acls")
def acls_(
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Make Kafka allow this and nothing else. Needs an administrator."),
    ] = False,
    passwords: Passwords = None,
) -> None:
    """Print what each user of Kafka may do: one user a program, with the rights that it needs.

    With --apply Kafka is told; --passwords also makes those users who have a file in that folder, or changes
    their passwords. Both may be repeated at any time, and change nothing for programs that are connected.

    Example: probation topics acls
    """
    from shared.kafka import Cluster
    from shared.settings import PREFIX, KafkaSettings, load
    from tools.principals import acls, principals

    if not apply:
        if passwords is not None:
            raise UserError("--passwords makes users in Kafka: it needs --apply", 2)
        prefix = os.environ.get(f"{PREFIX}TOPIC_PREFIX", KafkaSettings.model_fields["topic_prefix"].default)
        for acl in acls(prefix):
            print(acl.principal, acl.operation, acl.resource, acl.pattern, acl.name)
        return
    from tools.rights import Rights

    settings = load(KafkaSettings)
    users = {principal.name for principal in principals(settings.topic_prefix)}
    given = {user: password for user, password in _passwords(passwords).items() if user in users}

    async def look() -> None:
        cluster = Cluster(settings, "rights")
        try:
            await cluster.topics([])  # it tells a refused user from a broker that is away
        finally:
            await cluster.close()

    with errors.kafka(settings):
        asyncio.run(look())
        rights = Rights(settings)
        rights.set_passwords(given)
        added, removed = rights.apply(acls(settings.topic_prefix))
    console.print(f"{len(given)} users have a password; {added} rights added, {removed} removed")


@schemas.command()
def write(
    release: Annotated[
        bool,
        typer.Option("--release", help="Freeze them too: from then on only compatible changes are allowed."),
    ] = False,
) -> None:
    """Generate the schema files from the models in schemas/."""
    from tools.schemas import write as write_files

    _report(write_files(CHECKOUT, release=release))
    console.print("written")


@schemas.command(name="page")
def page_(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path("asyncapi.html"),
) -> None:
    """Write the AsyncAPI document as one HTML page, to read in a browser without a network.

    Example: probation schemas page events.html
    """
    from tools.schemas import asyncapi_page

    out.write_text(asyncapi_page(), encoding="utf-8")
    console.print(f"{out} is written: open it in a browser", highlight=False)


@schemas.command()
def check() -> None:
    """Fail if the schema files are stale or incompatible with released ones."""
    from tools.schemas import check as check_files

    _report(check_files(CHECKOUT))
    console.print("up to date and compatible")


def _report(problems: list[str]) -> None:
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
