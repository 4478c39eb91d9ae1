"""The facts about a person that only the referrals service joins, as its rules see them."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from schemas.words import (
    AcceptableReason,
    ListedNeed,
    Outcome,
    OutcomeResult,
    ProgrammeStatus,
    ReferralKind,
    Region,
)
from shared.engine.case import Record
from shared.probation import facts
from shared.probation.facts import Person

ACTIVITIES: tuple[ReferralKind, ...] = ("structured_intervention", "commissioned_service")
"""The kinds of referral that on an order are made within a RAR (RAR-8), and concluded by a report (DF-15)."""


class Session(Record, frozen=True, kw_only=True):
    """`SessionRecorded`, by a provider. Of the `minutes` attended, `penalty_minutes` do not count."""

    session_id: str
    sentence_id: str
    referral_id: str | None
    requirement_id: str | None
    held_on: date
    activity: str
    minutes: int
    outcome: Outcome
    acceptable_reason: AcceptableReason | None = None
    travel_credit_minutes: int = 0
    penalty_minutes: int = 0


class ReferralRequest(Record, frozen=True, kw_only=True):
    """`ReferralRequested`. `requirement_id` is the requirement that it meets, if any.

    `overridden`: a reason was given for departing from the order of choice or the planned sequence; the
    reason itself is not kept.
    """

    referral_id: str
    sentence_id: str
    requirement_id: str | None
    requested_on: date
    kind: ReferralKind
    programme: str | None
    need: ListedNeed | None
    ready_to_start: bool
    consented: bool | None
    overridden: bool
    desired_outcomes: tuple[str, ...]


def read_request(data: Any) -> ReferralRequest:
    """The record of a request for a referral."""
    return ReferralRequest(
        referral_id=data.referral_id,
        sentence_id=data.sentence_id,
        requirement_id=data.requirement_id,
        requested_on=data.requested_on,
        kind=data.kind,
        programme=data.programme,
        need=data.need,
        ready_to_start=data.ready_to_start,
        consented=data.consented,
        overridden=bool(data.override_reason and data.override_reason.strip()),
        desired_outcomes=tuple(data.desired_outcomes),
    )


class Placement(Record, frozen=True, kw_only=True):
    """`ReferralMade`, decided by this service: the place that a requested referral took."""

    referral_id: str
    intervention_id: str
    provider_id: str
    made_on: date
    region: Region
    sessions: int | None = None


class Acceptance(Record, frozen=True, kw_only=True):
    """`ReferralAccepted`."""

    referral_id: str
    provider_id: str
    accepted_on: date


class Decline(Record, frozen=True, kw_only=True):
    """`ReferralDeclined`."""

    referral_id: str
    provider_id: str
    declined_on: date


class InitialAssessment(Record, frozen=True, kw_only=True):
    """`InitialAssessmentDelivered`."""

    referral_id: str
    delivered_on: date


class ActionPlan(Record, frozen=True, kw_only=True):
    """`ActionPlanSubmitted`. `sessions` is how many are planned, if the provider said so."""

    referral_id: str
    submitted_on: date
    sessions: int | None = None


class ReportedOutcome(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How far a desired outcome was reached."""

    outcome: str
    result: OutcomeResult


class Report(Record, frozen=True, kw_only=True):
    """`EndOfServiceReportSubmitted`."""

    referral_id: str
    submitted_on: date
    outcomes: tuple[ReportedOutcome, ...] = ()


class Conclusion(Record, frozen=True, kw_only=True):
    """`ReferralConcluded`, by the provider."""

    referral_id: str
    concluded_on: date


class ProviderChange(Record, frozen=True, kw_only=True):
    """`ReferralTransferred`: another provider goes on with the referral (PROV-6)."""

    referral_id: str
    to_provider: str | None
    transferred_on: date


class StatusChange(Record, frozen=True, kw_only=True):
    """`ProgrammeStatusChanged`."""

    referral_id: str
    status: ProgrammeStatus
    changed_on: date


class PlacementOffer(Record, frozen=True, kw_only=True):
    """`PlacementOffered`: a place of unpaid work. `travel_minutes` are each way."""

    placement_id: str
    requirement_id: str
    offered_on: date
    travel_minutes: int
    suits_women: bool


class EmploymentAssessment(Record, frozen=True, kw_only=True):
    """`EmploymentNeedAssessed`: the need for education, training and employment."""

    sentence_id: str
    assessed_on: date
    has_need: bool


class RarAllocation(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """RAR days set aside for a need."""

    requirement_id: str
    need: str
    days: int


class Plan(Record, frozen=True, kw_only=True):
    """`SentencePlanCompleted`. `sequence` are requirement ids in their planned order."""

    plan_id: str
    sentence_id: str
    completed_on: date
    rar_allocations: tuple[RarAllocation, ...] = ()
    sequence: tuple[str, ...] = ()
    needs_planned: tuple[str, ...] = ()


class Assessment(facts.RiskAssessment, frozen=True, kw_only=True):
    """`RiskAssessed`, with what eligibility for programmes looks at (AP-11, AP-12)."""

    sara: str | None = None
    pni: str | None = None
    ldc: int | None = None


class ReportRequest(Record, frozen=True, kw_only=True):
    """`PreSentenceReportRequested`."""

    report_id: str
    requested_on: date
    region: Region
    person: Person
    partner_violence: bool
    sexual_offence: bool
    extremism_offence: bool
    ogrs: int | None
    complex: bool = False
    short_custody_risk: bool = False


class ProposedRequirement(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One requirement that a report proposes."""

    programme: str | None


class Proposal(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a report proposes to the court."""

    requirements: tuple[ProposedRequirement, ...]


class ReportDelivery(Record, frozen=True, kw_only=True):
    """`PreSentenceReportDelivered`."""

    report_id: str
    delivered_on: date
    format: str
    proposal: Proposal | None = None
