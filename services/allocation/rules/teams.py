"""The workload of teams, which is what their practitioners hold and offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schemas.allocation import TeamOverCapacity
from services.allocation.rules.workload import workload_percent
from services.allocation.view import PractitionerView, RegionView
from shared.engine.assessment import Finding, once_a_day
from shared.probation.names import name_key

AMOUNTS = ("points", "available", "cases", "practitioners")
Team = tuple[str, str]
"""A delivery unit and the name of one of its teams."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What a team holds (points, cases) and offers (available points, practitioners)."""

    points: int
    available: int
    cases: int
    practitioners: int


def team_claims(view: PractitionerView) -> dict[tuple[str, str], int]:
    """ALLOC-25: what a practitioner adds to the team, as a claim of the region.

    `known` keeps a team known to the region that the practitioner was once in.
    """
    claims: dict[tuple[str, str], int] = {}
    for update in view.case.updates.values():
        if view.today.reached(update.effective_on):
            claims[update.region, _item(update.pdu, update.team, "known")] = 1
    practitioner = view.practitioner
    if practitioner is not None and practitioner.active:
        amounts = (view.case.points, view.available, view.case.used.get("cases", 0), 1)
        for name, amount in zip(AMOUNTS, amounts, strict=True):
            claims[practitioner.region, _item(practitioner.pdu, practitioner.team, name)] = amount
    return claims


@once_a_day
def team_workloads(view: RegionView) -> Mapping[Team, Workload]:
    """REG-8: the workload of every team, of units that have become one together."""
    found: dict[Team, Counter[str]] = {}
    spelt: dict[str, str] = {}
    for item, amount in sorted(view.case.used.items()):
        pdu, team, name = item.rsplit("/", 2)
        unit = view.units.name(pdu)
        unit = spelt.setdefault(name_key(unit), unit)
        found.setdefault((unit, team), Counter())[name] += amount
    return {team: Workload(*(amounts[name] for name in AMOUNTS)) for team, amounts in found.items()}


def team_over_capacity(view: RegionView) -> Iterator[Finding]:
    """ALLOC-25, ALLOC-6: a team whose points are 100 % or more of what it has, whoever holds them.

    The cases per practitioner are told beside the number that the policy plans for. Facts do not tell since
    when the workload has been lower, so the finding is then resolved today.
    """
    region = view.case.subject
    values = view.values_today(region)
    changes = [
        change for change in view.case.unit_changes.values() if view.today.reached(change.effective_on)
    ]
    for (pdu, team), workload in team_workloads(view).items():
        percent = workload_percent(workload.points, workload.available, values)
        over = percent >= values.number("over_capacity_percent")
        yield Finding(
            event=TeamOverCapacity.model_validate(
                {
                    "region": region,
                    "pdu": pdu,
                    "team": team,
                    "workload_percent": float(percent),
                    "cases_per_practitioner": float(_per_practitioner(workload)),
                    "staffing_ratio": float(values.number("staffing_ratio")),
                }
            ),
            key=f"{region}/{pdu}/{team}",
            rules=("ALLOC-25", "ALLOC-6"),
            because=changes,
            policy=values.version,
            resolved_on=None if over else view.today.waited_for,
        )


def _per_practitioner(workload: Workload) -> Decimal:
    if not workload.practitioners:
        return Decimal(0)
    return (Decimal(workload.cases) / workload.practitioners).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _item(pdu: str, team: str, name: str) -> str:
    return f"{pdu}/{team}/{name}"
