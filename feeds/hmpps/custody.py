"""Receptions into custody, releases, planned releases and temporary absences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from feeds.codes import Table, table
from feeds.hmpps.envelope import Notice
from feeds.message import Node
from feeds.policy import policy
from feeds.statement import Fact, Reference, Statement, own_id


def _movement(notice: Notice, movements: Table) -> str:
    """What the code of the movement means."""
    if notice.info["nomisMovementReasonCode"]:
        return movements.of(notice.info, "nomisMovementReasonCode", notice.day).word
    return movements.of(notice.message.answer(), "lastMovementReasonCode", notice.day).word


def _noms(notice: Notice) -> str:
    return notice.info.id("nomsNumber")


def booking(prisoner: Node, day: date) -> Reference:
    """The sentence of a booking: a custodial one that began within some days of the booking's."""
    start = prisoner.optional_day("sentenceStartDate")
    within = policy(day).integer("booking_within_days")
    return Reference("booking", prisoner.id("bookingId"), "custodial", start, within)


def received(notice: Notice) -> Iterator[Statement]:
    """A prison received the person: a stay begins, unless they only came back."""
    if table("hmpps", "receptions").of(notice.info, "reason", notice.day).word == "skip":
        return
    reason = _movement(notice, table("hmpps", "admissions"))
    if reason == "skip":
        return
    prisoner = notice.message.answer()
    if prisoner.flag("recall") or prisoner.optional("legalStatus") == "RECALL":
        reason = "recall"
    taken_on = notice.day
    data: dict[str, Any] = {
        "custody_id": own_id("stay", _noms(notice), taken_on.isoformat()),
        "taken_on": taken_on,
        "reason": reason,
    }
    sentence = booking(prisoner, taken_on) if reason == "recall" else None
    fact = Fact("PersonTakenIntoCustody", data, notice.occurred, sentence)
    yield notice.statement(f"reception/{_noms(notice)}/{taken_on}", fact)


def released(notice: Notice) -> Iterator[Statement]:
    """A prison released the person: the stay ends, and a licence may begin."""
    if table("hmpps", "releases").of(notice.info, "reason", notice.day).word == "skip":
        return
    how = _movement(notice, table("hmpps", "discharges"))
    day = notice.day
    if how == "died":
        facts = [Fact("PersonDied", {"died_on": day}, notice.occurred)]
    else:
        facts = [Fact("PersonLeftCustody", {"left_on": day}, notice.occurred)]
    if how == "licence":
        prisoner = notice.message.answer()
        data = {"released_on": day, **_ends(prisoner)}
        facts.append(Fact("PersonReleased", data, notice.occurred, booking(prisoner, day)))
    yield notice.statement(f"release/{_noms(notice)}/{day}", *facts)


def _ends(prisoner: Node) -> dict[str, date | None]:
    """The end of the licence and of post-sentence supervision."""
    licence = _date(prisoner, "licenceExpiry")
    if licence is None:
        raise prisoner["licenceExpiryDate"].wrong("is missing", "ask the prison for the end of the licence")
    return {"licence_ends_on": licence, "pss_ends_on": _date(prisoner, "topupSupervisionExpiry")}


def _date(prisoner: Node, name: str) -> date | None:
    """A date of the sentence; one that was set by hand goes before one that was calculated."""
    return prisoner.optional_day(f"{name}OverrideDate") or prisoner.optional_day(f"{name}Date")


def dates(notice: Notice) -> Iterator[Statement]:
    """The dates of a sentence: when a release is planned. Without a date nothing is."""
    prisoner = notice.message.answer()
    day = next(
        (
            found
            for name in ("confirmedRelease", "conditionalRelease", "automaticRelease")
            if (found := _date(prisoner, name)) is not None
        ),
        None,
    )
    record = f"dates/{prisoner.id('bookingId')}"
    if day is None:
        yield notice.statement(record)
        return
    start, end = prisoner.day("sentenceStartDate"), prisoner.day("sentenceExpiryDate")
    short = (end - start).days < policy(start).integer("short_term_below_days")
    data = {"release_on": day, **_ends(prisoner), "stay": "short_term" if short else "long_term"}
    fact = Fact("ReleasePlanned", data, notice.occurred, booking(prisoner, start))
    yield notice.statement(record, fact)


def temporary_absence(notice: Notice) -> Iterator[Statement]:
    """Leave from prison for a time."""
    detail = notice.message.answer()
    id = notice.info.id("id")
    data = {"grant_id": own_id("absence", id), "from": detail.day("start"), "until": detail.day("end")}
    sentence = booking(detail, detail.day("start"))
    yield notice.statement(f"absence/{id}", Fact("TemporaryReleaseGranted", data, notice.occurred, sentence))
