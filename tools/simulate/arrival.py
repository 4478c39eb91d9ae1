"""How events arrive: usually when they are recorded, but some later and some twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random

from schemas.parsing import parse
from shared.calendar import london_date
from tools.simulate.recorder import Entry

DELAYED = 0.05
"""The share of events that reach the topic up to two days after they were recorded."""
SENT_TWICE = 0.03
"""The share of events that are sent again, with the same id, up to three days later."""


def arrive(entries: Iterable[Entry], chance: Random, last: date) -> list[bytes]:
    """The lines in order of arrival, without those that would arrive after the last day."""
    arrivals: list[tuple[datetime, bytes]] = []
    for entry in entries:
        arrived = entry.recorded
        if chance.random() < DELAYED:
            arrived += timedelta(minutes=chance.randint(30, 2 * 24 * 60))
        arrivals.append((arrived, entry.line))
        if chance.random() < SENT_TWICE:
            arrivals.append((arrived + timedelta(minutes=chance.randint(1, 3 * 24 * 60)), entry.line))
    arrivals.sort(key=lambda arrival: arrival[0])
    return [line for arrived, line in arrivals if london_date(arrived) <= last]


def by_day(lines: Iterable[bytes]) -> Iterator[tuple[date, list[bytes]]]:
    """Lines in order of arrival, by day of arrival: the latest day on which any line so far was recorded."""
    newest = date.min

    def day(line: bytes) -> date:
        nonlocal newest
        newest = max(newest, london_date(parse(line).recorded))
        return newest

    for arrives_on, group in groupby(lines, key=day):
        yield arrives_on, list(group)
