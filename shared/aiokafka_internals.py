"""All uses of undocumented parts of aiokafka, with the reason for each.

- **Metadata version 12**, which aiokafka 0.14 does not support, gives the id of each topic. A topic that was
  deleted and recreated has the same name and starts again at offset 0, but has a new id. Only the id tells a
  consumer that its stored offsets are no longer valid. Apache Kafka supports version 12 since 3.0, and so
  does the embedded broker. Source: Kafka's protocol guide, Metadata API (key 3), and KIP-516.
- **`getmany` of one consumer is replaced**, because some records make it raise every time.
- **One connection is opened by itself** when a client could not connect, because the client does not tell a
  refused password from a broker that is away.
- **A producer's client is closed without the producer**, because `stop` would flush first, and an idempotent
  producer waits forever for a lost broker.

`pyproject.toml` keeps aiokafka below the next minor version, and `tests/runtime/test_library_internals.py`
shows what an upgrade breaks.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

from aiokafka import AIOKafkaClient, AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

log = logging.getLogger(__name__)

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Found: TypeAlias = dict[TopicPartition, list[Record]]


@dataclass(frozen=True)
class Topic:
    """A topic as it is in the cluster now: the id that Kafka gave it, and its number of partitions."""

    id: str
    partitions: int


async def connect(options: Mapping[str, Any], request_timeout_ms: int) -> AIOKafkaClient:
    """A connected client for requests that consumers and producers do not make.

    Raises `KafkaError` or `OSError` if no broker answers, `SaslAuthenticationFailed` if one refuses the user.
    """
    client = AIOKafkaClient(**options, request_timeout_ms=request_timeout_ms)
    try:
        await client.bootstrap()
    except BaseException:
        await client.close()
        await _raise_refusal(options, request_timeout_ms)
        raise
    return client


async def _raise_refusal(options: Mapping[str, Any], request_timeout_ms: int) -> None:
    """Raise `SaslAuthenticationFailed` if a broker refuses the user: the client only says "no answer"."""
    if "sasl_mechanism" not in options:
        return
    alike = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    for host, port, _ in collect_hosts(options["bootstrap_servers"]):
        try:
            connection = await create_conn(host, port, request_timeout_ms=request_timeout_ms, **alike)
        except SaslAuthenticationFailed:
            raise
        except (KafkaError, OSError, TimeoutError):
            continue
        connection.close()


async def topics(client: AIOKafkaClient, names: Collection[str]) -> dict[str, Topic]:
    """Those of the named topics that exist and have a leader for every partition."""
    node = client.get_random_node()
    if node is None:
        raise KafkaError("no broker is known")
    response = await client.send(node, MetadataWithIds(sorted(names)))
    found = {}
    for code, name, id, _internal, partitions, *_ in response.topics:
        usable = all(p[0] == 0 and p[2] >= 0 for p in partitions)
        if code == 0 and partitions and usable:
            found[name] = Topic(id, len(partitions))
    return found


async def stop(producer: AIOKafkaProducer, within: float) -> None:
    """Stop a producer within `within` seconds, without waiting longer for acknowledgements."""
    try:
        async with asyncio.timeout(within):
            await producer.stop()
    except (KafkaError, TimeoutError):
        await producer.client.close()


class _Uuid(AbstractType[str]):  # type: ignore[misc]
    @classmethod
    def encode(cls, value: str) -> bytes:
        return uuid.UUID(value).bytes

    @classmethod
    def decode(cls, data: BytesIO) -> str:
        return str(uuid.UUID(bytes=data.read(16)))


_NONE = str(uuid.UUID(int=0))
_TAGS = ("tags", TaggedFields)
_STRING = CompactString()
_NODES = CompactArray(Int32)


class _Response(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node", Int32), ("host", _STRING), ("port", Int32), ("rack", _STRING), _TAGS),
        ),
        ("cluster_id", _STRING),
        ("controller", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", _STRING),
                ("id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", _NODES),
                        ("isr", _NODES),
                        ("offline_replicas", _NODES),
                        _TAGS,
                    ),
                ),
                ("authorized_operations", Int32),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _RequestV12(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        ("topics", CompactArray(("id", _Uuid), ("name", _STRING), _TAGS)),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        _TAGS,
    )


class MetadataWithIds(Request[_RequestV12]):  # type: ignore[misc]
    """Ask for these topics, without creating those that do not exist."""

    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_RequestV12]) -> _RequestV12:
        """The request as it is sent."""
        return request_struct_class([(_NONE, name, {}) for name in self._names], False, False, {})


class UnreadableRecords:
    """Lets a consumer skip records that aiokafka cannot read and would retry forever.

    If the name of a header is not UTF-8 (kcat can send one), `getmany` raises `UnicodeDecodeError`, and the
    records that it had already fetched from other partitions would be lost. So all partitions are rewound to
    `positions`, the offsets processed so far. Then records are read one at a time up to the one that raises.
    `dead_letter` makes that one a dead letter, and returns whether it did.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        positions: Callable[[], Mapping[TopicPartition, int]],
        dead_letter: Callable[[Record], Awaitable[bool]],
    ) -> None:
        self._consumer = consumer
        self._positions = positions
        self._dead_letter = dead_letter
        self._singly = False
        self._read = consumer.getmany
        consumer.getmany = self._getmany

    async def _getmany(self, **options: Any) -> Found:
        if self._singly:
            return await self._read_one()
        try:
            found: Found = await self._read(**options)
        except UnicodeDecodeError:
            log.warning("reading one record at a time, up to one that cannot be read")
            self._singly = True
            self._rewind()
            return {}
        except Exception:
            self._rewind()
            raise
        return found

    def _rewind(self) -> None:
        for partition, offset in self._positions().items():
            self._consumer.seek(partition, offset)

    async def _read_one(self) -> Found:
        for partition in self._consumer.assignment() - self._consumer.paused():
            try:
                found: Found = await self._read(partition, timeout_ms=0, max_records=1)
            except UnicodeDecodeError:
                await self._skip(partition)
                return {}
            if found:
                return found
        return {}  # the caller waits a little, and meanwhile the records are fetched again

    async def _skip(self, partition: TopicPartition) -> None:
        offset = await self._consumer.position(partition)
        unknown = ConsumerRecord(*partition, offset, 0, 0, None, None, None, -1, -1, ())
        if await self._dead_letter(unknown) and partition in self._consumer.assignment():
            self._consumer.seek(partition, offset + 1)
            self._singly = False
