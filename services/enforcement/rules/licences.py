"""What follows a failure on a licence: judgement, not a count."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.enforcement import EnforcementActionRequired
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def licence_action_required(view: EnforcementView) -> Iterator[Finding]:
    """ENF-26: on a failure on licence the practitioner or manager warns (first, second and final warning,
    compliance letter) or recommends recall.

    There is no statutory count; `failures` says on how many days of the last 12 months the person failed
    under this licence. Every failure needs an action (ENF-14).
    """
    for licence in view.licences:
        for failure in licence.failures:
            values = view.values(failure.missed_on, licence.sentence)
            days = licence.failure_dates(failure)
            yield Finding(
                event=EnforcementActionRequired(
                    contact_id=failure.contact_id,
                    sentence_id=failure.sentence_id,
                    options=["warn", "recall"],
                    failures=len(days),
                    due_on=values.within(failure.missed_on, "warning_letter_days"),
                ),
                key=failure.contact_id,
                rules=("ENF-14", "ENF-26"),
                because=[failure, *(f for f in licence.failures if f.missed_on in days and f is not failure)],
                policy=values.version,
                resolved_on=min(licence.answers(failure), default=None),
                ended_on=licence.over_on,
            )
