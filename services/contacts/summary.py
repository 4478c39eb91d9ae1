"""What a case keeps of each of its months, so that the rules about the case need not look at months."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from services.contacts.case import ContactsMonth, MonthSummary, Occasion, Visit
from services.contacts.facts import Contact
from services.contacts.first_steps.appointments import first_appointment_due, may_be_first
from services.contacts.first_steps.sentence_plans import planned_on
from services.contacts.outcomes.hand_over import first_met, settled, unannounced
from services.contacts.outcomes.recorded import counts, in_advance
from services.contacts.suspensions.suspension import suspended_during
from services.contacts.view import ContactsView
from shared.engine.assessment import once
from shared.engine.case import month_of
from shared.probation.supervision import ONE_DAY, Stage

First = dict[tuple[str, date], Occasion]
"""The first occasion by sentence and first day of the stage, or of the suspension, in which it falls."""

BySentence = Mapping[str, Sequence[Occasion]]
"""What a summary keeps of such occasions, in the order of those days."""


class StageToWatch(msgspec.Struct, frozen=True):
    """A stage of supervision, and how long contacts matter to it.

    `offered_by`: appointments until that day, while the first one is due; `attended_before`: contacts before
    that day, on which a complete sentence plan was made.
    """

    stage: Stage
    offered_by: date
    attended_before: date

    def matters(self, view: ContactsView, first: date, last: date) -> bool:
        """May contacts of those days still matter to it: before those days, or in a suspension?"""
        stage = self.stage
        return (
            stage.first <= last
            and stage.last >= first
            and (
                first <= self.offered_by
                or first < self.attended_before
                or bool(suspended_during(view, stage.sentence.sentence_id, first, last))
            )
        )

    def counts(self, sentence_id: str | None, day: date) -> bool:
        """Does a contact of that day count for it?"""
        stage = self.stage
        return (
            stage.first <= day <= stage.last
            and sentence_id in (None, stage.sentence.sentence_id)
            and stage.supervised_throughout(day, day)
        )


# -- making it -----------------------------------------------------------------------------------


def summary(view: ContactsView, month: ContactsMonth) -> MonthSummary | None:
    """The summary of a month; None if there is nothing to keep of it.

    It runs for every contact that is recorded, and so looks only at what may still matter. Beside what a
    hand-over needs, kept are the practitioner's contacts of the national standard (CONT-12), with an outcome
    that counts (CONT-13) or none yet; no provider's sessions. One that names no sentence counts for all.
    """
    visits = [
        Visit(event_id=contact.event_id, on=contact.occurred_on, sentence_id=contact.sentence_id)
        for contact in month.contacts.values()
        if contact.kind == "home_visit" and _is_visit(view, contact)
    ]
    watched = _watched_in(view, month)
    handed_over = bool(settled(view))
    missed = tuple(unannounced(view, month)) if handed_over else ()
    met = first_met(view, month) if handed_over else {}
    if not (watched or visits or missed or met):
        return None  # the common case
    offered: First = {}
    attended: First = {}
    in_reset: First = {}
    if watched:
        _keep_contacts(view, month, watched, offered, attended, in_reset)
        _keep_appointments(view, month, watched, offered)
    if not (offered or attended or in_reset or visits or missed or met):
        return None
    visits.sort(key=lambda visit: (visit.on, visit.event_id))
    return MonthSummary(
        _by_sentence(offered), _by_sentence(attended), tuple(visits), _by_sentence(in_reset), missed, met
    )


def _watched_in(view: ContactsView, month: ContactsMonth) -> list[StageToWatch]:
    """The stages to which the contacts of a month may still matter."""
    days = [contact.occurred_on for contact in month.contacts.values()]
    days += [appointment.scheduled_on for appointment in month.appointments.values()]
    if not days:
        return []
    first, last = min(days), max(days)
    return [watched for watched in _watched(view) if watched.matters(view, first, last)]


@once
def _watched(view: ContactsView) -> list[StageToWatch]:
    """The stages to which contacts may matter: on an order or a licence."""
    return [
        StageToWatch(stage, first_appointment_due(view, stage) or date.min, planned_on(view, stage))
        for _, stage in view.stages()
        if stage.kind != "post_sentence_supervision"
    ]


def _keep_contacts(
    view: ContactsView,
    month: ContactsMonth,
    stages: Sequence[StageToWatch],
    offered: First,
    attended: First,
    in_reset: First,
) -> None:
    """Keep the first contacts offered, attended before there was a plan, and attended in Reset."""
    for contact in month.contacts.values():
        if not contact.national_standard:
            continue
        day = contact.occurred_on
        for watched in stages:
            if not watched.counts(contact.sentence_id, day):
                continue
            sentence = watched.stage.sentence
            values = view.values(day, sentence)
            if not may_be_first(contact, values) or not counts(contact, values):
                continue
            key, occasion = _key(watched.stage), Occasion(event_id=contact.event_id, on=day)
            held_back = contact.outcome in values.texts("first_appointment_held_back")
            if day <= watched.offered_by and not held_back:
                _keep(offered, key, occasion)
            if contact.outcome not in values.texts("attended_outcomes"):
                continue
            if day < watched.attended_before:
                _keep(attended, key, occasion)
            for suspension in suspended_during(view, sentence.sentence_id, day, day):
                if suspension.ground == "reset":
                    _keep(in_reset, (sentence.sentence_id, suspension.first), occasion)


def _keep_appointments(
    view: ContactsView, month: ContactsMonth, stages: Sequence[StageToWatch], offered: First
) -> None:
    """Keep the first appointments offered that have no outcome yet, or none that counts."""
    for contact_id, appointment in month.appointments.items():
        outcome = month.outcome_of(contact_id)
        if outcome is not None and not in_advance(outcome):
            continue
        if not appointment.national_standard or not appointment.notified:
            continue
        day = appointment.scheduled_on
        for watched in stages:
            if day > watched.offered_by or not watched.counts(appointment.sentence_id, day):
                continue
            values = view.values(day, watched.stage.sentence)
            if may_be_first(appointment, values) and not (outcome is not None and counts(outcome, values)):
                _keep(offered, _key(watched.stage), Occasion(event_id=appointment.event_id, on=day))


def _is_visit(view: ContactsView, contact: Contact) -> bool:
    """Was it a home visit that was made, for a known sentence or for all?"""
    if not contact.national_standard or in_advance(contact):
        return False
    region = None
    if contact.sentence_id is not None:
        sentence = view.case.sentences.get(contact.sentence_id)
        if sentence is None:
            return False
        region = sentence.region
    values = view.policy.on(contact.occurred_on, region)
    return contact.outcome in values.texts("attended_outcomes") and contact.mode in values.texts(
        "home_visit_modes"
    )


def _key(stage: Stage) -> tuple[str, date]:
    return stage.sentence.sentence_id, stage.first


def _keep(firsts: First, key: tuple[str, date], occasion: Occasion) -> None:
    first = firsts.get(key)
    if first is None or (occasion.on, occasion.event_id) < (first.on, first.event_id):
        firsts[key] = occasion


def _by_sentence(firsts: First) -> dict[str, tuple[Occasion, ...]]:
    found: dict[str, tuple[Occasion, ...]] = {}
    for key in sorted(firsts):
        found[key[0]] = (*found.get(key[0], ()), firsts[key])
    return found


# -- asking it -----------------------------------------------------------------------------------


def first_offered(view: ContactsView, stage: Stage, last: date) -> Occasion | None:
    """The first appointment offered in a stage by `last`, of those until the day on which one is due."""
    return _first(view, lambda month: month.offered, stage.sentence.sentence_id, stage.first, last)


def first_attended(view: ContactsView, stage: Stage) -> Occasion | None:
    """The first appointment attended in a stage, of those before there was a sentence plan."""
    return _first(view, lambda month: month.attended, stage.sentence.sentence_id, stage.first, stage.last)


def attended_in_reset(view: ContactsView, sentence_id: str, first: date, until: date) -> Occasion | None:
    """The first contact attended with the practitioner in Reset from `first` up to, but not on, `until`."""
    return _first(view, lambda month: month.in_reset, sentence_id, first, until - ONE_DAY)


def first_home_visit(view: ContactsView, sentence_id: str, start: date) -> Visit | None:
    """The first home visit made for a sentence, or for all, from that day on."""
    visits = (
        visit
        for month in view.case.month_summaries.values()
        for visit in month.home_visits
        if visit.on >= start and visit.sentence_id in (None, sentence_id)
    )
    return min(visits, key=lambda visit: (visit.on, visit.event_id), default=None)


def _first(
    view: ContactsView, kept: Callable[[MonthSummary], BySentence], sentence_id: str, first: date, last: date
) -> Occasion | None:
    """The first occasion from one day to another, both included, of those that are kept of the months."""
    summaries = view.case.month_summaries
    if not summaries:
        return None
    for month in range(month_of(first), min(month_of(last), max(summaries)) + 1):
        if month in summaries:
            for occasion in kept(summaries[month]).get(sentence_id, ()):
                if first <= occasion.on <= last:
                    return occasion
    return None
