"""What an outcome means: missed, excused or undecided (CONT-12, CONT-14).

What an outcome means is policy. One that means none of the three (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nothing
waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from services.contacts.case import Contact, ContactsCase, ContactsMonth
from shared.engine.assessment import Closed, Day, Finding, Window
from shared.engine.case import Record
from shared.policy import Policy, Scalar


@dataclass(frozen=True, slots=True)
class Enforceable:
    """An enforceable contact that was not simply kept, of a sentence that was live that day.

    `meaning` is "missed", "excused" or "undecided", by the policy of the day of the contact.
    """

    contact: Contact
    meaning: Scalar
    because: tuple[Record, ...]
    policy: str


def enforceable(
    case: ContactsCase, window: Window[ContactsMonth], today: Day, policy: Policy
) -> Iterator[Enforceable]:
    """CONT-12: only national-standard contacts are enforceable.

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, in the order in
    which they happened. One dated before supervision started or after it ended, or on a sentence that is not
    known (yet), is not among them; nor is one of the future.
    """
    for contact in window.this.outcomes():
        sentence = case.sentences.get(contact.sentence_id)
        if sentence is None or not contact.national_standard or not today.reached(contact.occurred_on):
            continue
        values = policy.on(contact.occurred_on, sentence.region)
        meaning = values.table("outcome_meanings").get(contact.outcome)
        if meaning is not None and case.supervised_on(contact.sentence_id, contact.occurred_on):
            yield Enforceable(contact, meaning, (contact, sentence), values.version)


def contact_missed(case: ContactsCase, of: Enforceable) -> Iterator[Finding]:
    """CONT-14: failed to comply, sent home for behaviour and unacceptable absence are enforceable failures.

    UPW-12: a stand-down or being sent home by the service is never one. ENF-35: nor is anything while the
    person is held in custody. A failure stands when the order has ended since, also when it was quashed: it
    is history.
    """
    contact = of.contact
    if of.meaning != "missed" or case.custody().held_on(contact.occurred_on):
        return
    yield Finding(
        event=ContactMissed(
            contact_id=contact.contact_id,
            sentence_id=contact.sentence_id,
            requirement_id=contact.requirement_id,
            missed_on=contact.occurred_on,
            outcome=contact.outcome,
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
            sentence_id=contact.sentence_id,
            requirement_id=contact.requirement_id,
            missed_on=contact.occurred_on,
            acceptable_reason=contact.acceptable_reason,
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=of.because,
        policy=of.policy,
    )


def absence_undecided(case: ContactsCase, of: Enforceable, today: Day) -> Iterator[Finding]:
    """CONT-14: failed to attend is undecided: not a failure while the reason is awaited (an open item).

    It is resolved when the outcome is decided either way, and ended with the supervision. An outcome that
    turns out to be none of these (he did come, or the service had moved the appointment) shows that there
    never was anything to decide.
    """
    contact = of.contact
    closed: Closed | None = None
    if of.meaning != "undecided":
        closed = "resolved"
    elif (over_on := case.over_on(contact.sentence_id)) and today.reached(over_on):
        closed = "ended"
    yield Finding(
        event=AbsenceUndecided(
            contact_id=contact.contact_id, sentence_id=contact.sentence_id, missed_on=contact.occurred_on
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=of.because,
        policy=of.policy,
        closed=closed,
    )
