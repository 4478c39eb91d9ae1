"""Reads everything that the services have published, from their topics, as any subscriber could."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import language
from schemas.catalogue import SERVICES, partitions, standing_topic, topic_name
from schemas.envelope import Refused, UnknownType
from shared.answers.standing import Standing
from shared.kafka import client_options
from shared.settings import KafkaSettings


async def everything_published(settings: KafkaSettings) -> Standing:
    """What stands and what was withdrawn, as of now.

    The compacted topics tell what stands, however old; the services' own topics what was withdrawn since
    they began to be kept. Events of an unknown type, as of a newer release, are left out.
    """
    found = Standing()
    consumer = AIOKafkaConsumer(
        **client_options(settings, "report"), auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        for name in (standing_topic, topic_name):
            topics = [name(service, settings.topic_prefix) for service in SERVICES]
            await _read(consumer, _partitions(topics, settings), found)
    finally:
        await consumer.stop()
    return found


def _partitions(topics: Sequence[str], settings: KafkaSettings) -> list[TopicPartition]:
    counts = dict(zip(topics, SERVICES, strict=True))
    return [
        TopicPartition(topic, number)
        for topic, service in counts.items()
        for number in range(partitions(service, settings.kafka_partitions))
    ]


async def _read(consumer: AIOKafkaConsumer, places: list[TopicPartition], found: Standing) -> None:
    """Read these partitions from their beginning to where they end now."""
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                if record.value is None:
                    continue  # it no longer stands
                try:
                    found.take(language.read(record.value, ())[0])
                except (Refused, UnknownType):
                    continue
