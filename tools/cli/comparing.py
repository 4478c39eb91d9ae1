"""Commands that fill a second database of a service, and say which findings differ between the two."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from tools.cli import errors
from tools.cli.addresses import database_of, erasure_key
from tools.cli.errors import UserError
from tools.cli.serving import Service
from tools.cli.setup import db

if TYPE_CHECKING:
    from tools.compare import Compared

PANEL = "Ask"
EXAMPLES = 2
"""How many examples are shown of each kind of difference of each type."""
console = Console()


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(compare)
    db.command()(fill)


def fill(
    service: Service,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="URL",
            help="The database to fill it from, for example postgresql://contacts_read@blue/contacts.",
            show_default=False,
        ),
    ],
) -> None:
    """Fill a service's empty database from another one, with every case assessed by this release.

    Each case is joined again from the journal and takes over what was published of it. What this release sees
    in another way waits in the filled database: `probation compare` tells it. Start no service on that
    database as long as one runs on the other. PROBATION_DATABASE_URL names the empty, migrated database, with
    a user who may change tables; the other is only read.

    Example: probation db fill contacts --from postgresql://contacts_read@blue/contacts
    """
    from tools.fill import NotEmpty
    from tools.fill import fill as work
    from tools.services import BY_NAME

    target = database_of(service)
    with errors.database(source, "--from"), errors.database(target):
        try:
            filled = asyncio.run(work(BY_NAME[service], source, target, erasure_key=erasure_key()))
        except NotEmpty:
            raise UserError("the database is not empty: create and migrate another one") from None
    console.print(
        f"{service}: {filled.facts} facts, {filled.cases} cases on {filled.day}; "
        f"this release would publish {filled.published} events",
        highlight=False,
    )


def compare(
    service: Service,
    other: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="URL",
            help="The other database, for example postgresql://contacts_read@green/contacts.",
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print every difference as JSON.")] = False,
) -> None:
    """Say which findings differ between two databases of a service, by type and rule. Changes nothing.

    The first is the service's own (PROBATION_DATABASE_URL), the other one was filled from it by another
    release or policy: see `probation db fill`. Only cases of which both know as many facts are compared. Exit
    code 1 if findings differ or cases were left out.

    Example: probation compare contacts --with postgresql://contacts_read@green/contacts
    """
    from tools.access import limited_people
    from tools.compare import NotComparable
    from tools.compare import compare as work

    own = database_of(service)

    async def ask() -> tuple[Compared, set[str]]:
        with errors.database(own):
            first = await asyncpg.connect(own, server_settings={"statement_timeout": "0"})
        try:
            with errors.database(other, "--with"):
                second = await asyncpg.connect(other, server_settings={"statement_timeout": "0"})
                try:
                    found = await work(first, second)
                finally:
                    await second.close()
        finally:
            await first.close()
        return found, await limited_people([service], {one.subject for one in found.differences})

    try:
        found, limited = asyncio.run(ask())
    except NotComparable as why:
        raise UserError(str(why)) from None
    if as_json:
        _print_json(service, found, limited)
    else:
        _show(found, limited)
    left = []
    if found.differences:
        left.append(f"{len(found.differences)} of {found.findings} findings differ")
    if found.other_facts:
        left.append(f"{found.other_facts} cases have other facts: stop the service, and fill again")
    if found.quarantined:
        left.append(f"{found.quarantined} cases are in quarantine: `probation recheck {service}`")
    if left:
        raise UserError("; ".join(left))


def _print_json(service: str, found: Compared, limited: Collection[str]) -> None:
    differences = [
        asdict(one) | ({"key": None} if one.subject in limited else {}) for one in found.differences
    ]
    numbers = {
        "service": service,
        "day": found.day and found.day.isoformat(),
        "cases": found.cases,
        "findings": found.findings,
        "other_facts": found.other_facts,
        "quarantined": found.quarantined,
    }
    typer.echo(json.dumps(numbers | {"differences": differences}, indent=2))


def _show(found: Compared, limited: Collection[str]) -> None:
    console.print(
        f"{found.findings} findings of {found.cases} cases on {found.day}: "
        + ("the same in both" if not found.differences else f"{len(found.differences)} differ"),
        highlight=False,
    )
    if not found.differences:
        return
    counted = Counter((one.type, ", ".join(one.rules), one.kind) for one in found.differences)
    table = Table("finding", "rules", "", "number", box=None, pad_edge=False)
    for (type, rules, kind), number in sorted(counted.items()):
        table.add_row(type, rules, kind, str(number))
    console.print(table)
    shown: Counter[tuple[str, str]] = Counter()
    for one in found.differences:
        shown[one.type, one.kind] += 1
        if shown[one.type, one.kind] <= EXAMPLES:
            key = "(access to the case is limited)" if one.subject in limited else one.key
            line = f"  {one.subject}: {one.type} {key} {one.kind} [{', '.join(one.rules)}; {one.policy}]"
            console.print(line, highlight=False, markup=False, soft_wrap=True)
