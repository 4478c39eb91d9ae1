"""Contacts that are past and have no outcome (CONT-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from schemas.contacts import OutcomeOverdue
from services.contacts.facts import Appointment, Contact, Sentence
from services.contacts.recorded import DAY, EPOCH, HOUR, counts, recorded_on
from services.contacts.requirements import power_has_ended
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding


class Overdue(msgspec.Struct, frozen=True):
    """A national-standard contact whose outcome was not recorded in time.

    `recorded_on` is the day on which its outcome was recorded after all, `over_on` that on which supervision
    on its sentence is over.
    """

    appointment: Appointment
    sentence: Sentence
    recorded_on: date | None
    over_on: date
    policy: str


def overdue(case: ContactsView) -> Iterator[Overdue]:
    """CONT-13: each past appointment needs an outcome that counts.

    Not while the person was held that day, or could not be required to come (CONT-28); not outside
    supervision, and not if supervision was over before the outcome was due.
    """
    part = case.month.this
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
        found = _overdue(case, appointment, outcome)
        if found is not None:
            yield found


def _overdue(case: ContactsView, appointment: Appointment, outcome: Contact | None) -> Overdue | None:
    policy = case.policy
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
    if not case.today.after(due_on):
        return None
    recorded = recorded_on(outcome) if outcome is not None else None
    return Overdue(appointment, sentence, recorded, over_on, values.version)


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
        resolved_on=of.recorded_on,
        ended_on=of.over_on,
    )
