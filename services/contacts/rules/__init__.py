"""What the contacts service concludes: a list of its rules, each a function of its own.

`assess` says where a case stands; `assess_month` yields the findings whose date falls in one calendar month:
the date of a contact, or the last day of a monthly period.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.contacts.case import ContactsCase, ContactsMonth, Overview
from services.contacts.rules.outcomes import absence_undecided, contact_excused, contact_missed, enforceable
from services.contacts.rules.periods import closed_periods, monthly_contact, video_share
from services.contacts.rules.standing import standing
from shared.engine.assessment import Assessment, Day, Finding, Window
from shared.policy import Policy


def assess(case: ContactsCase, today: Day, policy: Policy) -> Assessment:  # noqa: ARG001
    """Where the case stands. No rule of this service draws a finding without a month."""
    return standing(case, today)


def assess_month(
    case: Overview, window: Window[ContactsMonth], today: Day, policy: Policy
) -> Iterator[Finding]:
    """The findings of one calendar month, from the case and from this month and the one before."""
    for contact in enforceable(case, window, today, policy):
        yield from contact_missed(case, contact)
        yield from contact_excused(contact)
        yield from absence_undecided(case, contact, today)
    for period in closed_periods(case, window, today, policy):
        yield from monthly_contact(period)
        yield from video_share(period)
