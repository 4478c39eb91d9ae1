"""Topic ``referrals``: referrals to interventions, and progress on requirements."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Published
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Minutes, Name
from schemas.words import (
    CoreNeed,
    InterventionNeed,
    OutcomeResult,
    ProgrammeStatus,
    ReferralKind,
    Region,
    RequirementKind,
    ServiceCohort,
)

Step = Literal[
    "acceptance",
    "initial_assessment",
    "action_plan",
    "start",
    "end_of_service_report",
    "outcomes",
    "declined",
]


class EligibilityAssessed(Published):
    """Which programmes a person is eligible for, before sentence or during it."""

    report_id: Id | None = Field(default=None, description="The pre-sentence report, if made for one.")
    sentence_id: Id | None = Field(default=None, description="The sentence, if made for one.")
    eligible: list[Code] = Field(description="Codes of the eligible programmes.")
    excluded: dict[Code, Code] = Field(description="Codes of the other programmes, each with the reason.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.report_id is None) == (self.sentence_id is None):
            raise ValueError("either report_id or sentence_id is required")
        return self


class ConsideredIntervention(Data):
    """An intervention that was considered for a referral."""

    intervention_id: Id = Field(description="The intervention.")
    result: Literal["chosen", "place_free", "full", "kept_for_others", "not_suitable"] = Field(
        description="What came of it; kept_for_others: its free places are due to people who waited longer.",
        json_schema_extra=OPEN_LIST,
    )


class ReferralMade(Published):
    """A referral was made to an intervention."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id | None = Field(default=None, description="The requirement it is for, if any.")
    kind: ReferralKind = Field(description="Kind of intervention.")
    intervention_id: Id | None = Field(default=None, description="The intervention, if one was chosen.")
    provider_id: Id | None = Field(
        default=None, description="The provider; null for the Probation Service itself."
    )
    need: InterventionNeed | None = Field(default=None, description="The need to meet.")
    cohorts: list[ServiceCohort] = Field(description="Groups that the person belongs to.")
    desired_outcomes: list[Name] = Field(description="Desired outcomes.")
    made_on: Date = Field(description="Date of the referral.")
    programme: Code | None = Field(default=None, description="Code of the programme, if it is one.")
    sessions: Count | None = Field(default=None, description="Number of sessions, if it has a fixed number.")
    region: Region | None = Field(default=None, description="Region in which the place was taken.")
    pdu: Name | None = Field(default=None, description="Probation delivery unit it was taken for.")
    considered: list[ConsideredIntervention] = Field(
        default=[], description="The interventions that were considered, if one was chosen."
    )
    transferred_on: Date | None = Field(
        default=None, description="Date on which this provider took over from another, if one did."
    )


class ReferralRejected(Published):
    """A requested referral was rejected."""

    referral_id: Id = Field(description="The referral requested.")
    reason: Literal[
        "not_eligible",
        "programme_first",
        "not_ready",
        "no_sentence_plan",
        "no_consent",
        "no_outcome",
        "no_place",
        "not_approved",
        "no_rar",
        "no_condition",
        "out_of_sequence",
        "need_met_by_programme",
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)


class CoverageGapDetected(Published):
    """A need is not covered in a region. Open item. Subject: the region."""

    region: Region = Field(description="The region.")
    pdu: Name | None = Field(
        default=None, description="The probation delivery unit; null for the whole region."
    )
    need: InterventionNeed = Field(description="The need that is not covered.")
    cohorts: list[ServiceCohort] = Field(description="Groups that are not covered.")
    kind: ReferralKind | None = Field(default=None, description="Kind of intervention that is missing.")
    programme: Code | None = Field(default=None, description="Code of the programme, if it is one.")
    severity: Literal["gap", "not_yet_commissioned"] | None = Field(
        default=None,
        description="Whether it must be available by now, or is not yet commissioned.",
        json_schema_extra=OPEN_LIST,
    )
    due_on: Date | None = Field(default=None, description="No rule sets a date by which to act: null.")


class ListingRefused(Published):
    """A listed intervention may not be used. Subject: the provider."""

    intervention_id: Id = Field(description="The intervention.")
    reason: Literal[
        "too_few_sessions",
        "no_approval",
        "reserved_to_public_service",
        "provider_not_qualified",
        "need_not_in_force",
        "no_programme",
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)


