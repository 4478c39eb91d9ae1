"""The people who are sentenced, and the practitioners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.words import Cohort, Region, Rosh, SentenceKind, Sex, Team
from schemas.workforce import DeliveryUnitChanged, PractitionerUpdated, ReductionAgreed
from tools.simulate.recorder import EventRecorder


@dataclass(frozen=True, slots=True)
class Unit:
    """A probation delivery unit, with the courts whose sentences it supervises."""

    region: Region
    name: str
    code: str
    magistrates: str
    crown: str


UNITS = (
    Unit("london", "Camden and Islington", "CAM", "Highbury Corner", "Wood Green"),
    Unit("wales", "Gwent", "GWE", "Newport", "Cardiff"),
    Unit("north_east", "Durham and Darlington", "DUR", "Peterlee", "Durham"),
)
PEOPLE_A_PRACTITIONER = 16
"""People sentenced in the whole period for each practitioner: few enough, so that few people wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A simulated person. `reliable` is the share of appointments kept."""

    crn: str
    unit: Unit
    sentenced_on: date
    kind: SentenceKind
    born_on: date
    sex: Sex
    cohorts: list[Cohort]
    rosh: Rosh
    ogrs: int
    rsr: float
    partner_violence: bool
    children_at_risk: bool
    mappa: bool
    """Managed under multi-agency public protection arrangements."""
    reliable: float
    work_only: bool
    """Sentenced to unpaid work only."""


KINDS: tuple[SentenceKind, ...] = ("community_order", "suspended_sentence_order", "custodial")
ROSH: tuple[Rosh, ...] = ("low", "medium", "high", "very_high")
MAPPA: dict[Rosh, float] = {"low": 0.02, "medium": 0.04, "high": 0.2, "very_high": 1}
"""The share of people under multi-agency public protection arrangements, by risk."""


def person(n: int, chance: Random, first: date, days: int) -> Person:
    """The n-th person, sentenced on a weekday in the first five sixths of the period."""
    sentenced_on = first + timedelta(days=chance.randrange(max(1, days * 5 // 6)))
    sentenced_on -= timedelta(days=max(0, sentenced_on.weekday() - 4))
    kind = chance.choices(KINDS, (60, 20, 20))[0]
    rosh = chance.choices(ROSH, (35, 48, 15, 2))[0]
    born_on = first - timedelta(days=chance.randint(18 * 366, 60 * 366))
    work_only = kind == "community_order" and rosh == "low" and chance.random() < 0.5
    return Person(
        crn=f"X{100_000 + n}",
        unit=chance.choice(UNITS),
        sentenced_on=max(first, sentenced_on),
        kind=kind,
        born_on=born_on,
        sex=chance.choices(("female", "male"), (15, 85))[0],
        cohorts=_cohorts(born_on, first, chance),
        rosh=rosh,
        ogrs=chance.randint(5, 90),
        rsr=round(chance.expovariate(1 / 2.5), 2),
        partner_violence=rosh != "low" and chance.random() < 0.2,
        children_at_risk=chance.random() < 0.1,
        mappa=chance.random() < MAPPA[rosh],
        reliable=chance.choices((0.97, 0.90, 0.78), (55, 30, 15))[0],
        work_only=work_only,
    )


def _cohorts(born_on: date, first: date, chance: Random) -> list[Cohort]:
    cohorts: list[Cohort] = ["minority_ethnic"] if chance.random() < 0.2 else []
    if (first - born_on).days < 25 * 365:
        cohorts.append("young_adult")
    return cohorts


def practitioners(people: int, chance: Random, first: date, last: date) -> list[EventRecorder]:
    """The practitioners of each unit, recorded on the first day. Some change their hours later."""
    each = max(2, -(-people // (PEOPLE_A_PRACTITIONER * len(UNITS))))
    recorders = []
    for unit in UNITS:
        for n in range(1, each + 1):
            recorder = EventRecorder(f"{unit.code}-{n:02d}", chance, first, last)
            grade: Literal["po", "pso"] = "pso" if n % 4 == 0 else "po"
            hours = [chance.choice((37.0, 37.0, 37.0, 22.2, 29.6))]
            changes_on = [first]
            if chance.random() < 0.2:
                hours.append(30.0)
                changes_on.append(first + timedelta(days=chance.randint(30, 300)))
            for effective_on, weekly_hours in zip(changes_on, hours, strict=True):
                updated = PractitionerUpdated(
                    practitioner_id=recorder.subject,
                    region=unit.region,
                    pdu=unit.name,
                    team=_team(n, each),
                    grade=grade,
                    weekly_hours=weekly_hours,
                    sex=chance.choice(("female", "male")),
                    active=True,
                    effective_on=effective_on,
                    manager_id=f"{unit.code}-SPO",
                    specialisms=["domestic_abuse"] if n % 3 == 0 else [],
                    trainee=n % 8 == 4,
                )
                recorder.record(updated, effective_on)
            if n % 5 == 1:
                _reduce(recorder)
            recorders.append(recorder)
    return recorders


def _team(n: int, each: int) -> Team:
    """The last of each unit is of the team of short sentences; one of many is of that of unpaid work."""
    if n > 1 and n == each:
        return "short_sentence"
    return "unpaid_work" if each > 4 and n == 2 else "generic"


def unit_renamed(chance: Random, first: date, last: date) -> EventRecorder:
    """One delivery unit goes by another name after some months; people and practitioners keep the old one."""
    unit = UNITS[-1]
    recorder = EventRecorder(f"{unit.code}-U", chance, first, last)
    renamed_on = first + timedelta(days=200)
    renamed = DeliveryUnitChanged(
        change_id=f"{unit.code}-{renamed_on:%Y}",
        region=unit.region,
        from_pdu=unit.name,
        to_pdu=f"{unit.name} and Teesdale",
        effective_on=renamed_on,
    )
    recorder.record(renamed, renamed_on - timedelta(days=30), subject=unit.region)
    return recorder


def _reduce(recorder: EventRecorder) -> None:
    """Some have fewer hours for cases for a quarter of a year, such as for training."""
    starts_on = recorder.first + timedelta(days=60)
    reduction = ReductionAgreed(
        reduction_id=f"{recorder.subject}-R",
        practitioner_id=recorder.subject,
        hours=7.4,
        from_=starts_on,
        to=starts_on + timedelta(days=90),
    )
    recorder.record(reduction, starts_on - timedelta(days=14))
