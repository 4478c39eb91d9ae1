"""What an outcome means: missed, excused or undecided (CONT-12 to CONT-15, CONT-28 to CONT-30).

What an outcome means is policy. One that means none of the three (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nobody
needs to act on it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import get_args

import msgspec

from schemas.words import Outcome
from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact
from services.contacts.outcomes.hand_over import in_hand_over
from services.contacts.outcomes.recorded import counts, recorded_on
from services.contacts.view import ContactsView
from shared.engine.assessment import once_a_day
from shared.engine.case import Record
from shared.policy import Policy, Scalar
from shared.probation.facts import Sentence

RESCHEDULED = ("rescheduled_by_service", "rescheduled_by_person")


class EnforceableContact(msgspec.Struct, frozen=True):
    """An enforceable contact that the person did not simply keep, on a sentence supervised that day.

    `meaning` is "missed", "excused" or "undecided", by the policy of the day of the contact. `decision` is
    the version that left the reason open last and the one that decided it; empty if it is still open or never
    was. `by_the_service`: the person did not come, during a hand-over and without notice.
    """

    contact: Contact
    sentence: Sentence
    meaning: Scalar
    decision: list[Contact]
    by_the_service: bool
    policy: str

    @property
    def decided_on(self) -> date | None:
        """ENF-11, ENF-12: the day on which the decision on an awaited absence was recorded."""
        return recorded_on(self.decision[-1]) if self.decision else None

    @property
    def because(self) -> tuple[Record, ...]:
        """The records that it rests on."""
        return (self.contact, self.sentence, *self.decision)


class Outcomes(msgspec.Struct):
    """The outcomes of a month that matter here.

    `enforceable` in the order in which the contacts happened; `rescheduled` the contacts that were.
    """

    enforceable: list[EnforceableContact] = []
    rescheduled: list[Contact] = []


@once_a_day
def outcomes(view: ContactsView) -> Outcomes:
    """CONT-12: only national-standard contacts are enforceable, on the sentence they are linked to (ENF-32).

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, on a licence also
    in post-sentence supervision (ENF-33). A contact is not enforceable if it is dated before supervision
    started or after it ended, if its sentence is not known (yet), if its day is still to come, if its outcome
    does not count (CONT-13), or if the person could not be required to attend (CONT-28).
    """
    month, today, policy, supervision = view.month.this, view.today, view.policy, view.supervision
    found = Outcomes()
    meaningless = _meaningless(policy)
    for contact in month.outcomes():
        if contact.outcome in meaningless or not contact.national_standard:
            continue
        named, on = contact.sentence_id, contact.occurred_on
        if named is None:
            sentence = view.linked_to(None, on)
        else:
            period = supervision.get(named)
            sentence = period.sentence if period is not None else None
        if sentence is None:
            continue
        values = policy.on(on, sentence.region)
        meaning = values.table("outcome_meanings").get(contact.outcome)
        if meaning is None:
            if contact.outcome in RESCHEDULED:
                found.rescheduled.append(contact)
            continue
        if (
            (named is not None and not view.supervised_on(named, on))
            or not counts(contact, values)
            or (_is_for_supervision(month, contact) and view.power_has_ended(sentence, on))
            or not today.reached(on)
        ):
            continue
        decision = _decision(month.history(contact.contact_id), sentence.region, policy)
        by_the_service = (
            contact.contact_id not in month.sessions
            and contact.outcome in values.texts("absent_outcomes")
            and not _notified(month, contact)
            and in_hand_over(view, sentence, on)
        )
        found.enforceable.append(
            EnforceableContact(contact, sentence, meaning, decision, by_the_service, values.version)
        )
    found.enforceable.sort(key=lambda item: (item.contact.occurred_on, item.contact.contact_id))
    return found


@lru_cache(maxsize=4)
def _meaningless(policy: Policy) -> frozenset[str]:
    """The outcomes that never mean anything here, whatever the day: most contacts have one of these."""
    meant = {outcome for table in policy.tables("outcome_meanings") for outcome in table}
    return frozenset(get_args(Outcome)) - meant - {*RESCHEDULED}


def _is_for_supervision(month: ContactsMonth, contact: Contact) -> bool:
    """Is it a contact for supervision alone, for no requirement and not with a provider?"""
    return contact.requirement_id is None and contact.contact_id not in month.sessions


def _notified(month: ContactsMonth, contact: Contact) -> bool:
    appointment = month.appointments.get(contact.contact_id)
    return appointment is not None and appointment.notified


def _decision(history: list[Contact], region: str, policy: Policy) -> list[Contact]:
    """The version that left the reason open last, and the one that decided it; empty if none did."""
    if len(history) == 1:
        return []
    awaited = [_is_awaited(version, region, policy) for version in history]
    if True not in awaited[:-1] or awaited[-1]:
        return []
    last = len(awaited) - 1 - awaited[::-1].index(True)
    return history[last : last + 2]


def _is_awaited(version: Contact, region: str, policy: Policy) -> bool:
    values = policy.on(version.occurred_on, region)
    awaited = values.table("outcome_meanings").get(version.outcome) == "undecided"
    return awaited and version.national_standard and counts(version, values)
