"""What the engine must be told to run a service. Each service's `app.py` makes one `Service`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.engine.assessment import Assessment, Day, Finding, Month, MonthAssessment, Refusal, Window, Wish
from shared.engine.case import Case, Part, Register, Registers
from shared.policy import Policy


def _itself(case: Any, policy: Policy) -> Any:  # noqa: ARG001
    return case


@dataclass(frozen=True, kw_only=True)
class Spans:
    """How that is assessed which runs over months: in the month in which it ends.

    `days` gives, for the view and a month's first and last day, the first and the last day of all spans that
    end in it (None if none does): what is dated outside of these days does not touch them. `assess` gives
    their findings, from the case's own registers and from this month and the one before.
    """

    days: Callable[[Any, date, date], tuple[date, date] | None]
    assess: Callable[[Any, Window[Any], Day, Policy], MonthAssessment]


@dataclass(frozen=True, kw_only=True)
class Months:
    """How a case's monthly parts are assessed.

    `began` gives the first day for which a month without any fact can have findings (None: there is
    none). `assess` gives the findings of one month, from the case's own registers and the month's facts;
    `spans` those of what ends in a month and may have begun in the one before.

    A month is looked at when a fact touches it, and as time passes: this month and the next one, each time
    that the case wakes. So while later months may have findings of their own, each month must wait for its
    end (or for a day in it), whatever it holds, and the case itself must wait for the day of `began`.

    `view` makes of the case what `assess` is given in its place: what several months ask of it can
    then be worked out once for all that are assessed together.

    `gist` gives what the case itself keeps of a month, from the view and the part, in its field `gists`
    (a dictionary by number of the month; None keeps nothing). The rules about the case may read it, those
    about months and `gist` itself may not: when it changes, only the case is assessed again.
    """

    part: type[Part]
    registers: Registers
    began: Callable[[Any], date | None]
    assess: Callable[[Any, Month[Any], Day, Policy], MonthAssessment]
    spans: Spans | None = None
    view: Callable[[Any, Policy], Any] = _itself
    gist: Callable[[Any, Any], Any] | None = None

    @cached_property
    def nothing(self) -> Part:
        """A month without any fact, for the rules to look at."""
        return self.part()

    def together(self, register: Register) -> list[Register]:
        """The registers that hold facts of the same things, this one included, in the service's order."""
        return self._together[register.into]

    @cached_property
    def _together(self) -> dict[str, list[Register]]:
        registers = self.registers.values()
        return {one.into: [r for r in registers if r.thing == one.thing] for one in registers}


@dataclass(frozen=True, kw_only=True)
class CaseModel:
    """One kind of case: which facts it joins and what is concluded from them.

    `kind` is "person" or the kind of something shared ("practitioner", "provider"). A shared
    thing's case sees in `case.used` what the other cases claim of it.
    """

    kind: str
    case: type[Case]
    registers: Registers
    assess: Callable[[Any, Day, Policy], Assessment]
    months: Months | None = None

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types whose facts the case joins."""
        return frozenset(self.registers) | frozenset(self.months.registers if self.months else ())

    def monthly(self, type: str) -> Register | None:
        """The monthly register of that event type, if there is one."""
        return self.months.registers.get(type) if self.months else None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: what it reads and publishes, its cases, its rules and its policy.

    `reads` are the topics that it subscribes to, by their names in the catalogue; `decide` chooses
    among the shared cases that offer themselves for a wish, or refuses it if none will do.
    `policy` is the file of its own values, `common_policy` those of the rules that it shares with others: the
    folder of each also holds the code of its rules.
    `merged_by` is the event type that says that a person's record went into another's; its data name
    that other one in `into`.
    """

    name: str
    reads: tuple[str, ...]
    person: CaseModel
    shared: tuple[CaseModel, ...] = ()
    decide: Callable[[Wish, Sequence[Any], date, Policy], Finding | Refusal] | None = None
    merged_by: str | None = None
    policy: Path
    common_policy: tuple[Path, ...] = ()
    migrations: Path

    @property
    def source(self) -> str:
        """The CloudEvents source of what the service publishes."""
        return f"/services/{self.name}"

    def load_policy(self, path: Path | None = None) -> Policy:
        """The service's values with the common ones; `path` takes the place of its own file if given."""
        return Policy.load(path or self.policy, self.name, *self.common_policy)

    @cached_property
    def models(self) -> tuple[CaseModel, ...]:
        return (self.person, *self.shared)

    def model_of(self, type: str) -> CaseModel | None:
        """The kind of case that facts of that event type belong to; None if the service needs none."""
        return self._models_by_type.get(type)

    @cached_property
    def _models_by_type(self) -> dict[str, CaseModel]:
        by_type = {type: model for model in self.models for type in model.types}
        return by_type | ({self.merged_by: self.person} if self.merged_by else {})
