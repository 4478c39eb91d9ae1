"""Topic ``referrals``: interventions and the requirements they meet."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Published
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Minutes, Name
from schemas.words import InterventionNeed, ReferralKind, Region, RequirementKind, ServiceCohort

Step = Literal["acceptance", "initial_assessment", "action_plan", "start", "end_of_service_report"]


class EligibilityAssessed(Published):
    """Which programmes a person is eligible for, before sentence or on it."""

    report_id: Id | None = Field(default=None, description="The pre-sentence report, if it is about one.")
    sentence_id: Id | None = Field(default=None, description="The sentence, if it is about one.")
    eligible: list[Code] = Field(description="Codes of the programmes.")
    excluded: dict[Code, Code] = Field(description="Codes of the other programmes, each with the reason.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.report_id is None) == (self.sentence_id is None):
            raise ValueError("either report_id or sentence_id is needed")
        return self


class ReferralMade(Published):
    """A referral went to an intervention."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id | None = Field(default=None, description="The requirement it meets, if any.")
    kind: ReferralKind = Field(description="Kind of intervention.")
    intervention_id: Id | None = Field(default=None, description="The intervention, if one was chosen.")
    provider_id: Id | None = Field(default=None, description="The provider; null for the service itself.")
    need: InterventionNeed | None = Field(default=None, description="The need to be met.")
    cohorts: list[ServiceCohort] = Field(description="Groups that the person belongs to.")
    desired_outcomes: list[Name] = Field(description="Outcomes hoped for.")
    made_on: Date = Field(description="Day of the referral.")


class ReferralRejected(Published):
    """A request did not become a referral."""

    referral_id: Id = Field(description="The referral asked for.")
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


class CoverageGapDetected(Published):
    """A need is not covered in a region. Open item. Subject: the region."""

    region: Region = Field(description="The region.")
    pdu: Name | None = Field(default=None, description="The delivery unit; null for the whole region.")
    need: InterventionNeed = Field(description="The need not covered.")
    cohorts: list[ServiceCohort] = Field(description="Groups without cover.")


class ProvidersNotified(Published):
    """Providers were told of a call. Subject: the region."""

    call_id: Id = Field(description="The call.")
    providers: list[Id] = Field(description="Ids of the providers.")


class ReferralChased(Published):
    """A step of a referral is late and is asked after. Open item."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step awaited.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Last day on which it was in time.")


class ReferralEscalated(Published):
    """A step of a referral is so late that a manager must know."""

    referral_id: Id = Field(description="The referral.")
    step: Step = Field(description="The step awaited.", json_schema_extra=OPEN_LIST)
    due_on: Date = Field(description="Last day on which it was in time.")


class InterventionStarted(Published):
    """The first session took place."""

    referral_id: Id | None = Field(default=None, description="The referral, if there is one.")
    requirement_id: Id | None = Field(default=None, description="The requirement, if there is one.")
    started_on: Date = Field(description="Day of the first session.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.referral_id is None and self.requirement_id is None:
            raise ValueError("referral_id or requirement_id is needed")
        return self


class UnpaidWorkStartOverdue(Published):
    """Unpaid work did not start in time."""

    sentence_id: Id = Field(description="The sentence.")
    requirement_id: Id = Field(description="The requirement.")
    due_on: Date = Field(description="Last day on which it was in time.")


class UnpaidWorkCredited(Published):
    """Time worked was credited."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")
    minutes: Minutes = Field(description="Minutes credited for it.")
    as_: Literal["work", "employment_training_education"] = Field(
        alias="as", description="What it counts as."
    )
    worked_minutes: Count = Field(description="Minutes credited in total after it.")
    ordered_minutes: Count = Field(description="Minutes ordered.")


class EmploymentCapExceeded(Published):
    """More education, training and employment than may count."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session that went over.")
    cap_minutes: Count = Field(description="Minutes that may count.")


class PlacementRejected(Published):
    """A placement offered must not be taken."""

    placement_id: Id = Field(description="The placement.")
    requirement_id: Id = Field(description="The requirement.")
    reason: Literal["too_far", "not_suitable_for_women"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )


class RequirementAtRisk(Published):
    """A requirement is not likely to be done in time. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    forecast_on: Date = Field(description="Day on which it would be done at this pace.")
    due_on: Date = Field(description="Last day on which it is in time.")


class ReturnToCourtRequired(Published):
    """A requirement must go back to court. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Literal["revoke_and_resentence", "extend"]] = Field(description="What may be asked for.")


class RarDayUsed(Published):
    """A day of a rehabilitation activity requirement was used."""

    requirement_id: Id = Field(description="The requirement.")
    date: Date = Field(description="The day.")
    used: Count = Field(description="Days used after it.")
    ordered: Count = Field(description="Days ordered.")


class RarLimitReached(Published):
    """An activity took place when no day was left."""

    requirement_id: Id = Field(description="The requirement.")
    session_id: Id = Field(description="The session.")


class RequirementReviewDue(Published):
    """A requirement not done must be reviewed before the end. Open item."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    review_on: Date = Field(description="Day of the review.")


class RequirementCompleted(Published):
    """A requirement is done."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    kind: RequirementKind = Field(description="What it required.")
    completed_on: Date = Field(description="Day on which it was done.")
    amount: Count | None = Field(
        default=None, description="Days, sessions or (unpaid work) minutes done; null where not counted."
    )


class RequirementInvalid(Published):
    """A requirement that the law doesn't allow."""

    requirement_id: Id = Field(description="The requirement.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal["hours_below_40", "hours_above_300", "rar_below_1"] = Field(
        description="What is wrong.", json_schema_extra=OPEN_LIST
    )
