"""Kafka clients made from the settings, and the topics: creating them and looking them up.

Each client option that differs from the default is here, with the reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaClient, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    CorruptRecordException,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    NoError,
    RecordTooLargeError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnsupportedCodecError,
    for_code,
)

from shared import aiokafka_internals, security
from shared.aiokafka_internals import Topic
from shared.settings import KafkaSettings

if TYPE_CHECKING:
    from faststream.kafka import KafkaBroker

MAX_REQUEST_BYTES = 8 * 1024 * 1024
"""Larger than any record: the broker rejects too large ones, and the relay makes them dead letters."""

DEAD_LETTER_BYTES = 2 * 1024 * 1024
"""A dead letter is the original message, up to Kafka's 1 MiB, plus headers that say why it was refused."""

BATCH = 4_000
"""The most messages in a batch. In a large batch, each person's case is loaded and written only once."""

FETCH_BYTES = 4 * 1024 * 1024
"""Bytes fetched from one partition: enough for a batch to have many messages about the same people."""

DAY_MS = 24 * 60 * 60 * 1000

RETENTION_DAYS = 400
"""How long topics keep messages: longer than any outage or the age of any backup to restore."""

FROM_SOURCES = "feeds."
"""How the topics begin on which other systems' messages arrive, as they send them."""

FROM_SOURCES_DAYS = 30
"""How long these keep them. They name people, and an erasure does not reach a topic; a feed that has taken a
message has its own copy, which it does reach."""

LEADERS_SECONDS = 60.0
"""How long new topics may take to get a leader for each partition."""

GRACE_SECONDS = 20.0
"""How long a stopping consumer waits for the current batch (FastStream's None or 0 would not wait)."""


