"""Registrations: flags on a person's record, some of which are part of the person's risk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from feeds.codes import Row, table
from feeds.hmpps.envelope import Notice
from feeds.knowledge import RISK
from feeds.message import Node
from feeds.statement import About, Fact, Internal, Statement


def registered(notice: Notice) -> Iterator[Statement]:
    """A registration that is on the record."""
    id = notice.info.id("registrationId")
    row = table("hmpps", "registers").of(notice.info, "registerTypeCode", notice.day)
    day = notice.info.optional_day("registrationDate") or notice.day
    yield _statement(notice, id, row, day, _part(notice.info, row, day), active=True, complete=True)


def deregistered(notice: Notice) -> Iterator[Statement]:
    """A registration that ended: until then it was on the record."""
    id = notice.info.id("registrationId")
    row = table("hmpps", "registers").of(notice.info, "registerTypeCode", notice.day)
    day = notice.info.optional_day("deregistrationDate") or notice.day
    part = {"ends": id, "on": day.isoformat()} if _part(notice.info, row, day) else {}
    yield _statement(notice, id, row, day, part, active=False, complete=False)


def registration_deleted(notice: Notice) -> Iterator[Statement]:
    """A registration that should never have been made."""
    yield notice.statement(f"registration/{notice.info.id('registrationId')}")


def _statement(
    notice: Notice, id: str, row: Row, day: date, part: dict[str, Any], *, active: bool, complete: bool
) -> Statement:
    facts: tuple[Fact, ...] = ()
    if row.word != "skip":
        data = {"registration_id": id, "kind": row.word, "active": active, "effective_on": day}
        facts = (Fact("RegistrationChanged", data, notice.occurred),)
    key = f"registration:{id}" + ("" if active else ":end")
    parts = (Internal(RISK, key, part),) if part else ()
    about = About(notice.people(), facts, internal=parts)
    return Statement(f"registration/{id}", notice.recorded, (about,), complete=complete)


def _part(info: Node, row: Row, day: date) -> dict[str, Any]:
    """What the registration says of the person's risk; empty if nothing."""
    part: dict[str, Any] = {}
    if rosh := row.more.get("rosh"):
        part["rosh"] = rosh
    if row.more.get("complexity"):
        part["complexity"] = True
    if row.word == "integrated_offender_management":
        part["integrated_offender_management"] = True
    if row.word == "mappa":
        part["mappa"] = {
            "level": _digit(info, "mappa_levels", "registrationLevelCode"),
            "category": _digit(info, "mappa_categories", "registrationCategoryCode"),
        }
    return part and {"on": day.isoformat(), "registration": info.id("registrationId"), **part}


def _digit(info: Node, name: str, field: str) -> int:
    return int(table("hmpps", name).of(info, field).code[-1])
