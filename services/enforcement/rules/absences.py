"""Absences of which the reason is awaited."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import AbsenceDecisionOverdue
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def absence_decision_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-11, ENF-12: evidence is awaited for 5 business days after an absence, and then the officer decides.

    Until then the absence is no failure; nothing is decided automatically. One that was decided only after
    the due date, or on which supervision ended undecided after it, was decided late for good.
    """
    for enforced in view.enforced:
        for awaited in enforced.awaited:
            absence = awaited.absence
            values = view.values(absence.missed_on, enforced.sentence)
            due_on = values.within(absence.missed_on, "evidence_days")
            in_time = awaited.over_on is not None and awaited.over_on <= due_on
            if not in_time and enforced.missed(due_on, view.today):
                yield Finding(
                    event=AbsenceDecisionOverdue(
                        contact_id=absence.contact_id, sentence_id=absence.sentence_id, due_on=due_on
                    ),
                    key=absence.contact_id,
                    rules=("ENF-11", "ENF-12"),
                    because=[absence],
                    policy=values.version,
                )
