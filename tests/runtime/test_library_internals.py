"""The undocumented parts of libraries that the project uses: an upgrade that breaks them fails here.

When a library has fixed a fault shown here, the workaround for it can be removed.
"""

import asyncio
import re
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.parser import AioKafkaBatchParser
from prometheus_client import CollectorRegistry

from shared import kafka as kafka_clients
from shared.aiokafka_internals import MetadataWithIds, Record, Topic, lenient, stop
from shared.runtime.faststream_internals import consumer_of, undecoded, without_headers
from shared.runtime.health import Health, answering
from tests.runtime import toy
from tests.runtime.environment import (
    PATIENCE,
    UNDECODABLE,
    Environment,
    send_undecodable_name,
    until,
)
from tools.embedded.process import free_port

ROOT = Path(__file__).parents[2]
ID = UUID("0123456789abcdef0123456789abcdef")


# -- aiokafka: the ids of topics -------------------------------------------------------------------------


def test_the_metadata_request_is_encoded_as_the_protocol_guide_says() -> None:
    request = MetadataWithIds(["clock"]).prepare({3: (0, 13)})
    name = bytes([len("clock") + 1]) + b"clock"
    assert request.encode() == b"\x02" + bytes(16) + name + b"\0" + b"\0" + b"\0" + b"\0"


def test_the_metadata_response_is_decoded_as_the_protocol_guide_says() -> None:
    response = MetadataWithIds(["clock"]).prepare({3: (0, 13)}).RESPONSE_TYPE
    partition = bytes(2) + bytes(4) + (1).to_bytes(4) + bytes(4) + b"\1\1\1\0"
    topic = bytes(2) + b"\x06clock" + ID.bytes + b"\0" + b"\2" + partition + bytes(4) + b"\0"
    answer = bytes(4) + b"\1" + b"\0" + (1).to_bytes(4) + b"\2" + topic + b"\0"
    [(error, name, id, internal, [(_, number, leader, *_)], *_)] = response.decode(BytesIO(answer)).topics
    assert (error, name, id, internal, number, leader) == (0, "clock", str(ID), False, 0, 1)


async def test_a_cluster_returns_the_id_and_the_partitions_of_existing_topics(env: Environment) -> None:
    cluster = kafka_clients.Cluster(env.settings, "test")
    try:
        found = await cluster.topics([env.topic("scale"), env.topic("not-there")])
        [(name, topic)] = found.items()
        assert name == env.topic("scale")
        assert topic == Topic(str(UUID(topic.id)), toy.PARTITIONS["scale"])
        assert UUID(topic.id).int
    finally:
        await cluster.close()


# -- aiokafka: records that cannot be read -----------------------------------------------------------------


