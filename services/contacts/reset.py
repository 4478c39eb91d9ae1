"""Probation Reset: contact is suspended in the last third of supervision (CONT-22, CONT-23, C11).

Whether it holds on a day depends on what is dated on or before that day, and on the policy of that day: what
comes later, a variation of the end or a new sentence, changes no day before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import get_args

import msgspec

from schemas.words import Rosh
from services.contacts.facts import Release, Risk, Sentence, Variation
from services.contacts.requirements import in_force
from services.contacts.supervision import Supervision
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values

LEVELS: tuple[Rosh, ...] = get_args(Rosh)
"""The levels of risk of serious harm, the lowest first."""


class LastThird(msgspec.Struct, frozen=True):
    """The last third of supervision on an order or a licence, as its end stood from `known_on` on."""

    known_on: date
    first: date
    last: date

    @property
    def middle(self) -> date:
        """Its middle day; of two the earlier one."""
        return self.first + (self.last - self.first) // 2


class Live(msgspec.Struct, frozen=True):
    """A stretch of supervision, live from `first` up to, but not on, `until`.

    The day on which it is cut short does not belong to it: from that day nothing waits for anybody.
    `last_thirds` are those of an order or licence; there are none in post-sentence supervision.
    """

    stretch: Supervision
    first: date
    until: date
    last_thirds: tuple[LastThird, ...]

    @property
    def sentence(self) -> Sentence:
        """The sentence supervised."""
        return self.stretch.sentence

    @property
    def post_sentence(self) -> bool:
        """Is it post-sentence supervision?"""
        return self.stretch.stage == "post_sentence_supervision"

    @property
    def earliest_reset(self) -> date:
        """A day before which Reset surely does not hold; it may lie after the end."""
        if self.post_sentence:
            return self.first
        return min(max(third.known_on, third.first) for third in self.last_thirds)

    def on(self, day: date) -> bool:
        """Is it live that day?"""
        return self.first <= day < self.until

    def last_third_on(self, day: date) -> LastThird | None:
        """The last third that it is in that day; None before it, and in post-sentence supervision."""
        found = None
        for third in self.last_thirds:
            if third.known_on <= day:
                found = third
        return found if found is not None and found.first <= day else None

    def eligible_since(self, day: date) -> date:
        """The first of the days on end up to that one on which it has been in its last third.

        In post-sentence supervision its first day. It must be in one of the two on that day. A variation that
        leaves it in its last third starts nothing anew.
        """
        since = self.first if self.post_sentence else day
        until = day + timedelta(days=1)  # from that day on the next last third counts
        for third in reversed(self.last_thirds):
            if third.known_on >= until:  # not known yet
                continue
            if third.first >= until:
                break
            since, until = max(third.known_on, third.first), third.known_on
            if third.first > third.known_on:
                break
        return since


class Reset(msgspec.Struct, frozen=True):
    """A time from `first` up to, but not on, `until`, on all days of which Reset holds.

    `follow_ups` has the day of the one follow-up: (from which day it stood so, the day), in order; it is
    empty where none is to be. `because` is what it rests on, `ended_by` what happened on the day `until`.
    """

    first: date
    until: date
    follow_ups: tuple[tuple[date, date], ...]
    because: tuple[Record, ...]
    ended_by: tuple[Record, ...]


def live_stretches(of: ContactsView) -> list[Live]:
    """All stretches of supervision, sentence by sentence, in order."""
    found = []
    for _, course, stretch in of.stretches():
        until = course.until(stretch)
        if stretch.first < until:
            found.append(Live(stretch, stretch.first, until, _last_thirds(of, stretch)))
    return found


def _last_thirds(of: ContactsView, stretch: Supervision) -> tuple[LastThird, ...]:
    """The last third of an order or licence, by the day from which its end was set so.

    CONT-22: of N days it starts the fraction of N, rounded up to whole days, after the first day; one or two
    days have none. A variation that moves the end moves it, from the day of the variation on. That of a
    licence is counted from each release to the end set then, whatever cut the licence short.
    """
    if stretch.stage == "post_sentence_supervision":
        return ()
    fraction = of.values(stretch.first, stretch.sentence).table("reset_after")
    numerator, denominator = int(fraction["numerator"]), int(fraction["denominator"])
    found = []
    for known_on, last in _ends(stretch):
        days = (last - stretch.first).days + 1
        before = -(-days * numerator // denominator)  # rounded up
        found.append(LastThird(known_on, stretch.first + timedelta(days=before), last))
    return tuple(found)


def _ends(stretch: Supervision) -> list[tuple[date, date]]:
    """The last day as it was set, by the day from which it was set so."""
    ends = []
    for record in stretch.because:
        if isinstance(record, Release):
            ends.append((stretch.first, record.licence_ends_on))
        elif isinstance(record, Variation):
            ends.append((record.varied_on, max(record.ends_on, record.varied_on)))
        elif isinstance(record, Sentence) and record.ends_on is not None and stretch.stage == "order":
            ends.append((stretch.first, record.ends_on))
    return ends


class Changes:
    """The days on which Reset may begin or end, with what happened on each."""

    def __init__(self, of: ContactsView, lives: Iterable[Live]) -> None:
        self._on: dict[date, list[Record]] = {}
        for live in lives:
            self._add(live.first, live.stretch.because)
            self._add(live.until)
            for third in live.last_thirds:
                self._add(third.first)
        # A variation moves the end, and adds or drops requirements.
        for variation in of.case.variations.values():
            self._add(variation.varied_on, (variation,))
        for registered in of.registrations:
            self._add(registered.first, registered.because[:1])
            if registered.until is not None:
                self._add(registered.until, registered.because[1:])
        for risk in of.risks:
            self._add(risk.assessed_on, (risk,))
        for change in of.policy.changes:
            self._add(change)
        self._days = sorted(self._on)

    def _add(self, day: date, records: Iterable[Record] = ()) -> None:
        self._on.setdefault(day, []).extend(records)

    def on(self, day: date) -> tuple[Record, ...]:
        """What happened on one of the days."""
        return tuple(self._on[day])

    def between(self, first: date, last: date) -> Sequence[date]:
        """The days from `first` to `last`, both included, in order."""
        return self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]


def resets(of: ContactsView, sentence_id: str, lives: Sequence[Live], changes: Changes) -> list[Reset]:
    """When Reset holds for a sentence, in order; `lives` are those of all sentences."""
    own = [live for live in lives if live.sentence.sentence_id == sentence_id]
    first = min((live.earliest_reset for live in own), default=date.max)
    out: list[Reset] = []
    holding: Reset | None = None
    for day in changes.between(first, own[-1].until) if own else ():
        resting_on = _resting_on(of, sentence_id, lives, day)
        if resting_on is None:
            if holding is not None:
                out.append(msgspec.structs.replace(holding, until=day, ended_by=changes.on(day)))
            holding = None
            continue
        if holding is None:
            holding = Reset(day, day, (), (*resting_on, *changes.on(day)), ())
        middle = next((middle for live in own if live.on(day) and (middle := _middle(of, live, day))), None)
        if middle is not None and middle not in [known for _, known in holding.follow_ups[-1:]]:
            follow_ups = (*holding.follow_ups, (day, middle))
            holding = msgspec.structs.replace(holding, follow_ups=follow_ups)
    return out


def _middle(of: ContactsView, live: Live, day: date) -> date | None:
    """CONT-22: the middle of the last third that it is in that day, if there is a follow-up at its stage."""
    third = live.last_third_on(day)
    stages = of.values(day, live.sentence).texts("reset_follow_up_stages")
    return third.middle if third is not None and live.stretch.stage in stages else None


def _resting_on(of: ContactsView, sentence_id: str, lives: Iterable[Live], day: date) -> list[Record] | None:
    """What Reset rests on for a sentence on a day; None if it does not hold.

    CONT-22: each live sentence must be in its last third, or in post-sentence supervision. If the sentence
    itself is an order, one of the requirements that cease must be in force: without any it keeps its contact.
    The risk must not have risen since the sentence came to that point (part 5 of the rules catalogue).
    """
    resting_on: list[Record] = []
    itself: Live | None = None
    for live in lives:
        if not live.on(day):
            continue
        if not live.post_sentence and live.last_third_on(day) is None:
            return None
        if live.sentence.sentence_id == sentence_id:
            itself = live
        resting_on += live.stretch.because
    if itself is None:
        return None
    values = of.values(day, itself.sentence)
    if not values.flag("reset") or not _ceases(of, itself, day, values):
        return None
    risk = of.risk_on(day)
    if _exempt(of, risk, day, values) or _risen(of, risk, itself.eligible_since(day)):
        return None
    return resting_on if risk is None else [*resting_on, risk]


def _ceases(of: ContactsView, live: Live, day: date, values: Values) -> bool:
    """CONT-22: on licence and after it all appointments cease, on an order those of requirements listed."""
    if live.stretch.stage != "order":
        return True
    kinds = values.texts("reset_order_requirements")
    return any(requirement.kind in kinds for requirement in in_force(of, live.sentence, day))


def _exempt(of: ContactsView, risk: Risk | None, day: date, values: Values) -> bool:
    """CONT-23: any MAPPA exempts, very high risk of serious harm, and each of the registrations listed."""
    if risk is not None and risk.mappa:
        return True
    if ("unknown" if risk is None else risk.rosh) in values.texts("reset_exempt_rosh"):
        return True
    kinds = values.texts("reset_exempt_registrations")
    return any(registered.kind in kinds and registered.on(day) for registered in of.registrations)


def _risen(of: ContactsView, risk: Risk | None, since: date) -> bool:
    """Is the risk of serious harm higher than on the day `since`, or if unknown then, when first assessed?"""
    if risk is None:
        return False
    first = of.risk_on(max(since, of.risks[0].assessed_on))
    return first is not None and LEVELS.index(risk.rosh) > LEVELS.index(first.rosh)
