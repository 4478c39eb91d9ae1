"""The facts that only the allocation service joins, and what it needs more of those that others join too."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from schemas.words import Grade, Sex
from shared.engine.case import Record
from shared.probation import facts
from shared.probation.names import name_key


class SexualPredictor(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The prediction of a sexual offence with direct contact: band and score, None if not scored."""

    band: str | None
    score: float | None = None


class WomensFactors(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What adds to the tier of a woman."""

    parenting: bool
    impulsivity: bool
    temper: bool
    earlier_enforcement: bool


class RiskAssessment(facts.RiskAssessment, frozen=True, kw_only=True):
    """`RiskAssessed`, with what the third generation of tiers needs: `arp` and `csrp` are percentages."""

    arp: float | None = None
    csrp: float | None = None
    arp_static: bool = False
    csrp_static: bool = False
    sexual_predictor: SexualPredictor | None = None
    sexual_offence_ever: bool = False
    lifer: bool = False
    first_released_on: date | None = None
    womens_factors: WomensFactors | None = None


class Allocation(facts.Allocation, frozen=True, kw_only=True):
    """`CaseAllocated`: what this service decided. `provisional`: before there was a risk assessment."""

    region: str
    team: str
    provisional: bool | None = None
    manager_id: str | None = None


class Preference(Record, frozen=True, kw_only=True):
    """`PractitionerPreferenceRecorded`: the person asked for a practitioner of that sex."""

    sex: Sex
    recorded_on: date


class Cover(Record, frozen=True, kw_only=True):
    """`CoverArranged`: somebody stands in, from the first to the last day."""

    cover_id: str
    for_practitioner_id: str
    practitioner_id: str
    from_: date
    until: date


class TaskDone(Record, frozen=True, kw_only=True):
    """`PreReleaseTaskCompleted`."""

    sentence_id: str
    task: str
    completed_on: date


class SentencePlan(Record, frozen=True, kw_only=True):
    """`SentencePlanCompleted`; `objectives_met_on` is None until all its objectives are met."""

    plan_id: str
    sentence_id: str
    completed_on: date
    objectives_met_on: date | None = None


class RequirementDone(Record, frozen=True, kw_only=True):
    """`RequirementCompleted`, published by referrals."""

    requirement_id: str
    sentence_id: str
    completed_on: date


class ContactPause(Record, frozen=True, kw_only=True):
    """`ContactSuspended` or `ContactResumed`, published by contacts."""

    sentence_id: str
    from_: date
    ground: str


class Practitioner(Record, frozen=True, kw_only=True):
    """`PractitionerUpdated`: what holds of a practitioner from `effective_on` until the next one."""

    practitioner_id: str
    region: str
    pdu: str
    team: str
    grade: Grade
    weekly_hours: float
    sex: Sex
    active: bool
    effective_on: date
    manager_id: str | None = None
    specialisms: tuple[str, ...] = ()
    trainee: bool = False
    po_qualified: bool | None = None

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools in which the practitioner takes cases: of the delivery unit, the region and alone."""
        return (
            unit_pool(self.region, self.pdu),
            region_pool(self.region),
            own_pool(self.practitioner_id),
        )

    @property
    def qualified(self) -> bool:
        """ALLOC-14: is the practitioner qualified as a probation officer? As the grade says, if not told."""
        return self.grade != "pso" if self.po_qualified is None else self.po_qualified


class Reduction(Record, frozen=True, kw_only=True):
    """`ReductionAgreed`: so many weekly hours fewer, from the first to the last day (None: until ended)."""

    reduction_id: str
    hours: float
    from_: date
    to: date | None = None


class ReductionEnd(Record, frozen=True, kw_only=True):
    """`ReductionEnded`: the first day on which the reduction no longer holds."""

    reduction_id: str
    ended_on: date


class UnitChange(Record, frozen=True, kw_only=True):
    """`DeliveryUnitChanged`: a delivery unit goes by another name, or (in part) into another."""

    region: str
    from_pdu: str
    to_pdu: str
    effective_on: date


def unit_pool(region: str, pdu: str) -> str:
    """The pool of a probation delivery unit, however its name is written."""
    return f"{region}/{name_key(pdu)}"


def units_named(data: Any) -> Iterator[tuple[str, str]]:
    """The delivery unit that a sentence names, as the field and the pool."""
    pdu = getattr(data, "pdu", None)
    if pdu is not None and hasattr(data, "sentence_id"):
        yield "data.pdu", unit_pool(data.region, pdu)


def region_pool(region: str) -> str:
    """The pool of all practitioners of a region (ALLOC-16, RES-3)."""
    return f"region/{region}"


def own_pool(practitioner_id: str) -> str:
    """The pool in which one practitioner alone is found, to whom a case returns (ALLOC-18)."""
    return f"practitioner/{practitioner_id}"
