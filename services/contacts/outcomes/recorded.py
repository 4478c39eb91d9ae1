"""When an outcome was recorded, and whether it counts (CONT-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.contacts.facts import Contact
from services.contacts.view import ContactsView
from shared.calendar import london_date
from shared.engine.case import Record
from shared.policy import Values

HOUR = 3_600_000_000
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1).toordinal()


def recorded_on(record: Record) -> date:
    """The day on which something was recorded, in London."""
    days, rest = divmod(record.recorded, DAY)
    if rest < DAY - HOUR:  # in the last hour it is the next day in London, in summer
        return date.fromordinal(EPOCH + days)
    return london_date(datetime.fromtimestamp(record.recorded // 1_000_000, UTC))


def recorded_that_day(outcome: Contact, day: date) -> bool:
    """Was the outcome surely recorded on the day of the contact? Quick to tell, of nearly all contacts."""
    return outcome.occurred_on == day and 0 <= outcome.recorded - (day.toordinal() - EPOCH) * DAY < DAY - HOUR


def in_advance(contact: Contact) -> bool:
    """Was the outcome recorded before the day of the contact?"""
    # Asked of every contact: a day never begins later in London than in UTC.
    if contact.recorded >= (contact.occurred_on.toordinal() - EPOCH) * DAY:
        return False
    return recorded_on(contact) < contact.occurred_on


def counts(contact: Contact, values: Values) -> bool:
    """CONT-13: before its day a contact may only be excused or rescheduled.

    Any other outcome recorded in advance is ignored. `values` is the policy of the contact's day.
    """
    return not in_advance(contact) or contact.outcome in values.texts("outcomes_in_advance")


def counting(view: ContactsView, contacts: list[Contact]) -> list[Contact]:
    """Those of the contacts whose outcome counts."""
    # As `in_advance`, but for many at once, with every contact.
    if all(c.recorded >= (c.occurred_on.toordinal() - EPOCH) * DAY for c in contacts):
        return contacts  # the common case
    found = []
    for contact in contacts:
        period = view.supervision.get(contact.sentence_id or "")
        region = period.sentence.region if period else None
        if counts(contact, view.policy.on(contact.occurred_on, region)):
            found.append(contact)
    return found
