"""Topic ``enforcement``: warnings, breach and recall."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Published
from schemas.scalars import Code, Count, Date, Id, Instant
from schemas.words import CourtLevel, HearingOutcome


class AbsenceDecisionOverdue(Published):
    """No decision about an absence was made by the due date."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class EnforcementActionRequired(Published):
    """A failure requires action: warn the person or refer the breach. Open item."""

    contact_id: Id = Field(description="The failed contact.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Literal["warn", "refer"]] = Field(description="What the law allows.")
    failures: Count = Field(description="Number of failures that count so far, including this one.")


class WarningLetterOverdue(Published):
    """No warning letter was sent by the due date."""

    contact_id: Id = Field(description="The failed contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class BreachRequired(Published):
    """The order must go back to court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The failure that led to it.")
    failures: Count = Field(description="Number of failures that count.")
    warned_on: Date | None = Field(default=None, description="Date of the warning; null if there was none.")
    pack_due_on: Date = Field(description="Date by which the breach pack is due.")
    court_level: CourtLevel = Field(description="Court that will hear the breach.")


class BreachPackOverdue(Published):
    """The breach pack was not completed by the due date."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class BreachStarted(Published):
    """Breach proceedings started."""

    sentence_id: Id = Field(description="The sentence.")
    started_on: Date = Field(description="Date on which they started.")


class BreachConcluded(Published):
    """Breach proceedings concluded."""

    sentence_id: Id = Field(description="The sentence.")
    concluded_on: Date = Field(description="Date on which they concluded.")
    outcome: HearingOutcome = Field(description="Result of the proceedings.")


class WarningWithdrawn(Published):
    """A warning no longer holds, because there was no failure."""

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The contact that was not a failure.")
    action_id: Id = Field(description="The warning.")


class BreachWithdrawalDue(Published):
    """A breach must be withdrawn from court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    reason: Code = Field(description="Code of the reason.")


class ManagerReviewRequired(Published):
    """A manager must review the acceptable absences. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    acceptable_absences: list[Id] = Field(description="Contact ids of the acceptable absences.")
    requested_on: Date = Field(description="Date of the request.")


class RecallConsidered(Published):
    """Recall must be considered. Open item."""

    sentence_id: Id = Field(description="The licence.")
    contact_id: Id = Field(description="The failed contact.")


class RecallDeadlineMissed(Published):
    """The papers for a recall were not sent in time."""

    sentence_id: Id = Field(description="The licence.")
    due_at: Instant = Field(description="Date and time by which they were due.")


class RecallTypeDetermined(Published):
    """The type of recall that the law prescribes."""

    recall_id: Id = Field(description="The recall.")
    sentence_id: Id = Field(description="The licence.")
    type: Literal["fixed_term", "standard"] = Field(description="Type of recall.")
    days: Count | None = Field(
        default=None, description="Length of a fixed-term recall in days; null for a standard recall."
    )
    last_day: Date | None = Field(
        default=None,
        description="Last day of a fixed-term recall; null if standard, or before the return to custody.",
    )
