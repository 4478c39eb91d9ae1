"""Topic ``contacts``: whether the contact that standards require takes place."""

from typing import Literal

from pydantic import Field

from schemas.published import OfSentence, OpenItem, Record
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id
from schemas.words import AcceptableReason, Mode, Outcome, PartnerCheckKind, VictimTrigger

SuspensionGround = Literal["post_sentence_supervision", "reset", "custody"]


class ContactPlanSet(Record, OfSentence):
    """The contact expected from a given day."""

    dated = "from_"

    sentence_id: Id = Field(description="The sentence.")
    regime: Literal[
        "standard",
        "post_sentence_supervision",
        "suspended",
        "custody",
        "unpaid_work_only",
        "pre_release",
    ] = Field(description="The regime in force.", json_schema_extra=OPEN_LIST)
    face_to_face_every_days: Count | None = Field(
        default=None,
        description="Days between face-to-face contacts; null if none is expected.",
    )
    modes: list[Mode] = Field(
        default=[], max_length=4, description="Suggested forms of contact; none if no contact is expected."
    )
    from_: Date = Field(alias="from", description="First day of the plan.")
    package: Code | None = Field(
        default=None,
        description="The supervision package in force, named by its tier; null if there is none.",
    )
    yearly_contacts: Count | None = Field(
        default=None, description="Contacts that the package allows in a full year."
    )
    early_engagement_ends_on: Date | None = Field(
        default=None, description="Last day of the package's early engagement period."
    )
    package_unknown: bool = Field(
        default=False,
        description="Packages are in force, but none is known for this tier, or the tier is provisional.",
    )


class ContactMissed(Record, OfSentence):
    """An enforceable failure: the person missed a contact without an acceptable reason."""

    dated = "missed_on"

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    missed_on: Date = Field(description="Date of the contact.")
    outcome: Outcome = Field(description="The outcome recorded.")
    decided_on: Date | None = Field(
        default=None, description="Date of the decision, if the reason was not known at first."
    )


class ContactExcused(Record, OfSentence):
    """The person missed a contact for an acceptable reason."""

    dated = "missed_on"

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    missed_on: Date = Field(description="Date of the contact.")
    acceptable_reason: AcceptableReason = Field(description="Why the absence is acceptable.")
    decided_on: Date | None = Field(
        default=None, description="Date of the decision, if the reason was not known at first."
    )


class FailureTakenBack(Record, OfSentence):
    """What was recorded as a failure turned out to be none: it was accepted, or never was."""

    dated = "taken_back_on"

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    missed_on: Date = Field(description="Date of the contact, as recorded when it was a failure.")
    taken_back_on: Date = Field(description="Date on which the correction was recorded.")


class AbsenceUndecided(OpenItem, OfSentence):
    """The person did not attend, and the reason is not known yet. Open item."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    missed_on: Date = Field(description="Date of the contact.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class OutcomeOverdue(OpenItem, OfSentence):
    """A contact is in the past and has no recorded outcome. Open item."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    scheduled_on: Date = Field(description="Date of the contact.")
    due_on: Date | None = Field(
        default=None, description="Date by which it is due; null where no rule sets one."
    )


class ContactStandardMissed(Record, OfSentence):
    """A month had less than the minimum face-to-face contact."""

    dated = "period_end"

    sentence_id: Id = Field(description="The sentence.")
    period_start: Date = Field(description="First day of the month.")
    period_end: Date = Field(description="Last day of the month.")
    attended: Count = Field(description="Attended contacts that count.")
    excused: bool = Field(description="True if the only contact offered was missed for an acceptable reason.")


class VideoShareExceeded(Record, OfSentence):
    """Too many of a month's contacts were by video."""

    dated = "period_end"

    sentence_id: Id = Field(description="The sentence.")
    period_start: Date = Field(description="First day of the month.")
    period_end: Date = Field(description="Last day of the month.")
    video: Count = Field(description="Contacts attended by video.")
    total: Count = Field(description="Contacts attended.")


class InitialAppointmentOverdue(Record, OfSentence):
    """No first appointment was offered in time."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class HomeVisitRequired(OpenItem, OfSentence):
    """A home visit is required. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    registration: Id = Field(description="Id of the registration that requires it.")
    due_on: Date = Field(description="Date by which it is due.")


class HomeVisitOverdue(Record, OfSentence):
    """A home visit did not take place in time."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    registration: Id = Field(description="Id of the registration that required it.")
    due_on: Date = Field(description="Date by which it was due.")


class SentencePlanOverdue(Record, OfSentence):
    """The sentence plan was not completed in time."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Date by which it was due.")


class ContactSuspended(Record, OfSentence):
    """Contact is suspended from a given day."""

    dated = "from_"

    sentence_id: Id = Field(description="The sentence.")
    from_: Date = Field(alias="from", description="First day without contact.")
    ground: SuspensionGround = Field(description="Why.", json_schema_extra=OPEN_LIST)
    approval: Id | None = Field(
        default=None, description="Id of the manager's decision, if one was required."
    )
    follow_up_on: Date | None = Field(
        default=None,
        description="Date of the single follow-up contact during the suspension, if there is one.",
    )


class ContactResumed(Record, OfSentence):
    """Contact resumes from a given day."""

    dated = "from_"

    sentence_id: Id = Field(description="The sentence.")
    from_: Date = Field(alias="from", description="First day on which contact resumes.")
    ground: SuspensionGround = Field(description="Why it had been suspended.", json_schema_extra=OPEN_LIST)
    approval: Id | None = Field(default=None, description="Id of the manager's decision, if there was one.")


class SuspensionRefused(Record, OfSentence):
    """A request to suspend contact was refused."""

    dated = "refused_on"

    request_id: Id = Field(description="The request.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal[
        "risk_not_low", "rehabilitative_need", "not_approved", "not_post_sentence_supervision"
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)
    refused_on: Date | None = Field(default=None, description="Date of the refusal.")


class ResetFollowUpDue(OpenItem, OfSentence):
    """The single follow-up contact in the last third of a licence is due. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="The middle of the last third.")


class PartnerCheckDue(OpenItem, OfSentence):
    """A check with another agency is due: an item on the practitioner's checklist. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    check: PartnerCheckKind = Field(description="Kind of check.")
    due_on: Date = Field(description="Date by which it is due.")


class VictimUpdateDue(OpenItem, OfSentence):
    """The victims who asked to be kept informed must be told what happened. Open item. It names no victim."""

    sentence_id: Id = Field(description="The sentence.")
    trigger: VictimTrigger = Field(description="What they are to be told of.")
    due_on: Date = Field(description="Date by which they are to be told.")


class VictimUpdateOverdue(Record, OfSentence):
    """The victims who asked to be kept informed were not told in time. It names no victim."""

    dated = "due_on"

    sentence_id: Id = Field(description="The sentence.")
    trigger: VictimTrigger = Field(description="What they were to be told of.")
    due_on: Date = Field(description="Date by which they were to be told.")
