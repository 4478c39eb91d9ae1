"""What the engine must be told to run a service. Each service's `app.py` makes one `Service`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.engine.assessment import Finding, Overview, Refusal, Request, Rule, View
from shared.engine.case import Case, Part, Register, Registers
from shared.engine.inputs import Fields, fields
from shared.policy import Policy


@dataclass(frozen=True, kw_only=True)
class MonthRules:
    """Rules that are applied to a month together.

    `overview` gives what is shown of the month to the people who query the months, a JSON object, from the
    same view and the findings that stand; no rule reads it.
    """

    rules: tuple[Rule, ...] = ()
    overview: Callable[[Any, Sequence[Finding]], dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class Months:
    """How a case's monthly parts are assessed.

    `rules` are about the facts of one month; they are not asked about an empty one. `period_rules` are about
    the periods that end in a month, whether or not a fact falls in them: these see the facts of the month
    before too. Both see the case's registers.

    `extent` gives, from the base view, the first and the last day of the time in which periods may end (None:
    there is none). While it lasts the engine applies the rules about periods to each month in time, whatever
    they wait for. Before its first day no period ends.

    `summary` gives what the case itself keeps of a month, from the base view and the month's facts, in its
    field `month_summaries` (a dictionary by number of the month; None keeps nothing). The rules about the
    case may read it, those about months and `summary` itself may not: when it changes, only the case is
    assessed again.
    """

    part: type[Part]
    registers: Registers
    extent: Callable[[Any], tuple[date, date] | None]
    rules: MonthRules
    period_rules: MonthRules = MonthRules()
    summary: Callable[[Any, Any], Any] | None = None

    @cached_property
    def nothing(self) -> Part:
        """A month without any fact, for the rules to look at."""
        return self.part()

    def together(self, register: Register) -> list[Register]:
        """The registers whose keys identify the same, this one included, in the service's order."""
        return self._together[register.into]

    @cached_property
    def _together(self) -> dict[str, list[Register]]:
        registers = self.registers.values()
        return {one.into: [r for r in registers if r.identifies == one.identifies] for one in registers}


@dataclass(frozen=True, kw_only=True)
class CaseModel:
    """One kind of case: which facts it joins and what is concluded from them.

    `kind` is "person" or the kind of an entity ("practitioner", "provider"): something that several people's
    cases share. An entity's case sees in `case.used` what the other cases claim of it.

    `rules` are given the `view` of the case on a day; `overview` the same view and the findings that stand.
    `subjects` are entities that are there without any fact, such as regions: their cases begin when another
    case first claims something of them.
    `notice_of` are the types of the facts from which an entity makes its notice (`Overview.notice`): what it
    tells everyone, such as that a region does no work. When it changes, every case is assessed again; so it
    is for what is rare, and each such fact is a transaction of its own.
    `followed` are the types of open items whose end other services follow: `Register.resolutions` there.
    `limited` says whether access to the case is limited on a day: what is published then is marked so.
    """

    kind: str
    case: type[Case]
    registers: Registers
    view: type[View[Any, Any]]
    rules: tuple[Rule, ...]
    overview: Callable[[Any, Sequence[Finding]], Overview]
    months: Months | None = None
    subjects: frozenset[str] = frozenset()
    notice_of: frozenset[str] = frozenset()
    followed: tuple[type[Any], ...] = ()
    limited: Callable[[Any, date], bool] | None = None

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types whose facts the case joins."""
        return frozenset(self.registers) | frozenset(self.months.registers if self.months else ())

    @cached_property
    def followed_by_name(self) -> Mapping[str, type[Any]]:
        return {event.__name__: event for event in self.followed}

    @cached_property
    def changed_by(self) -> Mapping[str, Fields]:
        """The fields of the case that a fact changes, by its event type."""
        return {type: fields(*register.fields) for type, register in self.registers.items()}

    def monthly(self, type: str) -> Register | None:
        """The monthly register of that event type, if there is one."""
        return self.months.registers.get(type) if self.months else None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: what it reads and publishes, its cases, its rules and its policy.

    `reads` are the topics that it subscribes to, by their names in the catalogue; `decide` chooses
    among the entities' cases that offer themselves for a request, or refuses it if none will do.
    `policy` is the file of its own values, `common_policy` those of the rules that it shares with others: the
    folder of each also holds the code of its rules.
    `decision_keys` gives, for the data of a decision, the keys under which it may have been taken.
    `merged_by` is the event type that says that a person's record went into another's; its data name
    that other one in `into`. `unmerged_by` is the one that undoes it: its subject is the record that stays,
    and `reactivated` in its data the one that is of its own again. `erased_by` is the one that says that a
    person is to be erased, from the day `erased_on` in its data.
    `implausible` gives, from a fact's data and the day on which it was recorded, the path of each field whose
    value can hardly be right and what is wrong with it: the sender is warned.
    `pools_named` gives, from a fact's data, the path of each field that names a pool, and the pool: the
    sender is warned if no entity offers itself there.
    """

    name: str
    reads: tuple[str, ...]
    person: CaseModel
    entities: tuple[CaseModel, ...] = ()
    decide: Callable[[Request, Sequence[Any], date, Policy], Finding | Refusal] | None = None
    decision_keys: Callable[[Any], Iterable[str]] | None = None
    merged_by: str | None = None
    unmerged_by: str | None = None
    erased_by: str | None = None
    implausible: Callable[[Any, date, Policy], Iterable[tuple[str, str]]] | None = None
    pools_named: Callable[[Any], Iterable[tuple[str, str]]] | None = None
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
        return (self.person, *self.entities)

    @cached_property
    def merging(self) -> frozenset[str]:
        """The event types that say that records are one, or are not."""
        return frozenset(type for type in (self.merged_by, self.unmerged_by) if type)

    @cached_property
    def notices(self) -> frozenset[str]:
        """The event types whose facts change what entities tell every case."""
        return frozenset().union(*(model.notice_of for model in self.entities))

    @cached_property
    def shares(self) -> bool:
        """Has it entities of which people's cases use something, beside those that only give notice?"""
        return any(model.types - model.notice_of for model in self.entities)

    def model_of(self, type: str) -> CaseModel | None:
        """The kind of case that facts of that event type belong to; None if the service needs none."""
        return self._models_by_type.get(type)

    @cached_property
    def _models_by_type(self) -> dict[str, CaseModel]:
        by_type = {type: model for model in self.models for type in model.types}
        return by_type | {type: self.person for type in (*self.merging, self.erased_by) if type}
