"""Topic ``referrals``: referrals to interventions, and progress on requirements."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data
from schemas.published import OfSentence, OpenItem, Record
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
    "treatment_site",
    "consent",
    "named_provider",
]


class EligibilityAssessed(Record, OfSentence):
    """Which programmes a person is eligible for, before sentence or during it."""

    dated = "assessed_on"

    report_id: Id | None = Field(default=None, description="The pre-sentence report, if made for one.")
    sentence_id: Id | None = Field(default=None, description="The sentence, if made for one.")
    eligible: list[Code] = Field(description="Codes of the eligible programmes.")
    excluded: dict[Code, Code] = Field(description="Codes of the other programmes, each with the reason.")
    assessed_on: Date | None = Field(
        default=None, description="Date by which it goes: of the request, or of a later risk assessment."
    )

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


class ReferralMade(Record, OfSentence):
    """A referral was made to an intervention."""

    dated = "made_on"

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
    considered: list[ConsideredIntervention] = Field(
        default=[], description="The interventions that were considered, if one was chosen."
    )
    transferred_on: Date | None = Field(
        default=None, description="Date on which this provider took over from another, if one did."
    )


class ReferralRejected(Record, OfSentence):
    """A requested referral was rejected."""

    dated = "requested_on"

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
        "structured_first",
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)
    sentence_id: Id | None = Field(default=None, description="The sentence.")
    requested_on: Date | None = Field(default=None, description="Date of the request.")


class CoverageGapDetected(OpenItem):
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
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ListingRefused(Record):
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


class AvailabilityChanged(Record):
    """Free places and people waiting of an intervention, as the day began. Subject: the region."""

    region: Region = Field(description="The region.")
    intervention_id: Id = Field(description="The intervention.")
    provider_id: Id = Field(description="The provider.")
    free: Count = Field(description="Free places.")
    waiting: Count = Field(description="People waiting.")
    next_start_on: Date | None = Field(default=None, description="Next start; null: a rolling start.")


class ProposalRefused(Record):
    """A proposal for a service call cannot be considered. Subject: the region."""

    proposal_id: Id = Field(description="The proposal.")
    call_id: Id = Field(description="The call.")
    reason: Literal["not_qualified", "not_matched", "after_closing", "before_call"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )


class NeedUnmet(OpenItem, OfSentence):
    """Nothing is listed that would meet a planned need of the person. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    need: CoreNeed = Field(description="The need.")
    cohorts: list[ServiceCohort] = Field(description="Groups that the person belongs to.")
    since: Date = Field(description="Date from which it has been unmet.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ReferralWaiting(OpenItem, OfSentence):
    """A referral waits for a place. Open item."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    interventions: list[Id] = Field(description="The interventions whose places are all taken.")
    since: Date = Field(description="Date from which it has waited: that of the request.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ReferralPaused(Record, OfSentence):
    """A referral rests."""

    dated = "from_"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal["recall", "custody", "delivery_suspended"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )
    from_: Date = Field(alias="from", description="First day on which it rests.")


class ReferralResumed(Record, OfSentence):
    """A referral that rested goes on."""

    dated = "from_"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal["recall", "custody", "delivery_suspended"] = Field(
        description="Why it had rested.", json_schema_extra=OPEN_LIST
    )
    from_: Date = Field(alias="from", description="First day on which it goes on.")


class ReferralEnded(Record, OfSentence):
    """A referral came to its end."""

    dated = "ended_on"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    state: Literal["completed", "prematurely_ended", "cancelled", "withdrawn", "returned_to_court"] = Field(
        description="How it ended.", json_schema_extra=OPEN_LIST
    )
    ended_on: Date = Field(description="Last day of the referral.")


class ReferralStatusRefused(Record, OfSentence):
    """A state of a referral to a programme cannot follow on the one before, and is ignored."""

    dated = "changed_on"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    from_: ProgrammeStatus = Field(alias="from", description="The state that stands.")
    to: ProgrammeStatus = Field(description="The state that was refused.")
    changed_on: Date = Field(description="Date of the refused change.")


class OutcomeRecorded(Record, OfSentence):
    """How far a desired outcome of a referral was reached, at its end."""

    dated = "reported_on"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    outcome: Name = Field(description="The desired outcome.")
    result: OutcomeResult = Field(description="How far it was reached.")
    reported_on: Date = Field(description="Date of the report.")


class ProposalNotEligible(OpenItem):
    """A report proposes a programme for which the person was assessed as not eligible. Open item."""

    report_id: Id = Field(description="The report.")
    programme: Code = Field(description="Code of the programme.")
    reason: Code = Field(description="Why the person is not eligible.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class AccessGranted(Record, OfSentence):
    """The provider may see the assessment and the contact record."""

    dated = "from_"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    provider_id: Id = Field(description="The provider.")
    from_: Date = Field(alias="from", description="First day of the access.")


class AccessEnded(Record, OfSentence):
    """The provider may no longer see the assessment and the contact record."""

    dated = "until"

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    provider_id: Id = Field(description="The provider.")
    until: Date = Field(description="Last day of the access.")


class ProviderRecordLate(Record, OfSentence):
    """A provider recorded attendance later than it must."""

    dated = "due_on"

    session_id: Id = Field(description="The session.")
    sentence_id: Id = Field(description="The sentence.")
    referral_id: Id | None = Field(default=None, description="The referral, if there is one.")
    requirement_id: Id | None = Field(default=None, description="The requirement, if there is one.")
    due_on: Date = Field(description="Date by which it was due.")


class EmploymentAssessmentDue(OpenItem, OfSentence):
    """The person's need for education, training and employment must be assessed. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id = Field(description="The unpaid-work requirement.")
    due_on: Date = Field(description="Date by which it is due.")


class AllocatedDays(Data):
    """RAR days set aside for a need."""

    need: Code = Field(description="The need.")
    days: Count = Field(description="Days set aside.")


class RarDaysAllocated(Record, OfSentence):
    """How the days of a rehabilitation activity requirement are divided between needs."""

    dated = "allocated_on"

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    allocations: list[AllocatedDays] = Field(description="Days by need.")
    ordered: Count = Field(description="Days ordered.")
    allocated_on: Date = Field(description="Date of the plan.")


class UnpaidWorkDiscount(Record, OfSentence):
    """Minutes by which good progress reduces unpaid work."""

    dated = "earned_on"

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    minutes: Count = Field(description="Minutes of discount earned so far.")
    earned_on: Date = Field(description="Date of the session that earned the last of it.")
    disqualified_on: Date | None = Field(
        default=None, description="Date of the failure from which on no more is earned."
    )


class ProvidersNotified(Record):
    """Providers were notified of a call. Subject: the region."""

    call_id: Id = Field(description="The call.")
    providers: list[Id] = Field(description="Ids of the providers.")


class ReferralChased(OpenItem, OfSentence):
    """A step of a referral is late, and the provider is being chased. Open item."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")


class ReferralEscalated(Record, OfSentence):
    """A step of a referral is so late that it was escalated to a manager, or something is lacking."""

    dated = "due_on"

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late, or what is lacking.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")


class InterventionStarted(Record, OfSentence):
    """The first session of an intervention or requirement took place."""

    dated = "started_on"

    referral_id: Id | None = Field(default=None, description="The referral, if there is one.")
    requirement_id: Id | None = Field(default=None, description="The requirement, if there is one.")
    started_on: Date = Field(description="Date of the first session.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.referral_id is None and self.requirement_id is None:
            raise ValueError("referral_id or requirement_id is required")
        return self


class UnpaidWorkStartOverdue(Record, OfSentence):
    """Unpaid work did not start in time."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id = Field(description="The requirement.")
    due_on: Date = Field(description="Date by which it was due.")


class UnpaidWorkCredited(Record, OfSentence):
    """Unpaid work time was credited."""

    dated = "held_on"

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")
    minutes: Minutes = Field(description="Minutes credited for the session.")
    as_: Literal["work", "employment_training_education"] = Field(
        alias="as", description="What the time counts as."
    )
    worked_minutes: Count = Field(description="Total minutes credited, including this session.")
    ordered_minutes: Count = Field(description="Minutes ordered.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")
    held_on: Date | None = Field(default=None, description="Date of the session.")


class EmploymentCapExceeded(Record, OfSentence):
    """More education, training and employment was done than may count."""

    dated = "held_on"

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session that exceeded the cap.")
    cap_minutes: Count = Field(description="Maximum minutes that count.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")
    held_on: Date | None = Field(default=None, description="Date of the session.")


class PlacementRejected(Record, OfSentence):
    """The placement offered is not suitable and must not be used."""

    dated = "offered_on"

    placement_id: Id = Field(description="The placement.")
    requirement_id: Id = Field(description="The requirement.")
    reason: Literal["too_far", "not_suitable_for_women"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )
    sentence_id: Id | None = Field(default=None, description="The sentence.")
    offered_on: Date | None = Field(default=None, description="Date of the offer.")


class RequirementAtRisk(OpenItem, OfSentence):
    """A requirement is unlikely to be completed in time. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    forecast_on: Date = Field(description="Date on which it would be completed at the current pace.")
    due_on: Date = Field(description="Date by which it is due.")


class ReturnToCourtRequired(OpenItem, OfSentence):
    """A requirement must go back to court. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Literal["revoke_and_resentence", "extend"]] = Field(
        description="What the court may be asked for."
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )
    offered_minutes: Count | None = Field(
        default=None,
        description="Minutes of unpaid work offered so far: sessions recorded, whatever came of them.",
    )
    accepted_minutes: Count | None = Field(default=None, description="Minutes credited of them.")


