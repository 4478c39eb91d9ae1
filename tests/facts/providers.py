"""What providers and regions tell: what is on offer, and how referrals get on."""

from __future__ import annotations

from typing import Any

from tests.facts.base import Fact, Options, fact

CORE = "accommodation"


def qualified(
    day: str,
    needs: str = CORE,
    *,
    id: str = "V1",
    regions: str = "london",
    cohorts: str = "",
    specialist: bool = False,
    **options: Options,
) -> Fact:
    """A provider is qualified from that day on."""
    data = {
        "provider_id": id,
        "name": f"Provider {id}",
        "qualified_on": day,
        "needs": needs.split(),
        "cohorts": cohorts.split(),
        "regions": regions.split(),
        "specialist": specialist,
    }
    return fact("ProviderQualified", day, data, {"subject": id, **options})


def listed(
    day: str,
    needs: str = CORE,
    *,
    id: str = "I1",
    provider: str = "V1",
    kind: str = "commissioned_service",
    programme: str | None = None,
    places: int = 1,
    pdus: str = "",
    starts: str = "",
    **options: Options,
) -> Fact:
    """An intervention is listed, by default a service of V1 for accommodation with one place in London."""
    data: dict[str, Any] = {
        "intervention_id": id,
        "provider_id": provider,
        "kind": kind,
        "programme": programme,
        "needs": [] if programme else needs.split(),
        "sessions": 8,
        "delivery": "one_to_one",
        "approval_ref": "EIP-1" if kind == "structured_intervention" else None,
        "region": "london",
        "pdus": pdus.split(),
        "location": "Camden",
        "capacity": places,
        "starts_on": starts.split(),
        "listed_on": day,
    }
    return fact("InterventionListed", day, data, {"subject": provider, **options})


def unlisted(day: str, *, id: str = "I1", provider: str = "V1", **options: Options) -> Fact:
    """An intervention is withdrawn."""
    data = {"intervention_id": id, "withdrawn_on": day, "reason": "demand fell"}
    return fact("InterventionWithdrawn", day, data, {"subject": provider, **options})


def called(
    day: str, need: str = CORE, *, id: str = "K1", closes: str, cohorts: str = "", **options: Options
) -> Fact:
    """A region asks for proposals."""
    data = {
        "call_id": id,
        "region": "london",
        "need": need,
        "cohorts": cohorts.split(),
        "funding": "grant",
        "posted_on": day,
        "closes_on": closes,
    }
    return fact("ServiceCallPosted", day, data, {"subject": "london", **options})


def proposed(day: str, *, id: str = "O1", call: str = "K1", provider: str = "V1", **options: Options) -> Fact:
    """A provider submits a proposal."""
    data = {"proposal_id": id, "call_id": call, "provider_id": provider, "submitted_on": day}
    return fact("ProposalSubmitted", day, data, {"subject": "london", **options})


def awarded(day: str, proposal: str = "O1", *, id: str = "K1", **options: Options) -> Fact:
    """A region chooses a proposal."""
    data = {"call_id": id, "proposal_id": proposal, "awarded_on": day}
    return fact("ServiceCallAwarded", day, data, {"subject": "london", **options})


def consulted(day: str, voices: str = "councils", *, id: str = "N1", **options: Options) -> Fact:
    """A region consults its communities about unpaid work."""
    data = {"consultation_id": id, "region": "london", "held_on": day, "voices": voices.split()}
    return fact("ConsultationRecorded", day, data, {"subject": "london", **options})


def delivery_suspended(
    day: str, kind: str = "contact", *, id: str = "Z1", region: str = "london", **options: Options
) -> Fact:
    """A region, London unless said otherwise, does not deliver a kind of work from that day on."""
    data = {"suspension_id": id, "region": region, "kind": kind, "from": day}
    return fact("DeliverySuspended", day, data, {"subject": region, **options})


def delivery_resumed(day: str, *, id: str = "Z1", region: str = "london", **options: Options) -> Fact:
    """A region delivers again what it had suspended."""
    data = {"suspension_id": id, "region": region, "resumed_on": day}
    return fact("DeliveryResumed", day, data, {"subject": region, **options})


def accepted(day: str, *, id: str = "F1", provider: str = "V1", **options: Options) -> Fact:
    """The provider accepts a referral."""
    data = {"referral_id": id, "provider_id": provider, "accepted_on": day}
    return fact("ReferralAccepted", day, data, options)


def declined(day: str, *, id: str = "F1", provider: str = "V1", **options: Options) -> Fact:
    """The provider declines a referral."""
    data = {"referral_id": id, "provider_id": provider, "declined_on": day}
    return fact("ReferralDeclined", day, data, options)


def first_assessment(day: str, *, id: str = "F1", **options: Options) -> Fact:
    """The provider holds the initial assessment."""
    return fact("InitialAssessmentDelivered", day, {"referral_id": id, "delivered_on": day}, options)


def action_plan(day: str, sessions: int | None = None, *, id: str = "F1", **options: Options) -> Fact:
    """The provider submits its action plan."""
    data = {"referral_id": id, "submitted_on": day, "sessions": sessions}
    return fact("ActionPlanSubmitted", day, data, options)


def concluded(day: str, *, id: str = "F1", **options: Options) -> Fact:
    """The provider concludes a referral."""
    return fact("ReferralConcluded", day, {"referral_id": id, "concluded_on": day}, options)


def end_report(day: str, outcomes: str = "", *, id: str = "F1", **options: Options) -> Fact:
    """The provider's end of service report, with the results written `home:achieved work:partly`."""
    results = [part.split(":") for part in outcomes.split()]
    data = {
        "referral_id": id,
        "submitted_on": day,
        "outcomes": [{"outcome": outcome, "result": result} for outcome, result in results],
    }
    return fact("EndOfServiceReportSubmitted", day, data, options)


def handed_over(
    day: str, to: str | None = "V2", *, id: str = "F1", provider: str | None = "V1", **options: Options
) -> Fact:
    """Another provider goes on with a referral."""
    data = {"referral_id": id, "from_provider": provider, "to_provider": to, "transferred_on": day}
    return fact("ReferralTransferred", day, data, options)


def status(day: str, status: str, *, id: str = "F1", **options: Options) -> Fact:
    """The state of a referral to a programme changes."""
    data = {"referral_id": id, "status": status, "changed_on": day}
    return fact("ProgrammeStatusChanged", day, data, options)


def placement(
    day: str,
    minutes: int = 30,
    *,
    id: str = "W1",
    requirement: str = "UPW",
    women: bool = True,
    **options: Options,
) -> Fact:
    """A placement of unpaid work is offered, so many minutes away."""
    data = {
        "placement_id": id,
        "requirement_id": requirement,
        "offered_on": day,
        "travel_minutes": minutes,
        "suits_women": women,
        "location": "Camden",
    }
    return fact("PlacementOffered", day, data, options)
