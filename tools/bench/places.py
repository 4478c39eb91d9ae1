"""The time of one place on an intervention, among few that are listed and among many."""

from __future__ import annotations

import time
from datetime import timedelta

from services.referrals.app import SERVICE
from tools.bench.allocation import Allocations
from tools.bench.events import BEGIN, Event, day_started, intervention, messages, provider, referral, sentence
from tools.bench.world import World

INTERVENTIONS = (5, 500)


async def places(world: World, people: int) -> dict[int, Allocations]:
    """Refer people one by one; the results by number of interventions listed for what they need.

    Five providers share the interventions, which have places for everybody.
    """
    found = {}
    for listed in INTERVENTIONS:
        name = f"bench_places_{listed}"
        async with world.database_of(SERVICE, name), world.engine(name, service=SERVICE) as engine:
            await engine.handle(messages("clock", [day_started(BEGIN + timedelta(days=1))]))
            offers = [event for n in range(5) for event in (provider(n), *_offers(n, listed // 5, people))]
            await engine.handle(messages("providers", offers))
            await engine.handle(messages("court", [sentence(person) for person in range(people)]))
            before, begin = world.cpu(), time.monotonic()
            for person in range(people):
                await engine.handle(messages("practice", [referral(person)], person))
            seconds, cpu = time.monotonic() - begin, world.cpu() - before
            placed = await world.admin("select count(*) from journal where type = 'ReferralMade'", name)
            assert placed == people, f"{placed} of {people} were placed"
            found[listed] = Allocations(people, seconds, cpu)
    return found


def _offers(of: int, count: int, places: int) -> list[Event]:
    return [intervention(of, n, places) for n in range(count)]
