"""What the contacts service concludes: a list of its rules, each a function of its own.

`RULES` draw what belongs to no month: plans, suspensions, deadlines. `MONTH_RULES` draw the findings of the
contacts of one calendar month, and of the monthly periods that end in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.contacts.rules.first_steps import initial_appointment, partner_checks, sentence_plan
from services.contacts.rules.home_visits import home_visit_overdue, home_visit_required
from services.contacts.rules.outcomes import absence_undecided, contact_excused, contact_missed, outcomes
from services.contacts.rules.overdue import outcome_overdue, overdue
from services.contacts.rules.periods import closed_periods, monthly_contact, video_share
from services.contacts.rules.plan import contact_plan_set
from services.contacts.rules.suspensions import (
    contact_resumed,
    contact_suspended,
    reset_follow_up,
    suspension_refused,
)
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, Rule

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
)
"""The rules about a case, without its months."""


def _contacts(view: ContactsView) -> Iterator[Finding]:
    """The findings of the contacts of one calendar month.

    It runs with every contact of a person: whatever is not there must cost nothing.
    """
    for contact in outcomes(view).enforceable:
        yield from contact_missed(view, contact)
        yield from contact_excused(contact)
        yield from absence_undecided(view, contact)
    for appointment in overdue(view):
        yield from outcome_overdue(appointment)


def _periods(view: ContactsView) -> Iterator[Finding]:
    """The findings of the monthly periods that end in one calendar month. It runs with every contact too."""
    for period in closed_periods(view):
        yield from monthly_contact(period)
        yield from video_share(period)


MONTH_RULES: tuple[Rule, ...] = (_contacts, _periods)
"""The rules about a month."""
