"""What an outcome means: missed, excused or undecided (CONT-12 to CONT-15, CONT-28 to CONT-30).

What an outcome means is policy. One that means none of the three (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nothing
waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import get_args

import msgspec

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from schemas.words import Outcome
from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact, Sentence
from services.contacts.handover import in_hand_over
from services.contacts.recorded import counts, recorded_on
from services.contacts.requirements import power_has_ended
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.policy import Policy, Scalar

RESCHEDULED = ("rescheduled_by_service", "rescheduled_by_person")


class Enforceable(msgspec.Struct, frozen=True):
    """An enforceable contact that was not simply kept, of a sentence that was live that day.

    `meaning` is "missed", "excused" or "undecided", by the policy of the day of the contact. `decision` is
    what left the reason open last and what decided it; empty if it still is open or never was.
    `by_the_service`: the person did not come, in a hand-over and without notice.
    """

    contact: Contact
    sentence: Sentence
    meaning: Scalar
    decision: list[Contact]
    by_the_service: bool
    policy: str

    @property
    def decided_on(self) -> date | None:
        """The day on which it was decided: when that was recorded, whatever came first."""
        if not self.decision:
            return None
        return recorded_on(self.decision[-1])

    @property
    def because(self) -> tuple[Record, ...]:
        """What it rests on."""
        return (self.contact, self.sentence, *self.decision)


class Outcomes(msgspec.Struct):
    """What the outcomes of a month come to.

    `enforceable` in the order in which they happened; `rescheduled` those that were.
    """

    enforceable: list[Enforceable] = []
    rescheduled: list[Contact] = []


@once_a_day
def outcomes(case: ContactsView) -> Outcomes:
    """CONT-12: only national-standard contacts are enforceable; ENF-32: on the sentence they are linked to.

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, on a licence also
    in post-sentence supervision (ENF-33). One dated before supervision started or after it ended, or on a
    sentence that is not known (yet), is not among them; nor is one of the future, one whose outcome does not
    count (CONT-13) or one that the person could not be required to attend (CONT-28).
    """
    part, today, policy = case.month.this, case.today, case.policy
    out = Outcomes()
    meaningless = _meaningless(policy)
    for contact in part.outcomes():
        if contact.outcome in meaningless or not contact.national_standard:
            continue
        named, on = contact.sentence_id, contact.occurred_on
        sentence = case.linked_to(None, on) if named is None else case.sentences.get(named)
        if sentence is None:
            continue
        values = policy.on(on, sentence.region)
        meaning = values.table("outcome_meanings").get(contact.outcome)
        if meaning is None:
            if contact.outcome in RESCHEDULED:
                out.rescheduled.append(contact)
            continue
        if (
            (named is not None and not case.supervised_on(named, on))
            or not counts(contact, values)
            or (
                case.case.completions
                and _is_supervision(part, contact)
                and power_has_ended(case, sentence, on)
            )
            or not today.reached(on)
        ):
            continue
        decision = _decision(part.history(contact.contact_id), sentence.region, policy)
        by_the_service = (
            contact.contact_id not in part.sessions
            and contact.outcome in values.texts("absent_outcomes")
            and not _notified(part, contact)
            and in_hand_over(case, sentence, on, today)
        )
        out.enforceable.append(
            Enforceable(contact, sentence, meaning, decision, by_the_service, values.version)
        )
    out.enforceable.sort(key=lambda of: (of.contact.occurred_on, of.contact.contact_id))
    return out


@lru_cache(maxsize=4)
def _meaningless(policy: Policy) -> frozenset[str]:
    """The outcomes that never mean anything here, whatever the day: most contacts have one of these."""
    meant = {outcome for table in policy.tables("outcome_meanings") for outcome in table}
    return frozenset(get_args(Outcome)) - meant - {*RESCHEDULED}


def _is_supervision(part: ContactsMonth, contact: Contact) -> bool:
    """Is it a contact for supervision alone, for no requirement and not of a provider?"""
    return contact.requirement_id is None and contact.contact_id not in part.sessions


def _notified(part: ContactsMonth, contact: Contact) -> bool:
    appointment = part.appointments.get(contact.contact_id)
    return appointment is not None and appointment.notified


def _decision(history: list[Contact], region: str, policy: Policy) -> list[Contact]:
    """What left the reason of an absence open last, and what was said next; empty if that is not so."""
    if len(history) == 1:
        return []
    awaited = [_is_awaited(said, region, policy) for said in history]
    if True not in awaited[:-1] or awaited[-1]:
        return []
    last = len(awaited) - 1 - awaited[::-1].index(True)
    return history[last : last + 2]


def _is_awaited(said: Contact, region: str, policy: Policy) -> bool:
    values = policy.on(said.occurred_on, region)
    awaited = values.table("outcome_meanings").get(said.outcome) == "undecided"
    return awaited and said.national_standard and counts(said, values)


def contact_missed(case: ContactsView, of: Enforceable) -> Iterator[Finding]:
    """CONT-14: failed to comply, sent home for behaviour and unacceptable absence are enforceable failures.

    UPW-12: a stand-down or being sent home by the service is never one; CONT-30: nor is what is missed in a
    hand-over without notice. ENF-35: nor is anything while the person is held in custody. A failure stands
    when the order has ended since, also when it was quashed: it is history.
    """
    contact = of.contact
    if of.meaning != "missed" or of.by_the_service or case.custody.held_on(contact.occurred_on):
        return
    yield Finding(
        event=ContactMissed(
            contact_id=contact.contact_id,
            sentence_id=of.sentence.sentence_id,
            requirement_id=contact.requirement_id,
            missed_on=contact.occurred_on,
            outcome=contact.outcome,
            decided_on=of.decided_on,
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=of.because,
        policy=of.policy,
    )


def contact_excused(of: Enforceable) -> Iterator[Finding]:
    """CONT-14: an acceptable absence is compliant; it is told with its reason, a stand-down or custody
    included.

    ENF-21: of all appointments, providers' sessions and unpaid work as well. Which reasons count for a
    manager's review is for enforcement to say.
    """
    contact = of.contact
    if of.meaning != "excused" or contact.acceptable_reason is None:
        return
    yield Finding(
        event=ContactExcused(
            contact_id=contact.contact_id,
            sentence_id=of.sentence.sentence_id,
            requirement_id=contact.requirement_id,
            missed_on=contact.occurred_on,
            acceptable_reason=contact.acceptable_reason,
            decided_on=of.decided_on,
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=of.because,
        policy=of.policy,
    )


def absence_undecided(case: ContactsView, of: Enforceable) -> Iterator[Finding]:
    """CONT-14: failed to attend is undecided: not a failure while the reason is awaited (an open item).

    It is resolved when the outcome is decided either way, and ended with the supervision. An outcome that
    turns out to be none of these (he did come, or the service had moved the appointment) shows that there
    never was anything to decide, as does one that was decided from the start; CONT-30: nor is there after a
    hand-over without notice.
    """
    contact, sentence_id = of.contact, of.sentence.sentence_id
    if of.by_the_service:
        return
    if of.meaning != "undecided" and not of.decision:
        return  # it never was open
    yield Finding(
        event=AbsenceUndecided(
            contact_id=contact.contact_id, sentence_id=sentence_id, missed_on=contact.occurred_on
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=of.because,
        policy=of.policy,
        resolved_on=of.decided_on,
        ended_on=case.courses[sentence_id].over_on,
    )
