"""When an outcome was recorded, and whether it counts (CONT-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact
from services.contacts.view import ContactsView
from shared.calendar import london_date
from shared.engine.case import Record
from shared.policy import Policy, Values

HOUR = 3_600_000_000
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1).toordinal()


def recorded_on(record: Record) -> date:
    """The day on which something was recorded, in London."""
    days, rest = divmod(record.recorded, DAY)
    if rest < DAY - HOUR:  # in the last hour it is the next day in London, in summer
        return date.fromordinal(EPOCH + days)
    return london_date(datetime.fromtimestamp(record.recorded // 1_000_000, UTC))


def in_advance(contact: Contact) -> bool:
    """Was the outcome recorded before the day of the contact?

    Asked of every contact: a day never begins later in London than in UTC.
    """
    if contact.recorded >= (contact.occurred_on.toordinal() - EPOCH) * DAY:
        return False
    return recorded_on(contact) < contact.occurred_on


def counts(contact: Contact, values: Values) -> bool:
    """CONT-13: before its day a contact may only be excused or rescheduled.

    Any other outcome that is recorded in advance is as none: `values` is the policy of the contact's day.
    """
    return not in_advance(contact) or contact.outcome in values.texts("outcomes_in_advance")


def counting(of: ContactsView, outcome: Contact | None, policy: Policy) -> bool:
    """Is there an outcome that counts?"""
    return outcome is not None and counts(outcome, policy.on(outcome.occurred_on, region(of, outcome)))


def counting_of(of: ContactsView, contacts: list[Contact], policy: Policy) -> list[Contact]:
    """Those of the contacts whose outcome counts."""
    # As `in_advance`, but for many at once, with every contact.
    if all(c.recorded >= (c.occurred_on.toordinal() - EPOCH) * DAY for c in contacts):
        return contacts  # by far the most
    return [contact for contact in contacts if counting(of, contact, policy)]


def region(of: ContactsView, contact: Contact) -> str | None:
    """Where the sentence was passed that a contact names; None if it names none that is known."""
    sentence = of.sentences.get(contact.sentence_id or "")
    return sentence.region if sentence else None


def outcome_of(part: ContactsMonth, contact_id: str) -> Contact | None:
    """The outcome recorded of a contact, whether it counts or not: the practitioner's before a provider's."""
    return part.contacts.get(contact_id) or part.sessions.get(contact_id)
