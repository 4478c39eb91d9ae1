"""What is worked out of a case, and kept until something that it rests on says something else.

A question may ask others. When a field of the case changes, or a day comes, all that rests on it is
*doubted*, and nothing is worked out yet. When a doubted answer is asked for, the answers that it asked for
are brought up to date first, in their order. It is worked out again only if one of them now says something
else, or if what changed is something that it looked at itself. So a change is followed only as far as it
changes anything: most facts change little of what the rules have to say.

What says the same as before stays the same object. Two answers say the same if they are equal, in the same
order. So rules compare what they are told by `==` and never by `is`: of two equal things one may be of before
and the other of now (`tests/engine/test_answers.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from shared.engine.inputs import NEVER, Fields, Inputs, Watch, fields, names

UNKNOWN = object()
"""What an answer says that was not worked out, or is forgotten."""


class Basis(msgspec.Struct, frozen=True, array_like=True):
    """What something rests on, as it is kept with a case: fields by name, and `until` as in `Inputs`."""

    fields: tuple[str, ...]
    until: date


class RestsOn:
    """What something rests on, with all that the answers rest on that it asked for; see `Inputs`."""

    __slots__ = ("fields", "until", "wake_on")

    def __init__(self) -> None:
        self.fields: Fields = 0
        self.wake_on = self.until = NEVER

    @classmethod
    def kept(cls, basis: Basis) -> RestsOn:
        """What was kept with the case; for which days it waits is kept elsewhere."""
        found = RestsOn()
        found.fields, found.until = fields(*basis.fields), basis.until
        return found

    @property
    def basis(self) -> Basis:
        """What is to be kept with the case."""
        return Basis(names(self.fields), self.until)

    @classmethod
    def all_of(cls, noted: Inputs) -> RestsOn:
        """All that was noted."""
        found = RestsOn()
        found.sum_up(noted)
        return found

    def sum_up(self, noted: Inputs) -> None:
        """It rests on what was noted, and on nothing else."""
        fields, until, wake_on = noted.fields, noted.until, noted.wake_on
        for answer in noted.asked:
            fields |= answer.fields
            if answer.until is not NEVER:  # most rest on no day at all, and then wait for none
                if answer.until < until:
                    until = answer.until
                if answer.wake_on < wake_on:
                    wake_on = answer.wake_on
        self.fields, self.until, self.wake_on = fields, until, wake_on

    def holds(self, day: date, changed: Fields) -> bool:
        """Is all of it the same on that day, which is not before the one on which it was noted?

        `changed` are the fields that have changed since.
        """
        return day < self.until and not self.fields & changed


class Answer(RestsOn):
    """The answer to a question: what `work` says of a view, `about` something.

    `of_day`: it is worked out for a day, else of the base view. `doubted` are the fields that changed since
    it was up to date. Nothing leads back from it to a view: a case is freed as soon as it is not kept.
    """

    __slots__ = ("_about", "_looked_at", "_work", "doubted", "of_day", "value")

    def __init__(self, work: Callable[..., Any], about: tuple[Any, ...] = (), *, of_day: bool) -> None:
        super().__init__()
        self.until = date.min  # it is not worked out yet
        self.of_day = of_day
        self.doubted: Fields = 0
        self.value: Any = UNKNOWN
        self._work = work
        self._about = about
        self._looked_at = Inputs()
        """What it looked at itself, and the answers that it asked for."""

    def forget(self) -> None:
        """Nobody keeps it up to date any more: whatever asked for it must be worked out again."""
        self.value = UNKNOWN

    def bring_up_to_date(self, view: Any) -> None:
        """Have it say what the view says now. It is not noted that it was asked for."""
        if not self.still_holds(view):
            self.work_out(view)

    def still_holds(self, view: Any) -> bool:
        """Would it be the same if it were worked out again?

        It would, if all is the same that it looked at itself, and all that it asked for says what it said.
        """
        looked_at = self._looked_at
        fields, until, wake_on = looked_at.fields, looked_at.until, looked_at.wake_on
        day = view.today.waited_for if self.of_day else date.min
        if self.value is UNKNOWN or self.doubted & fields or day >= until:
            return False
        # This runs for most answers with every fact: it also sums up what they rest on now.
        for answer, said in looked_at.asked.items():
            if answer.value is said and (answer.doubted or (answer.of_day and answer.until <= day)):
                answer.bring_up_to_date(view)
            if answer.value is not said:
                return False
            fields |= answer.fields
            if answer.until is not NEVER:
                if answer.until < until:
                    until = answer.until
                if answer.wake_on < wake_on:
                    wake_on = answer.wake_on
        self.fields, self.until, self.wake_on = fields, until, wake_on
        self.doubted = 0
        return True

    def work_out(self, view: Any) -> None:
        """Work it out, whatever it rests on."""
        watch: Watch = view.watch
        asking = watch.noted
        noted = watch.noted = Inputs()
        try:
            if self.of_day:
                view.today.noted = noted
                value = self._work(view, *self._about)
            else:
                value = self._work(view.base, *self._about)
        finally:
            watch.noted = asking
            if self.of_day:
                view.today.noted = asking
        was = self.value
        if was is UNKNOWN or not says_the_same(was, value):
            self.value = value
        self._looked_at = noted
        self.sum_up(noted)
        self.doubted = 0


def says_the_same(was: Any, now: Any) -> bool:
    """Is it equal, and in the same order? (Dictionaries are equal in any order; none lies within another.)"""
    if was is now:
        return True
    if type(was) is not type(now) or was != now:
        return False
    return not isinstance(was, dict) or [*was] == [*now]
