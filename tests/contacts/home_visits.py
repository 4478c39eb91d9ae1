"""Somebody under supervision of whom domestic abuse is registered, and visits at home."""

from __future__ import annotations

from tests import facts as f
from tests.contacts import said

# Supervised since January and allocated; domestic abuse is registered on Monday 4 May 2026, a holiday: the
# visit is due by Tuesday 2 June (E18).
ORDER = f.order("2026-01-12", "2027-01-11")
ALLOCATED = f.allocated("2026-01-14")
FLAG = f.registered("2026-05-04")
DUE = "2026-06-02"
KEY = "S1/G-domestic_abuse"
BASE = [ORDER, ALLOCATED, FLAG]


def required(*facts: f.Fact, on: str = DUE) -> dict[str, str]:
    """Each visit that is or was required: the last day in time, or how it was closed."""
    return said.due("HomeVisitRequired", *facts, on=on)


def overdue(*facts: f.Fact, on: str = "2026-12-01") -> dict[str, str]:
    """Each visit that was not made in time: the last day on which it was."""
    return said.overdue("HomeVisitOverdue", *facts, on=on)
