"""A service whose database is new reads a topic from its beginning: how fast, and how its memory grows.

Everyone's sentence and two years of weekly contacts, with the day that has been reached, lie on the topics.
"""

from __future__ import annotations

from datetime import timedelta

from tools.bench.events import BEGIN, WEEK, day_started, sentence, weekly
from tools.bench.throughput import SERVICE, Run, through
from tools.bench.world import EMPTY, World

PREFIX = "bench-backfill."
WEEKS = 100
FIRST = BEGIN - 26 * WEEK
"""So that the last contact took place before today."""


async def backfill(world: World, people: int) -> Run:
    """Let one process of contacts read 100 contacts of each of these people."""
    await world.make_topics(PREFIX)
    day = day_started(FIRST + WEEKS * WEEK + timedelta(days=1))
    await world.publish(f"{PREFIX}clock", [day])
    await world.publish(f"{PREFIX}court", (sentence(person, FIRST) for person in range(people)))
    await world.publish(f"{PREFIX}practice", weekly(range(people), range(WEEKS), FIRST))
    return await through(
        world, "backfill", [SERVICE], people * WEEKS, limit=1_800, prefix=PREFIX, copy_of=EMPTY
    )
