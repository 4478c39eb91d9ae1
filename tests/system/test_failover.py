"""A standby takes the place of the database while the services run, up to date or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import needs
from tests.system.failover import Pair
from tests.system.harness import System
from tests.system.instance import until
from tests.system.oracle import FROM_FEEDS, Undisturbed, day_of, replayed
from tests.system.published import Event, assert_same, history, standing
from tools.embedded import choose
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement", "referrals")


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with Pair() as pair:
        yield pair


@pytest.fixture
async def system(kafka: choose.Kafka, pair: Pair, topic_prefix: str, tmp_path: Path) -> AsyncIterator[System]:
    """The system on the pair's database."""
    server = choose.Postgres("a pair", pair, frozenset({"durable"}))  # type: ignore[arg-type]
    async with System(kafka, server, topic_prefix, tmp_path) as system:
        yield system


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return caseload(seed=21, people=120, days=60)


@pytest.fixture(scope="module")
async def expected(postgres: choose.Postgres, lines: list[bytes]) -> Undisturbed:
    return await replayed(postgres, lines, max(map(day_of, lines)), *SERVICES)


async def test_a_service_works_on_after_a_fail_over(system: System, pair: Pair) -> None:
    needs(system.kafka, "real_kafka")
    lines = caseload(seed=9, people=20, days=30)
    last = max(map(day_of, lines))
    service = await system.start("contacts")
    await system.begin(last)
    await system.reached("contacts", last)
    await pair.follow()
    await asyncio.to_thread(pair.primary.kill)
    await pair.move_to(pair.standby)

    async def red() -> str | None:
        health = await service.health()
        return None if "only reads" in health["database"] else str(health)

    await until(red)
    await system.publish(lines)
    await pair.promote()
    await service.ready()
    await system.quiet("contacts")
    assert await history(system, "contacts")


@pytest.mark.parametrize("instances", [1, 2])
async def test_a_standby_that_lagged_takes_over_in_the_middle(
    system: System, pair: Pair, lines: list[bytes], expected: Undisturbed, instances: int
) -> None:
    needs(system.kafka, "real_kafka")
    await disturbed(system, pair, lines, *SERVICES * instances)
    for service in SERVICES:
        facts = {row["id"] for row in await system.fetch(service, FROM_FEEDS)}
        assert facts == expected.facts[service]
    assert_same(standing(await history(system, *SERVICES)), standing(expected.published))


async def test_decisions_that_were_lost_are_known_again_and_not_taken_anew(
    system: System, pair: Pair, lines: list[bytes]
) -> None:
    needs(system.kafka, "real_kafka")
    before = await disturbed(system, pair, lines, "allocation", "allocation")
    found = await history(system, "allocation")
    assert sum(map(is_new, found)) > sum(map(is_new, before)) > 0
    taken = Counter(e["data"]["sentence_id"] for e in found if is_new(e))
    assert len(taken) > 50
    assert set(taken.values()) == {1}
    # What practitioners are said to do is what the cases claim of them.
    for subject in [row["subject"] for row in await system.fetch("allocation", PRACTITIONERS)]:
        assert await system.recheck("allocation", subject) is None
    await system.quiet("allocation")
    assert await history(system, "allocation") == found


def is_new(event: Event) -> bool:
    return bool(event["type"] == "CaseAllocated" and event["data"]["reason"] == "new")


PRACTITIONERS = "select subject from cases where kind = 'practitioner' limit 20"


async def disturbed(system: System, pair: Pair, lines: list[bytes], *services: str) -> list[Event]:
    """Let a standby that lagged take over while the services process the lines, and wait until all is done.

    Returns what they had published of what the standby did not know.
    """
    names = tuple(dict.fromkeys(services))
    last = max(map(day_of, lines))
    await system.start_all(*services)
    await system.begin(last)
    quarter = len(lines) // 4
    await system.publish(lines[:quarter])
    await pair.follow()
    await system.publish(lines[quarter : 2 * quarter])
    await system.known(names[0], quarter // 4)
    await system.hang_up()
    known = {service: await published(system, service) for service in names}
    await pair.fall_behind()
    await system.publish(lines[2 * quarter : 3 * quarter])
    await system.quiet(*names)
    said = await history(system, *names)
    await system.hang_up()
    assert len(said) > sum(known.values())
    await pair.fail_over()

    await system.publish(lines[3 * quarter :])
    await system.quiet(*names, seconds=180)
    for service in names:
        assert await system.fetch(service, QUARANTINED) == []
    return said


QUARANTINED = "select subject, quarantined from cases where quarantined is not null"


async def published(system: System, service: str) -> int:
    rows = await system.fetch(service, "select sum(sequence)::int as number from cases")
    return int(rows[0]["number"] or 0)
