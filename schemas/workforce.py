"""Topic ``workforce``: practitioners."""

from typing import Annotated

from pydantic import Field

from schemas.envelope import Upstream
from schemas.scalars import Date, Id, Name
from schemas.words import Grade, Region, Sex, Team


class PractitionerUpdated(Upstream):
    """A practitioner joined, left, or their details changed. Subject: the practitioner."""

    practitioner_id: Id = Field(description="The practitioner.")
    region: Region = Field(description="Region they work in.")
    pdu: Name = Field(description="Probation delivery unit.")
    team: Team = Field(description="Team.")
    grade: Grade = Field(description="Grade.")
    weekly_hours: Annotated[float, Field(ge=0, le=168)] = Field(description="Contracted hours a week.")
    sex: Sex = Field(description="Sex as recorded.")
    active: bool = Field(description="True: takes cases. False: has left or is away.")
    effective_on: Date = Field(description="First day on which this applies.")
