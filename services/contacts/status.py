"""Where a case and its months stand, for the people who query them. No rule reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.contacts import ContactStandardMissed, HomeVisitRequired, OutcomeOverdue, VictimUpdateDue
from services.contacts.outcomes.meaning import outcomes
from services.contacts.rules.periods import Period, closed_periods
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, Overview, View
from shared.probation.delivery import DeliveryCase, delivery_notice
from shared.probation.practitioners import decided

BY = {"rescheduled_by_service": "by_service", "rescheduled_by_person": "by_person"}


def case_overview(view: ContactsView, findings: Sequence[Finding]) -> Overview:
    """Status, region and practitioner of a case, its delivery unit, cohorts (EQ-4), and what is due.

    Status: "unknown" until a sentence is known, "not_started" before supervision, "in_custody", "supervised",
    "post_sentence_supervision" or "ended". It also makes the case wait for the start and the end of
    supervision.
    """
    latest = view.sentences_in_order[-1] if view.case.sentences else None
    allocation = max(view.case.allocations.values(), key=decided, default=None)
    cohorts = sorted({c for sentence in view.case.sentences.values() for c in sentence.person.cohorts})
    return Overview(
        status=_status(view),
        region=latest.region if latest else None,
        practitioner=allocation.practitioner_id if allocation else None,
        shown={
            "pdu": latest.pdu if latest else None,
            "cohorts": cohorts,
            "home_visits_due": list(_visits_due(findings)),
            "victim_updates_due": list(_victim_updates_due(findings)),
        },
    )


def region_overview(view: View[DeliveryCase, None], findings: Sequence[Finding]) -> Overview:
    """A region, and what it tells every case: when it does not deliver what (SH-9)."""
    del findings
    return Overview(status="region", region=view.case.subject, notice=delivery_notice(view.case))


def _visits_due(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        if isinstance(finding.event, HomeVisitRequired):
            event = finding.event
            yield {
                "sentence_id": event.sentence_id,
                "registration": event.registration,
                "due_on": event.due_on,
            }


def _victim_updates_due(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        if isinstance(finding.event, VictimUpdateDue):
            event = finding.event
            yield {"sentence_id": event.sentence_id, "trigger": event.trigger, "due_on": event.due_on}


def _status(view: ContactsView) -> str:
    if not view.case.sentences:
        return "unknown"
    today = view.today
    stages = set()
    waiting = False
    for period in view.supervision.values():
        if period.over_on is None:
            waiting |= period.cut_short is None or not today.reached(period.cut_short.on)
            continue
        over = today.reached(period.over_on)
        for stage in period.stages:
            if not today.reached(stage.first):
                waiting |= not over
            elif not over and not today.reached(stage.day_after):
                stages.add(stage.kind)
    if not stages:
        return "not_started" if waiting else "ended"
    if view.held_today() is not None:
        return "in_custody"
    return "post_sentence_supervision" if stages == {"post_sentence_supervision"} else "supervised"


def month_overview(view: ContactsView, findings: Sequence[Finding]) -> dict[str, Any]:
    """What is shown of the contacts of a month, as JSON.

    `without_outcome`: contacts past that still have none; `rescheduled`: how often by whom (CONT-31: a count,
    never a failure).
    """
    shown: dict[str, Any] = {}
    waiting = [f.event for f in findings if isinstance(f.event, OutcomeOverdue)] if findings else []
    if waiting:
        waiting.sort(key=lambda event: (event.scheduled_on, event.contact_id))
        shown["without_outcome"] = [
            {"contact_id": event.contact_id, "scheduled_on": event.scheduled_on} for event in waiting
        ]
    rescheduled = outcomes(view).rescheduled
    if rescheduled:
        counted = Counter(BY[contact.outcome] for contact in rescheduled)
        shown["rescheduled"] = {who: counted[who] for who in BY.values()}
    return shown


def periods_overview(view: ContactsView, findings: Sequence[Finding]) -> dict[str, Any]:
    """What is shown of the periods that end in a month, as JSON: the result of each with a standard."""
    periods = closed_periods(view)
    if not periods:
        return {}
    missed = {
        finding.key: finding.event for finding in findings if isinstance(finding.event, ContactStandardMissed)
    }
    return {"periods": [_result(view, period, missed.get(period.key)) for period in periods]}


def _result(view: ContactsView, period: Period, missed: ContactStandardMissed | None) -> dict[str, Any]:
    """The result of a period for which there is a standard, and whose it was on its last day."""
    sentence = period.stage.sentence
    allocations = [a for a in view.allocations_of(sentence.sentence_id) if a.allocated_on <= period.last]
    allocation = allocations[-1] if allocations else None
    return {
        "sentence_id": sentence.sentence_id,
        "period_start": period.first,
        "period_end": period.last,
        "met": missed is None,
        "excused": missed is not None and missed.excused,
        "pdu": allocation.pdu if allocation else sentence.pdu,
        "practitioner": allocation.practitioner_id if allocation else None,
    }
