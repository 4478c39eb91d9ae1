"""Kafka: from settings to clients, topics made, and which topic it is.

Every option of a client stands here with its reason; defaults that are right are left alone.
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
"""More than any record: the broker says what is too large, and the relay then sets that record aside."""

DEAD_LETTER_BYTES = 2 * 1024 * 1024
"""A dead letter is a message as it came, up to Kafka's 1 MiB, with headers that say why."""

LEADERS_SECONDS = 60.0
"""How long new topics may take until each partition has a leader."""

GRACE_SECONDS = 20.0
"""How long a stopping consumer waits for the batch in hand (FastStream's None or 0 would not wait)."""


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        return ssl.create_default_context(cafile=settings.kafka_ca_file)
    return None


def client_options(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    """What every aiokafka client is given."""
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
    """The FastStream broker of a service. It only consumes: what is published goes through the relay."""
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
        allow_auto_create_topics=False,  # it would make them with one partition and no copy
        graceful_timeout=GRACE_SECONDS,
        **options,
    )


def producer(settings: KafkaSettings, client_id: str) -> AIOKafkaProducer:
    """A producer that neither loses, doubles nor reorders: acks from all copies, idempotent."""
    return AIOKafkaProducer(
        **client_options(settings, client_id),
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        linger_ms=5,  # an outbox round is sent at once, so that larger batches cost next to nothing
        max_batch_size=256 * 1024,
        max_request_size=MAX_REQUEST_BYTES,
    )


async def create_topics(settings: KafkaSettings, partitions: Mapping[str, int]) -> list[str]:
    """Make the topics (full names) that are not there yet; returns their names.

    Returns when all of them can be seen and have a leader. Raises `KafkaError`, also when a topic is
    there with another number of partitions: a person's events would not meet in one instance.
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
                f"set PROBATION_KAFKA_PARTITIONS to {topic.partitions} if that is meant, "
                "or move to new topics (another PROBATION_TOPIC_PREFIX) and replay"
            )
    return missing


def _configs(name: str) -> dict[str, str]:
    return {"max.message.bytes": str(DEAD_LETTER_BYTES)} if name.endswith(".dead-letter") else {}


class Cluster:
    """What the cluster says of its topics; connects when first asked, and again after an error."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._options = client_options(settings, f"{client_id}-cluster")
        self._client: AIOKafkaClient | None = None
        self._one = asyncio.Lock()

    async def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """The topics of these (full) names that are there and can be used.

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
