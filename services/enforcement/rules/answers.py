"""What must be done about a failure, and by when: ENF-1, ENF-2, ENF-6 and ENF-10."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schemas.enforcement import EnforcementActionRequired, WarningLetterOverdue
from services.enforcement.rules.course import Course
from services.enforcement.rules.file import DUTY_TO_ENFORCE, SentenceFile
from shared.engine.assessment import Day, Finding
from shared.policy import Policy


def enforcement_action_required(file: SentenceFile, course: Course, policy: Policy) -> Iterator[Finding]:
    """ENF-1, ENF-2, ENF-6: on a failure the officer must warn or refer; if warned for any requirement of
    the order within the 12 months before, the officer must refer. ENF-14: every failure needs an action.

    A failure during a live breach or an open review needs one too: it only doesn't count (ENF-15).
    """
    for failure in file.failures:
        warnings = file.warnings_in_force(failure)
        options: list[Literal["warn", "refer"]] = ["refer"] if warnings else ["warn", "refer"]
        answered = next(file.answers(failure), None)
        count = course.counts[failure.missed_on]
        yield Finding(
            event=EnforcementActionRequired(
                contact_id=failure.contact_id,
                sentence_id=failure.sentence_id,
                options=options,
                failures=count.number,
            ),
            key=failure.contact_id,
            rules=(DUTY_TO_ENFORCE[file.sentence.kind], "ENF-6", "ENF-15"),
            because=[failure, *count.failures, *warnings[-1:]],
            policy=policy.on(failure.missed_on, file.sentence.region).version,
            resolved_on=answered.taken_on if answered else None,
            ended_on=file.supervision.over_on,
        )


def warning_letter_overdue(file: SentenceFile, today: Day, policy: Policy) -> Iterator[Finding]:
    """ENF-10: a warning letter goes out within 2 business days of the missed contact.

    Any letter or warning for the contact will do, and so do the breach and the decision that no letter
    is sent. A record: one sent late does not undo it.
    """
    for failure in file.failures:
        values = policy.on(failure.missed_on, file.sentence.region)
        due_on = values.within(failure.missed_on, "warning_letter_days")
        in_time = any(
            answer.taken_on <= due_on and answer.action in values.texts("letter_actions")
            for answer in file.answers(failure)
        )
        if not in_time and file.supervision.missed(due_on, today):
            yield Finding(
                event=WarningLetterOverdue(
                    contact_id=failure.contact_id, sentence_id=failure.sentence_id, due_on=due_on
                ),
                key=failure.contact_id,
                rules=("ENF-10",),
                because=[failure],
                policy=values.version,
            )
