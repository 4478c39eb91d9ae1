"""The cost of an event on a case with ten years of weekly contacts, compared with one year."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date

from shared.engine.engine import Engine
from shared.kafka import BATCH
from tools.bench.events import BEGIN, WEEK, Event, batches, day_started, messages, sentence, weekly
from tools.bench.world import Cpu, World

WEEKS_PER_YEAR = 52
YEARS = (1, 10)


@dataclass
class Measured:
    """Events on cases of one length."""

    events: int = 0
    seconds: float = 0.0
    cpu: Cpu = field(default_factory=Cpu)

    @property
    def microseconds(self) -> float:
        """Processor time per event, of client and PostgreSQL together."""
        return self.cpu.total / self.events * 1e6


@dataclass
class Group:
    """People who have contacts over `years` years."""

    years: int
    people: range

    @property
    def known(self) -> range:
        return range(self.years * WEEKS_PER_YEAR)


async def long_cases(world: World, people: int, weeks: int) -> dict[int, Measured]:
    """Load people with one and ten years of contacts, then process `weeks` more weeks, alternating.

    Returns the measurements by number of years.
    """
    groups = [Group(years, range(n * people, (n + 1) * people)) for n, years in enumerate(YEARS)]
    measured = {years: Measured() for years in YEARS}
    async with world.database("bench_long") as database, world.engine(database) as engine:
        today = BEGIN + WEEK * (max(YEARS) * WEEKS_PER_YEAR + weeks + 1)
        for group in groups:
            await _take(engine, "court", [sentence(person, _begin(group)) for person in group.people])
            await _take(engine, "practice", list(weekly(group.people, group.known, _begin(group))))
        # The clock comes last, or months whose contacts are not there yet would have missed the standard.
        await engine.handle(messages("clock", [day_started(today)]))
        await world.admin("vacuum analyze", database)
        await world.admin("checkpoint")
        turns = 4
        for turn in range(turns):
            for group in groups:
                first = group.known.stop + weeks * turn // turns
                last = group.known.stop + weeks * (turn + 1) // turns
                events = list(weekly(group.people, range(first, last), _begin(group)))
                before, begin = world.cpu(), time.monotonic()
                await _take(engine, "practice", events)
                of = measured[group.years]
                of.seconds += time.monotonic() - begin
                of.cpu += world.cpu() - before
                of.events += len(events)
    return measured


def _begin(group: Group) -> date:
    """The start of their supervision, so that all groups reach the same day."""
    return BEGIN + WEEK * WEEKS_PER_YEAR * (max(YEARS) - group.years)


async def _take(engine: Engine, topic: str, events: list[Event]) -> None:
    for batch in batches(topic, events, BATCH):
        await engine.handle(batch)
