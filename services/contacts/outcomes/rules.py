"""What is published of a contact that the person did not simply keep (CONT-14).

Failures and absences are looked for in each month; those missed after a hand-over, in the case as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed
from services.contacts.outcomes.meaning import enforceable_contacts, no_failure_because, outcomes
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding


def contact_missed(view: ContactsView) -> Iterator[Finding]:
    """CONT-12, CONT-14: failed to comply, sent home for behaviour and unacceptable absence are failures.

    UPW-12: a stand-down or being sent home by the service never is. CONT-30: nor is what is missed in a
    hand-over without notice. ENF-35: nor is anything while the person is held in custody, nor (SH-9) on a day
    on which the region does no such work. A failure stays when the order has ended since, or was quashed: it
    is history.
    """
    for item in enforceable_contacts(view):
        contact = item.contact
        if item.meaning != "missed" or no_failure_because(view, item) is not None:
            continue
        yield Finding(
            event=ContactMissed(
                contact_id=contact.contact_id,
                sentence_id=item.sentence.sentence_id,
                requirement_id=contact.requirement_id,
                missed_on=contact.occurred_on,
                outcome=contact.outcome,
                decided_on=item.decided_on,
            ),
            key=contact.contact_id,
            rules=("CONT-12", "CONT-14"),
            because=item.because,
            policy=item.policy,
        )


def contact_excused(view: ContactsView) -> Iterator[Finding]:
    """CONT-12, CONT-14: an acceptable absence is compliant; it is published with its reason.

    A stand-down and custody are such reasons too. ENF-21: this covers all appointments, providers' sessions
    and unpaid work included. Which reasons count for a manager's review is for enforcement to say.
    """
    for item in outcomes(view).enforceable:
        contact = item.contact
        if item.meaning != "excused" or contact.acceptable_reason is None:
            continue
        yield Finding(
            event=ContactExcused(
                contact_id=contact.contact_id,
                sentence_id=item.sentence.sentence_id,
                requirement_id=contact.requirement_id,
                missed_on=contact.occurred_on,
                acceptable_reason=contact.acceptable_reason,
                decided_on=item.decided_on,
            ),
            key=contact.contact_id,
            rules=("CONT-12", "CONT-14"),
            because=item.because,
            policy=item.policy,
        )


def absence_undecided(view: ContactsView) -> Iterator[Finding]:
    """CONT-12, CONT-14: failed to attend is no failure while the reason is awaited: undecided (an open item).

    It is resolved when the outcome is decided either way, and ended with the supervision. ENF-34: where a
    repeal ended supervision, failures from before can still be dealt with, so that it stays open until
    supervision would have ended anyway. An outcome that is none of these (the person did come, or the service
    had moved the appointment) shows that there never was anything to decide, as does one that was decided
    from the start. CONT-30: nor is there anything to decide after a hand-over without notice, or (SH-9) of a
    day on which the region does no such work.
    """
    for item in enforceable_contacts(view):
        if item.by_the_service is not None or (item.meaning != "undecided" and not item.decision):
            continue
        contact, sentence_id = item.contact, item.sentence.sentence_id
        yield Finding(
            event=AbsenceUndecided(
                contact_id=contact.contact_id, sentence_id=sentence_id, missed_on=contact.occurred_on
            ),
            key=contact.contact_id,
            rules=("CONT-12", "CONT-14"),
            because=item.because,
            policy=item.policy,
            resolved_on=item.decided_on,
            ended_on=view.supervision[sentence_id].enforceable_until,
        )
