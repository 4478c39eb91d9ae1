"""What must be done about a failure, and by when."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import ActionOption, EnforcementActionRequired, WarningLetterOverdue
from services.enforcement.sentences import DUTY_TO_ENFORCE
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def enforcement_action_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-1, ENF-2, ENF-6, ENF-15: on a failure the officer must warn or refer; if warned for any requirement
    of the order within the 12 months before the failure, the officer must refer.

    Every failure needs an action (ENF-14), by the day on which the warning letter is due (ENF-10). So does
    one during a live breach or an open review: it only does not raise the count.
    """
    for history in view.breaches:
        order = history.order
        for failure in order.failures:
            warnings = order.warnings_in_force(failure)
            options: list[ActionOption] = ["refer"] if warnings else ["warn", "refer"]
            answered = next(order.answers(failure), None)
            count = history.counts[failure.missed_on]
            values = view.values(failure.missed_on, order.sentence)
            yield Finding(
                event=EnforcementActionRequired(
                    contact_id=failure.contact_id,
                    sentence_id=failure.sentence_id,
                    options=options,
                    failures=count.number,
                    due_on=values.within(failure.missed_on, "warning_letter_days"),
                ),
                key=failure.contact_id,
                rules=(DUTY_TO_ENFORCE[order.sentence.kind], "ENF-6", "ENF-15"),
                because=[failure, *count.failures, *warnings[-1:]],
                policy=values.version,
                resolved_on=answered.taken_on if answered else None,
                ended_on=order.ended_on,
            )


def warning_letter_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-10: a warning letter goes out within 2 business days of the missed contact.

    Any letter or warning for the contact will do, and so do the breach and the decision that no letter
    is sent. This is a record: a letter sent late does not undo it.
    """
    for enforced in view.enforced:
        for failure in enforced.failures:
            values = view.values(failure.missed_on, enforced.sentence)
            due_on = values.within(failure.missed_on, "warning_letter_days")
            in_time = any(
                answer.taken_on <= due_on and answer.action in values.texts("letter_actions")
                for answer in enforced.answers(failure)
            )
            if not in_time and enforced.missed(due_on, view.today):
                yield Finding(
                    event=WarningLetterOverdue(
                        contact_id=failure.contact_id, sentence_id=failure.sentence_id, due_on=due_on
                    ),
                    key=failure.contact_id,
                    rules=("ENF-10",),
                    because=[failure],
                    policy=values.version,
                )
