"""Somebody under supervision of whom domestic abuse is registered, and visits at home."""

from __future__ import annotations

from typing import Any

from schemas.contacts import HomeVisitOverdue, HomeVisitRequired
from schemas.envelope import Data
from tests.contacts.facts import Known, allocated, contact, order, registered

# Supervised since January and allocated; domestic abuse is registered on Monday 4 May 2026, a holiday: the
# visit is due by Tuesday 2 June (E18).
ORDER = order("2026-01-12", "2027-01-11")
ALLOCATED = allocated("2026-01-14", "P1")
FLAG = registered("2026-05-04")
DUE = "2026-06-02"
KEY = "S1/G-domestic_abuse"
BASE = [ORDER, ALLOCATED, FLAG]


def visit(on: str, outcome: Any = "complied", *, sentence: str | None = "S1", **more: Any) -> Data:
    return contact(on, outcome, sentence=sentence, kind="home_visit", **more)


def required(*facts: Any, on: str = DUE) -> dict[str, str]:
    """Each visit that is or was required: the last day in time, or how it was closed."""
    said = Known(*facts).on(on)
    return {f.key: said.closed(f) or f.event.due_on.isoformat() for f in said.of(HomeVisitRequired)}


def overdue(*facts: Any, on: str = "2026-12-01") -> dict[str, str]:
    """Each visit that was not made in time: the last day on which it was."""
    said = Known(*facts).on(on)
    found = said.of(HomeVisitOverdue)
    assert all(said.closed(finding) is None for finding in found)
    return {f.key: f.event.due_on.isoformat() for f in found}
