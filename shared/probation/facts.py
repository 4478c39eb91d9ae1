"""The facts that several services join: a record for each, with the same field names as the event's data.

A service that needs more fields of a fact extends the record here. A fact that only one service joins has its
record in `services/<service>/facts.py`. Dates are calendar dates in London.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from schemas.words import (
    AssessedNeed,
    Cohort,
    ConditionKind,
    ContactKind,
    CourtLevel,
    Outcome,
    Region,
    RequirementKind,
    Rosh,
    SentenceKind,
    Sex,
)
from schemas.words import Registration as RegistrationKind
from shared.engine.case import Record

CustodyType = Literal["determinate", "extended", "special_custodial", "life", "indeterminate"]

EndReason = Literal["expired", "repealed", "revoked", "quashed", "died", "completed"]
"""Why supervision ended: it expired, the law that it was based on was repealed, or it ended early."""


class Court(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The court that passed a sentence."""

    level: CourtLevel


class Person(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the court recorded about the person."""

    sex: Sex
    cohorts: tuple[Cohort, ...] = ()


class Requirement(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One requirement as a court ordered it. `amount` is in hours, days or sessions, or None if not counted.

    `concurrent_with` is the requirement whose hours run at the same time, if the court said so; `programme`
    the code of an accredited programme; `unpaid_work_until` the last day for unpaid work, if it was extended.
    """

    requirement_id: str
    kind: RequirementKind
    amount: int | None = None
    concurrent_with: str | None = None
    programme: str | None = None
    unpaid_work_until: date | None = None


class Sentence(Record, frozen=True, kw_only=True):
    """`SentenceImposed`. `ends_on` is the last day of an order, None for a custodial sentence.

    `custodial_days` is the length of a custodial sentence, None for an order or if it is not known.
    """

    sentence_id: str
    kind: SentenceKind
    imposed_on: date
    ends_on: date | None
    region: Region
    pdu: str
    court: Court
    person: Person
    requirements: tuple[Requirement, ...] = ()
    custody_type: CustodyType = "determinate"
    partner_violence: bool = False
    sexual_offence: bool = False
    extremism_offence: bool = False
    public_interest: bool = False
    custodial_days: int | None = None

    @property
    def custodial(self) -> bool:
        """Is it served in custody first, with supervision only after release?"""
        return self.kind == "custodial"


class Variation(Record, frozen=True, kw_only=True):
    """`SentenceVaried`: a new last day, and new requirements that replace all earlier ones."""

    sentence_id: str
    varied_on: date
    ends_on: date
    requirements: tuple[Requirement, ...] = ()

    @property
    def last_day(self) -> date:
        """The order's last day as varied. A court cannot end an order before the day of the hearing."""
        return max(self.ends_on, self.varied_on)


class Revocation(Record, frozen=True, kw_only=True):
    """`SentenceRevoked`, for any reason."""

    sentence_id: str
    revoked_on: date
    reason: str


class AppealLodging(Record, frozen=True, kw_only=True):
    """`AppealLodged`. `stayed`: enforcement rests until the appeal is decided."""

    appeal_id: str
    sentence_id: str
    lodged_on: date
    stayed: bool


class AppealDecision(Record, frozen=True, kw_only=True):
    """`AppealDecided`."""

    appeal_id: str
    sentence_id: str
    decided_on: date
    outcome: str


class Condition(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A condition of a licence."""

    condition_id: str
    kind: ConditionKind


class Release(Record, frozen=True, kw_only=True):
    """`PersonReleased`: a licence starts, followed by post-sentence supervision if `pss_ends_on` is set.

    `conditions` are those of the licence; none if they were not recorded.
    """

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None
    conditions: tuple[Condition, ...] = ()


class TakenIntoCustody(Record, frozen=True, kw_only=True):
    """`PersonTakenIntoCustody`. `sentence_id` is the recalled licence, or None for other reasons."""

    custody_id: str
    taken_on: date
    reason: str
    sentence_id: str | None = None


class ReleasePlan(Record, frozen=True, kw_only=True):
    """`ReleasePlanned`: when a prisoner is to be released; `stay` is short or long term."""

    sentence_id: str
    release_on: date
    stay: Literal["short_term", "long_term"]


class TemporaryRelease(Record, frozen=True, kw_only=True):
    """`TemporaryReleaseGranted`: out of prison, from the first to the last day."""

    sentence_id: str
    from_: date
    until: date


class LeftCustody(Record, frozen=True, kw_only=True):
    """`PersonLeftCustody`."""

    custody_id: str
    left_on: date


class Death(Record, frozen=True, kw_only=True):
    """`PersonDied`."""

    died_on: date


class TransferAcceptance(Record, frozen=True, kw_only=True):
    """`TransferAccepted`: another region or delivery unit took over the person."""

    transfer_id: str
    to_region: Region
    to_pdu: str
    accepted_on: date


class SupervisionEnd(Record, frozen=True, kw_only=True):
    """`SupervisionEnded`, published by allocation."""

    sentence_id: str
    ended_on: date
    reason: EndReason


class Allocation(Record, frozen=True, kw_only=True):
    """`CaseAllocated`, published by allocation."""

    sentence_id: str
    practitioner_id: str
    allocated_on: date
    pdu: str
    reason: str


class ManagerDecision(Record, frozen=True, kw_only=True):
    """`ManagerDecisionRecorded`, about any subject.

    `about_id` is the change, request, contact or assessment decided on, or None: the latest of its kind.
    """

    decision_id: str
    about: str
    sentence_id: str
    approved: bool
    decided_on: date
    about_id: str | None = None


class PractitionerChange(Record, frozen=True, kw_only=True):
    """`PractitionerChangeRequested`, for one sentence or, if None, for all."""

    change_id: str
    sentence_id: str | None
    requested_on: date


class Need(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A need scored by an assessment."""

    need: AssessedNeed
    severity: str


class Mappa(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Multi-agency public protection arrangements: their level, 1 to 3."""

    level: int


class RiskAssessment(Record, frozen=True, kw_only=True):
    """`RiskAssessed`. `rsr` and `ogrs` are percentages, or None if not scored."""

    assessment_id: str
    assessed_on: date
    rosh: Rosh
    rsr: float | None = None
    ogrs: int | None = None
    mappa: Mappa | None = None
    needs: tuple[Need, ...] = ()
    complexity_flags: int = 0
    integrated_offender_management: bool = False


class RegistrationChange(Record, frozen=True, kw_only=True):
    """`RegistrationChanged`: added or removed from that day."""

    registration_id: str
    kind: RegistrationKind
    active: bool
    effective_on: date


class AccessChange(Record, frozen=True, kw_only=True):
    """`CaseAccessChanged`: access to the case was limited, or no longer is, from that day on."""

    access_id: str
    limited: bool
    effective_on: date


class Contact(Record, frozen=True, kw_only=True):
    """`ContactOutcomeRecorded`. `sentence_id` is None if the contact names no sentence."""

    contact_id: str
    sentence_id: str | None
    requirement_id: str | None
    occurred_on: date
    kind: ContactKind
    outcome: Outcome
