"""Kafka clients made from the settings, and the topics: creating them and looking them up.

Each client option that differs from the default is here, with the reason.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka import AIOKafkaClient, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512

from shared import aiokafka_internals
from shared.aiokafka_internals import Topic
from shared.settings import KafkaSettings

MAX_REQUEST_BYTES = 8 * 1024 * 1024
"""Larger than any record: the broker rejects too large ones, and the relay makes them dead letters."""

DEAD_LETTER_BYTES = 2 * 1024 * 1024
"""A dead letter is the original message, up to Kafka's 1 MiB, plus headers that say why it was refused."""

LEADERS_SECONDS = 60.0
"""How long new topics may take to get a leader for each partition."""

GRACE_SECONDS = 20.0
"""How long a stopping consumer waits for the current batch (FastStream's None or 0 would not wait)."""


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        return ssl.create_default_context(cafile=settings.kafka_ca_file)
    return None


def client_options(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    """The options common to all aiokafka clients."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "client_id": client_id,
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": _tls(settings),
    }
    if settings.kafka_password is not None:
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return options


def broker(settings: KafkaSettings, client_id: str, **options: Any) -> KafkaBroker:
    """The FastStream broker of a service. It only consumes; the relay publishes."""
    security: BaseSecurity | None = None
    if settings.kafka_password is not None:
        password = settings.kafka_password.get_secret_value()
        security = SASLScram512(
            username=settings.kafka_username or "",
            password=password,
            ssl_context=_tls(settings),
            use_ssl=settings.kafka_security_protocol == "SASL_SSL",
        )
    elif settings.kafka_security_protocol == "SSL":
        security = BaseSecurity(ssl_context=_tls(settings), use_ssl=True)
    return KafkaBroker(
        settings.kafka_bootstrap_servers.split(","),
        client_id=client_id,
        security=security,
        consumer_only=True,
        allow_auto_create_topics=False,  # they would have one partition and no replica
        graceful_timeout=GRACE_SECONDS,
        **options,
    )


def producer(settings: KafkaSettings, client_id: str) -> AIOKafkaProducer:
    """An idempotent producer with acks from all replicas: it never loses, duplicates or reorders records."""
    return AIOKafkaProducer(
        **client_options(settings, client_id),
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        linger_ms=5,  # the relay sends many rows at once, so larger batches add almost no delay
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
        if missing:
            wanted = [
                NewTopic(name, partitions[name], settings.kafka_replication, topic_configs=_configs(name))
                for name in missing
            ]
            response = await admin.create_topics(wanted)
            for name, code, *rest in response.topic_errors:
                error = for_code(code)
                if error not in (NoError, TopicAlreadyExistsError):
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


def _configs(name: str) -> dict[str, str]:
    if name.endswith(".dead-letter"):
        return {"max.message.bytes": str(DEAD_LETTER_BYTES)}
    return {"cleanup.policy": "compact"} if name.endswith(".standing") else {}


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
