"""The months of a case that are in hand: facts joined to them, what was touched, what must be written back.

Only those are opened that a fact or the passing of time touches; the rest stays in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from shared.engine.assessment import ONE_DAY, Window
from shared.engine.case import Part, Register, first_day, month_of
from shared.engine.joining import Fact, holds, join, move
from shared.engine.service import Months
from shared.engine.stored import Form, Raised, StoredPart

_encode = msgspec.json.Encoder().encode


class OpenMonths:
    """See the module's text. Months are numbered as `month_of` does."""

    def __init__(self, months: Months, form: Form) -> None:
        self.model = months
        self._form = form
        self._stored: dict[int, StoredPart[Any]] = {}
        self.touched: dict[int, date] = {}
        """The months that facts touched, each with the latest day of what was there or is there now."""
        self.changed: set[int] = set()
        """The months that are to be written back."""

    def __iter__(self) -> Iterator[int]:
        return iter(self._stored)

    # -- loading and storing ---------------------------------------------------------------------

    def open(self, month: int, state: bytes) -> None:
        """Take a month that the database holds."""
        self._stored[month] = self._form.month(state)

    def salvage(self, months: dict[int, bytes]) -> None:
        """Take over what was published in months, but no facts: they are to be joined again."""
        for month, packed in months.items():
            self._stored[month] = self._form.salvage_month(packed, self.model.part())
        self.changed.update(self._stored)

    def pack(self, month: int) -> bytes | None:
        """The month packed, or None if nothing is left in it."""
        stored = self._stored[month]
        empty = not stored.published and not stored.shown and not any(msgspec.structs.astuple(stored.part))
        return None if empty else self._form.pack(stored)

    def shown(self, month: int) -> bytes:
        """What is shown of the month to the people who query, as JSON; empty if nothing is."""
        return self._stored[month].shown

    # -- facts -----------------------------------------------------------------------------------

    def part(self, month: int) -> Part:
        """The facts of a month; a new part if there is none yet."""
        part: Part = self._month(month).part
        return part

    def join(self, register: Register, fact: Fact) -> None:
        """Join a fact where its thing lives, and move the thing if it belongs to another month now."""
        together = self.model.together(register)
        here = self._month_of(fact.key, together)
        if here is None:
            here = register.month(fact.record(register))
        part = self._month(here).part
        self._touch(here, part, together, fact.key)
        join(part, register, fact)
        self._touch(here, part, together, fact.key)
        for of in together:
            record = getattr(part, of.into).get(fact.key)
            if record is not None:
                there = of.month(record)
                if there != here:
                    target = self._month(there).part
                    move(part, target, together, fact.key)
                    self._touch(there, target, together, fact.key)
                return

    def _touch(self, month: int, part: Part, together: list[Register], key: str) -> None:
        latest = self.touched.get(month, date.min)
        for register in together:
            record = getattr(part, register.into).get(key)
            if record is not None:
                latest = max(latest, register.day(record))
        self.touched[month] = latest
        self.changed.add(month)

    def _month_of(self, key: str, together: list[Register]) -> int | None:
        """The month in which that thing lives, if it is known."""
        for month, stored in self._stored.items():
            if holds(stored.part, together, key):
                return month
        return None

    def _month(self, month: int) -> StoredPart[Any]:
        stored = self._stored.get(month)
        if stored is None:
            stored = self._stored[month] = StoredPart(self.model.part())
        return stored

    # -- assessing -------------------------------------------------------------------------------

    def window(self, month: int) -> Window[Any]:
        """What the rules see when they assess a month."""
        before, this = self._stored.get(month - 1), self._stored.get(month)
        return Window(
            previous=before.part if before else self.model.nothing,
            this=this.part if this else self.model.nothing,
            first=first_day(month),
            last=first_day(month + 1) - ONE_DAY,
        )

    def after_touched(self, day: date, view: Any) -> set[int]:
        """The months after touched ones that look back at what was touched, on that day.

        Not one that is still to come and empty: nothing holds in it yet.
        """
        after = {month + 1 for month in self.touched if month + 1 in self._stored or month < month_of(day)}
        looks_back = self.model.looks_back
        if looks_back is None:
            return after
        return {
            month
            for month in after
            if self.touched[month - 1] >= looks_back(view, first_day(month), first_day(month + 1) - ONE_DAY)
        }

    def show(self, month: int, shown: Any) -> None:
        """Keep what is shown of a month to the people who query (None: nothing)."""
        encoded = _encode(shown) if shown is not None else b""
        known = self._stored.get(month)
        if encoded != (known.shown if known else b""):
            self._month(month).shown = encoded
            self.changed.add(month)

    def show_nothing(self) -> list[int]:
        """Of no month in hand anything is shown any more; returns these months."""
        months = sorted(self._stored)
        for month in months:
            self.show(month, None)
        return months

    def published(self, month: int) -> dict[str, Raised]:
        """What stands published in a month."""
        stored = self._stored.get(month)
        return stored.published if stored else {}

    def publish(self, month: int, published: dict[str, Raised]) -> None:
        """Keep what stands published in a month now."""
        if self.published(month) != published:
            self._month(month).published = published
            self.changed.add(month)
