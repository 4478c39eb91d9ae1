"""What follows a failure on a licence: judgement, not a count."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import EnforcementActionOverdue, EnforcementActionRequired
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def licence_action_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-26: on a failure on licence the practitioner or manager warns (first, second and final warning,
    compliance letter) or recommends recall.

    There is no statutory count; `failures` says on how many days of the last 12 months the person failed
    under this licence. Every failure needs an action (ENF-14), and swiftly (ENF-9).
    """
    for licence in view.licences:
        for failure in licence.failures:
            values = view.values(failure.missed_on, licence.sentence)
            earlier = licence.counted_with(failure, values)
            yield Finding(
                event=EnforcementActionRequired(
                    contact_id=failure.contact_id,
                    sentence_id=failure.sentence_id,
                    options=["warn", "recall"],
                    failures=len({known.missed_on for known in (failure, *earlier)}),
                    due_on=licence.enforced.answer_due_on(failure, "action_days", view.policy),
                ),
                key=failure.contact_id,
                rules=("ENF-9", "ENF-14", "ENF-26"),
                because=[failure, *earlier],
                policy=values.version,
                resolved_on=min(licence.answers(failure), default=None),
                ended_on=licence.over_on,
            )


def licence_action_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-9, ENF-14: nothing was done about a failure on licence by the due date. This is a record."""
    for licence in view.licences:
        for failure in licence.failures:
            due_on = licence.enforced.answer_due_on(failure, "action_days", view.policy)
            if due_on is None or not licence.missed(due_on, view.today):
                continue
            if any(day <= due_on for day in licence.answers(failure)):
                continue
            yield Finding(
                event=EnforcementActionOverdue(
                    contact_id=failure.contact_id, sentence_id=failure.sentence_id, due_on=due_on
                ),
                key=failure.contact_id,
                rules=("ENF-9", "ENF-14"),
                because=[failure],
                policy=view.values(failure.missed_on, licence.sentence).version,
            )
