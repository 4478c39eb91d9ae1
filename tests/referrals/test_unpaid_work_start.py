"""UPW-1: when unpaid work must start, and when it has."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.referrals import InterventionStarted
from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on

ENDS = "2027-12-23"
E38 = f.order("2026-12-24", ENDS, "unpaid_work 100")
"""Sentenced on Christmas Eve 2026: unpaid work starts by 26 January 2027."""
IN_TIME: list[str] = []
LATE = ["2027-01-26"]


def overdue(today: str, *facts: f.Fact) -> list[str]:
    """The days by which work was to start that has not."""
    return [str(e.due_on) for e in on(today, SERVICE, *facts).open("UnpaidWorkStartOverdue").values()]


@pytest.mark.parametrize(
    ("today", "facts", "due"),
    [
        pytest.param("2027-01-26", [], IN_TIME, id="E38: 26 January is the last day in time"),
        pytest.param("2027-01-27", [], LATE, id="E38: not started by 26 January is overdue"),
        pytest.param("2027-01-27", [f.work("2027-01-26")], IN_TIME, id="a start on the last day is in time"),
        pytest.param("2027-03-01", [f.work("2027-01-27")], LATE, id="one the day after stays late for good"),
        pytest.param(
            "2027-03-01", [f.work("2027-01-20", "unacceptable_absence")], LATE, id="an absence is no start"
        ),
        pytest.param(
            "2027-03-01",
            [f.work("2027-01-20", "acceptable_absence", minutes=0, acceptable_reason="stood_down")],
            LATE,
            id="a stand-down is no start",
        ),
        pytest.param("2027-03-01", [f.learning("2027-01-20")], LATE, id="a course is not work"),
        pytest.param("2027-03-01", [f.work("2026-12-23")], LATE, id="before sentence is no start"),
        pytest.param("2027-03-01", [f.revoked("2027-01-26")], IN_TIME, id="revoked on the due date"),
        pytest.param("2027-03-01", [f.revoked("2027-01-27")], LATE, id="revoked when it was late"),
        pytest.param("2027-03-01", [f.revoked("2027-01-10", "quashed")], IN_TIME, id="quashed before"),
        pytest.param("2027-03-01", [f.died("2027-01-20")], IN_TIME, id="no deadline after death"),
        pytest.param("2027-03-01", [f.ended("2027-01-20")], IN_TIME, id="none after supervision ended"),
        pytest.param(
            "2027-03-01", [f.varied("2027-01-15", ENDS, "rar 5")], IN_TIME, id="taken off the list before"
        ),
        pytest.param(
            "2027-03-01", [f.varied("2027-01-27", ENDS, "rar 5")], LATE, id="taken off when it was late"
        ),
        pytest.param(
            "2027-01-26",
            [f.varied("2027-01-10", "2027-01-26", "unpaid_work 100")],
            IN_TIME,
            id="on the order's last day",
        ),
        pytest.param(
            "2027-01-27",
            [f.varied("2027-01-10", "2027-01-26", "unpaid_work 100")],
            LATE,
            id="the order runs out on the due date",
        ),
        pytest.param(
            "2027-01-27",
            [f.varied("2027-01-10", "2027-01-26", "unpaid_work 100"), f.ended("2027-01-26", "expired")],
            LATE,
            id="told that the order ran out on the due date",
        ),
        pytest.param(
            "2027-03-01",
            [f.varied("2027-01-10", "2027-01-25", "unpaid_work 100")],
            IN_TIME,
            id="the order runs out the day before",
        ),
        # 4 and 5 January don't count (custody); 6 January, the day of leaving, does.
        pytest.param(
            "2027-01-28",
            [f.taken("2027-01-04"), f.left("2027-01-06")],
            IN_TIME,
            id="custody pauses: in time",
        ),
        pytest.param(
            "2027-01-29",
            [f.taken("2027-01-04"), f.left("2027-01-06")],
            ["2027-01-28"],
            id="custody pauses: two business days later",
        ),
        pytest.param(
            "2027-01-29",
            [
                f.taken("2027-01-04"),
                f.left("2027-01-05"),
                f.taken("2027-01-04", id="K2"),
                f.left("2027-01-06", id="K2"),
            ],
            ["2027-01-28"],
            id="custody pauses once for two records that overlap",
        ),
        pytest.param(
            "2027-03-01",
            [f.taken("2027-01-02"), f.left("2027-01-04")],
            LATE,
            id="a weekend in custody, of which Monday's leaving is no part",
        ),
        pytest.param(
            "2027-03-01",
            [f.taken("2026-12-01"), f.left("2027-01-04")],
            ["2027-02-01"],
            id="sentenced while held: the day of leaving is in place of the day of sentence",
        ),
        pytest.param("2028-03-01", [f.taken("2027-01-04")], IN_TIME, id="nothing falls due while in custody"),
        pytest.param(
            "2028-03-01",
            [f.taken("2027-01-04"), f.left("2150-01-04")],
            IN_TIME,
            id="nor while leaving lies far ahead",
        ),
        pytest.param(
            "2028-03-01",
            [f.taken("2027-01-25"), f.released("2027-01-25", "2028-01-01", id="S9")],
            IN_TIME,
            id="a release on the day of being taken in was before it",
        ),
        pytest.param(
            "2027-03-01",
            [f.taken("2026-12-01"), f.left("2026-12-24")],
            LATE,
            id="released on the day of sentence",
        ),
        pytest.param("2027-03-01", [f.taken("2027-02-01")], LATE, id="custody after the due date"),
        pytest.param(
            "2027-03-01",
            [f.taken("2027-01-25"), f.released("2027-01-26", "2028-01-01", id="S9")],
            ["2027-01-27"],
            id="a release ends a time in custody of which no end was recorded",
        ),
    ],
)
def test_unpaid_work_starts_within_20_business_days(today: str, facts: list[f.Fact], due: list[str]) -> None:
    assert overdue(today, E38, *facts) == due


@pytest.mark.parametrize(("today", "due"), [("2027-01-26", IN_TIME), ("2027-01-27", LATE)])
def test_work_added_by_a_variation_has_its_days_from_then(today: str, due: list[str]) -> None:
    varied = f.varied("2026-12-24", "2027-05-31", "unpaid_work 60")
    assert overdue(today, f.order("2026-06-01", "2027-05-31"), varied) == due


def test_the_oldest_orders_have_their_days_too() -> None:
    assert overdue("2027-06-01", f.order("1985-01-07", "1987-01-06", "unpaid_work")) == ["1985-02-04"]


def test_a_licence_has_no_deadline_for_unpaid_work() -> None:
    licence = f.order("2026-12-24", None, "unpaid_work", kind="custodial", ends_on=None)
    assert overdue("2027-06-01", licence, f.released("2026-12-24", "2027-12-24")) == []


def test_work_has_started_with_the_first_session_worked() -> None:
    sessions = [f.learning("2027-01-04"), f.work("2027-01-11", "sent_home_service"), f.work("2027-01-08")]
    case = on("2027-03-01", SERVICE, E38, *sessions)
    assert case.one("InterventionStarted") == InterventionStarted(
        referral_id="UPW", requirement_id="UPW", started_on=date(2027, 1, 8)
    )


def test_work_has_not_started_without_a_minute_worked() -> None:
    case = on("2027-03-01", SERVICE, E38, f.work("2027-01-08", minutes=0))
    assert case.open("InterventionStarted") == {}
