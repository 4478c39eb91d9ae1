"""A subscriber to what the services publish. It reads only the topics, as anybody could."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.parsing import parse
from schemas.topics import SERVICES, partitions, topic_name
from shared.answers.standing import Standing
from shared.kafka import client_options
from shared.settings import KafkaSettings


class Follower:
    """Everything published so far, and how many events each service has published."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.count: Counter[str] = Counter()

    def take(self, value: bytes) -> None:
        """Process one message. A duplicate changes nothing."""
        before = len(self.standing.published)
        event = parse(value)
        self.standing.take(event)
        self.count[event.source.rpartition("/")[2]] += len(self.standing.published) - before

    async def follow(self, settings: KafkaSettings) -> None:
        """Read everything that the services publish, from the beginning, until cancelled."""
        consumer = AIOKafkaConsumer(
            **client_options(settings, "demo"),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
        )
        await consumer.start()
        try:
            consumer.assign(_all_partitions(settings))
            while True:
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    for record in records:
                        self.take(record.value)
                await asyncio.sleep(0)
        finally:
            await consumer.stop()


def _all_partitions(settings: KafkaSettings) -> Sequence[TopicPartition]:
    return [
        TopicPartition(topic_name(service, settings.topic_prefix), n)
        for service in SERVICES
        for n in range(partitions(service, settings.kafka_partitions))
    ]
