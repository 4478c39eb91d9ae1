"""Where and in which month a finding belongs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from schemas.envelope import CloudEvent
from schemas.published import OfSentence
from shared.answers.responsible import Key, Responsible
from shared.calendar import london_date


class Place(NamedTuple):
    """A region and a probation delivery unit; empty if not known."""

    region: str
    pdu: str


UNKNOWN = Place("", "")


def place_of(event: CloudEvent[Any], person: str, responsible: dict[Key, Responsible]) -> Place:
    """Where a finding belongs: its own region and unit, or else those of the person's practitioner."""
    data = event.data
    region, pdu = getattr(data, "region", None), getattr(data, "pdu", None)
    if region is not None:
        return Place(region, pdu or "")
    theirs = [one for (who, _), one in responsible.items() if who == person]
    mine = [one for one in theirs if one.sentence_id == getattr(data, "sentence_id", None)] or theirs
    return Place(mine[-1].region, mine[-1].pdu) if mine else UNKNOWN


def day_of(event: CloudEvent[Any]) -> date:
    """The day a finding belongs to: a record's own date, else the day of what caused it, in London."""
    data = event.data
    field = data.dated if isinstance(data, OfSentence) else None
    match getattr(data, field or "allocated_on", None):
        case datetime() as at:
            return london_date(at)
        case date() as day:
            return day
    return london_date(event.time)


def month(day: date) -> str:
    """A day's month, such as 2026-03."""
    return f"{day:%Y-%m}"
