"""Puts into words why a message was refused: which field, what is expected there, and what to change.

No message repeats a value, nor a key that the sender chose: either may be personal data.
"""

import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

from schemas.scalars import PATTERN_MEANINGS

_FIELD = re.compile(r"[a-z][a-z0-9_]{0,49}")
_SHOWN = 5
"""How many errors a message lists."""

_PARTS = re.compile(r"[T ](\d\d):\d\d:(\d\d)", re.IGNORECASE)


def message(errors: list[ErrorDetails], skip: int = 1) -> str:
    """``field.path: what is wrong; ...``: up to five errors. `skip` parts of each path are left out."""
    shown = [f"{path(error['loc'][skip:])}: {_what(error)}" for error in errors[:_SHOWN]]
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    return "; ".join(shown)


def path(parts: Iterable[int | str]) -> str:
    """Where in the message: names and positions in lists, with ``?`` for a key that is no field's name."""
    return ".".join(str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "?" for part in parts)


def _what(error: ErrorDetails) -> str:
    kind, given = error["type"], error.get("input")
    if kind == "string_pattern_mismatch":
        return PATTERN_MEANINGS.get(error.get("ctx", {}).get("pattern", ""), error["msg"])
    if kind.startswith(("date_", "datetime_", "timezone_")):
        return _calendar(kind, error["msg"], given)
    if kind in ("int_type", "int_from_float"):
        return "Input should be a whole number" + _quoted(given)
    if kind == "float_type":
        return "Input should be a number" + _quoted(given)
    if kind == "bool_type":
        return "Input should be true or false" + _quoted(given)
    if kind == "string_type":
        return "Input should be a text" + ("" if given is None else ", in quotation marks")
    if kind == "list_type":
        return "Input should be a list"
    return error["msg"].removeprefix("Value error, ")


def _quoted(given: Any) -> str:
    return ", without quotation marks" if isinstance(given, str) else ""


def _calendar(kind: str, said: str, given: Any) -> str:
    """What is wrong with a date or an instant that has the right form."""
    parts = _PARTS.search(given) if isinstance(given, str) and "unexpected extra" in said else None
    if parts is not None and parts[1] == "24":
        return "There is no hour 24: write midnight as 00:00:00 of the next day"
    if parts is not None and parts[2] == "60":
        return "There is no second 60 here: write a leap second as second 59"
    if said.startswith("Input should be a valid date") and ", " in said:
        what = "date" if kind.startswith("date_f") else "date or time"
        return f"There is no such {what}: {said.split(', ', 1)[1]}"
    return said
