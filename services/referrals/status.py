"""Where a case stands and what it takes of providers: for the engine, and for those who query the cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from services.referrals.choice.requests import requests, reversals, waiting_claims, wanted_places
from services.referrals.lifecycle.programme import states_of
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.places import Place, item
from services.referrals.progress import MINUTES_AN_HOUR, amount_ordered
from services.referrals.view import ReferralsView, cohorts_of
from shared.engine.assessment import Finding, Overview


def overview(view: ReferralsView, findings: Sequence[Finding]) -> Overview:
    """Is the person supervised on a sentence, and in which region? Which places are taken and wanted?"""
    found = Overview()
    for sentence in view.sentences_in_order:
        period = view.supervision[sentence.sentence_id]
        over = period.end(view.today) is not None
        if period.under_way(view.today) is not None and not over:
            found.status = "open"
            found.region, pdu = view.place_today(sentence)
            found.shown = {"pdu": pdu}
        elif not found.status:
            found.status = "closed" if over else "not_begun"
    found.requests = [*requests(view)]
    found.reversals = [*reversals(view)]
    found.claims = _claims(view)
    shown = {
        "referrals": [_shown(view, referral) for referral in referrals(view).values()],
        "work": [*_work(view)],
        "open": [*_open(findings)],
    }
    if any(shown.values()):
        found.shown = (found.shown or {}) | shown
    return found


def _claims(view: ReferralsView) -> dict[tuple[str, str], int]:
    """The places taken, each until the day after the referral ended; and that the person waits for some."""
    claims: dict[tuple[str, str], int] = {}
    for referral in referrals(view).values():
        for n, placement in enumerate(referral.placements, 1):
            ends = [left_on] if (left_on := referral.left_on(n)) is not None else []
            if n == len(referral.placements) and referral.end is not None:
                ends.append(referral.end.on)
            if placement.region == referral.region and (not ends or not view.today.after(min(ends))):
                place = placement.provider_id, item(Place(placement.intervention_id, placement.made_on))
                claims[place] = claims.get(place, 0) + 1
    for provider, waiting in waiting_claims(view):
        claims[provider, item(waiting)] = 1
    return claims


def _shown(view: ReferralsView, referral: Referral) -> dict[str, Any]:
    """A referral, for those who look after many: its stage and age, for whom, and what came of it."""
    end = referral.end
    stage: str
    if end is not None:
        stage = end.state
    elif referral.made_on is None:
        stage = "waiting" if referral.next_key in wanted_places(view) else "rejected"
    elif referral.kind == "accredited_programme" and referral.request is not None:
        stage = states_of(view, referral.referral_id).now
    else:
        stage = "made"
    report = view.case.reports.get(referral.referral_id)
    return {
        "referral_id": referral.referral_id,
        "kind": referral.kind,
        "stage": stage,
        "provider_id": referral.provider,
        "cohorts": cohorts_of(referral.sentence),
        "region": referral.region,
        "requested_on": referral.request.requested_on if referral.request else referral.made_on,
        "made_on": referral.made_on,
        "ended_on": end.on if end else None,
        "outcomes": [
            {"outcome": one.outcome, "result": one.result} for one in (report.outcomes if report else ())
        ],
    }


def _work(view: ReferralsView) -> Iterator[dict[str, Any]]:
    """The unpaid work of each requirement in hours and minutes, with stand-downs (UPW-11, UPW-8)."""
    for work in view.of_kind("unpaid_work"):
        credits = view.credits[work.key]
        sessions = view.sessions_of(work.key)
        learnt = [c for c in credits if not c.is_work]
        yield {
            "sentence_id": work.sentence.sentence_id,
            "requirement_id": work.requirement_id,
            "ordered_minutes": amount_ordered(work.versions[-1]) * MINUTES_AN_HOUR,
            "worked_minutes": credits[-1].total if credits else 0,
            "discount_minutes": credits[-1].discount if credits else 0,
            "sessions": len(sessions),
            "stood_down": sum(session.acceptable_reason == "stood_down" for session in sessions),
            "learning_without_need_minutes": sum(
                c.minutes
                for c in learnt
                if not view.employment_need_on(work.sentence.sentence_id, c.session.held_on)
            ),
        }


OPEN_ITEMS = (
    "RequirementAtRisk",
    "ReturnToCourtRequired",
    "RequirementReviewDue",
    "NeedUnmet",
    "ReferralWaiting",
    "ReferralChased",
    "EmploymentAssessmentDue",
    "ProposalNotEligible",
)
"""What waits for somebody, as the managers' views show it."""


def _open(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        kind = type(finding.event).__name__
        if kind in OPEN_ITEMS:
            need = getattr(finding.event, "need", None)
            yield {"item": kind, "key": finding.key, "due_on": finding.event.due_on, "need": need}
