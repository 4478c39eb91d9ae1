"""The policy values in force on a day: every number and list that a rule uses, by date and region.

`policy_file` describes the format of a policy file and checks it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from shared.calendar import DayUnit, within
from shared.policy_file import DAY_UNITS, Entry, Kind, PolicyError, Scalar, Value, digest, one_of, read_all

__all__ = ["Policy", "PolicyError", "Scalar", "Values"]


class Values:
    """The values in force on one day in one region. Getters raise `PolicyError` for others."""

    __slots__ = ("_day", "_entries", "_policy", "_region", "_values", "version")

    def __init__(
        self,
        policy: "Policy",
        day: date,
        region: str | None,
        version: str,
        entries: Mapping[str, Entry],
        values: Mapping[str, Value],
    ) -> None:
        self._policy = policy
        self._day = day
        self._region = region
        self._entries = entries
        self._values = values
        self.version: Final = version
        """The service and the date of the latest change to its values, such as "contacts@2021-06-26". The
        date is 0001-01-01 while only values without `effective_from` are in force."""

    def __eq__(self, other: object) -> bool:
        """Are they the same values? So they are on all days between two changes."""
        return isinstance(other, Values) and self._values is other._values

    def __hash__(self) -> int:
        return id(self._values)

    # Rules ask for values for every fact, so each getter is one look-up and explains errors only on failure.

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
        """A number, exactly as written; whole numbers are accepted."""
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
        """How a number of days is counted: the unit given for that value."""
        self.integer(name)
        entry = self._entries[name]
        if entry.unit not in DAY_UNITS:
            raise PolicyError(f"{entry.path}: {entry}: unit is {entry.unit!r}: {one_of(DAY_UNITS)}")
        return cast(DayUnit, entry.unit)

    def within(self, since: date, name: str) -> date:
        """The last day within that number of days of `since`, counted in its unit."""
        return within(since, self.integer(name), self.day_unit(name))

    def _refusal(self, name: str, kind: Kind) -> PolicyError:
        entry = self._entries.get(name)
        if entry is None:
            return PolicyError(self._policy.missing(name, self._day, self._region))
        return PolicyError(f"{entry.path}: {entry} is of kind {entry.kind}, not {kind}")


class Policy:
    """All values of one service over time."""

    def __init__(self, service: str, path: Path, entries: list[Entry], trial: str | None = None) -> None:
        """Use `Policy.load` instead."""
        self.service: Final = service
        self._version: Final = f"{service}@what-if-{trial}-" if trial else f"{service}@"
        self.path: Final = path
        self._entries = entries
        self._starts = sorted({e.start for e in entries} | {e.end for e in entries if e.end != date.max})
        self._cache: dict[tuple[int, str | None], tuple[str, Mapping[str, Entry], Mapping[str, Value]]] = {}
        self.on = lru_cache(maxsize=16_384)(self._on)  # rules ask for the same days often
        """The values in force on a day in a region. A regional value overrides the national one."""
        self.digest: Final = digest(entries)
        """SHA-256 of the values with dates, regions and sources. Ignores notes, comments and order."""

    @classmethod
    def load(cls, path: Path, service: str, *common: Path) -> "Policy":
        """Read and check a service's policy file, together with the files of the common rules that it uses.

        Raises `PolicyError`, which names the file, the value and the remedy.
        """
        return cls(service, path, read_all((*common, path)))

    def changed(self, values: Mapping[tuple[Path, str], Value]) -> "Policy":
        """This policy with other values for some names of its files, on every day and in every region that
        has a value of that name."""
        entries = [replace(e, value=values.get((e.path, e.name), e.value)) for e in self._entries]
        return Policy(self.service, self.path, entries)

    def trying(self, trial: str) -> "Policy":
        """This policy to be tried, not to be worked by.

        Its versions carry the trial's name, as in "contacts@what-if-3f2a90c1-2021-06-26", so that nobody
        takes for real what follows from it.
        """
        return Policy(self.service, self.path, self._entries, trial)

    def _on(self, day: date, region: str | None = None) -> Values:
        # All days between two changes share one set of values, which keeps the cache small.
        segment = bisect_right(self._starts, day) - 1
        known = self._cache.get((segment, region))
        if known is None:
            version = f"{self._version}{self._starts[max(segment, 0)].isoformat()}"
            entries = self._in_force(day, region)
            values = {name: entry.value for name, entry in entries.items()}
            known = self._cache[segment, region] = (version, entries, values)
        return Values(self, day, region, *known)

    @property
    def changes(self) -> list[date]:
        """The days on which a value starts or ends, in order."""
        return [day for day in self._starts if day != date.min]

    def next_change(self, after: date) -> date | None:
        """The first day after `after` on which a value starts or ends."""
        position = bisect_right(self._starts, after)
        return self._starts[position] if position < len(self._starts) else None

    def tables(self, name: str) -> list[Mapping[str, Scalar]]:
        """All tables of that name, for any day and region."""
        return [e.value for e in self._entries if e.name == name and type(e.value) is MappingProxyType]

    def missing(self, name: str, day: date, region: str | None) -> str:
        """An error that says that there is no value of this name on a day, and what to do."""
        where = f" in {region}" if region else ""
        spans = [str(entry) for entry in self._entries if entry.name == name]
        remedy = f"the only values are {'; '.join(spans)}" if spans else "add a [[value]] of that name"
        return f"{self.path}: no value '{name}' on {day.isoformat()}{where}: {remedy}"

    def _in_force(self, day: date, region: str | None) -> Mapping[str, Entry]:
        found = {e.name: e for e in self._entries if e.region is None and e.start <= day < e.end}
        if region is not None:
            found |= {e.name: e for e in self._entries if e.region == region and e.start <= day < e.end}
        return found
