"""Where and in which month a finding belongs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from schemas.envelope import CloudEvent
from schemas.published import OfSentence
from shared.answers.responsible import Responsible, of_sentence
from shared.calendar import london_date


class Place(NamedTuple):
    """A region and a probation delivery unit; empty if not known."""

    region: str
    pdu: str


UNKNOWN = Place("", "")


def place_of(event: CloudEvent[Any], theirs: Sequence[Responsible]) -> Place:
    """Where a finding belongs: its own region and unit, or else those of the person's practitioner.

    `theirs` are those who are responsible for the person's sentences.
    """
    data = event.data
    region, pdu = getattr(data, "region", None), getattr(data, "pdu", None)
    if region is not None:
        return Place(region, pdu or "")
    one = of_sentence(theirs, getattr(data, "sentence_id", None)) or of_sentence(theirs, None)
    return Place(one.region, one.pdu) if one else UNKNOWN


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


def months_to(last: str, number: int) -> list[str]:
    """So many months up to the last one."""
    year, ordinal = map(int, last.split("-"))
    ordinals = range(year * 12 + ordinal - number, year * 12 + ordinal)
    return [f"{ordinal // 12:04}-{ordinal % 12 + 1:02}" for ordinal in ordinals]
