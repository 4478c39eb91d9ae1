"""The months of a case that are in hand: facts joined to them, what was touched, what must be written back.

Only those are opened that a fact or the passing of time touches; the rest stays in the database.

**Places.** Findings live in places, which are numbered: `CORE` is the case without its months; each month has
two, one for what happened in it and one for the spans that end in it. A fact touches the month that holds it;
the spans may be those that end in this month or in the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from shared.engine.assessment import Day, Month, MonthAssessment, Window
from shared.engine.case import Part, Register, first_and_last, month_of
from shared.engine.joining import Fact, join, move
from shared.engine.service import Months
from shared.engine.stored import Form, Raised, StoredPart
from shared.policy import Policy

CORE = 0
"""The place of findings that belong to no month."""

_SPANS = 1
_encode = msgspec.json.Encoder().encode


def own(month: int) -> int:
    """The place of what rests on the facts of a month alone."""
    return 2 * month


def month_at(place: int) -> int:
    """The month to which a place belongs."""
    return place // 2


class OpenMonths:
    """See the module's text. Months are numbered as `month_of` does."""

    def __init__(self, months: Months, form: Form) -> None:
        self.model = months
        self._form = form
        self._stored: dict[int, StoredPart[Any]] = {}
        self.touched: dict[int, tuple[date, date]] = {}
        """The months that facts touched, each with the first and the last day of what was there or is now."""
        self.changed: set[int] = set()
        """The months that are to be written back."""
        self._homes: dict[str, dict[str, int]] = {}
        """In which month each thing lives, by the first register of its kind; worked out when asked for."""
        self._spans: dict[int, tuple[date, date] | None] = {}
        """The days of the spans that end in each month, until the case itself is touched."""

    def __iter__(self) -> Iterator[int]:
        return iter(self._stored)

    # -- loading and storing ---------------------------------------------------------------------

    def open(self, month: int, state: bytes) -> None:
        """Take a month that the database holds."""
        self._stored[month] = self._form.month(state)
        self._homes.clear()

    def salvage(self, months: dict[int, bytes]) -> None:
        """Take over what was published in months, but no facts: they are to be joined again."""
        for month, packed in months.items():
            self._stored[month] = self._form.salvage_month(packed, self.model.part())
        self.changed.update(self._stored)

    def pack(self, month: int) -> bytes | None:
        """The month packed, or None if nothing is left in it."""
        stored = self._stored[month]
        said = stored.published or stored.spans_published or stored.shown or stored.spans_shown
        return self._form.pack(stored) if said or any(msgspec.structs.astuple(stored.part)) else None

    def shown(self, month: int) -> bytes:
        """What is shown of the month to the people who query, as a JSON object; empty if nothing is."""
        stored = self._stored[month]
        if stored.shown and stored.spans_shown:
            return stored.shown[:-1] + b"," + stored.spans_shown[1:]
        return stored.shown or stored.spans_shown

    # -- facts -----------------------------------------------------------------------------------

    def part(self, month: int) -> Part:
        """The facts of a month; a new part if there is none yet."""
        part: Part = self._month(month).part
        return part

    def join(self, register: Register, fact: Fact) -> None:
        """Join a fact where its thing lives, and move the thing if it belongs to another month now."""
        together = self.model.together(register)
        homes = self._homes_of(together)
        here = homes.get(fact.key)
        if here is None:
            here = homes[fact.key] = register.month(fact.record(register))
            before: list[date] = []
        else:
            before = self._days(here, together, fact.key)
        part = self._month(here).part
        join(part, register, fact)
        days = self._days(here, together, fact.key)
        self._touch(here, before + days)
        if days and month_of(days[0]) != here:
            there = homes[fact.key] = month_of(days[0])
            move(part, self._month(there).part, together, fact.key)
            self._touch(there, days)

    def _days(self, month: int, together: Sequence[Register], key: str) -> list[date]:
        """The days of what is known of a thing; by the first it has its month."""
        part = self._month(month).part
        return [
            register.day(record)
            for register in together
            if (record := getattr(part, register.into).get(key)) is not None
        ]

    def _touch(self, month: int, days: list[date]) -> None:
        if month in self.touched:
            days = [*days, *self.touched[month]]
        self.touched[month] = (min(days, default=date.max), max(days, default=date.min))
        self.changed.add(month)

    def _homes_of(self, together: Sequence[Register]) -> dict[str, int]:
        """In which month each thing lives of which these registers hold something, or a tombstone."""
        homes = self._homes.get(together[0].into)
        if homes is None:
            homes = self._homes[together[0].into] = {}
            names = {register.into for register in together}
            for month, stored in self._stored.items():
                for name in names:
                    homes.update(dict.fromkeys(getattr(stored.part, name), month))
                for tomb in stored.part.voided:
                    name, key = tomb.split("/", 1)
                    if name in names:
                        homes[key] = month
        return homes

    def _month(self, month: int) -> StoredPart[Any]:
        stored = self._stored.get(month)
        if stored is None:
            stored = self._stored[month] = StoredPart(self.model.part())
        return stored

    # -- assessing -------------------------------------------------------------------------------

    def forget_spans(self) -> None:
        """Something of the case itself is another than before: other spans may end in the months."""
        self._spans.clear()

    def places(self, months: Iterable[int]) -> set[int]:
        """All places of these months."""
        found = {own(month) for month in months}
        return found | {place + _SPANS for place in found} if self.model.spans else found

    def touched_places(self, day: date, view: Any) -> set[int]:
        """The places in which facts may have changed something, on that day."""
        found = {own(month) for month in self.touched}
        if self.model.spans is None:
            return found
        for month, (earliest, latest) in self.touched.items():
            for ending in (month, month + 1):
                if ending not in self._stored and ending > month_of(day):
                    continue  # still to come, and empty: nothing holds in it yet
                days = self._days_of_spans(ending, view)
                if days is not None and earliest <= days[1] and latest >= days[0]:
                    found.add(own(ending) + _SPANS)
        return found

    def _days_of_spans(self, month: int, view: Any) -> tuple[date, date] | None:
        if month not in self._spans and self.model.spans is not None:
            self._spans[month] = self.model.spans.days(view, *first_and_last(month))
        return self._spans[month]

    def assess(self, place: int, view: Any, today: Day, policy: Policy) -> MonthAssessment:
        """What the rules say of that place."""
        month = month_at(place)
        this = self._stored.get(month)
        part = this.part if this else self.model.nothing
        first, last = first_and_last(month)
        if place == own(month):
            return self.model.assess(view, Month(part, first, last), today, policy)
        assert self.model.spans is not None
        before = self._stored.get(month - 1)
        window = Window(part, first, last, before.part if before else self.model.nothing)
        return self.model.spans.assess(view, window, today, policy)

    def show(self, place: int, shown: Mapping[str, Any]) -> None:
        """Keep what is shown of a place to the people who query."""
        encoded = _encode(shown) if shown else b""
        month = month_at(place)
        known = self._stored.get(month)
        if known is None:
            if not encoded:
                return
            known = self._month(month)
        name = "shown" if place == own(month) else "spans_shown"
        if encoded != getattr(known, name):
            setattr(known, name, encoded)
            self.changed.add(month)

    def show_nothing(self) -> list[int]:
        """Of no month in hand anything is shown any more; returns all their places."""
        places = sorted(self.places(self._stored))
        for place in places:
            self.show(place, {})
        return places

    def published(self, place: int) -> dict[str, Raised]:
        """What stands published in a place."""
        month = month_at(place)
        stored = self._stored.get(month)
        if stored is None:
            return {}
        return stored.published if place == own(month) else stored.spans_published

    def publish(self, place: int, published: dict[str, Raised]) -> None:
        """Keep what stands published in a place now."""
        if self.published(place) != published:
            month = month_at(place)
            if place == own(month):
                self._month(month).published = published
            else:
                self._month(month).spans_published = published
            self.changed.add(month)
