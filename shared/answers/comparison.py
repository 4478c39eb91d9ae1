"""What another policy would change: the findings of two replays of the same facts, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from shared.answers.placing import day_of, month, place_of
from shared.answers.responsible import Responsible, responsible
from shared.answers.standing import Held, Standing

Kind = Literal["appears", "vanishes", "changes"]
KINDS: tuple[Kind, ...] = ("appears", "vanishes", "changes")
NOT_COMPARED = {"why", "limited"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that is right under one policy only (`appears`, `vanishes`), or is another one (`changes`).

    `changed` has what differs: field -> (before, after). `closed` and `closed_on` are how an open item ended.
    """

    kind: Kind
    finding: Held
    person: str
    region: str
    month: str
    changed: dict[str, tuple[Any, Any]]

    @property
    def type(self) -> str:
        """The type of the finding."""
        return self.finding.event.type

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that it rests on."""
        return tuple(dict.fromkeys(self.finding.event.data.why.rules))


def compare(before: Standing, after: Standing) -> list[Difference]:
    """What changes from one replay to the other, in the order published.

    Findings about the same thing (same service, type, subject and ids) that differ in other fields are
    paired, in the order of their days, as changed.
    """
    allocated = responsible(before), responsible(after)
    ours, theirs = _by_thing(before), _by_thing(after)
    found: list[Difference] = []
    for thing in dict.fromkeys([*ours, *theirs]):
        left, right = _unequal(ours.get(thing, []), theirs.get(thing, []))
        for old, new in zip(left, right, strict=False):
            found.append(_difference("changes", new, after, allocated[1], _changed(old, new)))
        found += [_difference("vanishes", old, before, allocated[0], {}) for old in left[len(right) :]]
        found += [_difference("appears", new, after, allocated[1], {}) for new in right[len(left) :]]
    found.sort(key=lambda one: (one.finding.event.time, one.finding.event.id))
    return found


def tally(
    differences: Iterable[Difference], by: Callable[[Difference], Iterable[str]]
) -> dict[str, Counter[Kind]]:
    """How many findings appear, vanish and change, by the names that `by` gives for each."""
    counted: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
    for one in differences:
        for name in by(one):
            counted[name][one.kind] += 1
    return dict(sorted(counted.items()))


def _by_thing(found: Standing) -> dict[tuple[str, ...], list[Held]]:
    things: defaultdict[tuple[str, ...], list[Held]] = defaultdict(list)
    for held in found.held():
        event = held.event
        ids = [
            f"{name}={value}"
            for name, value in event.data
            if name.endswith("_id") and name not in ("manager_id", "practitioner_id") and value is not None
        ]
        things[event.source, event.type, found.person(event.subject), *ids].append(held)
    for alike in things.values():
        alike.sort(key=lambda held: (held.event.time, held.event.sequence or ""))
    return things


def _content(held: Held) -> dict[str, Any]:
    data: dict[str, Any] = held.event.data.model_dump(exclude=NOT_COMPARED, mode="json")
    return data | {"closed": held.closed, "closed_on": held.closed_on and held.closed_on.isoformat()}


def _unequal(left: list[Held], right: list[Held]) -> tuple[list[Held], list[Held]]:
    """Both without those that are equal."""
    rest = [(held, _content(held)) for held in right]
    different = []
    for held in left:
        content = _content(held)
        match = next((n for n, (_, other) in enumerate(rest) if other == content), None)
        if match is None:
            different.append(held)
        else:
            del rest[match]
    return different, [held for held, _ in rest]


def _changed(old: Held, new: Held) -> dict[str, tuple[Any, Any]]:
    before, after = _content(old), _content(new)
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def _difference(
    kind: Kind,
    held: Held,
    found: Standing,
    allocated: dict[str, list[Responsible]],
    changed: dict[str, tuple[Any, Any]],
) -> Difference:
    person = found.person(held.event.subject)
    region = place_of(held.event, allocated.get(person, ())).region
    return Difference(kind, held, person, region, month(day_of(held.event)), changed)
