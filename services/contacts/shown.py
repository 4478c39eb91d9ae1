"""What is shown of a month to the people who query the months. No rule reads it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from services.contacts.facts import Allocation
from services.contacts.overview import Overview
from services.contacts.rules.outcomes import Outcomes
from services.contacts.rules.overdue import Overdue
from services.contacts.rules.periods import Period
from shared.engine.assessment import Finding

BY = {"rescheduled_by_service": "by_service", "rescheduled_by_person": "by_person"}


def shown(late: list[Overdue], said: Outcomes) -> dict[str, Any]:
    """All that there is to show of the contacts of a month, as JSON.

    `without_outcome`: contacts past that still have none; `rescheduled`: how often by whom (CONT-31: a count,
    never a failure).
    """
    out: dict[str, Any] = {}
    if not (late or said.rescheduled):
        return out  # by far the most
    waiting = [overdue for overdue in late if overdue.closed is None]
    waiting.sort(key=lambda overdue: (overdue.appointment.scheduled_on, overdue.appointment.contact_id))
    if waiting:
        out["without_outcome"] = [
            {
                "contact_id": overdue.appointment.contact_id,
                "scheduled_on": overdue.appointment.scheduled_on,
            }
            for overdue in waiting
        ]
    if said.rescheduled:
        counted = Counter(BY[contact.outcome] for contact in said.rescheduled)
        out["rescheduled"] = {who: counted[who] for who in BY.values()}
    return out


def tested(of: Overview, period: Period, missed: list[Finding]) -> dict[str, Any]:
    """What came of a period for which there is a standard, and whose it was on its last day."""
    sentence = period.supervision.sentence
    allocation = allocated_on(of, sentence.sentence_id, period.last) if of.case.allocations else None
    return {
        "sentence_id": sentence.sentence_id,
        "period_start": period.first,
        "period_end": period.last,
        "met": not missed,
        "excused": bool(missed) and missed[0].event.excused,
        "pdu": allocation.pdu if allocation else sentence.pdu,
        "practitioner": allocation.practitioner_id if allocation else None,
    }


def allocated_on(of: Overview, sentence_id: str, day: date) -> Allocation | None:
    """The allocation of a sentence that holds on a day: the last one by then."""
    allocations = [
        allocation
        for allocation in of.case.allocations.values()
        if allocation.sentence_id == sentence_id and allocation.allocated_on <= day
    ]
    return max(allocations, key=lambda a: (a.allocated_on, *a.stamp), default=None)
