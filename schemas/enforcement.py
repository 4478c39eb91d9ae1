"""Topic ``enforcement``: warnings, breach and recall."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data
from schemas.published import OfSentence, OpenItem, Record
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id, Instant
from schemas.words import BreachSanction, ConditionKind, CourtLevel, HearingOutcome

ActionOption = Literal["warn", "refer", "recall"]


class AbsenceDecisionOverdue(Record, OfSentence):
    """No decision about an absence was made by the due date."""

    dated = "due_on"

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class EnforcementActionRequired(OpenItem, OfSentence):
    """A failure requires action: warn the person, refer the breach or recommend recall. Open item."""

    contact_id: Id = Field(description="The failed contact.")
    sentence_id: Id = Field(description="The sentence.")
    options: list[Annotated[ActionOption, Field(json_schema_extra=OPEN_LIST)]] = Field(
        description="What may be done: warn or refer on an order and in post-sentence supervision, warn or "
        "recall on a licence."
    )
    failures: Count = Field(description="Number of failures that count so far, including this one.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class EnforcementActionOverdue(Record, OfSentence):
    """Nothing was done about a failure by the due date."""

    dated = "due_on"

    contact_id: Id = Field(description="The failed contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which an action was due.")


class WarningLetterOverdue(Record, OfSentence):
    """No warning letter was sent by the due date."""

    dated = "due_on"

    contact_id: Id = Field(description="The failed contact.")
    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class BreachRequired(OpenItem, OfSentence):
    """The order must go back to court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The failure that led to it.")
    failures: Count = Field(description="Number of failures that count.")
    warned_on: Date | None = Field(default=None, description="Date of the warning; null if there was none.")
    pack_due_on: Date = Field(description="Date by which the breach pack is due.")
    court_level: CourtLevel = Field(description="Court that will hear the breach.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class BreachPackOverdue(Record, OfSentence):
    """The breach pack was not completed by the due date."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class BreachInformationOverdue(Record, OfSentence):
    """No information was laid before the court by the due date."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")
    court_level: CourtLevel = Field(description="Court before which it is to be laid.")


class BreachStarted(Record, OfSentence):
    """Breach proceedings started."""

    dated = "started_on"

    sentence_id: Id = Field(description="The sentence.")
    started_on: Date = Field(description="Date on which they started.")


class BreachConcluded(Record, OfSentence):
    """Breach proceedings concluded."""

    dated = "concluded_on"

    sentence_id: Id = Field(description="The sentence.")
    concluded_on: Date = Field(description="Date on which they concluded.")
    outcome: HearingOutcome = Field(
        description="Result of the proceedings; withdrawn also if they did not reach a hearing.",
        json_schema_extra=OPEN_LIST,
    )
    sanction: BreachSanction | None = Field(
        default=None,
        description="What the court imposed for the breach, if recorded.",
        json_schema_extra=OPEN_LIST,
    )
    fine_pounds: Count | None = Field(default=None, description="Amount of the fine, in pounds.")


class WarningWithdrawn(Record, OfSentence):
    """A warning no longer holds, because there was no failure."""

    dated = "withdrawn_on"

    sentence_id: Id = Field(description="The sentence.")
    contact_id: Id = Field(description="The contact that was not a failure.")
    action_id: Id = Field(description="The warning.")
    withdrawn_on: Date | None = Field(default=None, description="Date from which it no longer holds.")


class WarningIncomplete(OpenItem, OfSentence):
    """A warning does not state all that the law says it must. Open item."""

    action_id: Id = Field(description="The warning.")
    sentence_id: Id = Field(description="The sentence.")
    missing: list[Literal["circumstances", "unacceptable", "liability"]] = Field(
        description="What it does not state."
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class BreachWithdrawalDue(OpenItem, OfSentence):
    """A breach must be withdrawn from court. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    reason: Code = Field(
        description="no_failure: what it was brought for was no failure. not_required: with what is left, no "
        "breach would have been required.",
        json_schema_extra=OPEN_LIST,
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ManagerReviewRequired(OpenItem, OfSentence):
    """A manager must review the acceptable absences. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    acceptable_absences: list[Id] = Field(description="Contact ids of the acceptable absences.")
    requested_on: Date = Field(description="Date of the request.")
    practitioner_id: Id | None = Field(
        default=None, description="Practitioner who had the sentence on that date, if known."
    )
    manager_id: Id | None = Field(default=None, description="The practitioner's manager, if known.")
    equality_check: list[Id] = Field(
        default=[],
        description="Those of the absences whose reason may have to do with a protected characteristic.",
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class BreachedCondition(Data):
    """A condition of a licence that was breached."""

    condition_id: Id = Field(description="The condition.")
    kind: ConditionKind = Field(description="What it requires or forbids.", json_schema_extra=OPEN_LIST)


class RecallConsidered(OpenItem, OfSentence):
    """Recall must be considered. Open item."""

    sentence_id: Id = Field(description="The licence.")
    contact_id: Id | None = Field(default=None, description="The failed contact; null if custody led to it.")
    custody_id: Id | None = Field(
        default=None, description="The stay in custody that led to it; null if a failure did."
    )
    conditions: list[BreachedCondition] = Field(
        default=[], description="The conditions of the licence that were breached; empty if not known."
    )
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class RecallDeadlineMissed(Record, OfSentence):
    """The papers for a recall (Part A) were not sent within the hours allowed since the manager agreed."""

    dated = "due_at"

    sentence_id: Id = Field(description="The licence.")
    due_at: Instant = Field(description="Date and time by which they were due.")


class RecallTypeDetermined(Record, OfSentence):
    """The type of recall that the law prescribes."""

    dated = "decided_on"

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
    emergency: bool = Field(default=False, description="An emergency recall. It does not alter the type.")
    decided_on: Date | None = Field(default=None, description="Date on which the recall was decided.")
