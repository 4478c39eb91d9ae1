"""A subscriber to what the services publish. It reads only the topics, as anybody could."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.catalogue import SERVICES, partitions, topic_name
from schemas.envelope import CloudEvent, Withdrawn
from schemas.parsing import parse
from shared.kafka import client_options
from shared.settings import KafkaSettings


class Follower:
    """Everything published so far: what stands, and what was withdrawn and why."""

    def __init__(self) -> None:
        self.published: list[CloudEvent[Any]] = []
        self.standing: dict[str, CloudEvent[Any]] = {}
        self.withdrawn: list[tuple[CloudEvent[Any], str]] = []
        self.count: Counter[str] = Counter()
        """The number of events that each service has published."""
        self._seen: set[str] = set()

    def take(self, value: bytes) -> None:
        """Process one message. A duplicate changes nothing."""
        event = parse(value)
        if event.id in self._seen:
            return
        self._seen.add(event.id)
        self.published.append(event)
        self.count[event.source.rpartition("/")[2]] += 1
        if not isinstance(event.data, Withdrawn):
            self.standing[event.id] = event
        elif (before := self.standing.pop(event.data.withdraws, None)) is not None:
            self.withdrawn.append((before, event.data.reason))

    def events(self, *types: str) -> list[CloudEvent[Any]]:
        """The events of these types that stand."""
        return [event for event in self.standing.values() if event.type in types]

    def all(self, type: str) -> list[CloudEvent[Any]]:
        """The events of a type that stand, and those that were resolved or ended."""
        closed = [e for e, reason in self.withdrawn if e.type == type and reason in ("resolved", "ended")]
        return [*self.events(type), *closed]

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
