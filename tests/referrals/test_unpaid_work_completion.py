"""UPW-2, 9, 19 and RAR-6: the twelve months, and when unpaid work is done."""

from __future__ import annotations

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

# -- UPW-2: twelve months ----------------------------------------------------------------------------

YEAR = f.order("2024-02-01", "2025-07-31", "unpaid_work 40")
"""Twelve months beginning with 1 February 2024 end on 31 January 2025."""
STANDS = ["stands"]
NOTHING: list[str] = []


def returns(today: str, *facts: f.Fact) -> list[str]:
    """Of each return to court: does it stand, or how was it closed?"""
    case = on(today, SERVICE, *facts)
    return [
        *("stands" for _ in case.open("ReturnToCourtRequired")),
        *case.closed("ReturnToCourtRequired").values(),
    ]


def varied(day: str, requires: str = "unpaid_work 40") -> f.Fact:
    """The order changed, to the same end."""
    return f.varied(day, "2025-07-31", requires)


@table(
    """
    | case                                                | today      | expected     | facts |
    | twenty business days before the last day            | 2025-01-03 | STANDS       |       |
    | and the day before                                  | 2025-01-02 | NOTHING      |       |
    | not worked out in twelve months                     | 2025-02-01 | STANDS       |       |
    | worked out on the last day                          | 2025-02-01 | NOTHING      | 2025-01-30, 2025-01-31 work minutes=1200 |
    | worked out the day after: resolved, but it was late | 2025-02-20 | ["resolved"] | 2025-01-30, 2025-02-01 work minutes=1200 |
    | the court has dealt with it                         | 2025-02-20 | ["resolved"] | 2025-02-15 varied ends=2025-07-31 requires="unpaid_work 40" |
    | varied on the last day                              | 2025-02-20 | STANDS       | 2025-01-31 varied ends=2025-07-31 requires="unpaid_work 40" |
    | varied when it had been revoked                     | 2025-02-20 | ["ended"]    | 2025-02-10 revoked; 2025-02-15 varied ends=2025-07-31 requires="unpaid_work 40" |
    | varied before                                       | 2025-02-20 | STANDS       | 2025-01-15 varied ends=2025-07-31 requires="unpaid_work 40" |
    | revoked                                             | 2025-02-20 | ["ended"]    | 2025-02-20 revoked |
    | to be revoked                                       | 2025-02-19 | STANDS       | 2025-02-20 revoked |
    | revoked on the last day                             | 2025-02-20 | NOTHING      | 2025-01-31 revoked |
    | dead before                                         | 2025-02-20 | NOTHING      | 2025-01-01 died |
    | the order has run out                               | 2025-08-01 | ["ended"]    |       |
    | the order's last day                                | 2025-07-31 | STANDS       |       |
    | taken off the list                                  | 2025-02-20 | NOTHING      | 2025-01-15 varied ends=2025-07-31 requires="rar 5" |
    """,  # noqa: E501
    NOTHING=NOTHING,
    STANDS=STANDS,
)
def test_work_not_done_in_twelve_months_returns_to_court(
    today: str, facts: list[f.Fact], expected: list[str]
) -> None:
    assert returns(today, YEAR, *facts) == expected


def test_the_court_may_revoke_or_extend() -> None:
    event = on("2025-03-01", SERVICE, YEAR).one("ReturnToCourtRequired")
    assert event.options == ["revoke_and_resentence", "extend"]


@pytest.mark.parametrize(
    ("today", "imposed", "ends", "expected"),
    [
        pytest.param("2026-06-01", "2025-05-11", "2026-12-31", STANDS, id="over on the limit's last day"),
        pytest.param("2026-06-01", "2025-05-12", "2026-12-31", ["ended"], id="UPW-19: over on 11 May 2026"),
        pytest.param("2025-01-30", "2024-02-29", "2025-07-31", NOTHING, id="SH-4: until 28 February"),
        pytest.param("2025-01-31", "2024-02-29", "2025-07-31", STANDS, id="SH-4: 20 business days before"),
        pytest.param("2025-01-31", "2024-02-01", "2025-01-31", STANDS, id="an order of just twelve months"),
        pytest.param(
            "2025-02-01", "2024-02-01", "2025-01-31", ["ended"], id="that ends before anything is asked for"
        ),
    ],
)
def test_the_twelve_months_of_an_order(today: str, imposed: str, ends: str, expected: list[str]) -> None:
    assert returns(today, f.order(imposed, ends, "unpaid_work 40")) == expected


# -- RAR-6 for unpaid work ---------------------------------------------------------------------------

ENDS = "2028-01-03"
FORTY = f.order("2027-01-04", ENDS, "unpaid_work 40")
HALF = [FORTY, f.work("2027-01-11", minutes=1200)]
COURSES = [FORTY, *(f.learning(day, minutes=1440) for day in f.days_from("2027-02-10", 18))]
DONE = [*HALF, f.work("2027-01-12", minutes=1200)]
MORE, LESS = f.varied("2027-03-01", ENDS, "unpaid_work 50"), f.varied("2027-03-01", ENDS, "unpaid_work 20")


@table(
    """
    | case                                   | completed              | facts |
    | a minute is left                       | []                     | HALF; 2027-01-12 work minutes=1199 |
    | with the last minute                   | [("2027-01-12", 2400)] | DONE |
    | and with more                          | [("2027-01-12", 2400)] | HALF; 2027-01-12 work minutes=1440 |
    | UPW-9: courses alone never complete it | []                     | COURSES |
    | by a variation to fewer hours          | [("2027-03-01", 1200)] | HALF; LESS |
    | reopened by a variation to more hours  | []                     | DONE; MORE |
    | reopened and completed                 | [("2027-03-08", 3000)] | DONE; MORE; 2027-03-08 work minutes=600 |
    | it stays so when taken off the list    | [("2027-01-12", 2400)] | DONE; 2027-03-01 varied ends=2028-01-03 requires="rar 5" |
    | and when revoked                       | [("2027-01-12", 2400)] | DONE; 2027-03-01 revoked |
    | not by a variation after revocation    | []                     | HALF; 2027-02-28 revoked; LESS |
    | no hours ordered are no hours done     | []                     | 2027-01-04 order ends=2028-01-03 requires="unpaid_work 0"; 2027-01-11 work |
    """,  # noqa: E501
    HALF=HALF,
    DONE=DONE,
    COURSES=COURSES,
    LESS=LESS,
    MORE=MORE,
)
def test_when_unpaid_work_is_completed(facts: list[f.Fact], completed: list[tuple[str, int]]) -> None:
    events = on("2030-01-01", SERVICE, *facts).open("RequirementCompleted").values()
    assert [(str(event.completed_on), event.amount) for event in events] == completed


def test_a_variation_to_come_reopens_nothing_yet() -> None:
    assert str(on("2027-02-28", SERVICE, *DONE, MORE).one("RequirementCompleted").completed_on) == (
        "2027-01-12"
    )
