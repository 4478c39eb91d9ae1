"""A fact as a feed or a service tells it, and how a list of them is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.catalogue import CATALOGUE
from schemas.envelope import Data, Published
from shared.calendar import LONDON, london_date

PERSON = "X123456"
"""The person whom facts are about unless they say otherwise."""

Options = Any
"""`recorded`, `event`, `subject` and any field of the data (`voided` among them)."""

WHY = {"rules": ["CONT-1"], "policy": "tests@2021-06-26", "evidence": []}


@dataclass(frozen=True)
class Fact:
    """One event: its data, whom it is about, its event id and the instant at which it was recorded."""

    data: Data
    subject: str
    id: str
    recorded: datetime
    id_given: bool = False
    recorded_given: bool = False

    @property
    def type(self) -> str:
        return type(self.data).__name__

    @property
    def day(self) -> date:
        """The day on which it happened, by its data."""
        dates = (value for name, value in self.data if name.endswith("_on") and name != "ends_on")
        return next((value for value in dates if isinstance(value, date)), london_date(self.recorded))

    def about(self, subject: str) -> Fact:
        """The same about another person."""
        return replace(self, subject=subject, id=f"{self.id}@{subject}")

    def voided(self) -> Fact:
        """That it never happened."""
        never = self.data.model_copy(update={"voided": True})
        return replace(self, data=never, id=f"{self.id}-voided", id_given=True)

    def said(self, recorded: str) -> Fact:
        """The same, recorded at that time."""
        return replace(self, recorded=moment(recorded), recorded_given=True)


def moment(text: str) -> datetime:
    """A day (noon in London), an instant on London's clocks or one with an offset, in UTC."""
    read = datetime.fromisoformat(f"{text}T12:00" if len(text) == 10 else text)
    return (read if read.tzinfo else read.replace(tzinfo=LONDON)).astimezone(UTC)


PLACE: dict[str, Any] = {"region": "london", "pdu": "camden"}
"""Where sentences are supervised unless a test says otherwise, as findings about them say."""


def fact(type: str, day: str, defaults: Mapping[str, Any], options: Mapping[str, Any]) -> Fact:
    """An event of that type; `day` is its business date, and `options` go before `defaults`.

    Raises `TypeError` for an option that the type has no field for.
    """
    model = CATALOGUE[type].model
    given = dict(options)
    recorded = given.pop("recorded", None)
    event = given.pop("event", None)
    subject = given.pop("subject", PERSON)
    if unknown := given.keys() - model.model_fields.keys():
        raise TypeError(f"{type} has no field {', '.join(sorted(unknown))}")
    data = {**defaults, **given}
    if issubclass(model, Published):
        data.setdefault("why", WHY)
        names = [str(value) for name, value in data.items() if name.endswith("_id") and value]
        names.append(day)
    else:
        names = [str(data[name]) for name in CATALOGUE[type].key]
    return Fact(
        model.model_validate_json(json.dumps(data, default=str)),
        subject,
        event or "-".join((type, *names)),
        moment(recorded or day),
        event is not None,
        recorded is not None,
    )


def told(facts: Iterable[Fact]) -> list[Fact]:
    """The facts as they are told one after the other: what is said again of a thing corrects it.

    A correction that does not say when it was recorded was recorded a second after what it corrects, and one
    that has no event id of its own is given one. The same fact said twice is a repeat, and stays as it is.
    """
    out: list[Fact] = []
    latest: dict[tuple[str, ...], datetime] = {}
    by_id: dict[str, Fact] = {}
    for one in facts:
        key = (one.type, one.subject, *(str(getattr(one.data, name)) for name in CATALOGUE[one.type].key))
        before = latest.get(key)
        known = by_id.get(one.id)
        now = one
        corrects = before is not None and known != one and not isinstance(one.data, Published)
        if before is not None and corrects and not one.recorded_given:
            now = replace(now, recorded=max(now.recorded, before + timedelta(seconds=1)))
        if known is not None and known != one and not one.id_given:
            n = 2
            while f"{one.id}-{n}" in by_id:
                n += 1
            now = replace(now, id=f"{one.id}-{n}")
        latest[key] = max(now.recorded, before or now.recorded)
        by_id.setdefault(now.id, now)
        out.append(now)
    return out


def year_from(day: str, years: int = 1) -> str:
    """The last day of the years that begin with this day."""
    first = date.fromisoformat(day)
    return (date(first.year + years, first.month, 1) + timedelta(days=first.day - 2)).isoformat()


def days_from(first: str, count: int) -> list[str]:
    """That many days, one after the other."""
    start = date.fromisoformat(first)
    return [(start + timedelta(days=n)).isoformat() for n in range(count)]
