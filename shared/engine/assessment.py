"""What a service's rules say of a case on a day: findings, wishes and claims.

`assess(case, today, policy)` is pure. It never asks for the time, an id or a random number; all it
knows of time is the `Day`, which remembers what the outcome waits for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Generic, Literal, TypeVar

import msgspec

from shared.engine.case import Record

Closed = Literal["resolved", "ended"]
Reason = Literal["corrected", "resolved", "ended", "superseded", "merged", "policy"]

ONE_DAY = timedelta(days=1)

P = TypeVar("P")


class Day:
    """The day on which a case is assessed.

    Every comparison with it goes through `reached` or `after`; each answer "not yet" is remembered,
    so that `wake_on` is the first day on which the assessment could change by itself.
    """

    __slots__ = ("_date", "_wake_on")

    def __init__(self, day: date) -> None:
        self._date = day
        self._wake_on: date | None = None

    def reached(self, day: date) -> bool:
        """Has that day come? (It may be today.)"""
        if self._date >= day:
            return True
        if self._wake_on is None or day < self._wake_on:
            self._wake_on = day
        return False

    def after(self, day: date) -> bool:
        """Is that day over? A deadline due on `day` is missed when this is true."""
        return day < date.max and self.reached(day + ONE_DAY)

    @property
    def wake_on(self) -> date | None:
        """The first day on which an answer given so far changes; None if none ever will."""
        return self._wake_on

    @property
    def date(self) -> date:
        """The day itself, to start a calculation from. Compare only by `reached` and `after`."""
        return self._date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A conclusion that holds, or held and has been dealt with.

    `event` is the data of the event to publish (a model of `schemas`, without its `why`); `key`
    names what makes the finding one thing; `because` are the records it rests on; `policy` is the
    version of the values it was drawn from (`Values.version`).

    An open item that has been dealt with, or whose supervision ended, is still returned, with
    `closed` saying which: it is then withdrawn for that reason. A finding that is no longer
    returned at all never was right, and is withdrawn as `corrected`.
    """

    event: Any
    key: str
    rules: tuple[str, ...]
    because: Sequence[Record]
    policy: str
    closed: Closed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A decision that the case needs and that uses something shared.

    The engine locks the cases that offer themselves in `pools`, and asks the service's `decide`
    for the event that fulfils the wish. `key` is the decision's key; `about` is for `decide`.
    """

    key: str
    pools: tuple[str, ...]
    about: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wish cannot be fulfilled now, and why: the case remembers it in `refusals`, and asks again."""

    reason: str


@dataclass(slots=True, kw_only=True)
class Assessment:
    """All that the rules say of a case (without its monthly parts) on a day.

    `claims`: how much of something shared this case uses: {(subject of the shared thing, item): amount}.
    `pools`: where a shared thing offers itself to wishes.
    `status`, `region`, `practitioner`, and anything else as JSON in `shown`: for the people who query the
    cases; no rule reads them.
    """

    findings: list[Finding] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    claims: dict[tuple[str, str], int] = field(default_factory=dict)
    pools: tuple[str, ...] = ()
    status: str = ""
    region: str | None = None
    practitioner: str | None = None
    shown: Any = None


@dataclass(slots=True)
class MonthAssessment:
    """What the rules say of one month of a case: its findings, and what is shown of it to those who query.

    `shown` is a JSON object, empty if there is nothing to show; no rule reads it.
    """

    findings: list[Finding]
    shown: dict[str, Any] = field(default_factory=dict)


class Month(msgspec.Struct, Generic[P], frozen=True):
    """One month of a case, for the rules about what happened in it."""

    this: P
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Does that day fall in this month?"""
        return self.first <= day <= self.last


class Window(Month[P], Generic[P], frozen=True):
    """A month and the one before, for the rules about what ends in it and may have begun before."""

    previous: P


def evidence(records: Iterable[Record]) -> list[str]:
    """The ids of the events that a finding rests on, each once, in the order given."""
    return list(dict.fromkeys(r.event_id for r in records if r.event_id))
