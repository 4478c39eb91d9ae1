"""What is shown of a month to the people who query the months. No rule reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from schemas.contacts import ContactStandardMissed, OutcomeOverdue
from services.contacts.facts import Allocation
from services.contacts.rules.outcomes import outcomes
from services.contacts.rules.periods import Period, closed_periods
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding

BY = {"rescheduled_by_service": "by_service", "rescheduled_by_person": "by_person"}


def shown(view: ContactsView, findings: Sequence[Finding]) -> dict[str, Any]:
    """All that there is to show of a month, as JSON.

    `without_outcome`: contacts past that still have none; `rescheduled`: how often by whom (CONT-31: a count,
    never a failure); `periods`: what came of each that ended in the month and for which there is a standard.
    """
    out: dict[str, Any] = {}
    waiting = [finding.event for finding in findings if isinstance(finding.event, OutcomeOverdue)]
    if waiting:
        waiting.sort(key=lambda event: (event.scheduled_on, event.contact_id))
        out["without_outcome"] = [
            {"contact_id": event.contact_id, "scheduled_on": event.scheduled_on} for event in waiting
        ]
    rescheduled = outcomes(view).rescheduled
    if rescheduled:
        counted = Counter(BY[contact.outcome] for contact in rescheduled)
        out["rescheduled"] = {who: counted[who] for who in BY.values()}
    periods = closed_periods(view)
    if periods:
        missed = {
            finding.key: finding.event
            for finding in findings
            if isinstance(finding.event, ContactStandardMissed)
        }
        out["periods"] = [_tested(view, period, missed.get(period.key)) for period in periods]
    return out


def _tested(of: ContactsView, period: Period, missed: ContactStandardMissed | None) -> dict[str, Any]:
    """What came of a period for which there is a standard, and whose it was on its last day."""
    sentence = period.supervision.sentence
    allocation = allocated_on(of, sentence.sentence_id, period.last) if of.case.allocations else None
    return {
        "sentence_id": sentence.sentence_id,
        "period_start": period.first,
        "period_end": period.last,
        "met": missed is None,
        "excused": missed is not None and missed.excused,
        "pdu": allocation.pdu if allocation else sentence.pdu,
        "practitioner": allocation.practitioner_id if allocation else None,
    }


def allocated_on(of: ContactsView, sentence_id: str, day: date) -> Allocation | None:
    """The allocation of a sentence that holds on a day: the last one by then."""
    allocations = [
        allocation
        for allocation in of.case.allocations.values()
        if allocation.sentence_id == sentence_id and allocation.allocated_on <= day
    ]
    return max(allocations, key=lambda a: (a.allocated_on, *a.stamp), default=None)
