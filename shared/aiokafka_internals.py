"""All uses of undocumented parts of aiokafka, with the reason for each.

- **Metadata version 12**, which aiokafka 0.14 does not support, gives the id of each topic. A topic that was
  deleted and recreated has the same name and starts again at offset 0, but has a new id. Only the id tells a
  consumer that its stored offsets are no longer valid. Apache Kafka supports version 12 since 3.0, and so
  does the embedded broker. Source: Kafka's protocol guide, Metadata API (key 3), and KIP-516.
- **A batch is fetched and read by our own calls** (`lenient`), because aiokafka cannot read past a header
  name that is not UTF-8. The replaced `getmany` is in `shared/runtime/reading.py`.
- **A position is read without waiting** for it to be known.
- **What has been fetched is known without asking each partition** (`fetched`, `arrival`): a service reads
  dozens, and mostly one or two have something.
- **One connection is opened by itself** when a client could not connect, because the client does not tell a
  refused password or certificate from a broker that is away.
- **A consumer can be stopped at any time** (`_stop_consumer`). aiokafka cancels its own tasks and awaits
  them: the `CancelledError` of one that had not begun yet would reach whoever stops the consumer.
- **A producer asks before each request with records** (`ask_before_sending`). Records wait inside it, and
  those of a relay that was paused may no longer be sent when it wakes up.
- **A producer's client is closed without the producer**, because `stop` would flush first, and an idempotent
  producer waits forever for a lost broker.

`pyproject.toml` keeps aiokafka below the next minor version, and `tests/runtime/test_library_internals.py`
shows what an upgrade breaks.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from ssl import SSLError
from typing import Any, TypeAlias

from aiokafka import AIOKafkaClient, AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    KafkaError,
    NoError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
    for_code,
)
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

from shared.security import TlsFailed, TokenUnavailable
from shared.waiting import Abandoned, cancel, unless_cancelled

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Found: TypeAlias = dict[TopicPartition, list[Record]]


@dataclass(frozen=True)
class Topic:
    """A topic as it is in the cluster now: the id that Kafka gave it, and its number of partitions.

    `wrong` says why it cannot be used at the moment, if so.
    """

    id: str
    partitions: int
    wrong: str | None = None

    @property
    def exists(self) -> bool:
        """Whether the broker knows it, and lets this user see it."""
        return self.partitions > 0


async def connect(options: Mapping[str, Any], request_timeout_ms: int) -> AIOKafkaClient:
    """A connected client for requests that consumers and producers do not make.

    Raises `KafkaError` or `OSError` if no broker answers, and what `_raise_refusal` does if one refuses.
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
    """Raise what keeps a broker and the client from knowing each other: the client only says "no answer".

    That is `SaslAuthenticationFailed` if a broker refuses the user, `TlsFailed` if one of them does not trust
    the other's certificate, and whatever the provider of tokens raises.
    """
    if options["security_protocol"] == "PLAINTEXT":
        return
    alike = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    for host, port, _ in collect_hosts(options["bootstrap_servers"]):
        try:
            connection = await create_conn(host, port, request_timeout_ms=request_timeout_ms, **alike)
        except (SaslAuthenticationFailed, UnsupportedSaslMechanismError, TokenUnavailable):
            raise
        except (KafkaError, OSError, TimeoutError) as fault:
            for cause in (fault, fault.__cause__):
                if isinstance(cause, SSLError):
                    raise TlsFailed(cause) from None
            continue
        connection.close()


async def topics(client: AIOKafkaClient, names: Collection[str]) -> dict[str, Topic]:
    """The named topics as they are now, also those that cannot be used."""
    node = client.get_random_node()
    if node is None:
        raise KafkaError("no broker is known")
    response = await client.send(node, MetadataWithIds(sorted(names)))
    return {
        name: Topic(id, len(partitions), _wrong(code, partitions))
        for code, name, id, _internal, partitions, *_ in response.topics
    }


def _wrong(code: int, partitions: Collection[Any]) -> str | None:
    error = for_code(code)
    if error is TopicAuthorizationFailedError:
        return "this user may not use it: grant Describe, and Read or Write"
    if error is not NoError or not partitions:
        return "it does not exist: create it with `probation topics create`"
    leaderless = sorted(p[1] for p in partitions if p[0] != 0 or p[2] < 0)
    if leaderless:
        return f"partition {leaderless[0]} has no leader: are all brokers up?"
    return None


