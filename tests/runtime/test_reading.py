"""A partition that cannot be read is named, holds up no other, and is read as soon as that is possible."""

import asyncio
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.aiokafka_internals import arrival
from shared.runtime import reading
from tests.conftest import needs
from tests.runtime import admin, toy
from tests.runtime.environment import Environment, readiness_says, until
from tools.embedded import choose
from tools.embedded.kafka import ApacheKafka, fetch_jars, find_java, jars_are_here

CODECS = ["gzip", "snappy", "lz4", "zstd"]
PRODUCE = Path(__file__).with_name("java") / "Produce.java"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition that could not be read is tried again at once."""
    monkeypatch.setattr(reading, "RETRY_SECONDS", 0.3)


@pytest.mark.parametrize("codec", CODECS)
async def test_compressed_messages_are_read(env: Environment, codec: str) -> None:
    subjects = [f"p{number}" for number in range(20)]
    await _send_compressed(env, codec, *subjects)
    await env.run()
    await env.knows(*subjects)


@pytest.mark.parametrize("codec", CODECS)
async def test_messages_that_a_java_client_compressed_are_read(
    kafka: choose.Kafka, env: Environment, codec: str
) -> None:
    needs(kafka, "real_kafka")
    java = find_java()
    if java is None or not jars_are_here():
        pytest.skip("needs a JDK 17 or later and Kafka's jars")
    subjects = [f"p{number}" for number in range(20)]
    lines = b"".join(s.encode() + b"\t" + toy.weighed(s, 5) + b"\n" for s in subjects)
    process = await asyncio.create_subprocess_exec(
        *(java, "-cp", f"{fetch_jars()}/*", PRODUCE, kafka.bootstrap, env.topic("scale"), codec),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate(lines)
    assert process.returncode == 0, errors.decode()
    await env.run()
    await env.knows(*subjects)


async def test_a_partition_with_a_missing_codec_is_named_and_read_when_the_codec_is_there(
    env: Environment, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    await _send_compressed(env, "zstd", "compressed")
    with monkeypatch.context() as patch:
        patch.setattr("aiokafka.codec.has_zstd", lambda: False)
        runtime = await env.run(ready=False)
        await env.weigh("elsewhere", 5, partition=1)
        await env.knows("elsewhere")
        place = f"{env.topic('scale')}/0 at offset 0"
        await readiness_says(runtime, "consumer", place, "no library for its compression")
        assert await runtime.health.liveness() == {}
        await env.weigh("elsewhere-later", 5, partition=1)
        await env.knows("elsewhere-later")
    await env.knows("compressed")
    await env.ready(runtime)


async def _send_compressed(env: Environment, codec: str, *subjects: str) -> None:
    """Publish weights on the first partition, compressed."""
    producer = AIOKafkaProducer(
        bootstrap_servers=env.settings.kafka_bootstrap_servers, compression_type=codec, linger_ms=100
    )
    async with producer:
        for subject in subjects:
            await producer.send(env.topic("scale"), toy.weighed(subject, 5), subject.encode(), partition=0)


async def test_a_damaged_partition_is_named_and_can_be_passed_over_by_removing_its_messages(
    kafka: choose.Kafka, env: Environment, soon: None
) -> None:
    needs(kafka, "real_kafka", "restart")
    if not isinstance(kafka.server, ApacheKafka):
        pytest.skip("needs access to the broker's disk")
    runtime = await env.run()
    await env.weigh("read", 5, partition=0)
    await env.knows("read")
    await env.stop(runtime)
    await env.weigh("damaged", 5, partition=0)
    await asyncio.to_thread(kafka.server.stop)
    _damage(kafka.server, env.topic("scale"), b"damaged")
    await asyncio.to_thread(kafka.server.start)
    await env.weigh("behind", 5, partition=0)
    await env.weigh("elsewhere", 5, partition=1)
    runtime = await env.run(ready=False)
    await env.knows("elsewhere")
    await readiness_says(runtime, "consumer", f"{env.topic('scale')}/0 at offset 1", "damaged")
    assert await runtime.health.liveness() == {}
    await admin.remove_before(env, "scale", 0, 2)
    await env.knows("behind")
    await readiness_says(runtime, "consumer", "scale/0", "offsets 1 to 1", "removed")
    await env.discard_dead_letters()
    await env.ready(runtime)


def _damage(server: ApacheKafka, topic: str, text: bytes) -> None:
    """Change a letter of this text in the first partition's log."""
    assert server._folder is not None
    [segment] = (server._folder / "data" / f"{topic}-0").glob("*.log")
    content = segment.read_bytes()
    at = content.rindex(text)
    with segment.open("r+b") as file:
        file.seek(at)
        file.write(text.upper())
        os.fsync(file.fileno())


