"""Eligibility, and what becomes of a request for a referral: rejected, waiting; needs that nothing meets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import cast

from schemas.referrals import (
    EligibilityAssessed,
    NeedUnmet,
    ProposalNotEligible,
    ReferralRejected,
    ReferralWaiting,
)
from schemas.words import CoreNeed
from services.referrals.choice.eligibility import Eligibility, eligibility
from services.referrals.choice.gates import RULES_OF, refusal
from services.referrals.choice.needs import no_longer_wanted, unmet_needs
from services.referrals.choice.refusals import (
    NO_PLACE,
    STRUCTURED_FIRST,
    full_interventions,
    last_refusal,
    last_refused,
)
from services.referrals.facts import Assessment, ReportRequest
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView, cohorts_of
from shared.calendar import earliest
from shared.engine.assessment import Finding
from shared.probation.facts import Sentence

NOT_GRANTED = (NO_PLACE, STRUCTURED_FIRST)
"""Why a request that is in order is rejected all the same."""


def eligibility_assessed(view: ReferralsView) -> Iterator[Finding]:
    """AP-2, AP-3, AP-4, AP-11, AP-12, CRT-3: the programmes for which a person is eligible.

    Before sentence for each report that a court asks for, by what is known until it is delivered or the
    person sentenced; under a sentence that requires a programme or for which a referral is asked, by what is
    known today: it is assessed again when facts change.
    """
    for report in _reports(view):
        assessment, able = _eligible_at_report(view, report)
        later = assessment is not None and assessment.assessed_on > report.requested_on
        yield Finding(
            event=EligibilityAssessed(
                report_id=report.report_id,
                eligible=list(able.eligible),
                excluded=dict(able.excluded),
                assessed_on=assessment.assessed_on if assessment and later else report.requested_on,
            ),
            key=report.report_id,
            rules=("AP-2", "AP-3", "AP-4", "AP-11", "AP-12", "CRT-3"),
            because=(report, *((assessment,) if assessment else ())),
            policy=view.policy.on(report.requested_on, report.region).version,
        )
    for sentence, day in _sentences_to_assess(view):
        for known in view.case.assessments.values():
            view.today.reached(known.assessed_on)
        end = view.supervision[sentence.sentence_id].end(view.today)
        now = end.on if end is not None else view.today.waited_for
        assessment = view.assessment_on(now)
        values = view.policy.on(day, view.place_of_case(sentence, now)[0])
        able = eligibility(sentence, assessment, assessment.ogrs if assessment else None, values)
        yield Finding(
            event=EligibilityAssessed(
                sentence_id=sentence.sentence_id,
                eligible=list(able.eligible),
                excluded=dict(able.excluded),
                assessed_on=max(day, assessment.assessed_on) if assessment else day,
            ),
            key=sentence.sentence_id,
            rules=("AP-2", "AP-3", "AP-4", "AP-11", "AP-12"),
            because=(sentence, *((assessment,) if assessment else ())),
            policy=values.version,
        )


def _reports(view: ReferralsView) -> list[ReportRequest]:
    reports = sorted(view.case.report_requests.values(), key=lambda report: report.report_id)
    return [report for report in reports if view.today.reached(report.requested_on)]


def _eligible_at_report(view: ReferralsView, report: ReportRequest) -> tuple[Assessment | None, Eligibility]:
    """The programmes for which the person is eligible at the report, and the assessment that says so.

    The score that the request gives goes before an assessment of earlier, and a later one before it.
    """
    for known in view.case.assessments.values():
        view.today.reached(known.assessed_on)
    delivery = view.case.report_deliveries.get(report.report_id)
    days = [view.today.waited_for, *_sentenced(view, report), *([delivery.delivered_on] if delivery else [])]
    assessment = view.assessment_on(max(report.requested_on, min(days)))
    ogrs = report.ogrs
    if assessment is not None and (ogrs is None or assessment.assessed_on > report.requested_on):
        ogrs = assessment.ogrs if assessment.ogrs is not None else ogrs
    return assessment, eligibility(
        report, assessment, ogrs, view.policy.on(report.requested_on, report.region)
    )


def _sentenced(view: ReferralsView, report: ReportRequest) -> list[date]:
    """The days on which the person was sentenced since a report was asked for."""
    return [s.imposed_on for s in view.sentences_in_order if s.imposed_on >= report.requested_on]


def _sentences_to_assess(view: ReferralsView) -> Iterator[tuple[Sentence, date]]:
    """The sentences with a programme in them or a referral asked for, each with the first day of that."""
    for sentence in view.sentences_in_order:
        days = [
            request.requested_on
            for request in view.case.requests.values()
            if request.sentence_id == sentence.sentence_id
        ]
        days += [
            version.since
            for requirement in view.of_kind("accredited_programme")
            if requirement.sentence == sentence
            for version in requirement.versions
        ]
        days = [day for day in days if view.today.reached(day)]
        end = view.supervision[sentence.sentence_id].over_on
        if days and (end is None or min(days) < end):
            yield sentence, min(days)


def proposal_not_eligible(view: ReferralsView) -> Iterator[Finding]:
    """CRT-6: a report proposes a programme for which the person was assessed as not eligible.

    An open item until the report proposes something else, or the court has sentenced; or the person died.
    """
    died_on = earliest(*(death.died_on for death in view.case.deaths.values()))
    for report in _reports(view):
        delivery = view.case.report_deliveries.get(report.report_id)
        if delivery is None or delivery.proposal is None or not view.today.reached(delivery.delivered_on):
            continue
        _, able = _eligible_at_report(view, report)
        proposed = {one.programme for one in delivery.proposal.requirements if one.programme is not None}
        for programme in sorted(proposed):
            if able.bars(programme):
                yield Finding(
                    event=ProposalNotEligible(
                        report_id=report.report_id,
                        programme=programme,
                        reason=able.excluded.get(programme, "unknown_programme"),
                    ),
                    key=f"{report.report_id}/{programme}",
                    rules=("CRT-6",),
                    because=(report, delivery),
                    policy=view.policy.on(report.requested_on, report.region).version,
                    resolved_on=earliest(*_sentenced(view, report)),
                    ended_on=died_on,
                )


def referral_rejected(view: ReferralsView) -> Iterator[Finding]:
    """AP-1, AP-2, AP-4, AP-7, AP-12, SI-4, SI-8, SI-9, DF-7, DF-8, DF-10, DF-13, DF-17, CSTR-3, ENF-39,
    RAR-8: a request that is not in order is rejected.

    The first gate that was closed on the day of the request says why. `no_place`: nothing of that kind is
    listed for the person there (D13); this is resolved if something is listed while the request stands.
    `structured_first`: what is listed for the need is a structured intervention (DF-13). What is asked for
    when supervision is over comes to nothing.
    """
    for referral in referrals(view).values():
        request, end = referral.request, view.supervision[referral.sentence.sentence_id].end(view.today)
        if request is None or (end is not None and request.requested_on > end.on):
            continue
        reason: str | None = refusal(view, request, referral.sentence)
        resolved_on = None
        if reason is None:
            next_, last = (last_refusal(view, key) for key in (referral.next_key, referral.placement_key))
            if next_ in NOT_GRANTED and referral.wants_place:
                reason = next_
            elif last in NOT_GRANTED:
                reason, resolved_on = last, referral.placed_on
        if reason is not None:
            yield Finding(
                event=ReferralRejected.model_validate(
                    {
                        "referral_id": referral.referral_id,
                        "sentence_id": referral.sentence.sentence_id,
                        "requested_on": request.requested_on,
                        "reason": reason,
                    }
                ),
                key=referral.referral_id,
                rules=RULES_OF[reason],
                because=(request, referral.sentence),
                policy=view.values(request.requested_on, referral.sentence).version,
                resolved_on=resolved_on,
            )


def referral_waiting(view: ReferralsView) -> Iterator[Finding]:
    """DF-10, DF-11: a referral for which interventions are listed, and all their places taken, waits.

    An open item until a place is found; until nothing is listed there any more, the referral has ended or
    supervision is over.
    """
    for referral in referrals(view).values():
        request = referral.request
        if request is None or refusal(view, request, referral.sentence) is not None:
            continue
        waits = referral.wants_place or not referral.placements
        key = referral.next_key if waits else referral.placement_key
        refused = last_refused(view, key, lambda reason: bool(full_interventions(reason)))
        if refused is None:
            continue
        reason, until = refused
        yield Finding(
            event=ReferralWaiting(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                interventions=sorted({intervention for _, intervention in full_interventions(reason)}),
                since=request.requested_on,
            ),
            key=referral.referral_id,
            rules=("DF-10", "DF-11"),
            because=(request, referral.sentence),
            policy=view.values(request.requested_on, referral.sentence).version,
            resolved_on=None if waits else referral.placed_on,
            ended_on=earliest(until if waits else None, *no_longer_wanted(view, referral)),
        )


def need_unmet(view: ReferralsView) -> Iterator[Finding]:
    """DF-8, DF-17: a planned need, or one that a referral was asked for, for which nothing is listed there.

    An open item until something is listed; until the plan no longer wants it, the referral has ended or
    supervision is over.
    """
    unmet = sorted(unmet_needs(view), key=lambda one: (*one.key, one.is_over(view), one.since))
    for (sentence_id, need), (one, *_) in groupby(unmet, key=lambda one: one.key):
        yield Finding(
            event=NeedUnmet(
                sentence_id=sentence_id,
                need=cast(CoreNeed, need),
                cohorts=cohorts_of(one.sentence),
                since=one.since,
            ),
            key=f"{sentence_id}/{need}",
            rules=("DF-8", "DF-17"),
            because=(one.because, one.sentence),
            policy=view.values(one.since, one.sentence).version,
            resolved_on=one.resolved_on,
            ended_on=one.ended_on,
        )
