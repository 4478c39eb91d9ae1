"""What a service published is known to its database before anything new is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from shared.runtime import recovery
from tests.runtime import toy
from tests.runtime.environment import Environment


def and_then(read: Callable[..., Awaitable[int]], done: asyncio.Event) -> Callable[..., Awaitable[int]]:
    """Read, and say that it is done."""

    async def reading(*arguments: Any) -> int:
        found = await read(*arguments)
        done.set()
        return found

    return reading


async def test_after_a_fail_over_it_waits_for_what_another_instance_may_still_publish(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("P1", 90)
    [published] = await env.read("porter", 1)
    await env.stop(runtime)
    assert published.value is not None
    event = json.loads(published.value) | {"id": "of another instance", "sequence": "0000000002"}

    runtime = env.runtime()
    async with runtime.pool:
        monkeypatch.setattr(recovery, "STILL_SECONDS", float("inf"))
        await runtime.recovery.run()  # the database is as it was: it does not wait
        await env.fetch("update clock set history = 'before the fail-over'")
        monkeypatch.setattr(recovery, "STILL_SECONDS", 3.0)
        read = asyncio.Event()
        waiting = asyncio.create_task(runtime.recovery.run())
        monkeypatch.setattr(runtime.recovery, "_read", and_then(runtime.recovery._read, read))
        await read.wait()
        await env.send(
            json.dumps(event).encode(), key=published.key, topic="porter", headers=published.headers
        )
        await waiting
        [lost] = await env.fetch("select subject, sequence from lost_events")
        assert tuple(lost) == ("P1", 2)
        monkeypatch.setattr(recovery, "STILL_SECONDS", float("inf"))
        await runtime.recovery.run()
    await runtime.cluster.close()
