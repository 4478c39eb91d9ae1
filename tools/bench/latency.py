"""From an event's publication to the publication of its finding, at a steady rate.

Open loop: events are sent when they are due, even if the findings of earlier events have not arrived, and the
latency of an event counts from the time when it was due.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
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
    correlationid: str = ""
    """The id of the event with which the chain began."""


_decode = msgspec.json.Decoder(_Finding).decode


@dataclass
class Latency:
    """The sorted latencies in milliseconds, and the number of findings that never arrived."""

    milliseconds: Sequence[float]
    lost: int = 0

    def __str__(self) -> str:
        lost = f"; {self.lost} never arrived" if self.lost else ""
        return (
            f"{len(self.milliseconds):,} events at {RATE} a second, p50 {self.quantile(0.5):.0f} ms, "
            f"p99 {self.quantile(0.99):.0f} ms{lost}"
        )

    def quantile(self, share: float) -> float:
        """The time within which that share of the findings arrived."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


@dataclass
class Subscriber:
    """Records when the finding of each event, of this type, arrived."""

    type: str
    seen: int = 0
    arrived: dict[str, float] = field(default_factory=dict)

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            finding = _decode(record.value)
            if finding.type == self.type:
                self.seen += 1
                self.arrived.setdefault(finding.correlationid, time.monotonic())

    async def wait_for(self, number: int) -> None:
        """Wait until so many findings have arrived, or until the time runs out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                while self.seen < number:  # noqa: ASYNC110 - asyncio events would slow down `read`
                    await asyncio.sleep(0.05)

    def latency(self, due: Mapping[str, float]) -> Latency:
        """How long each took, by when it was due."""
        times = sorted((self.arrived[id] - due[id]) * 1000 for id in due if id in self.arrived)
        return Latency(times, len(due) - len(times))


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
    subscriber = Subscriber("ContactMissed")
    async with world.database("bench_latency", PEOPLE) as database:
        service = world.start("latency", SERVICE, world.variables(PREFIX, database))
        await consumer.start()
        reading = asyncio.create_task(subscriber.read(consumer))
        try:
            due = await measured(world, PREFIX, events, subscriber)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await consumer.stop()
            service.end("stop")
    return subscriber.latency(due)


async def measured(
    world: World, prefix: str, events: Sequence[Event], subscriber: Subscriber
) -> dict[str, float]:
    """Send the events at the rate, after those that warm up, and wait for all findings.

    Returns when each was due.
    """
    await _send(world, prefix, events[:WARM_UP])
    await subscriber.wait_for(WARM_UP)
    due = await _send(world, prefix, events[WARM_UP:])
    await subscriber.wait_for(len(events))
    return due


async def _send(world: World, prefix: str, events: Sequence[Event]) -> dict[str, float]:
    """Send the events at the rate. Returns when each was due."""
    producer = kafka.producer(world.settings(prefix), "bench")
    await producer.start()
    due: dict[str, float] = {}
    try:
        begin = time.monotonic()
        for number, event in enumerate(events):
            due[event.id] = begin + number / RATE
            await asyncio.sleep(due[event.id] - time.monotonic())
            await producer.send(f"{prefix}practice", event.value, event.key.encode(), headers=HEADERS)
        await producer.flush()
    finally:
        await producer.stop()
    return due
