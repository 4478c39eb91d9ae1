"""Service calls: who is told of a call, and which proposals can be considered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schemas.referrals import ProposalRefused, ProvidersNotified
from services.referrals.market.facts import Proposal, ServiceCall
from services.referrals.market.view import RegionView
from services.referrals.places import Qualified
from shared.engine.assessment import Finding
from shared.engine.case import Record

Refused = Literal["not_qualified", "not_matched", "after_closing", "before_call"]


def providers_notified(view: RegionView) -> Iterator[Finding]:
    """DF-1, DF-2, DF-3, DF-5: a call is told to exactly the qualified providers that match it.

    They match by need, region and groups on the day of the call, whatever their size; a provider that
    qualifies later, while the call is open, is told of it as well. Contracts and grants alike.
    """
    for call in sorted(view.case.calls.values(), key=lambda call: call.call_id):
        if not view.today.reached(call.posted_on):
            continue
        matching = list(_matching(view, call))
        yield Finding(
            event=ProvidersNotified(
                call_id=call.call_id, providers=sorted({known.provider for known in matching})
            ),
            key=call.call_id,
            rules=("DF-1", "DF-2", "DF-3", "DF-5"),
            because=(call, *(Record(event_id=known.event_id) for known in matching)),
            policy=view.policy.on(call.posted_on, view.case.subject).version,
        )


def proposal_refused(view: RegionView) -> Iterator[Finding]:
    """DF-2, DF-3: a proposal is considered if its provider is qualified and matches, and the call is open."""
    for proposal in sorted(view.case.proposals.values(), key=lambda one: one.proposal_id):
        call = view.case.calls.get(proposal.call_id)
        if call is None or not view.today.reached(proposal.submitted_on):
            continue
        reason = _refused(view, call, proposal)
        if reason is not None:
            yield Finding(
                event=ProposalRefused(
                    proposal_id=proposal.proposal_id, call_id=proposal.call_id, reason=reason
                ),
                key=proposal.proposal_id,
                rules=("DF-2", "DF-3"),
                because=(proposal, call),
                policy=view.policy.on(proposal.submitted_on, view.case.subject).version,
            )


def _refused(view: RegionView, call: ServiceCall, proposal: Proposal) -> Refused | None:
    if proposal.submitted_on > call.closes_on:
        return "after_closing"
    if proposal.submitted_on < call.posted_on:
        return "before_call"
    known = [q for q in view.qualified_on(proposal.submitted_on) if q.provider == proposal.provider_id]
    if not known:
        return "not_qualified"
    return None if any(_matches(q, call) for q in known) else "not_matched"


def _matching(view: RegionView, call: ServiceCall) -> Iterator[Qualified]:
    """Those qualified on any day on which the call was open, so far."""
    for known in view.qualified:
        since = max(known.since, call.posted_on)
        open_still = since <= call.closes_on and (known.until is None or known.until > since)
        if open_still and view.today.reached(since) and _matches(known, call):
            yield known


def _matches(known: Qualified, call: ServiceCall) -> bool:
    """Does it serve the need, and every group that the call is for?"""
    return call.need in known.needs and set(call.cohorts) <= set(known.cohorts)
