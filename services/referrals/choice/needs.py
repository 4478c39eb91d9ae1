"""DF-17: the needs of a person that plans or requests want met, and for which nothing is listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.referrals.choice.gates import refusal
from services.referrals.choice.refusals import NO_PLACE, last_refusal, last_refused
from services.referrals.facts import Plan
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.calendar import earliest
from shared.engine.case import Record
from shared.probation.facts import Sentence
from shared.probation.place import Place


@dataclass(frozen=True, slots=True)
class PlannedNeed:
    """A need that plans of a sentence want met, since the first of them up to and not including `until`.

    `until`: the first later plan no longer wants it; None if the latest one does.
    """

    sentence: Sentence
    need: str
    plan: Plan
    until: date | None = None


def planned_needs(view: ReferralsView) -> Iterator[PlannedNeed]:
    """DF-17: the needs that plans of each sentence want met by now, or did until a later plan."""
    for sentence in view.sentences_in_order:
        found: dict[str, PlannedNeed] = {}
        for plan in view.plans_of(sentence.sentence_id):
            if not view.today.reached(plan.completed_on):
                continue
            for need in plan.needs_planned:
                if need not in found or found[need].until is not None:
                    found[need] = PlannedNeed(sentence, need, plan)
            for need, planned in found.items():
                if planned.until is None and need not in plan.needs_planned:
                    found[need] = replace(planned, until=plan.completed_on)
        yield from found.values()


def need_key(sentence: Sentence, need: str, place: Place) -> str:
    """The key of the question whether a planned need can be met in a place."""
    region, pdu = place
    return f"need/{sentence.sentence_id}/{need}/{region}/{pdu}"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need for which nothing was listed, and when that was resolved or ended."""

    sentence: Sentence
    need: str
    since: date
    because: Record
    resolved_on: date | None
    ended_on: date | None

    @property
    def key(self) -> tuple[str, str]:
        return self.sentence.sentence_id, self.need

    def is_over(self, view: ReferralsView) -> bool:
        return any(day is not None and view.today.reached(day) for day in (self.resolved_on, self.ended_on))


def unmet_needs(view: ReferralsView) -> Iterator[Unmet]:
    """Of planned needs, and of services that were asked for; the same need may be among both."""
    yield from _planned_unmet(view)
    yield from _asked_unmet(view)


def _planned_unmet(view: ReferralsView) -> Iterator[Unmet]:
    for planned in planned_needs(view):
        sentence = planned.sentence
        reason = _last_answer(view, planned)
        if reason is not None:
            yield Unmet(
                sentence,
                planned.need,
                planned.plan.completed_on,
                planned.plan,
                resolved_on=None if reason == NO_PLACE else view.today.waited_for,
                ended_on=earliest(planned.until, view.supervision[sentence.sentence_id].over_on),
            )


def _last_answer(view: ReferralsView, planned: PlannedNeed) -> str | None:
    """What was answered where the case is; until that is known, where it was before."""
    since = planned.plan.completed_on
    moved = [transfer.accepted_on for transfer in view.case.transfers_accepted.values()]
    days = [since, *(day for day in sorted(moved) if day > since and view.today.reached(day))]
    places = [view.place_of_case(planned.sentence, day) for day in reversed(days)]
    answers = (last_refusal(view, need_key(planned.sentence, planned.need, place)) for place in places)
    return next((answer for answer in answers if answer is not None), None)


def _asked_unmet(view: ReferralsView) -> Iterator[Unmet]:
    for referral in referrals(view).values():
        request = referral.request
        if request is None or request.kind != "commissioned_service" or request.need is None:
            continue
        if refusal(view, request, referral.sentence) is not None:
            continue
        waits = referral.wants_place or not referral.placements
        key = referral.next_key if waits else referral.placement_key
        refused = last_refused(view, key, lambda reason: reason == NO_PLACE)
        if refused is not None:
            _, until = refused
            yield Unmet(
                referral.sentence,
                request.need,
                request.requested_on,
                request,
                resolved_on=earliest(until, None if waits else referral.placed_on),
                ended_on=earliest(*no_longer_wanted(view, referral)),
            )


def no_longer_wanted(view: ReferralsView, referral: Referral) -> tuple[date | None, ...]:
    """The days from which nobody looks for a place for a referral any more."""
    over_on = view.supervision[referral.sentence.sentence_id].over_on
    return referral.end.over_on if referral.end is not None else None, over_on
