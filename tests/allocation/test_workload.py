"""Workload points, percentages and over-capacity (ALLOC-6, ALLOC-7, ALLOC-8)."""

from datetime import date

import pytest

from schemas.allocation import PractitionerOverCapacity
from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.assessment import Finding
from tests import facts as f
from tests.casebook import Assessed, decide, on, policy_of
from tests.table import table

ORDER = f.order("2026-06-01")
RISK = f.risk("2026-06-01")  # C2
ALLOCATED = f.allocated("2026-06-03")


def workload(points: int, hours: float) -> float:
    """A practitioner's workload in per cent.

    As published when a second sentence goes to the practitioner who has the first, which adds no points.
    """
    facts = [ORDER, RISK, ALLOCATED, f.order("2026-06-04", id="S2"), f.practitioner(hours=hours)]
    decision = decide("2026-06-04", ALLOCATION, *facts, used={("P1", "points"): points})
    assert isinstance(decision, Finding)
    allocated = decision.event
    assert allocated.workload_percent_after == allocated.workload_percent_before
    percent: float = allocated.workload_percent_before
    return percent


@table(
    """
    | case                            | hours | available |
    | E8: 22.2 of 37 hours, truncated | 22.2  | 1305      |
    | full time                       | 37.0  | 2176      |
    | half time                       | 18.5  | 1088      |
    """,
)
def test_available_points(hours: float, available: int) -> None:
    assert workload(100 * available, hours) == 10_000.0


@table(
    """
    | case                                     | points | hours | percent |
    | E8: before                               | 1200   | 22.2  | 92.0    |
    | E8: after a C2 community case            | 1263   | 22.2  | 96.8    |
    | 1 of 2000: 0.05 is rounded up            | 1      | 34.01 | 0.1     |
    | 1 of 2041: 0.049 is rounded down         | 1      | 34.71 | 0.0     |
    | 1999 of 2000: 99.95 is rounded up to 100 | 1999   | 34.01 | 100.0   |
    | 1666 of 1667: 99.94 is rounded down      | 1666   | 28.35 | 99.9    |
    | nothing available                        | 100    | 0.0   | 0.0     |
    | no hours, however many cases             | 5000   | 0.0   | 0.0     |
    """,
)
def test_workload_percent(points: int, hours: float, percent: float) -> None:
    assert workload(points, hours) == percent


def held_by(points: int, who: str = "P1") -> dict[tuple[str, str], int]:
    """What a case takes up of its practitioner."""
    return {(who, "points"): points, (who, "cases"): 1}


TABLES = {
    "community": "206 158 146 110 146 115 102 72 79 63 50 35 51 41 29 29",
    "licence": "219 175 163 0 161 132 119 0 77 65 52 0 51 43 31 0",
    "custody": "75 60 59 0 59 48 47 0 30 24 23 0 17 14 13 0",
}


@pytest.mark.parametrize("kind", TABLES)
def test_points_table(kind: str) -> None:
    tiers = [f"{letter}{figure}" for letter in "ABCD" for figure in (3, 2, 1, 0)]
    expected = dict(zip(tiers, map(int, TABLES[kind].split()), strict=True))
    assert dict(policy_of(ALLOCATION).on(date(2026, 6, 1)).table(f"{kind}_points")) == expected


@table(
    """
    | case                            | facts                                                           | points |
    | an order                        |                                                                 | 63     |
    | two orders count once           | 2026-06-02 order S2                                             | 63     |
    | a licence beside an order       | 2026-01-05 custodial S9; 2026-06-01 released S9 ends=2027-05-31 | 65     |
    | an order of somebody in custody | 2026-01-05 custodial S9                                         | 24     |
    """,  # noqa: E501
)
def test_points_by_what_is_served(facts: list[f.Fact], points: int) -> None:
    assert on("2026-06-30", ALLOCATION, ORDER, *facts, RISK, ALLOCATED).claims == held_by(points)


