"""What the allocation service knows: the facts about a person, and those about a practitioner.

Records hold only the fields that a rule reads; dates are London calendar dates. What follows from
several records at once (from when until when somebody is supervised) is in `supervision.py`.
"""

from datetime import date

import msgspec

from shared.engine.case import Case, Record, Register, Registers


class Requirement(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One requirement of an order."""

    kind: str


class Sentence(Record, frozen=True, kw_only=True, array_like=True):
    """`SentenceImposed`. `ends_on` is the last day of an order, None for a custodial sentence."""

    sentence_id: str
    kind: str
    imposed_on: date
    ends_on: date | None = None
    region: str
    pdu: str
    requirements: tuple[Requirement, ...] = ()

    @property
    def custodial(self) -> bool:
        """Served in custody first: supervised in the community only after release."""
        return self.kind == "custodial"

    @property
    def place(self) -> str:
        """Region and probation delivery unit: the pool from which its practitioner comes."""
        return place(self.region, self.pdu)


class Variation(Record, frozen=True, kw_only=True, array_like=True):
    """`SentenceVaried`: a new last day and a full replacement of the requirements."""

    sentence_id: str
    varied_on: date
    ends_on: date
    requirements: tuple[Requirement, ...] = ()

    @property
    def last_day(self) -> date:
        """The last day of the order as changed: a variation cannot end it before its own day."""
        return max(self.ends_on, self.varied_on)


class Revocation(Record, frozen=True, kw_only=True, array_like=True):
    """`SentenceRevoked`."""

    sentence_id: str
    revoked_on: date
    reason: str


class Release(Record, frozen=True, kw_only=True, array_like=True):
    """`PersonReleased`: a licence begins, then post-sentence supervision if `pss_ends_on` is given."""

    sentence_id: str
    released_on: date
    licence_ends_on: date
    pss_ends_on: date | None = None

    @property
    def ends_on(self) -> date:
        """The last day of supervision after this release."""
        return self.pss_ends_on or self.licence_ends_on


class CustodyBegun(Record, frozen=True, kw_only=True, array_like=True):
    """`PersonTakenIntoCustody`. `sentence_id` is the licence recalled."""

    custody_id: str
    taken_on: date
    reason: str
    sentence_id: str | None = None


class CustodyLeft(Record, frozen=True, kw_only=True, array_like=True):
    """`PersonLeftCustody`."""

    custody_id: str
    left_on: date


class Mappa(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Multi-agency public protection arrangements: their level, 1 to 3."""

    level: int


class Need(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One need that the assessment scored."""

    need: str
    severity: str


class RiskAssessment(Record, frozen=True, kw_only=True, array_like=True):
    """`RiskAssessed`. `rsr` and `ogrs` are percentages, None where not scored."""

    assessment_id: str
    assessed_on: date
    rosh: str
    rsr: float | None = None
    ogrs: int | None = None
    mappa: Mappa | None = None
    needs: tuple[Need, ...] = ()
    complexity_flags: int = 0
    integrated_offender_management: bool = False


class Death(Record, frozen=True, kw_only=True, array_like=True):
    """`PersonDied`."""

    died_on: date


class Allocation(Record, frozen=True, kw_only=True, array_like=True):
    """`CaseAllocated`: a decision of this service."""

    sentence_id: str
    practitioner_id: str
    allocated_on: date
    reason: str


class ChangeRequest(Record, frozen=True, kw_only=True, array_like=True):
    """`PractitionerChangeRequested`: somebody else is asked for, for all sentences if it names none."""

    change_id: str
    sentence_id: str | None = None
    requested_on: date


class ManagerDecision(Record, frozen=True, kw_only=True, array_like=True):
    """`ManagerDecisionRecorded`, whatever it is about."""

    decision_id: str
    about: str
    sentence_id: str
    approved: bool
    decided_on: date


class AllocationCase(Case, kw_only=True):
    """A person on probation, as allocation sees them."""

    sentences: dict[str, Sentence] = msgspec.field(default_factory=dict)
    variations: dict[str, Variation] = msgspec.field(default_factory=dict)
    revocations: dict[str, Revocation] = msgspec.field(default_factory=dict)
    releases: dict[str, Release] = msgspec.field(default_factory=dict)
    custody: dict[str, CustodyBegun] = msgspec.field(default_factory=dict)
    custody_left: dict[str, CustodyLeft] = msgspec.field(default_factory=dict)
    assessments: dict[str, RiskAssessment] = msgspec.field(default_factory=dict)
    deaths: dict[str, Death] = msgspec.field(default_factory=dict)
    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    change_requests: dict[str, ChangeRequest] = msgspec.field(default_factory=dict)
    manager_decisions: dict[str, ManagerDecision] = msgspec.field(default_factory=dict)

    def allocations_of(self, sentence_id: str) -> list[Allocation]:
        """The allocations of a sentence in the order in which they were decided."""
        found = [a for a in self.allocations.values() if a.sentence_id == sentence_id]
        return sorted(found, key=decided)


def decided(allocation: Allocation) -> tuple[date, int, bool, str]:
    """Sorts allocations by when they were decided; at one instant a change comes after what it changed."""
    changed = allocation.reason == "change"
    return (allocation.allocated_on, allocation.recorded, changed, allocation.event_id)


PERSON: Registers = {
    "SentenceImposed": Register("sentences", Sentence),
    "SentenceVaried": Register("variations", Variation),
    "SentenceRevoked": Register("revocations", Revocation),
    "PersonReleased": Register("releases", Release),
    "PersonTakenIntoCustody": Register("custody", CustodyBegun),
    "PersonLeftCustody": Register("custody_left", CustodyLeft),
    "RiskAssessed": Register("assessments", RiskAssessment),
    "PersonDied": Register("deaths", Death),
    "CaseAllocated": Register("allocations", Allocation),
    "PractitionerChangeRequested": Register("change_requests", ChangeRequest),
    "ManagerDecisionRecorded": Register("manager_decisions", ManagerDecision),
}


class Practitioner(Record, frozen=True, kw_only=True, array_like=True):
    """`PractitionerUpdated`: what holds of a practitioner from `effective_on` until the next one."""

    practitioner_id: str
    region: str
    pdu: str
    team: str
    weekly_hours: float
    active: bool
    effective_on: date

    @property
    def place(self) -> str:
        """Region and probation delivery unit: the pool in which the practitioner takes cases."""
        return place(self.region, self.pdu)


class PractitionerCase(Case, kw_only=True):
    """A practitioner. `used["points"]` is the workload of the cases held, kept by the engine."""

    updates: dict[str, Practitioner] = msgspec.field(default_factory=dict)

    @property
    def points(self) -> int:
        """Workload points of the cases held."""
        return self.used.get("points", 0)

    def on(self, day: date) -> Practitioner | None:
        """What holds of the practitioner on a day; None before the first record takes effect."""
        begun = (u for u in self.updates.values() if u.effective_on <= day)
        return max(begun, key=lambda u: u.effective_on, default=None)


PRACTITIONER: Registers = {"PractitionerUpdated": Register("updates", Practitioner)}


def place(region: str, pdu: str) -> str:
    """The pool of a probation delivery unit."""
    return f"{region}/{pdu}"


def own_pool(practitioner_id: str) -> str:
    """The pool in which one practitioner alone is found, to whom a case returns (ALLOC-18)."""
    return f"practitioner/{practitioner_id}"
