"""When a requirement is completed."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.referrals import RequirementCompleted
from services.referrals.completed import completion_of
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding


def requirement_completed(view: ReferralsView) -> Iterator[Finding]:
    """RAR-6: every requirement is completed once its hours, days, sessions or term are reached."""
    for requirement in view.requirements.values():
        done = completion_of(view, requirement)
        if done is not None:
            yield Finding(
                event=RequirementCompleted(
                    requirement_id=requirement.requirement_id,
                    sentence_id=requirement.sentence.sentence_id,
                    kind=requirement.kind,
                    completed_on=done.on,
                    amount=done.amount or None,
                ),
                key=requirement.key,
                rules=("RAR-6",),
                because=done.because,
                policy=view.values(requirement.imposed_on, requirement.sentence).version,
            )
