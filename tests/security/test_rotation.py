"""Passwords and certificates are replaced while events flow: nothing is lost and nothing comes twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared import kafka
from shared.engine.days import ONE_DAY
from shared.runtime.service import today_in_london
from tests.security.composed import Composed, make_secrets
from tests.security.test_service import sentence
from tests.system.instance import until
from tools.clock import the_ticker

TOPIC = "probation.allocation"
REPLACED = ("kafka/allocation", "database/allocation_app", "kafka.pem")


class Source:
    """Publishes one sentence after another, each of another person, until it is stopped."""

    def __init__(self, secured: Composed) -> None:
        self._settings = secured.settings("source-court")
        self._stopped = asyncio.Event()
        self.people: list[str] = []

    async def run(self) -> None:
        """Publish until stopped."""
        producer: AIOKafkaProducer
        async with kafka.producer(self._settings, "test") as producer:
            while not self._stopped.is_set():
                person = f"X2{len(self.people):05}"
                await producer.send_and_wait("probation.court", sentence(person), key=person.encode())
                self.people.append(person)

    def stop(self) -> None:
        """Make `run` return."""
        self._stopped.set()


async def published(secured: Composed) -> list[tuple[str, int]]:
    """Whom each event is about and its number, in the order of the topic."""
    options = kafka.client_options(secured.settings("subscriber"), "test")
    found: list[tuple[str, int]] = []
    async with AIOKafkaConsumer(**options) as consumer:
        places = [TopicPartition(TOPIC, n) for n in consumer.partitions_for_topic(TOPIC) or ()]
        consumer.assign(places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                events = [json.loads(message.value) for message in messages]
                found += [(event["subject"], event["sequence"]) for event in events]
    return found


async def test_everything_is_replaced_while_events_flow_and_none_is_lost_or_comes_twice(
    secured: Composed,
) -> None:
    await the_ticker(secured.settings("ticker")).repeat(today_in_london() - ONE_DAY)
    instances = [await secured.start("allocation"), await secured.start("allocation")]
    source = Source(secured)
    sending = asyncio.create_task(source.run())
    before = {name: (secured.secrets / name).read_text() for name in REPLACED}
    try:
        # As docs/operations.md says: new files, both servers are told, then one instance after the other.
        for name in REPLACED:
            (secured.secrets / name).unlink()
        await asyncio.to_thread(make_secrets, secured.folder)
        assert all((secured.secrets / name).read_text() != text for name, text in before.items())
        for job in ("access", "migrate"):
            done = await asyncio.to_thread(secured.run, job)
            assert done.returncode == 0, done.stderr
        for number, old in enumerate(instances):
            await old.stop()
            instances[number] = await secured.start("allocation")
        await asyncio.to_thread(secured.kafka.restart)
        for instance in instances:
            await instance.ready()
        reached = len(source.people)

        async def flows() -> str | None:
            return None if len(source.people) > reached else "nothing is published any more"

        await until(flows)
        source.stop()
        await sending

        async def missing() -> str | None:
            about = {person for person, _ in await published(secured)}
            left = [person for person in source.people if person not in about]
            return f"nothing is concluded about {len(left)} of {len(source.people)} people" if left else None

        await until(missing)
        mine = [(person, number) for person, number in await published(secured) if person in source.people]
        assert max(Counter(mine).values()) == 1
        counts = Counter(person for person, _ in mine)
        assert all((person, n) in mine for person, count in counts.items() for n in range(1, count + 1))
    finally:
        source.stop()
        sending.cancel()
        for instance in instances:
            await instance.kill()
