"""What a person's case asks of providers: places for referrals, and whether planned needs can be met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.words import ReferralKind, Region, ServiceCohort
from services.referrals.choice.gates import refusal, structured_would_do
from services.referrals.choice.needs import need_key, planned_needs
from services.referrals.choice.refusals import LISTED, full_interventions, last_refusal
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.places import Waiting, pool
from services.referrals.view import ReferralsView, cohorts_of
from shared.engine.assessment import Request, Reversal, once_a_day
from shared.engine.case import Record


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
        region, pdu = view.place_today(sentence)
        key = need_key(sentence, need, (region, pdu))
        if (
            planned.until is not None
            or not open_to_requests(view, sentence.sentence_id)
            or last_refusal(view, key) == LISTED
        ):
            continue
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
