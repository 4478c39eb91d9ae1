"""Strategies: what providers and regions say of interventions, calls and referrals."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from schemas.envelope import Data
from schemas.prison import TemporaryReleaseGranted
from schemas.providers import (
    ActionPlanSubmitted,
    ConsultationRecorded,
    EndOfServiceReportSubmitted,
    InitialAssessmentDelivered,
    InterventionListed,
    InterventionWithdrawn,
    ProgrammeStatusChanged,
    ProposalSubmitted,
    ProviderQualified,
    ReferralAccepted,
    ReferralConcluded,
    ReferralDeclined,
    ReferralTransferred,
    ReportedOutcome,
    ServiceCallAwarded,
    ServiceCallPosted,
)
from schemas.referrals import ReferralMade
from tests.engine.facts import FIRST, TURNS, any_event, requirement_ids
from tests.engine.running import ONE_DAY

referrals = st.sampled_from(["F1", "F1", "F2"])
providers = st.sampled_from(["V1", "V1", "V2"])
interventions = st.sampled_from(["I1", "I1", "I2"])
SUBJECTS = {"provider": providers, "region": st.just("london")}
"""Of whom an event is that does not say so in its data, if not of a person."""
calls = st.sampled_from(["Q1", "Q2"])
proposals = st.sampled_from(["O1", "O2"])
turns = st.sampled_from([FIRST, *TURNS])
kinds = st.sampled_from(["treatment", "accredited_programme", "commissioned_service"])
needs: st.SearchStrategy[Any] = st.sampled_from(["accommodation", "emotional_management"])
programmes = st.sampled_from([None, "TSP", "BUILDING_CHOICES"])
results = st.builds(
    ReportedOutcome,
    outcome=st.sampled_from(["home", "work"]),
    result=st.sampled_from(["achieved", "partly", "not_achieved"]),
)


@st.composite
def service_calls(draw: st.DrawFn) -> Data:
    posted_on = draw(turns)
    call: Data = draw(
        any_event(
            ServiceCallPosted,
            call_id=calls,
            region=st.just("london"),
            need=needs,
            posted_on=st.just(posted_on),
            closes_on=st.sampled_from([posted_on, posted_on + 14 * ONE_DAY]),
        )
    )
    return call


@st.composite
def temporary_releases(draw: st.DrawFn) -> Data:
    first = draw(turns)
    released: Data = draw(
        any_event(
            TemporaryReleaseGranted,
            grant_id=st.sampled_from(["G1", "G2"]),
            from_=st.just(first),
            until=st.sampled_from([first, first + 3 * ONE_DAY]),
        )
    )
    return released


PROVIDERS: dict[type[Data], st.SearchStrategy[Any]] = {
    ProviderQualified: any_event(
        ProviderQualified,
        provider_id=providers,
        name=st.just("Provider"),
        needs=st.lists(needs, min_size=1, max_size=2, unique=True),
        regions=st.just(["london"]),
        qualified_on=turns,
    ),
    InterventionListed: any_event(
        InterventionListed,
        intervention_id=interventions,
        provider_id=providers,
        kind=kinds,
        programme=programmes,
        needs=st.lists(needs, max_size=2, unique=True),
        sessions=st.sampled_from([1, 8, 30]),
        sex=st.sampled_from(["any", "any", "female", "male"]),
        region=st.just("london"),
        pdus=st.sampled_from([[], ["Camden"]]),
        location=st.just("Camden"),
        capacity=st.sampled_from([0, 1, 1, 12]),
        starts_on=st.lists(turns, max_size=2, unique=True),
        listed_on=turns,
    ),
    InterventionWithdrawn: any_event(InterventionWithdrawn, intervention_id=interventions),
    ServiceCallPosted: service_calls(),
    ProposalSubmitted: any_event(
        ProposalSubmitted, proposal_id=proposals, call_id=calls, provider_id=providers
    ),
    ServiceCallAwarded: any_event(ServiceCallAwarded, call_id=calls, proposal_id=proposals),
    ConsultationRecorded: any_event(
        ConsultationRecorded,
        consultation_id=st.just("N1"),
        region=st.just("london"),
        voices=st.lists(st.sampled_from(["councils", "residents"]), max_size=2, unique=True),
    ),
    ReferralAccepted: any_event(ReferralAccepted, referral_id=referrals, provider_id=providers),
    ReferralDeclined: any_event(ReferralDeclined, referral_id=referrals, provider_id=providers),
    InitialAssessmentDelivered: any_event(InitialAssessmentDelivered, referral_id=referrals),
    ActionPlanSubmitted: any_event(
        ActionPlanSubmitted, referral_id=referrals, sessions=st.sampled_from([None, 1, 8])
    ),
    EndOfServiceReportSubmitted: any_event(
        EndOfServiceReportSubmitted, referral_id=referrals, outcomes=st.lists(results, max_size=2)
    ),
    ReferralConcluded: any_event(ReferralConcluded, referral_id=referrals),
    ReferralTransferred: any_event(
        ReferralTransferred,
        referral_id=referrals,
        from_provider=st.none() | providers,
        to_provider=st.none() | providers,
    ),
    ProgrammeStatusChanged: any_event(ProgrammeStatusChanged, referral_id=referrals, changed_on=turns),
    ReferralMade: any_event(
        ReferralMade,
        referral_id=referrals,
        requirement_id=st.none() | requirement_ids,
        kind=kinds,
        intervention_id=interventions,
        provider_id=providers,
        region=st.just("london"),
        need=st.none() | needs,
        cohorts=st.just([]),
        desired_outcomes=st.just(["home"]),
        programme=programmes,
    ),
    TemporaryReleaseGranted: temporary_releases(),
}
