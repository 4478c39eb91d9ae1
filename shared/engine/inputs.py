"""What an answer rests on: which fields of a case it was worked out from, and on which days it could change.

Rules look at a case through `watched`, so that nothing can be read of it without being noted. As long as none
of these fields changes and no such day comes, the answer need not be worked out again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from shared.engine.case import Case

if TYPE_CHECKING:
    from shared.engine.answers import Answer

C = TypeVar("C")

Fields = int
"""Some fields of cases, as the bits of a number: they are noted and compared all the time."""

NEVER = date.max
"""The day for which nothing waits."""

_by_name: dict[str, Fields] = {}


def field(name: str) -> Fields:
    """A field of a case by its name, or what else answers rest on by a name of its own."""
    return _by_name.setdefault(name, 1 << len(_by_name))


def fields(*names: str) -> Fields:
    """Several fields by their names."""
    found = 0
    for name in names:
        found |= field(name)
    return found


@lru_cache
def names(noted: Fields) -> tuple[str, ...]:
    """The names of some fields, in order."""
    return tuple(sorted(name for name, one in _by_name.items() if one & noted))


class Inputs:
    """What is looked at while something is worked out.

    `fields` are those of the case; `wake_on` is the first day on which an answer "not yet" changes; `until`
    the first day on which what was looked at may no longer be the same: that day, or the next one if the day
    was asked for itself. `asked` are the answers that were asked for, in order, each with what it said.
    """

    __slots__ = ("asked", "fields", "until", "wake_on")

    def __init__(self) -> None:
        self.fields: Fields = 0
        self.wake_on = self.until = NEVER
        self.asked: dict[Answer, Any] = {}

    def wait_for(self, day: date) -> None:
        """Something changes by itself on that day."""
        if day < self.wake_on:
            self.wake_on = day
            if day < self.until:
                self.until = day

    def hold_until(self, day: date) -> None:
        """They may no longer be the same on that day, for which nothing waits."""
        if day < self.until:
            self.until = day


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
    noted = field(name)

    def read(self: Any) -> Any:
        self._watch.noted.fields |= noted
        return getattr(self._case, name)

    return read
