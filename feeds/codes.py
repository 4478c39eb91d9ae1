"""The code tables of the feeds: data with dates and sources, read from TOML.

A table is a list of rows `[[name]]`, each with `code` or `codes`, what it `means`, our `word` (or the word
`skip`), its `source`, and `assumed = true` where the word is a policy of the feed. `from` and `to` (the first
day on which it no longer applies) are optional. An unknown code is never given a default.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from feeds.message import Node, Untranslatable
from shared.mistakes import Mistake

SKIP = "skip"
"""The word of a code that is known and says nothing that we have an event for."""

_FIELDS = frozenset({"code", "codes", "means", "word", "source", "assumed", "from", "to"})
_FEEDS = Path(__file__).parent


class TableError(Mistake):
    """A code table is wrong. The message says where and how to correct it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one code means to us, from `start` up to but not including `end`."""

    code: str
    means: str
    word: str
    source: str
    assumed: bool
    start: date
    end: date
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One code table."""

    name: str
    path: Path
    rows: Mapping[str, tuple[Row, ...]]

    def row(self, code: str, on: date | None = None) -> Row | None:
        """The row of a code on a day; None if there is none."""
        for row in self.rows.get(code, ()):
            if on is None or row.start <= on < row.end:
                return row
        return None

    def of(self, node: Node, name: str, on: date | None = None) -> Row:
        """The row of the code in a field. Raises `Untranslatable` if the field or the row is missing."""
        code = node.text(name)
        row = self.row(code, on)
        if row is None:
            raise self.unknown(node[name], code)
        return row

    def unknown(self, node: Node, code: str) -> Untranslatable:
        """The error that a code is not in the table."""
        where = self.path.relative_to(_FEEDS.parent)
        return Untranslatable(
            node.name,
            f"the code is not in table {self.name}",
            f"find out what it means and add a row to {where}",
            code,
        )


@cache
def table(folder: str, name: str) -> Table:
    """A table of a feed's `codes.toml`. Raises `TableError`."""
    path = _FEEDS / folder / "codes.toml"
    rows: dict[str, list[Row]] = {}
    for number, raw in enumerate(_file(path).get(name, ()), 1):
        for row in _rows(f"{path}: {name} {number}", raw):
            others = rows.setdefault(row.code, [])
            if any(row.start < other.end and other.start < row.end for other in others):
                raise TableError(f"{path}: {name}: code {row.code} is there twice at one time: remove one")
            others.append(row)
    if not rows:
        raise TableError(f"{path}: there is no table {name}: add [[{name}]] rows")
    return Table(name, path, {code: tuple(found) for code, found in rows.items()})


@cache
def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise TableError(f"{path}: is not valid TOML: {error}") from None


def _rows(at: str, raw: Mapping[str, Any]) -> list[Row]:
    codes = raw.get("codes", [raw["code"]] if "code" in raw else [])
    if not codes or not all(isinstance(code, str) and code for code in codes):
        raise TableError(f"{at}: give `code` or `codes`, each a text")
    for name in ("means", "word", "source"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise TableError(f"{at}: {name} is missing: add it")
    start, end = raw.get("from", date.min), raw.get("to", date.max)
    if not start < end:
        raise TableError(f"{at}: `to` must be later than `from`")
    more = {name: value for name, value in raw.items() if name not in _FIELDS}
    assumed = bool(raw.get("assumed", False))
    return [Row(code, raw["means"], raw["word"], raw["source"], assumed, start, end, more) for code in codes]


@cache
def release() -> str:
    """The digest of all tables: when it changes, dead letters are tried again."""
    digest = hashlib.sha256()
    for path in sorted(_FEEDS.glob("*/codes.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
