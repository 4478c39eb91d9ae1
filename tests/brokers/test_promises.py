"""One suite for all brokers: the Kafka of this run has the features that it declares."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from tests.conftest import needs
from tools.embedded.choose import Kafka

PARTITIONS = 6
KILLED_MEMBER = """
import asyncio, sys
from aiokafka import AIOKafkaConsumer

async def main():
    options = {"group_id": f"{sys.argv[2]}-readers", "session_timeout_ms": 6_000}
    options |= {"auto_offset_reset": "earliest", "enable_auto_commit": False}
    consumer = AIOKafkaConsumer(sys.argv[2], bootstrap_servers=sys.argv[1], **options)
    await consumer.start()
    await consumer.getone()
    print("read", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def topic(kafka: Kafka, topic_prefix: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{topic_prefix}facts", PARTITIONS, 1)])
    finally:
        await admin.close()
    return f"{topic_prefix}facts"


@pytest.fixture
async def producer(kafka: Kafka) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence="idempotence" in kafka.features
    )
    await producer.start()
    yield producer
    await producer.stop()


async def member(kafka: Kafka, topic: str, **options: Any) -> Any:
    """A started consumer of the group "readers", from the first record."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka.bootstrap,
        group_id=f"{topic}-readers",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=500,
        **options,
    )
    await consumer.start()
    return consumer


async def read(consumer: Any, number: int) -> list[Any]:
    records: list[Any] = []
    async with asyncio.timeout(30):
        while len(records) < number:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += batch
    return records


async def test_records_of_a_key_arrive_in_order_with_key_headers_and_bytes(
    kafka: Kafka, topic: str, producer: Any
) -> None:
    for number in range(60):
        key, value = f"X{number % 10}".encode(), number.to_bytes(2)
        await producer.send(topic, value, key=key, headers=[("ce_type", b"Fact")])
    await producer.flush()
    consumer = await member(kafka, topic)
    try:
        records = await read(consumer, 60)
    finally:
        await consumer.stop()
    assert {record.headers for record in records} == {(("ce_type", b"Fact"),)}
    for key in {record.key for record in records}:
        mine = [int.from_bytes(record.value) for record in records if record.key == key]
        assert mine == sorted(mine)
        assert len(mine) == 6
        assert len({record.partition for record in records if record.key == key}) == 1


async def test_a_group_continues_from_its_commit(kafka: Kafka, topic: str, producer: Any) -> None:
    for number in range(10):
        await producer.send_and_wait(topic, bytes([number]), partition=0)
    first = await member(kafka, topic, max_poll_records=4)
    seen = await read(first, 1)
    await first.commit({TopicPartition(topic, 0): seen[-1].offset + 1})
    await first.stop()
    second = await member(kafka, topic)
    try:
        rest = await read(second, 10 - len(seen))
    finally:
        await second.stop()
    assert [record.value[0] for record in [*seen, *rest]] == list(range(10))


async def test_another_member_takes_over_from_one_that_was_killed(
    kafka: Kafka, topic: str, producer: Any
) -> None:
    needs(kafka, "takeover")
    for partition in range(PARTITIONS):
        await producer.send_and_wait(topic, b"fact", partition=partition)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_MEMBER, kafka.bootstrap, topic, stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"read\n"
    killed.kill()
    await killed.wait()
    other = await member(kafka, topic)
    try:
        assert len(await read(other, PARTITIONS)) == PARTITIONS
    finally:
        await other.stop()


async def test_acknowledged_records_survive_a_kill_of_the_broker(kafka: Kafka, topic: str) -> None:
    needs(kafka, "durable", "restart")
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    for number in range(20):
        await producer.send_and_wait(topic, bytes([number]), partition=0)
    await producer.stop()

    await asyncio.to_thread(kafka.server.kill)
    await asyncio.to_thread(kafka.server.start)

    consumer = await member(kafka, topic)
    try:
        assert [record.value[0] for record in await read(consumer, 20)] == list(range(20))
    finally:
        await consumer.stop()


async def test_apache_kafka_reports_correct_end_offsets_and_enforces_limits(
    kafka: Kafka, topic: str, producer: Any
) -> None:
    needs(kafka, "real_kafka")
    await asyncio.gather(*[producer.send_and_wait(topic, b"fact", partition=0) for _ in range(30)])
    consumer = await member(kafka, topic)
    try:
        assert await consumer.end_offsets([TopicPartition(topic, 0)]) == {TopicPartition(topic, 0): 30}
    finally:
        await consumer.stop()
    large = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_request_size=10_000_000)
    await large.start()
    try:
        with pytest.raises(MessageSizeTooLargeError):
            await large.send_and_wait(topic, bytes(5_000_000), partition=0)
    finally:
        await large.stop()
