"""What an assessment changes: findings against what stands published, claims against those before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from msgspec.json import decode
from msgspec.structs import replace

from shared.engine.assessment import Closing, Finding, Reason
from shared.engine.conclusions import Conclusion
from shared.engine.packing import Raised
from shared.engine.publication import Publication, Publisher, finding_data

Concluded = dict[int, list[Conclusion]]
"""What rules concluded, by section (see `CASE`)."""

NONE: Mapping[str, type[Any]] = MappingProxyType({})


def difference(
    concluded: Concluded,
    before: Mapping[str, Raised],
    counters: dict[str, int],
    publisher: Publisher,
    sequence: int,
    reason: Reason,
    followed: Mapping[str, type[Any]] = NONE,
    *,
    closed_unknown: bool = False,
) -> tuple[list[Publication], dict[int, dict[str, Raised]]]:
    """What to publish so that these findings stand in place of those before, and what is then kept of them.

    `before` is what is kept of all these sections, by "<type> <key>"; `sequence` the number of the last
    publication; `reason` why what no longer holds is withdrawn. `counters` learns how often a key was raised
    that is withdrawn now. Raises `ValueError` for two findings with one type and key.

    `followed` are the types of open items whose end other services follow, by name. Such an item is published
    even if it is closed at once, and then withdrawn. It is kept when it is closed: if it turns out to be
    another, or none, it is raised once more and withdrawn for that reason. So what others know of it does not
    depend on when a fact was told. `closed_unknown`: a former release did not keep those that it closed, and
    what it told of them is left as it is.
    """
    standing: dict[str, tuple[int, Finding, bytes]] = {}
    closed: dict[str, tuple[int, Finding, Closing]] = {}
    for section, found in concluded.items():
        for finding, closing, name, data in found:
            if name in standing or name in closed:
                raise ValueError(f"two findings with one type and key: {name}")
            if closing is not None:
                closed[name] = (section, finding, closing)
            else:
                standing[name] = (section, finding, data)
    out: list[Publication] = []
    after: dict[int, dict[str, Raised]] = {section: {} for section in concluded}

    def publish(name: str, finding: Finding, data: bytes) -> Raised:
        raised = Raised(counters.get(name, 0) + 1, data, finding.rules, finding.policy)
        out.append(publisher.finding(finding, data, raised.n, sequence + len(out) + 1))
        return raised

    def withdraw(name: str, was: Raised, why: Reason, closed_on: date | None = None) -> None:
        kind, key = name.split(" ", 1)
        if was.closed is not None:
            was = replace(was, n=was.n + 1)
            out.append(publisher.repetition(followed[kind], key, was, sequence + len(out) + 1))
        counters[name] = was.n
        number = sequence + len(out) + 1
        undoes = kind in followed and was.n > 1
        out.append(publisher.withdrawal(kind, key, was, why, number, closed_on, undoes=undoes))

    follow = {name: finding_data(f.event) for name, (_, f, _) in closed.items() if _kind(name) in followed}
    # What was closed first: it is raised again while what was decided still stands, and so goes unnoticed.
    for name, was in sorted(before.items(), key=lambda one: one[1].closed is None):
        if name in standing:
            continue
        if name not in closed:
            withdraw(name, was, reason)
        elif was.closed is None and says_the_same(was.data, follow.get(name, was.data)):
            withdraw(name, was, *closed[name][2])
    for name, (section, finding, data) in standing.items():
        known = before.get(name)
        if known is not None and known.closed is None:
            if says_the_same(known.data, data):
                after[section][name] = known if known.data == data else replace(known, data=data)
                continue
            withdraw(name, known, "superseded")
        after[section][name] = publish(name, finding, data)
    # After what stands: a decision is known before the item that it resolved at once.
    for name, data in follow.items():
        section, finding, closing = closed[name]
        known = before.get(name)
        if known is None and closed_unknown:
            known = Raised(counters.get(name, 0), data, finding.rules, finding.policy)
        elif known is None or not says_the_same(known.data, data) or known.closed not in (None, closing):
            if known is not None and known.closed is None:
                withdraw(name, known, "superseded")
            known = publish(name, finding, data)
            withdraw(name, known, *closing)
        after[section][name] = replace(known, data=data, closed=closing)
    return out, after


def says_the_same(was: bytes, now: bytes) -> bool:
    """Do they say the same? A field that a new release has added to a type changes nothing that stands."""
    if was == now:
        return True
    before, after = decode(was), decode(now)
    return before.keys() < after.keys() and all(after[name] == value for name, value in before.items())


def _kind(name: str) -> str:
    return name.split(" ", 1)[0]


def claims_changed(before: Mapping[str, int], after: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By how much each claim of an entity changed; `before` and `after` by "<entity> <item>"."""
    changes: dict[tuple[str, str], int] = {}
    for name in {*before, *after}:
        change = after.get(name, 0) - before.get(name, 0)
        if change:
            entity, item = name.split(" ", 1)
            changes[entity, item] = change
    return changes
