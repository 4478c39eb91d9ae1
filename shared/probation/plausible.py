"""Dates that can hardly be right: a year mistyped, day and century swapped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from shared.calendar import add_months, london_date
from shared.policy import Policy


def implausible_dates(data: Any, recorded_on: date, policy: Policy) -> Iterator[tuple[str, str]]:
    """SH-10: a date in a fact lies too far before or after the day on which it was recorded to be right.

    Yields the path of each such field below `data` and what is wrong with it. How far is policy, by the name
    of the field: less than no years ahead means that it lies at least so many years back.
    """
    values = policy.on(recorded_on)
    ahead, back = values.table("plausible_years_ahead"), values.table("plausible_years_back")
    for path, day in _dates(data, "data"):
        name = path.rpartition(".")[2]
        most_ahead, most_back = (int(limits.get(name, limits["other"])) for limits in (ahead, back))
        if day > add_months(recorded_on, 12 * most_ahead):
            far = (
                f"more than {most_ahead} years after"
                if most_ahead >= 0
                else f"less than {-most_ahead} years before"
            )
            yield path, f"is {far} it was recorded"
        elif day < add_months(recorded_on, -12 * most_back):
            yield path, f"is more than {most_back} years before it was recorded"


def _dates(value: Any, path: str) -> Iterator[tuple[str, date]]:
    """The dates in the data of an event, each with its path; those in a list have the path of the list."""
    if isinstance(value, date):
        yield path, london_date(value) if isinstance(value, datetime) else value
    elif isinstance(value, list):
        for item in value:
            yield from _dates(item, path)
    elif hasattr(value, "model_fields_set"):
        for name, item in vars(value).items():
            yield from _dates(item, f"{path}.{name.rstrip('_')}")
