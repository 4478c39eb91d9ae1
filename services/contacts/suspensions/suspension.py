"""When contact is suspended on a sentence, and for what.

Three grounds: custody (ENF-35), Reset (CONT-22), and in post-sentence supervision the agreement of the
manager (CONT-19). Where several hold on one day the first of these counts. A day depends on nothing that is
dated after it, so that days yet to come can be looked at like those that are past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

import msgspec

from schemas.contacts import SuspensionGround
from services.contacts.suspensions.approval import Approved, Refused, answers
from services.contacts.suspensions.live import LiveStage, days_before_last_third, live_stages
from services.contacts.suspensions.reset import Changes, resets
from services.contacts.view import ContactsView
from shared.engine.assessment import Day, once
from shared.engine.case import Record
from shared.probation.supervision import ONE_DAY


class Suspension(msgspec.Struct, frozen=True):
    """A time without contact on a sentence, from `first` up to, but not on, `until`.

    `until` is the first day with contact again, or the first day on which supervision is over. `approval` is
    the id of the manager's decision, if one was needed. `follow_up_on` is the day of the one follow-up as it
    stood on the first day, None if there is none; `moved` says to which day it was moved, and from when on.
    `because` are the records it rests on, `ended_by` what happened on the day `until`.
    """

    first: date
    until: date
    ground: SuspensionGround
    approval: str | None
    follow_up_on: date | None
    because: tuple[Record, ...]
    moved: tuple[tuple[date, date], ...] = ()
    ended_by: tuple[Record, ...] = ()

    def on(self, day: date) -> bool:
        """Is contact suspended that day?"""
        return self.first <= day < self.until

    def follow_up(self, today: Day) -> date | None:
        """The day of the follow-up as it stands today."""
        follow_up_on = self.follow_up_on
        for day, moved_to in self.moved:
            if today.reached(day):
                follow_up_on = moved_to
        return follow_up_on


class Reason(msgspec.Struct, frozen=True):
    """What suspends contact from `first` up to, but not on, `until`, if nothing goes before it."""

    first: date
    until: date
    ground: SuspensionGround
    because: tuple[Record, ...]
    ended_by: tuple[Record, ...]
    approval: str | None = None
    follow_ups: tuple[tuple[date, date], ...] = ()


@once
def earliest_suspension(view: ContactsView, sentence_id: str) -> date:
    """A day before which contact surely is not suspended; 31 December 9999 if it never is."""
    own = _own(view, sentence_id)
    days = [day for one in own if (day := one.earliest_reset) < one.until]
    held = view.custody.periods
    if held:
        days += [max(one.first, held[0].start) for one in own]
    return min(days, default=date.max)


@once
def suspensions(view: ContactsView, sentence_id: str) -> list[Suspension]:
    """When contact is suspended on a sentence: in order, not overlapping, all within supervision."""
    never = earliest_suspension(view, sentence_id) == date.max
    return [] if never else list(_first_of(_reasons(view, sentence_id)))


@once
def answers_to_requests(view: ContactsView, sentence_id: str) -> list[Approved | Refused]:
    """The answers to all requests to suspend contact on a sentence."""
    return list(answers(view, sentence_id, _live(view)))


@once
def _live(view: ContactsView) -> list[LiveStage]:
    return list(live_stages(view))


@once
def _changes(view: ContactsView) -> Changes:
    return Changes(view, _live(view))


def _own(view: ContactsView, sentence_id: str) -> list[LiveStage]:
    return [one for one in _live(view) if one.sentence.sentence_id == sentence_id]


def _reasons(view: ContactsView, sentence_id: str) -> list[Reason]:
    """All that suspends contact on a sentence: what goes before comes first."""
    reasons = list(_custody(view, sentence_id))
    for reset in resets(view, sentence_id, _live(view), _changes(view)):
        until, follow_ups = reset.until, reset.follow_ups
        reasons.append(Reason(reset.first, until, "reset", reset.because, reset.ended_by, None, follow_ups))
    for answer in answers_to_requests(view, sentence_id):
        if isinstance(answer, Approved):
            ground: SuspensionGround = "post_sentence_supervision"
            because, ended_by = answer.because, answer.ended_by
            approval = answer.decision.decision_id
            reasons.append(Reason(answer.first, answer.until, ground, because, ended_by, approval))
    return reasons


def _custody(view: ContactsView, sentence_id: str) -> Iterator[Reason]:
    """ENF-35: no contact while the person is held, as far as supervision runs meanwhile."""
    for one in _own(view, sentence_id):
        for held in view.custody.periods:
            first = max(one.first, held.start)
            until = one.until if held.end is None else min(one.until, held.end)
            if first < until:
                because = (*one.stage.because, *held.begun_by[:1])
                yield Reason(first, until, "custody", because, held.ended_by)


def suspended_during(view: ContactsView, sentence_id: str, first: date, last: date) -> list[Suspension]:
    """The suspensions that touch these days, the first and the last included."""
    for begins, ends in _possible(view).get(sentence_id, ()):
        if begins <= last and ends >= first:
            break
    else:
        return []  # the common case, and asked with every contact
    if last < earliest_suspension(view, sentence_id):
        return []
    return [one for one in suspensions(view, sentence_id) if _touches(one, first, last)]


def _touches(suspension: Suspension, first: date, last: date) -> bool:
    return suspension.first <= last and suspension.until > first


@once
def _possible(view: ContactsView) -> dict[str, list[tuple[date, date]]]:
    """The days, from the first to the last, on which contact may be suspended on a sentence: found cheaply.

    They are exact enough for stages that run as the court or the prison said: post-sentence supervision, and
    the last third. That of a stage cut short begins later than said here.
    """
    everything = (date.min, date.max)
    found: dict[str, list[tuple[date, date]]] = {}
    for _, stage in view.stages():
        days = found.setdefault(stage.sentence.sentence_id, [])
        if view.case.taken or view.case.variations:
            days.append(everything)
        elif stage.kind == "post_sentence_supervision":
            days.append((stage.first, stage.last))
        else:
            before = days_before_last_third(view, stage, stage.last)
            days.append((stage.first + before * ONE_DAY, stage.last))
    return found


def _first_of(reasons: Sequence[Reason]) -> Iterator[Suspension]:
    """The suspensions that follow if on each day the first of the reasons that hold counts."""
    days = sorted({day for reason in reasons for day in (reason.first, reason.until)})
    pieces: list[tuple[date, date, Reason]] = []
    for first, until in pairwise(days):
        reason = next((reason for reason in reasons if reason.first <= first < reason.until), None)
        if reason is None:
            continue
        if pieces and pieces[-1][1] == first and _same(pieces[-1][2], reason):
            # The same time in custody in the next stage of supervision, or one request after the other.
            start, _, before = pieces.pop()
            pieces.append((start, until, msgspec.structs.replace(before, ended_by=reason.ended_by)))
        else:
            pieces.append((first, until, reason))
    for first, until, reason in pieces:
        follow_up_on, moved = _follow_up(reason.follow_ups, first, until)
        yield Suspension(
            first,
            until,
            reason.ground,
            reason.approval,
            follow_up_on,
            reason.because,
            moved,
            reason.ended_by,
        )


def _same(one: Reason, other: Reason) -> bool:
    return (one.ground, one.approval) == (other.ground, other.approval)


def _follow_up(
    follow_ups: Iterable[tuple[date, date]], first: date, until: date
) -> tuple[date | None, tuple[tuple[date, date], ...]]:
    """The day of the follow-up as it stands on the first day of a suspension, and where it is moved then.

    There is none if the middle has gone by when the suspension begins: nothing can take place midway. One
    that is moved to a day gone by is due at once.
    """
    follow_up_on: date | None = None
    moved = []
    for day, middle in follow_ups:
        if day <= first:
            follow_up_on = middle
        elif day < until:
            moved.append((day, max(day, middle)))
    if follow_up_on is not None and follow_up_on < first:
        follow_up_on = None
    return follow_up_on, tuple(moved)
