"""What an outcome means: missed, excused or undecided (CONT-12, CONT-14).

What an outcome means is policy. One that means none of the three (complied, sent home or rescheduled by the
service or by the person, suspended, warrant outstanding) publishes nothing: it is no failure, and nothing
waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from services.contacts.case import ContactsMonth
from services.contacts.facts import Contact, Sentence
from services.contacts.overview import Overview
from shared.calendar import london_date
from shared.engine.assessment import Closed, Day, Finding, Window
from shared.engine.case import Record
from shared.policy import Policy, Scalar


class Enforceable(msgspec.Struct, frozen=True):
    """An enforceable contact that was not simply kept, of a sentence that was live that day.

    `meaning` is "missed", "excused" or "undecided", by the policy of the day of the contact. `decision` is
    what left the reason open last and what decided it; empty if it still is open or never was.
    """

    contact: Contact
    sentence: Sentence
    meaning: Scalar
    decision: list[Contact]
    policy: str

    @property
    def decided_on(self) -> date | None:
        """The day on which it was decided: when that was recorded, whatever came first."""
        if not self.decision:
            return None
        return london_date(datetime.fromtimestamp(self.decision[-1].recorded // 1_000_000, UTC))

    @property
    def because(self) -> tuple[Record, ...]:
        """What it rests on."""
        return (self.contact, self.sentence, *self.decision)


def enforceable(
    case: Overview, window: Window[ContactsMonth], today: Day, policy: Policy
) -> list[Enforceable]:
    """CONT-12: only national-standard contacts are enforceable.

    Practitioners' contacts and providers' sessions alike, whatever their kind and activity, in the order in
    which they happened. One dated before supervision started or after it ended, or on a sentence that is not
    known (yet), is not among them; nor is one of the future.
    """
    found = []
    for contact in window.this.outcomes():
        sentence = case.sentences.get(contact.sentence_id)
        if sentence is None or not contact.national_standard:
            continue
        values = policy.on(contact.occurred_on, sentence.region)
        meaning = values.table("outcome_meanings").get(contact.outcome)
        if (
            meaning is not None
            and case.supervised_on(contact.sentence_id, contact.occurred_on)
            and today.reached(contact.occurred_on)
        ):
            decision = _decision(window.this.history(contact.contact_id), sentence.region, policy)
            found.append(Enforceable(contact, sentence, meaning, decision, values.version))
    return sorted(found, key=lambda of: (of.contact.occurred_on, of.contact.contact_id))


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
    meanings = policy.on(said.occurred_on, region).table("outcome_meanings")
    return said.national_standard and meanings.get(said.outcome) == "undecided"


def contact_missed(case: Overview, of: Enforceable) -> Iterator[Finding]:
    """CONT-14: failed to comply, sent home for behaviour and unacceptable absence are enforceable failures.

    UPW-12: a stand-down or being sent home by the service is never one. ENF-35: nor is anything while the
    person is held in custody. A failure stands when the order has ended since, also when it was quashed: it
    is history.
    """
    contact = of.contact
    if of.meaning != "missed" or case.custody.held_on(contact.occurred_on):
        return
    yield Finding(
        event=ContactMissed(
            contact_id=contact.contact_id,
            sentence_id=contact.sentence_id,
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
            sentence_id=contact.sentence_id,
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


def absence_undecided(case: Overview, of: Enforceable, today: Day) -> Iterator[Finding]:
    """CONT-14: failed to attend is undecided: not a failure while the reason is awaited (an open item).

    It is resolved when the outcome is decided either way, and ended with the supervision. An outcome that
    turns out to be none of these (he did come, or the service had moved the appointment) shows that there
    never was anything to decide.
    """
    contact = of.contact
    closed: Closed | None = None
    if of.meaning != "undecided":
        closed = "resolved"
    elif (over_on := case.courses[contact.sentence_id].over_on) and today.reached(over_on):
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
