"""Effective-dated policy values: every number and list that a rule uses, with the law or text behind it.

One TOML file per service, `services/<service>/policy.toml`, holds a list of values::

    [[value]]
    name = "video_share_limit"      # lower_case_words; the rule asks for it by this name
    value = 0.5                     # of one of the kinds below
    effective_from = 2019-06-01     # optional: its first day; left out: from the beginning
    effective_to = 2026-05-11       # optional: the first day on which it no longer holds; left out: open
    region = "london"               # optional: only there, and before the national value; left out: national
    unit = "share of contacts"      # optional; a rule reads "business_days" and "calendar_days"
    key_date = "contact"            # the date by which the rule looks it up: sentence, contact, referral, ...
    source = "s4:120"               # where the value was read
    confidence = "published"        # statute, published or assumption
    note = "exactly half complies"  # optional; no rule reads it

    [[value]]                       # the next value of a name starts where the last one ends
    name = "video_share_limit"
    value = 0.6
    effective_from = 2026-05-11
    ...

Kinds: a whole number (`integer`), a number with a decimal point (`number`, kept exactly), a string (`text`),
true or false (`flag`), a list of strings (`texts`), an inline table of numbers and strings such as
`{ A3 = 206, A2 = 158 }` (`table`). All values of a name are of one kind and have one key date. Values of the
same name and region do not overlap; a gap is allowed, and asking for a value in a gap is an error. Whatever
is wrong is refused when the file is loaded, in one line that says how to put it right.
"""

import hashlib
import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

from shared.calendar import DayUnit, within

Kind = Literal["integer", "number", "text", "flag", "texts", "table"]
Scalar = int | Decimal | str
Value = Scalar | bool | tuple[str, ...] | MappingProxyType[str, Scalar]

CONFIDENCES: Final = ("statute", "published", "assumption")
_REQUIRED: Final = ("name", "value", "key_date", "source", "confidence")
_TEXTS: Final = ("key_date", "source", "confidence", "region", "unit", "note")
_DATES: Final = ("effective_from", "effective_to")
_FIELDS: Final = frozenset({*_REQUIRED, *_TEXTS, *_DATES})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_DAY_UNITS: Final = get_args(DayUnit)


class PolicyError(Exception):
    """A policy file that cannot be used, or a value that is not in force; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One value, in force from `start` up to but not including `end`."""

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


class Values:
    """The values in force on one day in one region. Getters raise `PolicyError` for a value that is not."""

    __slots__ = ("_day", "_entries", "_policy", "_region", "_values", "version")

    def __init__(
        self,
        policy: "Policy",
        day: date,
        region: str | None,
        version: str,
        entries: Mapping[str, _Entry],
        values: Mapping[str, Value],
    ) -> None:
        self._policy = policy
        self._day = day
        self._region = region
        self._entries = entries
        self._values = values
        self.version: Final = version
        """Service and day of the latest change in the file by then, such as "contacts@2021-06-26"; the day is
        0001-01-01 while only values without `effective_from` hold."""

    # Rules ask for values with every fact: each getter is one look-up, and says what is wrong only then.

    def has(self, name: str) -> bool:
        """Whether a value of this name is in force."""
        return name in self._values

    def integer(self, name: str) -> int:
        """A whole number."""
        value = self._values.get(name)
        if type(value) is int:
            return value
        raise self._refusal(name, "integer")

    def number(self, name: str) -> Decimal:
        """A number, exactly as written; a whole number will do."""
        value = self._values.get(name)
        if type(value) is Decimal or type(value) is int:
            return Decimal(value)
        raise self._refusal(name, "number")

    def text(self, name: str) -> str:
        """A string."""
        value = self._values.get(name)
        if type(value) is str:
            return value
        raise self._refusal(name, "text")

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._values.get(name)
        if type(value) is bool:
            return value
        raise self._refusal(name, "flag")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, in the file's order."""
        value = self._values.get(name)
        if type(value) is tuple:
            return value
        raise self._refusal(name, "texts")

    def table(self, name: str) -> Mapping[str, Scalar]:
        """A read-only table of numbers and strings."""
        value = self._values.get(name)
        if type(value) is MappingProxyType:
            return value
        raise self._refusal(name, "table")

    def day_unit(self, name: str) -> DayUnit:
        """How a number of days is counted: the unit given with that number."""
        self.integer(name)
        entry = self._entries[name]
        if entry.unit not in _DAY_UNITS:
            raise PolicyError(f"{self._policy.path}: {entry}: unit is {entry.unit!r}: {_one_of(_DAY_UNITS)}")
        return cast(DayUnit, entry.unit)

    def within(self, since: date, name: str) -> date:
        """The last day on which what is due within that number of days of `since` is in time, in its unit."""
        return within(since, self.integer(name), self.day_unit(name))

    def _refusal(self, name: str, kind: Kind) -> PolicyError:
        entry = self._entries.get(name)
        if entry is None:
            return PolicyError(self._policy._missing(name, self._day, self._region))
        return PolicyError(f"{self._policy.path}: {entry} is of kind {entry.kind}, not {kind}")


