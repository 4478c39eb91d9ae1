"""The broker goes down and comes back: the service waits, says so, and loses nothing."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka import create_topics
from shared.runtime import checks
from shared.runtime import service as services
from tests.conftest import needs
from tests.runtime import toy
from tests.runtime.environment import Environment, until
from tools.embedded import choose


async def _says(runtime: Any, *parts: str) -> bool:
    return set(parts) <= set(await runtime.health.readiness())


async def test_it_waits_while_the_broker_is_down_and_then_continues(
    kafka: choose.Kafka, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "restart", "durable")
    runtime = await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("before", 50)
    await env.read("porter", 1)
    await asyncio.to_thread(kafka.server.stop)
    try:
        await until(lambda: _says(runtime, "broker"))
        monkeypatch.setattr(checks, "STALLED_SECONDS", 0.0)
        assert "has not been fetched" in (await runtime.health.readiness())["consumer"]
        assert await runtime.health.liveness() == {}  # a restart would not help
        monkeypatch.undo()
        # A finding committed meanwhile waits in the outbox.
        await env.fetch(
            "insert into outbox (topic, key, event_id, value, headers)"
            " values ('porter', 'before'::bytea, 'again', '{}'::bytea, '\\x90'::bytea)"
        )
    finally:
        await asyncio.to_thread(kafka.server.start)
    await env.weigh("after", 50)
    await env.ready(runtime)
    found = await env.read("porter", 3)
    assert {record.key for record in found} == {b"before", b"after"}


async def test_partitions_that_are_no_longer_fetched_require_a_restart(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await env.run()
    assert await runtime.health.liveness() == {}
    monkeypatch.setattr(checks, "STALLED_SECONDS", -1.0)
    assert "has not been fetched" in (await runtime.health.liveness())["consumer"]


async def test_it_stops_even_if_the_broker_is_down(
    kafka: choose.Kafka, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "restart", "durable")
    monkeypatch.setattr(services, "DRAIN_SECONDS", 0.5)
    runtime = await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    connection = await asyncpg.connect(env.database)
    await connection.execute("begin; lock table outbox in exclusive mode")
    await env.weigh("p1", 50)

    async def batch_waits() -> bool:
        query = (
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'porter'"
        )
        return bool(await env.fetch(query))

    await until(batch_waits)
    await asyncio.to_thread(kafka.server.stop)
    try:
        await connection.close()
        await env.knows("p1")
        await env.stop(runtime)
        assert len(await env.fetch("select 1 from outbox where topic = 'porter'")) == 1
    finally:
        await asyncio.to_thread(kafka.server.start)
    await env.run()
    assert len(await env.read("porter", 1)) == 1


async def test_it_can_stop_while_it_waits_for_its_topics(env: Environment) -> None:
    runtime = env.runtime(topic_prefix=env.settings.topic_prefix + "nowhere-")
    await env.run(runtime, ready=False)

    async def waits() -> bool:
        return "topics create" in (await runtime.health.readiness()).get("service", "")

    await until(waits)
    await env.stop(runtime)


async def test_its_own_topic_is_gone_and_comes_back(kafka: choose.Kafka, env: Environment) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    await env.weigh("before", 50)
    await env.read("porter", 1)
    name = env.topic("porter")
    admin = AIOKafkaAdminClient(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_topics([name])
    await admin.close()

    async def told() -> bool:
        return name in (await runtime.health.readiness()).get("broker", "")

    await until(told)
    await env.weigh("after", 50)
    await env.knows("after")
    await create_topics(env.settings, {name: toy.PARTITIONS["porter"]})
    await env.ready(runtime)
    [record] = await env.read("porter", 1)
    assert record.key == b"after"
