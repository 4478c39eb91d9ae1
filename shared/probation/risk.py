"""The risk assessment and the registrations in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

import msgspec

from schemas.words import Registration as RegistrationKind
from shared.engine.case import Record, Stamp
from shared.probation.facts import RegistrationChange


class Assessment(Protocol):
    """A risk assessment, however much of it a service keeps."""

    @property
    def assessed_on(self) -> date: ...

    @property
    def stamp(self) -> Stamp: ...


R = TypeVar("R", bound=Assessment)


class Registration(msgspec.Struct, frozen=True):
    """A period of a registration, from `first` up to but not including `until` (None: still active)."""

    registration_id: str
    kind: RegistrationKind
    first: date
    until: date | None
    because: tuple[Record, ...]

    def on(self, day: date) -> bool:
        """Was it active that day?"""
        return self.first <= day and (self.until is None or day < self.until)


def assessments_in_order(assessments: Iterable[R]) -> list[R]:
    """The risk assessments in order. Of two on the same day the one recorded later comes last."""
    return sorted(assessments, key=lambda a: (a.assessed_on, *a.stamp))


def risk_on(assessments: Sequence[R], day: date) -> R | None:
    """The assessment in force on a day. `assessments` must be in order. None while the risk is unknown."""
    return next((a for a in reversed(assessments) if a.assessed_on <= day), None)


def registrations(changes: Iterable[RegistrationChange]) -> list[Registration]:
    """The periods of all registrations, in order. Adding one that is active already changes nothing."""
    found: list[Registration] = []
    for change in sorted(changes, key=lambda c: (c.registration_id, c.effective_on, *c.stamp)):
        last = found[-1] if found else None
        if last is not None and (last.registration_id != change.registration_id or last.until is not None):
            last = None
        if change.active and last is None:
            start = change.effective_on
            found.append(Registration(change.registration_id, change.kind, start, None, (change,)))
        elif not change.active and last is not None:
            because = (*last.because, change)
            found[-1] = msgspec.structs.replace(last, until=change.effective_on, because=because)
    held = [r for r in found if r.until is None or r.until > r.first]
    return sorted(held, key=lambda r: (r.first, r.registration_id))
