"""Whether a referral may be made as it was asked for. Each gate looks at the day of the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from services.referrals.choice.eligibility import Eligibility, eligibility
from services.referrals.facts import ACTIVITIES, Plan, ReferralRequest
from services.referrals.view import ReferralsView
from shared.engine.case import Record
from shared.probation.facts import Release, Sentence

Refused = Literal[
    "not_eligible",
    "programme_first",
    "not_ready",
    "no_sentence_plan",
    "no_consent",
    "no_outcome",
    "not_approved",
    "no_rar",
    "no_condition",
    "out_of_sequence",
]

RULES_OF: dict[str, tuple[str, ...]] = {
    "no_place": ("DF-10", "DF-17"),
    "structured_first": ("DF-13",),
    "not_eligible": ("AP-2", "AP-4", "AP-12"),
    "programme_first": ("AP-1", "SI-8", "DF-13"),
    "not_ready": ("AP-7",),
    "no_sentence_plan": ("SI-9",),
    "no_consent": ("CSTR-3",),
    "no_outcome": ("DF-7", "DF-8"),
    "not_approved": ("SI-4",),
    "no_rar": ("RAR-8",),
    "no_condition": ("SI-8", "ENF-39"),
    "out_of_sequence": ("SI-9", "RAR-8"),
}


def refusal(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> Refused | None:
    """AP-1, AP-7, SI-4, SI-8, SI-9, DF-7, DF-8, DF-13, CSTR-3, RAR-8, ENF-39: the first gate that is closed.

    None if the referral may be made.
    """
    return next(_closed(view, request, sentence), None)


def _closed(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> Iterator[Refused]:
    values = view.values(request.requested_on, sentence)
    kind = request.kind
    lesser = kind in ACTIVITIES
    able = eligible_on(view, request, sentence)
    if kind == "accredited_programme" and able.bars(request.programme or ""):
        yield "not_eligible"
    if kind == "structured_intervention" and request.need not in (None, *values.texts("structured_needs")):
        yield "not_approved"
    if lesser and not request.overridden and _programme_would_do(view, request, able):
        yield "programme_first"
    if not request.ready_to_start:
        yield "not_ready"
    if kind == "structured_intervention" and plan_on(view, request) is None:
        yield "no_sentence_plan"
    if request.consented is False or (kind == "treatment" and not request.consented):
        yield "no_consent"
    if kind == "commissioned_service" and not request.desired_outcomes:
        yield "no_outcome"
    if lesser and not sentence.custodial and not _has_rar(view, request, sentence):
        yield "no_rar"
    structured_after_custody = kind == "structured_intervention" and sentence.custodial
    if structured_after_custody and not request.overridden and not _allowed(view, request, sentence):
        yield "no_condition"
    if not request.overridden and _out_of_sequence(view, request):
        yield "out_of_sequence"


def eligible_on(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> Eligibility:
    """AP-2, AP-12: the programmes for which the person was eligible on the day of a request.

    They are those of the region that had the case that day, as transferred.
    """
    assessment = view.assessment_on(request.requested_on)
    region, _ = view.place_of_case(sentence, request.requested_on)
    values = view.policy.on(request.requested_on, region)
    return eligibility(sentence, assessment, assessment.ogrs if assessment else None, values)


def _programme_would_do(view: ReferralsView, request: ReferralRequest, able: Eligibility) -> bool:
    """AP-1, DF-13: is there a programme for the need that the person has not been referred to yet?

    A structured intervention is a lesser choice than any programme; a commissioned service only than one that
    meets its need. A programme that a court ordered leads to a referral as well.
    """
    values = view.policy.on(request.requested_on)
    meets = values.table("programme_meets")
    referred = {
        other.programme
        for other in view.case.requests.values()
        if other.kind == "accredited_programme" and other.requested_on <= request.requested_on
    }
    referred |= {
        version.requirement.programme
        for ordered in view.of_kind("accredited_programme")
        for version in ordered.versions
        if version.since <= request.requested_on
    }
    return any(
        programme not in referred
        and (
            request.kind == "structured_intervention" or request.need in str(meets.get(programme, "")).split()
        )
        for programme in able.eligible
    )


def structured_would_do(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> bool:
    """DF-13: could a structured intervention be asked for instead of a service, if one is listed?

    Only if none has been asked for the need yet: what remains after it may be met by a service.
    """
    if request.kind != "commissioned_service" or request.overridden or request.need is None:
        return False
    asked = any(
        other.kind == "structured_intervention"
        and other.need == request.need
        and other.requested_on <= request.requested_on
        for other in view.case.requests.values()
    )
    instead = replace(request, kind="structured_intervention")
    return not asked and refusal(view, instead, sentence) is None


def plan_on(view: ReferralsView, request: ReferralRequest) -> Plan | None:
    """The sentence plan in force on the day of a request."""
    plans = view.plans_of(request.sentence_id)
    return next((plan for plan in reversed(plans) if plan.completed_on <= request.requested_on), None)


def _has_rar(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> bool:
    """RAR-8: did the order have a rehabilitation activity requirement that day?"""
    ordered = view.supervision[sentence.sentence_id].required_on(request.requested_on)
    return any(requirement.kind == "rar" for requirement in ordered.requirements)


def _allowed(view: ReferralsView, request: ReferralRequest, sentence: Sentence) -> bool:
    """ENF-39, SI-8: do the licence conditions allow it? If none were recorded, nothing speaks against it.

    Post-sentence supervision allows it as well, and in custody a temporary release (SI-8).
    """
    day = request.requested_on
    stage = view.supervision[sentence.sentence_id].stage_on(day)
    if stage is None:
        grants = view.case.temporary_releases.values()
        return any(g.sentence_id == sentence.sentence_id and g.from_ <= day <= g.until for g in grants)
    if stage.kind != "licence":
        return True
    release: Record = stage.because[-1]
    conditions = release.conditions if isinstance(release, Release) else ()
    allowing = view.values(day, sentence).texts("conditions_allowing_structured")
    return not conditions or any(condition.kind in allowing for condition in conditions)


def _out_of_sequence(view: ReferralsView, request: ReferralRequest) -> bool:
    """SI-9, RAR-8: does the plan want something else begun first, that had not begun by then?

    What the court had taken off the order by then can no longer begin.
    """
    plan = plan_on(view, request)
    if plan is None or request.requirement_id not in plan.sequence:
        return False
    period = view.supervision[request.sentence_id]
    if period.begins_on is None:
        return False
    required = {one.requirement_id for one in period.required_on(request.requested_on).requirements}
    before = plan.sequence[: plan.sequence.index(request.requirement_id)]
    return any(
        earlier in required and not view.begun_by(request.sentence_id, earlier, request.requested_on)
        for earlier in before
    )
