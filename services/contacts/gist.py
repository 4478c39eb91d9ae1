"""What a case keeps of each of its months, so that the rules about the case need not look at months."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date

from services.contacts.case import ContactsMonth, Gist, Occasion, Visit
from services.contacts.facts import Appointment, Contact
from services.contacts.overview import Overview
from services.contacts.recorded import NONE, counts, in_advance, outcome_of
from services.contacts.sentence_plans import is_complete, plans_by
from services.contacts.supervision import Supervision
from services.contacts.suspension import suspended_during
from shared.policy import Values

Firsts = dict[tuple[str, date], Occasion]
"""The first occasion by sentence and first day of the stretch of supervision in which it falls."""


def gist(of: Overview, month: ContactsMonth) -> Gist | None:
    """The gist of one month; None if there is nothing to keep of it.

    It runs for every contact that is recorded, and so looks at each but once. Kept are the practitioner's
    contacts of the national standard (CONT-12), with an outcome that counts (CONT-13) or none yet. A
    provider's session is none of them. One that names no sentence counts for all. What was attended after a
    complete sentence plan was made starts no clock for one, and is not kept.
    """
    offered: Firsts = {}
    attended: Firsts = {}
    in_reset: Firsts = {}
    visits: list[Visit] = []
    resting = _resting(of, month)
    for contact in month.contacts.values():
        if not contact.national_standard:
            continue
        day = contact.occurred_on
        early = in_advance(contact)
        if contact.kind == "home_visit" and not early and _is_visit(of, contact):
            visits.append(Visit(event_id=contact.event_id, on=day, sentence_id=contact.sentence_id))
        for stretch in _supervised(of, contact.sentence_id, day):
            if stretch.sentence.sentence_id in resting:
                _keep_in_reset(in_reset, of, stretch, contact, early=early)
            if _is_later(attended, stretch, contact.event_id, day) and _is_later(
                offered, stretch, contact.event_id, day
            ):
                continue
            values = of.values(day, stretch.sentence)
            if not _is_appointment(contact, values) or (early and not counts(contact, values)):
                continue
            if contact.outcome not in values.texts("first_appointment_held_back"):
                _keep(offered, stretch, contact.event_id, day)
            if contact.outcome in values.texts("attended_outcomes"):
                _keep(attended, stretch, contact.event_id, day)
    for contact_id, appointment in month.appointments.items():
        if not appointment.national_standard or not appointment.notified:
            continue
        outcome = outcome_of(month, contact_id)
        if outcome is not None and not in_advance(outcome):
            continue
        day = appointment.scheduled_on
        for stretch in _supervised(of, appointment.sentence_id, day):
            values = of.values(day, stretch.sentence)
            if _is_appointment(appointment, values) and (outcome is None or not counts(outcome, values)):
                _keep(offered, stretch, appointment.event_id, day)
    if attended and of.case.plans:
        attended = _before_a_plan(attended, of)
    if offered:
        offered = _while_due(offered, of)
    if not (offered or attended or visits or in_reset):
        return None
    return Gist(
        _by_sentence(offered),
        _by_sentence(attended),
        tuple(sorted(visits, key=lambda v: (v.on, v.event_id))),
        _by_sentence(in_reset),
    )


def first_appointment_due(of: Overview, stretch: Supervision) -> date | None:
    """ALLOC-22: the last day on which a first appointment is in time; None while the person is held."""
    days = "first_appointment_days_order" if stretch.stage == "order" else "first_appointment_days_licence"
    return of.due_on(stretch.first, days, stretch.sentence)


def _supervised(of: Overview, sentence_id: str | None, day: date) -> Iterator[Supervision]:
    """The stretches for which a contact of that day counts: of an order, unless it is unpaid work alone, or
    of a licence."""
    for id, course in of.courses.items():
        if sentence_id is None or sentence_id == id:
            for stretch in course.stretches:
                if (
                    stretch.first <= day <= stretch.last
                    and stretch.stage != "post_sentence_supervision"
                    and stretch.supervised_throughout(day, day)
                ):
                    yield stretch


def _resting(of: Overview, month: ContactsMonth) -> Set[str]:
    """The sentences on which contact was suspended between the month's first contact and its last."""
    days = [contact.occurred_on for contact in month.contacts.values()]
    if not days:
        return NONE
    first, last = min(days), max(days)
    return {id for id in of.courses if suspended_during(of, id, first, last)} or NONE


def _is_visit(of: Overview, contact: Contact) -> bool:
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


def _is_later(firsts: Firsts, stretch: Supervision, event_id: str, day: date) -> bool:
    first = firsts.get((stretch.sentence.sentence_id, stretch.first))
    return first is not None and (first.on, first.event_id) <= (day, event_id)


def _keep(firsts: Firsts, stretch: Supervision, event_id: str, day: date) -> None:
    if not _is_later(firsts, stretch, event_id, day):
        firsts[stretch.sentence.sentence_id, stretch.first] = Occasion(event_id=event_id, on=day)


def _keep_in_reset(
    firsts: Firsts, of: Overview, stretch: Supervision, contact: Contact, *, early: bool
) -> None:
    """Keep the first contact attended in each suspension for Reset: the follow-up (CONT-22)."""
    sentence_id, day = stretch.sentence.sentence_id, contact.occurred_on
    for span in suspended_during(of, sentence_id, day, day):
        values = of.values(day, stretch.sentence)
        attended = contact.outcome in values.texts("attended_outcomes") and _is_appointment(contact, values)
        if span.ground != "reset" or not attended or (early and not counts(contact, values)):
            continue
        first = firsts.get((sentence_id, span.first))
        if first is None or (day, contact.event_id) < (first.on, first.event_id):
            firsts[sentence_id, span.first] = Occasion(event_id=contact.event_id, on=day)


def _before_a_plan(attended: Firsts, of: Overview) -> Firsts:
    """What was attended before a complete plan was made; what came later starts no clock for one."""
    out = {}
    for sentence_id, _, stretch in of.stretches():
        occasion = attended.get((sentence_id, stretch.first))
        if occasion is not None:
            plans = plans_by(of, stretch, occasion.on)
            if not any(is_complete(of, stretch, plan) for plan in plans):
                out[sentence_id, stretch.first] = occasion
    return out


def _while_due(offered: Firsts, of: Overview) -> Firsts:
    """What was offered while a first appointment was due; what came later shows nothing."""
    out = {}
    for sentence_id, _, stretch in of.stretches():
        occasion = offered.get((sentence_id, stretch.first))
        if occasion is not None:
            due = first_appointment_due(of, stretch)
            if due is not None and occasion.on <= due:
                out[sentence_id, stretch.first] = occasion
    return out


def _by_sentence(firsts: Firsts) -> dict[str, tuple[Occasion, ...]]:
    out: dict[str, tuple[Occasion, ...]] = {}
    for sentence_id, first in sorted(firsts):
        out[sentence_id] = (*out.get(sentence_id, ()), firsts[sentence_id, first])
    return out
