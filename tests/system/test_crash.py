"""Whatever is killed while 5,000 events are processed, the result is that of an uninterrupted run."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest

from schemas import language
from tests.conftest import needs
from tests.system.harness import System
from tests.system.instance import until
from tests.system.oracle import FROM_FEEDS, Undisturbed, day_of, replayed, unreliable
from tests.system.published import assert_same, history, standing
from tools.embedded import choose
from tools.services import BY_NAME
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement")
EVENTS = 5_000
DAYS = 90


@dataclass(frozen=True)
class Work:
    """The work to do, and the result of an uninterrupted run."""

    lines: list[bytes]
    days: tuple[date, ...]
    """The days that start meanwhile. When they do, all facts about the past are new."""
    expected: Undisturbed


@pytest.fixture(scope="module")
async def work(postgres: choose.Postgres) -> Work:
    lines = [
        unreliable(line)
        for line in caseload(seed=11, people=370, days=DAYS)
        if language.topics_of(json.loads(line)["type"])[0] in BY_NAME["contacts"].reads
    ]
    assert len(lines) >= EVENTS
    last = max(map(day_of, lines))
    expected = await replayed(postgres, lines, last, *SERVICES)
    assert standing(expected.published).total() > EVENTS / 5
    return Work(lines, tuple(last - timedelta(days=n) for n in (3, 2, 1, 0)), expected)


async def begin(system: System, work: Work) -> None:
    """Start a day, then publish all the work at once, with further days in between."""
    await system.begin(work.days[0])
    for service in SERVICES:
        await system.reached(service, work.days[0])
    third = len(work.lines) // 3
    for n, day in enumerate(work.days[1:]):
        await system.publish(work.lines[n * third : (n + 1) * third])
        await system.begin(day)
    await system.publish(work.lines[3 * third :])


async def finish(system: System, work: Work) -> None:
    """Wait until all work is done, and compare."""
    await system.quiet()
    assert_same(standing(await history(system, *SERVICES)), standing(work.expected.published))
    for service in SERVICES:
        facts = await system.fetch(service, FROM_FEEDS)
        assert {row["id"] for row in facts} == work.expected.facts[service]
        assert await system.fetch(service, "select * from dead_letters") == []


def moments(seed: int, number: int, work: Work) -> list[int]:
    """The numbers of facts in the contacts service after which something happens."""
    facts = len(work.expected.facts["contacts"])
    return sorted(Random(seed).sample(range(1, facts), number))


async def test_services_can_be_killed(system: System, work: Work) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    contacts, enforcement = await system.start_all(*SERVICES)
    await begin(system, work)
    for number, moment in enumerate(moments(1, 4, work)):
        await system.known("contacts", moment)
        await contacts.kill()
        contacts = await system.start("contacts", ready=False)
        if number % 2:
            await enforcement.kill()
            enforcement = await system.start("enforcement", ready=False)
    await finish(system, work)


async def test_a_service_can_be_killed_within_its_transaction(system: System, work: Work) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    contacts, _ = await system.start_all(*SERVICES)
    await system.begin(work.days[0])
    await system.reached("contacts", work.days[0])
    for _ in range(2):
        # It writes the offsets last, so the rest of the batch is written by then, and nothing is committed.
        lock = await system.connect("contacts")
        await lock.execute("begin; lock table offsets in exclusive mode")
        await system.publish(work.lines[:700])
        await waits_for_a_lock(system, "insert into offsets")
        await contacts.kill()
        await lock.close()
        contacts = await system.start("contacts")
    await begin(system, work)
    await finish(system, work)


async def test_a_service_can_be_killed_between_publishing_and_deleting(system: System, work: Work) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    contacts, _ = await system.start_all(*SERVICES)
    hold = await system.connect("contacts")
    await hold.execute(HOLD_DELETES)
    await begin(system, work)
    await waits_for_a_lock(system, "delete from outbox")
    (backend,) = await relays(system)
    waiting = await hold.fetch("select event_id from outbox order by id limit 1000")

    await contacts.kill()
    # The killed process's statement must not run after its death, so its connection is closed as well.
    await hold.execute("select pg_terminate_backend($1::int)", backend)
    await hold.close()
    published = [json.loads(record.value or b"")["id"] for record in await system.read("contacts")]
    assert len(published) > 0
    assert {row["event_id"] for row in waiting} >= set(published)

    await system.start("contacts")
    await finish(system, work)
    again = Counter(json.loads(record.value or b"")["id"] for record in await system.read("contacts"))
    assert all(again[id] == 2 for id in published)


HOLD_DELETES = """
create function hold() returns trigger language plpgsql as $$
begin perform pg_advisory_xact_lock_shared(1); return null; end $$;
create trigger hold before delete on outbox for each statement execute function hold();
select pg_advisory_lock(1);
"""
"""Makes deletes from the outbox wait until the connection that ran this is closed."""


async def waits_for_a_lock(system: System, statement: str) -> None:
    """Wait until the contacts service waits for a lock in such a statement."""

    async def wrong() -> str | None:
        waiting = await system.fetch("contacts", WAITING, statement)
        return None if waiting else f"nobody waits in {statement}"

    await until(wrong)


async def relays(system: System) -> list[int]:
    """The connections of the contacts service that are waiting in a delete from the outbox."""
    return [row["pid"] for row in await system.fetch("contacts", WAITING, "delete from outbox")]


WAITING = """
select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
and application_name = 'contacts' and query like '%' || $1 || '%'
"""


async def test_the_broker_can_be_killed(system: System, work: Work) -> None:
    needs(system.kafka, "durable", "restart")
    await system.start_all(*SERVICES)
    await begin(system, work)
    for moment in moments(2, 2, work):
        await system.known("contacts", moment)
        await asyncio.to_thread(system.kafka.server.kill)
        await asyncio.to_thread(system.kafka.server.start)
    await finish(system, work)


async def test_connections_to_the_database_can_be_cut(system: System, work: Work) -> None:
    needs(system.kafka, "real_kafka")
    await system.start_all(*SERVICES)
    await begin(system, work)
    names = [system.database_name(service) for service in SERVICES]
    for moment in moments(3, 12, work):
        await system.known("contacts", moment)
        await system.manage(CUT.format(*names))
    await finish(system, work)


CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname in ('{0}', '{1}') and application_name in ('contacts', 'enforcement')
"""


async def test_the_database_can_be_killed(system: System, work: Work) -> None:
    needs(system.kafka, "real_kafka")
    needs(system.postgres, "durable", "restart")
    await system.start_all(*SERVICES)
    await begin(system, work)
    for moment in moments(4, 2, work):
        await system.known("contacts", moment)
        await asyncio.to_thread(system.postgres.server.kill)
        await asyncio.to_thread(system.postgres.server.start)
    await finish(system, work)
