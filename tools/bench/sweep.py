"""The start of a day for very many cases. For 3% of them a monthly period ended the day before."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

from tools.bench.events import WEEK, batches, contact, day_started, messages, sentence
from tools.bench.world import Cpu, World

DAY = date(2025, 3, 4)
"""The day reached when the cases are loaded. The next day is measured."""

WAKING = date(2025, 2, 5)
"""If supervision began on this day, a period ends on DAY, and the case wakes on the next day."""


@dataclass(frozen=True)
class Sweep:
    """The effect of one DayStarted."""

    cases: int
    woken: int
    published: int
    seconds: float
    cpu: Cpu


async def sweep(world: World, cases: int) -> Sweep:
    """Load the cases through the engine (those that will wake have a month of contacts), then start a day.

    These contacts were all missed, so that each of these cases misses the standard on that day.
    """
    waking = [n for n in range(cases) if n % 100 < 3]
    begins = dict.fromkeys(waking, WAKING)
    sentences = [sentence(n, begins.get(n, WAKING + timedelta(days=1 + n % 19))) for n in range(cases)]
    contacts = [
        contact(n, week, WAKING + WEEK * week, "unacceptable_absence") for week in range(4) for n in waking
    ]
    async with world.database("bench_sweep") as database, world.engine(database) as engine:
        await engine.handle(messages("clock", [day_started(DAY)]))
        for topic, events in (("court", sentences), ("practice", contacts)):
            for batch in batches(topic, events):
                await engine.handle(batch)
        await world.admin("truncate outbox", database)
        for table in ("cases", "months"):
            await world.admin(f"vacuum analyze {table}", database)
        await world.admin("checkpoint")
        swept, published = engine.tally.swept, engine.tally.published
        before, begin = world.cpu(), time.monotonic()
        await engine.handle(messages("clock", [day_started(DAY + timedelta(days=1))], first_offset=1))
        seconds, cpu = time.monotonic() - begin, world.cpu() - before
        return Sweep(cases, engine.tally.swept - swept, engine.tally.published - published, seconds, cpu)
