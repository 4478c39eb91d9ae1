"""What the contacts service concludes: all its rules, each a function of its own.

`RULES` are about the case: plans, suspensions, deadlines. `MONTH_RULES` are about the contacts of one
calendar month, `PERIOD_RULES` about the monthly periods that end in it; these run with every contact.
What was missed after a hand-over is for the case, and so three rules are in both.
"""

from services.contacts.first_steps.rules import initial_appointment, partner_checks, sentence_plan
from services.contacts.outcomes.overdue import outcome_overdue
from services.contacts.outcomes.rules import (
    absence_undecided,
    contact_excused,
    contact_missed,
)
from services.contacts.outcomes.taken_back import failure_taken_back
from services.contacts.plans.rules import contact_plan_set
from services.contacts.rules.home_visits import home_visit_overdue, home_visit_required
from services.contacts.rules.periods import monthly_contact, video_share
from services.contacts.suspensions.rules import (
    contact_resumed,
    contact_suspended,
    reset_follow_up,
    suspension_refused,
)
from services.contacts.victims.rules import victim_update_due, victim_update_overdue
from shared.engine.assessment import Rule

RULES: tuple[Rule, ...] = (
    contact_plan_set,
    contact_suspended,
    contact_resumed,
    suspension_refused,
    reset_follow_up,
    initial_appointment,
    sentence_plan,
    partner_checks,
    home_visit_required,
    home_visit_overdue,
    victim_update_due,
    victim_update_overdue,
    contact_missed,
    failure_taken_back,
    absence_undecided,
)

MONTH_RULES: tuple[Rule, ...] = (
    contact_missed,
    failure_taken_back,  # first: with it enforcement knows when an absence was accepted
    contact_excused,
    absence_undecided,
    outcome_overdue,
)

PERIOD_RULES: tuple[Rule, ...] = (
    monthly_contact,
    video_share,
)
