"""The months of a case that are open: facts joined to them, what was touched, what must be written back.

Only those are opened that a fact or the passing of time touches; the rest stays in the database. A month has
two sections (numbered by `packing`): its facts, and the periods that end in it. The rules about periods have
the month before in view too, so that a fact may touch the periods of its own month and of the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

import msgspec

from shared.calendar import london_date
from shared.engine.assessment import Day, Month, TwoMonths
from shared.engine.case import Part, Register, first_and_last, first_day, month_of
from shared.engine.joining import Fact, join, move
from shared.engine.packing import (
    ALL_DAYS,
    CASE,
    NO_DAYS,
    Form,
    Raised,
    Said,
    StoredPart,
    facts_of,
    month_of_section,
    periods_of,
)
from shared.engine.service import Months

Extent = tuple[date, date]
"""The first and the last day of the time in which periods may end."""

_encode = msgspec.json.Encoder().encode


class OpenMonths:
    """See the module's text. Months are numbered as `month_of` does."""

    def __init__(self, months: Months, form: Form) -> None:
        self.model = months
        self._form = form
        self._stored: dict[int, StoredPart[Any]] = {}
        self.touched: dict[int, tuple[int, int]] = {}
        """The months in which facts changed since the case was assessed: the first and last day concerned,
        as ordinals."""
        self._empty_looked_at: dict[int, tuple[int, int]] = {}
        """At which days the rules about periods looked for months of which nothing is stored, as ordinals."""
        self.changed: set[int] = set()
        """The months that are to be written back."""
        self._anew: set[int] = set()
        self._packed: dict[int, bytes] = {}
        """What the database holds of the months that are open."""
        self._put_by: dict[int, tuple[bytes, StoredPart[Any]]] = {}
        """Months that were open in the transaction before, each with what the database held of it then."""

    def __iter__(self) -> Iterator[int]:
        return iter(self._stored)

    # -- loading and storing ---------------------------------------------------------------------

    def open(self, month: int, state: bytes) -> None:
        """Take a month that the database holds."""
        held, stored = self._put_by.get(month, (b"", None))
        if stored is None or held != state:
            stored = self._form.month(state)
            self._anew.add(month)
        self._stored[month], self._packed[month] = stored, state

    def opened_anew(self) -> set[int]:
        """The sections that look at months which were not put by: what is known of them may be old."""
        anew, self._anew = self._anew, set()
        return {section for m in anew for section in (facts_of(m), periods_of(m), periods_of(m + 1))}

    def put_by(self) -> None:
        """Put the open months by for the next transaction, which opens again what it needs of them."""
        self._put_by = {month: (state, self._stored[month]) for month, state in self._packed.items()}
        self._stored, self._packed = {}, {}
        self.changed.clear()

    def hold(self, months: Mapping[int, Part]) -> None:
        """Take months that are joined already, of which nothing was published."""
        self._stored.update({month: StoredPart(part) for month, part in months.items()})

    def salvage(self, months: dict[int, bytes]) -> None:
        """Take over what was published in months, but no facts: they are to be joined again."""
        for month, packed in months.items():
            self._stored[month] = self._form.salvage_month(packed, self.model.part())
        self.changed.update(self._stored)

    def pack(self, month: int) -> bytes | None:
        """The month packed for the database; None if nothing is left in it."""
        stored = self._stored[month]
        said = stored.of_facts.published or stored.of_periods.published or stored.shown
        if not said and not any(msgspec.structs.astuple(stored.part)):
            self._packed.pop(month, None)
            return None
        packed = self._packed[month] = self._form.pack(stored)
        return packed

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
        home = here = self._home(together, fact.key)
        if here is None:
            month = fact.month(register)
            # What is voided without a date is looked for in all months: its tombstone may lie in any.
            here = month_of(london_date(fact.cause.at)) if month is None else month
        part = self._month(here).part
        before = _days(part, together, fact.key) if home is not None else []
        join(part, register, fact)
        days = _days(part, together, fact.key)
        self._touch(here, before + days)
        if days and month_of(days[0]) != here:
            there = month_of(days[0])
            move(part, self._month(there).part, together, fact.key)
            self._touch(there, days)

    def _touch(self, month: int, days: list[date]) -> None:
        ordinals = [day.toordinal() for day in days]
        ordinals += self.touched.get(month, ())
        self.touched[month] = (min(ordinals), max(ordinals)) if ordinals else ALL_DAYS
        self.changed.add(month)

    def _home(self, together: Sequence[Register], key: str) -> int | None:
        """In which month these registers hold something of a key, or a tombstone; None if in none."""
        names = [register.into for register in together]
        home = None
        for month, stored in self._stored.items():
            part = stored.part
            for name in names:
                if key in getattr(part, name) or (part.voided and f"{name}/{key}" in part.voided):
                    home = month
        return home

    def _month(self, month: int) -> StoredPart[Any]:
        stored = self._stored.get(month)
        if stored is None:
            looked_at = self._empty_looked_at.pop(month, ALL_DAYS)
            stored = self._stored[month] = StoredPart(self.model.part(), looked_at=looked_at)
        return stored

    # -- assessing -------------------------------------------------------------------------------

    def all(self, day: date, extent: Extent | None) -> set[int]:
        """The sections in which anything may hold on that day."""
        ending = set(self._stored)
        ending |= {month + 1 for month in ending}
        if extent is not None:
            first, last = extent
            ending.update(range(month_of(first), min(month_of(last), month_of(day) + 1) + 1))
        return {*map(facts_of, self._stored), *map(periods_of, ending)}

    def due(self, day: date, assessed_on: date | None, wakes: Mapping[int, date]) -> set[int]:
        """The sections that the passing of time touches; `wakes` are the days for which each waits."""
        if assessed_on is None or day <= assessed_on:
            return set()  # nothing waited for was left for that day
        found = {section for section, wake in wakes.items() if section != CASE and wake <= day}
        # One month ahead as well, so that what ends early in it is waited for.
        found.update(map(periods_of, range(month_of(assessed_on), month_of(day) + 2)))
        return found

    def with_facts(self, day: date) -> set[int]:
        """The sections in which facts may have changed something, on that day.

        Periods that end in a fact's month or the next are left out if their rules did not look at the day of
        the fact. So are those of a month that is empty and further ahead than the next one: they are looked
        at when it is the next one.
        """
        found = set[int]()
        for month, (first, last) in self.touched.items():
            found.add(facts_of(month))
            for ending in (month, month + 1):
                stored = self._stored.get(ending)
                if stored is not None:
                    earliest, latest = stored.looked_at
                elif month <= month_of(day):
                    earliest, latest = self._empty_looked_at.get(ending, ALL_DAYS)
                else:
                    continue
                if earliest <= last and first <= latest:
                    found.add(periods_of(ending))
        return found

    def keep_looked_at(self, month: int, days: tuple[date, date] | None) -> None:
        """Keep at which days the rules about the periods of a month looked when it was assessed."""
        looked_at = (days[0].toordinal(), days[1].toordinal()) if days else NO_DAYS
        stored = self._stored.get(month)
        if stored is None:
            self._empty_looked_at[month] = looked_at
        elif stored.looked_at != looked_at:
            stored.looked_at = looked_at
            self.changed.add(month)

    def forget_looked_at(self, but: Set[int] = frozenset()) -> None:
        """The case itself has changed: in all sections but these the rules may look at other days."""
        self._empty_looked_at = {m: days for m, days in self._empty_looked_at.items() if periods_of(m) in but}

    def month(self, month: int) -> Month[Any]:
        """The month as the rules about its facts look at it."""
        return Month(self._facts(month), *first_and_last(month))

    def two_months(self, month: int) -> TwoMonths[Any]:
        """The month and the one before, as the rules about its periods look at it."""
        return TwoMonths(self._facts(month - 1), self._facts(month), *first_and_last(month))

    def _facts(self, month: int) -> Part:
        stored = self._stored.get(month)
        return self.model.nothing if stored is None else stored.part

    @staticmethod
    def wait_for_end(month: int, today: Day, extent: Extent | None) -> None:
        """Let the last month that is looked at be waited for to its end, so that the one after it follows."""
        ahead = month - month_of(today.waited_for)
        if ahead < 1 or extent is None:
            return
        if ahead > 1:
            today.hold_until(first_day(month - 1))  # then it is the last one
            return
        first, last = first_and_last(month)
        today.hold_until(first)  # then it is the last one no more
        if extent[0] <= last < extent[1]:
            today.after(last)

    def show(self, section: int, shown: Mapping[str, Any]) -> None:
        """Keep what is shown of a section to the people who query."""
        said = self._said(section)
        encoded = _encode(shown) if shown else b""
        if encoded != (said.shown if said is not None else b""):
            self._to_change(section).shown = encoded

    def published(self, section: int) -> dict[str, Raised]:
        """What stands published of a section."""
        said = self._said(section)
        return {} if said is None else said.published

    def all_published(self) -> list[dict[str, Raised]]:
        """What stands published of each open section, to be changed."""
        said = [x for stored in self._stored.values() for x in (stored.of_facts, stored.of_periods)]
        return [x.published for x in said]

    def publish(self, section: int, published: dict[str, Raised]) -> None:
        """Keep what stands published of a section now."""
        if self.published(section) != published:
            self._to_change(section).published = published

    def _said(self, section: int) -> Said | None:
        stored = self._stored.get(month_of_section(section))
        return None if stored is None else stored.said(section)

    def _to_change(self, section: int) -> Said:
        month = month_of_section(section)
        self.changed.add(month)
        return self._month(month).said(section)


def _days(part: Part, together: Sequence[Register], key: str) -> list[date]:
    """The days of what is known under a key; by the first it has its month."""
    return [
        register.day(record)
        for register in together
        if (record := getattr(part, register.into).get(key)) is not None
    ]
