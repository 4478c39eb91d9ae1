"""The ticker, and the DayStarted event: how the ticker, or what takes its place, writes and reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from schemas.clock import DayStarted
from schemas.envelope import CloudEvent, schema_uri
from schemas.language import render, source_of
from schemas.parsing import parse
from schemas.topics import topic_name
from shared.calendar import LONDON
from shared.runtime.ticker import Days, Ticker
from shared.settings import KafkaSettings


def the_ticker(settings: KafkaSettings) -> Ticker:
    """The system's ticker."""
    return Ticker(settings, topic_name("clock", settings.topic_prefix), Days(day_started, day_of))


def day_started(day: date) -> bytes:
    """The event that announces a day."""
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
    """The day that such an event announces. Raises if it is not such an event."""
    data = parse(value).data
    if not isinstance(data, DayStarted):
        raise TypeError("not a day")
    return data.date
