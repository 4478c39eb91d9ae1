"""The topics of the system."""

from feeds.registry import ADAPTERS, topic_of
from schemas.topics import (
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
    topics |= {name(service, prefix): count for service in SERVICES for name in about}
    # A feed takes one message after the other, in the order in which they were sent.
    return topics | {topic_of(feed): 1 for feed in ADAPTERS}
