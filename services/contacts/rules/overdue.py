"""Contacts that are past and have no outcome (CONT-13)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from schemas.contacts import OutcomeOverdue
from services.contacts.case import ContactsMonth
from services.contacts.facts import Appointment, Contact, Sentence
from services.contacts.overview import Overview
from services.contacts.recorded import DAY, EPOCH, HOUR, counts, recorded_on
from services.contacts.requirements import power_has_ended
from shared.engine.assessment import Closed, Day, Finding
from shared.policy import Policy


class Overdue(msgspec.Struct, frozen=True):
    """A national-standard contact whose outcome was not recorded in time.

    It is `closed` if there is an outcome meanwhile, or supervision on its sentence is over.
    """

    appointment: Appointment
    sentence: Sentence
    closed: Closed | None
    policy: str


def overdue(case: Overview, part: ContactsMonth, today: Day, policy: Policy) -> Iterator[Overdue]:
    """CONT-13: each past appointment needs an outcome that counts.

    Not while the person was held that day, or could not be required to come (CONT-28); not outside
    supervision, and not if supervision was over before the outcome was due.
    """
    contacts, sessions = part.contacts, part.sessions
    for contact_id, appointment in part.appointments.items():
        if not appointment.national_standard:
            continue
        outcome = contacts.get(contact_id) or sessions.get(contact_id)
        on = appointment.scheduled_on
        if (
            outcome is not None
            and outcome.occurred_on == on
            and 0 <= outcome.recorded - (on.toordinal() - EPOCH) * DAY < DAY - HOUR
        ):
            continue  # recorded on its day: by far the most, and asked with every contact of the month
        found = _overdue(case, appointment, outcome, today, policy)
        if found is not None:
            yield found


def _overdue(
    case: Overview, appointment: Appointment, outcome: Contact | None, today: Day, policy: Policy
) -> Overdue | None:
    on = appointment.scheduled_on
    sentence = case.linked_to(appointment.sentence_id, on)
    if sentence is None:
        return None
    values = policy.on(on, sentence.region)
    if outcome is not None and not counts(outcome, policy.on(outcome.occurred_on, sentence.region)):
        outcome = None
    due_on = values.within(on, "outcome_within")
    if outcome is not None and recorded_on(outcome) <= due_on:
        return None
    over_on = case.courses[sentence.sentence_id].over_on
    if over_on is None or due_on >= over_on or case.custody.held_on(on):
        return None
    if appointment.requirement_id is None and power_has_ended(case, sentence, on):
        return None
    if not today.after(due_on):
        return None
    closed: Closed | None = None
    if outcome is not None:
        closed = "resolved"
    elif today.reached(over_on):
        closed = "ended"
    return Overdue(appointment, sentence, closed, values.version)


def outcome_overdue(of: Overdue) -> Iterator[Finding]:
    """CONT-13: an open item, resolved by the outcome and ended with the supervision."""
    appointment, sentence = of.appointment, of.sentence
    yield Finding(
        event=OutcomeOverdue(
            contact_id=appointment.contact_id,
            sentence_id=sentence.sentence_id,
            scheduled_on=appointment.scheduled_on,
        ),
        key=appointment.contact_id,
        rules=("CONT-12", "CONT-13"),
        because=(appointment, sentence),
        policy=of.policy,
        closed=of.closed,
    )
