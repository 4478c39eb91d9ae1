"""Every use of parts of aiokafka that its documentation does not promise, each with its reason.

- **Metadata in version 12**, which aiokafka 0.14 does not speak: it gives each topic's id. A topic that was
  deleted and made anew has the same name and begins at offset 0 again, but has another id; by that alone a
  consumer can tell that its stored offsets mean nothing any more. Apache Kafka answers version 12 since
  3.0, and the embedded broker does too. Source: Kafka's protocol guide, Metadata API (key 3), and KIP-516.
- **`getmany` of one consumer is replaced**: some records raise there, again and again.
- **A producer's client is closed without the producer**: `stop` would flush first, and an idempotent
  producer waits for a lost broker without end.

`pyproject.toml` holds aiokafka below the next minor version; `tests/runtime/test_library_internals.py` tells
what an upgrade breaks.
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
from aiokafka.errors import KafkaError
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
    """A topic as the cluster has it now: Kafka's id of this very topic, and its number of partitions."""

    id: str
    partitions: int


async def connect(options: Mapping[str, Any], request_timeout_ms: int) -> AIOKafkaClient:
    """A connected client for requests that no consumer or producer makes.

    Raises `KafkaError` or `OSError` if no broker answers.
    """
    client = AIOKafkaClient(**options, request_timeout_ms=request_timeout_ms)
    try:
        await client.bootstrap()
    except BaseException:
        await client.close()
        raise
    return client


async def topics(client: AIOKafkaClient, names: Collection[str]) -> dict[str, Topic]:
    """The topics of these names that are there and of which every partition has a leader."""
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
    """Stop a producer in so many seconds; what is not acknowledged by then is not waited for."""
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
    """Ask for these topics. A topic that is not there is not made by asking."""

    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_RequestV12]) -> _RequestV12:
        """The request as it goes over the wire."""
        return request_struct_class([(_NONE, name, {}) for name in self._names], False, False, {})


class UnreadableRecords:
    """Leads a consumer around records that aiokafka cannot read, and would try again for ever.

    A header's name that is not UTF-8 (kcat can send it) raises `UnicodeDecodeError` from `getmany`,
    and what it had taken of other partitions until then would be lost: so all go back to the `positions`
    of what was taken. Then records are read one by one, up to the one that raises; `set_aside` makes it a
    dead letter, and says whether it did.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        positions: Callable[[], Mapping[TopicPartition, int]],
        set_aside: Callable[[Record], Awaitable[bool]],
    ) -> None:
        self._consumer = consumer
        self._positions = positions
        self._set_aside = set_aside
        self._singly = False
        self._read = consumer.getmany
        consumer.getmany = self._getmany

    async def _getmany(self, **options: Any) -> Found:
        if self._singly:
            return await self._one()
        try:
            found: Found = await self._read(**options)
        except UnicodeDecodeError:
            log.warning("reading record by record, up to one that cannot be read")
            self._singly = True
            self._go_back()
            return {}
        except Exception:
            self._go_back()
            raise
        return found

    def _go_back(self) -> None:
        for partition, offset in self._positions().items():
            self._consumer.seek(partition, offset)

    async def _one(self) -> Found:
        for partition in self._consumer.assignment() - self._consumer.paused():
            try:
                found: Found = await self._read(partition, timeout_ms=0, max_records=1)
            except UnicodeDecodeError:
                await self._pass(partition)
                return {}
            if found:
                return found
        return {}  # the caller waits a little; meanwhile the records are fetched again

    async def _pass(self, partition: TopicPartition) -> None:
        offset = await self._consumer.position(partition)
        unknown = ConsumerRecord(*partition, offset, 0, 0, None, None, None, -1, -1, ())
        if await self._set_aside(unknown) and partition in self._consumer.assignment():
            self._consumer.seek(partition, offset + 1)
            self._singly = False
