"""The referrals of a person: those asked for, and those to which a requirement leads by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from schemas.words import ReferralKind
from services.referrals.choice.gates import refusal
from services.referrals.facts import ProviderChange, ReferralRequest
from services.referrals.lifecycle.ends import end_of
from services.referrals.lifecycle.referral import PLACED, Referral
from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.engine.assessment import once_a_day


@once_a_day
def referrals(view: ReferralsView) -> Mapping[str, Referral]:
    """All referrals of the person by id, those asked for first; of unknown sentences there are none."""
    found: dict[str, Referral] = {}
    for request in sorted(view.case.requests.values(), key=lambda r: (r.requested_on, r.referral_id)):
        if request.sentence_id in view.supervision and view.today.reached(request.requested_on):
            found[request.referral_id] = _requested(view, request)
    for requirement in view.requirements.values():
        kind = view.referral_kind(requirement)
        if kind is None or requirement.referral_id in found or asked_for(view, requirement):
            continue
        if requirement.on(requirement.imposed_on) is None or not view.today.reached(requirement.imposed_on):
            continue
        region, _ = view.place_today(requirement.sentence)
        found[requirement.referral_id] = Referral(
            referral_id=requirement.referral_id,
            kind=kind,
            sentence=requirement.sentence,
            requirement=requirement,
            region=region,
            delivered_by=_delivered_by(view, requirement, kind, requirement.imposed_on),
            changes=_changes(view, requirement.referral_id),
            made_on=requirement.imposed_on,
        )
    return {id: replace(referral, end=end_of(view, referral)) for id, referral in found.items()}


def asked_for(view: ReferralsView, requirement: ServedRequirement) -> bool:
    """Has a referral that meets the requirement been asked for, and is it in order?"""
    return any(
        request.requirement_id == requirement.requirement_id
        and request.sentence_id == requirement.sentence.sentence_id
        and request.kind == view.referral_kind(requirement)
        and view.today.reached(request.requested_on)
        and refusal(view, request, requirement.sentence) is None
        for request in view.case.requests.values()
    )


def _requested(view: ReferralsView, request: ReferralRequest) -> Referral:
    sentence = view.case.sentences[request.sentence_id]
    region, _ = view.place_today(sentence)
    placements = [
        placement
        for placement in view.case.placements.values()
        if placement.referral_id == request.referral_id
        and request.kind in PLACED
        and view.today.reached(placement.made_on)
    ]
    placements.sort(key=lambda p: (p.made_on, *p.stamp))
    providers = {placement.provider_id for placement in placements}
    former = view.case.former_declines.get(request.referral_id, ())
    standing = view.case.declines.get(request.referral_id)
    declines = {
        decline.provider_id: decline
        for decline in (*former, *((standing,) if standing else ()))
        if decline.provider_id in providers and view.today.reached(decline.declined_on)
    }
    made_on: date | None = placements[-1].made_on if placements else None
    if request.kind not in PLACED and refusal(view, request, sentence) is None:
        made_on = request.requested_on
    requirement = view.requirement(request.sentence_id, request.requirement_id)
    return Referral(
        referral_id=request.referral_id,
        kind=request.kind,
        sentence=sentence,
        requirement=requirement,
        request=request,
        placements=tuple(placements),
        declines=tuple(sorted(declines.values(), key=lambda d: (d.declined_on, d.provider_id))),
        changes=_changes(view, request.referral_id),
        region=region,
        delivered_by=_delivered_by(view, requirement, request.kind, request.requested_on)
        if requirement is not None and request.kind not in PLACED
        else None,
        made_on=made_on,
    )


def _delivered_by(
    view: ReferralsView, requirement: ServedRequirement, kind: ReferralKind, day: date
) -> str | None:
    """C1: who delivered such work where the case was on a day; None for the Probation Service itself.

    AP-5: what is reserved to the public service never went to anybody else.
    """
    values = view.policy.on(day, view.place_of_case(requirement.sentence, day)[0])
    version = requirement.on(day) or requirement.versions[0]
    if version.requirement.programme in values.texts("reserved_programmes"):
        return None
    provider = str(values.table("delivered_by").get(kind, ""))
    return provider if provider and provider not in values.texts("public_providers") else None


def _changes(view: ReferralsView, referral_id: str) -> tuple[ProviderChange, ...]:
    changes = [c for c in view.case.provider_changes.values() if c.referral_id == referral_id]
    changes.sort(key=lambda c: c.transferred_on)
    return tuple(change for change in changes if view.today.reached(change.transferred_on))
