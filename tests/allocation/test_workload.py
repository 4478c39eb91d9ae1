"""Workload points, percentages and over-capacity (ALLOC-6, ALLOC-7, ALLOC-8)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas.allocation import PractitionerOverCapacity
from services.allocation.rules.workload import available_points, workload_percent
from services.allocation.view import latest
from shared.engine.assessment import Day
from tests.allocation.facts import (
    POLICY,
    allocated,
    assessed,
    colleague,
    concluded,
    day,
    findings,
    found,
    imposed,
    left,
    person,
    practitioner,
    recalled,
    released,
    revoked,
    workload,
)

VALUES = POLICY.on(date(2026, 6, 1))


@pytest.mark.parametrize(
    ("hours", "available"),
    [
        pytest.param(22.2, 1305, id="E8: 22.2 of 37 hours, truncated"),
        pytest.param(37.0, 2176, id="full time"),
        pytest.param(18.5, 1088, id="half time"),
        pytest.param(0.0, 0, id="no hours"),
    ],
)
def test_available_points(hours: float, available: int) -> None:
    record = latest(colleague(practitioner(hours=hours)).updates.values())
    assert record is not None
    assert available_points(record, VALUES) == available


@pytest.mark.parametrize(
    ("points", "available", "percent"),
    [
        pytest.param(1200, 1305, "92.0", id="E8: before"),
        pytest.param(1263, 1305, "96.8", id="E8: after a C2 community case"),
        pytest.param(1, 2000, "0.1", id="0.05 is rounded up"),
        pytest.param(49, 100_000, "0.0", id="0.049 is rounded down"),
        pytest.param(9995, 10_000, "100.0", id="99.95 is rounded up to 100"),
        pytest.param(9994, 10_000, "99.9", id="99.94 is rounded down"),
        pytest.param(100, 0, "0", id="nothing available"),
    ],
)
def test_workload_percent(points: int, available: int, percent: str) -> None:
    assert workload_percent(points, available, VALUES) == Decimal(percent)


TABLES = {
    "community": "206 158 146 110 146 115 102 72 79 63 50 35 51 41 29 29",
    "licence": "219 175 163 0 161 132 119 0 77 65 52 0 51 43 31 0",
    "custody": "75 60 59 0 59 48 47 0 30 24 23 0 17 14 13 0",
}


@pytest.mark.parametrize("kind", TABLES)
def test_points_table(kind: str) -> None:
    tiers = [f"{letter}{figure}" for letter in "ABCD" for figure in (3, 2, 1, 0)]
    expected = dict(zip(tiers, map(int, TABLES[kind].split()), strict=True))
    assert dict(VALUES.table(f"{kind}_points")) == expected


ORDER = imposed("2026-06-01", "2027-05-31")
CUSTODIAL = imposed("2026-01-05", id="S9")
OUT = released("2026-06-01", "2027-05-31", id="S9")
RISK = assessed("2026-06-01")  # C1


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        pytest.param([ORDER], 50, id="an order"),
        pytest.param([ORDER, imposed("2026-06-02", "2027-05-31", id="S2")], 50, id="two orders count once"),
        pytest.param([ORDER, CUSTODIAL, OUT], 52, id="a licence beside an order"),
        pytest.param([ORDER, CUSTODIAL], 23, id="an order of somebody in custody"),
        pytest.param([ORDER, CUSTODIAL, OUT, recalled("2026-06-20", id="S9")], 23, id="recalled"),
        pytest.param(
            [ORDER, CUSTODIAL, OUT, recalled("2026-06-20", id=None)], 23, id="recalled, licence not named"
        ),
        pytest.param(
            [ORDER, CUSTODIAL, OUT, recalled("2026-06-20", id="S8")], 52, id="another licence recalled"
        ),
        pytest.param(
            [ORDER, CUSTODIAL, OUT, recalled("2026-06-20", id="S9"), left("2026-06-25")],
            52,
            id="back from recall",
        ),
        pytest.param(
            [
                ORDER,
                CUSTODIAL,
                OUT,
                recalled("2026-06-20", id="S9"),
                released("2026-06-25", "2027-05-31", id="S9"),
            ],
            52,
            id="released again",
        ),
        pytest.param(
            [ORDER, CUSTODIAL, OUT, recalled("2026-06-20", reason="remand", id=None)], 52, id="on remand"
        ),
        pytest.param([ORDER, CUSTODIAL, OUT, revoked("2026-06-29", id="S9")], 50, id="after the licence"),
    ],
)
def test_claim(facts: list[Any], points: int) -> None:
    case = person(*facts, RISK, allocated("2026-06-03"))
    assert concluded(case, "2026-06-30").overview.claims == {("P1", "points"): points}


def test_points_follow_the_latest_tier() -> None:
    case = person(ORDER, RISK, allocated("2026-06-03"), assessed("2026-07-01", rosh="high", id="A2"))
    assert concluded(case, "2026-06-30").overview.claims == {("P1", "points"): 50}
    assert concluded(case, "2026-07-01").overview.claims == {("P1", "points"): 102}


@pytest.mark.parametrize(
    ("facts", "on"),
    [
        pytest.param([ORDER, RISK], "2026-06-03", id="not allocated"),
        pytest.param([ORDER, RISK, allocated("2026-06-03")], "2027-06-01", id="supervision ended"),
        pytest.param([RISK, allocated("2026-06-03")], "2026-06-03", id="sentence unknown"),
    ],
)
def test_no_claim(facts: list[Any], on: str) -> None:
    assert concluded(person(*facts), on).overview.claims == {}


def test_the_case_counts_for_the_latest_practitioner_only() -> None:
    case = person(
        ORDER,
        imposed("2026-07-01", "2027-06-30", id="S2"),
        RISK,
        allocated("2026-06-03", "P1"),
        allocated("2026-07-02", "P2", id="S2"),
    )
    assessment = concluded(case, "2026-07-02")
    assert assessment.overview.claims == {("P2", "points"): 50}
    assert assessment.overview.practitioner == "P2"


@pytest.mark.parametrize(
    ("points", "over"),
    [
        pytest.param(2174, False, id="99.9 % is not over"),
        pytest.param(2175, True, id="99.95 % is rounded to 100 %"),
        pytest.param(2176, True, id="100 % is over"),
    ],
)
def test_over_capacity(points: int, over: bool) -> None:
    events = found(
        workload(colleague(practitioner(), points=points), "2026-06-01"), "PractitionerOverCapacity"
    )
    assert events == (
        [PractitionerOverCapacity(practitioner_id="P1", workload_percent=100.0)] if over else []
    )


def test_over_capacity_is_resolved_when_it_no_longer_holds() -> None:
    (finding,) = findings(
        workload(colleague(practitioner(), points=10), "2026-06-01"), "PractitionerOverCapacity"
    )
    assert finding.closed(Day(day("2026-06-01"))) == "resolved"


def test_fewer_hours_put_over_capacity_from_their_day_on() -> None:
    case = colleague(practitioner(), practitioner(on="2026-07-01", hours=18.5), points=1200)
    assert found(workload(case, "2026-06-30"), "PractitionerOverCapacity") == []
    (event,) = found(workload(case, "2026-07-01"), "PractitionerOverCapacity")
    assert event.workload_percent == 110.3


def test_who_has_left_is_not_over_capacity_and_takes_no_cases() -> None:
    case = colleague(practitioner(), practitioner(on="2026-07-01", active=False), points=5000)
    before, after = workload(case, "2026-06-30"), workload(case, "2026-07-01")
    assert (before.overview.pools, before.overview.status) == (
        ("london/Camden", "practitioner/P1"),
        "over_capacity",
    )
    assert (after.overview.pools, after.overview.status) == ((), "inactive")
    assert found(after, "PractitionerOverCapacity") == []


def test_before_the_first_record_takes_effect_there_is_nobody() -> None:
    assessment = workload(colleague(practitioner(on="2026-07-01"), points=5000), "2026-06-30")
    assert (assessment.overview.pools, assessment.findings) == ((), [])
