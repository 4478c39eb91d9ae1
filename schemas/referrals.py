"""Topic ``referrals``: referrals to interventions, and progress on requirements."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.published import OfSentence, OpenItem, Record
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Minutes, Name
from schemas.words import InterventionNeed, ReferralKind, Region, RequirementKind, ServiceCohort

Step = Literal["acceptance", "initial_assessment", "action_plan", "start", "end_of_service_report"]


class EligibilityAssessed(Record, OfSentence):
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


class ReferralRejected(Record):
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
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)


class CoverageGapDetected(OpenItem):
    """A need is not covered in a region. Open item. Subject: the region."""

    region: Region = Field(description="The region.")
    pdu: Name | None = Field(
        default=None, description="The probation delivery unit; null for the whole region."
    )
    need: InterventionNeed = Field(description="The need that is not covered.")
    cohorts: list[ServiceCohort] = Field(description="Groups that are not covered.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ProvidersNotified(Record):
    """Providers were notified of a call. Subject: the region."""

    call_id: Id = Field(description="The call.")
    providers: list[Id] = Field(description="Ids of the providers.")


class ReferralChased(OpenItem):
    """A step of a referral is late, and the provider is being chased. Open item."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")


class ReferralEscalated(Record):
    """A step of a referral is so late that it was escalated to a manager."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step that is late.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Date by which it was due.")


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


class PlacementRejected(Record):
    """The placement offered is not suitable and must not be used."""

    placement_id: Id = Field(description="The placement.")
    requirement_id: Id = Field(description="The requirement.")
    reason: Literal["too_far", "not_suitable_for_women"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )


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
