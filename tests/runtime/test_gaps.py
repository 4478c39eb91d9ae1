"""What Kafka no longer has is never passed over in silence, and never stops the service."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from shared.runtime.faststream_internals import consumer_of
from tests.conftest import needs
from tests.runtime import admin
from tests.runtime.environment import Environment, readiness_says
from tools.embedded import choose
from tools.embedded.kafka import ApacheKafka


def _lost(runtime: Any) -> float:
    samples = [sample for metric in runtime.metrics.messages_lost.collect() for sample in metric.samples]
    return sum(float(sample.value) for sample in samples if sample.name.endswith("_total"))


async def test_messages_removed_while_the_service_was_down_are_told_of_until_an_operator_closes_it(
    kafka: choose.Kafka, env: Environment
) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    await env.weigh("read", 5, partition=0)
    await env.knows("read")
    await env.stop(runtime)
    for number in range(5):
        await env.weigh(f"p{number}", 5, partition=0)
    await admin.remove_before(env, "scale", 0, 4)
    runtime = await env.run(ready=False)
    await env.knows("p3", "p4")
    await readiness_says(runtime, "consumer", "scale/0", "up to 3 messages (offsets 1 to 3)", "discard")
    assert _lost(runtime) == 3
    assert await runtime.health.liveness() == {}
    await env.stop(runtime)
    again = await env.run(ready=False)
    await readiness_says(again, "consumer", "up to 3 messages")
    assert _lost(again) == 0
    await env.discard_dead_letters()
    await env.ready(again)


async def test_messages_removed_before_a_new_service_are_not_lost_to_it(
    kafka: choose.Kafka, env: Environment
) -> None:
    needs(kafka, "real_kafka")
    for number in range(3):
        await env.weigh(f"p{number}", 5, partition=0)
    await admin.remove_before(env, "scale", 0, 2)
    runtime = await env.run()
    await env.knows("p2")
    await env.ready(runtime)
    assert await env.fetch("select 1 from dead_letters") == []


@pytest.mark.parametrize("running", [True, False])
async def test_a_log_that_went_back_is_read_again_from_its_start(
    kafka: choose.Kafka, env: Environment, tmp_path: Path, *, running: bool
) -> None:
    needs(kafka, "real_kafka", "restart")
    if not isinstance(kafka.server, ApacheKafka):
        pytest.skip("needs access to the broker's disk")
    runtime = await env.run()
    for number in range(3):
        await env.weigh(f"old-{number}", 5, partition=0)
    await env.knows("old-0", "old-1", "old-2")
    await _with_broker_down(env, kafka, lambda data: shutil.copytree(data, tmp_path / "copy"))
    await env.send(b"{ a lost one", partition=0)
    for number in range(3):
        await env.weigh(f"lost-{number}", 5, partition=0)
    await env.knows("lost-0", "lost-1", "lost-2")
    if not running:
        await env.stop(runtime)
    await _with_broker_down(env, kafka, lambda data: _replace(data, tmp_path / "copy"))
    if not running:
        runtime = await env.run(ready=False)
    await readiness_says(runtime, "consumer", "scale/0", "ends at offset 3, but offset 6 was read already")
    await env.send(b"{ a new one", partition=0)  # at the offset of the lost one
    for number in range(4):
        await env.weigh(f"new-{number}", 5, partition=0)
    await env.knows(*(f"new-{number}" for number in range(4)))
    refused = await env.fetch("select value from dead_letters where reason = 'unreadable' order by number")
    assert [row["value"] for row in refused] == [b"{ a lost one", b"{ a new one"]
    assert await runtime.health.liveness() == {}
    assert (await env.fetch("select count(*) from journal"))[0][0] == 10
    await env.discard_dead_letters()
    await env.ready(runtime)


@pytest.mark.parametrize("running", [True, False])
async def test_a_log_that_went_back_and_has_grown_again_is_recognised(
    kafka: choose.Kafka, env: Environment, tmp_path: Path, *, running: bool
) -> None:
    needs(kafka, "real_kafka", "restart")
    if not isinstance(kafka.server, ApacheKafka):
        pytest.skip("needs access to the broker's disk")
    runtime = await env.run()
    await env.weigh("old", 5, partition=0)
    await env.knows("old")
    await _with_broker_down(env, kafka, lambda data: shutil.copytree(data, tmp_path / "copy"))
    await env.weigh("lost", 5, partition=0)
    await env.knows("lost")
    if running:
        # The service reaches Kafka again only after the log has grown.
        client = consumer_of(runtime.consumer._subscriber)._client
        reachable, client._get_conn = client._get_conn, _unreachable
    else:
        await env.stop(runtime)
    await _with_broker_down(env, kafka, lambda data: _replace(data, tmp_path / "copy"))
    for number in range(4):
        await env.weigh(f"new-{number}", 5, partition=0)
    if running:
        client._get_conn = reachable
    else:
        runtime = await env.run(ready=False)
    await env.knows(*(f"new-{number}" for number in range(4)))
    await readiness_says(runtime, "consumer", "scale/0", "has other messages than those read")
    await env.discard_dead_letters()
    await env.ready(runtime)


async def _unreachable(*_: Any, **__: Any) -> None:
    return None


async def test_a_restarted_broker_with_the_same_log_is_no_gap(kafka: choose.Kafka, env: Environment) -> None:
    needs(kafka, "restart", "durable")
    runtime = await env.run()
    await env.weigh("before", 5, partition=0)
    await env.knows("before")
    await env.new_producer()
    await asyncio.to_thread(kafka.server.restart)
    await env.weigh("after", 5, partition=0)
    await env.knows("after")
    await env.ready(runtime)
    assert await env.fetch("select 1 from dead_letters") == []


def _replace(data: Path, copy: Path) -> None:
    shutil.rmtree(data)
    shutil.copytree(copy, data)


async def _with_broker_down(env: Environment, kafka: choose.Kafka, act: Any) -> None:
    assert isinstance(kafka.server, ApacheKafka)
    assert kafka.server._folder is not None
    await env.new_producer()
    await asyncio.to_thread(kafka.server.stop)
    await asyncio.to_thread(act, kafka.server._folder / "data")
    await asyncio.to_thread(kafka.server.start)
