"""What must be done about a failure, and by when."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import (
    ActionOption,
    EnforcementActionOverdue,
    EnforcementActionRequired,
    WarningLetterOverdue,
)
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def enforcement_action_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-1, ENF-2, ENF-6, ENF-15: on a failure the officer must warn or refer; if warned for any requirement
    of the order within the 12 months before the failure, the officer must refer.

    Every failure that counts needs an action (ENF-14), and swiftly (ENF-9). None is demanded for one during a
    live breach or an open review. It is the same in post-sentence supervision (ENF-33).
    """
    for history in view.breaches:
        order = history.order
        for failure in order.failures:
            count = history.counts.get(failure.missed_on)
            if count is None:
                continue
            warnings = order.warnings_in_force(failure)
            options: list[ActionOption] = ["refer"] if warnings else ["warn", "refer"]
            answered = next(order.answers(failure), None)
            yield Finding(
                event=EnforcementActionRequired(
                    contact_id=failure.contact_id,
                    sentence_id=failure.sentence_id,
                    options=options,
                    failures=count.number,
                    due_on=order.answer_due_on(failure, "action_days", view.policy),
                ),
                key=failure.contact_id,
                rules=(*filter(None, (order.duty,)), "ENF-6", "ENF-9", "ENF-14", "ENF-15"),
                because=[failure, *count.failures, *warnings[-1:]],
                policy=view.values(failure.missed_on, order.sentence).version,
                resolved_on=answered.taken_on if answered else None,
                ended_on=order.ended_on,
            )


def enforcement_action_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-9, ENF-14: nothing was done about a failure of an order by the due date. This is a record."""
    for history in view.breaches:
        order = history.order
        for failure in order.failures:
            if not view.demands_action(failure):
                continue
            due_on = order.answer_due_on(failure, "action_days", view.policy)
            if due_on is None or not order.missed(due_on, view.today):
                continue
            if any(answer.taken_on <= due_on for answer in order.answers(failure)):
                continue
            yield Finding(
                event=EnforcementActionOverdue(
                    contact_id=failure.contact_id, sentence_id=failure.sentence_id, due_on=due_on
                ),
                key=failure.contact_id,
                rules=("ENF-9", "ENF-14"),
                because=[failure],
                policy=view.values(failure.missed_on, order.sentence).version,
            )


def warning_letter_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-10: a warning letter goes out within 2 business days of the missed contact, or of the decision if
    its reason was awaited (D3).

    Any letter or warning for the contact will do, and so do the breach, recall, and the decision that no
    letter is sent. This is a record: a letter sent late does not undo it.
    """
    for enforced in view.enforced:
        for failure in enforced.failures:
            if not view.demands_action(failure):
                continue
            values = view.values(failure.missed_on, enforced.sentence)
            due_on = enforced.answer_due_on(failure, "warning_letter_days", view.policy)
            if due_on is None or not enforced.missed(due_on, view.today):
                continue
            letters = values.texts("letter_actions")
            if any(a.taken_on <= due_on and a.action in letters for a in enforced.answers(failure)):
                continue
            recall = view.recall_since(failure)
            if recall is not None and recall <= due_on:
                continue
            yield Finding(
                event=WarningLetterOverdue(
                    contact_id=failure.contact_id, sentence_id=failure.sentence_id, due_on=due_on
                ),
                key=failure.contact_id,
                rules=("ENF-10",),
                because=[failure],
                policy=values.version,
            )
