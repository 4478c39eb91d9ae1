"""The packed form in which the database holds a case and its months."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from shared.engine.answers import Basis
from shared.engine.assessment import Closing
from shared.engine.case import Case, Part
from shared.engine.service import CaseModel

C = TypeVar("C")
P = TypeVar("P")


class Raised(msgspec.Struct, frozen=True, array_like=True):
    """A finding that was raised for the n-th time, with this data, by these rules and this policy.

    It stands, unless it is an open item whose end other services follow (see `CaseModel.followed`): that is
    kept when it is closed, with how and when.
    """

    n: int
    data: bytes
    rules: tuple[str, ...]
    policy: str
    closed: Closing | None = None


CASE = 0
"""The section of a case that belongs to no month: what its own rules say. See also `facts_of`."""


def facts_of(month: int) -> int:
    """The section of a case that is about the facts of a month."""
    return 2 * month


def periods_of(month: int) -> int:
    """The section of a case that is about the periods which end in a month."""
    return 2 * month + 1


def month_of_section(section: int) -> int:
    """The month that a section is about; 0 for `CASE`."""
    return section >> 1


def is_of_periods(section: int) -> bool:
    """Is the section about periods?"""
    return bool(section & 1)


class StoredCase(msgspec.Struct, Generic[C], array_like=True):
    """What the `state` column of a case holds.

    `published` are the findings that stand of the case itself. `claims`: what it uses of entities, by
    "<entity> <item>"; `wakes`: the first day on which the findings of each section could change by
    themselves; `decisions`: those that stand here because records were merged or taken apart.
    `closed_kept`: were open items kept when they were closed? Former releases did not. `basis`: what all that
    is said of the case itself rests on; None if it asks for a decision, which it does anew each time.
    """

    case: C
    published: dict[str, Raised] = {}
    counters: dict[str, int] = {}
    claims: dict[str, int] = {}
    wakes: dict[int, date] = {}
    decisions: dict[str, Raised] = {}
    closed_kept: bool = False
    basis: Basis | None = None


class Said(msgspec.Struct, array_like=True):
    """What some rules said of a month.

    `published` are the findings that stand; `shown` is a JSON object for the people who query, or empty.
    """

    published: dict[str, Raised] = {}
    shown: bytes = b""


ALL_DAYS = (1, date.max.toordinal())
"""At which days rules about periods may have looked before they were applied: at any."""

NO_DAYS = (1, 0)
"""At which days rules looked that looked at none: no day lies between."""


class StoredPart(msgspec.Struct, Generic[P], array_like=True):
    """What the `state` column of a month holds.

    `of_facts` is what was said of the facts in it, `of_periods` of the periods that end in it; `looked_at`
    are the first and last day at which the rules about periods looked, as ordinals.
    """

    part: P
    of_facts: Said = msgspec.field(default_factory=Said)
    of_periods: Said = msgspec.field(default_factory=Said)
    looked_at: tuple[int, int] = ALL_DAYS

    def said(self, section: int) -> Said:
        """What was said of one of its two sections."""
        return self.of_periods if is_of_periods(section) else self.of_facts

    @property
    def shown(self) -> bytes:
        """What is shown of the month to the people who query, as a JSON object; empty if nothing is."""
        facts, periods = self.of_facts.shown, self.of_periods.shown
        return facts[:-1] + b"," + periods[1:] if facts and periods else facts or periods


_encode = msgspec.msgpack.Encoder().encode


class Form:
    """How the cases of one model are packed.

    The first eight bytes name the form. They change with any field of the case, its records or its
    months; a state of another form is not read, but joined again from the journal.
    """

    def __init__(self, case: type[Case], part: type[Part] | None) -> None:
        stored: Any = StoredCase.__class_getitem__(case)  # type: ignore[attr-defined]
        month: Any = StoredPart.__class_getitem__(part or Part)  # type: ignore[attr-defined]
        self._case = msgspec.msgpack.Decoder(stored)
        self._month = msgspec.msgpack.Decoder(month)
        described = repr((msgspec.inspect.type_info(stored), msgspec.inspect.type_info(month)))
        self._mark = hashlib.sha256(described.encode()).digest()[:8]

    def knows(self, state: bytes) -> bool:
        """Is the state of this form?"""
        return state[:8] == self._mark

    def pack(self, stored: StoredCase[Any] | StoredPart[Any]) -> bytes:
        return self._mark + _encode(stored)

    def case(self, state: bytes) -> StoredCase[Any]:
        opened: StoredCase[Any] = self._case.decode(memoryview(state)[8:])
        return opened

    def month(self, state: bytes) -> StoredPart[Any]:
        opened: StoredPart[Any] = self._month.decode(memoryview(state)[8:])
        return opened

    def salvage_case(self, state: bytes, case: Case) -> StoredCase[Any]:
        """What was published, counted and claimed, with the given empty case in place of the facts."""
        old = _ANY_CASE.decode(memoryview(state)[8:])
        kept = _KEPT.decode(old.case)
        case.used, case.refusals = kept.used, kept.refusals
        return StoredCase(
            case,
            old.published,
            old.counters,
            old.claims,
            decisions=old.decisions,
            closed_kept=old.closed_kept,
        )

    def salvage_month(self, state: bytes, part: Part) -> StoredPart[Any]:
        """What was published in a month, with the given empty part in place of the facts."""
        old = _ANY_PART.decode(memoryview(state)[8:])
        return StoredPart(part, Said(_published_of(old)))


def standing_of(state: bytes) -> dict[str, Raised]:
    """What stands published of a case itself, by "<type> <key>", from its state of whatever form."""
    stored = _ANY_CASE.decode(memoryview(state)[8:])
    published = stored.published | stored.decisions
    return {name: raised for name, raised in published.items() if raised.closed is None}


def standing_of_month(state: bytes) -> dict[str, Raised]:
    """The same of a month."""
    published = _published_of(_ANY_PART.decode(memoryview(state)[8:]))
    return {name: raised for name, raised in published.items() if raised.closed is None}


def claims_of(state: bytes) -> dict[str, int]:
    """What a case uses of entities, by "<entity> <item>", from its state of whatever form."""
    return _ANY_CASE.decode(memoryview(state)[8:]).claims


class _AnyPart(msgspec.Struct, array_like=True):
    """What any release keeps of a month.

    Former ones kept findings in `of_facts` and, about spans of time, in `further`; `of_periods` was shown.
    """

    part: msgspec.Raw
    of_facts: Said | dict[str, Raised] = {}
    of_periods: Said | bytes = b""
    further: dict[str, Raised] | int | tuple[int, int] = 0


def _published_of(month: _AnyPart) -> dict[str, Raised]:
    published: dict[str, Raised] = {}
    for said in (month.of_facts, month.of_periods, month.further):
        if isinstance(said, Said):
            published |= said.published
        elif isinstance(said, dict):
            published |= said
    return published


class _Kept(msgspec.Struct):
    """What a case holds beside its facts."""

    used: dict[str, int] = {}
    refusals: dict[str, list[tuple[date, str]]] = {}


_ANY_CASE = msgspec.msgpack.Decoder(StoredCase[msgspec.Raw])
_ANY_PART = msgspec.msgpack.Decoder(_AnyPart)
_KEPT = msgspec.msgpack.Decoder(_Kept)


@lru_cache
def _form(case: type[Case], part: type[Part] | None) -> Form:
    return Form(case, part)


def form_of(model: CaseModel) -> Form:
    """How the cases of a model are packed."""
    return _form(model.case, model.months.part if model.months else None)
