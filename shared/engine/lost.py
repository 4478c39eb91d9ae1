"""Events that a service published and its database lost, because it went back to an earlier state.

The service reads them again from its own topic. Each case takes over its own: what stands, how often a key
was raised, the last sequence. Then no id and no sequence gets a second meaning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from shared.engine.assessment import Closing
from shared.engine.packing import Raised, StoredCase

_ADDED = {"why", "limited"}
_encode = msgspec.json.Encoder().encode


class Lost(NamedTuple):
    """One event. `key` is the finding's or the decision's (None for `Withdrawn`, whose data have it).

    `decision`: a decision was taken with it. `moved`: it is one that moved here with a merged record. All
    else are findings, of whatever type: a service may also conclude what it decides in other cases.
    """

    subject: str
    sequence: int
    personal: bool
    key: str | None
    decision: bool
    value: bytes
    moved: bool = False


class _Event(msgspec.Struct):
    type: str
    subject: str
    sequence: str
    data: dict[str, msgspec.Raw]
    dataclassification: str | None = None


class _Why(msgspec.Struct):
    rules: tuple[str, ...]
    policy: str


class _Withdrawn(msgspec.Struct):
    withdrawn_type: str
    key: str
    reason: str
    closed_on: date | None = None


_event = msgspec.json.Decoder(_Event).decode


def lost_from(value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Lost | None:
    """The event of a message on the service's own topic; None if the service did not write it so."""
    named = dict(headers)
    try:
        event = _event(value or b"")
        sequence = int(event.sequence)
        key = named["key"].decode() if "key" in named else None
    except (msgspec.DecodeError, ValueError):
        return None
    if key is None and event.type != "Withdrawn":
        return None
    personal = event.dataclassification is not None
    decision = named.get("decision")
    return Lost(
        event.subject, sequence, personal, key, decision == b"taken", value or b"", decision == b"moved"
    )


def _withdrawn(lost: Lost) -> str | None:
    """What the event withdraws, as "<type> <key>"; None if it raises something."""
    event = _event(lost.value)
    if event.type != "Withdrawn":
        return None
    gone = msgspec.json.decode(_encode(event.data), type=_Withdrawn)
    return f"{gone.withdrawn_type} {gone.key}"


def _closing_of(lost: Lost) -> Closing | None:
    """How and when an open item was closed by the event that withdraws it; None if it was not closed."""
    gone = msgspec.json.decode(_encode(_event(lost.value).data), type=_Withdrawn)
    if gone.closed_on is None or gone.reason not in ("resolved", "ended"):
        return None
    return ("resolved" if gone.reason == "resolved" else "ended"), gone.closed_on


def _raised(lost: Lost) -> tuple[str, Raised]:
    """What the event raises, as "<type> <key>", for the first time."""
    event = _event(lost.value)
    why = msgspec.json.decode(event.data["why"], type=_Why)
    data = _encode({name: value for name, value in event.data.items() if name not in _ADDED})
    return f"{event.type} {lost.key}", Raised(1, data, why.rules, why.policy)


def take_over(
    lost: Iterable[Lost],
    sequence: int,
    stored: StoredCase[Any],
    months: Sequence[dict[str, Raised]],
    followed: Collection[str],
) -> int:
    """Let what is stored of a case have what was lost of it; returns the sequence of the last event.

    `sequence` is that of the last event that is known, `months` are what stands published of each month;
    `followed` the types of open items whose end other services follow.
    """
    standing = [stored.published, stored.decisions, *months]
    for event in lost:
        if event.sequence <= sequence:
            continue
        sequence = event.sequence
        gone = _withdrawn(event)
        if gone is not None:
            among = next((found for found in standing if gone in found), None)
            was = among.pop(gone) if among is not None else None
            stored.counters[gone] = was.n if was else stored.counters.get(gone, 0) + 1
            closing = _closing_of(event) if gone.split(" ", 1)[0] in followed else None
            if among is not None and was is not None and closing is not None:
                among[gone] = msgspec.structs.replace(was, closed=closing)
        elif not event.decision:  # a decision that was taken is a fact
            name, found = _raised(event)
            n = stored.counters.get(name, 0) + 1
            for published in standing:
                published.pop(name, None)  # one that was closed
            into = stored.decisions if event.moved else stored.published
            into[name] = msgspec.structs.replace(found, n=n)
    return sequence
