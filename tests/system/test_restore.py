"""A database restored to an earlier point loses nothing, although Kafka's offsets say that all is read.

Nor does it say anything twice or with another meaning: what was published is known again first.
"""

import asyncio
import json
import os
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

from tests.conftest import needs
from tests.system.harness import System
from tests.system.instance import ROOT, Instance, until
from tests.system.oracle import FROM_FEEDS, day_of, replayed, undecided
from tests.system.published import assert_same, history, standing
from tools.embedded.database import machine_binaries
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement", "referrals")


async def test_a_restored_database_continues_from_its_own_offsets(system: System) -> None:
    needs(system.kafka, "real_kafka")  # only it gives correct ends of topics with repeated events
    lines = undecided(caseload(seed=9, people=120, days=60))
    last = max(map(day_of, lines))
    expected = await replayed(system.postgres, lines, last, "contacts")
    # All events after the copy are on one topic, so that each person's events have a fixed order. Otherwise
    # they could be read in another order the second time, and published with other sequences.
    half = len(lines) // 2
    later = [line for line in lines[half:] if b'"ContactOutcomeRecorded"' in line]
    earlier = [line for line in lines if line not in later]
    assert len(later) > 100

    before = await system.start("contacts")
    await system.begin(last)
    await system.reached("contacts", last)
    await system.publish(earlier)
    await system.quiet()
    assert await before.stop() == 0
    name = system.database_name("contacts")
    await system.hang_up()
    await system.manage(f"create database {name}_copy template {name}")

    lost = await system.start("contacts")
    await system.publish(later)
    await system.quiet()
    published = await history(system, "contacts")
    assert await lost.stop() == 0
    await system.hang_up()
    await system.manage(f"drop database {name}")
    await system.manage(f"alter database {name}_copy rename to {name}")
    known = {row["id"] for row in await system.fetch("contacts", FROM_FEEDS)}
    assert known < expected.facts["contacts"]

    await system.start("contacts")
    await system.quiet()
    assert {row["id"] for row in await system.fetch("contacts", FROM_FEEDS)} == expected.facts["contacts"]
    assert await history(system, "contacts") == published
    assert_same(standing(published), standing(expected.published))
    records = await system.read("contacts")
    again = Counter(json.loads(record.value or b"")["id"] for record in records)
    assert set(again.values()) == {1}
    # What the database had lost is kept again, so that lost topics could be filled from it.
    kept = await system.fetch("contacts", "select value from published")
    assert {row["value"] for row in kept} == {record.value for record in records}


async def test_backups_taken_and_restored_while_the_services_run(system: System) -> None:
    needs(system.kafka, "real_kafka")
    lines = undecided(caseload(seed=22, people=100, days=60))
    last = max(map(day_of, lines))
    expected = await replayed(system.postgres, lines, last, *SERVICES)
    third = len(lines) // 3

    instances = await system.start_all(*SERVICES)
    await system.begin(last)
    await system.publish(lines[:third])
    begun = time.time()
    await asyncio.gather(*(back_up(system, service) for service in SERVICES))
    await system.publish(lines[third : 2 * third])
    await system.quiet()
    for instance in instances:
        await told(instance, begun)
    published = await history(system, *SERVICES)
    await system.hang_up()
    for service in SERVICES:
        name = system.database_name(service)
        await system.manage(f"drop database {name} with (force)")
        await system.manage(f"alter database {name}_restored rename to {name}")
    assert sum([await said(system, service) for service in SERVICES]) < len(published)

    await system.publish(lines[2 * third :])
    await system.quiet(seconds=180)
    for service in SERVICES:
        facts = {row["id"] for row in await system.fetch(service, FROM_FEEDS)}
        assert facts == expected.facts[service]
    assert_same(standing(await history(system, *SERVICES)), standing(expected.published))


async def said(system: System, service: str) -> int:
    """How much a service's database knows to have been published."""
    return int((await system.fetch(service, "select coalesce(sum(sequence), 0) from cases"))[0][0])


async def told(instance: Instance, begun: float) -> None:
    """Wait until an instance tells monitoring of a backup that was made since then."""

    async def older() -> str | None:
        last = await instance.metric("probation_backup_timestamp_seconds")
        return None if begun < last < time.time() else f"the last backup is of {last}"

    await until(older)


BACK_UP, RESTORE = re.findall(
    r"^ *```sh\n( *(?:pg_dump|psql).*?)```", (ROOT / "docs/operations/recover.md").read_text(), re.M | re.S
)[:2]


def run(commands: str, name: str, folder: Path, **addresses: str) -> None:
    """Run documented commands about the database of contacts on one of this name."""
    binaries = machine_binaries()
    assert binaries is not None
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", **addresses}
    shell = ["bash", "-euc", commands.replace("contacts", name)]
    subprocess.run(shell, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)


async def back_up(system: System, service: str) -> None:
    """Back a service's database up while it works, and restore it under another name."""
    name = system.database_name(service)

    async def silent() -> str | None:
        return None if await said(system, service) else f"{service} has published nothing yet"

    await until(silent)
    await asyncio.to_thread(run, BACK_UP, name, system.folder, CONTACTS=system.postgres.dsn(name))
    servers = {"ADMIN": system.postgres.dsn(), "RESTORED": system.postgres.dsn(f"{name}_restored")}
    await asyncio.to_thread(run, RESTORE, name, system.folder, **servers)
