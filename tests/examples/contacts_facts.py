"""Facts that only the examples of contact standards speak of, and examples that compare a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.examples.case_facts import registered
from tests.examples.facts import Fact, Options, fact, order, practitioner, risk
from tests.examples.play import Example, as_json, play


def lifted(day: str, kind: str = "domestic_abuse", name: str = "G1", **options: Options) -> Fact:
    """A registration lifted on that day."""
    return registered(day, kind, name, active=False, **options)


def taken(
    day: str, reason: str = "remand", name: str = "K1", sentence: str | None = None, **options: Options
) -> Fact:
    """Taken into custody."""
    data: dict[str, Any] = {"custody_id": name, "taken_on": day, "reason": reason, "sentence_id": sentence}
    return fact("PersonTakenIntoCustody", day, name=name, **data | options)


def left(day: str, name: str = "K1", **options: Options) -> Fact:
    """Left custody."""
    return fact("PersonLeftCustody", day, name=name, **{"custody_id": name, "left_on": day} | options)


def allocated(
    day: str = "2026-06-02",
    sentenced: str = "2026-06-01",
    *,
    rosh: str = "medium",
    recorded: str | None = None,
    **options: Any,
) -> list[Fact]:
    """An order, allocated on the day on which the risk assessment of that day was recorded."""
    return [
        practitioner(day="2020-01-01"),
        order(sentenced, **options),
        risk(day, rosh=rosh, recorded=recorded),
    ]


@dataclass(frozen=True)
class Part(Example):
    """An example that compares only those events of the types named that have these data."""

    having: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Play it and compare the part."""
        ledger = play(self.facts, self.until)
        for type, expected in self.stands.items():
            found = [as_json(e) for e in ledger.standing_events(type)]
            part = [data for data in found if self.having.items() <= _scalars(data).items()]
            assert len(part) == len(expected), (type, found)
            for subset in expected:
                assert any(subset.items() <= _scalars(data).items() for data in part), (subset, found)


def _scalars(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if not isinstance(value, list | dict)}
