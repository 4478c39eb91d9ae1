"""Short sentences about the library: what its sources say, one function each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from schemas.envelope import Data, Why, Withdrawn
from tests.engine import toy_language as says
from tests.engine.running import Office, Told, at

WHY = Why(rules=["CARD-1"], policy="cards@2026-01-01", evidence=[])


def told(data: Data, who: str = "Ann", id: str | None = None, when: str | datetime = "2026-03-01") -> Told:
    """A fact, recorded when it says; the same fact told twice has the same id."""
    recorded = at(when) if isinstance(when, str) else when
    content = f"{type(data).__name__}-{who}-{recorded:%m%dT%H}-{data.model_dump_json(exclude={'why'})}"
    return Told(data, who, id or content, recorded)


def day(text: str) -> date:
    return date.fromisoformat(text)


def joined(on: str = "2026-01-05", who: str = "Ann", **more: Any) -> Told:
    return told(says.MemberJoined(joined_on=day(on)), who, **more)


def left(on: str, who: str = "Ann", **more: Any) -> Told:
    return told(says.MemberLeft(left_on=day(on)), who, **more)


def moved(who: str, into: str, *, voided: bool = False, **more: Any) -> Told:
    return told(says.MemberMoved(into=into, voided=voided), who, **more)


def moved_back(stays: str, reactivated: str, *, voided: bool = False, **more: Any) -> Told:
    return told(says.MemberMovedBack(reactivated=reactivated, voided=voided), stays, **more)


def erased(on: str = "2026-03-01", who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    return told(says.MemberErased(erased_on=day(on), voided=voided), who, **more)


def lent(loan: str, on: str, due: str, who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    data = says.LoanMade(loan_id=loan, lent_on=day(on), due_on=day(due), voided=voided)
    return told(data, who, **more)


def returned(loan: str, on: str, who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    return told(says.LoanReturned(loan_id=loan, returned_on=day(on), voided=voided), who, **more)


def wanted(want: str, who: str = "Ann", title: str = "Emma", on: str = "2026-03-01", **more: Any) -> Told:
    return told(says.CopyWanted(want_id=want, title=title, wanted_on=day(on)), who, **more)


def brought(want: str, on: str, who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    return told(says.CopyBroughtBack(want_id=want, brought_on=day(on), voided=voided), who, **more)


def planned(visit: str, on: str, who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    return told(says.VisitPlanned(visit_id=visit, planned_on=day(on), voided=voided), who, **more)


def visited(visit: str, on: str, who: str = "Ann", *, voided: bool = False, **more: Any) -> Told:
    return told(says.VisitMade(visit_id=visit, made_on=day(on), voided=voided), who, **more)


def stocked(
    shelf: str, copies: int, on: str = "2026-01-01", title: str = "Emma", *, voided: bool = False, **more: Any
) -> Told:
    data = says.ShelfStocked(shelf_id=shelf, title=title, copies=copies, stocked_on=day(on), voided=voided)
    return told(data, shelf, **more)


def blocked(on: str, id: str, who: str = "Ann", **more: Any) -> Told:
    return told(says.CardBlocked(blocked_on=day(on), why=WHY), who, id, **more)


def noted(note: str, id: str, who: str = "Ann", **more: Any) -> Told:
    return told(says.CardNoted(note=note, why=WHY), who, id, **more)


def withdrawn(what: Told, reason: str, when: str) -> Told:
    """What the other service takes back."""
    data = Withdrawn.model_validate(
        {
            "withdraws": what.id,
            "withdrawn_type": type(what.data).__name__,
            "key": "K",
            "reason": reason,
            "why": WHY,
        }
    )
    return Told(data, what.subject, f"W-{what.id}", at(when), "cards")


async def begin(library: Office, on: str = "2026-03-20", *more: Told) -> None:
    """The first day, with Ann a member since January."""
    await library.take(joined(), *more)
    await library.day(on)
