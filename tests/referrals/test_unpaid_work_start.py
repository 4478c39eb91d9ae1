"""UPW-1: when unpaid work must start, and when it has."""

from __future__ import annotations

import pytest

from schemas.envelope import Data
from schemas.referrals import (
    InterventionStarted,
    UnpaidWorkStartOverdue,
)
from tests.referrals.facts import (
    Known,
    course,
    custodial,
    day,
    died,
    ended,
    left,
    order,
    rar,
    released,
    revoked,
    session,
    taken,
    varied,
    work,
)

E38 = order("2026-12-24", "2027-12-23", work(100))
"""Sentenced on Christmas Eve 2026: unpaid work starts by 26 January 2027."""


def overdue(today: str, *facts: Data) -> list[str]:
    return [str(e.due_on) for e in Known(*facts).on(today).of(UnpaidWorkStartOverdue)]


@pytest.mark.parametrize(
    ("today", "facts", "due"),
    [
        pytest.param("2027-01-26", [], [], id="E38: 26 January is the last day in time"),
        pytest.param("2027-01-27", [], ["2027-01-26"], id="E38: not started by 26 January is overdue"),
        pytest.param("2027-01-27", [session("2027-01-26")], [], id="a start on the last day is in time"),
        pytest.param(
            "2027-03-01",
            [session("2027-01-27")],
            ["2027-01-26"],
            id="a start the day after stays late for good",
        ),
        pytest.param(
            "2027-03-01",
            [session("2027-01-20", outcome="unacceptable_absence")],
            ["2027-01-26"],
            id="an absence is no start",
        ),
        pytest.param(
            "2027-03-01",
            [session("2027-01-20", 0, outcome="acceptable_absence", reason="stood_down")],
            ["2027-01-26"],
            id="a stand-down is no start",
        ),
        pytest.param("2027-03-01", [course("2027-01-20")], ["2027-01-26"], id="a course is not work"),
        pytest.param("2027-03-01", [session("2026-12-23")], ["2027-01-26"], id="before sentence is no start"),
        pytest.param("2027-03-01", [revoked("2027-01-26")], [], id="revoked on the due date"),
        pytest.param("2027-03-01", [revoked("2027-01-27")], ["2027-01-26"], id="revoked when it was late"),
        pytest.param("2027-03-01", [revoked("2027-01-10", reason="quashed")], [], id="quashed before"),
        pytest.param("2027-03-01", [died("2027-01-20")], [], id="no deadline after death"),
        pytest.param("2027-03-01", [ended("2027-01-20")], [], id="no deadline after supervision ended"),
        pytest.param(
            "2027-03-01",
            [varied("2027-01-15", "2027-12-23", rar(5, "R2"))],
            [],
            id="taken off the list before",
        ),
        pytest.param(
            "2027-03-01",
            [varied("2027-01-27", "2027-12-23", rar(5, "R2"))],
            ["2027-01-26"],
            id="taken off the list when it was late",
        ),
        pytest.param(
            "2027-01-26", [varied("2027-01-10", "2027-01-26", work(100))], [], id="on the order's last day"
        ),
        pytest.param(
            "2027-01-27",
            [varied("2027-01-10", "2027-01-26", work(100))],
            ["2027-01-26"],
            id="the order runs out on the due date",
        ),
        pytest.param(
            "2027-01-27",
            [varied("2027-01-10", "2027-01-26", work(100)), ended("2027-01-26", "expired")],
            ["2027-01-26"],
            id="told that the order ran out on the due date",
        ),
        pytest.param(
            "2027-03-01",
            [varied("2027-01-10", "2027-01-25", work(100))],
            [],
            id="the order runs out the day before",
        ),
        # 4 and 5 January don't count (custody); 6 January, the day of leaving, does.
        pytest.param(
            "2027-01-28", [taken("2027-01-04"), left("2027-01-06")], [], id="custody pauses: in time"
        ),
        pytest.param(
            "2027-01-29",
            [taken("2027-01-04"), left("2027-01-06")],
            ["2027-01-28"],
            id="custody pauses: two business days later",
        ),
        pytest.param(
            "2027-03-01",
            [taken("2027-01-02"), left("2027-01-04")],
            ["2027-01-26"],
            id="a weekend in custody, of which Monday's leaving is no part",
        ),
        pytest.param(
            "2027-03-01",
            [taken("2026-12-01"), left("2027-01-04")],
            ["2027-02-01"],
            id="sentenced while held: the day of leaving is in place of the day of sentence",
        ),
        pytest.param("2028-03-01", [taken("2027-01-04")], [], id="nothing falls due while in custody"),
        pytest.param(
            "2028-03-01", [taken("2027-01-04"), left("2150-01-04")], [], id="nor while leaving lies far ahead"
        ),
        pytest.param(
            "2028-03-01",
            [taken("2027-01-25"), released("2027-01-25", "2028-01-01", id="S9")],
            [],
            id="a release on the day of being taken in was before it",
        ),
        pytest.param(
            "2027-03-01",
            [taken("2026-12-01"), left("2026-12-24")],
            ["2027-01-26"],
            id="released on the day of sentence",
        ),
        pytest.param("2027-03-01", [taken("2027-02-01")], ["2027-01-26"], id="custody after the due date"),
        pytest.param(
            "2027-03-01",
            [taken("2027-01-25"), released("2027-01-26", "2028-01-01", id="S9")],
            ["2027-01-27"],
            id="a release ends a stay in custody of which no end was recorded",
        ),
    ],
)
def test_unpaid_work_starts_within_20_business_days(today: str, facts: list[Data], due: list[str]) -> None:
    assert overdue(today, E38, *facts) == due


def test_work_added_by_a_variation_has_its_days_from_then() -> None:
    facts = [order("2026-06-01", "2027-05-31", rar(5, "R2")), varied("2026-12-24", "2027-05-31", work(60))]
    assert overdue("2027-01-26", *facts) == []
    assert overdue("2027-01-27", *facts) == ["2027-01-26"]


def test_the_oldest_orders_have_their_days_too() -> None:
    assert overdue("2027-06-01", order("1985-01-07", "1987-01-06", work(40))) == ["1985-02-04"]


def test_a_licence_has_no_deadline_for_unpaid_work() -> None:
    assert (
        overdue("2027-06-01", custodial("2026-12-24", work(60)), released("2026-12-24", "2027-12-24")) == []
    )


def test_work_has_started_with_the_first_session_worked() -> None:
    said = Known(
        E38, course("2027-01-04"), session("2027-01-11", outcome="sent_home_service"), session("2027-01-08")
    ).on("2027-03-01")
    assert said.of(InterventionStarted) == [
        InterventionStarted(referral_id="R1", requirement_id="R1", started_on=day("2027-01-08"))
    ]


def test_work_has_not_started_without_a_minute_worked() -> None:
    assert Known(E38, session("2027-01-08", 0)).on("2027-03-01").of(InterventionStarted) == []
