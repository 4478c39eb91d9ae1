"""Topic ``workforce``: practitioners and delivery units."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.envelope import Upstream
from schemas.scalars import Code, Date, Id, Name
from schemas.words import Grade, Region, Sex, Team

Hours = Annotated[float, Field(ge=0, le=168)]
"""Hours a week."""


class PractitionerUpdated(Upstream):
    """A practitioner joined, left, or their details changed. Subject: the practitioner."""

    practitioner_id: Id = Field(description="The practitioner.")
    region: Region = Field(description="Region they work in.")
    pdu: Name = Field(description="Probation delivery unit.")
    team: Team = Field(description="Team.")
    grade: Grade = Field(description="Grade.")
    weekly_hours: Hours = Field(description="Contracted hours a week.")
    sex: Sex = Field(description="Sex as recorded.")
    active: bool = Field(description="True: takes cases. False: has left or is away.")
    effective_on: Date = Field(description="First day on which this applies.")
    manager_id: Id | None = Field(default=None, description="Their manager, if known.")
    specialisms: list[Code] = Field(
        default=[], max_length=50, description="Codes of the kinds of case they specialise in."
    )
    trainee: bool = Field(default=False, description="They are in training.")
    po_qualified: bool | None = Field(
        default=None, description="Qualified as a probation officer; null: as their grade says."
    )


class ReductionAgreed(Upstream):
    """A practitioner has fewer hours for cases for some time. Subject: the practitioner."""

    reduction_id: Id = Field(description="The reduction.")
    practitioner_id: Id = Field(description="The practitioner.")
    hours: Hours = Field(description="How many hours a week fewer.")
    from_: Date = Field(alias="from", description="First day.")
    to: Date | None = Field(default=None, description="Last day; null: until it is ended.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError("to is before from")
        return self


class ReductionEnded(Upstream):
    """A reduction of hours ended. Subject: the practitioner."""

    reduction_id: Id = Field(description="The reduction.")
    practitioner_id: Id = Field(description="The practitioner.")
    ended_on: Date = Field(description="First day on which it no longer applies.")


class DeliveryUnitChanged(Upstream):
    """A delivery unit was renamed, split, or merged into another. Subject: the region."""

    change_id: Id = Field(description="The change.")
    region: Region = Field(description="The region.")
    from_pdu: Name = Field(description="Probation delivery unit before.")
    to_pdu: Name = Field(description="Probation delivery unit after; a split unit has several changes.")
    effective_on: Date = Field(description="First day on which it applies.")
