"""Records the events that the feeds publish about one person or practitioner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, Data, schema_uri
from schemas.language import render, source_of, topics_of
from shared.calendar import CALENDAR, LONDON
from shared.engine.publication import PERSONAL

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as its feed publishes it, and when the feed recorded it."""

    recorded: datetime
    line: bytes


class EventRecorder:
    """Collects the events about one subject that are recorded between the first and the last day."""

    def __init__(self, subject: str, chance: Random, first: date, last: date) -> None:
        self.subject = subject
        self.chance = chance
        self.first = first
        self.last = last
        self.entries: list[Entry] = []

    def record(
        self, data: Data, happened_on: date, recorded_on: date | None = None, *, subject: str | None = None
    ) -> None:
        """Record what happened on a day; by default it is recorded on the same day."""
        recorded_on = max(happened_on, recorded_on or happened_on)
        if not self.first <= recorded_on <= self.last:
            return
        happened = self._instant(happened_on)
        recorded = happened + timedelta(minutes=self.chance.randint(1, 55))
        if recorded_on > happened_on:
            recorded = self._instant(recorded_on)
        kind = type(data).__name__
        subject = subject or self.subject
        topic = topics_of(kind)[0]
        event = CloudEvent(
            specversion="1.0",
            id=f"{self.subject}.{len(self.entries) + 1:03d}",
            source=source_of(topic),
            type=kind,
            subject=subject,
            time=happened,
            recordedtime=recorded,
            datacontenttype="application/json",
            dataschema=schema_uri(kind, data.type_version),
            partitionkey=subject,
            **(PERSONAL if CATALOGUE[kind].subject == "person" else {}),
            data=data,
        )
        self.entries.append(Entry(recorded, render(event)))

    def _instant(self, day: date) -> datetime:
        """A random minute of the working day."""
        return first_thing(day) + timedelta(minutes=self.chance.randint(0, 7 * 60))


def first_thing(day: date) -> datetime:
    """Nine o'clock in London on a day."""
    return datetime.combine(day, time(9), LONDON).astimezone(UTC)


def working_days_after(day: date, n: int) -> date:
    """The n-th business day after a day. For 0: that day, or the next business day."""
    return CALENDAR.business_days_after(day, n) if n else CALENDAR.business_days_after(day - ONE_DAY, 1)
