"""Dates that can hardly be right: a year mistyped, day and century swapped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from shared.calendar import add_months, london_date
from shared.policy import Policy

UNDATED = (str, int, float, type(None))
"""What most fields of a fact hold."""


def implausible_dates(data: Any, recorded_on: date, policy: Policy) -> Iterator[tuple[str, str]]:
    """SH-10: a date in a fact lies too far before or after the day on which it was recorded to be right.

    Yields the path of each such field below `data` and what is wrong with it. How far is policy, by the name
    of the field: less than no years ahead means that it lies at least so many years back.
    """
    for path, day in _dates(data, "data"):
        name = path.rpartition(".")[2]
        first, last = _limits(policy, recorded_on, name)
        if day > last:
            most_ahead, _ = _years(policy, recorded_on, name)
            far = (
                f"more than {most_ahead} years after"
                if most_ahead >= 0
                else f"less than {-most_ahead} years before"
            )
            yield path, f"is {far} it was recorded"
        elif day < first:
            _, most_back = _years(policy, recorded_on, name)
            yield path, f"is more than {most_back} years before it was recorded"


@lru_cache(maxsize=1024)  # many facts are recorded on one day
def _limits(policy: Policy, recorded_on: date, name: str) -> tuple[date, date]:
    """The first and the last day that are plausible in a field of that name."""
    most_ahead, most_back = _years(policy, recorded_on, name)
    return add_months(recorded_on, -12 * most_back), add_months(recorded_on, 12 * most_ahead)


def _years(policy: Policy, recorded_on: date, name: str) -> tuple[int, int]:
    """How many years ahead and back a date in a field of that name may lie."""
    values = policy.on(recorded_on)
    ahead, back = values.table("plausible_years_ahead"), values.table("plausible_years_back")
    return int(ahead.get(name, ahead["other"])), int(back.get(name, back["other"]))


def _dates(data: Any, path: str) -> Iterator[tuple[str, date]]:
    """The dates in the data of an event, each with its path; those in a list have the path of the list."""
    for name, value in vars(data).items():
        if isinstance(value, UNDATED):
            continue  # the common case, and asked of every fact
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, date):
                day = london_date(item) if isinstance(item, datetime) else item
                yield f"{path}.{name.rstrip('_')}", day
            elif hasattr(item, "model_fields_set"):
                yield from _dates(item, f"{path}.{name.rstrip('_')}")
