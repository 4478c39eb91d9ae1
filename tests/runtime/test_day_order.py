"""A day begins when what was on the topics before it has been read, and waits for nothing else."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from shared import kafka
from shared.engine.intake import Message
from shared.runtime.service import Runtime
from shared.waiting import cancel
from tests.runtime import toy
from tests.runtime.environment import Environment, readiness_says, until
from tests.runtime.test_clock import begun

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
NOON = 1_767_614_400_000
"""When Monday's first message reached Kafka."""


@pytest.fixture(autouse=True)
def _messages_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "BATCH", 1)


async def parcel(env: Environment, collect_by: date, *, second: int, partition: int = 0) -> None:
    """Publish until when a parcel is to be collected, as it is known at that second."""
    value = toy.weighed("parcel", 5, second=second, collect_by=collect_by)
    await env.send(value, key=b"parcel", partition=partition, at=NOON + second)


async def announce(env: Environment, day: date, *, second: int) -> None:
    await env.send(toy.day(day), topic="clock", at=NOON + second)


async def published(env: Environment) -> list[str]:
    """The types of what the service has published and will publish, in order."""
    rows = await env.fetch("select value from published order by subject, sequence")
    return [json.loads(row["value"])["type"] for row in rows]


@contextlib.contextmanager
def stuck(runtime: Runtime, *, after: int) -> Iterator[None]:
    """Let the service take so many batches, and the next one only at the end."""
    go_on, take, taken = asyncio.Event(), runtime.engine.handle, 0

    async def handle(messages: Sequence[Message]) -> None:
        nonlocal taken
        if taken == after:
            await go_on.wait()
        taken += 1
        await take(messages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime.engine, "handle", handle)
        yield
        go_on.set()


async def test_a_day_begins_after_what_arrived_before_it(env: Environment) -> None:
    await parcel(env, MONDAY, second=1)
    await announce(env, MONDAY, second=2)
    for second in range(3, 8):
        await env.weigh(f"other-{second}", 5, partition=1)
    await parcel(env, date(2026, 2, 1), second=8)  # before Tuesday it was said that there is more time
    await announce(env, TUESDAY, second=9)
    await env.run()
    await begun(env, TUESDAY)
    assert await published(env) == []


@pytest.mark.parametrize("second", [0, 9])
async def test_a_day_does_not_wait_for_what_comes_after_it_whatever_its_time(
    env: Environment, *, second: int
) -> None:
    await env.weigh("first", 5)
    await announce(env, MONDAY, second=1)

    async def more_and_more() -> None:
        for number in itertools.count():  # faster than the service takes them
            await env.send(toy.weighed(f"parcel-{number}", 5), at=NOON + second)

    publishing = asyncio.create_task(more_and_more())
    await env.run(ready=False)
    await begun(env, MONDAY)
    await cancel(publishing)


async def test_a_day_does_not_wait_for_what_another_instance_reads(env: Environment) -> None:
    first, second = await env.run(), await env.run()

    async def shared() -> bool:
        read = [runtime.consumer.positions for runtime in (first, second)]
        return all(read) and sum(map(len, read)) == 4

    await until(shared)
    [other] = [runtime for runtime in (first, second) if ("clock", 0) not in runtime.consumer.positions]
    with stuck(other, after=0):
        for partition in range(3):
            await env.weigh(f"parcel-{partition}", 5, partition=partition)
        await announce(env, MONDAY, second=1)
        await begun(env, MONDAY)


async def test_a_day_that_waits_is_not_lost_when_the_service_stops(env: Environment) -> None:
    for second in range(1, 9):
        await parcel(env, MONDAY, second=second)
    await announce(env, MONDAY, second=9)
    runtime = env.runtime()
    with stuck(runtime, after=1):
        await env.run(runtime)
        await until(lambda: _waits(runtime))
        stopping = asyncio.create_task(env.stop(runtime))
        await until(lambda: _stops(runtime))
    await stopping
    assert await env.fetch("select 1 from clock where day is not null") == []
    await env.run()
    await begun(env, MONDAY)


async def _waits(runtime: Runtime) -> bool:
    return runtime.consumer.day_waits is not None


async def _stops(runtime: Runtime) -> bool:
    return "stopping" in (await runtime.health.readiness()).get("service", "")


async def test_readiness_says_what_a_day_waits_for(env: Environment) -> None:
    runtime = await env.run()
    await announce(env, MONDAY, second=1)
    await begun(env, MONDAY)
    await env.stop(runtime)
    for second in range(1, 4):
        await parcel(env, MONDAY, second=second)
    await announce(env, TUESDAY, second=4)
    runtime = env.runtime()
    with stuck(runtime, after=1):
        await env.run(runtime)
        await readiness_says(runtime, "clock", "what was published before it has been read", "scale/0")
