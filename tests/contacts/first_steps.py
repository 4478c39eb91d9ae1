"""The first steps of supervision of somebody, and what is overdue or asked."""

from __future__ import annotations

from tests import facts as f
from tests.contacts.said import due, overdue

# Sentenced on Monday 1 June 2026: the first appointment is due by Monday 8 June.
ORDER = f.order("2026-06-01", "2027-05-31")
DUE = "2026-06-08"
# Released on Thursday 2 April 2026, before Easter: it is due by Tuesday 7 April.
PRISON = f.custodial("2026-01-05")
RELEASED = f.released("2026-04-02", "2026-12-31")
# Met first on Tuesday 2 June 2026: the plan is due by Tuesday 23 June.
MET = f.contact("2026-06-02", kind="initial")
PLAN_DUE = "2026-06-23"
ALLOCATED = f.allocated("2026-06-04")  # Thursday; ten business days later is Thursday 18 June
SAFEGUARDING, HEALTH, YOUTH = "safeguarding_and_domestic_abuse", "health", "youth_offending_services"
CHECKS_DUE = "2026-06-18"


def appointments(*facts: f.Fact, on: str = "2026-12-01") -> list[tuple[str, str]]:
    """(key, last day in time) of each first appointment that is overdue."""
    return [*overdue("InitialAppointmentOverdue", *facts, on=on).items()]


def plans(*facts: f.Fact, on: str = "2026-12-01") -> list[tuple[str, str]]:
    """(key, last day in time) of each sentence plan that is overdue."""
    return [*overdue("SentencePlanOverdue", *facts, on=on).items()]


def checks(*facts: f.Fact, on: str = "2026-07-01") -> dict[str, str]:
    """Each check by key: the last day in time, or how it was closed."""
    return due("PartnerCheckDue", *facts, on=on)
