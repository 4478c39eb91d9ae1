"""Dates and times in all the forms in which the sources write them.

A time without a zone is London's. So is one with a Z from a field that is known to hold local time; its
adapter cuts the Z off.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from shared.calendar import LONDON, london_date

_ZONE_NAME = re.compile(r"\[[A-Za-z_/]{1,40}\]$")
_COMPACT_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_JAVA = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d) (GMT|BST|UTC) (\d{4})$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_YEARS = range(1900, 2200)


class NotATime(ValueError):
    """A text is no date or time of any known form."""


def instant_of(written: str) -> datetime:
    """The instant that a text names, in UTC, to the microsecond. Raises `NotATime`."""
    try:
        found = _java(written) or datetime.fromisoformat(_tidy(written))
        if found.tzinfo is None:
            found = found.replace(tzinfo=LONDON)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotATime from None
    if found.year not in _YEARS:
        raise NotATime
    return found


def day_of(written: str) -> date:
    """The date in London that a date, or a date and time, names. Raises `NotATime`."""
    try:
        if match := _SLASHED.match(written):
            day, month, year = map(int, match.groups())
            found = date(year, month, day)
        elif len(written) == len("2026-03-02"):
            found = date.fromisoformat(written)
        else:
            return london_date(instant_of(written))
    except ValueError:
        raise NotATime from None
    if found.year not in _YEARS:
        raise NotATime
    return found


def _tidy(written: str) -> str:
    """ISO 8601 without a zone's name, with a colon in the offset and with at most microseconds."""
    text = _ZONE_NAME.sub("", written)
    return _FRACTION.sub(r"\1", _COMPACT_OFFSET.sub(r"\1:\2", text) if "T" in text else text)


def _java(written: str) -> datetime | None:
    """`Mon Jun 19 18:35:59 BST 2023`."""
    match = _JAVA.match(written)
    if match is None:
        return None
    local, zone, year = match.groups()
    found = datetime.strptime(f"{local} {year}", "%b %d %H:%M:%S %Y")  # noqa: DTZ007 - the zone follows
    return found.replace(tzinfo=LONDON if zone == "BST" else UTC)
