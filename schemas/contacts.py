"""Topic ``contacts``: whether the person and the practitioner meet as they should."""

from typing import Literal

from pydantic import Field

from schemas.envelope import Published
from schemas.scalars import OPEN_LIST, Code, Count, Date, Id
from schemas.words import AcceptableReason, Outcome, PartnerCheckKind

SuspensionGround = Literal["post_sentence_supervision", "reset", "custody"]


class ContactPlanSet(Published):
    """The contact expected from a day on."""

    sentence_id: Id = Field(description="The sentence.")
    regime: Literal["standard", "post_sentence_supervision", "suspended", "custody", "unpaid_work_only"] = (
        Field(description="The regime that holds.", json_schema_extra=OPEN_LIST)
    )
    face_to_face_every_days: Count | None = Field(
        default=None,
        description="Days from one face-to-face contact to the next; null where none is expected.",
    )
    from_: Date = Field(alias="from", description="First day of the plan.")
    package: Code | None = Field(
        default=None, description="The supervision package that holds, named by its tier; null if none does."
    )
    yearly_contacts: Count | None = Field(
        default=None, description="Contacts that the package allows in a whole year."
    )
    early_engagement_ends_on: Date | None = Field(
        default=None, description="Last day of the package's first weeks."
    )
    package_unknown: bool = Field(
        default=False,
        description="Packages hold, but not for this tier: it is provisional, or has no known figures.",
    )


class ContactMissed(Published):
    """An enforceable failure: the person missed a contact without an acceptable reason."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    missed_on: Date = Field(description="Day of the contact.")
    outcome: Outcome = Field(description="The outcome recorded.")
    decided_on: Date | None = Field(
        default=None, description="The day on which it was decided, if the reason was awaited first."
    )


class ContactExcused(Published):
    """The person missed a contact for an acceptable reason."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    requirement_id: Id | None = Field(default=None, description="The requirement it was for, if any.")
    missed_on: Date = Field(description="Day of the contact.")
    acceptable_reason: AcceptableReason = Field(description="Why it is acceptable.")
    decided_on: Date | None = Field(
        default=None, description="The day on which it was decided, if the reason was awaited first."
    )


class AbsenceUndecided(Published):
    """The person did not come, and the reason is awaited. Open item."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    missed_on: Date = Field(description="Day of the contact.")


class OutcomeOverdue(Published):
    """A contact is past and has no outcome. Open item."""

    contact_id: Id = Field(description="The contact.")
    sentence_id: Id = Field(description="The sentence it was for.")
    scheduled_on: Date = Field(description="Day of the contact.")


class ContactStandardMissed(Published):
    """A month without the minimum of face-to-face contact."""

    sentence_id: Id = Field(description="The sentence.")
    period_start: Date = Field(description="First day of the month.")
    period_end: Date = Field(description="Last day of the month.")
    attended: Count = Field(description="Contacts attended that count.")
    excused: bool = Field(description="The only contact offered was missed for an acceptable reason.")


class VideoShareExceeded(Published):
    """A month with too large a share of contacts by video."""

    sentence_id: Id = Field(description="The sentence.")
    period_start: Date = Field(description="First day of the month.")
    period_end: Date = Field(description="Last day of the month.")
    video: Count = Field(description="Contacts attended by video.")
    total: Count = Field(description="Contacts attended.")


class InitialAppointmentOverdue(Published):
    """No first appointment was offered in time."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which it was in time.")


class HomeVisitRequired(Published):
    """A home visit is needed. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    registration: Id = Field(description="Id of the registration that calls for it.")
    due_on: Date = Field(description="Last day on which it is in time.")


class HomeVisitOverdue(Published):
    """A home visit did not take place in time."""

    sentence_id: Id = Field(description="The sentence.")
    registration: Id = Field(description="Id of the registration that called for it.")
    due_on: Date = Field(description="Last day on which it was in time.")


class SentencePlanOverdue(Published):
    """The sentence plan was not completed in time."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="Last day on which it was in time.")


class ContactSuspended(Published):
    """Contact is suspended from a day on."""

    sentence_id: Id = Field(description="The sentence.")
    from_: Date = Field(alias="from", description="First day without contact.")
    ground: SuspensionGround = Field(description="Why.", json_schema_extra=OPEN_LIST)
    approval: Id | None = Field(default=None, description="Id of the manager's decision, if one was needed.")
    follow_up_on: Date | None = Field(
        default=None, description="Day of the one follow-up that takes place meanwhile, if there is one."
    )


class ContactResumed(Published):
    """Contact is resumed from a day on."""

    sentence_id: Id = Field(description="The sentence.")
    from_: Date = Field(alias="from", description="First day with contact again.")
    ground: SuspensionGround = Field(
        description="What it had been suspended for.", json_schema_extra=OPEN_LIST
    )
    approval: Id | None = Field(default=None, description="Id of the manager's decision, if there was one.")


class SuspensionRefused(Published):
    """A request to suspend contact was refused."""

    request_id: Id = Field(description="The request.")
    sentence_id: Id = Field(description="The sentence.")
    reason: Literal[
        "risk_not_low", "rehabilitative_need", "not_approved", "not_post_sentence_supervision"
    ] = Field(description="Why.", json_schema_extra=OPEN_LIST)


class ResetFollowUpDue(Published):
    """The one follow-up in the last third of a licence is to take place. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    due_on: Date = Field(description="The middle of the last third.")


class PartnerCheckDue(Published):
    """Another agency is to be asked: an item of the practitioner's checklist. Open item."""

    sentence_id: Id = Field(description="The sentence.")
    check: PartnerCheckKind = Field(description="What is to be asked.")
    due_on: Date = Field(description="Last day on which it is in time.")
