"""Topic ``allocation``: who supervises whom, and until when."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Published
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Name
from schemas.words import Region, Team

Workload = Annotated[float, Field(ge=0, le=1_000_000)]
"""Points held as a share of the points available, in per cent; over 100 is over capacity."""


class AllocationDue(Published):
    """A sentence waits for its practitioner. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which allocation is in time.")


class TierCalculated(Published):
    """The tier of a case, from an assessment."""

    tier: Code = Field(description="Tier, for example B2.")
    protect_points: Count = Field(description="Points for protection.")
    change_points: Count = Field(description="Points for change.")
    provisional: bool = Field(description="Something that the tier needs is not known yet.")


class CaseAllocated(Published):
    """A practitioner took a sentence. A decision: made once, and recorded as a fact."""

    sentence_id: Id = Field(description="The sentence.")
    practitioner_id: Id = Field(description="The practitioner.")
    team: Team = Field(description="The practitioner's team.")
    region: Region = Field(description="The practitioner's region.")
    pdu: Name = Field(description="The practitioner's probation delivery unit.")
    allocated_on: Date = Field(description="Day of the allocation.")
    late: bool = Field(description="After the day on which it was due.")
    reason: Literal["new", "continuity", "release", "transfer", "change"] = Field(
        description="What the allocation is for.", json_schema_extra=OPEN_LIST
    )
    workload_percent_before: Workload = Field(description="The practitioner's workload before, in per cent.")
    workload_percent_after: Workload = Field(description="The practitioner's workload after, in per cent.")


class AllocationOverdue(Published):
    """No practitioner by the day on which one was due."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which allocation was in time.")
    reason: Literal["no_practitioner", "awaiting_risk", "no_capacity", "not_processed"] = Field(
        description="What was missing.", json_schema_extra=OPEN_LIST
    )


class PractitionerOverCapacity(Published):
    """A practitioner holds more than there is time for. Open item. Subject: the practitioner."""

    practitioner_id: Id = Field(description="The practitioner.")
    workload_percent: Workload = Field(description="Workload in per cent.")


class AllocationReviewRequired(Published):
    """An allocation no longer suits the case. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    practitioner_id: Id = Field(description="The practitioner who holds it.")
    reason: Code = Field(description="Code of what no longer suits.")


class CaseTransferred(Published):
    """The person went to another region or delivery unit."""

    transfer_id: Id = Field(description="The transfer.")
    from_region: Region = Field(description="Region before.")
    to_region: Region = Field(description="Region after.")
    to_pdu: Name = Field(description="Probation delivery unit after.")
    practitioner_id: Id = Field(description="The practitioner after.")


class SupervisionEnded(Published):
    """Supervision of a sentence is over."""

    sentence_id: Id = Field(description="The sentence.")
    ended_on: Date = Field(description="Last day of supervision.")
    reason: Literal["expired", "revoked", "quashed", "died", "completed", "repealed"] = Field(
        description="Why.", json_schema_extra=OPEN_LIST
    )
    practitioner_changes: Count = Field(description="How often the practitioner changed.")
