"""All topics of the four services under a prefix of their own, for one measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.topics import SERVICES, TOPICS, dead_letter_topic, partitions, standing_topic, warning_topic
from shared import kafka
from tools.bench.world import HEADERS, PARTITIONS, World

Message = tuple[str, bytes | None, bytes]
"""Topic (short name), key and value."""


@dataclass
class Topics:
    """These topics, and how many messages were sent to each (short name)."""

    world: World
    prefix: str
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    sent: Counter[str] = field(default_factory=Counter)

    @classmethod
    @asynccontextmanager
    async def made(cls, world: World, prefix: str) -> AsyncIterator[Topics]:
        """New topics."""
        settings = world.settings(prefix)
        wanted = {prefix + topic: partitions(topic, PARTITIONS) for topic in TOPICS}
        for about in (dead_letter_topic, standing_topic, warning_topic):
            wanted |= {about(name, prefix): PARTITIONS for name in SERVICES}
        await kafka.create_topics(settings, wanted)
        producer = kafka.producer(settings, "bench")
        consumer = AIOKafkaConsumer(**kafka.client_options(settings, "bench"))
        async with AsyncExitStack() as stack:
            for client in (producer, consumer):
                await client.start()
                stack.push_async_callback(client.stop)
            yield cls(world, prefix, producer, consumer)

    async def send(self, messages: Sequence[Message], at: datetime | None = None) -> None:
        """Publish these messages in order, as if at this time, and wait until the broker has them."""
        timestamp = None if at is None else int(at.timestamp() * 1_000)
        for topic, key, value in messages:
            await self.producer.send(self.prefix + topic, value, key, headers=HEADERS, timestamp_ms=timestamp)
            self.sent[topic] += 1
        await self.producer.flush()

    async def published(self) -> dict[str, int]:
        """How many events each service has published."""
        of = {name: [TopicPartition(self.prefix + name, n) for n in range(PARTITIONS)] for name in SERVICES}
        ends = await self.consumer.end_offsets([place for places in of.values() for place in places])
        return {name: sum(ends[place] for place in places) for name, places in of.items()}
