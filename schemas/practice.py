"""Topic ``practice``: case management, risk assessment and sentence planning by practitioners."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Upstream
from schemas.scalars import Code, Count, Crn, Date, Id, Instant, Name, Percent, Score, Text
from schemas.words import (
    AcceptableReason,
    AssessedNeed,
    ContactKind,
    CoreNeed,
    EnforcementAction,
    Mode,
    Outcome,
    PartnerCheckKind,
    ReferralKind,
    Region,
    Registration,
    Rosh,
)


class Mappa(Data):
    """Multi-agency public protection arrangements."""

    level: Literal[1, 2, 3] = Field(description="Level of management.")
    category: Literal[1, 2, 3, 4] = Field(description="Category of offender.")


class ScoredNeed(Data):
    """One need that an assessment scored."""

    need: AssessedNeed = Field(description="The need.")
    severity: Literal["none", "standard", "severe"] = Field(description="How severe it is.")


class RiskAssessed(Upstream):
    """A risk assessment was completed."""

    assessment_id: Id = Field(description="The assessment.")
    assessed_on: Date = Field(description="Day of the assessment.")
    rosh: Rosh = Field(description="Risk of serious harm.")
    rsr: Percent | None = Field(default=None, description="Risk of serious recidivism in per cent.")
    ogrs: Score | None = Field(default=None, description="OGRS: likelihood of reoffending in per cent.")
    mappa: Mappa | None = Field(default=None, description="MAPPA; null where not managed under it.")
    needs: list[ScoredNeed] = Field(default=[], max_length=50, description="Needs that were scored.")
    complexity_flags: Count = Field(default=0, description="How many complexity flags are set.")
    integrated_offender_management: bool = Field(
        default=False, description="Under integrated offender management."
    )


class RegistrationChanged(Upstream):
    """A registration (a flag on the person) was set or lifted."""

    registration_id: Id = Field(description="The registration.")
    kind: Registration = Field(description="What it says.")
    active: bool = Field(description="True from effective_on on; false: lifted on that day.")
    effective_on: Date = Field(description="Day from which it holds.")


class RarAllocation(Data):
    """RAR days set aside for a need."""

    requirement_id: Id = Field(description="The RAR requirement.")
    need: Code = Field(description="The need.")
    days: Count = Field(description="Days set aside.")


class SentencePlanCompleted(Upstream):
    """A sentence plan was completed."""

    plan_id: Id = Field(description="The plan.")
    sentence_id: Id = Field(description="The sentence.")
    completed_on: Date = Field(description="Day of completion.")
    self_assessment: Literal["included", "declined", "missing"] = Field(
        description="The person's own assessment."
    )
    rehabilitative_need: bool = Field(description="A rehabilitative need was identified.")
    face_to_face_every_days: int | None = Field(
        default=None,
        ge=1,
        le=366,
        description="Days between face-to-face contacts that the practitioner set; null: as policy.",
    )
    rar_allocations: list[RarAllocation] = Field(
        default=[], max_length=100, description="How the RAR days are shared out."
    )
    sequence: list[Id] = Field(
        default=[], max_length=100, description="Requirement ids in the order planned."
    )


class PartnerCheckCompleted(Upstream):
    """Another agency answered what the practitioner asked of it."""

    sentence_id: Id = Field(description="The sentence.")
    check: PartnerCheckKind = Field(description="What was asked.")
    completed_on: Date = Field(description="Day of the answer.")


class ContactScheduled(Upstream):
    """A contact was arranged."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id | None = Field(default=None, description="The sentence it is for; null: all sentences.")
    requirement_id: Id | None = Field(default=None, description="The requirement it is for, if any.")
    scheduled_on: Date = Field(description="Day of the contact.")
    kind: ContactKind = Field(description="Kind of contact.")
    mode: Mode = Field(description="How it is to take place.")
    national_standard: bool = Field(description="Counts for standards and is enforceable.")
    notified: bool = Field(description="The person was told of it.")


def _check_reason(outcome: Outcome, reason: AcceptableReason | None) -> None:
    if outcome == "acceptable_absence" and reason is None:
        raise ValueError("acceptable_reason is needed for an acceptable absence")


