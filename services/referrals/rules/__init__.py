"""The rules of the referrals service: each a function from what is known to findings."""

from collections.abc import Sequence

from services.referrals.rules import rar, requirements, unpaid_work
from services.referrals.rules.view import RequirementsView
from shared.engine.assessment import Finding, Overview

RULES = (
    requirements.referral_made,
    requirements.started,
    requirements.invalid,
    unpaid_work.start_overdue,
    unpaid_work.credited,
    unpaid_work.cap_exceeded,
    unpaid_work.return_to_court,
    rar.day_used,
    rar.limit_reached,
    requirements.completed,
)


def overview(view: RequirementsView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """Is a sentence of the person open, and where?"""
    found = Overview()
    for sentence in sorted(view.case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id)):
        life = view.case.life(sentence)
        begun = life.start is not None and view.today.reached(life.start)
        if begun and not life.is_over(view.today):
            found.status = "open"
            found.region = sentence.region
        elif not found.status:
            found.status = "closed" if begun else "not_begun"
    return found
