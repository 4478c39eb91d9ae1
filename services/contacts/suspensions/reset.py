"""Probation Reset: contact is suspended in the last third of supervision (CONT-22, CONT-23, C11).

Whether it holds on a day depends on what is dated on or before that day, and on the policy of that day: what
comes later, a variation of the end or a new sentence, changes no day before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from typing import get_args

import msgspec

from schemas.words import Rosh
from services.contacts.suspensions.live import LiveStage
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import RiskAssessment

LEVELS: tuple[Rosh, ...] = get_args(Rosh)
"""The levels of risk of serious harm, the lowest first."""


class Reset(msgspec.Struct, frozen=True):
    """A time from `first` up to, but not on, `until`, on all days of which Reset holds.

    `follow_ups` has the day of the one follow-up: (from which day it stood so, the day), in order; it is
    empty where none is to be. `because` are the records it rests on, `ended_by` what happened on the day
    `until`.
    """

    first: date
    until: date
    follow_ups: tuple[tuple[date, date], ...]
    because: tuple[Record, ...]
    ended_by: tuple[Record, ...]


class Changes:
    """The days on which Reset may begin or end, with what happened on each."""

    def __init__(self, view: ContactsView, live: Iterable[LiveStage]) -> None:
        self._on: dict[date, list[Record]] = {}
        for one in live:
            self._add(one.first, one.stage.because)
            self._add(one.until)
            for third in one.last_thirds:
                self._add(third.first)
        # A variation moves the end, and adds or drops requirements.
        for variation in view.case.variations.values():
            self._add(variation.varied_on, (variation,))
        for registration in view.registrations:
            self._add(registration.first, registration.because[:1])
            if registration.until is not None:
                self._add(registration.until, registration.because[1:])
        for assessment in view.assessments:
            self._add(assessment.assessed_on, (assessment,))
        for change in view.policy.changes:
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


def resets(view: ContactsView, sentence_id: str, live: Sequence[LiveStage], changes: Changes) -> list[Reset]:
    """When Reset holds for a sentence, in order; `live` are the stages of all sentences."""
    own = [one for one in live if one.sentence.sentence_id == sentence_id]
    first = min((one.earliest_reset for one in own), default=date.max)
    found: list[Reset] = []
    current: Reset | None = None
    for day in changes.between(first, own[-1].until) if own else ():
        met_by = _met_by(view, sentence_id, live, day)
        if met_by is None:
            if current is not None:
                found.append(msgspec.structs.replace(current, until=day, ended_by=changes.on(day)))
            current = None
            continue
        if current is None:
            current = Reset(day, day, (), (*met_by, *changes.on(day)), ())
        middle = next((middle for one in own if one.on(day) and (middle := _middle(view, one, day))), None)
        if middle is not None and middle not in [known for _, known in current.follow_ups[-1:]]:
            current = msgspec.structs.replace(current, follow_ups=(*current.follow_ups, (day, middle)))
    return found


def _middle(view: ContactsView, live: LiveStage, day: date) -> date | None:
    """CONT-22: the middle of the last third in which that day falls, if there is a follow-up at its stage."""
    third = live.last_third_on(day)
    stages = view.values(day, live.sentence).texts("reset_follow_up_stages")
    return third.middle if third is not None and live.stage.kind in stages else None


def _met_by(
    view: ContactsView, sentence_id: str, live: Iterable[LiveStage], day: date
) -> list[Record] | None:
    """The records by which a sentence meets the conditions of Reset on a day; None if it does not.

    CONT-22: each live sentence must be in its last third, or in post-sentence supervision. If the sentence
    itself is an order, one of the requirements that cease must be in force: without any it keeps its contact.
    The risk must not have risen since the sentence came to that point (part 5 of the rules catalogue).
    """
    met_by: list[Record] = []
    itself: LiveStage | None = None
    for one in live:
        if not one.on(day):
            continue
        if not one.post_sentence and one.last_third_on(day) is None:
            return None
        if one.sentence.sentence_id == sentence_id:
            itself = one
        met_by += one.stage.because
    if itself is None:
        return None
    values = view.values(day, itself.sentence)
    if not values.flag("reset") or not _ceases(view, itself, day, values):
        return None
    risk = view.risk_on(day)
    if _exempt(view, risk, day, values) or _risen(view, risk, itself.eligible_since(day)):
        return None
    return met_by if risk is None else [*met_by, risk]


def _ceases(view: ContactsView, live: LiveStage, day: date, values: Values) -> bool:
    """CONT-22: on licence and after it all appointments cease, on an order those of requirements listed."""
    if live.stage.kind != "order":
        return True
    kinds = values.texts("reset_order_requirements")
    required = view.supervision[live.sentence.sentence_id].required_on(day)
    return any(requirement.kind in kinds for requirement in required.requirements)


def _exempt(view: ContactsView, risk: RiskAssessment | None, day: date, values: Values) -> bool:
    """CONT-23: any MAPPA exempts, very high risk of serious harm, and each of the registrations listed."""
    if risk is not None and risk.mappa is not None:
        return True
    if ("unknown" if risk is None else risk.rosh) in values.texts("reset_exempt_rosh"):
        return True
    kinds = values.texts("reset_exempt_registrations")
    return any(registration.kind in kinds and registration.on(day) for registration in view.registrations)


def _risen(view: ContactsView, risk: RiskAssessment | None, since: date) -> bool:
    """Is the risk of serious harm higher than on the day `since`, or if unknown then, when first assessed?"""
    if risk is None:
        return False
    first = view.risk_on(max(since, view.assessments[0].assessed_on))
    return first is not None and LEVELS.index(risk.rosh) > LEVELS.index(first.rosh)