class ContactOutcomeRecorded(Upstream):
    """What came of a contact was recorded."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id | None = Field(default=None, description="The sentence it was for; null: all sentences.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    occurred_on: Date = Field(description="Day of the contact.")
    kind: ContactKind = Field(description="Kind of contact.")
    mode: Mode = Field(description="How it took place.")
    national_standard: bool = Field(description="Counts for standards and is enforceable.")
    outcome: Outcome = Field(description="What came of it.")
    acceptable_reason: AcceptableReason | None = Field(
        default=None, description="Why the absence is acceptable; null for other outcomes."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_reason(self.outcome, self.acceptable_reason)
        return self


class EnforcementActionTaken(Upstream):
    """The practitioner or a manager took a step of enforcement."""

    action_id: Id = Field(description="The action.")
    sentence_id: Id = Field(description="The sentence enforced.")
    contact_id: Id | None = Field(default=None, description="The contact it answers, if any.")
    taken_at: Instant = Field(description="When it was taken.")
    action: EnforcementAction = Field(description="What was done.")
    rationale: Text | None = Field(default=None, description="Why, in the practitioner's words.")


class ManagerDecisionRecorded(Upstream):
    """A manager decided."""

    decision_id: Id = Field(description="The decision.")
    about: Literal["contact_suspension", "absence_review", "enforcement_review", "practitioner_change"] = (
        Field(description="What it is about.")
    )
    sentence_id: Id = Field(description="The sentence it is about.")
    approved: bool = Field(description="Agreed to.")
    reason: Text | None = Field(default=None, description="Why, in the manager's words.")
    decided_on: Date = Field(description="Day of the decision.")


class ContactSuspensionRequested(Upstream):
    """The practitioner asks to suspend contact."""

    request_id: Id = Field(description="The request.")
    sentence_id: Id = Field(description="The sentence.")
    requested_on: Date = Field(description="Day of the request.")


class RecallDecided(Upstream):
    """Recall to prison was decided."""

    recall_id: Id = Field(description="The recall.")
    sentence_id: Id = Field(description="The licence recalled.")
    decided_on: Date = Field(description="Day of the decision.")
    returned_on: Date | None = Field(default=None, description="Day of return to custody; null until then.")
    exclusions: list[Code] = Field(
        default=[], max_length=50, description="Codes of what excludes a fixed-term recall."
    )


class TransferRequested(Upstream):
    """Another region or delivery unit was asked to take the person."""

    transfer_id: Id = Field(description="The transfer.")
    to_region: Region = Field(description="Region asked.")
    to_pdu: Name = Field(description="Probation delivery unit asked.")
    requested_on: Date = Field(description="Day of the request.")


class TransferAccepted(Upstream):
    """The other region or delivery unit took the person."""

    transfer_id: Id = Field(description="The transfer.")
    to_region: Region = Field(description="Region that accepts.")
    to_pdu: Name = Field(description="Probation delivery unit that accepts.")
    accepted_on: Date = Field(description="Day of acceptance.")


class PractitionerChangeRequested(Upstream):
    """Another practitioner is asked for."""

    change_id: Id = Field(description="The change.")
    sentence_id: Id | None = Field(default=None, description="The sentence; null for all of the person's.")
    reason: Code = Field(description="Code of the reason.")
    requested_on: Date = Field(description="Day of the request.")


class ReferralRequested(Upstream):
    """The practitioner asks for an intervention."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence it is under.")
    requirement_id: Id | None = Field(default=None, description="The requirement it meets, if any.")
    requested_on: Date = Field(description="Day of the request.")
    kind: ReferralKind = Field(description="Kind of intervention.")
    programme: Code | None = Field(default=None, description="Code of the programme asked for.")
    need: CoreNeed | None = Field(default=None, description="The need to be met.")
    ready_to_start: bool = Field(description="The person is ready to start.")
    consented: bool | None = Field(default=None, description="The person consents; null where not asked.")
    override_reason: Text | None = Field(
        default=None, description="Why not the accredited programme that comes first."
    )
    desired_outcomes: list[Name] = Field(default=[], max_length=50, description="Outcomes hoped for.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "accredited_programme" and self.programme is None:
            raise ValueError("programme is needed for an accredited programme")
        if self.kind == "commissioned_service" and self.need is None:
            raise ValueError("need is needed for a commissioned service")
        if self.kind == "structured_intervention" and self.programme is None and self.need is None:
            raise ValueError("programme or need is needed for a structured intervention")
        return self


class EmploymentNeedAssessed(Upstream):
    """The need for education, training and employment was assessed."""

    sentence_id: Id = Field(description="The sentence.")
    assessed_on: Date = Field(description="Day of the assessment.")
    has_need: bool = Field(description="There is such a need.")


class CaseAccessChanged(Upstream):
    """Access to the case was limited, or opened again."""

    access_id: Id = Field(description="The limitation.")
    limited: bool = Field(description="True: what is published from then on is marked as limited.")
    effective_on: Date = Field(description="Day from which it holds.")


class PersonErased(Upstream):
    """Retention has ended: every service deletes what it holds about the person."""

    erased_on: Date = Field(description="Day from which nothing is held.")


class PersonDied(Upstream):
    """The person died."""

    died_on: Date = Field(description="Day of death.")


class PersonMerged(Upstream):
    """The person's record went into another."""

    into: Crn = Field(description="Case reference number that stays.")
