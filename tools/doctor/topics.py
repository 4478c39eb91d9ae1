"""The topics: whether they can be used, whether somebody reads them, and who lags behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from feeds.registry import ADAPTERS, topic_of
from schemas.topics import TOPICS, topic_name
from shared.kafka import Cluster, client_options
from shared.settings import KafkaSettings
from tools.cli import errors
from tools.doctor.part import Part
from tools.doctor.services import Offsets
from tools.services import BY_NAME
from tools.topics import all_topics
from tools.wording import counted

PAUSE_SECONDS = 2.0
"""Who lags is looked at again after so long: a reader that has moved on is at work."""


@dataclass(frozen=True)
class Found:
    """The topics as they are. `ends` and `starts` are offsets, by topic (full name) and partition."""

    wrong: Mapping[str, str]
    starts: Mapping[tuple[str, int], int]
    ends: Mapping[tuple[str, int], int]


async def look(settings: KafkaSettings) -> Found:
    """The system's topics, and those of the feeds. Raises `UserError` if no broker answers."""
    wanted = all_topics(settings)
    with errors.kafka(settings):
        cluster = Cluster(settings, "doctor")
        try:
            known = await cluster.look(wanted)
        finally:
            await cluster.close()
        places = [
            TopicPartition(name, number)
            for name, topic in known.items()
            if topic.wrong is None
            for number in range(topic.partitions)
        ]
        consumer = AIOKafkaConsumer(**client_options(settings, "doctor"))
        await consumer.start()
        try:
            starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        finally:
            await consumer.stop()
    return Found(
        {name: topic.wrong for name, topic in known.items() if topic.wrong},
        {(place.topic, place.partition): offset for place, offset in starts.items()},
        {(place.topic, place.partition): offset for place, offset in ends.items()},
    )


def usable(found: Found) -> Part:
    """Which topics cannot be used."""
    part = Part("topics")
    topics = {topic for topic, _ in found.ends}
    part.lines.append(f"{counted(len(topics), 'topic')} can be used")
    part.troubles += [f"topic {name}: {why}" for name, why in sorted(found.wrong.items())]
    part.data = {"unusable": dict(found.wrong)}
    return part


def unread(found: Found, readers: Mapping[str, Offsets], settings: KafkaSettings) -> Part:
    """Which topics have messages that nobody has ever read. `readers`: those that could be asked."""
    part = Part("readers")
    read = {topic for offsets in readers.values() for topic, _ in offsets}
    feeds = {topic_of(name): name for name in ADAPTERS}
    names = {topic_name(short, settings.topic_prefix): short for short in TOPICS}
    if missing := sorted(set(BY_NAME) - set(readers)):
        part.lines.append(f"not known of {', '.join(missing)}: no database of theirs was reached")
    filled = {topic for (topic, number), end in found.ends.items() if end > found.starts[topic, number]}
    alone = []
    for topic in sorted(filled & ({*names, *feeds})):
        short = names.get(topic, topic)
        who = [name for name, service in BY_NAME.items() if short in service.reads]
        could_be = (short in feeds and "feeds" not in readers) or any(name in missing for name in who)
        if short not in read and not could_be and (who or short in feeds):
            alone.append(topic)
            what = f"`probation feed {feeds[short]}`" if short in feeds else "its services"
            part.troubles.append(f"topic {topic} has messages and no reader: start {what}")
    if not alone:
        part.lines.append("every topic with messages has a reader")
    part.data = {"topics_without_reader": alone}
    return part


def lags(found: Found, readers: Mapping[str, Offsets], settings: KafkaSettings) -> dict[str, dict[str, int]]:
    """How many messages each reader has still to read, by topic (short name); only where there are any."""
    behind: dict[str, dict[str, int]] = {}
    for name, offsets in readers.items():
        shorts = BY_NAME[name].reads if name in BY_NAME else sorted({topic for topic, _ in offsets})
        for short in shorts:
            topic = short if name not in BY_NAME else topic_name(short, settings.topic_prefix)
            left = sum(
                max(0, end - max(offsets.get((short, number), 0), found.starts[topic, number]))
                for (full, number), end in found.ends.items()
                if full == topic
            )
            if left:
                behind.setdefault(name, {})[short] = left
    return behind


def lagging(before: Mapping[str, Mapping[str, int]], now: Mapping[str, Mapping[str, int]]) -> Part:
    """Who lags, and whether they move on: `before` is how it was a moment ago."""
    part = Part("lag")
    for name, topics in sorted(now.items()):
        for topic, left in sorted(topics.items()):
            then = before.get(name, {}).get(topic, 0)
            words = f"{name} has {counted(left, 'message')} of {topic} to read"
            if then > left or then == 0:
                part.lines.append(f"{words}, and is reading")
            else:
                part.troubles.append(
                    f"{words} and has not caught up for {PAUSE_SECONDS:.0f} s: is it running? What does "
                    "/readyz say?"
                )
    if not now:
        part.lines.append("everything has been read")
    part.data = {"behind": {name: dict(topics) for name, topics in now.items()}}
    return part
