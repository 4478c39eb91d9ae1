"""What another policy would change: the findings of two replays of the same facts, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from shared.answers.describing import WITHHELD, describe
from shared.answers.placing import day_of, month, place_of
from shared.answers.responsible import Responsible, responsible
from shared.answers.standing import Held, Standing

Kind = Literal["appears", "vanishes", "changes"]
KINDS: tuple[Kind, ...] = ("appears", "vanishes", "changes")
NOT_COMPARED = {"why", "limited"}
_NAMES = {"closed": "state"}


class Group(NamedTuple):
    """What findings are counted by: type, rules that they rest on, place and month."""

    type: str
    rules: tuple[str, ...]
    region: str
    pdu: str
    month: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that is right under one policy only (`appears`, `vanishes`), or is another one (`changes`).

    `changed` has what differs: field -> (before, after). `closed` and `closed_on` are how an open item ended.
    One that changes is in the group that it has under the policy that is tried.
    """

    kind: Kind
    finding: Held
    person: str
    group: Group
    changed: dict[str, tuple[Any, Any]]

    @property
    def type(self) -> str:
        """The type of the finding."""
        return self.group.type

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that it rests on."""
        return self.group.rules

    @property
    def region(self) -> str:
        """Where it belongs; empty if it is not known."""
        return self.group.region

    @property
    def month(self) -> str:
        """The month in which it belongs, such as 2026-03."""
        return self.group.month

    @property
    def about(self) -> str:
        """What it is about, in words: the ids that both policies' findings have."""
        data = self.finding.event.data
        return describe(
            self.finding.event,
            frozenset(name for name in type(data).model_fields if not name.endswith("_id")),
        )

    @property
    def sides(self) -> tuple[str, str]:
        """What it says under the policy in force and under the one that is tried; empty: nothing."""
        if self.kind == "changes":
            before, after = [], []
            for name, old, new in changes_in_words(self):
                before.append(f"{name} {old}")
                after.append(f"{name} {new}")
            return ", ".join(before), ", ".join(after)
        return ("", in_words(self)) if self.kind == "appears" else (in_words(self), "")


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


def counted(found: Standing) -> Counter[Group]:
    """How many findings are right under one policy, by group."""
    allocated = responsible(found)
    return Counter(_group(held, found, allocated) for held in found.held())


def in_words(one: Difference) -> str:
    """What a difference is, in words without personal data."""
    if one.kind != "changes":
        over = f", {one.finding.closed} on {one.finding.closed_on}" if one.finding.closed else ""
        return f"{describe(one.finding.event)}{over}"
    changed = "; ".join(f"{name} {old} becomes {new}" for name, old, new in changes_in_words(one))
    return f"{one.about}: {changed or 'what is not shown here'}"


def changes_in_words(one: Difference) -> list[tuple[str, str, str]]:
    """What changes in a finding: (name, before, after), without what is never shown."""
    return [
        (_NAMES.get(name, name.rstrip("_").replace("_", " ")), _shown(name, before), _shown(name, after))
        for name, (before, after) in one.changed.items()
        if name not in WITHHELD
    ]


def _shown(name: str, value: Any) -> str:
    if value in (None, [], ""):
        return "open" if name == "closed" else "none"
    return str(value)


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
    return Difference(kind, held, person, _group(held, found, allocated), changed)


def _group(held: Held, found: Standing, allocated: dict[str, list[Responsible]]) -> Group:
    event = held.event
    place = place_of(event, allocated.get(found.person(event.subject), ()))
    rules = tuple(dict.fromkeys(event.data.why.rules))
    return Group(event.type, rules, *place, month(day_of(event)))