async def reading(env: Environment) -> AIOKafkaConsumer:
    """A consumer at the start of the first partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await consumer.start()
    consumer.assign([TopicPartition(env.topic("scale"), 0)])
    consumer.seek(TopicPartition(env.topic("scale"), 0), 0)
    return consumer


async def _read_on(consumer: AIOKafkaConsumer) -> None:
    while True:
        await consumer.getmany(timeout_ms=200)


async def test_aiokafka_cannot_read_past_a_header_name_that_is_not_utf_8(env: Environment) -> None:
    await env.send(b"before", partition=0)
    await send_undecodable_name(env, partition=0)
    consumer = await reading(env)
    try:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(UnicodeDecodeError):
                await _read_on(consumer)
    finally:
        await consumer.stop()


async def test_a_batch_with_such_a_record_is_read_by_our_own_call(env: Environment) -> None:
    await env.send(b"before", partition=0)
    await send_undecodable_name(env, b"good", UNDECODABLE, b"better", partition=0)
    consumer = await reading(env)
    try:
        await consumer.getmany(timeout_ms=1_000, max_records=1)
        records, end = await lenient(consumer, TopicPartition(env.topic("scale"), 0), 2)
    finally:
        await consumer.stop()
    assert [(record.offset, record.value, readable) for record, readable in records] == [
        (2, UNDECODABLE, False),
        (3, b"better", True),
    ]
    assert records[0][0].headers == (("\\xff\\xfe", b"x"),)
    assert end == 4


# -- aiokafka: a consumer is stopped before its tasks have begun ---------------------------------------------


async def test_a_consumer_can_be_stopped_as_soon_as_it_is_started(env: Environment) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await consumer.start()
    await consumer.stop()


async def test_a_consumer_can_be_stopped_when_a_fetch_has_not_begun_yet(env: Environment) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await consumer.start()
    await consumer.topics()  # its other tasks have begun
    consumer._fetcher._pending_tasks.add(asyncio.create_task(asyncio.Event().wait()))
    connections = list(consumer._client._conns.values())
    await consumer.stop()
    assert not any(connection.connected() for connection in connections)


# -- aiokafka: a producer is closed without a flush --------------------------------------------------------


async def test_a_producer_that_runs_out_of_time_to_stop_leaves_no_connection(env: Environment) -> None:
    producer = kafka_clients.producer(env.settings, "test")
    await producer.start()
    await producer.partitions_for(env.topic("scale"))
    connections = list(producer.client._conns.values())
    assert any(connection.connected() for connection in connections)
    await stop(producer, within=0)
    assert not any(connection.connected() for connection in connections)


# -- FastStream ----------------------------------------------------------------------------------------------


def record(offset: int, *headers: tuple[str, Any]) -> Record:
    """A record of a topic."""
    return ConsumerRecord("scale", 0, offset, 0, 0, b"k", b"v", None, 1, 1, headers)


@pytest.fixture
def parser() -> AioKafkaBatchParser:
    """The parser that FastStream uses for a batch subscriber."""
    parser = AioKafkaBatchParser(KafkaAckableMessage, None)
    parser._setup(AIOKafkaConsumer.__new__(AIOKafkaConsumer))
    return parser


@pytest.mark.parametrize("value", [None, b"\xff\xfe"])
async def test_faststream_fails_on_a_header_that_is_not_text(parser: AioKafkaBatchParser, value: Any) -> None:
    with pytest.raises((AttributeError, UnicodeDecodeError)):
        await parser.parse_batch((record(0), record(1, ("h", value))))


async def test_a_batch_is_passed_on_with_all_records_and_headers(parser: AioKafkaBatchParser) -> None:
    batch = (record(0, ("h", None)), record(1, ("h", b"\xff\xfe")))
    message = await without_headers(batch, parser.parse_batch)
    assert message.raw_message == batch
    assert await undecoded(message) == batch


async def test_a_subscriber_has_its_consumer_while_it_runs(env: Environment) -> None:
    broker = kafka_clients.broker(env.settings, "test")
    subscriber = broker.subscriber(env.topic("scale"), batch=True, group_id=env.topic("test"))
    subscriber(_nothing)
    assert consumer_of(subscriber) is None
    await broker.start()
    consumer = consumer_of(subscriber)
    assert isinstance(consumer, AIOKafkaConsumer)

    async def assigned() -> bool:
        return len(consumer.assignment()) == toy.PARTITIONS["scale"]

    await until(assigned)
    await broker.stop()
    assert consumer_of(subscriber) is None


async def _nothing(_: Any) -> None:
    pass


# -- Uvicorn -------------------------------------------------------------------------------------------------


@pytest.fixture
def stopped_by() -> Iterator[list[int]]:
    """The signals that reach the program."""
    found: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: found.append(number))
    yield found
    signal.signal(signal.SIGTERM, before)


async def test_signals_reach_the_program_while_uvicorn_answers(stopped_by: list[int]) -> None:
    port = free_port()
    async with answering(Health(CollectorRegistry(), {}, {}), "127.0.0.1", port):

        async def answers() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        await until(answers)
        signal.raise_signal(signal.SIGTERM)
        assert stopped_by == [signal.SIGTERM]
        assert await answers()


# -- one module for each -------------------------------------------------------------------------------------


def test_internal_modules_of_each_library_are_imported_in_one_module_only() -> None:
    modules = r"aiokafka\.(?:protocol|client|conn|cluster|record)\b|\w+(?:\.\w+)*\._"
    internal = re.compile(rf"^\s*(?:from|import) (?:{modules})", re.M)
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("schemas", "shared", "services", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if internal.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"shared/aiokafka_internals.py"}


def test_libraries_whose_internals_are_used_have_upper_bounds() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for library in ("aiokafka", r"faststream\[kafka\]", "uvicorn"):
        assert re.search(rf'^    "{library}>=[\d.]+,<[\d.]+",', project, re.M)
