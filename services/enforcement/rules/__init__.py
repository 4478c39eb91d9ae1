"""The rules of enforcement: each is a function of one sentence's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from services.enforcement.case import EnforcementCase
from services.enforcement.rules.absences import absence_decision_overdue
from services.enforcement.rules.answers import enforcement_action_required, warning_letter_overdue
from services.enforcement.rules.breach import breach_required, breach_started_and_concluded
from services.enforcement.rules.course import Course, follow
from services.enforcement.rules.file import DUTY_TO_ENFORCE, SentenceFile, open_files
from shared.engine.assessment import Day, Finding, Overview, View
from shared.engine.case import Part

STATUSES = ("", "ended", "supervised", "breach_required", "in_breach")
"""Of the case, for the people who query it; of several sentences the gravest counts."""


class EnforcementView(View[EnforcementCase, Part]):
    """A case on a day, sentence by sentence (ENF-32)."""

    @cached_property
    def files(self) -> list[tuple[SentenceFile, Course | None]]:
        """The file of each sentence, with its breaches where there is a duty to enforce."""
        return [
            (file, follow(file, self.policy) if file.sentence.kind in DUTY_TO_ENFORCE else None)
            for file in open_files(self.case, self.today, self.policy)
        ]


def _sentences(view: EnforcementView) -> Iterator[Finding]:
    today, policy = view.today, view.policy
    for file, course in view.files:
        yield from absence_decision_overdue(file, today, policy)
        yield from warning_letter_overdue(file, today, policy)
        if course is not None:
            yield from enforcement_action_required(file, course, policy)
            yield from breach_required(file, course, policy)
            yield from breach_started_and_concluded(file, course, policy)


RULES = (_sentences,)


def overview(view: EnforcementView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """Where enforcement stands, and in which region."""
    latest = max(view.case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id), default=None)
    statuses = [_status(file, course, view.today) for file, course in view.files]
    return Overview(
        status=max(statuses, key=STATUSES.index, default=""), region=latest.region if latest else None
    )


def _status(file: SentenceFile, course: Course | None, today: Day) -> str:
    """Where enforcement of one sentence stands."""
    if today.reached(file.supervision.over_on):
        return "ended"
    if course is not None and course.present.live:
        return "in_breach"
    if course is not None and course.present.review is not None:
        return "breach_required"
    return "supervised"
