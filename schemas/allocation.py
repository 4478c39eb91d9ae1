"""Topic ``allocation``: who supervises whom, and when supervision ends."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.published import Decision, OfSentence, OpenItem, Record
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Name
from schemas.words import Region, Team

Workload = Annotated[float, Field(ge=0, le=1_000_000)]
"""Points held as a percentage of the points available; over 100 is over capacity."""


class AllocationDue(OpenItem, OfSentence):
    """A sentence is waiting to be allocated to a practitioner. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it must be allocated.")


class TierCalculated(Record):
    """The tier of a case, calculated from an assessment."""

    tier: Code = Field(description="Tier, for example B2.")
    protect_points: Count = Field(description="Points for protection.")
    change_points: Count = Field(description="Points for change.")
    provisional: bool = Field(description="True if information needed for the tier is still missing.")


class CaseAllocated(Decision):
    """A sentence was allocated to a practitioner. A decision: made once and recorded as a fact.

    It is withdrawn only if the sentence never was.
    """

    sentence_id: Id = Field(description="The sentence.")
    practitioner_id: Id = Field(description="The practitioner.")
    team: Team = Field(description="The practitioner's team.")
    region: Region = Field(description="The practitioner's region.")
    pdu: Name = Field(description="The practitioner's probation delivery unit.")
    allocated_on: Date = Field(description="Date of allocation.")
    late: bool = Field(description="True if allocated after the due date.")
    reason: Literal["new", "continuity", "release", "transfer", "change"] = Field(
        description="Why it was allocated.", json_schema_extra=OPEN_LIST
    )
    workload_percent_before: Workload = Field(
        description="The practitioner's workload before, as a percentage."
    )
    workload_percent_after: Workload = Field(
        description="The practitioner's workload after, as a percentage."
    )


class AllocationOverdue(Record, OfSentence):
    """The sentence was not allocated by the due date."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it should have been allocated.")
    reason: Literal["no_practitioner", "awaiting_risk", "no_capacity", "not_processed"] = Field(
        description="What was missing.", json_schema_extra=OPEN_LIST
    )


class PractitionerOverCapacity(OpenItem):
    """A practitioner's workload is over capacity. Open item. Subject: the practitioner."""

    practitioner_id: Id = Field(description="The practitioner.")
    workload_percent: Workload = Field(description="Workload, as a percentage.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class AllocationReviewRequired(OpenItem, OfSentence):
    """An allocation no longer suits the case. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    practitioner_id: Id = Field(description="The practitioner who has the case.")
    reason: Code = Field(description="Code of the reason.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class CaseTransferred(Record):
    """The case moved to another region or delivery unit."""

    transfer_id: Id = Field(description="The transfer.")
    from_region: Region = Field(description="Region before.")
    to_region: Region = Field(description="Region after.")
    to_pdu: Name = Field(description="Probation delivery unit after.")
    practitioner_id: Id = Field(description="The practitioner after.")


class SupervisionEnded(Record, OfSentence):
    """Supervision on a sentence ended."""

    dated = "ended_on"

    sentence_id: Id = Field(description="The sentence.")
    ended_on: Date = Field(description="Last day of supervision.")
    reason: Literal["expired", "revoked", "quashed", "died", "completed", "repealed"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )
    practitioner_changes: Count = Field(description="Number of changes of practitioner.")
