"""What a case keeps of each of its months, so that the rules about the case need not look at months."""

from __future__ import annotations

from datetime import date

import msgspec

from services.contacts.case import ContactsMonth, MonthSummary, Occasion, Visit
from services.contacts.facts import Appointment, Contact
from services.contacts.recorded import counts, in_advance, outcome_of
from services.contacts.sentence_plans import planned_on
from services.contacts.supervision import Supervision
from services.contacts.suspension import suspended_during
from services.contacts.view import ContactsView
from shared.engine.assessment import once
from shared.policy import Values

First = dict[tuple[str, date], Occasion]
"""The first occasion by sentence and first day of the stretch, or of the suspension, in which it falls."""

Kept = dict[str, tuple[Occasion, ...]]
"""What a summary keeps of such occasions, by sentence and in the order of those days."""


class Clock(msgspec.Struct, frozen=True):
    """How long contacts matter to a stretch of supervision.

    `offered_by`: appointments until that day, while the first one is due; `attended_before`: contacts before
    that day, on which a complete sentence plan was made.
    """

    stretch: Supervision
    offered_by: date
    attended_before: date

    def matters(self, of: ContactsView, first: date, last: date) -> bool:
        """May contacts of those days still matter to it: before those days, or in a suspension?"""
        stretch = self.stretch
        return (
            stretch.first <= last
            and stretch.last >= first
            and (
                first <= self.offered_by
                or first < self.attended_before
                or bool(suspended_during(of, stretch.sentence.sentence_id, first, last))
            )
        )


def summary(of: ContactsView) -> MonthSummary | None:
    """The summary of the view's month; None if there is nothing to keep of it.

    It runs for every contact that is recorded, and so looks only at what may still matter. Kept are the
    practitioner's contacts of the national standard (CONT-12), with an outcome that counts (CONT-13) or none
    yet. A provider's session is none of them. One that names no sentence counts for all.
    """
    month = of.month.this
    visits = [
        Visit(event_id=contact.event_id, on=contact.occurred_on, sentence_id=contact.sentence_id)
        for contact in month.contacts.values()
        if contact.kind == "home_visit" and _is_visit(of, contact)
    ]
    firsts = _firsts(of, month)
    if firsts is None and not visits:
        return None  # by far the most
    offered, attended, in_reset = firsts or ({}, {}, {})
    return MonthSummary(offered, attended, tuple(sorted(visits, key=lambda v: (v.on, v.event_id))), in_reset)


def _firsts(of: ContactsView, month: ContactsMonth) -> tuple[Kept, Kept, Kept] | None:
    """The first appointments offered, those attended before there was a plan, and those attended in Reset."""
    days = [contact.occurred_on for contact in month.contacts.values()]
    days += [appointment.scheduled_on for appointment in month.appointments.values()]
    if not days:
        return None
    first, last = min(days), max(days)
    clocks = [clock for clock in _clocks(of) if clock.matters(of, first, last)]
    if not clocks:
        return None
    offered: First = {}
    attended: First = {}
    in_reset: First = {}
    for contact in month.contacts.values():
        if not contact.national_standard:
            continue
        day = contact.occurred_on
        for clock in clocks:
            if not _is_for(clock, contact.sentence_id, day):
                continue
            values = of.values(day, clock.stretch.sentence)
            if not _is_appointment(contact, values) or not counts(contact, values):
                continue
            if day <= clock.offered_by and contact.outcome not in values.texts("first_appointment_held_back"):
                _keep(offered, clock.stretch, contact.event_id, day)
            if contact.outcome not in values.texts("attended_outcomes"):
                continue
            if day < clock.attended_before:
                _keep(attended, clock.stretch, contact.event_id, day)
            _keep_in_reset(in_reset, of, clock.stretch, contact)
    for contact_id, appointment in month.appointments.items():
        outcome = outcome_of(month, contact_id)
        if (
            (outcome is None or in_advance(outcome))
            and appointment.national_standard
            and appointment.notified
        ):
            day = appointment.scheduled_on
            for clock in clocks:
                if day <= clock.offered_by and _is_for(clock, appointment.sentence_id, day):
                    values = of.values(day, clock.stretch.sentence)
                    counted = outcome is not None and counts(outcome, values)
                    if _is_appointment(appointment, values) and not counted:
                        _keep(offered, clock.stretch, appointment.event_id, day)
    if not (offered or attended or in_reset):
        return None
    return _by_sentence(offered), _by_sentence(attended), _by_sentence(in_reset)


@once
def _clocks(of: ContactsView) -> list[Clock]:
    """The stretches to which contacts may matter: on an order or a licence."""
    return [
        Clock(stretch, first_appointment_due(of, stretch) or date.min, planned_on(of, stretch))
        for _, _, stretch in of.stretches()
        if stretch.stage != "post_sentence_supervision"
    ]


def _is_for(clock: Clock, sentence_id: str | None, day: date) -> bool:
    """Does a contact of that day count for the stretch?"""
    stretch = clock.stretch
    return (
        stretch.first <= day <= stretch.last
        and sentence_id in (None, stretch.sentence.sentence_id)
        and stretch.supervised_throughout(day, day)
    )


def first_appointment_due(of: ContactsView, stretch: Supervision) -> date | None:
    """ALLOC-22: the last day on which a first appointment is in time; None while the person is held."""
    days = "first_appointment_days_order" if stretch.stage == "order" else "first_appointment_days_licence"
    return of.due_on(stretch.first, days, stretch.sentence)


def _is_visit(of: ContactsView, contact: Contact) -> bool:
    if not contact.national_standard or in_advance(contact):
        return False
    region = None
    if contact.sentence_id is not None:
        sentence = of.sentences.get(contact.sentence_id)
        if sentence is None:
            return False
        region = sentence.region
    values = of.policy.on(contact.occurred_on, region)
    return contact.outcome in values.texts("attended_outcomes") and contact.mode in values.texts(
        "home_visit_modes"
    )


def _is_appointment(contact: Contact | Appointment, values: Values) -> bool:
    """Is it of a kind and in a form in which a first appointment may be?"""
    return contact.kind in values.texts("first_appointment_kinds") and contact.mode in values.texts(
        "first_appointment_modes"
    )


def _keep(firsts: First, stretch: Supervision, event_id: str, day: date) -> None:
    _keep_first(firsts, (stretch.sentence.sentence_id, stretch.first), event_id, day)


def _keep_in_reset(firsts: First, of: ContactsView, stretch: Supervision, contact: Contact) -> None:
    """Keep the first contact attended in each suspension for Reset: the follow-up (CONT-22)."""
    sentence_id, day = stretch.sentence.sentence_id, contact.occurred_on
    for span in suspended_during(of, sentence_id, day, day):
        if span.ground == "reset":
            _keep_first(firsts, (sentence_id, span.first), contact.event_id, day)


def _keep_first(firsts: First, key: tuple[str, date], event_id: str, day: date) -> None:
    first = firsts.get(key)
    if first is None or (day, event_id) < (first.on, first.event_id):
        firsts[key] = Occasion(event_id=event_id, on=day)


def _by_sentence(firsts: First) -> Kept:
    out: Kept = {}
    for sentence_id, first in sorted(firsts):
        out[sentence_id] = (*out.get(sentence_id, ()), firsts[sentence_id, first])
    return out
