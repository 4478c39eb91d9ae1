"""What is known about a person's risk: assessments and registrations."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.practice import Mappa, RegistrationChanged, RiskAssessed, ScoredNeed
from schemas.words import AssessedNeed, Registration, Rosh
from tools.simulate.people import ROSH, Person
from tools.simulate.recorder import EventRecorder, working_days_after

NEEDS: tuple[AssessedNeed, ...] = (
    "accommodation",
    "employment_training_education",
    "thinking_behaviour",
    "attitudes",
    "lifestyle",
    "alcohol",
    "drugs",
)
REASSESSED_AFTER = timedelta(days=180)
RISES, FALLS = 0.08, 0.15
"""The share of people whose risk is higher or lower in a later assessment."""
LIFTED = 0.25
"""The share of registrations that are removed after some months. Some are added again."""
SET_AGAIN = 0.4
PRIORITY = 75
"""People who are likelier than this, in percent, to reoffend are under integrated offender management."""


class Risk:
    """A person's risk over time."""

    def __init__(self, person: Person, recorder: EventRecorder, chance: Random) -> None:
        self._person = person
        self._recorder = recorder
        self._chance = chance
        self._levels: list[tuple[date, Rosh]] = []
        self.flags: list[tuple[Registration, date, date | None]] = []
        """Each registration, its first day, and the day when it ended."""

    def rosh_on(self, day: date) -> Rosh:
        """The assessed level of risk of serious harm on that day."""
        return next((rosh for on, rosh in reversed(self._levels) if on <= day), self._person.rosh)

    def registered_on(self, day: date, *kinds: Registration) -> bool:
        """Whether one of these registrations is active on that day."""
        return any(
            kind in kinds and first <= day and (until is None or day < until)
            for kind, first, until in self.flags
        )

    @property
    def reassessed_on(self) -> date:
        """The day of the second assessment."""
        return self._levels[-1][0]

    def assess(self) -> None:
        """Usually in the first days, sometimes too late for the allocation, and again after half a year."""
        chance, rosh = self._chance, self._person.rosh
        days = chance.choices((0, 1, 2, 3, 7), (30, 30, 20, 12, 8))[0]
        first = working_days_after(self._person.sentenced_on, days)
        self._assess(1, first, rosh)
        what = chance.random()
        step = 1 if what < RISES else -1 if what > 1 - FALLS else 0
        rosh = ROSH[min(max(ROSH.index(rosh) + step, 0), len(ROSH) - 1)]
        self._assess(2, working_days_after(first + REASSESSED_AFTER, 0), rosh)

    def _assess(self, n: int, on: date, rosh: Rosh) -> None:
        person, chance = self._person, self._chance
        self._levels.append((on, rosh))
        scored = [
            ScoredNeed(need=need, severity=chance.choices(("none", "standard", "severe"), (55, 30, 15))[0])
            for need in NEEDS
        ]
        assessed = RiskAssessed(
            assessment_id=f"{person.crn}-A{n}",
            assessed_on=on,
            rosh=rosh,
            rsr=person.rsr,
            ogrs=person.ogrs,
            mappa=Mappa(level=2 if rosh == "very_high" else 1, category=2) if person.mappa else None,
            needs=scored,
            complexity_flags=chance.choices((0, 1, 2), (70, 20, 10))[0],
            integrated_offender_management=person.ogrs > PRIORITY,
        )
        self._recorder.record(assessed, on)

    def register(self, starts_on: date) -> None:
        """Add registrations in the first weeks, or, for child protection, in the first months."""
        chance, person = self._chance, self._person
        if person.partner_violence:
            self._flag("domestic_abuse", "DA", working_days_after(starts_on, chance.randint(0, 4)))
        if person.children_at_risk:
            on = starts_on + timedelta(days=chance.randint(0, 120))
            self._flag("child_protection", "CP", working_days_after(on, 0))
        if person.mappa:
            self._flag("mappa", "MAPPA", working_days_after(starts_on, chance.randint(0, 5)), lifted=0)

        if person.ogrs > PRIORITY:
            self._flag("integrated_offender_management", "IOM", working_days_after(starts_on, 3))

    def _flag(self, kind: Registration, code: str, first: date, lifted: float = LIFTED) -> None:
        chance, active, on = self._chance, True, first
        days = [first]
        if chance.random() < lifted:
            days.append(working_days_after(first + timedelta(days=chance.randint(60, 150)), 0))
            if chance.random() < SET_AGAIN:
                days.append(working_days_after(days[-1] + timedelta(days=chance.randint(20, 60)), 0))
        for on in days:
            changed = RegistrationChanged(
                registration_id=f"{self._person.crn}-{code}", kind=kind, active=active, effective_on=on
            )
            self._recorder.record(changed, on)
            if active:
                self.flags.append((kind, on, None))
            else:
                self.flags[-1] = (kind, self.flags[-1][1], on)
            active = not active
