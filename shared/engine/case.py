"""What a service knows about one subject: its facts, joined.

A `Case` holds one register per kind of fact: a dictionary from correction key to the version that
stands, the one with the greatest (recorded, event id, source). Joining is commutative and
idempotent, so the order of arrival, duplicates and late corrections cannot matter.

Registers that grow for ever (contacts, week after week) may be kept in monthly `Part`s, which are
loaded only when a fact of that month or the passing of time touches them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import msgspec

Stamp = tuple[int, str, str]
"""(recorded in microseconds since 1970, event id, source): the greatest stands.

Python compares strings by code point, which for UTF-8 is the same order as bytewise.
"""


class Record(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One fact as the rules of a service see it: only the fields that they need.

    Subclasses name fields as the event's data does; `Register` fills them from there.
    """

    event_id: str = ""
    source: str = ""
    recorded: int = 0

    @property
    def stamp(self) -> Stamp:
        return (self.recorded, self.event_id, self.source)


class Resolution(Record, frozen=True, kw_only=True):
    """An open item that another service published was resolved on that day, or ended, or is superseded.

    Of one that is superseded another stands, or is about to arrive.
    """

    reason: str
    on: date


class Case(msgspec.Struct, kw_only=True):
    """Base of every service's case. Subclasses add one `dict[str, SomeRecord]` per register."""

    subject: str = ""
    voided: dict[str, Stamp] = {}
    """Tombstones: what was said never to have happened, by `<register>/<key>`."""
    used: dict[str, int] = {}
    """Of an entity (a practitioner, an intervention): how much other cases claim, by item."""
    refusals: dict[str, list[tuple[date, str]]] = {}
    """Why a request was not granted, by its key: each new reason with the first day on which it was given."""


class Part(msgspec.Struct, kw_only=True):
    """One month of those registers that are kept by month; subclasses add the registers."""

    voided: dict[str, Stamp] = {}


@dataclass(frozen=True, slots=True)
class Register:
    """Where the facts of one event type go.

    `into` names the field of the case (or part), `read` the record made of the event's data: a
    `Record` class, filled by field name, or a function from the data.

    `dated` names the record's field whose month places it in a part. `identifies` names what the
    correction key identifies: records of one contact (its appointment and its outcome) always
    live in the same part, that of the first register in the service's list which has a record of it.

    `resolutions` names a field for `Resolution` records, of open items that another service publishes: one
    that is withdrawn as resolved, ended or superseded stays in `into`, since it was so, and its end stands in
    `resolutions` under the same event id. Without it, an item that is withdrawn is gone, whatever the reason.

    `former` names a field for the versions that do not stand (`dict[str, list[Record]]`, by stamp), where
    a rule must know what was said before. What was voided is not among them.
    """

    into: str
    read: type[Record] | Callable[[Any], Record]
    dated: str | None = None
    identifies: str | None = None
    resolutions: str | None = None
    former: str | None = None

    @property
    def fields(self) -> set[str]:
        """The fields of the case that its facts change."""
        return {"voided", *filter(None, (self.into, self.former, self.resolutions))}

    def record(self, data: object, event_id: str, source: str, recorded: int) -> Record:
        """The record of an event's data, stamped with where it came from."""
        if isinstance(self.read, type):
            # A namespace, since asking a pydantic model for attributes that it lacks is slow.
            known = SimpleNamespace(**vars(data), event_id=event_id, source=source, recorded=recorded)
            return msgspec.convert(known, self.read, from_attributes=True)
        record = self.read(data)
        msgspec.structs.force_setattr(record, "event_id", event_id)
        msgspec.structs.force_setattr(record, "source", source)
        msgspec.structs.force_setattr(record, "recorded", recorded)
        return record

    def day(self, record: Record) -> date:
        """The record's own date, if it is kept by month."""
        assert self.dated is not None
        day: date = getattr(record, self.dated)
        return day

    def month(self, record: Record) -> int:
        """The part in which the record belongs by its own date."""
        return month_of(self.day(record))


Registers = Mapping[str, Register]
"""By event type. The order matters only for registers that identify the same (see `Register`)."""


def month_of(day: date) -> int:
    """The number of a calendar month, such that the next month has the next number."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of the month with that number."""
    return date(month // 12, month % 12 + 1, 1)


@lru_cache(maxsize=8_192)  # more months than calendars have here, asked for with every fact
def first_and_last(month: int) -> tuple[date, date]:
    """The first and the last day of the month with that number."""
    return first_day(month), first_day(month + 1) - timedelta(days=1)
