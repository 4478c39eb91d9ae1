"""The appointments on a person's sentences: which are arranged, and for when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Literal

from schemas.words import ContactKind, Registration
from shared.calendar import is_business_day
from tools.simulate.casework import Casework
from tools.simulate.people import Person
from tools.simulate.recorder import working_days_after
from tools.simulate.served import Served

Activity = Literal["session", "unpaid_work", "employment_training_education"]

VISITED: tuple[Registration, ...] = ("domestic_abuse", "child_protection")
"""The registrations that call for a home visit."""
NO_VISIT = 0.04
"""The share of registrations for which no home visit is made."""
TRIES = 3
"""The number of times that a home visit is arranged for one registration."""


@dataclass(frozen=True, order=True, slots=True)
class Appointment:
    """A contact with the practitioner (`kind`), or a session with a provider (`activity`)."""

    on: date
    id: str
    served: Served = field(compare=False)
    kind: ContactKind | None = field(compare=False, default=None)
    activity: Activity | None = field(compare=False, default=None)
    requirement_id: str | None = field(compare=False, default=None)
    minutes: int = field(compare=False, default=0)
    arranged_on: date | None = field(compare=False, default=None)


class Appointments:
    """The appointments arranged for one person."""

    def __init__(
        self, person: Person, casework: Casework, sentences: list[Served], last: date, chance: Random
    ) -> None:
        self._person = person
        self._casework = casework
        self._sentences = sentences
        self._last = last
        self._chance = chance

    def all(self) -> Iterator[Appointment]:
        """All planned appointments, sentence by sentence."""
        for served in self._sentences:
            yield from self._contacts(served)
            for requirement in served.requirements:
                if requirement.kind == "unpaid_work":
                    begins_in = self._chance.choices((12, 20, 45), (60, 30, 10))[0]
                    yield from self._sessions(served, requirement.requirement_id, begins_in, 7, "unpaid_work")
                elif requirement.kind == "rar":
                    for each in self._sessions(served, requirement.requirement_id, 35, 14, "session"):
                        if not self._casework.contact_suspended_on(self._sentences, each.on):
                            yield each
                elif requirement.kind == "accredited_programme":
                    yield from self._sessions(served, requirement.requirement_id, 70, 7, "session")
        yield from self._visits(self._sentences[0])

    def _contacts(self, served: Served) -> Iterator[Appointment]:
        """The first is within days of sentence or release; how often the others are depends on the risk."""
        name, n, on, arranged_on = served.sentence_id, 1, served.seen_on, served.starts_on
        last = min(served.ends_on, self._last)
        if served.work_only:
            last = min(last, on)
        while on <= last:
            if not self._casework.contact_suspended_on(self._sentences, on):
                kind: ContactKind = "initial" if n == 1 else "planned"
                yield Appointment(on, f"{name}-C{n:03d}", served, kind, arranged_on=arranged_on)
                n, arranged_on = n + 1, on
            every = self._casework.every_on(served, on)
            on = working_days_after(on + timedelta(days=every), 0)
        first, end = served.last_third()
        middle = working_days_after(first + (end - first) // 2, 0)
        if middle <= last and self._casework.contact_suspended_on(self._sentences, middle):
            yield Appointment(middle, f"{name}-F001", served, "planned", arranged_on=arranged_on)

    def _sessions(
        self, served: Served, requirement_id: str, begins_in: int, every: int, activity: Activity
    ) -> Iterator[Appointment]:
        """One on the same day of every week, or every second week, but none on bank holidays."""
        on, n = working_days_after(served.starts_on + timedelta(days=begins_in), 0), 1
        while on <= min(served.ends_on, self._last):
            if is_business_day(on):
                learns = activity == "unpaid_work" and n % 6 == 0
                does: Activity = "employment_training_education" if learns else activity
                minutes = 180 if learns else 420 if activity == "unpaid_work" else 90
                id = f"{requirement_id}-S{n:02d}"
                yield Appointment(on, id, served, None, does, requirement_id, minutes=minutes)
                n += 1
            on += timedelta(days=every)

    def _visits(self, served: Served) -> Iterator[Appointment]:
        """A visit for each registration of domestic abuse or child protection; some are late."""
        if served.work_only:
            return
        n = 0
        for kind, registered_on, _ in self._casework.risk.flags:
            days = self._chance.choices((7, 12, 17, 26), (30, 40, 22, 8))[0]
            if kind not in VISITED or self._chance.random() < NO_VISIT:
                continue
            n += 1
            since = max(registered_on, served.starts_on)
            on = working_days_after(since, days)
            yield Appointment(on, f"{served.sentence_id}-V{n}.1", served, "home_visit", arranged_on=since)

    # -- what follows from an outcome ----------------------------------------------------------------

    def visit_again(self, visit: Appointment) -> Iterator[Appointment]:
        """Another date for a home visit that did not take place."""
        name, _, tried = visit.id.rpartition(".")
        if int(tried) < TRIES:
            on = working_days_after(visit.on, self._chance.randint(4, 9))
            yield replace(visit, on=on, id=f"{name}.{int(tried) + 1}", arranged_on=visit.on)

    def after_recall(self, served: Served) -> Appointment:
        """The first appointment after the person is released again."""
        back_on = served.away[-1][1]
        on = working_days_after(back_on, self._chance.choices((0, 1, 4), (25, 65, 10))[0])
        return Appointment(
            on, f"{served.sentence_id}-I{len(served.away)}", served, "initial", arranged_on=back_on
        )
