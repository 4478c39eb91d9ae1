"""The whole caseload, as lines in order of arrival."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tools.simulate.arrival import arrive
from tools.simulate.history import person_events
from tools.simulate.market import market
from tools.simulate.people import person, practitioners, unit_renamed
from tools.simulate.recorder import Entry

FIRST_DAY = date(2025, 1, 6)
"""The default first day of a caseload: a Monday, long enough ago to play a year."""


def caseload(
    *, seed: int = 1, people: int = 300, first_day: date = FIRST_DAY, days: int = 365
) -> list[bytes]:
    """CloudEvents, one JSON object each, in order of arrival, for `days` days from `first_day`.

    Each person has their own random numbers, so that a change to one person's history affects nobody else.
    """
    last = first_day + timedelta(days=days - 1)
    entries: list[Entry] = []
    for staff in practitioners(people, _chance(seed, "practitioners"), first_day, last):
        entries += staff.entries
    entries += unit_renamed(_chance(seed, "units"), first_day, last).entries
    for seller in market(people, _chance(seed, "market"), first_day, last):
        entries += seller.entries
    for n in range(1, people + 1):
        chance = _chance(seed, f"person {n}")
        entries += person_events(person(n, chance, first_day, days), chance, first_day, last)
    return arrive(entries, _chance(seed, "arrival"), last)


def _chance(seed: int, of: str) -> Random:
    return Random(f"{seed} {of}")  # noqa: S311 - must be repeatable, not secret
