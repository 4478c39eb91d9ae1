"""What a person's case asks of providers: places for referrals, and whether planned needs can be met."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from schemas.words import ReferralKind, Region, ServiceCohort
from services.referrals.choice.gates import refusal, structured_would_do
from services.referrals.facts import Plan
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.places import Waiting, pool
from services.referrals.view import ReferralsView, cohorts_of
from shared.engine.assessment import Request, Reversal, once_a_day
from shared.engine.case import Record
from shared.probation.facts import Sentence

LISTED = "listed"
"""Why a request that only asks whether a need can be met is not granted: it can."""
NO_PLACE = "no_place"
"""Nothing that would do is listed."""
STRUCTURED_FIRST = "structured_first"
"""A structured intervention is listed that meets the need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `choose` must know of a place that is wanted.

    `what` is the programme or the need. `referral_id` is None where the case only asks whether the need can
    be met. Those `excluded` are providers that declined. Of those who wait, the lowest `rank` comes first.
    `structured_first`: a service is wanted, and a structured intervention would be in order as well.
    """

    referral_id: str | None
    sentence_id: str
    requirement_id: str | None = None
    kind: ReferralKind
    what: str
    programme: str | None = None
    need: str | None = None
    region: Region
    pdu: str
    sex: str
    cohorts: tuple[ServiceCohort, ...]
    desired_outcomes: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    rank: str = ""
    structured_first: bool = False
    because: tuple[Record, ...]

    @property
    def pools(self) -> tuple[str, ...]:
        """Where it looks: what serves the delivery unit, and what serves the whole region."""
        kinds = (self.kind, "structured_intervention") if self.structured_first else (self.kind,)
        return tuple(pool(kind, self.what, self.region, pdu) for kind in kinds for pdu in (self.pdu, None))


@dataclass(frozen=True, slots=True)
class PlannedNeed:
    """A need that plans of a sentence want met, since the first of them up to and not including `until`.

    `until`: the first later plan no longer wants it; None if the latest one does.
    """

    sentence: Sentence
    need: str
    plan: Plan
    until: date | None = None


@once_a_day
def wanted_places(view: ReferralsView) -> dict[str, Wanted]:
    """DF-10: the places that are wanted now, by the key of the decision: what was asked for and is in order.

    A referral wants another place when the provider declined it, or when the case went to another region:
    places do not travel.
    """
    found: dict[str, Wanted] = {}
    for referral in referrals(view).values():
        request = referral.request
        if request is None or not referral.wants_place or referral.end is not None:
            continue
        sentence = referral.sentence
        if not open_to_requests(view, request.sentence_id) or refusal(view, request, sentence) is not None:
            continue
        region, pdu = view.place_today(sentence)
        what = request.programme or request.need
        if what is None:
            continue
        found[referral.next_key] = Wanted(
            referral_id=referral.referral_id,
            sentence_id=sentence.sentence_id,
            requirement_id=request.requirement_id,
            kind=request.kind,
            what=what,
            programme=request.programme,
            need=request.need,
            region=region,
            pdu=pdu,
            sex=sentence.person.sex,
            cohorts=tuple(cohorts_of(sentence)),
            desired_outcomes=request.desired_outcomes,
            excluded=referral.declined_by,
            rank=_rank(view, referral, what),
            structured_first=not referral.placements and structured_would_do(view, request, sentence),
            because=(request, sentence),
        )
    return found


def open_to_requests(view: ReferralsView, sentence_id: str) -> bool:
    """Is the sentence live today: supervised, or in custody before release (RES-2)?"""
    period = view.supervision[sentence_id]
    if not view.today.reached(period.sentence.imposed_on) or period.end(view.today) is not None:
        return False
    return period.begins_on is not None or period.sentence.custodial


def _rank(view: ReferralsView, referral: Referral, what: str) -> str:
    """DF-11: who comes first: by how severe the need is, then by the day of the request."""
    assert referral.request is not None
    day = referral.request.requested_on
    values = view.values(day, referral.sentence)
    assessed = str(values.table("assessed_needs").get(what, "")).split()
    assessment = view.assessment_on(day)
    severities = [need.severity for need in assessment.needs if need.need in assessed] if assessment else []
    place = 0 if "severe" in severities else 1 if "standard" in severities else 2
    return f"{place} {day} {referral.referral_id}"


def needs_asked(view: ReferralsView) -> Iterator[tuple[str, Wanted]]:
    """DF-17: the planned needs of which it is not known that something is listed for them."""
    for planned in planned_needs(view):
        sentence, need, because = planned.sentence, planned.need, planned.plan
        key = need_key(view, sentence, need)
        if planned.until is not None or not open_to_requests(view, sentence.sentence_id) or last_refusal(view, key) == LISTED:
            continue
        region, pdu = view.place_today(sentence)
        yield (
            key,
            Wanted(
                referral_id=None,
                sentence_id=sentence.sentence_id,
                kind="commissioned_service",
                what=need,
                need=need,
                region=region,
                pdu=pdu,
                sex=sentence.person.sex,
                cohorts=tuple(cohorts_of(sentence)),
                because=(because, sentence),
            ),
        )


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
                    found[need] = dataclasses.replace(planned, until=plan.completed_on)
        yield from found.values()


def need_key(view: ReferralsView, sentence: Sentence, need: str) -> str:
    """The key of the question whether a planned need can be met where the case is."""
    region, pdu = view.place_today(sentence)
    return f"need/{sentence.sentence_id}/{need}/{region}/{pdu}"


def last_refusal(view: ReferralsView, key: str) -> str | None:
    """Why a request was last refused; None if it never was."""
    known = view.case.refusals.get(key)
    return known[-1][1] if known else None


def last_refused(
    view: ReferralsView, key: str, such: Callable[[str], bool]
) -> tuple[str, date | None] | None:
    """Why a request was last refused for such a reason, and the day from which another reason held.

    No day while it is the latest reason. None if the request was never refused for such a reason.
    """
    known = view.case.refusals.get(key, [])
    following = (day for day, _ in known[1:])
    found = [(reason, until) for (_, reason), until in zip_longest(known, following) if such(reason)]
    return found[-1] if found else None


def full_interventions(reason: str | None) -> list[tuple[str, str]]:
    """The providers and interventions whose places are taken, from the reason of a refusal."""
    if reason is None or not reason.startswith("full "):
        return []
    return [(provider, id) for provider, _, id in (one.partition("/") for one in reason.split(" ")[1:])]


def requests(view: ReferralsView) -> Iterator[Request]:
    """All that is asked of providers today."""
    for key, wanted in (*wanted_places(view).items(), *needs_asked(view)):
        yield Request(key=key, pools=wanted.pools, details=wanted)


def reversals(view: ReferralsView) -> Iterator[Reversal]:
    """DF-10: a referral that was never asked for, or under a sentence that never was, has no reason."""
    for placement in view.case.placements.values():
        request = view.case.requests.get(placement.referral_id)
        if request is None or request.sentence_id not in view.case.sentences:
            yield Reversal(
                type="ReferralMade",
                decision=placement,
                rules=("DF-10",),
                policy=view.policy.on(placement.made_on, placement.region).version,
            )


def waiting_claims(view: ReferralsView) -> Iterator[tuple[str, Waiting]]:
    """What is told to the providers whose places are taken: that the person waits, and since when.

    On the day on which a place is found it is told once more, as over.
    """
    wanted = wanted_places(view)
    for key, one in wanted.items():
        for provider, intervention in full_interventions(last_refusal(view, key)):
            yield provider, Waiting(intervention, one.rank, _refused_since(view, key))
    for referral in referrals(view).values():
        found_on = referral.placed_on
        if found_on is None or view.today.after(found_on) or referral.placement_key in wanted:
            continue
        key = referral.placement_key
        for provider, intervention in full_interventions(last_refusal(view, key)):
            yield provider, Waiting(intervention, key, _refused_since(view, key), until=found_on)


def _refused_since(view: ReferralsView, key: str) -> date:
    return view.case.refusals[key][0][0]
