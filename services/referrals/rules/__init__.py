"""What the referrals service concludes."""

from services.referrals.rules.completion import requirement_completed
from services.referrals.rules.rar import rar_day_used, rar_invalid, rar_limit_reached
from services.referrals.rules.referral import intervention_started, referral_made
from services.referrals.rules.unpaid_work import (
    employment_cap_exceeded,
    hours_invalid,
    return_to_court_required,
    unpaid_work_credited,
    unpaid_work_start_overdue,
    unpaid_work_started,
)

RULES = (
    referral_made,
    intervention_started,
    unpaid_work_started,
    rar_invalid,
    hours_invalid,
    unpaid_work_start_overdue,
    unpaid_work_credited,
    employment_cap_exceeded,
    return_to_court_required,
    rar_day_used,
    rar_limit_reached,
    requirement_completed,
)
