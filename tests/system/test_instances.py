"""Several instances of a service share its work, and take over from one that ends."""

import asyncio
from datetime import date, timedelta

import pytest

from tests.conftest import needs
from tests.system.harness import System
from tests.system.instance import PATIENCE, Instance, until
from tests.system.oracle import FROM_FEEDS, Undisturbed, day_of, replayed, undecided
from tests.system.published import assert_same, history, standing
from tools.embedded import choose
from tools.simulate import caseload


@pytest.fixture(scope="module")
async def lines() -> list[bytes]:
    return undecided(caseload(seed=5, people=150, days=60))


@pytest.fixture(scope="module")
async def expected(postgres: choose.Postgres, lines: list[bytes]) -> Undisturbed:
    return await replayed(postgres, lines, _last(lines), "referrals")


def _last(lines: list[bytes]) -> date:
    return max(map(day_of, lines))


async def both_work(system: System, instances: list[Instance], lines: list[bytes]) -> None:
    """Publish these lines, and wait until each instance has processed some."""
    before = [await instance.consumed() for instance in instances]
    await system.publish(lines)

    async def wrong() -> str | None:
        more = [await i.consumed() - b for i, b in zip(instances, before, strict=True)]
        return None if all(more) else f"they took {more}"

    await until(wrong)


async def whole(system: System, expected: Undisturbed, seconds: float = PATIENCE) -> None:
    """Wait until all work is done, and compare."""
    await system.quiet("referrals", seconds=seconds)
    facts = await system.fetch("referrals", FROM_FEEDS)
    assert {row["id"] for row in facts} == expected.facts["referrals"]
    found = await history(system, "referrals")
    assert expected.published
    assert_same(standing(found), standing(expected.published))


async def test_one_of_two_instances_is_killed_and_the_other_takes_over(
    system: System, lines: list[bytes], expected: Undisturbed
) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    instances = await system.start_all("referrals", "referrals")
    await system.begin(_last(lines))
    await system.reached("referrals", _last(lines))
    half = len(lines) // 2
    await both_work(system, instances, lines[:half])
    killed, other = instances

    taken = await other.consumed()
    publishing = asyncio.create_task(system.publish(lines[half:]))
    await killed.kill()
    await publishing
    await whole(system, expected)
    assert await other.consumed() > taken


async def test_a_stop_finishes_the_current_batch_and_another_instance_continues_at_once(
    system: System, lines: list[bytes], expected: Undisturbed
) -> None:
    needs(system.kafka, "real_kafka")
    # If the partitions were not released, the other would have to wait for the session to time out.
    session = {"PROBATION_KAFKA_SESSION_TIMEOUT_MS": "30000"}
    instances = [await system.start("referrals", ready=False, **session) for _ in range(2)]
    await asyncio.gather(*(instance.ready() for instance in instances))
    stopping, other = instances
    last = _last(lines)
    await system.begin(last - timedelta(days=1))
    await system.reached("referrals", last - timedelta(days=1))
    third = len(lines) // 3
    await both_work(system, [stopping, other], lines[:third])

    await system.quiet("referrals")

    other.pause()  # only the stopping instance can do anything now
    lock = await system.connect("referrals")
    await lock.execute("begin; lock table offsets in exclusive mode")
    await system.publish(lines[third : 2 * third])
    await until(lambda: _a_batch_waits(system))
    known = await _facts(system)
    stopping.terminate()
    await until(lambda: _is_stopping(stopping))
    await lock.close()
    assert await stopping.ended() == 0
    assert "Traceback" not in stopping.log.read_text()
    assert await _facts(system) > known
    other.resume()

    await system.publish(lines[2 * third :])
    await system.begin(last)
    await whole(system, expected, seconds=20)
    assert other.alive


async def _facts(system: System) -> int:
    number: int = (await system.fetch("referrals", "select count(*) from journal"))[0][0]
    return number


async def _a_batch_waits(system: System) -> str | None:
    return None if await system.fetch("referrals", WAITING) else "no batch waits"


WAITING = """
select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
and application_name = 'referrals' and query like '%insert into offsets%'
"""


async def _is_stopping(instance: Instance) -> str | None:
    health = await instance.health()
    return None if health["service"] == "stopping" else str(health)
