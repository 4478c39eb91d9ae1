"""The rules of enforcement: each is a function of one sentence's file; `assess` is the list of them."""

from __future__ import annotations

from services.enforcement.case import EnforcementCase
from services.enforcement.rules.absences import absence_decision_overdue
from services.enforcement.rules.answers import enforcement_action_required, warning_letter_overdue
from services.enforcement.rules.breach import breach_required, breach_started_and_concluded
from services.enforcement.rules.course import Course, follow
from services.enforcement.rules.file import DUTY_TO_ENFORCE, SentenceFile, open_files
from shared.engine.assessment import Assessment, Day
from shared.policy import Policy

STATUSES = ("", "ended", "supervised", "breach_required", "in_breach")
"""Of the case, for the people who query it; of several sentences the gravest counts."""


def assess(case: EnforcementCase, today: Day, policy: Policy) -> Assessment:
    """All that enforcement concludes about a person on a day, sentence by sentence (ENF-32)."""
    assessment = Assessment()
    for file in open_files(case, today, policy):
        findings = assessment.findings
        findings += absence_decision_overdue(file, today, policy)
        findings += warning_letter_overdue(file, today, policy)
        course = None
        if file.sentence.kind in DUTY_TO_ENFORCE:
            course = follow(file, policy)
            findings += enforcement_action_required(file, course, today, policy)
            findings += breach_required(file, course, today, policy)
            findings += breach_started_and_concluded(file, course, policy)
        assessment.status = max(assessment.status, _status(file, course, today), key=STATUSES.index)
    latest = max(case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id), default=None)
    assessment.region = latest.region if latest else None
    return assessment


def _status(file: SentenceFile, course: Course | None, today: Day) -> str:
    """Where enforcement of one sentence stands."""
    if today.reached(file.supervision.over_on):
        return "ended"
    if course is not None and course.present.live:
        return "in_breach"
    if course is not None and course.present.review is not None:
        return "breach_required"
    return "supervised"