class AvailabilityChanged(Published):
    """Free places and people waiting of an intervention, as the day began. Subject: the region."""

    region: Region = Field(description="The region.")
    intervention_id: Id = Field(description="The intervention.")
    provider_id: Id = Field(description="The provider.")
    free: Count = Field(description="Free places.")
    waiting: Count = Field(description="People waiting.")
    next_start_on: Date | None = Field(default=None, description="Next start; null: a rolling start.")


class ProposalRefused(Published):
    """A proposal for a service call cannot be considered. Subject: the region."""

    proposal_id: Id = Field(description="The proposal.")
    call_id: Id = Field(description="The call.")
    reason: Literal["not_qualified", "not_matched", "after_closing", "before_call"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )


class NeedUnmet(Published):
    """Nothing is listed that would meet a planned need of the person. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    need: CoreNeed = Field(description="The need.")
    pdu: Name = Field(description="Probation delivery unit.")
    cohorts: list[ServiceCohort] = Field(description="Groups that the person belongs to.")
    since: Date = Field(description="Date from which it has been unmet.")
    due_on: Date | None = Field(default=None, description="No rule sets a date by which to act: null.")


class ReferralWaiting(Published):
    """A referral waits for a place. Open item."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    interventions: list[Id] = Field(description="The interventions whose places are all taken.")
    since: Date = Field(description="Date from which it has waited: that of the request.")
    due_on: Date | None = Field(default=None, description="No rule sets a date by which to act: null.")


class ReferralPaused(Published):
    """A referral rests."""

    referral_id: Id = Field(description="The referral.")
    reason: Literal["recall", "custody", "delivery_suspended"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )
    from_: Date = Field(alias="from", description="First day on which it rests.")


class ReferralResumed(Published):
    """A referral that rested goes on."""

    referral_id: Id = Field(description="The referral.")
    reason: Literal["recall", "custody", "delivery_suspended"] = Field(
        description="Why it had rested.", json_schema_extra=OPEN_LIST
    )
    from_: Date = Field(alias="from", description="First day on which it goes on.")


class ReferralEnded(Published):
    """A referral came to its end."""

    referral_id: Id = Field(description="The referral.")
    state: Literal["completed", "prematurely_ended", "cancelled", "withdrawn", "returned_to_court"] = Field(
        description="How it ended.", json_schema_extra=OPEN_LIST
    )
    ended_on: Date = Field(description="Last day of the referral.")


class ReferralStatusRefused(Published):
    """A state of a referral to a programme cannot follow on the one before, and is ignored."""

    referral_id: Id = Field(description="The referral.")
    from_: ProgrammeStatus = Field(alias="from", description="The state that stands.")
    to: ProgrammeStatus = Field(description="The state that was refused.")
    changed_on: Date = Field(description="Date of the refused change.")


class OutcomeRecorded(Published):
    """How far a desired outcome of a referral was reached, at its end."""

    referral_id: Id = Field(description="The referral.")
    outcome: Name = Field(description="The desired outcome.")
    result: OutcomeResult = Field(description="How far it was reached.")


class ProposalNotEligible(Published):
    """A report proposes a programme for which the person was assessed as not eligible. Open item."""

    report_id: Id = Field(description="The report.")
    programme: Code = Field(description="Code of the programme.")
    reason: Code = Field(description="Why the person is not eligible.")
    due_on: Date | None = Field(default=None, description="No rule sets a date by which to act: null.")


class AccessGranted(Published):
    """The provider may see the assessment and the contact record."""

    referral_id: Id = Field(description="The referral.")
    provider_id: Id = Field(description="The provider.")
    from_: Date = Field(alias="from", description="First day of the access.")


class AccessEnded(Published):
    """The provider may no longer see the assessment and the contact record."""

    referral_id: Id = Field(description="The referral.")
    provider_id: Id = Field(description="The provider.")
    until: Date = Field(description="Last day of the access.")


class ProviderRecordLate(Published):
    """A provider recorded attendance later than it must."""

    session_id: Id = Field(description="The session.")
    referral_id: Id | None = Field(default=None, description="The referral, if there is one.")
    requirement_id: Id | None = Field(default=None, description="The requirement, if there is one.")
    due_on: Date = Field(description="Date by which it was due.")