def position_of(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    """The offset of the next record that the consumer will give; None if it does not know yet.

    `position` would wait until it knows.
    """
    subscription = consumer._subscription.subscription  # noqa: SLF001
    assignment = subscription.assignment if subscription is not None else None
    state = assignment.state_value(partition) if assignment is not None else None
    return state.position if state is not None and state.has_valid_position else None


def fetched(consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    """The partitions of which records, or a fault, have been fetched and not been taken; also paused ones."""
    return [*consumer._fetcher._records]  # noqa: SLF001


async def arrival(consumer: AIOKafkaConsumer, within: float) -> None:
    """Wait up to `within` seconds until something more has been fetched."""
    waiter = consumer._fetcher._create_fetch_waiter()  # noqa: SLF001
    await asyncio.wait([waiter], timeout=within)
    if not waiter.cancel() and not waiter.cancelled():
        waiter.exception()  # of the group: the next request for records raises it again


_stop = AIOKafkaConsumer.stop


async def _stop_consumer(self: AIOKafkaConsumer) -> None:
    try:
        await unless_cancelled(_stop(self))
    except Abandoned:
        if self._fetcher is not None:
            await cancel(self._fetcher._fetch_task, *self._fetcher._pending_tasks)  # noqa: SLF001
        await self._client.close()


AIOKafkaConsumer.stop = _stop_consumer


async def stop(producer: AIOKafkaProducer, within: float) -> None:
    """Stop a producer within `within` seconds, without waiting longer for acknowledgements."""
    try:
        async with asyncio.timeout(within):
            await producer.stop()
    except (KafkaError, TimeoutError):
        await producer.client.close()


def ask_before_sending(producer: AIOKafkaProducer, ask: Callable[[], Awaitable[None]]) -> None:
    """Let the producer await `ask` right before each request with records.

    If that raises a `KafkaError` that cannot be retried, the records of the request fail with it.
    """
    client = producer.client
    send = client.send

    async def asking(node: int, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await client.ready(node)  # to connect may take long: `send` does not wait any more
            await ask()
        return await send(node, request, **options)

    client.send = asking


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


# -- batches with header names that are not UTF-8 ----------------------------------------------------------

_FETCH_BYTES = 8 * 1024 * 1024


async def lenient(
    consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int
) -> tuple[list[tuple[Record, bool]], int]:
    """Read the batch that contains `offset`, from there to its end, whatever its header names are.

    Returns each record with whether its header names are UTF-8, and the offset after the batch; no records
    if the log ends there. Raises `KafkaError` if the broker does not return the batch, or whatever reading
    the batch raises.
    """
    client = consumer._client  # noqa: SLF001 - no other has its connections
    node = client.cluster.leader_for_partition(partition)
    if node is None or node < 0:
        raise KafkaError("the partition has no leader")
    # One batch is enough; more than one byte is returned if the first batch is longer.
    wanted = [(partition.topic, [(partition.partition, offset, 1)])]
    request = FetchRequest(100, 1, _FETCH_BYTES, 1, wanted)
    # The other connection may be busy for half a second, because the broker waits for messages.
    response = await client.send(node, request, group=ConnectionGroup.COORDINATION)
    [(_, [(_, code, *_, data)])] = response.topics
    if code != 0:
        raise for_code(code)()
    batch = _Records(data).next_batch()
    if batch is None:
        return [], offset
    records = [
        (_consumer_record(partition, record), not any(isinstance(n, _Name) for n, _ in record.headers))
        for record in batch.leniently()
        if record.offset >= offset
    ]
    return records, batch.next_offset


def _consumer_record(partition: TopicPartition, record: Any) -> Record:
    sizes = (-1 if part is None else len(part) for part in (record.key, record.value))
    at = (record.offset, record.timestamp, record.timestamp_type)
    headers = tuple((str(name), value) for name, value in record.headers)
    return ConsumerRecord(*partition, *at, record.key, record.value, None, *sizes, headers)


class _Name(str):
    """The name of a header that is not UTF-8, made readable."""

    __slots__ = ()


class _Bytes(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        try:
            return super().decode(encoding, errors)
        except UnicodeDecodeError:
            return _Name(super().decode(encoding, "backslashreplace"))


class _Buffer(bytearray):
    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Bytes(found) if isinstance(at, slice) else found


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]
    def leniently(self) -> Iterator[Any]:
        self._maybe_uncompress()
        self._buffer: bytearray = _Buffer(self._buffer)
        return iter(self)


class _Records(_MemoryRecordsPy):  # type: ignore[misc]
    def next_batch(self) -> _Batch | None:
        return None if self._next_slice is None else _Batch(self._next_slice)
