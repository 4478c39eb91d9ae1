"""Contact suspended and resumed, requests refused, and the follow-up in Reset (CONT-17 to CONT-23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.contacts import ContactResumed, ContactSuspended, ResetFollowUpDue, SuspensionRefused
from services.contacts.summary import attended_in_reset
from services.contacts.suspensions.approval import Refused
from services.contacts.suspensions.suspension import (
    Suspension,
    answers_to_requests,
    earliest_suspension,
    suspensions,
)
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, once_a_day
from shared.probation.facts import Sentence

SUSPENDED_BY = {
    "custody": ("ENF-35",),
    "reset": ("CONT-22", "CONT-23"),
    "post_sentence_supervision": ("CONT-17", "CONT-19"),
}
"""The rules by which contact is suspended, by ground."""

RESUMED_BY = {
    "custody": ("ENF-35",),
    "reset": ("CONT-22", "CONT-23"),
    "post_sentence_supervision": ("CONT-19", "CONT-20"),
}
"""The rules by which it is resumed."""


def contact_suspended(view: ContactsView) -> Iterator[Finding]:
    """CONT-17, CONT-19, CONT-22, CONT-23, ENF-35: contact is suspended, for one of three grounds.

    By agreement (CONT-17, CONT-19), in post-sentence supervision, if the risk is low, no need is known and
    the manager approves. For Reset (CONT-22, CONT-23), in the last third of a licence, in that of an order
    while a requirement that ceases then is in force, and in all post-sentence supervision, unless the person
    is exempt. In custody (ENF-35), while the person is held. Failures before and during a suspension stay
    what they are.
    """
    for sentence, suspension in _begun(view):
        yield Finding(
            event=ContactSuspended(
                sentence_id=sentence.sentence_id,
                from_=suspension.first,
                ground=suspension.ground,
                approval=suspension.approval,
                follow_up_on=suspension.follow_up(view.today),
            ),
            key=f"{sentence.sentence_id}/{suspension.first.isoformat()}",
            rules=SUSPENDED_BY[suspension.ground],
            because=suspension.because,
            policy=view.values(suspension.first, sentence).version,
        )


def contact_resumed(view: ContactsView) -> Iterator[Finding]:
    """CONT-19, CONT-20, CONT-22, CONT-23, ENF-35: contact is resumed when a suspension is over.

    CONT-20: a rise in risk or a new need ends an agreed suspension (CONT-19) the same day, the manager's
    refusal soon after. CONT-23: a registration that exempts from Reset (CONT-22) ends it on its day, and so
    does a rise in risk (part 5 of the rules catalogue). ENF-35: custody ends on the day of leaving. Where
    another suspension begins at once, or supervision is over, there is no contact to resume.
    """
    for sentence, suspension in _begun(view):
        sentence_id, until = sentence.sentence_id, suspension.until
        if not _supervised(view, sentence_id, until) or not view.today.reached(until):
            continue
        if any(other.first == until for other in suspensions(view, sentence_id)):
            continue
        yield Finding(
            event=ContactResumed(
                sentence_id=sentence_id, from_=until, ground=suspension.ground, approval=suspension.approval
            ),
            key=f"{sentence_id}/{until.isoformat()}",
            rules=RESUMED_BY[suspension.ground],
            because=(*suspension.because, *suspension.ended_by),
            policy=view.values(until, sentence).version,
        )


def suspension_refused(view: ContactsView) -> Iterator[Finding]:
    """CONT-19: a request is refused on the day on which the facts are against it or the manager says no.

    The reasons are looked at in this order: no post-sentence supervision, risk not low (unknown is not low),
    a rehabilitative need, not approved.
    """
    if not view.case.suspension_requests:
        return
    for sentence_id, sentence in view.case.sentences.items():
        for answer in answers_to_requests(view, sentence_id):
            if not isinstance(answer, Refused) or not view.today.reached(answer.day):
                continue
            request_id = answer.request.request_id
            yield Finding(
                event=SuspensionRefused(
                    request_id=request_id,
                    sentence_id=sentence_id,
                    reason=answer.reason,
                    refused_on=answer.day,
                ),
                key=request_id,
                rules=("CONT-19",),
                because=answer.because,
                policy=view.values(answer.day, sentence).version,
            )


def reset_follow_up(view: ContactsView) -> Iterator[Finding]:
    """CONT-22: one follow-up midway through the last third, on licence (an open item).

    It is resolved by the first contact attended with the practitioner since contact was suspended. It is no
    longer needed when contact is resumed or suspended for another ground, or when post-sentence supervision
    begins, and ends with the supervision.
    """
    for sentence, suspension in _begun(view):
        due_on = suspension.follow_up(view.today) if suspension.ground == "reset" else None
        if due_on is None:
            continue
        sentence_id = sentence.sentence_id
        until = _follow_up_until(view, sentence_id, suspension)
        attended = attended_in_reset(view, sentence_id, suspension.first, until)
        resolved_on = until if _supervised(view, sentence_id, until) else None
        if attended is not None:
            resolved_on = attended.on
        yield Finding(
            event=ResetFollowUpDue(sentence_id=sentence_id, due_on=due_on),
            key=f"{sentence_id}/{suspension.first.isoformat()}",
            rules=("CONT-22",),
            because=suspension.because if attended is None else (*suspension.because, attended),
            policy=view.values(suspension.first, sentence).version,
            resolved_on=resolved_on,
            ended_on=until,
        )


@once_a_day
def _begun(view: ContactsView) -> list[tuple[Sentence, Suspension]]:
    """The suspensions that have begun, each with its sentence."""
    found = []
    for sentence_id, period in view.supervision.items():
        earliest = earliest_suspension(view, sentence_id)
        if earliest == date.max or not view.today.reached(earliest):
            continue
        for suspension in suspensions(view, sentence_id):
            if not view.today.reached(suspension.first):
                break
            found.append((period.sentence, suspension))
    return found


def _supervised(view: ContactsView, sentence_id: str, day: date) -> bool:
    """Is the person supervised that day, and is it not the day on which that is over?"""
    over_on = view.supervision[sentence_id].over_on
    return view.supervised_on(sentence_id, day) and (over_on is None or day < over_on)


def _follow_up_until(view: ContactsView, sentence_id: str, suspension: Suspension) -> date:
    """The first day on which no follow-up is waited for: suspension for Reset is over, or the licence is."""
    stage = view.supervision[sentence_id].stage_on(suspension.first)
    return suspension.until if stage is None else min(suspension.until, stage.day_after)
