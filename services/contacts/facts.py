"""The facts that the contacts service joins, as its rules see them: one record a fact.

Each has the fields that the rules need, named as the event's data names them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from schemas.words import AcceptableReason, ContactKind, Mode, Outcome, Registration, Rosh
from shared.engine.case import Record


class Requirement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One requirement of an order."""

    requirement_id: str
    kind: str


class Person(msgspec.Struct, frozen=True, array_like=True):
    """What the court says of the person."""

    cohorts: tuple[str, ...] = ()


class Sentence(Record, frozen=True, kw_only=True):
    """`SentenceImposed`."""

    sentence_id: str
    kind: str
    imposed_on: date
    ends_on: date | None
    region: str
    pdu: str
    person: Person
    requirements: tuple[Requirement, ...] = ()


class Variation(Record, frozen=True, kw_only=True):
    """`SentenceVaried`."""

    sentence_id: str
    varied_on: date
    ends_on: date
    requirements: tuple[Requirement, ...] = ()


class Revocation(Record, frozen=True, kw_only=True):
    """`SentenceRevoked`, for whatever reason."""

    sentence_id: str
    revoked_on: date


class Release(Record, frozen=True, kw_only=True):
    """`PersonReleased`."""

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None


class TakenIntoCustody(Record, frozen=True, kw_only=True):
    """`PersonTakenIntoCustody`, on any sentence or none."""

    custody_id: str
    taken_on: date


class LeftCustody(Record, frozen=True, kw_only=True):
    """`PersonLeftCustody`."""

    custody_id: str
    left_on: date


class Death(Record, frozen=True, kw_only=True):
    """`PersonDied`."""

    died_on: date


class SupervisionEnd(Record, frozen=True, kw_only=True):
    """`SupervisionEnded`, published by allocation."""

    sentence_id: str
    ended_on: date
    reason: str


class Allocation(Record, frozen=True, kw_only=True):
    """`CaseAllocated`, published by allocation."""

    sentence_id: str
    practitioner_id: str
    allocated_on: date
    pdu: str
    reason: str


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


class Need(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One need that an assessment scored."""

    need: str
    severity: str


class Risk(Record, frozen=True, kw_only=True):
    """`RiskAssessed`: the level of risk of serious harm from the day of the assessment on.

    `mappa` says that the person is managed under it, at whatever level and in whatever category.
    """

    assessment_id: str
    assessed_on: date
    rosh: Rosh
    mappa: bool
    needs: tuple[Need, ...] = ()


class Flag(Record, frozen=True, kw_only=True):
    """`RegistrationChanged`: set or lifted from that day on."""

    registration_id: str
    kind: Registration
    active: bool
    effective_on: date


class Plan(Record, frozen=True, kw_only=True):
    """`SentencePlanCompleted`. A later one is the practitioner's review.

    `face_to_face_every_days` is the frequency that the practitioner set, None if none.
    """

    plan_id: str
    sentence_id: str
    completed_on: date
    self_assessment: str
    rehabilitative_need: bool
    face_to_face_every_days: int | None = None


class SuspensionRequest(Record, frozen=True, kw_only=True):
    """`ContactSuspensionRequested`."""

    request_id: str
    sentence_id: str
    requested_on: date


class Decision(Record, frozen=True, kw_only=True):
    """`ManagerDecisionRecorded`, whatever it is about."""

    decision_id: str
    about: str
    sentence_id: str
    approved: bool
    decided_on: date


class PartnerCheck(Record, frozen=True, kw_only=True):
    """`PartnerCheckCompleted`."""

    sentence_id: str
    check: str
    completed_on: date


class TransferRequest(Record, frozen=True, kw_only=True):
    """`TransferRequested`."""

    transfer_id: str
    requested_on: date


class TransferAcceptance(Record, frozen=True, kw_only=True):
    """`TransferAccepted`."""

    transfer_id: str
    accepted_on: date


class PractitionerChange(Record, frozen=True, kw_only=True):
    """`PractitionerChangeRequested`, for one sentence or (None) for all."""

    change_id: str
    sentence_id: str | None
    requested_on: date


class Contact(Record, frozen=True, kw_only=True):
    """A contact that has an outcome: `ContactOutcomeRecorded`, or a provider's `SessionRecorded`.

    `mode` is None for a provider's session: how it took place is not recorded, and no rule asks.
    `sentence_id` is None for a contact that names none: it counts for all.
    """

    contact_id: str
    sentence_id: str | None
    requirement_id: str | None
    occurred_on: date
    kind: ContactKind
    mode: Mode | None
    national_standard: bool
    outcome: Outcome
    acceptable_reason: AcceptableReason | None


class Appointment(Record, frozen=True, kw_only=True):
    """`ContactScheduled`."""

    contact_id: str
    sentence_id: str | None
    requirement_id: str | None
    scheduled_on: date
    kind: ContactKind
    mode: Mode
    national_standard: bool
    notified: bool


def session(data: Any) -> Contact:
    """A provider's session (`SessionRecorded`) as the contact that it is."""
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
    )


def risk(data: Any) -> Risk:
    """A risk assessment (`RiskAssessed`) with what the rules ask of it."""
    return Risk(
        assessment_id=data.assessment_id,
        assessed_on=data.assessed_on,
        rosh=data.rosh,
        mappa=data.mappa is not None,
        needs=tuple(Need(scored.need, scored.severity) for scored in data.needs),
    )
