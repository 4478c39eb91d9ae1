"""Policy values with effective dates: every number and list that a rule uses, with the law or text behind it.

Each service has its own TOML file, `services/<service>/policy.toml`, which it reads together with that of the
common rules, `shared/probation/policy.toml`. A file contains a list of values::

    [[value]]
    name = "video_share_limit"      # lower_case_words; the rule asks for it by this name
    value = 0.5                     # of one of the kinds below
    effective_from = 2019-06-01     # optional: its first day; default: no start
    effective_to = 2026-05-11       # optional: the first day on which it no longer applies; default: no end
    region = "london"               # optional: applies only there, instead of the national value
    unit = "share of contacts"      # optional; rules use "business_days" and "calendar_days"
    key_date = "contact"            # the date that the rule looks it up by: sentence, contact, referral, ...
    source = "s4:120"               # where the value comes from
    confidence = "published"        # statute, published or assumption
    note = "exactly half complies"  # optional; not used by rules

    [[value]]                       # the next value of a name starts where the last one ends
    name = "video_share_limit"
    value = 0.6
    effective_from = 2026-05-11
    ...

Kinds: a whole number (`integer`), a number with a decimal point (`number`, kept exactly), a string (`text`),
true or false (`flag`), a list of strings (`texts`), an inline table of numbers and strings such as
`{ A3 = 206, A2 = 158 }` (`table`). All values with the same name have the same kind and key date. Values with
the same name and region must not overlap. Gaps are allowed, but asking for a value in a gap is an error. An
invalid file is refused when it is loaded, with a one-line message that says how to correct it.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

from shared.calendar import DayUnit
from shared.mistakes import Mistake

Kind = Literal["integer", "number", "text", "flag", "texts", "table"]
Scalar = int | Decimal | str
Value = Scalar | bool | tuple[str, ...] | MappingProxyType[str, Scalar]

CONFIDENCES: Final = ("statute", "published", "assumption")
_REQUIRED: Final = ("name", "value", "key_date", "source", "confidence")
_TEXTS: Final = ("key_date", "source", "confidence", "region", "unit", "note")
_DATES: Final = ("effective_from", "effective_to")
_FIELDS: Final = frozenset({*_REQUIRED, *_TEXTS, *_DATES})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
DAY_UNITS: Final = get_args(DayUnit)


class PolicyError(Mistake):
    """A policy file is invalid, or a value is not in force. The message says how to correct it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, in force from `start` up to but not including `end`. `path` is the file that it is in."""

    path: Path
    name: str
    kind: Kind
    value: Value
    start: date
    end: date
    region: str | None
    unit: str | None
    key_date: str
    source: str
    confidence: str

    def __str__(self) -> str:
        where = f" ({self.region})" if self.region else ""
        return f"'{self.name}'{where} {_span(self.start, self.end)}"


def read_all(paths: Iterable[Path]) -> list[Entry]:
    """The values of files that are used together. Raises `PolicyError`, also if a name is in two files."""
    entries: list[Entry] = []
    for path in paths:
        known = {entry.name: entry.path for entry in entries}
        for entry in read(path):
            if entry.name in known:
                raise PolicyError(f"{path}: '{entry.name}' is also in {known[entry.name]}: remove one")
            entries.append(entry)
    return entries


def read(path: Path) -> list[Entry]:
    """The checked values of a policy file, in order of name, region and start.

    Raises `PolicyError`, which names the file, the value and the remedy.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise PolicyError(f"{path}: is not valid TOML: {error}") from error
    values = content.pop("value", None)
    if content:
        raise PolicyError(f"{path}: unknown '{next(iter(content))}': only [[value]] entries are allowed")
    if not isinstance(values, list) or not values:
        raise PolicyError(f"{path}: has no values: write each as a [[value]] entry")
    entries = [_entry(path, number, raw) for number, raw in enumerate(values, 1)]
    entries.sort(key=lambda e: (e.name, e.region or "", e.start))
    _check(path, entries)
    return entries


def written(entry: Entry, text: str) -> Value:
    """The value that somebody writes for this one, as in a policy file, but a word needs no quotes.

    Raises `PolicyError` if it is of another kind, or no number of days where one is needed.
    """
    at = f"'{entry.name}'"
    try:
        raw = tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except ValueError:
        raw = text
    if entry.kind == "text" and not isinstance(raw, str):
        raw = text
    if entry.kind == "number" and type(raw) is int:
        raw = Decimal(raw)
    kind, value = _value(at, raw)
    if kind != entry.kind:
        raise PolicyError(
            f"{at} is of kind {entry.kind}, and {text} is of kind {kind}: now it is {shown(entry.value)}"
        )
    _check_days(at, entry.unit, kind, value)
    return value


