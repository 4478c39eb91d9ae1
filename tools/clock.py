"""How a day is written and read: what the ticker says, and whoever stands in for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from schemas.clock import DayStarted
from schemas.envelope import CloudEvent, schema_uri
from schemas.language import render, source_of
from schemas.parsing import parse
from shared.calendar import LONDON


def day_started(day: date) -> bytes:
    """The event that says that a day has begun."""
    return render(
        CloudEvent(
            specversion="1.0",
            id=f"day-{day.isoformat()}",
            source=source_of("clock"),
            type="DayStarted",
            time=datetime.combine(day, time(), LONDON).astimezone(UTC),
            datacontenttype="application/json",
            dataschema=schema_uri("DayStarted", DayStarted.type_version),
            data=DayStarted(date=day),
        )
    )


def day_of(value: bytes) -> date:
    """The day of such an event. Raises if it is none."""
    data = parse(value).data
    if not isinstance(data, DayStarted):
        raise TypeError("not a day")
    return data.date
