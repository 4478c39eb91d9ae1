"""What the referrals service concludes: of a person, of a provider and of a region."""

from services.referrals.choice.rules import (
    eligibility_assessed,
    need_unmet,
    proposal_not_eligible,
    referral_rejected,
    referral_waiting,
)
from services.referrals.lifecycle.rests import referral_paused, referral_resumed
from services.referrals.lifecycle.rules import (
    access_ended,
    access_granted,
    outcome_recorded,
    referral_ended,
    status_refused,
)
from services.referrals.lifecycle.steps import (
    outcomes_missing,
    referral_chased,
    referral_declined,
    referral_escalated,
)
from services.referrals.lifecycle.treatments import treatment_lacks
from services.referrals.market.calls import proposal_refused, providers_notified
from services.referrals.market.coverage import availability_changed, coverage_gap
from services.referrals.market.listings import listing_refused
from services.referrals.rules.completion import requirement_completed
from services.referrals.rules.forecast import requirement_at_risk, return_to_court_required
from services.referrals.rules.rar import rar_day_used, rar_days_allocated, rar_invalid, rar_limit_reached
from services.referrals.rules.referral import intervention_started, referral_made, referral_transferred
from services.referrals.rules.review import provider_record_late, requirement_review_due
from services.referrals.rules.unpaid_work import (
    employment_assessment_due,
    employment_cap_exceeded,
    hours_invalid,
    placement_rejected,
    unpaid_work_credited,
    unpaid_work_discount,
    unpaid_work_start_overdue,
    unpaid_work_started,
)

PERSON_RULES = (
    eligibility_assessed,
    proposal_not_eligible,
    referral_made,
    referral_transferred,
    referral_rejected,
    referral_waiting,
    need_unmet,
    access_granted,
    access_ended,
    referral_chased,
    referral_escalated,
    referral_declined,
    outcomes_missing,
    treatment_lacks,
    status_refused,
    referral_paused,
    referral_resumed,
    referral_ended,
    outcome_recorded,
    intervention_started,
    unpaid_work_started,
    rar_invalid,
    hours_invalid,
    employment_assessment_due,
    placement_rejected,
    unpaid_work_start_overdue,
    unpaid_work_credited,
    unpaid_work_discount,
    employment_cap_exceeded,
    requirement_at_risk,
    return_to_court_required,
    rar_days_allocated,
    rar_day_used,
    rar_limit_reached,
    provider_record_late,
    requirement_review_due,
    requirement_completed,
)

PROVIDER_RULES = (listing_refused,)

REGION_RULES = (providers_notified, proposal_refused, coverage_gap, availability_changed)
