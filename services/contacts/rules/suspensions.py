"""Contact suspended and resumed, requests refused, and the follow-up in Reset (CONT-17 to CONT-23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.contacts import ContactResumed, ContactSuspended, ResetFollowUpDue, SuspensionRefused
from services.contacts.approval import Refused
from services.contacts.case import Occasion
from services.contacts.suspension import Suspension, suspended
from services.contacts.view import ContactsView
from shared.engine.assessment import Day, Finding
from shared.engine.case import month_of

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


def contact_suspended(of: ContactsView) -> Iterator[Finding]:
    """CONT-19: in post-sentence supervision, if the risk is low, there is no need and the manager agrees.

    CONT-22, CONT-23: in the last third of a licence, in that of an order while a requirement that ceases
    then is in force, and in all post-sentence supervision, unless exempt. ENF-35: while the person is held.
    Failures before and during it stay what they are.
    """
    today = of.today
    for sentence_id, span in _begun(of, today):
        yield Finding(
            event=ContactSuspended(
                sentence_id=sentence_id,
                from_=span.first,
                ground=span.ground,
                approval=span.approval,
                follow_up_on=span.follow_up(today),
            ),
            key=f"{sentence_id}/{span.first.isoformat()}",
            rules=SUSPENDED_BY[span.ground],
            because=span.because,
            policy=of.values(span.first, of.sentences[sentence_id]).version,
        )


def contact_resumed(of: ContactsView) -> Iterator[Finding]:
    """CONT-20: a rise in risk or a new need ends a suspension the same day, the manager's refusal soon after.

    CONT-23: a registration that exempts from Reset ends it on its day, and so does a rise in risk (part 5 of
    the rules catalogue). Where another suspension begins at once, or supervision is over, there is no contact
    to resume.
    """
    today = of.today
    for sentence_id, span in _begun(of, today):
        if not _supervised(of, sentence_id, span.until) or not today.reached(span.until):
            continue
        if any(other.first == span.until for other in suspended(of).spans(sentence_id)):
            continue
        yield Finding(
            event=ContactResumed(
                sentence_id=sentence_id, from_=span.until, ground=span.ground, approval=span.approval
            ),
            key=f"{sentence_id}/{span.until.isoformat()}",
            rules=RESUMED_BY[span.ground],
            because=(*span.because, *span.ended_by),
            policy=of.values(span.until, of.sentences[sentence_id]).version,
        )


def suspension_refused(of: ContactsView) -> Iterator[Finding]:
    """CONT-19: a request is refused on the day on which the facts stand against it or the manager says no.

    The reasons are looked at in this order: no post-sentence supervision, risk not low (unknown is not low),
    a rehabilitative need, not approved.
    """
    today = of.today
    if not of.case.suspension_requests:
        return
    for sentence_id, sentence in of.sentences.items():
        for answer in suspended(of).answers(sentence_id):
            if not isinstance(answer, Refused) or not today.reached(answer.day):
                continue
            request_id = answer.request.request_id
            yield Finding(
                event=SuspensionRefused(request_id=request_id, sentence_id=sentence_id, reason=answer.reason),
                key=request_id,
                rules=("CONT-19",),
                because=answer.because,
                policy=of.values(answer.day, sentence).version,
            )


def reset_follow_up(of: ContactsView) -> Iterator[Finding]:
    """CONT-22: one follow-up midway through the last third, on licence (an open item).

    It is resolved by the first contact attended with the practitioner since contact was suspended. It is no
    longer needed when contact is resumed or suspended for another ground, or when post-sentence supervision
    begins, and ends with the supervision.
    """
    today = of.today
    for sentence_id, span in _begun(of, today):
        due_on = span.follow_up(today) if span.ground == "reset" else None
        if due_on is None:
            continue
        until = _follow_up_until(of, sentence_id, span)
        attended = _attended(of, sentence_id, span.first, until)
        resolved_on = until if _supervised(of, sentence_id, until) else None
        if attended is not None:
            resolved_on = attended.on
        yield Finding(
            event=ResetFollowUpDue(sentence_id=sentence_id, due_on=due_on),
            key=f"{sentence_id}/{span.first.isoformat()}",
            rules=("CONT-22",),
            because=span.because if attended is None else (*span.because, attended),
            policy=of.values(span.first, of.sentences[sentence_id]).version,
            resolved_on=resolved_on,
            ended_on=until,
        )


def _begun(of: ContactsView, today: Day) -> Iterator[tuple[str, Suspension]]:
    """The suspensions that have begun."""
    known = suspended(of)
    for sentence_id in of.courses:
        earliest = known.earliest(sentence_id)
        if earliest == date.max or not today.reached(earliest):
            continue
        for span in known.spans(sentence_id):
            if not today.reached(span.first):
                break
            yield sentence_id, span


def _supervised(of: ContactsView, sentence_id: str, day: date) -> bool:
    """Is the person supervised that day, and is it not the day on which that is over?"""
    over_on = of.courses[sentence_id].over_on
    return of.supervised_on(sentence_id, day) and (over_on is None or day < over_on)


def _follow_up_until(of: ContactsView, sentence_id: str, span: Suspension) -> date:
    """The first day on which no follow-up is waited for: suspension for Reset is over, or the licence is."""
    stretches = of.courses[sentence_id].stretches
    ends = [stretch.day_after for stretch in stretches if stretch.first <= span.first <= stretch.last]
    return min(span.until, *ends)


def _attended(of: ContactsView, sentence_id: str, first: date, until: date) -> Occasion | None:
    """The first contact attended with the practitioner from a day on, up to, but not on, another."""
    for month in range(month_of(first), month_of(until) + 1):
        kept = of.case.month_summaries.get(month)
        if kept is None:
            continue
        for attended in kept.in_reset.get(sentence_id, ()):
            if first <= attended.on < until:
                return attended
    return None
