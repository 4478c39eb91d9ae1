"""CONT-30: when a person is handed over to another practitioner or region.

The contacts already arranged are kept. One that is missed in the gap is the service's doing, unless the
person was given notice of it. The gap goes from the request until the first contact after the hand-over that
the person was told of since, or attended: until then nobody has seen the person since.

Until the hand-over is settled, the month of a contact tells all that matters. Afterwards the first contact
may be in any month: so the case decides, from the month summaries, on those that were missed without notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import msgspec

from services.contacts.case import ContactsMonth, Unannounced
from services.contacts.facts import Appointment, Contact
from services.contacts.outcomes.recorded import counts, recorded_on
from services.contacts.view import ContactsView
from shared.engine.assessment import once
from shared.engine.case import Record
from shared.probation.facts import Sentence
from shared.probation.practitioners import changes_under_way


class HandOver(msgspec.Struct, frozen=True):
    """A transfer or a change of practitioner, from the day of the request.

    `last` is the day on which somebody else took over (`settled`) or a manager refused; None while it is
    open. `because` is the request, or the acceptance where no request is known. `sentence_id` is the sentence
    of a change; empty for a transfer, which is of the person.
    """

    first: date
    last: date | None
    settled: bool
    because: Record
    sentence_id: str = ""

    @property
    def name(self) -> str:
        """What the month summaries call it."""
        return f"{self.sentence_id}/{self.last}"


def hand_over_on(view: ContactsView, sentence: Sentence, day: date) -> HandOver | None:
    """The transfer or change of practitioner of that sentence under way on a day that has been reached.

    None if there was none. One that is still open counts for as many days as the policy says: a request that
    nobody answers does not go on for ever.
    """
    for hand_over in _hand_overs(view, sentence.sentence_id):
        first, last = hand_over.first, hand_over.last
        if first <= day and (last is None or day <= last):
            if day <= view.values(first, sentence).within(first, "hand_over_limit"):
                return hand_over
            if last is not None and view.today.reached(last):
                return hand_over
    return None


def awaits_first_contact(
    view: ContactsView, sentence: Sentence, day: date, told_on: date | None
) -> list[HandOver]:
    """The hand-overs settled before that day, after which the person was not told of a contact on it.

    `told_on` is the day on which the person was told; None if never.
    """
    return [
        hand_over
        for hand_over in _hand_overs(view, sentence.sentence_id)
        if hand_over.last is not None
        and hand_over.settled
        and hand_over.first <= day
        and hand_over.last < day
        and (told_on is None or told_on < hand_over.last)
    ]


def hand_over_before(
    view: ContactsView, sentence: Sentence, day: date, told_on: date | None
) -> HandOver | None:
    """The hand-over since which no contact was attended, or told of, by that day; None if there is none."""
    for hand_over in awaits_first_contact(view, sentence, day, told_on):
        met = (s.first_met.get(hand_over.name, date.max) for s in view.case.month_summaries.values())
        if all(day < first for first in met):
            return hand_over
    return None


def told_on(month: ContactsMonth, contact_id: str) -> date | None:
    """The day on which the person was told of an appointment; None if not."""
    appointment = month.appointments.get(contact_id)
    return recorded_on(appointment) if appointment is not None and appointment.notified else None


# -- for the month summary -----------------------------------------------------------------------


def first_met(view: ContactsView, month: ContactsMonth) -> dict[str, date]:
    """By hand-over, the first day in a month, after it, of a contact attended or told of since."""
    found: dict[str, date] = {}
    for hand_over in settled(view):
        days = [
            contact.occurred_on for contact in month.contacts.values() if _attended(view, hand_over, contact)
        ]
        days += [one.scheduled_on for one in month.appointments.values() if _told(hand_over, one)]
        if days:
            found[hand_over.name] = min(days)
    return found


def unannounced(view: ContactsView, month: ContactsMonth) -> Iterator[Unannounced]:
    """The contacts of a month that were missed after a hand-over, without notice since."""
    if not settled(view):
        return
    for contact in month.contacts.values():
        if not contact.national_standard or contact.contact_id in month.sessions:
            continue
        sentence = view.sentence_of(contact)
        if sentence is None:
            continue
        absent = view.values(contact.occurred_on, sentence).texts("absent_outcomes")
        told = told_on(month, contact.contact_id)
        if contact.outcome in absent and awaits_first_contact(view, sentence, contact.occurred_on, told):
            yield Unannounced(tuple(month.history(contact.contact_id)), told)


def _attended(view: ContactsView, hand_over: HandOver, contact: Contact) -> bool:
    """Was it attended after the hand-over?"""
    day = contact.occurred_on
    if not _is_after(hand_over, contact.sentence_id, day):
        return False
    period = view.supervision.get(contact.sentence_id or "")
    values = view.policy.on(day, period.sentence.region if period else None)
    return contact.outcome in values.texts("attended_outcomes") and counts(contact, values)


def _told(hand_over: HandOver, appointment: Appointment) -> bool:
    """Is it an appointment after the hand-over that the person was told of since?"""
    return (
        appointment.notified
        and _is_after(hand_over, appointment.sentence_id, appointment.scheduled_on)
        and hand_over.last is not None
        and hand_over.last <= recorded_on(appointment)
    )


def _is_after(hand_over: HandOver, sentence_id: str | None, day: date) -> bool:
    """Is a contact of that day after the hand-over, and with whoever took over?"""
    return (
        hand_over.last is not None
        and hand_over.last < day
        and (not hand_over.sentence_id or sentence_id in (None, hand_over.sentence_id))
    )


# -- the hand-overs ------------------------------------------------------------------------------


def _hand_overs(view: ContactsView, sentence_id: str) -> tuple[HandOver, ...]:
    """The hand-overs of a sentence."""
    if not _may_have_some(view):
        return ()  # the common case
    return _by_sentence(view)[sentence_id]


def _may_have_some(view: ContactsView) -> bool:
    return bool(view.case.transfers or view.case.transfers_accepted or view.case.changes)


@once
def settled(view: ContactsView) -> list[HandOver]:
    """All hand-overs that were settled, each once."""
    if not _may_have_some(view):
        return []
    return [h for h in dict.fromkeys(h for found in _by_sentence(view).values() for h in found) if h.settled]


@once
def _by_sentence(view: ContactsView) -> Mapping[str, tuple[HandOver, ...]]:
    """The hand-overs of each sentence."""
    case = view.case
    transfers: list[HandOver] = []
    for transfer_id in case.transfers | case.transfers_accepted:
        request, acceptance = case.transfers.get(transfer_id), case.transfers_accepted.get(transfer_id)
        accepted_on = acceptance.accepted_on if acceptance else None
        # An acceptance says that there was a request, if not when.
        first, told = request.requested_on if request else accepted_on, request or acceptance
        assert first is not None
        assert told is not None
        transfers.append(HandOver(first, accepted_on, acceptance is not None, told))
    found: dict[str, tuple[HandOver, ...]] = {}
    for sentence_id in case.sentences:
        changes = changes_under_way(
            sentence_id,
            case.changes.values(),
            view.allocations_of(sentence_id),
            case.decisions.values(),
            partial(view.change_needs_approval, sentence=case.sentences[sentence_id]),
        )
        found[sentence_id] = (
            *transfers,
            *(
                HandOver(
                    first, last, last is not None and last == change.taken_on, change.request, sentence_id
                )
                for change in changes
                for first, last in change.spans
            ),
        )
    return found
