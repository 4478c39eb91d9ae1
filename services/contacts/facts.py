"""The facts that only the contacts service joins, and what it needs more of those that others join too.

One record a fact, its fields named as the event's data names them.
"""

from datetime import date
from typing import Any

from schemas.words import AcceptableReason, ContactKind, Mode, VictimTrigger
from shared.engine.case import Record
from shared.probation import facts


class Contact(facts.Contact, frozen=True, kw_only=True):
    """A contact that has an outcome: `ContactOutcomeRecorded`, or a provider's `SessionRecorded`.

    `mode` is None for a provider's session: how it took place is not recorded, and no rule asks. `activity`
    is what was done in such a session, None for a practitioner's contact.
    """

    mode: Mode | None
    national_standard: bool
    acceptable_reason: AcceptableReason | None
    activity: str | None = None


class Appointment(Record, frozen=True, kw_only=True):
    """`ContactScheduled`. `sentence_id` is None for an appointment that names none."""

    contact_id: str
    sentence_id: str | None
    requirement_id: str | None
    scheduled_on: date
    kind: ContactKind
    mode: Mode
    national_standard: bool
    notified: bool


class Completion(Record, frozen=True, kw_only=True):
    """`RequirementCompleted`, published by referrals."""

    requirement_id: str
    sentence_id: str
    completed_on: date


class Tier(Record, frozen=True, kw_only=True):
    """`TierCalculated`, published by allocation: known from the day on which it was calculated.

    `provisional` says that something which the tier needs is not known yet.
    """

    tier: str
    provisional: bool


class SentencePlan(Record, frozen=True, kw_only=True):
    """`SentencePlanCompleted`. A later one is the practitioner's review.

    `face_to_face_every_days` is the frequency that the practitioner set, None if none. Of the evidence
    (CONT-26, EQ-4) None is what the source does not tell.
    """

    plan_id: str
    sentence_id: str
    completed_on: date
    self_assessment: str
    rehabilitative_need: bool
    face_to_face_every_days: int | None = None
    family_considered: bool | None = None
    gender_specific_evidence: bool | None = None
    young_adult_transition: bool | None = None


class VictimContact(Record, frozen=True, kw_only=True):
    """`VictimContactChanged`: a victim is to be kept informed from that day on, or no longer."""

    victim_contact_id: str
    sentence_id: str
    opted_in: bool
    effective_on: date


class VictimUpdate(Record, frozen=True, kw_only=True):
    """`VictimUpdated`: the victims of a sentence were told of something."""

    sentence_id: str
    trigger: VictimTrigger
    told_on: date


class Recall(Record, frozen=True, kw_only=True):
    """`RecallDecided`, as far as victims are told of it."""

    sentence_id: str
    decided_on: date


class SuspensionRequest(Record, frozen=True, kw_only=True):
    """`ContactSuspensionRequested`."""

    request_id: str
    sentence_id: str
    requested_on: date


class PartnerCheck(Record, frozen=True, kw_only=True):
    """`PartnerCheckCompleted`."""

    sentence_id: str
    check: str
    completed_on: date


class TransferRequest(Record, frozen=True, kw_only=True):
    """`TransferRequested`."""

    transfer_id: str
    requested_on: date


def session(data: Any) -> Contact:
    """DF-16: a provider's session (`SessionRecorded`) as the contact that it is, and enforceable."""
    return Contact(
        contact_id=data.session_id,
        sentence_id=data.sentence_id,
        requirement_id=data.requirement_id,
        occurred_on=data.held_on,
        kind="session",
        mode=None,
        national_standard=data.national_standard,
        outcome=data.outcome,
        acceptable_reason=data.acceptable_reason,
        activity=data.activity,
    )
