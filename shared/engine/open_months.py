"""The months of a case that are open: facts joined to them, what was touched, what must be written back.

Only those are opened that a fact or the passing of time touches; the rest stays in the database. Each month
is assessed with the one before in view, so that a fact touches the month that holds it and the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from shared.engine.assessment import Day, Month
from shared.engine.case import Part, Register, first_and_last, month_of
from shared.engine.joining import Fact, join, move
from shared.engine.packing import CASE, Form, Raised, StoredPart
from shared.engine.service import Months

Extent = tuple[date, date]
"""The first and the last day of the time in which a month may have findings though no fact falls in it."""

_encode = msgspec.json.Encoder().encode


class OpenMonths:
    """See the module's text. Months are numbered as `month_of` does."""

    def __init__(self, months: Months, form: Form) -> None:
        self.model = months
        self._form = form
        self._stored: dict[int, StoredPart[Any]] = {}
        self.touched: dict[int, date] = {}
        """The months in which facts changed since the case was assessed, each with the last day concerned."""
        self._empty_looked_back_to: dict[int, int] = {}
        """How far back the rules looked in months of which nothing is stored, as ordinals."""
        self.changed: set[int] = set()
        """The months that are to be written back."""
        self._homes: dict[str, dict[str, int]] = {}
        """In which month each key is kept, by the first register of its kind; worked out when asked for."""

    def __iter__(self) -> Iterator[int]:
        return iter(self._stored)

    # -- loading and storing ---------------------------------------------------------------------

    def open(self, month: int, state: bytes) -> None:
        """Take a month that the database holds."""
        self._stored[month] = self._form.month(state)
        self._homes.clear()

    def hold(self, months: Mapping[int, Part]) -> None:
        """Take months that are joined already, of which nothing was published."""
        self._stored.update({month: StoredPart(part) for month, part in months.items()})

    def salvage(self, months: dict[int, bytes]) -> None:
        """Take over what was published in months, but no facts: they are to be joined again."""
        for month, packed in months.items():
            self._stored[month] = self._form.salvage_month(packed, self.model.part())
        self.changed.update(self._stored)

    def pack(self, month: int) -> bytes | None:
        """The month packed, or None if nothing is left in it."""
        stored = self._stored[month]
        said = stored.published or stored.shown
        return self._form.pack(stored) if said or any(msgspec.structs.astuple(stored.part)) else None

    def shown(self, month: int) -> bytes:
        """What is shown of the month to the people who query, as a JSON object; empty if nothing is."""
        return self._stored[month].shown

    # -- facts -----------------------------------------------------------------------------------

    def part(self, month: int) -> Part:
        """The facts of a month; a new part if there is none yet."""
        part: Part = self._month(month).part
        return part

    def join(self, register: Register, fact: Fact) -> None:
        """Join a fact where its key is kept, and move all of that key if it belongs to another month now."""
        together = self.model.together(register)
        homes = self._homes_of(together)
        here = homes.get(fact.key)
        if here is None:
            here = homes[fact.key] = register.month(fact.record(register))
        part = self._month(here).part
        before = _days(part, together, fact.key)
        join(part, register, fact)
        days = _days(part, together, fact.key)
        self._touch(here, before + days)
        if days and month_of(days[0]) != here:
            there = homes[fact.key] = month_of(days[0])
            move(part, self._month(there).part, together, fact.key)
            self._touch(there, days)

    def _touch(self, month: int, days: list[date]) -> None:
        self.touched[month] = max([*days, self.touched.get(month, date.min)])
        self.changed.add(month)

    def _homes_of(self, together: Sequence[Register]) -> dict[str, int]:
        """In which month each key is kept of which these registers hold something, or a tombstone."""
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

    def all(self, day: date, extent: Extent | None) -> set[int]:
        """The months in which anything may hold on that day."""
        found = set(self._stored)
        found |= {month + 1 for month in found}
        if extent is not None:
            first, last = extent
            found.update(range(month_of(first), min(month_of(last), month_of(day) + 1) + 1))
        return found

    def due(self, day: date, assessed_on: date | None, wakes: Mapping[int, date]) -> set[int]:
        """The months that the passing of time touches; `wakes` are the days for which each waits."""
        if assessed_on is None or day <= assessed_on:
            return set()  # nothing waited for was left for that day
        found = {month for month, wake in wakes.items() if month != CASE and wake <= day}
        # One month ahead as well, so that what ends early in it is waited for.
        found.update(range(month_of(assessed_on), month_of(day) + 2))
        return found

    def with_facts(self, day: date) -> set[int]:
        """The months in which facts may have changed something, on that day.

        The month after a fact's own is left out if its rules did not look back as far as the fact. So is one
        that is empty and further ahead than the next one: it is assessed when it is the next one.
        """
        found = set(self.touched)
        for month, last in self.touched.items():
            following = self._stored.get(month + 1)
            if following is None:
                looked_back_to = self._empty_looked_back_to.get(month + 1, 0)
                near = month <= month_of(day)
            else:
                looked_back_to, near = following.looked_back_to, True
            if near and last.toordinal() >= looked_back_to:
                found.add(month + 1)
        return found

    def keep_looked_back_to(self, month: int, day: date) -> None:
        """Keep how far back the rules about a month looked when it was assessed."""
        stored = self._stored.get(month)
        if stored is None:
            self._empty_looked_back_to[month] = day.toordinal()
        elif stored.looked_back_to != day.toordinal():
            stored.looked_back_to = day.toordinal()
            self.changed.add(month)

    def forget_looked_back_to(self) -> None:
        """Something of the case itself has changed: the rules may look back further."""
        self._empty_looked_back_to.clear()

    def month(self, month: int) -> Month[Any]:
        """The month as the rules look at it."""
        this, previous = self._stored.get(month), self._stored.get(month - 1)
        nothing = self.model.nothing
        first, last = first_and_last(month)
        return Month(this.part if this else nothing, previous.part if previous else nothing, first, last)

    @staticmethod
    def wait_for_end(month: int, today: Day, extent: Extent | None) -> None:
        """Let the last month that is looked at be waited for to its end, so that the one after it follows."""
        if extent is None or month != month_of(today.date) + 1:
            return
        last = first_and_last(month)[1]
        if extent[0] <= last < extent[1]:
            today.after(last)

    def show(self, month: int, shown: Mapping[str, Any]) -> None:
        """Keep what is shown of a month to the people who query."""
        encoded = _encode(shown) if shown else b""
        if encoded != (self._stored[month].shown if month in self._stored else b""):
            self._month(month).shown = encoded
            self.changed.add(month)

    def published(self, month: int) -> dict[str, Raised]:
        """What stands published of a month."""
        stored = self._stored.get(month)
        return stored.published if stored else {}

    def publish(self, month: int, published: dict[str, Raised]) -> None:
        """Keep what stands published of a month now."""
        if self.published(month) != published:
            self._month(month).published = published
            self.changed.add(month)


def _days(part: Part, together: Sequence[Register], key: str) -> list[date]:
    """The days of what is known under a key; by the first it has its month."""
    return [
        register.day(record)
        for register in together
        if (record := getattr(part, register.into).get(key)) is not None
    ]
