"""An instance that is frozen loses the lead of the relay, and says nothing new when it wakes up."""

from __future__ import annotations

from tests.conftest import needs
from tests.system.harness import System
from tests.system.instance import PATIENCE, Instance, until
from tests.system.oracle import FROM_FEEDS, day_of, replayed, undecided
from tests.system.published import assert_same, history, standing
from tools.simulate import caseload

TRIES = 3
STATEMENT_SECONDS = 60.0
"""For how long PostgreSQL lets a statement run that a frozen instance has sent only in part."""


async def leader(instances: list[Instance]) -> Instance:
    """Wait until one of the instances leads, and say which."""
    found: list[Instance] = []

    async def none() -> str | None:
        found[:] = [instance for instance in instances if await instance.metric("probation_relay_leader")]
        return None if len(found) == 1 else f"{len(found)} instances lead"

    await until(none)
    return found[0]


async def test_a_frozen_leader_is_replaced_and_publishes_nothing_new_when_it_wakes(system: System) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    lines = undecided(caseload(seed=5, people=150, days=60))
    last = max(map(day_of, lines))
    expected = await replayed(system.postgres, lines, last, "referrals")
    instances = await system.start_all("referrals", "referrals")
    await system.begin(last)
    await system.reached("referrals", last)
    part = len(lines) // TRIES + 1
    for n in range(TRIES):
        frozen = await leader(instances)
        other = next(instance for instance in instances if instance is not frozen)
        some, rest = lines[n * part : n * part + part // 2], lines[n * part + part // 2 : (n + 1) * part]
        await system.publish(some)
        frozen.pause()
        await system.publish(rest)
        await system.quiet("referrals", seconds=PATIENCE + STATEMENT_SECONDS)
        assert await leader([other]) is other
        assert await other.metric("probation_outbox_oldest_seconds") < 20
        frozen.resume()
        await frozen.ready()
    await system.quiet("referrals")
    assert {row["id"] for row in await system.fetch("referrals", FROM_FEEDS)} == expected.facts["referrals"]
    assert_same(standing(await history(system, "referrals")), standing(expected.published))


WAITING = """
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


async def test_another_instance_goes_on_with_what_a_frozen_one_has_locked(system: System) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    before, lines = (undecided(caseload(seed=seed, people=3, days=30)) for seed in (6, 7))
    frozen = await system.start("referrals")
    # So that its statements are prepared: one that is sent only in part may run for longer.
    await system.publish(before)
    await system.quiet("referrals")
    hold = await system.connect("referrals")
    await hold.execute("begin; lock table journal in share mode")
    await system.publish(lines)

    async def nothing_locked() -> str | None:
        return None if await hold.fetchval(WAITING) else "no transaction waits for the journal"

    await until(nothing_locked)
    frozen.pause()
    await hold.close()
    other = await system.start("referrals", ready=False)
    await system.quiet("referrals", seconds=PATIENCE / 2)
    assert await leader([other]) is other
    frozen.resume()
    await frozen.ready()


WAITS_FOR_LONG = """
create function hold() returns trigger language plpgsql as $$
begin perform pg_advisory_xact_lock_shared(1); return null; end $$;
create trigger hold before delete on outbox for each statement execute function hold();
insert into outbox (topic, event_id, headers, written)
values ('referrals.dead-letter', '', '\\x90', now() - interval '100 seconds');
"""
"""An event that has waited for long, and cannot be deleted while somebody holds the lock."""


async def test_every_instance_says_for_how_long_events_have_been_waiting(system: System) -> None:
    needs(system.kafka, "real_kafka")
    instances = await system.start_all("referrals", "referrals")
    await leader(instances)
    hold = await system.connect("referrals")
    # In one transaction, so that no relay deletes it before the lock.
    await hold.execute("begin; lock table outbox in exclusive mode")
    await hold.execute(WAITS_FOR_LONG)
    await hold.execute("select pg_advisory_lock(1); commit")
    for instance in instances:

        async def silent(instance: Instance = instance) -> str | None:
            age = await instance.metric("probation_outbox_oldest_seconds")
            relay = (await instance.health())["relay"]
            return None if age > 99 and "waiting for" in relay else f"{age} seconds; {relay}"

        await until(silent)
    await hold.close()
    for instance in instances:
        await instance.ready()
