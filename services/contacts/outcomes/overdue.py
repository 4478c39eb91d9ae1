"""Contacts that are past and have no outcome (CONT-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.contacts import OutcomeOverdue
from services.contacts.facts import Appointment, Contact
from services.contacts.outcomes.recorded import counts, recorded_on, recorded_that_day
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.probation.facts import Sentence


def outcome_overdue(view: ContactsView) -> Iterator[Finding]:
    """CONT-12, CONT-13: each past national-standard contact needs an outcome that counts (an open item).

    It is resolved by the outcome and ended with the supervision. None is needed of a day on which the person
    was held or could not be required to come (CONT-28), or the region did no such work (SH-9), nor of one
    outside supervision, nor if supervision was over before the outcome was due.
    """
    month = view.month.this
    for contact_id, appointment in month.appointments.items():
        if not appointment.national_standard:
            continue
        outcome = month.outcome_of(contact_id)
        if outcome is not None and recorded_that_day(outcome, appointment.scheduled_on):
            continue  # the common case, and asked with every contact of the month
        on = appointment.scheduled_on
        sentence = view.linked_to(appointment.sentence_id, on)
        if sentence is None:
            continue
        came_on = _came_on(view, sentence, outcome)
        due_on = view.values(on, sentence).within(on, "outcome_within")
        if not _is_overdue(view, sentence, appointment, came_on, due_on):
            continue
        yield Finding(
            event=OutcomeOverdue(
                contact_id=contact_id,
                sentence_id=sentence.sentence_id,
                scheduled_on=on,
                due_on=due_on,
            ),
            key=contact_id,
            rules=("CONT-12", "CONT-13"),
            because=(appointment, sentence),
            policy=view.values(on, sentence).version,
            resolved_on=came_on,
            ended_on=view.supervision[sentence.sentence_id].over_on,
        )


def _came_on(view: ContactsView, sentence: Sentence, outcome: Contact | None) -> date | None:
    """The day on which an outcome that counts was recorded; None if there is none."""
    if outcome is None or not counts(outcome, view.values(outcome.occurred_on, sentence)):
        return None
    return recorded_on(outcome)


def _is_overdue(
    view: ContactsView, sentence: Sentence, appointment: Appointment, came_on: date | None, due_on: date
) -> bool:
    """Was an outcome needed, and not recorded in time?"""
    on = appointment.scheduled_on
    if came_on is not None and came_on <= due_on:
        return False
    if not view.today.after(due_on):
        return False  # the common case
    over_on = view.supervision[sentence.sentence_id].over_on
    if over_on is None or due_on >= over_on or view.custody.held_on(on):
        return False
    if appointment.requirement_id is None and view.power_has_ended(sentence, on):
        return False
    return view.gap_on(appointment, sentence) is None