async def test_a_topic_that_may_not_be_read_is_named_and_holds_up_no_other(
    kafka: choose.Kafka, env: Environment, soon: None
) -> None:
    needs(kafka, "real_kafka", "restart")
    runtime = await env.run()
    async with admin.no_reading(env, admin.TOPIC, env.topic("scale")):
        await readiness_says(runtime, "consumer", f"{env.topic('scale')}/0", "may not read the topic")
        await env.send(toy.day(date(2026, 1, 5)), topic="clock")

        async def day_started() -> bool:
            return (await env.fetch("select day from clock"))[0][0] is not None

        await until(day_started)
        assert await runtime.health.liveness() == {}
    await env.weigh("after", 5, partition=0)
    await env.knows("after")
    await env.ready(runtime)


@pytest.mark.parametrize("running", [True, False])
async def test_a_group_that_may_not_be_used_is_told_of_and_used_again_when_it_may(
    kafka: choose.Kafka, env: Environment, soon: None, *, running: bool
) -> None:
    needs(kafka, "real_kafka", "restart")
    runtime = env.runtime()
    if running:
        await env.run(runtime)
    async with admin.no_reading(env, admin.GROUP, runtime.consumer.group):
        if not running:
            await env.run(runtime, ready=False)
        await readiness_says(runtime, None, "may not use the consumer group")
        assert await runtime.health.liveness() == {}
    await env.weigh("after", 5, partition=0)
    await env.knows("after")
    await env.ready(runtime)


async def test_a_fault_of_any_kind_in_one_partition_holds_up_no_other(
    env: Environment, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    runtime = await env.run()
    reader = runtime.consumer._reader
    assert reader is not None
    read = reader._read

    async def failing(*partitions: Any, **options: Any) -> Any:
        found = await read(*partitions, **options)
        if any(b"bad" in (r.value or b"") for records in found.values() for r in records):
            raise RuntimeError("a bug in the client")
        return found

    monkeypatch.setattr(reader, "_read", failing)
    await env.weigh("good", 5, partition=0)
    await env.weigh("bad", 5, partition=0)
    await env.weigh("elsewhere", 5, partition=1)
    await env.knows("good", "elsewhere")
    await readiness_says(runtime, "consumer", "scale/0 at offset 1", "RuntimeError")
    monkeypatch.undo()
    await env.knows("bad")
    await env.ready(runtime)


async def test_a_partition_that_is_revoked_while_it_is_read_gives_nothing(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await env.run()
    reader = runtime.consumer._reader
    assert reader is not None

    async def nothing(*partitions: Any, **options: Any) -> Any:
        return {}

    monkeypatch.setattr(reader, "_read", nothing)
    assert await reader._take(TopicPartition(env.topic("scale"), 99), 10) == []


async def test_what_is_read_after_partitions_were_assigned_anew_is_not_dropped(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await env.run()
    reader = runtime.consumer._reader
    assert reader is not None

    async def assigned_meanwhile(*arguments: Any, **options: Any) -> None:
        await arrival(*arguments, **options)
        reader.assigned()

    monkeypatch.setattr(reading, "arrival", assigned_meanwhile)
    await env.weigh("after", 5, partition=0)
    await env.knows("after")
