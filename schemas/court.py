"""Topic ``court``: sentences and other decisions of the courts."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.envelope import Data, Upstream
from schemas.scalars import Amount, Code, Count, Date, Id, Name, Score
from schemas.words import (
    BreachSanction,
    Cohort,
    CourtLevel,
    HearingOutcome,
    Region,
    RequirementKind,
    SentenceKind,
    Sex,
)


class Court(Data):
    """The court that passed the sentence."""

    name: Name = Field(description="Name of the court.")
    level: CourtLevel = Field(description="Magistrates' court or Crown Court.")


class Requirement(Data):
    """One requirement of an order."""

    requirement_id: Id = Field(description="The requirement.")
    kind: RequirementKind = Field(description="What it requires.")
    amount: Amount | None = Field(
        default=None,
        description="RAR days, unpaid-work hours or sessions; null if the requirement has no amount.",
    )
    programme: Code | None = Field(
        default=None, description="Code of the programme, for accredited programmes only."
    )
    concurrent_with: Id | None = Field(
        default=None, description="The requirement whose hours count towards this one as well."
    )
    unpaid_work_until: Date | None = Field(
        default=None,
        description="Last day for unpaid work, if a variation extended the time for it; null otherwise.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.programme is not None and self.kind != "accredited_programme":
            raise ValueError("programme is for accredited programmes only")
        if self.amount is None and self.kind in ("rar", "unpaid_work"):
            raise ValueError("amount is required for rar and unpaid_work")
        return self


class Person(Data):
    """What the court knows about the person."""

    born_on: Date = Field(description="Date of birth.")
    sex: Sex = Field(description="Sex as recorded.")
    cohorts: list[Cohort] = Field(default=[], description="Groups that the person belongs to.")


def _distinct(requirements: list[Requirement]) -> None:
    if len({requirement.requirement_id for requirement in requirements}) < len(requirements):
        raise ValueError("two requirements have the same requirement_id")


class SentenceImposed(Upstream):
    """A court passed a sentence."""

    sentence_id: Id = Field(description="The sentence.")
    kind: SentenceKind = Field(description="Kind of sentence.")
    imposed_on: Date = Field(description="Date of the sentence.")
    ends_on: Date | None = Field(
        default=None, description="Last day of an order; null for custodial sentences."
    )
    custodial_days: Count | None = Field(
        default=None, description="Length of a custodial sentence in days; null for orders."
    )
    court: Court = Field(description="The court.")
    region: Region = Field(description="Region responsible for supervision.")
    pdu: Name = Field(description="Probation delivery unit.")
    requirements: list[Requirement] = Field(
        default=[], max_length=50, description="Requirements of the order."
    )
    person: Person = Field(description="The person.")
    partner_violence: bool = Field(description="Convicted of violence against a partner.")
    sexual_offence: bool = Field(description="Convicted of a sexual offence.")
    extremism_offence: bool = Field(description="Convicted of an extremism offence.")
    custody_type: Literal["determinate", "extended", "special_custodial", "life", "indeterminate"] = Field(
        default="determinate", description="Type of a custodial sentence."
    )
    public_interest: bool = Field(default=False, description="A case of public interest.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "custodial":
            if self.ends_on is not None:
                raise ValueError("ends_on is for orders only; the end of a licence is licence_ends_on")
        elif self.ends_on is None:
            raise ValueError("ends_on is required for an order")
        elif self.ends_on < self.imposed_on:
            raise ValueError("ends_on is before imposed_on")
        _distinct(self.requirements)
        return self


class SentenceVaried(Upstream):
    """A court varied an order. Work already done stays with its requirement_id."""

    sentence_id: Id = Field(description="The sentence.")
    varied_on: Date = Field(description="Date of the variation.")
    ends_on: Date = Field(description="Last day of the order as varied.")
    requirements: list[Requirement] = Field(
        max_length=50, description="All requirements as varied; replaces the earlier list."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _distinct(self.requirements)
        return self


class SentenceRevoked(Upstream):
    """A court revoked a sentence."""

    sentence_id: Id = Field(description="The sentence.")
    revoked_on: Date = Field(description="Date of the revocation.")
    reason: Literal["good_progress", "breach", "resentenced", "quashed"] = Field(
        description="Why it was revoked; quashed: the sentence should never have been passed."
    )


class BreachHearingResulted(Upstream):
    """A court heard a breach case."""

    hearing_id: Id = Field(description="The hearing.")
    sentence_id: Id = Field(description="The sentence alleged to be breached.")
    heard_on: Date = Field(description="Date of the hearing.")
    outcome: HearingOutcome = Field(description="Result of the hearing.")
    sanction: BreachSanction | None = Field(
        default=None, description="What the court imposed for the breach; null if not recorded."
    )
    fine_pounds: Count | None = Field(default=None, description="Amount of the fine, in pounds.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.fine_pounds is not None and self.sanction != "fine":
            raise ValueError("fine_pounds is for a fine only")
        return self


class AppealLodged(Upstream):
    """An appeal against a sentence was lodged."""

    appeal_id: Id = Field(description="The appeal.")
    sentence_id: Id = Field(description="The sentence appealed against.")
    lodged_on: Date = Field(description="Date on which it was lodged.")
    stayed: bool = Field(description="True if enforcement rests until the appeal is decided.")


class AppealDecided(Upstream):
    """An appeal against a sentence was decided or abandoned."""

    appeal_id: Id = Field(description="The appeal.")
    sentence_id: Id = Field(description="The sentence appealed against.")
    decided_on: Date = Field(description="Date of the decision.")
    outcome: Literal["dismissed", "allowed_varied", "allowed_quashed", "abandoned"] = Field(
        description="Result of the appeal. allowed_quashed: the sentence should never have been passed."
    )


class PreSentenceReportRequested(Upstream):
    """A court asked for a report before sentencing."""

    report_id: Id = Field(description="The report.")
    requested_on: Date = Field(description="Date of the request.")
    region: Region = Field(description="Region that writes the report.")
    person: Person = Field(description="The person.")
    partner_violence: bool = Field(description="Convicted of violence against a partner.")
    sexual_offence: bool = Field(description="Convicted of a sexual offence.")
    extremism_offence: bool = Field(description="Convicted of an extremism offence.")
    ogrs: Score | None = Field(
        default=None, description="OGRS score: likelihood of reoffending, as a percentage."
    )
    complex: bool = Field(default=False, description="The case is complex.")
    short_custody_risk: bool = Field(default=False, description="A short custodial sentence is in view.")


class ProposedRequirement(Data):
    """One requirement that a report proposes."""

    kind: RequirementKind = Field(description="What it would require.")
    programme: Code | None = Field(default=None, description="Code of the programme, if it is one.")
    amount: Amount | None = Field(default=None, description="Days, hours or sessions, if counted.")


class Proposal(Data):
    """What a report proposes to the court."""

    requirements: list[ProposedRequirement] = Field(max_length=50, description="The requirements proposed.")


class PreSentenceReportDelivered(Upstream):
    """The report was delivered to the court."""

    report_id: Id = Field(description="The report.")
    delivered_on: Date = Field(description="Date of delivery.")
    format: Literal["oral", "fast", "standard"] = Field(description="Form in which it was given.")
    proposal: Proposal | None = Field(default=None, description="What it proposes, if recorded.")
