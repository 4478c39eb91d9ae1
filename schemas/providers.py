"""Topic ``providers``: who delivers interventions, what they offer, and what they report."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Upstream
from schemas.scalars import Code, Count, Date, Id, Minutes, Name, Text
from schemas.words import (
    AcceptableReason,
    CoreNeed,
    ListedNeed,
    Outcome,
    OutcomeResult,
    ProgrammeStatus,
    ReferralKind,
    Region,
    ServiceCohort,
    SuspendedWork,
)


class ProviderQualified(Upstream):
    """A provider passed the qualification. Subject: the provider."""

    provider_id: Id = Field(description="The provider.")
    name: Name = Field(description="Name of the provider.")
    qualified_on: Date = Field(description="First day on which it is qualified.")
    needs: list[CoreNeed] = Field(description="Core needs it serves.")
    cohorts: list[ServiceCohort] = Field(default=[], description="Groups it serves.")
    regions: list[Region] = Field(description="Regions it works in.")
    specialist: bool = Field(default=False, description="A specialist or small voluntary organisation.")


class InterventionListed(Upstream):
    """An intervention was listed. Subject: the provider."""

    intervention_id: Id = Field(description="The intervention.")
    provider_id: Id = Field(description="The provider.")
    kind: ReferralKind = Field(description="Kind of intervention.")
    programme: Code | None = Field(default=None, description="Code of the programme, if it is a programme.")
    needs: list[ListedNeed] = Field(default=[], description="Needs it meets.")
    sessions: Count = Field(description="Number of sessions.")
    delivery: Literal["group", "one_to_one"] = Field(description="In a group or one to one.")
    approval_ref: Name | None = Field(default=None, description="Approval reference, if approved.")
    sex: Literal["any", "female", "male"] = Field(default="any", description="Whom it is for.")
    region: Region = Field(description="Region where it runs.")
    pdus: list[Name] = Field(
        default=[], max_length=200, description="Probation delivery units it serves; empty: the whole region."
    )
    location: Name = Field(description="Where it takes place.")
    capacity: Count = Field(description="Places.")
    starts_on: list[Date] = Field(
        default=[], max_length=500, description="Start dates; empty: rolling start."
    )
    listed_on: Date = Field(description="First day on which it is available.")
    adapted_for: list[Code] = Field(
        default=[],
        max_length=20,
        description="Groups that it is adapted for, for example learning_difficulty or neurodiversity.",
    )


class InterventionWithdrawn(Upstream):
    """An intervention is no longer available. Subject: the provider."""

    intervention_id: Id = Field(description="The intervention.")
    withdrawn_on: Date = Field(description="First day on which it is not available.")
    reason: Text | None = Field(default=None, description="Why.")


class ServiceCallPosted(Upstream):
    """A region invited proposals for a service. Subject: the region."""

    call_id: Id = Field(description="The call.")
    region: Region = Field(description="The region.")
    need: CoreNeed = Field(description="The need to meet.")
    cohorts: list[ServiceCohort] = Field(default=[], description="Groups it is for.")
    funding: Literal["contract", "grant"] = Field(description="Contract or grant.")
    posted_on: Date = Field(description="Date of the call.")
    closes_on: Date = Field(description="Closing date for proposals.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.closes_on < self.posted_on:
            raise ValueError("closes_on is before posted_on")
        return self


class ProposalSubmitted(Upstream):
    """A provider submitted a proposal. Subject: the region."""

    proposal_id: Id = Field(description="The proposal.")
    call_id: Id = Field(description="The call it answers.")
    provider_id: Id = Field(description="The provider.")
    submitted_on: Date = Field(description="Date of submission.")


class ServiceCallAwarded(Upstream):
    """A region chose a proposal. Subject: the region."""

    call_id: Id = Field(description="The call.")
    proposal_id: Id = Field(description="The proposal chosen.")
    awarded_on: Date = Field(description="Date of the award.")


class ReferralAccepted(Upstream):
    """The provider accepted the referral."""

    referral_id: Id = Field(description="The referral.")
    provider_id: Id = Field(description="The provider.")
    accepted_on: Date = Field(description="Date of acceptance.")


class ReferralDeclined(Upstream):
    """The provider declined the referral."""

    referral_id: Id = Field(description="The referral.")
    provider_id: Id = Field(description="The provider.")
    declined_on: Date = Field(description="Date of the refusal.")
    reason: Text | None = Field(default=None, description="Why.")


class PlacementOffered(Upstream):
    """An unpaid work placement was offered."""

    placement_id: Id = Field(description="The placement.")
    requirement_id: Id = Field(description="The unpaid-work requirement.")
    offered_on: Date = Field(description="Date of the offer.")
    travel_minutes: Minutes = Field(description="Travel time each way, in minutes.")
    suits_women: bool = Field(description="Suitable for women.")
    location: Name = Field(description="Where it is.")


class SessionRecorded(Upstream):
    """A session of an intervention or of unpaid work was recorded."""

    session_id: Id = Field(description="The session.")
    sentence_id: Id = Field(description="The sentence it was under.")
    referral_id: Id | None = Field(default=None, description="The referral it was part of, if any.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    held_on: Date = Field(description="Date of the session.")
    activity: Literal["session", "unpaid_work", "employment_training_education"] = Field(
        description="Activity in the session."
    )
    minutes: Minutes = Field(description="Minutes attended.")
    outcome: Outcome = Field(description="Outcome of the session.")
    acceptable_reason: AcceptableReason | None = Field(
        default=None, description="Why the absence is acceptable; null for other outcomes."
    )
    national_standard: bool = Field(description="Counts towards contact standards and is enforceable.")
    travel_credit_minutes: Minutes = Field(
        default=0, description="Minutes of travel to be credited as unpaid work, beside those attended."
    )
    penalty_minutes: Minutes = Field(
        default=0, description="Minutes attended that do not count, for example for late arrival."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.outcome == "acceptable_absence" and self.acceptable_reason is None:
            raise ValueError("acceptable_reason is required for an acceptable absence")
        return self


class ActionPlanSubmitted(Upstream):
    """The provider submitted its action plan."""

    referral_id: Id = Field(description="The referral.")
    submitted_on: Date = Field(description="Date of submission.")
    sessions: Count | None = Field(default=None, description="Number of sessions planned, if known.")


class InitialAssessmentDelivered(Upstream):
    """The provider held the initial assessment."""

    referral_id: Id = Field(description="The referral.")
    delivered_on: Date = Field(description="Date of the assessment.")


class ReportedOutcome(Data):
    """How far one desired outcome was reached."""

    outcome: Name = Field(description="The desired outcome, as in the referral.")
    result: OutcomeResult = Field(description="How far it was reached.")


class EndOfServiceReportSubmitted(Upstream):
    """The provider submitted its end of service report."""

    referral_id: Id = Field(description="The referral.")
    submitted_on: Date = Field(description="Date of submission.")
    outcomes: list[ReportedOutcome] = Field(
        default=[], max_length=50, description="Results of the desired outcomes."
    )


class ReferralConcluded(Upstream):
    """The provider concluded the referral."""

    referral_id: Id = Field(description="The referral.")
    concluded_on: Date = Field(description="Last day.")


class ReferralTransferred(Upstream):
    """Another provider took over the referral, with all that was done under it."""

    referral_id: Id = Field(description="The referral.")
    from_provider: Id | None = Field(
        default=None, description="The provider until then; null for the Probation Service itself."
    )
    to_provider: Id | None = Field(
        default=None, description="The provider from then on; null for the Probation Service itself."
    )
    transferred_on: Date = Field(description="First day with the new provider.")


class ProgrammeStatusChanged(Upstream):
    """The state of a referral to an accredited programme changed."""

    referral_id: Id = Field(description="The referral.")
    status: ProgrammeStatus = Field(description="The new state.")
    changed_on: Date = Field(description="Date of the change.")
    reason: Text | None = Field(default=None, description="Why.")


class ConsultationRecorded(Upstream):
    """A region consulted its communities about unpaid work. Subject: the region."""

    consultation_id: Id = Field(description="The consultation.")
    region: Region = Field(description="The region.")
    held_on: Date = Field(description="Date of the consultation.")
    voices: list[Name] = Field(default=[], max_length=50, description="Who was heard: kinds of groups.")


class DeliverySuspended(Upstream):
    """A region stopped delivering a kind of work. Subject: the region."""

    suspension_id: Id = Field(description="The suspension.")
    region: Region = Field(description="The region.")
    kind: SuspendedWork = Field(description="What is not delivered.")
    from_: Date = Field(alias="from", description="First day without delivery.")


class DeliveryResumed(Upstream):
    """A region delivers again what it had suspended. Subject: the region."""

    suspension_id: Id = Field(description="The suspension that is over.")
    region: Region | None = Field(default=None, description="The region.")
    kind: SuspendedWork | None = Field(default=None, description="What is delivered again.")
    resumed_on: Date = Field(description="First day with delivery.")
