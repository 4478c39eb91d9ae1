"""When an outcome was recorded, and whether it counts (CONT-13)."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, date, datetime

from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact
from services.contacts.overview import Overview
from shared.calendar import london_date
from shared.engine.case import Record
from shared.policy import Policy, Values

HOUR = 3_600_000_000
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1).toordinal()

NONE: Set[str] = frozenset()


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


def not_counting(of: Overview, part: ContactsMonth, policy: Policy) -> Set[str]:
    """The contacts of a month whose outcome does not count, by their ids."""
    # As `in_advance`, but for whole months at once, with every contact.
    early = [c for c in part.outcomes() if c.recorded < (c.occurred_on.toordinal() - EPOCH) * DAY]
    if not early:
        return NONE  # by far the most
    return {c.contact_id for c in early if not counts(c, policy.on(c.occurred_on, region(of, c)))}


def region(of: Overview, contact: Contact) -> str | None:
    """Where the sentence was passed that a contact names; None if it names none that is known."""
    sentence = of.sentences.get(contact.sentence_id or "")
    return sentence.region if sentence else None


def outcome_of(part: ContactsMonth, contact_id: str) -> Contact | None:
    """The outcome recorded of a contact, whether it counts or not: the practitioner's before a provider's."""
    return part.contacts.get(contact_id) or part.sessions.get(contact_id)
