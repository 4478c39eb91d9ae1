"""Where a case stands, for the people who query the cases. No rule reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.contacts import HomeVisitRequired
from services.contacts.view import ContactsView
from shared.engine.assessment import Day, Finding, Overview


def standing(of: ContactsView, findings: Sequence[Finding]) -> Overview:
    """Status, region and practitioner of a case, and its delivery unit and the home visits due.

    Status: "unknown" until a sentence is known, "not_started" before supervision, "in_custody", "supervised",
    "post_sentence_supervision" or "ended". It also makes the case wait for the start and the end of
    supervision.
    """
    sentences = sorted(of.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id))
    allocations = sorted(of.case.allocations.values(), key=lambda a: (a.allocated_on, a.event_id))
    return Overview(
        status=_status(of, of.today),
        region=sentences[-1].region if sentences else None,
        practitioner=allocations[-1].practitioner_id if allocations else None,
        shown={
            "pdu": sentences[-1].pdu if sentences else None,
            "home_visits_due": list(_visits_due(findings)),
        },
    )


def _visits_due(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        if isinstance(finding.event, HomeVisitRequired):
            event = finding.event
            yield {
                "sentence_id": event.sentence_id,
                "registration": event.registration,
                "due_on": event.due_on,
            }


def _status(of: ContactsView, today: Day) -> str:
    stages = set()
    waiting = False
    for course in of.courses.values():
        if course.over_on is None:
            waiting |= course.cut_on is None or not today.reached(course.cut_on)
            continue
        over = today.reached(course.over_on)
        for stretch in course.stretches:
            if not today.reached(stretch.first):
                waiting |= not over
            elif not over and not today.reached(stretch.day_after):
                stages.add(stretch.stage)
    if not of.sentences:
        return "unknown"
    if not stages:
        return "not_started" if waiting else "ended"
    if of.held_since(today) is not None:
        return "in_custody"
    return "post_sentence_supervision" if stages == {"post_sentence_supervision"} else "supervised"
