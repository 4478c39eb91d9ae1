"""Disturbances at random while a caseload is read, one upon another: the outcome is as if there were none.

PROBATION_TEST_DISTURBANCES, PROBATION_TEST_EVENTS and PROBATION_TEST_SEED say how many, among how many of the
feeds' events, and which.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.conftest import needs
from tests.system.disturber import CATCH_UP, Disturber
from tests.system.failover import Pair
from tests.system.harness import System
from tests.system.instance import until
from tests.system.oracle import FROM_FEEDS, day_of, replayed, undecided, unreliable
from tests.system.published import assert_same, history, standing
from tools.embedded import choose
from tools.services import BY_NAME
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement", "referrals")
DISTURBANCES = int(os.environ.get("PROBATION_TEST_DISTURBANCES", "3"))
EVENTS = int(os.environ.get("PROBATION_TEST_EVENTS", "600"))
SEED = int(os.environ.get("PROBATION_TEST_SEED", "1"))
DAYS = 15
"""How many days begin meanwhile, at most."""
FEEDS = ("court", "prison", "practice", "providers")
READ = "select coalesce(sum(next_offset), 0)::bigint from offsets where topic = any($1)"


@pytest.fixture
async def system(kafka: choose.Kafka, pair: Pair, topic_prefix: str, tmp_path: Path) -> AsyncIterator[System]:
    """The system on the pair's database, with clocks that can be wrong."""
    server = choose.Postgres("a pair", pair, frozenset({"durable"}))  # type: ignore[arg-type]
    async with System(kafka, server, topic_prefix, tmp_path, program="tests.system.wrong_clock") as system:
        yield system


def lines_of(seed: int, number: int) -> list[bytes]:
    """So many events of a simulated caseload, with nothing to decide."""
    lines = [unreliable(x) for x in undecided(caseload(seed=seed, people=100 + number // 10, days=90))]
    assert len(lines) >= number
    return lines[:number]


async def test_the_outcome_is_that_of_an_undisturbed_run(
    system: System, pair: Pair, postgres: choose.Postgres
) -> None:
    needs(system.kafka, "real_kafka", "takeover", "restart")
    print(f"{DISTURBANCES} disturbances among {EVENTS} events, seed {SEED}")
    lines = await asyncio.to_thread(lines_of, SEED, EVENTS)
    last = max(map(day_of, lines))
    expected = await replayed(postgres, lines, last, *SERVICES)
    assert standing(expected.published).total() > EVENTS / 5
    chance = Random(SEED)
    days = [last - timedelta(days=n) for n in reversed(range(min(DAYS, DISTURBANCES)))]
    disturber = Disturber(system, pair, SERVICES, days, chance)
    await disturber.start()
    for n in range(DISTURBANCES):
        await disturber.reach(days[n * len(days) // DISTURBANCES])
        await system.publish(lines[n * EVENTS // DISTURBANCES : (n + 1) * EVENTS // DISTURBANCES])
        if chance.random() < 0.7:  # otherwise the next one comes upon this one
            await some_is_read(system, chance, EVENTS // DISTURBANCES)
        await disturber.disturb()
    print(dict(disturber.done))
    await disturber.settle()

    await system.quiet(seconds=CATCH_UP)
    for service in SERVICES:
        await system.reached(service, last)
    await disturber.healthy()
    assert_same(standing(await history(system, *SERVICES)), standing(expected.published))
    for service in SERVICES:
        facts = {row["id"] for row in await system.fetch(service, FROM_FEEDS)}
        assert facts == expected.facts[service]
        assert await system.fetch(service, "select subject from cases where quarantined is not null") == []
        # A day that came before the one that it follows was refused, and began later.
        refused = await system.fetch(service, "select * from dead_letters where reason <> 'clock_refused'")
        assert refused == []
        assert await system.fetch(service, "select day from announced_days") == []


async def some_is_read(system: System, chance: Random, published: int) -> None:
    """Wait until a service has read all but a part of what was published last."""
    service = chance.choice(SERVICES)
    topics = [topic for topic in FEEDS if topic in BY_NAME[service].reads]
    enough = sum(system.sent[topic] for topic in topics) - int(chance.random() * published)

    async def too_little() -> str | None:
        read = (await system.fetch(service, READ, topics))[0][0]
        return None if read >= enough else f"{service} has read {read} of {enough}"

    await until(too_little, seconds=CATCH_UP)