class Policy:
    """All values of one service, through time."""

    def __init__(self, service: str, path: Path, entries: list[_Entry]) -> None:
        """Use `Policy.load`."""
        self.service: Final = service
        self.path: Final = path
        self._entries = sorted(entries, key=lambda e: (e.name, e.region or "", e.start))
        _check(path, self._entries)
        self._starts = sorted({e.start for e in entries} | {e.end for e in entries if e.end != date.max})
        self._cache: dict[tuple[int, str | None], tuple[str, Mapping[str, _Entry], Mapping[str, Value]]] = {}
        self.on = lru_cache(maxsize=16_384)(self._on)  # rules ask for the same days again and again
        """The values in force on a day, and in a region: its own value goes before the national one."""
        self.digest: Final = _digest(self._entries)
        """sha256 of the values with dates, scopes and sources; notes, comments and order do not matter."""

    @classmethod
    def load(cls, path: Path, service: str) -> "Policy":
        """Read and check a policy file; `PolicyError` names file, value and cure."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except OSError as error:
            raise PolicyError(f"{path}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise PolicyError(f"{path}: is not valid TOML: {error}") from error
        values = content.pop("value", None)
        if content:
            raise PolicyError(f"{path}: unknown '{next(iter(content))}': only [[value]] entries are read")
        if not isinstance(values, list) or not values:
            raise PolicyError(f"{path}: holds no values: write each as a [[value]] entry")
        return cls(service, path, [_entry(path, number, raw) for number, raw in enumerate(values, 1)])

    def _on(self, day: date, region: str | None = None) -> Values:
        # All days between two changes share one set of values, so that there is little to keep.
        segment = bisect_right(self._starts, day) - 1
        known = self._cache.get((segment, region))
        if known is None:
            version = f"{self.service}@{self._starts[max(segment, 0)].isoformat()}"
            entries = self._in_force(day, region)
            values = {name: entry.value for name, entry in entries.items()}
            known = self._cache[segment, region] = (version, entries, values)
        return Values(self, day, region, *known)

    @property
    def changes(self) -> list[date]:
        """The days on which any value starts or ends, in order."""
        return [day for day in self._starts if day != date.min]

    def next_change(self, after: date) -> date | None:
        """The first day later than `after` on which any value starts or ends."""
        position = bisect_right(self._starts, after)
        return self._starts[position] if position < len(self._starts) else None

    def tables(self, name: str) -> list[Mapping[str, Scalar]]:
        """The tables of that name, on whatever day and wherever they are in force."""
        return [e.value for e in self._entries if e.name == name and type(e.value) is MappingProxyType]

    def _missing(self, name: str, day: date, region: str | None) -> str:
        """Why there is no value of this name on a day, and how to mend it."""
        where = f" in {region}" if region else ""
        spans = [str(entry) for entry in self._entries if entry.name == name]
        cure = f"it holds only for {'; '.join(spans)}" if spans else "add a [[value]] of that name"
        return f"{self.path}: no value '{name}' on {day.isoformat()}{where}: {cure}"

    def _in_force(self, day: date, region: str | None) -> Mapping[str, _Entry]:
        found = {e.name: e for e in self._entries if e.region is None and e.start <= day < e.end}
        if region is not None:
            found |= {e.name: e for e in self._entries if e.region == region and e.start <= day < e.end}
        return found


def _entry(path: Path, number: int, raw: object) -> _Entry:
    if not isinstance(raw, dict):
        raise PolicyError(f"{path}: value {number} is no table: write it as a [[value]] entry")
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
            raise PolicyError(f"{at}: no {field}: add it")
    for field in _TEXTS:
        if field in raw and (not isinstance(raw[field], str) or not raw[field].strip()):
            raise PolicyError(f"{at}: {field} is {raw[field]!r}: write a text")
    for field in _DATES:
        if field in raw and (not isinstance(raw[field], date) or isinstance(raw[field], datetime)):
            raise PolicyError(
                f"{at}: {field} is {raw[field]!r}: write a date such as 2021-06-26, without quotes"
            )
    if raw["confidence"] not in CONFIDENCES:
        raise PolicyError(f"{at}: confidence is {raw['confidence']!r}: {_one_of(CONFIDENCES)}")
    start, end = raw.get("effective_from", date.min), raw.get("effective_to", date.max)
    if start >= end:
        raise PolicyError(
            f"{at}: ends on {end} but starts on {start}: effective_to is the day after its last"
        )
    kind, value = _value(at, raw["value"])
    unit = raw.get("unit")
    if unit in _DAY_UNITS and (kind != "integer" or cast(int, value) < 0):
        raise PolicyError(f"{at}: {unit} are counted in whole numbers from 0: {value} is none")
    return _Entry(
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
    """A value as TOML gives it, frozen, with its kind."""
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
        f"{at}: its value is {raw!r}: write a number, a text, true or false, a list of texts or a table"
    )


def _check(path: Path, entries: list[_Entry]) -> None:
    """Refuse values of one name that contradict each other; entries are sorted by name, region and start."""
    for one, other in pairwise(entries):
        if one.name != other.name:
            continue
        if one.region == other.region and other.start < one.end:
            raise PolicyError(f"{path}: {one} and {other} overlap: end the first where the second starts")
        if one.kind != other.kind:
            raise PolicyError(
                f"{path}: {one} is of kind {one.kind}, {other} of kind {other.kind}: use one kind"
            )
        if one.key_date != other.key_date:
            raise PolicyError(
                f"{path}: {one} goes by key date {one.key_date}, {other} by {other.key_date}: use one"
            )


def _digest(entries: list[_Entry]) -> str:
    content = [
        {
            **{field: getattr(e, field) for field in e.__slots__},
            "value": _plain(e.value),
            "start": e.start.isoformat(),
            "end": e.end.isoformat(),
        }
        for e in entries
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _plain(value: Value) -> object:
    """The value for JSON; 0.5 and 0.50 are the same number and 1 and 1.0 are not the same kind."""
    if isinstance(value, Decimal):
        return {"number": format(value.normalize(), "f")}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _one_of(words: Iterable[str]) -> str:
    return f"use one of {', '.join(words)}"


def _span(start: date, end: date) -> str:
    if start == date.min:
        return "at all times" if end == date.max else f"until {end.isoformat()}"
    return f"from {start.isoformat()}" + ("" if end == date.max else f" to {end.isoformat()}")
