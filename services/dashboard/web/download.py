"""A table as CSV: its columns, a row that says what they mean, and what is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.dashboard.web.translation import gettext

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so would be a formula to a spreadsheet."""


def as_csv(definitions: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> str:
    """The text of the file; names and definitions of the columns in the language of the page.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([gettext(name) for name in definitions])
    writer.writerow([_safe(gettext(words)) for words in definitions.values()])
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
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
