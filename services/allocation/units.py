"""Delivery units that are renamed, split or merged (REG-8).

What a region's units are called is told to everyone (`Overview.notice`): whoever the workforce records under
another name of the unit is asked for a case as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from services.allocation.facts import UnitChange
from shared.engine.assessment import Day
from shared.probation.names import name_key


class Units:
    """How the delivery units of a region are called, after the changes that have taken effect."""

    def __init__(self, changes: Iterable[UnitChange]) -> None:
        self._to: dict[str, set[str]] = {}
        self._spelt: dict[str, str] = {}
        for change in sorted(changes, key=lambda c: (c.effective_on, *c.stamp)):
            before, after = name_key(change.from_pdu), name_key(change.to_pdu)
            self._to.setdefault(before, set()).add(after)
            self._spelt |= {before: self._spelt.get(before, change.from_pdu), after: change.to_pdu}

    @property
    def named(self) -> frozenset[str]:
        """The names of the units that some change names."""
        return frozenset(self._spelt.values())

    def today(self, pdu: str) -> frozenset[str]:
        """REG-8: the keys of the units that a unit has become; its own if it has not changed."""
        first = name_key(pdu)
        found: set[str] = set()
        seen: set[str] = set()
        left = [first]
        while left:
            unit = left.pop()
            if unit not in seen:
                seen.add(unit)
                following = self._to.get(unit, set()) - {unit}
                if unit in self._to.get(unit, ()) or not following:
                    found.add(unit)
                left += sorted(following)
        return frozenset(found or {first})

    def name(self, pdu: str) -> str:
        """The one unit that a unit has become; its old name while it is split among several."""
        names = self.today(pdu)
        only = next(iter(names)) if len(names) == 1 else None
        return pdu if only is None or only == name_key(pdu) else self._spelt[only]

    def names_of(self, pdu: str) -> list[str]:
        """REG-8: all names of what a unit is today, or of a part of it; the one it goes by here first."""
        today = self.today(pdu)
        return [pdu, *(name for name in sorted(self.named) if name != pdu and today & self.today(name))]


_read = msgspec.json.Decoder(tuple[UnitChange, ...]).decode


def units_notice(changes: Iterable[UnitChange]) -> str:
    """The notice of a region: all changes of its units, past and to come; empty if there are none."""
    told = sorted(changes, key=lambda change: (change.effective_on, *change.stamp))
    return msgspec.json.encode(told).decode() if told else ""


@lru_cache(maxsize=64)
def changes_told(notice: str) -> tuple[UnitChange, ...]:
    """The changes that the notice of a region tells."""
    return _read(notice) if notice else ()


def units_today(changes: Iterable[UnitChange], today: Day) -> Units:
    """How units are called today. A change to come is waited for."""
    return Units([change for change in changes if today.reached(change.effective_on)])
