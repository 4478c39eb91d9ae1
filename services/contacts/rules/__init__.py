"""What the contacts service concludes: a list of its rules, each a function of its own.

`assess` draws what belongs to no month: plans, suspensions, deadlines. `assess_month` draws the findings whose
date falls in one calendar month: the date of a contact, or the last day of a monthly period.
"""

from __future__ import annotations

from services.contacts.case import ContactsCase, ContactsMonth
from services.contacts.overview import Overview
from services.contacts.rules.outcomes import absence_undecided, contact_excused, contact_missed, enforceable
from services.contacts.rules.periods import closed_periods, monthly_contact, video_share
from services.contacts.rules.standing import standing
from shared.engine.assessment import Assessment, Day, Finding, MonthAssessment, Window
from shared.policy import Policy

RULES = ()
"""The rules about a case, without its months."""


def assess(case: ContactsCase, today: Day, policy: Policy) -> Assessment:
    """Where the case stands, and all findings that belong to no month."""
    of = Overview(case, policy)
    return standing(of, today, [finding for rule in RULES for finding in rule(of, today)])


def assess_month(
    case: Overview, window: Window[ContactsMonth], today: Day, policy: Policy
) -> MonthAssessment:
    """The findings of one calendar month, from the case and from this month and the one before."""
    findings: list[Finding] = []
    for contact in enforceable(case, window, today, policy):
        findings += contact_missed(case, contact)
        findings += contact_excused(contact)
        findings += absence_undecided(case, contact, today)
    for period in closed_periods(case, window, today, policy):
        findings += monthly_contact(period)
        findings += video_share(period)
    return MonthAssessment(findings)
