"""From an event's publication to the publication of its finding, at a steady rate.

Open loop: events are sent when they are due, even if the findings of earlier events have not arrived, and the
latency of an event counts from the time when it was due.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
from aiokafka import AIOKafkaConsumer

from shared import kafka
from tools.bench.events import BEGIN, Event, contact
from tools.bench.throughput import PEOPLE, SERVICE
from tools.bench.world import HEADERS, World

PREFIX = "bench-latency."
RATE = 50
"""Events a second."""

WARM_UP = 100
"""Events sent first that do not count, while the service starts, prepares statements and finds leaders."""

WAIT_SECONDS = 30.0


class _Finding(msgspec.Struct):
    type: str
    causationid: str = ""


_decode = msgspec.json.Decoder(_Finding).decode


@dataclass
class Latency:
    """The sorted latencies in milliseconds, and the number of findings that never arrived."""

    milliseconds: Sequence[float]
    lost: int = 0

    def quantile(self, share: float) -> float:
        """The time within which that share of the findings arrived."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


@dataclass
class _Subscriber:
    """Records when the finding of each event arrived."""

    arrived: dict[str, float] = field(default_factory=dict)

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            finding = _decode(record.value)
            if finding.type == "ContactMissed":
                self.arrived.setdefault(finding.causationid, time.monotonic())

    async def wait_for(self, number: int) -> None:
        """Wait until the findings of so many events have arrived, or until the time runs out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                while len(self.arrived) < number:  # noqa: ASYNC110 - asyncio events would slow down `read`
                    await asyncio.sleep(0.05)


async def latency(world: World, people: int, seconds: int) -> Latency:
    """Send missed contacts to one service process for `seconds` seconds."""
    number = WARM_UP + RATE * seconds
    events = [
        contact(n % people, n // people, BEGIN + timedelta(days=1 + n // people), "unacceptable_absence")
        for n in range(number)
    ]
    settings = world.settings(PREFIX)
    consumer = AIOKafkaConsumer(
        f"{PREFIX}contacts", **kafka.client_options(settings, "bench"), auto_offset_reset="earliest"
    )
    subscriber = _Subscriber()
    async with world.database("bench_latency", PEOPLE) as database:
        service = world.start("latency", SERVICE, world.variables(PREFIX, database))
        await consumer.start()
        reading = asyncio.create_task(subscriber.read(consumer))
        try:
            await _send(world, events[:WARM_UP])
            await subscriber.wait_for(WARM_UP)
            due = await _send(world, events[WARM_UP:])
            await subscriber.wait_for(number)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await consumer.stop()
            service.end("stop")
    times = sorted((subscriber.arrived[id] - due[id]) * 1000 for id in due if id in subscriber.arrived)
    return Latency(times, len(due) - len(times))


async def _send(world: World, events: Sequence[Event]) -> dict[str, float]:
    """Send the events at the rate. Returns when each was due."""
    producer = kafka.producer(world.settings(PREFIX), "bench")
    await producer.start()
    due: dict[str, float] = {}
    try:
        begin = time.monotonic()
        for number, event in enumerate(events):
            due[event.id] = begin + number / RATE
            await asyncio.sleep(due[event.id] - time.monotonic())
            await producer.send(f"{PREFIX}practice", event.value, event.key.encode(), headers=HEADERS)
        await producer.flush()
    finally:
        await producer.stop()
    return due
