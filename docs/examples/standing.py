"""Know what stands now, and stay up to date. Run: .venv/bin/python docs/examples/standing.py"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

HOUR = 3_600_000
"""In milliseconds. Far longer than a service takes from its own topic to the one with what stands."""


async def follow(servers: str, service: str, prefix: str = "probation.") -> AsyncIterator[dict[str, Any]]:
    """The events of a service that stand, by id: first all of them, then again after each message."""
    async with AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False) as topic:
        # 1. Where to follow from: an hour back, so that nothing is missed between the two topics.
        places = await partitions(topic, prefix + service)
        found = await topic.offsets_for_times(dict.fromkeys(places, int(time.time() * 1000) - HOUR))
        ends = await topic.end_offsets(places)
        # 2. What stands: the value is the event, no value says that it was withdrawn.
        standing = await read_standing(topic, f"{prefix}{service}.standing")
        yield standing
        # 3. What follows. Some of it is known already, which does no harm.
        topic.assign(places)
        for place in places:
            at = found[place]
            topic.seek(place, at.offset if at else ends[place])
        async for message in topic:
            event = json.loads(message.value)
            if event["type"] == "Withdrawn":
                standing.pop(event["data"]["withdraws"], None)
            else:
                standing[event["id"]] = event
            yield standing


async def read_standing(topic: AIOKafkaConsumer, name: str) -> dict[str, Any]:
    """Read the topic with what stands to its end."""
    places = await partitions(topic, name)
    topic.assign(places)
    await topic.seek_to_beginning(*places)
    ends = await topic.end_offsets(places)
    standing: dict[str, Any] = {}
    while any([await topic.position(place) < end for place, end in ends.items()]):
        for messages in (await topic.getmany(timeout_ms=200)).values():
            for message in messages:
                if message.value is None:
                    standing.pop(message.key.decode(), None)
                else:
                    standing[message.key.decode()] = json.loads(message.value)
    return standing


async def partitions(topic: AIOKafkaConsumer, name: str) -> list[TopicPartition]:
    """All partitions of a topic."""
    topic.subscribe([name])
    while not (numbers := topic.partitions_for_topic(name)):
        await topic.getmany(timeout_ms=100)
    topic.unsubscribe()
    return [TopicPartition(name, number) for number in sorted(numbers)]


async def main() -> None:
    async for standing in follow("localhost:9092", "enforcement"):
        required = [e["subject"] for e in standing.values() if e["type"] == "EnforcementActionRequired"]
        print(f"{len(standing)} events stand; action is required for {sorted(required)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
