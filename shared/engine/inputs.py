"""What an answer rests on: which fields of a case it was worked out from, and on which days it could change.

Rules look at a case through `watched`, so that nothing can be read of it without being noted. As long as none
of these fields changes and no such day comes, the answer need not be worked out again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, cast

from shared.engine.case import Case

C = TypeVar("C")


class Inputs:
    """What was looked at while something was worked out.

    `fields` are those of the case; `wake_on` the first day on which an answer "not yet" changes; `asked_on`
    the day, if it was asked for itself: then it holds on no other.
    """

    __slots__ = ("asked_on", "fields", "wake_on")

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.wake_on: date | None = None
        self.asked_on: date | None = None

    def wait_for(self, day: date) -> None:
        """Something changes by itself on that day."""
        if self.wake_on is None or day < self.wake_on:
            self.wake_on = day

    def add(self, other: Inputs) -> None:
        """It also rests on what something else rests on."""
        self.fields |= other.fields
        if other.wake_on is not None:
            self.wait_for(other.wake_on)
        if other.asked_on is not None:
            self.asked_on = other.asked_on

    def hold_on(self, day: date) -> bool:
        """Are they the same on that day, which is not before the one on which they were noted?"""
        return (self.wake_on is None or day < self.wake_on) and (
            self.asked_on is None or self.asked_on == day
        )

    def hold(self, day: date, changed: set[str]) -> bool:
        """Are they the same on that day, if these fields have changed since?"""
        return self.hold_on(day) and not self.rest_on(changed)

    def rest_on(self, fields: set[str]) -> bool:
        """Is any of these fields among them?"""
        return not self.fields.isdisjoint(fields)


class Watch:
    """Whose inputs are being noted."""

    __slots__ = ("noted",)

    def __init__(self) -> None:
        self.noted = Inputs()


def watched(case: C, watch: Watch) -> C:
    """The case, to be looked at: each field of it that is read is noted."""
    return cast(C, _watched(cast(type[Case], type(case)))(case, watch))


@lru_cache
def _watched(case: type[Case]) -> Callable[[Any, Watch], Any]:
    """A class with the fields of a case, which are noted, and with its own methods."""
    members: dict[str, Any] = {"__slots__": ("_case", "_watch"), "__init__": _look_at, "__getattr__": _member}
    members |= {name: property(_reader(name)) for name in case.__struct_fields__}
    return type(f"Watched{case.__name__}", (), members)


def _look_at(self: Any, case: Case, watch: Watch) -> None:
    self._case, self._watch = case, watch


def _member(self: Any, name: str) -> Any:
    """A method or property of the case, which then looks at the case in this way too."""
    return getattr(type(self._case), name).__get__(self)


def _reader(name: str) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        self._watch.noted.fields.add(name)
        return getattr(self._case, name)

    return read
