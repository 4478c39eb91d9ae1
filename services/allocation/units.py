"""Delivery units that are renamed, split or merged (REG-8)."""

from __future__ import annotations

from collections.abc import Iterable

from services.allocation.facts import UnitChange


class Units:
    """How the delivery units of a region are called, after the changes that have taken effect."""

    def __init__(self, changes: Iterable[UnitChange]) -> None:
        self._to: dict[str, set[str]] = {}
        for change in sorted(changes, key=lambda c: (c.effective_on, *c.stamp)):
            self._to.setdefault(change.from_pdu, set()).add(change.to_pdu)

    @property
    def named(self) -> frozenset[str]:
        """The units that some change names."""
        return frozenset(self._to).union(*self._to.values())

    def today(self, pdu: str) -> frozenset[str]:
        """REG-8: the units that a unit has become; itself if it has not changed."""
        found: set[str] = set()
        seen: set[str] = set()
        open_ = [pdu]
        while open_:
            unit = open_.pop()
            if unit in seen:
                continue
            seen.add(unit)
            following = self._to.get(unit, set()) - {unit}
            if unit in self._to.get(unit, ()) or not following:
                found.add(unit)
            open_ += sorted(following)
        return frozenset(found or {pdu})

    def name(self, pdu: str) -> str:
        """The one unit that a unit has become; its old name while it is split among several."""
        names = self.today(pdu)
        return next(iter(names)) if len(names) == 1 else pdu
