"""Whatever is killed while 5,000 events are processed, the outcome is that of an undisturbed run."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from schemas import language
from tests.conftest import needs
from tests.system.harness import Instance, System, until
from tests.system.oracle import FROM_FEEDS, Undisturbed, day_of, replayed
from tests.system.published import assert_same, history, standing
from tools.embedded import choose
from tools.services import BY_NAME
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement")
EVENTS = 5_000
DAYS = 90


@dataclass(frozen=True)
class Work:
    """What is to be done, and what an undisturbed run makes of it."""

    lines: list[bytes]
    days: tuple[date, ...]
    """The days that begin meanwhile; when they do, what is known of the past is all new."""
    expected: Undisturbed


@pytest.fixture(scope="module")
async def work(postgres: choose.Postgres) -> Work:
    lines = [
        _unreliable(line)
        for line in caseload(seed=11, people=370, days=DAYS)
        if language.topics_of(json.loads(line)["type"])[0] in BY_NAME["contacts"].reads
    ]
    assert len(lines) >= EVENTS
    last = max(map(day_of, lines))
    expected = await replayed(postgres, lines, last, *SERVICES)
    assert standing(expected.published).total() > EVENTS / 5
    return Work(lines, tuple(last - timedelta(days=n) for n in (3, 2, 1, 0)), expected)


def _unreliable(line: bytes) -> bytes:
    """Of three appointments kept one is missed after all: so that much follows, and much can be lost."""
    event = json.loads(line)
    if event["data"].get("outcome") == "complied" and Random(event["id"]).random() < 1 / 3:  # noqa: S311
        event["data"]["outcome"] = "failed_to_comply"
    return json.dumps(event).encode()


async def begin(system: System, work: Work) -> None:
    """Let a day begin, then give them all the work at once, with further days somewhere in between."""
    await system.begin(work.days[0])
    for service in SERVICES:
        await system.reached(service, work.days[0])
    third = len(work.lines) // 3
    for n, day in enumerate(work.days[1:]):
        await system.publish(work.lines[n * third : (n + 1) * third])
        await system.begin(day)
    await system.publish(work.lines[3 * third :])


async def finish(system: System, work: Work) -> None:
    """Wait until all is done, and compare."""
    await system.quiet()
    assert_same(standing(await history(system, *SERVICES)), standing(work.expected.published))
    for service in SERVICES:
        facts = await system.fetch(service, FROM_FEEDS)
        assert {row["id"] for row in facts} == work.expected.facts[service]
        assert await system.fetch(service, "select * from dead_letters") == []


def moments(seed: int, number: int, work: Work) -> list[int]:
    """After how many facts of the contacts service something happens."""
    facts = len(work.expected.facts["contacts"])
    return sorted(Random(seed).sample(range(1, facts), number))  # noqa: S311 - the same each time


@pytest.mark.parametrize("seed", [1])
async def test_services_are_killed(system: System, work: Work, seed: int) -> None:
    needs(system.kafka, "real_kafka", "takeover")
    contacts, enforcement = await system.start_all(*SERVICES)
    await begin(system, work)
    for number, moment in enumerate(moments(seed, 4, work)):
        await system.known("contacts", moment)
        await contacts.kill()
        contacts = await system.start("contacts", ready=False)
        if number % 2:
            await enforcement.kill()
            enforcement = await system.start("enforcement", ready=False)
    await finish(system, work)