class RarDayUsed(Record, OfSentence):
    """A day of a rehabilitation activity requirement was used."""

    dated = "date"

    requirement_id: Id = Field(description="The requirement.")
    date: Date = Field(description="The day.")
    used: Count = Field(description="Days used so far, including this one.")
    ordered: Count = Field(description="Days ordered.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")


class RarLimitReached(Record, OfSentence):
    """An activity took place when no days were left."""

    dated = "held_on"

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")
    sentence_id: Id | None = Field(default=None, description="The sentence.")
    held_on: Date | None = Field(default=None, description="Date of the session.")


class RequirementReviewDue(OpenItem, OfSentence):
    """An incomplete requirement must be reviewed before the end. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    review_on: Date = Field(description="Date of the review.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class RequirementCompleted(Record, OfSentence):
    """A requirement was completed."""

    dated = "completed_on"

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    kind: RequirementKind = Field(description="What it required.")
    completed_on: Date = Field(description="Date of completion.")
    amount: Count | None = Field(
        default=None,
        description="Days or sessions completed, or minutes for unpaid work; null if not counted.",
    )


class RequirementInvalid(Record, OfSentence):
    """The law does not allow the requirement as made."""

    dated = "ordered_on"

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal["hours_below_40", "hours_above_300", "rar_below_1"] = Field(
        description="What is wrong with it.", json_schema_extra=OPEN_LIST
    )
    ordered_on: Date | None = Field(default=None, description="Date on which the court ordered it.")
