"""What an outcome means: missed, excused or undecided (CONT-12, CONT-14).

The lists of outcomes are policy. An outcome in none of them (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nothing
waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from services.contacts.case import Contact, ContactsCase, ContactsMonth, Sentence
from shared.engine.assessment import Closed, Day, Finding, Window
from shared.policy import Policy, Values


@dataclass(frozen=True, slots=True)
class Enforceable:
    """An enforceable contact whose day has come, on a sentence that was live that day."""

    contact: Contact
    sentence: Sentence
    values: Values
    """The policy on the day of the contact."""

    @property
    def failed(self) -> bool:
        return self.contact.outcome in self.values.texts("failure_outcomes")

    @property
    def excused(self) -> bool:
        return self.contact.outcome in self.values.texts("excused_outcomes")

    @property
    def undecided(self) -> bool:
        return self.contact.outcome in self.values.texts("undecided_outcomes")


def enforceable(
    case: ContactsCase, window: Window[ContactsMonth], today: Day, policy: Policy
) -> Iterator[Enforceable]:
    """CONT-12: only national-standard contacts are enforceable.

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, in the order in
    which they happened. One dated before supervision started or after it ended, or on a sentence that is not
    known (yet), is not among them; nor is one of the future.
    """
    for contact in window.this.outcomes():
        if not contact.national_standard:
            continue
        sentence = case.sentences.get(contact.sentence_id)
        if sentence is None or not case.supervised_on(contact.sentence_id, contact.occurred_on):
            continue
        if today.reached(contact.occurred_on):
            yield Enforceable(contact, sentence, policy.on(contact.occurred_on, sentence.region))


def contact_missed(case: ContactsCase, of: Enforceable) -> Iterator[Finding]:
    """CONT-14: failed to comply, sent home for behaviour and unacceptable absence are enforceable failures.

    UPW-12: a stand-down or being sent home by the service is never one. ENF-35: nor is anything while the
    person is held in custody. A failure stands when the order has ended since, also when it was quashed: it
    is history.
    """
    contact = of.contact
    if not of.failed or case.custody().held_on(contact.occurred_on):
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
        because=(contact, of.sentence),
        policy=of.values.version,
    )


def contact_excused(of: Enforceable) -> Iterator[Finding]:
    """CONT-14: an acceptable absence is compliant; it is told with its reason, a stand-down or custody
    included.

    ENF-21: of all appointments, providers' sessions and unpaid work as well. Which reasons count for a
    manager's review is for enforcement to say.
    """
    contact = of.contact
    if not of.excused or contact.acceptable_reason is None:
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
        because=(contact, of.sentence),
        policy=of.values.version,
    )


def absence_undecided(case: ContactsCase, of: Enforceable, today: Day) -> Iterator[Finding]:
    """CONT-14: failed to attend is undecided: not a failure while the reason is awaited (an open item).

    It is resolved when the outcome is decided either way, and ended with the supervision. An outcome that
    turns out to be none of these (he did come, or the service had moved the appointment) shows that there
    never was anything to decide.
    """
    contact = of.contact
    if not (of.undecided or of.failed or of.excused):
        return
    over_on = case.over_on(contact.sentence_id)
    if not of.undecided:
        closed: Closed | None = "resolved"
    elif over_on is not None and today.reached(over_on):
        closed = "ended"
    else:
        closed = None
    yield Finding(
        event=AbsenceUndecided(
            contact_id=contact.contact_id, sentence_id=contact.sentence_id, missed_on=contact.occurred_on
        ),
        key=contact.contact_id,
        rules=("CONT-12", "CONT-14"),
        because=(contact, of.sentence),
        policy=of.values.version,
        closed=closed,
    )
