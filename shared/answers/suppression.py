"""Which numbers by group must not be shown, so that no small one can be worked out from all that is shown.

A group (women, for example) is compared with everybody else, in areas within areas: the nation, its regions
and their delivery units. How many achieved something in an area, and how many did not, is known of everybody
together: these are true counts. So whoever knows the group knows everybody else, and is told both or neither.

An area is shown if it is *safe*: in the group and among everybody else nobody is counted, or at least `least`
achieved it and at least as many did not. But an area that is not shown might be worked out: a region is the
sum of its units. So what is known of each area is worked out too, as bounds of its count, and more areas are
withheld until the bounds of each that is not shown are as wide as `least`, or as its true count allows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Name = tuple[str, str]
"""A region and a delivery unit."""


class Result(NamedTuple):
    """How many achieved it, and how many did not."""

    achieved: int
    missed: int

    @property
    def total(self) -> int:
        """How many are counted."""
        return self.achieved + self.missed


class Bounds(NamedTuple):
    """The least and the greatest that a count can be."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """How far they are apart."""
        return self.high - self.low


@dataclass(frozen=True)
class Area:
    """An area with the results of everybody and of a group in it, and the areas of which it consists."""

    name: Name
    everybody: Result
    group: Result
    parts: tuple[Area, ...] = ()

    @property
    def others(self) -> Result:
        """The results of everybody else."""
        return Result(
            self.everybody.achieved - self.group.achieved, self.everybody.missed - self.group.missed
        )

    @property
    def size(self) -> int:
        """How many are counted in it."""
        return self.everybody.total

    def all(self) -> Iterator[Area]:
        """This area and all within it."""
        yield self
        for part in self.parts:
            yield from part.all()


def rounded(number: int, to: int) -> int:
    """The nearest multiple of `to`; of two that are as near, the greater."""
    return (2 * number + to) // (2 * to) * to


def withheld(whole: Area, least: int) -> set[Name]:
    """EQ-2: the names of the areas that must not be shown. An area within one of these is one of them."""
    parents = {part.name: area for area in whole.all() for part in area.parts}
    found: set[Name] = set()
    for area in whole.all():
        if not _safe(area, least):
            found |= {each.name for each in area.all()}
    while (open_to := _worked_out(whole, found, least)) is not None:
        found |= {each.name for each in _next(open_to, parents, found).all()}
    return found


def _safe(area: Area, least: int) -> bool:
    """Is nobody counted, or at least so many with each result, in the group and among everybody else?"""
    return all(side.total == 0 or min(side) >= least for side in (area.group, area.others))


def _worked_out(whole: Area, found: Collection[Name], least: int) -> Area | None:
    """An area that is not shown, whose count can be worked out too closely while it need not be."""
    if whole.name in found:
        return None  # nothing is shown
    for result in range(2):
        known = bounds(whole, found, result)
        for area in whole.all():
            wide = min(least, area.everybody[result])
            if area.name in found and known[area.name].width < wide:
                return area
    return None


def _next(area: Area, parents: Mapping[Name, Area], found: Collection[Name]) -> Area:
    """What to withhold so that less is known of an area: the smallest beside it, else what it is part of."""
    parent = parents[area.name]
    while parent.name in found:
        parent = parents[parent.name]
    shown = [part for part in parent.parts if part.name not in found and part.size]
    return min(shown, key=lambda part: (part.size, part.name), default=parent)


def bounds(whole: Area, found: Collection[Name], result: int) -> dict[Name, Bounds]:
    """What is known of the group's count in each area (0: of those who achieved it, 1: of those who did not).

    `found` are the areas that are not shown. Bounds are exact, because areas are within each other or apart.
    """
    alone: dict[Name, Bounds] = {}
    _from_parts(whole, found, result, alone)
    known = {whole.name: alone[whole.name]}
    for area in whole.all():
        low = sum(alone[part.name].low for part in area.parts)
        high = sum(alone[part.name].high for part in area.parts)
        for part in area.parts:
            mine, all_of_it = alone[part.name], known[area.name]
            known[part.name] = Bounds(
                max(mine.low, all_of_it.low - (high - mine.high)),
                min(mine.high, all_of_it.high - (low - mine.low)),
            )
    return known


def _from_parts(area: Area, found: Collection[Name], result: int, alone: dict[Name, Bounds]) -> Bounds:
    """What is known of an area from itself and what is within it."""
    within = [_from_parts(part, found, result, alone) for part in area.parts]
    if area.name not in found:
        known = Bounds(area.group[result], area.group[result])
    elif within:
        known = Bounds(sum(one.low for one in within), sum(one.high for one in within))
    else:
        known = Bounds(0, area.everybody[result])
    alone[area.name] = known
    return known
