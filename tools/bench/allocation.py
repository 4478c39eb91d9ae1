"""The time of one allocation, among few practitioners of a delivery unit and among many."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from services.allocation.app import SERVICE
from tools.bench.events import BEGIN, day_started, messages, practitioner, risk, sentence
from tools.bench.world import Cpu, World

PRACTITIONERS = (5, 200)


@dataclass(frozen=True)
class Allocations:
    """People who were allocated one by one, each in a transaction of its own."""

    people: int
    seconds: float
    cpu: Cpu

    @property
    def milliseconds(self) -> float:
        """The time of one allocation."""
        return self.seconds / self.people * 1e3


async def allocations(world: World, people: int) -> dict[int, Allocations]:
    """Allocate people one by one; the results by number of practitioners.

    The practitioners have no limit of hours that these people would reach.
    """
    found = {}
    for staff in PRACTITIONERS:
        name = f"bench_allocation_{staff}"
        async with world.database_of(SERVICE, name), world.engine(name, service=SERVICE) as engine:
            await engine.handle(messages("clock", [day_started(BEGIN + timedelta(days=1))]))
            await engine.handle(messages("workforce", [practitioner(n) for n in range(staff)]))
            await engine.handle(messages("practice", [risk(person) for person in range(people)]))
            before, begin = world.cpu(), time.monotonic()
            for person in range(people):
                await engine.handle(messages("court", [sentence(person)], person))
            seconds, cpu = time.monotonic() - begin, world.cpu() - before
            allocated = await world.admin("select count(*) from cases where status = 'allocated'", name)
            assert allocated == people, f"{allocated} of {people} were allocated"
            found[staff] = Allocations(people, seconds, cpu)
    return found
