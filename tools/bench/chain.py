"""The longest chain: a failure, ContactMissed by contacts, and on that BreachRequired by enforcement.

As in `latency.py`, but through two services, each a process: a finding of the first is read by the second.
Everyone has failed once before, so that the failure that is measured starts a breach.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from aiokafka import AIOKafkaConsumer

from shared import kafka
from tools.bench.events import BEGIN, WEEK, Event, contact, day_started, sentence
from tools.bench.latency import RATE, WARM_UP, Latency, Subscriber, measured
from tools.bench.topics import Topics
from tools.bench.world import World
from tools.embedded.process import EmbeddedError
from tools.services import BY_NAME

PREFIX = "bench-chain."
SERVICES = ("contacts", "enforcement")


async def chain(world: World, seconds: int) -> Latency:
    """Send second failures to contacts and enforcement for `seconds` seconds."""
    people = range(WARM_UP + RATE * seconds)
    first, second = ([_failure(person, number) for person in people] for number in (1, 2))
    asked, breached = Subscriber("EnforcementActionRequired"), Subscriber("BreachRequired")
    async with AsyncExitStack() as stack:
        topics = await stack.enter_async_context(Topics.made(world, PREFIX))
        for name in SERVICES:
            database = f"bench_chain_{name}"
            await stack.enter_async_context(world.database_of(BY_NAME[name], database))
            variables = world.variables(PREFIX, database, owner=database)
            service = world.start(f"chain {name}", ("tools.cli", "serve", name), variables)
            stack.callback(service.end, "stop")
        for subscriber in (asked, breached):
            consumer = AIOKafkaConsumer(
                f"{PREFIX}enforcement",
                **kafka.client_options(world.settings(PREFIX), "bench"),
                auto_offset_reset="earliest",
            )
            await consumer.start()
            stack.push_async_callback(consumer.stop)
            reading = asyncio.create_task(subscriber.read(consumer))
            stack.callback(reading.cancel)
        await topics.send([("clock", None, day_started(BEGIN + 4 * WEEK).value)])
        await topics.send([_message("court", sentence(person)) for person in people])
        await topics.send([_message("practice", event) for event in first])
        await asked.wait_for(len(people))
        if asked.seen < len(people):
            raise EmbeddedError(f"contacts and enforcement make no progress: see {world.folder}")
        return breached.latency(await measured(world, PREFIX, second, breached))


def _failure(person: int, number: int) -> Event:
    return contact(person, number, BEGIN + number * WEEK + timedelta(days=1), "unacceptable_absence")


def _message(topic: str, event: Event) -> tuple[str, bytes | None, bytes]:
    return topic, event.key.encode(), event.value
