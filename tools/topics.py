"""The topics of the system."""

from schemas.catalogue import (
    SERVICES,
    TOPICS,
    dead_letter_topic,
    partitions,
    standing_topic,
    topic_name,
    warning_topic,
)
from shared.settings import KafkaSettings


def all_topics(settings: KafkaSettings) -> dict[str, int]:
    """Every topic of the system with its number of partitions."""
    prefix, count = settings.topic_prefix, settings.kafka_partitions
    topics = {topic_name(short, prefix): partitions(short, count) for short in TOPICS}
    about = (dead_letter_topic, standing_topic, warning_topic)
    return topics | {name(service, prefix): count for service in SERVICES for name in about}
