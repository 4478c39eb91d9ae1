"""Topic ``allocation``: who supervises whom, and when supervision ends."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data
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

    tier: Code = Field(description="Tier, for example B2 or, in the third generation, C.")
    protect_points: Count = Field(description="Points for protection (second generation).")
    change_points: Count = Field(description="Points for change (second generation).")
    provisional: bool = Field(description="True if information needed for the tier is still missing.")
    generation: Literal["v2", "v3"] | None = Field(
        default=None, description="Generation of the rules for tiers.", json_schema_extra=OPEN_LIST
    )
    workload_tier: Code | None = Field(
        default=None, description="Tier of the second generation, which sets the workload points."
    )
    decided_by: Code | None = Field(
        default=None, description="The table that decided the tier (third generation)."
    )


class Candidate(Data):
    """A practitioner who was considered for a sentence."""

    practitioner_id: Id = Field(description="The practitioner.")
    workload_percent_before: Workload = Field(description="Workload before, as a percentage.")
    workload_percent_after: Workload = Field(description="Workload with this case, as a percentage.")
    ruled_out: Code | None = Field(
        default=None,
        description="Why the practitioner could not take it; null: they could.",
        json_schema_extra=OPEN_LIST,
    )


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
    provisional: bool | None = Field(
        default=None, description="True if allocated before there was a risk assessment."
    )
    manager_id: Id | None = Field(default=None, description="The practitioner's manager, if known.")
    provider: Literal["crc", "national_probation_service", "probation_service"] | None = Field(
        default=None, description="Organisation responsible on that day.", json_schema_extra=OPEN_LIST
    )
    candidates: list[Candidate] | None = Field(
        default=None,
        max_length=50,
        description="Practitioners considered, the one chosen first; at most 50.",
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
    manager_id: Id | None = Field(default=None, description="The practitioner's manager, if known.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class TeamOverCapacity(OpenItem):
    """A team's workload is over capacity. Open item. Subject: the region."""

    region: Region = Field(description="The region.")
    pdu: Name = Field(description="The probation delivery unit.")
    team: Team = Field(description="The team.")
    workload_percent: Workload = Field(description="Workload of the team, as a percentage.")
    cases_per_practitioner: Annotated[float, Field(ge=0, le=1_000_000)] = Field(
        description="People supervised for each practitioner of the team."
    )
    staffing_ratio: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="People for each practitioner that the policy plans for."
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class AllocationReviewRequired(OpenItem, OfSentence):
    """A manager must look at an allocation again. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    practitioner_id: Id = Field(description="The practitioner who has the case.")
    reason: Code = Field(description="Code of the reason: tier_changed or provisional.")
    manager_id: Id | None = Field(default=None, description="The practitioner's manager, if known.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class HandoverDue(OpenItem, OfSentence):
    """A long-term prisoner is to be handed over from the prison to a community practitioner. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date of the handover.")


class PreReleaseTaskDue(OpenItem, OfSentence):
    """A task must be done before a release. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    task: Code = Field(description="Code of the task, for example accommodation.")
    due_on: Date = Field(description="Date by which it must be done.")


class PreReleaseTaskOverdue(Record, OfSentence):
    """A task was not done by its date before a release."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    task: Code = Field(description="Code of the task, for example accommodation.")
    due_on: Date = Field(description="Date by which it should have been done.")


class EarlyEndEligible(OpenItem, OfSentence):
    """All that an order asked for is done before its end: it could end early. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    since: Date = Field(description="Date since when everything is done.")
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
