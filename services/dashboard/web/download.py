"""A table as CSV: its columns, a row that says what they mean, and what is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import Any

from services.dashboard.web.translation import gettext

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so would be a formula to a spreadsheet."""


CHUNK = 1000
"""Rows that are sent together."""


def as_csv(definitions: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> str:
    """The text of the file; names and definitions of the columns in the language of the page.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    return _head(definitions) + _lines(rows)


async def csv_chunks(
    definitions: Mapping[str, str], rows: AsyncIterator[Iterable[Any]]
) -> AsyncIterator[str]:
    """The same in parts, for very many rows."""
    yield _head(definitions)
    some: list[Iterable[Any]] = []
    async for row in rows:
        some.append(row)
        if len(some) == CHUNK:
            yield _lines(some)
            some.clear()
    yield _lines(some)


def _head(definitions: Mapping[str, str]) -> str:
    names, words = map(gettext, definitions), map(gettext, definitions.values())
    return _lines([names, words])


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.isoformat()
        case int() | float():
            return str(cell)
    words = str(cell)
    return f"'{words}" if words.startswith(_FORMULA) else words
