"""The environment of the toy service: its topics, its database, and what tests do with them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared.runtime.service import Runtime
from shared.settings import PREFIX, ServiceSettings
from tests.runtime import toy
from tools.embedded import choose

PATIENCE = 30.0
"""Seconds after which a waiting test fails."""


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - other processes send no signal
            await asyncio.sleep(0.02)


@dataclass
class Environment:
    """The environment of the toy service."""

    settings: ServiceSettings
    database: str
    admin: str
    """The address of the server's maintenance database, as the superuser."""
    london: date = date(2026, 12, 31)
    """The date in London, by the service's clock."""
    running: dict[Runtime, asyncio.Task[None]] = field(default_factory=dict)
    producer: AIOKafkaProducer | None = None

    def topic(self, short: str) -> str:
        """The full name of a topic."""
        return self.settings.topic_prefix + short

    def runtime(self, **changes: Any) -> Runtime:
        """The service, not running yet, with some settings changed."""
        settings = self.settings.model_copy(update=changes)
        return Runtime(toy.SERVICE, toy.Language(), settings, latest_day=lambda: self.london)

    async def run(self, runtime: Runtime | None = None, *, ready: bool = True, **changes: Any) -> Runtime:
        """Start the service and wait until it is ready."""
        runtime = runtime or self.runtime(**changes)
        self.running[runtime] = asyncio.create_task(runtime.run())
        if ready:
            await self.ready(runtime)
        return runtime

    async def ready(self, runtime: Runtime) -> None:
        """Wait until it is ready."""

        async def is_ready() -> bool:
            if self.running[runtime].done():
                self.running[runtime].result()
            # The days of most tests lie far behind London's date.
            return not set(await runtime.health.readiness()) - {"clock"}

        await until(is_ready)

    async def stop(self, runtime: Runtime) -> None:
        """Stop it gracefully."""
        runtime.stop()
        async with asyncio.timeout(PATIENCE):
            await self.running.pop(runtime)

    async def crash(self, runtime: Runtime) -> None:
        """End it without finishing anything."""
        task = self.running.pop(runtime)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def send(
        self,
        value: bytes | None,
        *,
        key: bytes | None = None,
        topic: str = "scale",
        partition: int | None = None,
        headers: Sequence[tuple[str, Any]] = (),
        at: int | None = None,
    ) -> None:
        """Publish a message, with Kafka's timestamp `at` or now, and wait until the broker has it."""
        if self.producer is None:
            self.producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka_bootstrap_servers)
            await self.producer.start()
        await self.producer.send_and_wait(
            self.topic(topic), value, key, partition, timestamp_ms=at, headers=list(headers)
        )

    async def new_producer(self) -> None:
        """Publish with another producer from now on, because this one's knowledge of the topics is old."""
        if self.producer is not None:
            await self.producer.stop()
            self.producer = None

    async def weigh(
        self, subject: str, kilograms: int, *, second: int = 0, partition: int | None = None
    ) -> None:
        """Publish the weight of a parcel."""
        value = toy.weighed(subject, kilograms, second=second)
        await self.send(value, key=subject.encode(), partition=partition)

    async def read(self, topic: str, number: int) -> list[ConsumerRecord[bytes, bytes]]:
        """The first `number` messages of a topic, as soon as they are there."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            places = [TopicPartition(self.topic(topic), p) for p in range(toy.PARTITIONS[topic])]
            consumer.assign(places)
            for place in places:
                consumer.seek(place, 0)
            found: list[ConsumerRecord[bytes, bytes]] = []
            async with asyncio.timeout(PATIENCE):
                while len(found) < number:
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += records
            return found
        finally:
            await consumer.stop()

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Query the service's database."""
        connection = await asyncpg.connect(self.database)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def discard_dead_letters(self) -> None:
        """Close all dead letters, as an operator does."""
        await self.fetch("update dead_letters set status = 'discarded' where status = 'open'")

    async def known(self) -> set[str]:
        """The parcels in the journal."""
        return {row["subject"] for row in await self.fetch("select subject from journal")}

    async def knows(self, *subjects: str) -> None:
        """Wait until all of these are in the journal."""

        async def all_known() -> bool:
            return set(subjects) <= await self.known()

        await until(all_known)


async def readiness_says(runtime: Runtime, part: str | None, *words: str) -> None:
    """Wait until readiness says all of this about a part (None: about any)."""
    said = ""

    async def says() -> bool:
        nonlocal said
        wrong = await runtime.health.readiness()
        said = wrong.get(part, "") if part else "; ".join(wrong.values())
        return all(word in said for word in words)

    try:
        await until(says)
    except TimeoutError:
        raise AssertionError(f"{part} said last: {said!r}") from None


class UndecodableName(str):
    """A header name that is not UTF-8, as some clients send it."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        """Bytes that are not UTF-8."""
        return b"\xff\xfe"


UNDECODABLE = b"odd"
"""The value of a record with a header name that is not UTF-8."""


async def send_undecodable_name(env: Environment, *values: bytes, partition: int) -> None:
    """Publish records in one batch; that with the value `UNDECODABLE` has a header name that is not UTF-8."""
    assert env.producer is not None
    batch = env.producer.create_batch()
    # Only the Python implementation of the record builder can write such a name.
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 16_384)
    for value in values or (UNDECODABLE,):
        headers = [(UndecodableName("h"), b"x")] if value == UNDECODABLE else []
        batch.append(timestamp=None, key=b"k" if value == UNDECODABLE else None, value=value, headers=headers)
    await (await env.producer.send_batch(batch, env.topic("scale"), partition=partition))


def settings_of(server: choose.Kafka, database: str, prefix: str) -> ServiceSettings:
    """The settings of the toy service on these servers."""
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value for name, value in server.client_settings.items()
    }
    return ServiceSettings(
        **given, database_url=database, topic_prefix=prefix, http_port=0, kafka_session_timeout_ms=6_000
    )
