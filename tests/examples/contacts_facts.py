"""Facts that only the examples of contact standards speak of."""

from __future__ import annotations

from typing import Any

from tests.examples.case_facts import registered
from tests.examples.facts import Fact, Options, fact, order, practitioner, risk


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
