"""Reads what the services have published, and the facts that answers use, as any subscriber could."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused, UnknownType
from schemas.topics import SERVICES, standing_topic, topic_name
from shared.answers.standing import FACTS, MERGED, Standing
from shared.kafka import Cluster, client_options
from shared.settings import KafkaSettings

FEEDS = tuple(sorted({topic for type in (*FACTS, MERGED) for topic in CATALOGUE[type].topics}))
"""The feeds whose facts answers use."""


async def everything_published(settings: KafkaSettings) -> Standing:
    """What stands and what was withdrawn, as of now.

    The compacted topics tell what stands, however old; the services' own topics what was withdrawn since
    they began to be kept; those of feeds what courts know, and whose records were merged. Events of an
    unknown type, as of a newer release, are left out.

    Raises `KafkaError`, `OSError` or `TimeoutError` if no broker answers, `LookupError` if a topic cannot be
    used.
    """
    kinds = ((standing_topic, SERVICES), (topic_name, SERVICES), (topic_name, FEEDS))
    names = [[name(short, settings.topic_prefix) for short in some] for name, some in kinds]
    topics = await _topics(settings, [name for some in names for name in some])
    found = Standing()
    consumer = AIOKafkaConsumer(
        **client_options(settings, "report"), auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        for some in names:
            await _read(consumer, [place for name in some for place in topics[name]], found)
    finally:
        await consumer.stop()
    return found


async def _topics(settings: KafkaSettings, names: Sequence[str]) -> dict[str, list[TopicPartition]]:
    """The partitions of each topic, as they are."""
    cluster = Cluster(settings, "report")
    try:
        known = await cluster.look(names)
    finally:
        await cluster.close()
    for name, topic in known.items():
        if topic.wrong is not None:
            raise LookupError(f"topic {name}: {topic.wrong}")
    return {
        name: [TopicPartition(name, number) for number in range(topic.partitions)]
        for name, topic in known.items()
    }


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