def client_options(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    """The options common to all aiokafka clients."""
    return {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "client_id": client_id,
        **security.options(settings),
    }


def broker(settings: KafkaSettings, client_id: str, **options: Any) -> KafkaBroker:
    """The FastStream broker of a service. It only consumes; the relay publishes."""
    from faststream.kafka import KafkaBroker  # a third of a second, which other programs do not need

    return KafkaBroker(
        settings.kafka_bootstrap_servers.split(","),
        client_id=client_id,
        security=security.security(settings),
        sasl_oauth_token_provider=security.tokens(settings),
        consumer_only=True,
        apply_types=False,  # the handler gets the records as they are: no thread has to work out what it gets
        allow_auto_create_topics=False,  # they would have one partition and no replica
        graceful_timeout=GRACE_SECONDS,
        **options,
    )


def reading_options(settings: KafkaSettings) -> dict[str, Any]:
    """The options of a service's FastStream subscriber that say how it reads."""
    return {
        "max_records": BATCH,
        "batch_timeout_ms": 50,  # after an empty poll it sleeps for this time
        "auto_offset_reset": "none",  # a reset would pass over what retention removed or Kafka lost
        "isolation_level": "read_committed",
        "max_partition_fetch_bytes": FETCH_BYTES,
        "fetch_max_wait_ms": settings.kafka_fetch_max_wait_ms,
        "session_timeout_ms": settings.kafka_session_timeout_ms,
        "heartbeat_interval_ms": settings.kafka_session_timeout_ms // 10,
        "rebalance_timeout_ms": 60_000,  # the default of 10 s is too short to finish a batch
        "max_poll_interval_ms": 300_000,
        "partition_assignment_strategy": (RangePartitionAssignor,),
    }


def producer(settings: KafkaSettings, client_id: str) -> AIOKafkaProducer:
    """An idempotent producer with acks from all replicas: it never loses, duplicates or reorders records."""
    return AIOKafkaProducer(
        **client_options(settings, client_id),
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        max_batch_size=256 * 1024,
        max_request_size=MAX_REQUEST_BYTES,
    )


async def create_topics(settings: KafkaSettings, partitions: Mapping[str, int]) -> list[str]:
    """Create the topics (full names) that do not exist yet, and return their names.

    Waits until all of them are visible and have leaders. Raises `KafkaError`, also if a topic exists with
    another number of partitions, because one instance would then not get all of a person's events.
    """
    admin = AIOKafkaAdminClient(**client_options(settings, "topics"))
    await admin.start()
    try:
        missing = sorted(set(partitions) - set(await admin.list_topics()))
        replicas = settings.kafka_replication
        if missing:
            wanted = [
                NewTopic(name, partitions[name], replicas, topic_configs=topic_configs(name, replicas))
                for name in missing
            ]
            response = await admin.create_topics(wanted)
            for name, code, *rest in response.topic_errors:
                error = for_code(code)
                if error is TopicAlreadyExistsError:
                    missing.remove(name)
                elif error is not NoError:
                    raise error(f"{name}: {rest[0] if rest and rest[0] else error.description}")
    finally:
        await admin.close()
    cluster = Cluster(settings, "topics")
    try:
        until = time.monotonic() + LEADERS_SECONDS
        while set(seen := await cluster.topics(partitions)) != set(partitions):
            if time.monotonic() > until:
                names = ", ".join(sorted(set(partitions) - set(seen)))
                raise KafkaError(f"no leader within {LEADERS_SECONDS:.0f} s for {names}: are all brokers up?")
            await asyncio.sleep(0.05)
    finally:
        await cluster.close()
    for name, topic in seen.items():
        if topic.partitions != partitions[name]:
            raise KafkaError(
                f"topic {name} has {topic.partitions} partitions instead of {partitions[name]}: "
                f"set PROBATION_KAFKA_PARTITIONS to {topic.partitions} if that is intended, "
                "or move to new topics (another PROBATION_TOPIC_PREFIX) and replay"
            )
    return missing


def topic_configs(name: str, replicas: int) -> dict[str, str]:
    """The settings in Kafka with which a topic (full name) of so many replicas is created."""
    larger = {"max.message.bytes": str(DEAD_LETTER_BYTES)} if name.endswith(".dead-letter") else {}
    compact = {"cleanup.policy": "compact"} if name.endswith(".standing") else {}
    # What was acknowledged is on two brokers at least: all that are in sync may be one, by Kafka's default.
    safe = {"min.insync.replicas": str(replicas - 1)} if replicas > 2 else {}
    return {"retention.ms": str(_retention(name)), **safe, **larger, **compact}


def _retention(name: str) -> int:
    """How long a topic (full name) keeps its messages, in milliseconds; -1: for ever."""
    if name.startswith(FROM_SOURCES):
        return FROM_SOURCES_DAYS * DAY_MS
    # A service that was down for long must still find each day, and so little never needs to expire. What
    # stands is kept until it is withdrawn.
    return -1 if name.endswith(("clock", ".standing")) else RETENTION_DAYS * DAY_MS


async def other_retention(settings: KafkaSettings, names: Collection[str]) -> list[str]:
    """What is different about topics (full names) that do not keep their messages as `create_topics` says.

    Raises `KafkaError`.
    """
    admin = AIOKafkaAdminClient(**client_options(settings, "topics"))
    await admin.start()
    try:
        wanted = [
            ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": ""}) for name in sorted(names)
        ]
        answers = await admin.describe_configs(wanted)
    except KafkaConnectionError:
        return []  # the embedded broker hangs up; it removes nothing
    finally:
        await admin.close()
    found = []
    for answer in answers:
        for error, _, _, name, configs in answer.resources:
            for _, value, *_ in configs if error == 0 else ():
                if int(value) != _retention(name):
                    found.append(
                        f"{name} keeps messages {_duration(int(value))} instead of "
                        f"{_duration(_retention(name))}: set its retention.ms to {_retention(name)}"
                    )
    return found


def _duration(milliseconds: int) -> str:
    return "for ever" if milliseconds < 0 else f"for {milliseconds / DAY_MS:g} days"


_REMEDIES: Mapping[type[Exception], str] = {
    UnsupportedCodecError: "no library for its compression is installed: install this release's dependencies",
    CorruptRecordException: "the records are damaged: restore the broker's disk, or see docs/operations.md",
    RecordTooLargeError: "a record is larger than a fetch: lower max.message.bytes of the topic",
    TopicAuthorizationFailedError: "this user may not read the topic: grant Read on it",
    ClusterAuthorizationFailedError: "this user may write to no topic: grant Write on what it publishes",
    GroupAuthorizationFailedError: "this user may not use the consumer group: grant Read on it",
}


def explain(fault: Exception) -> str:
    """What is wrong with Kafka, and what to do, without any value from a record."""
    words = next((words for kind, words in _REMEDIES.items() if isinstance(fault, kind)), None)
    name = type(fault).__name__
    if words is None and isinstance(fault, KafkaError):
        return f"{name}: {fault}" if str(fault) != name else name
    return f"{words} ({name})" if words else f"its records cannot be read ({name}): see docs/operations.md"


class Cluster:
    """Looks up topics in the cluster. Connects on first use, and reconnects after an error."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._options = client_options(settings, f"{client_id}-cluster")
        self._client: AIOKafkaClient | None = None
        self._one = asyncio.Lock()

    async def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Those of the topics (full names) that exist and can be used.

        Raises `KafkaError`, `OSError` or `TimeoutError` if no broker answers.
        """
        return {name: topic for name, topic in (await self.look(names)).items() if topic.wrong is None}

    async def unusable(self, names: Collection[str]) -> dict[str, str]:
        """Why each of the topics that cannot be used cannot, in words. Raises as `topics` does."""
        seen = await self.look(names)
        return {name: topic.wrong for name, topic in sorted(seen.items()) if topic.wrong is not None}

    async def look(self, names: Collection[str]) -> dict[str, Topic]:
        """The topics as they are, also those that cannot be used. Raises as `topics` does."""
        async with self._one:
            try:
                client = await self._connected()
                return await aiokafka_internals.topics(client, names)
            except BaseException:
                await self._drop()
                raise

    async def close(self) -> None:
        """Disconnect."""
        async with self._one:
            await self._drop()

    async def _connected(self) -> AIOKafkaClient:
        if self._client is None:
            self._client = await aiokafka_internals.connect(self._options, request_timeout_ms=5_000)
        return self._client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
