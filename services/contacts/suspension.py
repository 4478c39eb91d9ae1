"""When contact is suspended on a sentence, and for what.

Three grounds: custody (ENF-35), Reset (CONT-22), and in post-sentence supervision the agreement of the
manager (CONT-19). Where several hold on one day the first of these counts. A day depends on nothing that is
dated after it, so that the days yet to come can be looked at like those that are past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise

import msgspec

from schemas.contacts import SuspensionGround
from services.contacts.approval import Approved, Refused, answers
from services.contacts.reset import Changes, Live, live_stretches, resets
from services.contacts.supervision import DAY
from services.contacts.view import ContactsView
from shared.engine.assessment import Day, once
from shared.engine.case import Record


class Suspension(msgspec.Struct, frozen=True):
    """A time without contact on a sentence, from `first` up to, but not on, `until`.

    `until` is the first day with contact again, or the first day on which supervision is over. `approval` is
    the id of the manager's decision, if one was needed. `follow_up_on` is the day of the one follow-up as it
    stood on the first day, None if there is none; `moved` says to which day it was moved, and from when on.
    `because` is what it rests on, `ended_by` what happened on the day `until`.
    """

    first: date
    until: date
    ground: SuspensionGround
    approval: str | None
    follow_up_on: date | None
    because: tuple[Record, ...]
    moved: tuple[tuple[date, date], ...] = ()
    ended_by: tuple[Record, ...] = ()

    def follow_up(self, today: Day) -> date | None:
        """The day of the follow-up as it stands today."""
        follow_up_on = self.follow_up_on
        for day, moved_to in self.moved:
            if today.reached(day):
                follow_up_on = moved_to
        return follow_up_on


class Hold(msgspec.Struct, frozen=True):
    """What suspends contact from `first` up to, but not on, `until`, if nothing goes before it."""

    first: date
    until: date
    ground: SuspensionGround
    because: tuple[Record, ...]
    ended_by: tuple[Record, ...]
    approval: str | None = None
    follow_ups: tuple[tuple[date, date], ...] = ()


class Suspended:
    """The suspensions of one case, worked out when they are asked for. The case does not change meanwhile."""

    def __init__(self, of: ContactsView) -> None:
        self._of = of
        self._lives = live_stretches(of)
        self._earliest: dict[str, date] = {}
        self._spans: dict[str, list[Suspension]] = {}
        self._answers: dict[str, list[Approved | Refused]] = {}

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self._of, self._lives)

    def earliest(self, sentence_id: str) -> date:
        """A day before which contact surely is not suspended; 31 December 9999 if it never is."""
        found = self._earliest.get(sentence_id)
        if found is None:
            own = [live for live in self._lives if live.sentence.sentence_id == sentence_id]
            days = [day for live in own if (day := live.earliest_reset) < live.until]
            if self._of.case.taken:
                held = [stay.start for stay in self._of.custody.stays]
                days += [max(live.first, min(held)) for live in own if held]
            found = self._earliest[sentence_id] = min(days, default=date.max)
        return found

    def spans(self, sentence_id: str) -> list[Suspension]:
        """All suspensions on a sentence, in order."""
        found = self._spans.get(sentence_id)
        if found is None:
            found = self._spans[sentence_id] = (
                [] if self.earliest(sentence_id) == date.max else list(_cut(self._holds(sentence_id)))
            )
        return found

    def answers(self, sentence_id: str) -> list[Approved | Refused]:
        """The answers to all requests to suspend contact."""
        found = self._answers.get(sentence_id)
        if found is None:
            found = self._answers[sentence_id] = list(answers(self._of, sentence_id, self._lives))
        return found

    def _holds(self, sentence_id: str) -> list[Hold]:
        """All that suspends contact on a sentence: what goes before comes first."""
        holds = self._custody([live for live in self._lives if live.sentence.sentence_id == sentence_id])
        for reset in resets(self._of, sentence_id, self._lives, self._changes):
            holds.append(
                Hold(reset.first, reset.until, "reset", reset.because, reset.ended_by, None, reset.follow_ups)
            )
        for answer in self.answers(sentence_id):
            if isinstance(answer, Approved):
                ground: SuspensionGround = "post_sentence_supervision"
                because, ended_by = answer.because, answer.ended_by
                approval = answer.decision.decision_id
                holds.append(Hold(answer.first, answer.until, ground, because, ended_by, approval))
        return holds

    def _custody(self, own: Sequence[Live]) -> list[Hold]:
        """ENF-35: no contact while the person is held, as far as supervision runs meanwhile."""
        holds = []
        for live in own:
            for stay in self._of.custody.stays:
                first = max(live.first, stay.start)
                until = live.until if stay.end is None else min(live.until, stay.end)
                if first < until:
                    because = (*live.stretch.because, *stay.because[:1])
                    holds.append(Hold(first, until, "custody", because, stay.because[1:]))
        return holds


def suspensions(of: ContactsView, sentence_id: str) -> list[Suspension]:
    """When contact is suspended on a sentence: in order, not overlapping, all within supervision."""
    return suspended(of).spans(sentence_id)


def suspended_during(of: ContactsView, sentence_id: str, first: date, last: date) -> list[Suspension]:
    """The suspensions that touch these days, the first and the last included."""
    for begins, ends in _perhaps(of).get(sentence_id, ()):
        if begins <= last and ends >= first:
            break
    else:
        return []  # by far the most, and asked with every contact
    known = suspended(of)
    if last < known.earliest(sentence_id):
        return []
    return [span for span in known.spans(sentence_id) if span.first <= last and span.until > first]


@once
def _perhaps(of: ContactsView) -> dict[str, list[tuple[date, date]]]:
    """The days, from the first to the last, on which contact may be suspended on a sentence: found cheaply.

    Of stretches that run as the court or the prison said: post-sentence supervision, and the last third. That
    of one cut short begins later than asked here.
    """
    everything = (date.min, date.max)
    found: dict[str, list[tuple[date, date]]] = {}
    for sentence_id, _, stretch in of.stretches():
        spans = found.setdefault(sentence_id, [])
        begins, ends = stretch.first, stretch.last
        if of.case.taken or of.case.variations:
            spans.append(everything)
        elif stretch.stage == "post_sentence_supervision":
            spans.append((begins, ends))
        else:
            fraction = of.policy.on(begins, stretch.sentence.region).table("reset_after")
            days = (ends - begins).days + 1
            gone = -(-int(fraction["numerator"]) * days // int(fraction["denominator"]))
            spans.append((begins + gone * DAY, ends))
    return found


@once
def suspended(of: ContactsView) -> Suspended:
    """All about suspensions of a case."""
    return Suspended(of)


def _cut(holds: Sequence[Hold]) -> Iterator[Suspension]:
    """The suspensions that these make if on each day the first of them that holds counts."""
    days = sorted({day for hold in holds for day in (hold.first, hold.until)})
    pieces: list[tuple[date, date, Hold]] = []
    for first, until in pairwise(days):
        hold = next((hold for hold in holds if hold.first <= first < hold.until), None)
        if hold is None:
            continue
        if pieces and pieces[-1][1] == first and _same(pieces[-1][2], hold):
            # One stay in custody after the other, or the same one in the next stage of supervision.
            start, _, before = pieces.pop()
            pieces.append((start, until, msgspec.structs.replace(before, ended_by=hold.ended_by)))
        else:
            pieces.append((first, until, hold))
    for first, until, hold in pieces:
        follow_up_on, moved = _follow_up(hold.follow_ups, first, until)
        yield Suspension(
            first, until, hold.ground, hold.approval, follow_up_on, hold.because, moved, hold.ended_by
        )


def _same(one: Hold, other: Hold) -> bool:
    return (one.ground, one.approval) == (other.ground, other.approval)


def _follow_up(
    follow_ups: Iterable[tuple[date, date]], first: date, until: date
) -> tuple[date | None, tuple[tuple[date, date], ...]]:
    """The day of the follow-up as it stands on the first day of a suspension, and to where it is moved then.

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
