"""Fill the four services' databases with this release, for the next one to take over.

`python -m tests.upgrade.fill tests/upgrade/before` replaces the files in that folder. Run it on the release
that is about to be replaced. It needs the oldest supported PostgreSQL on this machine, because newer ones can
read what its `pg_dump` writes.
"""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import asyncpg

from tests.replaying import on_databases
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.services import BY_NAME
from tools.simulate import by_day, caseload

LAST_DAY = date(2025, 7, 16)
"""The last day of the release before, in the middle of a month, so that many items are open."""
A_MONTH_LATER = date(2025, 8, 16)

PEOPLE, SEED = 50, 237
"""This seed has rare cases: facts recorded under a person's second number, a person in custody on the last
day, one who moved and died, and orders that were varied and revoked."""


def main(folder: Path) -> None:
    """Write the files listed in the folder's `README.md`."""
    days = list(by_day(caseload(seed=SEED, people=PEOPLE)))
    until_then = [line for day, lines in days if day <= LAST_DAY for line in lines]
    last_day = [line for day, lines in days if day == LAST_DAY for line in lines]
    month = [line for day, lines in days if LAST_DAY < day <= A_MONTH_LATER for line in lines]
    binaries = machine_binaries()
    if binaries is None:
        sys.exit("no PostgreSQL 15 or later is installed on this machine")
    write(folder / "last_day.jsonl.gz", last_day)
    write(folder / "month.jsonl.gz", month)
    with EmbeddedPostgres(binaries=binaries, fsync=False) as server:
        filled = _databases(server, "filled", "template1")
        write(folder / "published.jsonl.gz", asyncio.run(play(filled, until_then, LAST_DAY)))
        for service, database in filled.items():
            write(folder / f"{service}.sql.gz", _dump(binaries, database))
        for name, lines in {"days": last_day, "month": last_day + month}.items():
            copies = _databases(server, name, "filled")
            published = asyncio.run(play(copies, lines, A_MONTH_LATER))
            write(folder / f"published_{name}.jsonl.gz", published)


async def play(databases: Mapping[str, str], lines: Iterable[bytes], until: date) -> list[bytes]:
    """What the services publish from the day of the first line. Their databases may have earlier days."""
    async with on_databases(databases.__getitem__) as replay:
        return (await replay.run(lines, until)).published


def write(file: Path, lines: Iterable[bytes]) -> None:
    """Write lines to a compressed file. The same lines give the same bytes."""
    file.write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0))


def read(file: Path) -> bytes:
    """The content of such a file."""
    return gzip.decompress(file.read_bytes())


def _databases(server: EmbeddedPostgres, name: str, template: str) -> dict[str, str]:
    """The address of a new database for each service, a copy of its database of that name."""

    async def create() -> None:
        connection = await asyncpg.connect(server.dsn())
        for service in BY_NAME:
            origin = template if template == "template1" else f"{template}_{service}"
            await connection.execute(f"create database {name}_{service} template {origin}")
        await connection.close()

    asyncio.run(create())
    return {service: server.dsn(f"{name}_{service}") for service in BY_NAME}


def _dump(binaries: Path, database: str) -> list[bytes]:
    """The statements that recreate the database."""
    options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000"]
    # Facts as text are readable and half the size.
    environment = {"PGOPTIONS": "-c bytea_output=escape"}
    command = [str(binaries / "pg_dump"), *options, database]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    # Lines that start with a backslash are commands for psql.
    return [line for line in done.stdout.splitlines() if not line.startswith(b"\\")]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
