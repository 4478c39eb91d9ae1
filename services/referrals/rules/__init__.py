"""The rules of the referrals service: each a function from what is known to findings."""

from services.referrals.case import ReferralsCase
from services.referrals.rules import rar, requirements, unpaid_work
from services.referrals.rules.view import view_of
from shared.engine.assessment import Assessment, Day
from shared.policy import Policy

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


def assess(case: ReferralsCase, today: Day, policy: Policy) -> Assessment:
    """All that the rules say of a person's requirements on a day."""
    view = view_of(case, today, policy)
    assessment = Assessment(findings=[finding for rule in RULES for finding in rule(view)])
    for sentence in sorted(case.sentences.values(), key=lambda s: (s.imposed_on, s.sentence_id)):
        life = case.life(sentence)
        begun = life.start is not None and today.reached(life.start)
        if begun and not life.is_over(today):
            assessment.status = "open"
            assessment.region = sentence.region
        elif not assessment.status:
            assessment.status = "closed" if begun else "not_begun"
    return assessment
