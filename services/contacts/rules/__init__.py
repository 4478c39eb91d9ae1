"""What the contacts service concludes: a list of its rules, each a function of its own.

`assess` draws what belongs to no month: plans, suspensions, deadlines. `assess_month` draws the findings
of the contacts of one calendar month, `assess_periods` those of the monthly periods that end in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from services.contacts.case import ContactsCase, ContactsMonth
from services.contacts.overview import Overview
from services.contacts.rules.first_steps import initial_appointment, partner_checks, sentence_plan
from services.contacts.rules.home_visits import home_visit_overdue, home_visit_required
from services.contacts.rules.outcomes import absence_undecided, contact_excused, contact_missed, outcomes
from services.contacts.rules.overdue import outcome_overdue, overdue
from services.contacts.rules.periods import closed_periods, monthly_contact, video_share
from services.contacts.rules.plan import contact_plan_set
from services.contacts.rules.standing import standing
from services.contacts.rules.suspensions import (
    contact_resumed,
    contact_suspended,
    reset_follow_up,
    suspension_refused,
)
from services.contacts.shown import shown, tested
from shared.engine.assessment import Assessment, Day, Finding, Month, MonthAssessment, Window
from shared.policy import Policy

RULES: tuple[Callable[[Overview, Day], Iterable[Finding]], ...] = (
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
)
"""The rules about a case, without its months."""


def assess(case: ContactsCase, today: Day, policy: Policy) -> Assessment:
    """Where the case stands, and all findings that belong to no month."""
    of = Overview(case, policy)
    return standing(of, today, [finding for rule in RULES for finding in rule(of, today)])


def assess_month(case: Overview, month: Month[ContactsMonth], today: Day, policy: Policy) -> MonthAssessment:
    """The findings of the contacts of one calendar month.

    It runs with every contact of a person: whatever is not there must cost nothing.
    """
    findings: list[Finding] = []
    said = outcomes(case, month.this, today, policy)
    for contact in said.enforceable:
        findings += contact_missed(case, contact)
        findings += contact_excused(contact)
        findings += absence_undecided(case, contact, today)
    late = list(overdue(case, month.this, today, policy))
    for appointment in late:
        findings += outcome_overdue(appointment)
    return MonthAssessment(findings, shown(late, said))


def assess_periods(
    case: Overview, window: Window[ContactsMonth], today: Day, policy: Policy
) -> MonthAssessment:
    """The findings of the monthly periods that end in one calendar month.

    It runs with every contact too.
    """
    findings: list[Finding] = []
    periods = []
    for period in closed_periods(case, window, today, policy):
        missed = list(monthly_contact(period))
        findings += missed
        findings += video_share(period)
        periods.append(tested(case, period, missed))
    return MonthAssessment(findings, {"periods": periods} if periods else {})
