"""A standby takes the place of the database while the services run, up to date or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.conftest import needs
from tests.system.failover import Pair
from tests.system.harness import System
from tests.system.instance import until
from tests.system.oracle import FROM_FEEDS, Undisturbed, day_of, replayed, undecided
from tests.system.published import Event, assert_same, history, standing
from tools.embedded import choose
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement", "referrals")


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
    return await replayed(postgres, undecided(lines), max(map(day_of, lines)), *SERVICES)


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


async def test_a_standby_that_lagged_takes_over_in_the_middle(
    system: System, pair: Pair, lines: list[bytes], expected: Undisturbed
) -> None:
    needs(system.kafka, "real_kafka")
    await disturbed(system, pair, undecided(lines), *SERVICES, *SERVICES)
    for service in SERVICES:
        facts = {row["id"] for row in await system.fetch(service, FROM_FEEDS)}
        assert facts == expected.facts[service]
    assert_same(standing(await history(system, *SERVICES)), standing(expected.published))


def allocated(event: Event) -> str | None:
    """The sentence to which a practitioner is allocated for the first time."""
    new = event["type"] == "CaseAllocated" and event["data"]["reason"] == "new"
    return str(event["data"]["sentence_id"]) if new else None


def placed(event: Event) -> str | None:
    """The referral that is given a place."""
    given = event["type"] == "ReferralMade" and event["data"]["intervention_id"] is not None
    return str(event["data"]["referral_id"]) if given else None


@pytest.mark.parametrize(
    ("service", "decided", "least"), [("allocation", allocated, 50), ("referrals", placed, 10)]
)
async def test_decisions_that_were_lost_are_known_again_and_not_taken_anew(
    system: System,
    pair: Pair,
    lines: list[bytes],
    service: str,
    decided: Callable[[Event], str | None],
    least: int,
) -> None:
    needs(system.kafka, "real_kafka")
    before = await disturbed(system, pair, lines, service, service)
    found = await history(system, service)
    taken = Counter(filter(None, map(decided, found)))
    assert len(taken) > len(set(filter(None, map(decided, before)))) > 0
    assert len(taken) >= least
    assert set(taken.values()) == {1}
    # What practitioners and providers are said to do is what the cases claim of them.
    for subject in [row["subject"] for row in await system.fetch(service, ENTITIES)]:
        assert await system.recheck(service, subject) is None
    await system.quiet(service)
    assert await history(system, service) == found


ENTITIES = "select subject from cases where kind <> 'person' limit 20"


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
