"""Numbers of what was done and what was late, by delivery unit and month.

Each measure counts findings that are right: those that stand, and open items that were closed. The counts
are true: they are for those who manage the work. Before such numbers are published, small ones must be
suppressed. By groups of people they are shown in no other way (`suppression.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.envelope import CloudEvent
from shared.answers.groups import groups_of
from shared.answers.listed import MEASURES, Measure
from shared.answers.placing import Place, day_of, month, place_of
from shared.answers.responsible import responsible
from shared.answers.standing import Held, Standing
from shared.probation.names import name_key


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one case adds to a measure. `groups` are those that the measure is looked at by."""

    measure: str
    place: Place
    month: str
    kind: str
    achieved: int
    total: int
    groups: tuple[str, ...]


@dataclass
class Count:
    """What was counted: how many achieved it, of how many, and how many of each kind."""

    achieved: int = 0
    total: int = 0
    kinds: Counter[str] | None = None

    def add(self, achieved: int, total: int, kind: str) -> None:
        self.achieved += achieved
        self.total += total
        if kind:
            self.kinds = self.kinds or Counter()
            self.kinds[kind] += total


Month = str
Counts = dict[tuple[str, Place, Month], Count]


def contributions(found: Standing, measures: Iterable[Measure]) -> Iterator[Contribution]:
    """What each case adds to these measures, where and when."""
    allocated = responsible(found)
    groups = groups_of(found)
    for measure in measures:
        for case in measure.cases(found):
            person = found.person(case.event.subject)
            own = groups.get(person, ()) if case.groups is None else case.groups
            yield Contribution(
                measure.name,
                place_of(case.event, allocated.get(person, ())),
                month(case.on or day_of(case.event)),
                case.kind,
                case.amount * case.achieved,
                case.amount,
                tuple(group for group in own if group in measure.groups),
            )


class Types(NamedTuple):
    """Types of events: those that count while they stand, and those that count closed too."""

    standing: frozenset[str]
    closed: frozenset[str]


def types_counted(measures: Iterable[Measure]) -> Types:
    """The types of events that these measures ask for: those that they ask of nothing."""
    asked = _Asked()
    for _ in contributions(asked, measures):
        pass
    return Types(frozenset(asked.standing), frozenset(asked.closed))


class _Asked(Standing):
    """Nothing, and it notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: set[str] = set()
        self.closed: set[str] = set()

    def events(self, *types: str) -> list[CloudEvent[Any]]:
        self.standing |= set(types)
        return super().events(*types)

    def held(self, *types: str) -> Iterator[Held]:
        self.closed |= set(types)
        return super().held(*types)


def counts(found: Standing) -> Counts:
    """PERF-3: every measure by name, delivery unit and month."""
    spelt: dict[tuple[str, str], Place] = {}
    counted: Counts = {}
    for one in contributions(found, MEASURES):
        place = spelt.setdefault((one.place.region, name_key(one.place.pdu)), one.place)
        key = one.measure, place, one.month
        counted.setdefault(key, Count()).add(one.achieved, one.total, one.kind)
    return counted


def summed(
    counted: Counts, measure: Measure, places: Iterable[Place], months: Iterable[Month]
) -> Count | None:
    """A measure's number over some delivery units and months; None if nothing was to be counted."""
    keys = [(measure.name, place, month) for place in places for month in months]
    found = [counted[key] for key in keys if key in counted]
    if not found:
        return None
    return Count(sum(one.achieved for one in found), sum(one.total for one in found))


def total(measure: Measure, found: Standing) -> Count:
    """The number over all delivery units and months."""
    whole = Count()
    for case in measure.cases(found):
        whole.add(case.amount * case.achieved, case.amount, case.kind)
    return whole


def shown(measure: Measure, count: Count | None) -> str:
    """The number as people read it."""
    if count is None or (measure.shown_as == "average" and not count.total):
        return "-"
    match measure.shown_as:
        case "share":
            return f"{count.achieved // measure.per} of {count.total // measure.per}"
        case "average":
            return f"{count.achieved / count.total:.1f}"
    return str(count.total // measure.per)
