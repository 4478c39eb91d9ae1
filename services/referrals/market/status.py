"""Where a provider and a region stand: for the engine, and for those who query them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.referrals import CoverageGapDetected, ProvidersNotified
from services.referrals.market.listings import offers, usable
from services.referrals.market.view import ProviderView, RegionView, pools_of
from services.referrals.places import Qualified, Told, claims
from shared.engine.assessment import Finding, Overview
from shared.probation.delivery import delivery_notice


def provider_overview(view: ProviderView, findings: Sequence[Finding]) -> Overview:  # noqa: ARG001
    """The pools in which people find its interventions, and what it tells its regions."""
    told: dict[str, list[Told]] = defaultdict(list)
    for region, qualified in _qualified(view):
        told[region].append(qualified)
    for region, offer in offers(view):
        told[region].append(offer)
    listed = usable(view)
    return Overview(
        status="listed" if listed else "qualified" if view.qualification else "not_qualified",
        pools=tuple(sorted({pool for listing in listed for pool in pools_of(listing)})),
        claims={claim: n for region, of in told.items() for claim, n in claims(region, of).items()},
        shown={
            "specialist": view.qualification.specialist if view.qualification else None,
            "interventions": [
                {
                    "intervention_id": listing.intervention_id,
                    "kind": listing.kind,
                    "meets": listing.meets,
                    "region": listing.region,
                    "places": view.places(listing),
                    "free": view.occupied(listing.intervention_id).free(view.places(listing)),
                    "waiting": sum(
                        one.until is None for one in view.occupied(listing.intervention_id).waiting
                    ),
                    "next_start_on": listing.next_start(view.today.date),
                }
                for listing in listed
            ],
        },
    )


def _qualified(view: ProviderView) -> Iterator[tuple[str, Qualified]]:
    """Each qualification with the day on which the next one takes its place, for each of its regions."""
    ordered = sorted(view.case.qualifications.values(), key=lambda q: q.qualified_on)
    for known, following in pairwise([*ordered, None]):
        assert known is not None
        for region in known.regions:
            yield (
                region,
                Qualified(
                    provider=known.provider_id,
                    needs=known.needs,
                    cohorts=known.cohorts,
                    specialist=known.specialist,
                    since=known.qualified_on,
                    until=following.qualified_on if following else None,
                    event_id=known.event_id,
                ),
            )


def region_overview(view: RegionView, findings: Sequence[Finding]) -> Overview:
    """What is on offer and what is missing; calls with who was reached; consultations (DF-5, UPW-21)."""
    specialists = {known.provider for known in view.qualified if known.specialist}
    notified = {
        told.call_id: told.providers
        for told in (finding.event for finding in findings)
        if isinstance(told, ProvidersNotified)
    }
    return Overview(
        status="region",
        region=view.case.subject,
        notice=delivery_notice(view.case),
        shown={
            "calls": [
                {
                    "call_id": call.call_id,
                    "need": call.need,
                    "funding": call.funding,
                    "posted_on": call.posted_on,
                    "notified": len(notified.get(call.call_id, ())),
                    "specialists": sum(p in specialists for p in notified.get(call.call_id, ())),
                    "awarded_to": _awarded(view, call.call_id),
                }
                for call in sorted(view.case.calls.values(), key=lambda c: c.call_id)
            ],
            "consultations": [
                {"consultation_id": held.consultation_id, "held_on": held.held_on, "voices": held.voices}
                for held in sorted(view.case.consultations.values(), key=lambda c: c.consultation_id)
            ],
            "gaps": [
                {
                    "kind": gap.kind,
                    "what": gap.programme or gap.need,
                    "pdu": gap.pdu,
                    "cohort": gap.cohorts[0] if gap.cohorts else None,
                    "severity": gap.severity,
                }
                for gap in (finding.event for finding in findings)
                if isinstance(gap, CoverageGapDetected)
            ],
        },
    )


def _awarded(view: RegionView, call_id: str) -> str | None:
    """The provider to which a call was awarded."""
    award = view.case.awards.get(call_id)
    proposal = view.case.proposals.get(award.proposal_id) if award else None
    return proposal.provider_id if proposal else None