def shown(value: Value) -> str:
    """A value as people write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(value)}]"
        case Mapping():
            return f"{{ {', '.join(f'{key} = {item}' for key, item in value.items())} }}"
    return str(value)


def _check_days(at: str, unit: str | None, kind: Kind, value: Value) -> None:
    if unit in DAY_UNITS and (kind != "integer" or cast(int, value) < 0):
        raise PolicyError(f"{at}: {unit} must be a whole number of 0 or more, not {value}")


def _entry(path: Path, number: int, raw: object) -> Entry:
    if not isinstance(raw, dict):
        raise PolicyError(f"{path}: value {number} is not a table: write it as a [[value]] entry")
    name = raw.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PolicyError(f"{path}: value {number} has the name {name!r}: use lower_case_words")
    at = f"{path}: value {number} '{name}'"
    if unknown := sorted(raw.keys() - _FIELDS):
        raise PolicyError(
            f"{at}: unknown field '{unknown[0]}': remove it or use one of {', '.join(sorted(_FIELDS))}"
        )
    for field in _REQUIRED:
        if field not in raw:
            raise PolicyError(f"{at}: {field} is missing: add it")
    for field in _TEXTS:
        if field in raw and (not isinstance(raw[field], str) or not raw[field].strip()):
            raise PolicyError(f"{at}: {field} is {raw[field]!r}: write a string")
    for field in _DATES:
        if field in raw and (not isinstance(raw[field], date) or isinstance(raw[field], datetime)):
            raise PolicyError(
                f"{at}: {field} is {raw[field]!r}: write a date such as 2021-06-26, without quotes"
            )
    if raw["confidence"] not in CONFIDENCES:
        raise PolicyError(f"{at}: confidence is {raw['confidence']!r}: {one_of(CONFIDENCES)}")
    start, end = raw.get("effective_from", date.min), raw.get("effective_to", date.max)
    if start >= end:
        raise PolicyError(
            f"{at}: ends on {end} but starts on {start}: effective_to must be the day after its last day"
        )
    kind, value = _value(at, raw["value"])
    unit = raw.get("unit")
    _check_days(at, unit, kind, value)
    return Entry(
        path,
        name,
        kind,
        value,
        start,
        end,
        raw.get("region"),
        unit,
        raw["key_date"],
        raw["source"],
        raw["confidence"],
    )


def _value(at: str, raw: Any) -> tuple[Kind, Value]:
    """An immutable copy of a TOML value, with its kind."""
    match raw:
        case bool():
            return "flag", raw
        case int():
            return "integer", raw
        case Decimal() if raw.is_finite():
            return "number", raw
        case str():
            return "text", raw
        case list() if all(isinstance(item, str) for item in raw):
            return "texts", tuple(raw)
        case dict() if raw and all(
            _value(at, item)[0] in ("integer", "number", "text") for item in raw.values()
        ):
            return "table", MappingProxyType(dict(raw))
    raise PolicyError(
        f"{at}: its value is {raw!r}: write a number, a string, true or false, a list of strings or a table"
    )


def _check(path: Path, entries: list[Entry]) -> None:
    """Refuse contradictory values of one name. Entries must be sorted by name, region and start."""
    for one, other in pairwise(entries):
        if one.name != other.name:
            continue
        if one.region == other.region and other.start < one.end:
            raise PolicyError(
                f"{path}: {one} and {other} overlap: end the first on the day that the second starts"
            )
        if one.kind != other.kind:
            raise PolicyError(
                f"{path}: {one} is of kind {one.kind}, {other} of kind {other.kind}: use one kind"
            )
        if one.key_date != other.key_date:
            raise PolicyError(
                f"{path}: {one} uses key date {one.key_date}, {other} uses {other.key_date}: use one"
            )


def digest(entries: list[Entry]) -> str:
    """SHA-256 of the values with dates, regions and sources. Ignores notes, comments and order."""
    entries = sorted(entries, key=lambda e: (e.name, e.region or "", e.start))
    content = [
        {
            **{field: getattr(e, field) for field in e.__slots__ if field != "path"},
            "value": _plain(e.value),
            "start": e.start.isoformat(),
            "end": e.end.isoformat(),
        }
        for e in entries
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _plain(value: Value) -> object:
    """The value for JSON. 0.5 and 0.50 are the same number, but 1 and 1.0 are different kinds."""
    if isinstance(value, Decimal):
        return {"number": format(value.normalize(), "f")}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def one_of(words: Iterable[str]) -> str:
    """The part of a message that lists the allowed words."""
    return f"use one of {', '.join(words)}"


def _span(start: date, end: date) -> str:
    if start == date.min:
        return "at all times" if end == date.max else f"until {end.isoformat()}"
    return f"from {start.isoformat()}" + ("" if end == date.max else f" to {end.isoformat()}")
