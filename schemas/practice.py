"""Topic ``practice``: practitioners' case management, risk assessments and sentence plans."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Upstream
from schemas.scalars import Code, Count, Crn, Date, Id, Instant, Name, NotAFlag, Percent, Score, Text
from schemas.words import (
    AcceptableReason,
    AssessedNeed,
    ContactKind,
    CoreNeed,
    EnforcementAction,
    ListedNeed,
    Mode,
    Outcome,
    PartnerCheckKind,
    ReferralKind,
    Region,
    Registration,
    Rosh,
    VictimTrigger,
)


class Mappa(Data):
    """Multi-agency public protection arrangements."""

    level: Annotated[Literal[1, 2, 3], NotAFlag] = Field(description="Level of management.")
    category: Annotated[Literal[1, 2, 3, 4], NotAFlag] = Field(description="Category of offender.")


class ScoredNeed(Data):
    """A need scored by an assessment."""

    need: AssessedNeed = Field(description="The need.")
    severity: Literal["none", "standard", "severe"] = Field(description="How severe it is.")


class SexualPredictor(Data):
    """Prediction of a sexual offence with direct contact."""

    band: Literal["low", "medium", "high", "very_high", "not_applicable"] | None = Field(
        description="Band; null if not scored."
    )
    score: Percent | None = Field(default=None, description="Score, as a percentage; null if not scored.")


class WomensFactors(Data):
    """Factors that add to the tier of a woman."""

    parenting: bool = Field(description="Parenting responsibilities.")
    impulsivity: bool = Field(description="Impulsive behaviour.")
    temper: bool = Field(description="Trouble controlling temper.")
    earlier_enforcement: bool = Field(description="An earlier breach or recall.")


class RiskAssessed(Upstream):
    """A risk assessment was completed."""

    assessment_id: Id = Field(description="The assessment.")
    assessed_on: Date = Field(description="Date of the assessment.")
    rosh: Rosh = Field(description="Risk of serious harm.")
    rsr: Percent | None = Field(default=None, description="Risk of serious recidivism, as a percentage.")
    ogrs: Score | None = Field(
        default=None, description="OGRS score: likelihood of reoffending, as a percentage."
    )
    mappa: Mappa | None = Field(
        default=None, description="MAPPA level and category; null if the person is not managed under MAPPA."
    )
    needs: list[ScoredNeed] = Field(default=[], max_length=50, description="Needs that were scored.")
    complexity_flags: Count = Field(default=0, description="Number of complexity flags set.")
    integrated_offender_management: bool = Field(
        default=False, description="The person is under integrated offender management."
    )
    arp: Percent | None = Field(
        default=None, description="All reoffending predictor, as a percentage; null if not scored."
    )
    csrp: Percent | None = Field(
        default=None,
        description="Combined serious reoffending predictor, as a percentage; null if not scored.",
    )
    arp_static: bool = Field(default=False, description="True: arp uses static factors only.")
    csrp_static: bool = Field(default=False, description="True: csrp uses static factors only.")
    sexual_predictor: SexualPredictor | None = Field(
        default=None, description="Prediction of a sexual offence with direct contact."
    )
    sexual_offence_ever: bool = Field(default=False, description="Ever convicted of a sexual offence.")
    lifer: bool = Field(default=False, description="Serves a life or other indeterminate sentence.")
    first_released_on: Date | None = Field(
        default=None, description="First release from a life or other indeterminate sentence."
    )
    womens_factors: WomensFactors | None = Field(default=None, description="For women: further factors.")
    sara: Literal["low", "medium", "high"] | None = Field(
        default=None, description="Risk of violence against a partner (SARA), if assessed."
    )
    pni: Literal["high", "moderate", "alternative", "missing"] | None = Field(
        default=None, description="Result of the programme needs identifier, if assessed."
    )
    ldc: Score | None = Field(
        default=None, description="Score of the learning disability and challenges screen, if made."
    )


class RegistrationChanged(Upstream):
    """A registration (a flag on the person's record) was added or removed."""

    registration_id: Id = Field(description="The registration.")
    kind: Registration = Field(description="Kind of registration.")
    active: bool = Field(description="True: active from effective_on. False: removed on that day.")
    effective_on: Date = Field(description="First day on which it applies.")


class RarAllocation(Data):
    """RAR days set aside for a need."""

    requirement_id: Id = Field(description="The RAR requirement.")
    need: Code = Field(description="The need.")
    days: Count = Field(description="Days set aside.")


class SentencePlanCompleted(Upstream):
    """A sentence plan was completed."""

    plan_id: Id = Field(description="The plan.")
    sentence_id: Id = Field(description="The sentence.")
    completed_on: Date = Field(description="Date of completion.")
    self_assessment: Literal["included", "declined", "missing"] = Field(
        description="Whether the person's self-assessment is included."
    )
    rehabilitative_need: bool = Field(description="A rehabilitative need was identified.")
    face_to_face_every_days: int | None = Field(
        default=None,
        ge=1,
        le=366,
        description="Days between face-to-face contacts, as set by the practitioner; null: as policy says.",
    )
    rar_allocations: list[RarAllocation] = Field(
        default=[], max_length=100, description="How the RAR days are divided between needs."
    )
    sequence: list[Id] = Field(
        default=[], max_length=100, description="Requirement ids in their planned order."
    )
    needs_planned: list[CoreNeed] = Field(
        default=[], max_length=8, description="Core needs that the plan wants met by a service."
    )
    objectives_met_on: Date | None = Field(
        default=None, description="Date on which all objectives of the plan were met; null until then."
    )
    family_considered: bool | None = Field(
        default=None, description="Family and significant others were considered; null if not recorded."
    )
    gender_specific_evidence: bool | None = Field(
        default=None, description="Gender-specific evidence was used; null if not recorded."
    )
    young_adult_transition: bool | None = Field(
        default=None,
        description="It has a plan for the transition of a young adult; null if not recorded.",
    )


class PartnerCheckCompleted(Upstream):
    """Another agency answered the practitioner's check."""

    sentence_id: Id = Field(description="The sentence.")
    check: PartnerCheckKind = Field(description="Kind of check.")
    completed_on: Date = Field(description="Date of the answer.")


class VictimContactChanged(Upstream):
    """A victim asked to be kept informed about a sentence, or no longer wants to be. It names no victim."""

    victim_contact_id: Id = Field(description="The victim's contact. It must not name the victim.")
    sentence_id: Id = Field(description="The sentence.")
    opted_in: bool = Field(description="True: to be informed from effective_on. False: not from that day.")
    effective_on: Date = Field(description="First day on which it applies.")


class VictimUpdated(Upstream):
    """The victims of a sentence were told what happened in it."""

    update_id: Id = Field(description="This piece of information.")
    sentence_id: Id = Field(description="The sentence.")
    trigger: VictimTrigger = Field(description="What they were told of.")
    told_on: Date = Field(description="Date on which they were told.")


class ContactScheduled(Upstream):
    """A contact was arranged."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id | None = Field(
        default=None, description="The sentence it is for; null: all of the person's sentences."
    )
    requirement_id: Id | None = Field(default=None, description="The requirement it is for, if any.")
    scheduled_on: Date = Field(description="Date of the contact.")
    kind: ContactKind = Field(description="Kind of contact.")
    mode: Mode = Field(description="How it will take place.")
    national_standard: bool = Field(description="Counts towards contact standards and is enforceable.")
    notified: bool = Field(description="The person was notified.")


def _check_reason(outcome: Outcome, reason: AcceptableReason | None) -> None:
    if outcome == "acceptable_absence" and reason is None:
        raise ValueError("acceptable_reason is required for an acceptable absence")


class ContactOutcomeRecorded(Upstream):
    """The outcome of a contact was recorded."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id | None = Field(
        default=None, description="The sentence it was for; null: all of the person's sentences."
    )
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    occurred_on: Date = Field(description="Date of the contact.")
    kind: ContactKind = Field(description="Kind of contact.")
    mode: Mode = Field(description="How it took place.")
    national_standard: bool = Field(description="Counts towards contact standards and is enforceable.")
    outcome: Outcome = Field(description="Outcome of the contact.")
    acceptable_reason: AcceptableReason | None = Field(
        default=None, description="Why the absence is acceptable; null for other outcomes."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_reason(self.outcome, self.acceptable_reason)
        return self


class Warning(Data):
    """What a warning states; each must be in it."""

    circumstances: bool = Field(description="It states the circumstances of the failure.")
    unacceptable: bool = Field(description="It states that the failure is unacceptable.")
    liability: bool = Field(
        description="It states that the person is liable to be brought before a court for a further failure."
    )


class EnforcementActionTaken(Upstream):
    """The practitioner or a manager took an enforcement action."""

    action_id: Id = Field(description="The action.")
    sentence_id: Id = Field(description="The sentence being enforced.")
    contact_id: Id | None = Field(default=None, description="The contact it responds to, if any.")
    taken_at: Instant = Field(description="When it was taken.")
    action: EnforcementAction = Field(description="The action taken.")
    rationale: Text | None = Field(default=None, description="Reason, in the practitioner's own words.")
    warning: Warning | None = Field(default=None, description="What a warning states, if recorded.")


class ManagerDecisionRecorded(Upstream):
    """A manager made a decision."""

    decision_id: Id = Field(description="The decision.")
    about: Literal["contact_suspension", "absence_review", "enforcement_review", "practitioner_change"] = (
        Field(description="What the decision is about.")
    )
    sentence_id: Id = Field(description="The sentence it is about.")
    approved: bool = Field(description="True if approved.")
    reason: Text | None = Field(default=None, description="Reason, in the manager's own words.")
    decided_on: Date = Field(description="Date of the decision.")
    about_id: Id | None = Field(
        default=None,
        description="The change, request, contact or assessment decided on; null: the latest of its kind.",
    )


class ProgressRecognised(Upstream):
    """A person's progress on a sentence was recognised."""

    recognition_id: Id = Field(description="The recognition.")
    sentence_id: Id = Field(description="The sentence.")
    recognised_on: Date = Field(description="Date on which it was recognised.")
    form: Literal["letter", "certificate", "other"] = Field(description="How it was recognised.")


class ContactSuspensionRequested(Upstream):
    """The practitioner asked to suspend contact."""

    request_id: Id = Field(description="The request.")
    sentence_id: Id = Field(description="The sentence.")
    requested_on: Date = Field(description="Date of the request.")


class RecallDecided(Upstream):
    """Recall to prison was decided."""

    recall_id: Id = Field(description="The recall.")
    sentence_id: Id = Field(description="The licence recalled.")
    decided_on: Date = Field(description="Date of the decision.")
    returned_on: Date | None = Field(default=None, description="Date of return to custody; null until then.")
    exclusions: list[Code] = Field(
        default=[],
        max_length=50,
        description="Codes of the reasons that rule out a fixed-term recall: mappa_level_2_3, "
        "mappa_category_4, extended_sentence, new_charge, new_charge_without_conviction, "
        "terrorism_or_state_threat, foreign_power, s244zb, repatriated_murder, special_custodial, "
        "discretionary_conditional_release, under_18. An unknown code rules it out too.",
    )
    emergency: bool = Field(default=False, description="True: an emergency recall.")


class TransferRequested(Upstream):
    """Another region or delivery unit was asked to take over the case."""

    transfer_id: Id = Field(description="The transfer.")
    to_region: Region = Field(description="Region asked.")
    to_pdu: Name = Field(description="Probation delivery unit asked.")
    requested_on: Date = Field(description="Date of the request.")


class TransferAccepted(Upstream):
    """The other region or delivery unit accepted the case."""

    transfer_id: Id = Field(description="The transfer.")
    to_region: Region = Field(description="Region that accepts.")
    to_pdu: Name = Field(description="Probation delivery unit that accepts.")
    accepted_on: Date = Field(description="Date of acceptance.")


class PractitionerChangeRequested(Upstream):
    """A change of practitioner was requested."""

    change_id: Id = Field(description="The change.")
    sentence_id: Id | None = Field(
        default=None, description="The sentence; null: all of the person's sentences."
    )
    reason: Code = Field(description="Code of the reason.")
    requested_on: Date = Field(description="Date of the request.")


class PractitionerPreferenceRecorded(Upstream):
    """The person asked for a practitioner of a certain sex. A wish, never a condition."""

    preference_id: Id = Field(description="The preference.")
    sex: Literal["female"] = Field(description="Sex of the practitioner asked for.")
    recorded_on: Date = Field(description="Date of the request.")


class CoverArranged(Upstream):
    """Another practitioner stands in for some time. The first one stays responsible."""

    cover_id: Id = Field(description="The cover.")
    for_practitioner_id: Id = Field(description="The practitioner who is away.")
    practitioner_id: Id = Field(description="The practitioner who stands in.")
    from_: Date = Field(alias="from", description="First day.")
    until: Date = Field(description="Last day.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.until < self.from_:
            raise ValueError("until is before from")
        return self


class PreReleaseTaskCompleted(Upstream):
    """A task before a release was done."""

    task_id: Id = Field(description="This piece of work.")
    sentence_id: Id = Field(description="The sentence.")
    task: Code = Field(description="Code of the task, for example accommodation.")
    completed_on: Date = Field(description="Date on which it was done.")


class ReferralRequested(Upstream):
    """The practitioner requested an intervention."""

    referral_id: Id = Field(description="The referral.")
    sentence_id: Id = Field(description="The sentence it is under.")
    requirement_id: Id | None = Field(default=None, description="The requirement it is for, if any.")
    requested_on: Date = Field(description="Date of the request.")
    kind: ReferralKind = Field(description="Kind of intervention.")
    programme: Code | None = Field(default=None, description="Code of the programme requested.")
    need: ListedNeed | None = Field(default=None, description="The need to meet.")
    ready_to_start: bool = Field(description="The person is ready to start.")
    consented: bool | None = Field(default=None, description="The person consents; null if not asked.")
    override_reason: Text | None = Field(
        default=None, description="Reason for not choosing the accredited programme that takes priority."
    )
    desired_outcomes: list[Name] = Field(default=[], max_length=50, description="Desired outcomes.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "accredited_programme" and self.programme is None:
            raise ValueError("programme is required for an accredited programme")
        if self.kind == "commissioned_service" and self.need is None:
            raise ValueError("need is required for a commissioned service")
        if self.kind == "structured_intervention" and self.programme is None and self.need is None:
            raise ValueError("programme or need is required for a structured intervention")
        return self


class EmploymentNeedAssessed(Upstream):
    """The person's need for education, training and employment was assessed."""

    sentence_id: Id = Field(description="The sentence.")
    assessed_on: Date = Field(description="Date of the assessment.")
    has_need: bool = Field(description="True if there is such a need.")


class CaseAccessChanged(Upstream):
    """Access to the case was restricted, or the restriction was lifted."""

    access_id: Id = Field(description="The restriction.")
    limited: bool = Field(description="True: events published from then on are marked as limited.")
    effective_on: Date = Field(description="First day on which it applies.")


class PersonErased(Upstream):
    """The retention period has ended: every service deletes the data that it holds about the person."""

    erased_on: Date = Field(description="Date from which no data may be held.")


class PersonDied(Upstream):
    """The person died."""

    died_on: Date = Field(description="Date of death.")


class PersonUnmerged(Upstream):
    """A merge was undone. Facts told under the reactivated number go back to it."""

    reactivated: Crn = Field(description="Case reference number of the record that is of its own again.")
    unmerged_on: Date = Field(description="Date on which the merge was undone.")


class PersonMerged(Upstream):
    """The person's record was merged into another."""

    into: Crn = Field(description="Case reference number of the record that stays.")
