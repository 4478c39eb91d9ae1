"""Breaks a message in one of the ways in which real ones break."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

_ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    0,
    -1,
    1e308,
    10**30,
    True,
    [],
    {},
    [None],
    {"": None},
    "\x00",
    "\ud800",
    "a\nb",
    "x" * 9_000,
    "31/02/2026",
    "2026-02-30",
    "9999-12-31T23:59:59-23:59",
    "0000-00-00",
    "Mon Jun 31 18:35:59 BST 2023",
    "999 Years",
    "80 Hours or so",
    "NaN",
    "ZZZZ",
    "../../etc/passwd",
    "{}",
    "é\N{NO-BREAK SPACE}",
)


def mutated(body: Any, chance: Random) -> bytes:
    """The message with one to three changes, now and then broken as bytes."""
    value = copy.deepcopy(body)
    for _ in range(chance.randint(1, 3)):
        value = _change(value, chance)
    raw = json.dumps(value).encode()
    if chance.random() < 0.05:
        at = chance.randrange(len(raw))
        raw = chance.choice(
            (raw[:at], raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :], b"", b"[" * 5_000)
        )
    return raw


def _change(value: Any, chance: Random) -> Any:
    places = list(_places(value))
    if not places:
        return chance.choice(_ODD)
    holder, name = chance.choice(places)
    match chance.randrange(5):
        case 0:
            del holder[name]
        case 1 | 2:
            holder[name] = copy.deepcopy(chance.choice(_ODD))
        case 3:
            other, key = chance.choice(places)
            if key in other if isinstance(other, dict) else key < len(other):
                holder[name] = copy.deepcopy(other[key])
        case _:
            if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[name]))
            else:
                holder[f"{name}X"] = holder[name]
    return value


def _places(value: Any) -> Any:
    """Every place in a document: its holder and its name or number there."""
    names = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield value, name
        yield from _places(value[name])
