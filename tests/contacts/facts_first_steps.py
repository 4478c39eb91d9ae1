"""The first steps of supervision of somebody, and what is overdue or asked."""

from __future__ import annotations

from typing import Any

from schemas.contacts import InitialAppointmentOverdue, PartnerCheckDue, SentencePlanOverdue
from tests.contacts.facts import Known, allocated, contact, custodial, order, released

# Sentenced on Monday 1 June 2026: the first appointment is due by Monday 8 June.
ORDER = order("2026-06-01", "2027-05-31")
DUE = "2026-06-08"
# Released on Thursday 2 April 2026, before Easter: it is due by Tuesday 7 April.
PRISON = custodial("2026-01-05")
RELEASED = released("2026-04-02", "2026-12-31")
# Met first on Tuesday 2 June 2026: the plan is due by Tuesday 23 June.
MET = contact("2026-06-02", kind="initial")
PLAN_DUE = "2026-06-23"
ALLOCATED = allocated("2026-06-04", "P1")  # Thursday; ten business days later is Thursday 18 June
SAFEGUARDING, HEALTH, YOUTH = "safeguarding_and_domestic_abuse", "health", "youth_offending_services"
CHECKS_DUE = "2026-06-18"


def overdue(event: type, *facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    """(key, last day in time) of what is overdue."""
    said = Known(*facts).on(on)
    found = said.of(event)
    assert all(said.closed(finding) is None for finding in found)
    return [(finding.key, finding.event.due_on.isoformat()) for finding in found]


def appointments(*facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    return overdue(InitialAppointmentOverdue, *facts, on=on)


def plans(*facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    return overdue(SentencePlanOverdue, *facts, on=on)


def checks(*facts: Any, on: str = "2026-07-01") -> dict[str, str]:
    """What stands open and what became of the rest, by key: the last day in time, or how it was closed."""
    said = Known(*facts).on(on)
    return {f.key: said.closed(f) or f.event.due_on.isoformat() for f in said.of(PartnerCheckDue)}
