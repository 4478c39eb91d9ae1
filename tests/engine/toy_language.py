"""What a lending library says and hears: a published language of its own, as `Language` wants one.

The library has nothing to do with probation, and the engine must not notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from schemas.envelope import CloudEvent, Data, Published, Refused, UnknownType, Upstream, Withdrawn
from shared.engine.intake import UnknownName


class MemberJoined(Upstream):
    joined_on: date


class MemberLeft(Upstream):
    left_on: date


class MemberMoved(Upstream):
    """The member's card went into another's."""

    into: str


class MemberMovedBack(Upstream):
    """The other card is of its own again."""

    reactivated: str


class MemberErased(Upstream):
    """All that is held about the member is to be erased."""

    erased_on: date


class LoanMade(Upstream):
    loan_id: str
    lent_on: date
    due_on: date


class LoanReturned(Upstream):
    loan_id: str
    returned_on: date


class CopyWanted(Upstream):
    want_id: str
    title: str
    wanted_on: date


class CopyBroughtBack(Upstream):
    want_id: str
    brought_on: date


class VisitPlanned(Upstream):
    visit_id: str
    planned_on: date


class VisitMade(Upstream):
    visit_id: str
    made_on: date


class ShelfStocked(Upstream):
    """Copies of a title stand on a shelf from a day on. Subject: the shelf."""

    shelf_id: str
    title: str
    copies: int
    stocked_on: date


class DayStarted(Data):
    date: date


class CardBlocked(Published):
    """Another service blocked the member's card: an open item until it is resolved."""

    blocked_on: date


class CardNoted(Published):
    """Another service noted something: it stands, or it never was."""

    note: str


class ReminderDue(Published):
    """A loan is due soon. Open item."""

    loan_id: str
    due_on: date


class LoanOverdue(Published):
    """A loan was not back in time. A record, whatever comes later."""

    loan_id: str
    due_on: date


class FineDue(Published):
    """A loan came back late."""

    loan_id: str
    pence: int


class BlockedDays(Published):
    """For how many days the card was blocked; said when it no longer is."""

    days: int


class NoteKept(Published):
    """What other services noted of the member."""

    note: str


class CopyLent(Published):
    """Which shelf gave the copy. A decision."""

    want_id: str
    shelf_id: str
    lent_on: date


class FirstVisit(Published):
    """The first visit that a member ever made."""

    made_on: date


class NoVisit(Published):
    """A month without a visit."""

    month: date


class NoShow(Published):
    """A visit that was planned and not made."""

    visit_id: str
    planned_on: date


class Invited(Published):
    """A visit was planned, whenever."""

    visit_id: str


class CallDue(Published):
    """The member was to be called some days after a visit; it belongs to the month of the call."""

    visit_id: str
    call_on: date


class ShelfEmpty(Published):
    """All copies of a title are lent. Open item. Subject: the shelf."""

    title: str
    lent: int


KEYS: dict[type[Data], tuple[str, ...]] = {
    MemberJoined: (),
    MemberLeft: (),
    MemberMoved: ("into",),
    MemberMovedBack: ("reactivated",),
    MemberErased: (),
    LoanMade: ("loan_id",),
    LoanReturned: ("loan_id",),
    CopyWanted: ("want_id",),
    CopyBroughtBack: ("want_id",),
    VisitPlanned: ("visit_id",),
    VisitMade: ("visit_id",),
    ShelfStocked: ("title", "stocked_on"),
    DayStarted: ("date",),
}
"""What the library hears, with the correction key of each type."""

_SAYS: tuple[type[Data], ...] = (
    ReminderDue,
    LoanOverdue,
    FineDue,
    BlockedDays,
    NoteKept,
    CopyLent,
    FirstVisit,
    NoVisit,
    NoShow,
    Invited,
    CallDue,
    ShelfEmpty,
)
TOPICS: dict[str, tuple[str, ...]] = {
    **{kind.__name__: ("desk",) for kind in KEYS},
    "ShelfStocked": ("shelves",),
    "DayStarted": ("clock",),
    "CardBlocked": ("cards",),
    "CardNoted": ("cards",),
    **{kind.__name__: ("library",) for kind in _SAYS},
    "Withdrawn": ("cards", "library"),
}
_HEARS: tuple[type[Data], ...] = (*KEYS, CardBlocked, CardNoted, Withdrawn)
MODELS: dict[str, type[Data]] = {kind.__name__: kind for kind in _HEARS + _SAYS}
SOURCES = {
    "desk": "/desk",
    "shelves": "/shelves",
    "clock": "/clock",
    "cards": "/services/cards",
    "library": "/services/library",
}


class ToyLanguage:
    """The library's published language."""

    @staticmethod
    def read(value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> tuple[CloudEvent[Any], bytes]:
        body = value or b""
        try:
            kind = from_json(body)["type"]
        except (ValueError, KeyError, TypeError):
            raise Refused("unreadable", "it is no JSON object with a type") from None
        if kind not in MODELS:
            raise UnknownType(str(kind))
        try:
            return _events()[kind].model_validate_json(body), body
        except ValidationError as error:
            raise Refused("wrong_data", f"{error.error_count()} fields are wrong") from None

    @staticmethod
    def examine(
        value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> tuple[CloudEvent[Any], bytes, Sequence[UnknownName]]:
        return *ToyLanguage.read(value, headers), ()

    @staticmethod
    def owner_of(source: str) -> str | None:
        return next((topic for topic, own in SOURCES.items() if own == source), None)

    @staticmethod
    def is_feed(topic: str) -> bool:
        return topic in ("desk", "shelves")

    @staticmethod
    def nearest_type(type: str) -> str | None:
        return None

    @staticmethod
    def not_read_yet(type: str) -> str | None:
        return None

    @staticmethod
    def topics_of(type: str) -> tuple[str, ...]:
        return TOPICS[type]

    @staticmethod
    def register_key(event: CloudEvent[Any]) -> str:
        if isinstance(event.data, Withdrawn):
            return event.data.withdraws
        fields = KEYS.get(type(event.data))
        if fields is None:
            return event.id
        return "/".join(str(getattr(event.data, field)) for field in fields)

    @staticmethod
    def source_of(topic: str) -> str:
        return SOURCES[topic]


@cache
def _events() -> dict[str, type[CloudEvent[Any]]]:
    envelope: Any = CloudEvent
    return {name: envelope[model] for name, model in MODELS.items()}


LANGUAGE = ToyLanguage()