@table(
    """
    | case                               | facts                                                                       | points |
    | recalled                           | 2026-06-20 taken recall sentence=S9                                         | 24     |
    | recalled, licence not named        | 2026-06-20 taken recall                                                     | 24     |
    | another licence recalled           | 2026-06-20 taken recall sentence=S8                                         | 65     |
    | back from recall                   | 2026-06-20 taken recall sentence=S9; 2026-06-25 left                        | 65     |
    | released again                     | 2026-06-20 taken recall sentence=S9; 2026-06-25 released S9 ends=2027-05-31 | 65     |
    | on remand                          | 2026-06-20 taken remand                                                     | 65     |
    | on remand, to be recalled tomorrow | 2026-06-20 taken K2 remand; 2026-07-01 taken recall sentence=S9             | 65     |
    | after the licence                  | 2026-06-29 revoked S9                                                       | 63     |
    """,  # noqa: E501
)
def test_points_of_an_order_and_a_licence(facts: list[f.Fact], points: int) -> None:
    licence = [f.custodial("2026-01-05", id="S9"), f.released("2026-06-01", "2027-05-31", id="S9")]
    case = on("2026-06-30", ALLOCATION, ORDER, *licence, *facts, RISK, ALLOCATED)
    assert case.claims == held_by(points)


def test_points_follow_the_latest_tier() -> None:
    facts = [ORDER, RISK, ALLOCATED, f.risk("2026-07-01", "high")]
    assert on("2026-06-30", ALLOCATION, *facts).claims == held_by(63)
    assert on("2026-07-01", ALLOCATION, *facts).claims == held_by(115)


@table(
    """
    | case              | facts                                                   | day        |
    | not allocated     | 2026-06-01 order; 2026-06-01 risk                       | 2026-06-03 |
    | supervision ended | 2026-06-01 order; 2026-06-01 risk; 2026-06-03 allocated | 2027-06-01 |
    | sentence unknown  | 2026-06-01 risk; 2026-06-03 allocated                   | 2026-06-03 |
    """,
)
def test_nobody_holds_points(facts: list[f.Fact], day: str) -> None:
    assert on(day, ALLOCATION, *facts).claims == {}


def test_the_case_counts_for_the_latest_practitioner_only() -> None:
    second = [f.order("2026-07-01", id="S2"), f.allocated("2026-07-02", to="P2", sentence="S2")]
    case = on("2026-07-02", ALLOCATION, ORDER, RISK, ALLOCATED, *second)
    assert case.claims == held_by(63, "P2")
    assert case.practitioner == "P2"


def held(points: int, *facts: f.Fact, day: str = "2026-06-01") -> Assessed:
    """A practitioner, at first full time, whose cases have so many points."""
    return on(day, ALLOCATION, f.practitioner(), *facts, used={"points": points})


@table(
    """
    | case                        | points | over  |
    | 99.9 % is not over          | 2174   | False |
    | 99.95 % is rounded to 100 % | 2175   | True  |
    | 100 % is over               | 2176   | True  |
    """,
)
def test_over_capacity(points: int, over: bool) -> None:
    event = PractitionerOverCapacity(practitioner_id="P1", workload_percent=100.0)
    assert held(points).open("PractitionerOverCapacity") == ({"P1": event} if over else {})


def test_over_capacity_is_resolved_when_it_no_longer_holds() -> None:
    assert held(10).closed("PractitionerOverCapacity") == {"P1": "resolved"}


def test_fewer_hours_put_over_capacity_from_their_day_on() -> None:
    half_time = f.practitioner("2026-07-01", hours=18.5)
    assert held(1200, half_time, day="2026-06-30").open("PractitionerOverCapacity") == {}
    event = held(1200, half_time, day="2026-07-01").one("PractitionerOverCapacity")
    assert event.workload_percent == 110.3


def test_who_has_left_is_not_over_capacity_and_takes_no_cases() -> None:
    left = f.practitioner("2026-07-01", active=False)
    before, after = held(5000, left, day="2026-06-30"), held(5000, left, day="2026-07-01")
    assert (before.pools, before.status) == (
        ("london/camden", "region/london", "practitioner/P1"),
        "over_capacity",
    )
    assert (after.pools, after.status) == ((), "inactive")
    assert after.open("PractitionerOverCapacity") == {}


def test_before_the_first_record_takes_effect_there_is_nobody() -> None:
    case = held(5000, day="2015-12-31")
    assert (case.pools, case.all) == ((), [])
