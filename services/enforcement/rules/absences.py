"""Absences of which the reason is awaited: ENF-11 and ENF-12."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import AbsenceDecisionOverdue
from services.enforcement.rules.file import SentenceFile
from shared.engine.assessment import Day, Finding
from shared.policy import Policy


def absence_decision_overdue(file: SentenceFile, today: Day, policy: Policy) -> Iterator[Finding]:
    """ENF-11: evidence is awaited for 5 business days after the absence. ENF-12: while it is, the absence
    is no failure; at the end the officer decides, and nothing is decided automatically.

    One that was decided (or of which supervision ended) only after the due date was decided late for good.
    """
    for awaited in file.awaited:
        absence = awaited.absence
        values = policy.on(absence.missed_on, file.sentence.region)
        due_on = values.within(absence.missed_on, "evidence_days")
        in_time = awaited.over_on is not None and awaited.over_on <= due_on
        if not in_time and file.supervision.missed(due_on, today):
            yield Finding(
                event=AbsenceDecisionOverdue(
                    contact_id=absence.contact_id, sentence_id=absence.sentence_id, due_on=due_on
                ),
                key=absence.contact_id,
                rules=("ENF-11", "ENF-12"),
                because=[absence],
                policy=values.version,
            )
