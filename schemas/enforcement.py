"""Topic ``enforcement``: warnings, breach and recall."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Published
from schemas.scalars import Code, Count, Date, Id, Instant
from schemas.words import CourtLevel, HearingOutcome


class AbsenceDecisionOverdue(Published):
    """No decision about an absence by the day on which it was due."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which it was in time.")


class EnforcementActionRequired(Published):
    """A failure must be answered: warn or refer. Open item."""

    contact_id: Id = Field(description="The contact failed.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Literal["warn", "refer"]] = Field(description="What the law allows.")
    failures: Count = Field(description="Failures that count so far, this one included.")


class WarningLetterOverdue(Published):
    """No letter by the day on which it was due."""

    contact_id: Id = Field(description="The contact failed.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which it was in time.")


class BreachRequired(Published):
    """The order must go back to court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The failure that opened it.")
    failures: Count = Field(description="Failures that count.")
    warned_on: Date | None = Field(default=None, description="Day of the warning; null without one.")
    pack_due_on: Date = Field(description="Last day for the breach pack.")
    court_level: CourtLevel = Field(description="Court that the breach goes to.")


class BreachPackOverdue(Published):
    """No breach pack by the day on which it was due."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which it was in time.")


class BreachStarted(Published):
    """Breach proceedings began."""

    sentence_id: Id = Field(description="The sentence.")
    started_on: Date = Field(description="Day on which they began.")


class BreachConcluded(Published):
    """Breach proceedings are over."""

    sentence_id: Id = Field(description="The sentence.")
    concluded_on: Date = Field(description="Day on which they ended.")
    outcome: HearingOutcome = Field(description="What they came to.")


class WarningWithdrawn(Published):
    """A warning no longer holds: the failure was none."""

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The contact that was no failure.")
    action_id: Id = Field(description="The warning.")


class BreachWithdrawalDue(Published):
    """A breach must be withdrawn from court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    reason: Code = Field(description="Code of why.")


class ManagerReviewRequired(Published):
    """A manager must look at the absences accepted. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    acceptable_absences: list[Id] = Field(description="Contact ids of the absences.")
    requested_on: Date = Field(description="Day of the request.")


class RecallConsidered(Published):
    """Recall must be considered. Open item."""

    sentence_id: Id = Field(description="The licence.")
    contact_id: Id = Field(description="The contact failed.")


class RecallDeadlineMissed(Published):
    """The papers for a recall were not sent in time."""

    sentence_id: Id = Field(description="The licence.")
    due_at: Instant = Field(description="Instant until which they were in time.")


class RecallTypeDetermined(Published):
    """The kind of recall that the law gives."""

    recall_id: Id = Field(description="The recall.")
    sentence_id: Id = Field(description="The licence.")
    type: Literal["fixed_term", "standard"] = Field(description="Kind of recall.")
    days: Count | None = Field(default=None, description="Days of a fixed-term recall; null for standard.")
    last_day: Date | None = Field(
        default=None, description="Last day of a fixed-term recall; null for standard or before the return."
    )
