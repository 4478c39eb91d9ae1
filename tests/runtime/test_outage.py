"""The broker goes away and comes back: the service waits, says so, and loses nothing."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest

from shared.runtime import checks
from shared.runtime import service as services
from tests.conftest import needs
from tests.runtime import toy
from tests.runtime.house import House, until
from tools.embedded import choose


async def _says(runtime: Any, *parts: str) -> bool:
    return set(parts) <= set(await runtime.health.readiness())


async def test_waits_for_a_broker_that_is_away_and_goes_on(
    kafka: choose.Kafka, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "restart", "durable")
    runtime = await house.run()
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    await house.weigh("before", 50)
    await house.read("porter", 1)
    await asyncio.to_thread(kafka.server.stop)
    try:
        await until(lambda: _says(runtime, "broker"))
        monkeypatch.setattr(checks, "STALLED_SECONDS", 0.0)
        assert "was not fetched" in (await runtime.health.readiness())["consumer"]
        assert await runtime.health.liveness() == {}  # a restart would not bring the broker back
        monkeypatch.undo()
        # A finding that is committed meanwhile waits in the outbox.
        await house.fetch(
            "insert into outbox (topic, key, event_id, value, headers)"
            " values ('porter', 'before'::bytea, 'again', '{}'::bytea, '\\x90'::bytea)"
        )
    finally:
        await asyncio.to_thread(kafka.server.start)
    await house.weigh("after", 50)
    await house.ready(runtime)
    found = await house.read("porter", 3)
    assert {record.key for record in found} == {b"before", b"after"}


async def test_partitions_that_are_no_longer_fetched_call_for_a_restart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await house.run()
    assert await runtime.health.liveness() == {}
    monkeypatch.setattr(checks, "STALLED_SECONDS", -1.0)
    assert "was not fetched" in (await runtime.health.liveness())["consumer"]


async def test_stops_though_the_broker_is_away(
    kafka: choose.Kafka, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "restart", "durable")
    monkeypatch.setattr(services, "DRAIN_SECONDS", 0.5)
    runtime = await house.run()
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    connection = await asyncpg.connect(house.database)
    await connection.execute("begin; lock table outbox in exclusive mode")
    await house.weigh("p1", 50)

    async def batch_waits() -> bool:
        query = (
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'porter'"
        )
        return bool(await house.fetch(query))

    await until(batch_waits)
    await asyncio.to_thread(kafka.server.stop)
    try:
        await connection.close()
        await house.knows("p1")
        await house.stop(runtime)
        assert len(await house.fetch("select 1 from outbox")) == 1
    finally:
        await asyncio.to_thread(kafka.server.start)
    await house.run()
    assert len(await house.read("porter", 1)) == 1


async def test_stops_while_it_still_waits_for_its_topics(house: House) -> None:
    runtime = house.runtime(topic_prefix=house.settings.topic_prefix + "nowhere-")
    await house.run(runtime, ready=False)

    async def waits() -> bool:
        return "topics create" in (await runtime.health.readiness()).get("service", "")

    await until(waits)
    await house.stop(runtime)
