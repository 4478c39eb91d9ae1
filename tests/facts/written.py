"""Facts as they are written in worked examples and tables (`tests.examples.reader` says how)."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from tests import facts
from tests.facts.base import Fact

TOKEN = re.compile(r'(?:[^\s"\[{]|"[^"]*"|\[[^\]]*\]|\{[^}]*\})+')
DAYS = re.compile(r"((?:\d{4}-\d\d-\d\d[T:\d]*(?:, )?)+) (.*)")


def written(line: str) -> list[Fact]:
    """The facts of a line: `2026-06-01, 2026-06-08 contact C1 complied mode=video`.

    Raises `ValueError` or `TypeError` for what is no fact.
    """
    dated = DAYS.fullmatch(line)
    if dated is None:
        raise ValueError(f"no day and fact: '{line}'")
    made: list[Fact] = []
    for day in dated[1].split(", "):
        made += _made(day, TOKEN.findall(dated[2]))
    return made


def named(word: str) -> tuple[str, Any]:
    """Name and value of `name=value`."""
    name, _, text = word.partition("=")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def whole(rows: list[list[str]], *marks: str) -> list[list[str]]:
    """The rows of a table, each with what goes on in the lines below it: their first cell is empty.

    `marks` stand between the cells that are put together: one for all columns, or one for each.
    """
    found: list[list[str]] = []
    for row in rows:
        if row[0]:
            found.append(row)
        else:
            between = marks if len(marks) > 1 else marks * len(row)
            cells = zip(between, found[-1], row, strict=True)
            found[-1] = [mark.join(filter(None, parts)) for mark, *parts in cells]
    return found


def _made(day: str, words: list[str]) -> list[Fact]:
    """What the function of `tests.facts` makes that the words name."""
    options = dict(named(word) for word in words if "=" in word)
    make, bare = _word([word for word in words if "=" not in word])
    if "id" in inspect.signature(make).parameters and (ids := [word for word in bare if word[0].isupper()]):
        (options["id"],) = ids
        bare.remove(ids[0])
    value = ["_".join(bare)] if bare else []
    made = make(day, *value, **options)
    return made if isinstance(made, list) else [made]


def _word(words: list[str]) -> tuple[Callable[..., Any], list[str]]:
    """The function that the first words name, and the other words."""
    for length in (2, 1):
        make = getattr(facts, "_".join(words[:length]), None)
        if len(words) >= length and inspect.isfunction(make):
            return make, words[length:]
    raise ValueError(f"no fact is called '{' '.join(words[:1])}'")