class EmploymentAssessmentDue(Published):
    """The person's need for education, training and employment must be assessed. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id = Field(description="The unpaid-work requirement.")
    due_on: Date = Field(description="Date by which it is due.")


class AllocatedDays(Data):
    """RAR days set aside for a need."""

    need: Code = Field(description="The need.")
    days: Count = Field(description="Days set aside.")


class RarDaysAllocated(Published):
    """How the days of a rehabilitation activity requirement are divided between needs."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    allocations: list[AllocatedDays] = Field(description="Days by need.")
    ordered: Count = Field(description="Days ordered.")


class UnpaidWorkDiscount(Published):
    """Minutes by which good progress reduces unpaid work."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    minutes: Count = Field(description="Minutes of discount earned so far.")
    disqualified_on: Date | None = Field(
        default=None, description="Date of the failure from which on no more is earned."
    )


class ProvidersNotified(Published):
    """Providers were notified of a call. Subject: the region."""

    call_id: Id = Field(description="The call.")
    providers: list[Id] = Field(description="Ids of the providers.")


class ReferralChased(Published):
    """A step of a referral is late, and the provider is being chased. Open item."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")


class ReferralEscalated(Published):
    """A step of a referral is so late that it was escalated to a manager."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")


class InterventionStarted(Published):
    """The first session of an intervention or requirement took place."""

    referral_id: Id | None = Field(default=None, description="The referral, if there is one.")
    requirement_id: Id | None = Field(default=None, description="The requirement, if there is one.")
    started_on: Date = Field(description="Date of the first session.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.referral_id is None and self.requirement_id is None:
            raise ValueError("referral_id or requirement_id is required")
        return self


class UnpaidWorkStartOverdue(Published):
    """Unpaid work did not start in time."""

    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id = Field(description="The requirement.")
    due_on: Date = Field(description="Date by which it was due.")


class UnpaidWorkCredited(Published):
    """Unpaid work time was credited."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")
    minutes: Minutes = Field(description="Minutes credited for the session.")
    as_: Literal["work", "employment_training_education"] = Field(
        alias="as", description="What the time counts as."
    )
    worked_minutes: Count = Field(description="Total minutes credited, including this session.")
    ordered_minutes: Count = Field(description="Minutes ordered.")


class EmploymentCapExceeded(Published):
    """More education, training and employment was done than may count."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session that exceeded the cap.")
    cap_minutes: Count = Field(description="Maximum minutes that count.")


class PlacementRejected(Published):
    """The placement offered is not suitable and must not be used."""

    placement_id: Id = Field(description="The placement.")
    requirement_id: Id = Field(description="The requirement.")
    reason: Literal["too_far", "not_suitable_for_women"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )


class RequirementAtRisk(Published):
    """A requirement is unlikely to be completed in time. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    forecast_on: Date = Field(description="Date on which it would be completed at the current pace.")
    due_on: Date = Field(description="Date by which it is due.")


class ReturnToCourtRequired(Published):
    """A requirement must go back to court. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Literal["revoke_and_resentence", "extend"]] = Field(
        description="What the court may be asked for."
    )
    due_on: Date | None = Field(default=None, description="Date by which the work is or was due.")
    offered_minutes: Count | None = Field(
        default=None,
        description="Minutes of unpaid work offered so far: sessions recorded, whatever came of them.",
    )
    accepted_minutes: Count | None = Field(default=None, description="Minutes credited of them.")


class RarDayUsed(Published):
    """A day of a rehabilitation activity requirement was used."""

    requirement_id: Id = Field(description="The requirement.")
    date: Date = Field(description="The day.")
    used: Count = Field(description="Days used so far, including this one.")
    ordered: Count = Field(description="Days ordered.")


class RarLimitReached(Published):
    """An activity took place when no days were left."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")


class RequirementReviewDue(Published):
    """An incomplete requirement must be reviewed before the end. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    review_on: Date = Field(description="Date of the review.")
    due_on: Date | None = Field(default=None, description="Date by which the review is due.")


class RequirementCompleted(Published):
    """A requirement was completed."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    kind: RequirementKind = Field(description="What it required.")
    completed_on: Date = Field(description="Date of completion.")
    amount: Count | None = Field(
        default=None,
        description="Days or sessions completed, or minutes for unpaid work; null if not counted.",
    )


class RequirementInvalid(Published):
    """The law does not allow the requirement as made."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal["hours_below_40", "hours_above_300", "rar_below_1"] = Field(
        description="What is wrong with it.", json_schema_extra=OPEN_LIST
    )
