"""The referrals of a person: those asked for, and those to which a requirement leads by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from schemas.words import ReferralKind
from services.referrals.choice.gates import refusal
from services.referrals.facts import Acceptance, Decline, ProviderChange, ReferralRequest
from services.referrals.lifecycle.ends import end_of
from services.referrals.lifecycle.referral import PLACED, Referral
from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.engine.assessment import once_a_day

Answer = TypeVar("Answer", Acceptance, Decline)
"""What a provider answers to a referral."""


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
            delivered_by=delivered_by(view, requirement, kind, requirement.imposed_on),
            acceptances=_acceptances(view, requirement.referral_id, None),
            declines=_declines(view, requirement.referral_id, None),
            changes=_changes(view, requirement.referral_id),
            made_on=requirement.imposed_on,
        )
    return {id: replace(referral, end=end_of(view, referral)) for id, referral in found.items()}


def asked_for(view: ReferralsView, requirement: ServedRequirement) -> bool:
    """Has a referral that meets the requirement been asked for, and is it in order?

    One asked for after a court took the requirement off the order no longer meets it.
    """
    off_on = requirement.taken_off_on
    return any(
        request.requirement_id == requirement.requirement_id
        and request.sentence_id == requirement.sentence.sentence_id
        and request.kind == view.referral_kind(requirement)
        and (off_on is None or request.requested_on < off_on)
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
    changes = _changes(view, request.referral_id)
    served_by = {*providers, *(change.to_provider for change in changes)} if placements else None
    made_on: date | None = placements[0].made_on if placements else None
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
        acceptances=_acceptances(view, request.referral_id, served_by),
        declines=_declines(view, request.referral_id, providers if request.kind in PLACED else None),
        changes=changes,
        region=region,
        delivered_by=delivered_by(view, requirement, request.kind, request.requested_on)
        if requirement is not None and request.kind not in PLACED
        else None,
        made_on=made_on,
    )


def delivered_by(
    view: ReferralsView, requirement: ServedRequirement, kind: ReferralKind, day: date
) -> str | None:
    """C1, PROV-1, PROV-2, PROV-5: who delivered such work where the case was on a day.

    None for the Probation Service itself.

    AP-5: what is reserved to the public service never went to anybody else.
    """
    values = view.policy.on(day, view.place_of_case(requirement.sentence, day)[0])
    version = requirement.on(day) or requirement.versions[0]
    if version.requirement.programme in values.texts("reserved_programmes"):
        return None
    provider = str(values.table("delivered_by").get(kind, ""))
    return provider if provider and provider not in values.texts("public_providers") else None


def _acceptances(
    view: ReferralsView, referral_id: str, providers: set[str | None] | None
) -> tuple[Acceptance, ...]:
    """INFO-1: who accepted a referral: each provider that had it; where no place is chosen, the last."""
    standing = view.case.acceptances.get(referral_id)
    former = view.case.former_acceptances.get(referral_id, ()) if providers is not None else ()
    answers = [
        answer
        for answer in _answers(former, standing)
        if (providers is None or answer.provider_id in providers) and view.today.reached(answer.accepted_on)
    ]
    return tuple(sorted(answers, key=lambda a: (a.accepted_on, a.provider_id)))


def _declines(view: ReferralsView, referral_id: str, providers: set[str] | None) -> tuple[Decline, ...]:
    """DF-10: which providers declined a referral: of one that takes places, each that had it."""
    former = view.case.former_declines.get(referral_id, ())
    answers = [
        answer
        for answer in _answers(former, view.case.declines.get(referral_id))
        if (providers is None or answer.provider_id in providers) and view.today.reached(answer.declined_on)
    ]
    return tuple(sorted(answers, key=lambda d: (d.declined_on, d.provider_id)))


def _answers(former: Iterable[Answer], standing: Answer | None) -> list[Answer]:
    """What each provider answered last. If the last answer of all was voided, its provider gave none."""
    last: Answer | None = None
    answers: dict[str, Answer] = {}
    for last in (*former, *((standing,) if standing else ())):
        answers[last.provider_id] = last
    if last is not None and standing is None:
        del answers[last.provider_id]
    return list(answers.values())


def _changes(view: ReferralsView, referral_id: str) -> tuple[ProviderChange, ...]:
    changes = [c for c in view.case.provider_changes.values() if c.referral_id == referral_id]
    changes.sort(key=lambda c: c.transferred_on)
    return tuple(change for change in changes if view.today.reached(change.transferred_on))
