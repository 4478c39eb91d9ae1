"""UPW-2, 9, 19 and RAR-6: the twelve months, and when unpaid work is done."""

from __future__ import annotations

import pytest

from schemas.envelope import Data
from schemas.referrals import (
    RequirementCompleted,
    ReturnToCourtRequired,
)
from tests.referrals.facts import (
    Known,
    course,
    died,
    order,
    rar,
    revoked,
    session,
    varied,
    work,
)

# UPW-2: twelve months

YEAR = order("2024-02-01", "2025-07-31", work(40))
"""Twelve months beginning with 1 February 2024 end on 31 January 2025."""


def returns(today: str, *facts: Data) -> list[str | None]:
    said = Known(*facts).on(today)
    return [said.assessment.closed(f) for f in said.findings(ReturnToCourtRequired)]


@pytest.mark.parametrize(
    ("today", "facts", "closed"),
    [
        pytest.param("2025-01-31", [], [], id="the last day of the twelve months"),
        pytest.param("2025-02-01", [], [None], id="not worked out in twelve months"),
        pytest.param(
            "2025-02-01",
            [session(f"2025-01-3{d}", 1200) for d in (0, 1)],
            [],
            id="worked out on the last day",
        ),
        pytest.param(
            "2025-02-20",
            [session("2025-01-30", 1200), session("2025-02-01", 1200)],
            ["resolved"],
            id="worked out the day after: resolved, but it was late",
        ),
        pytest.param(
            "2025-02-20",
            [varied("2025-02-15", "2025-07-31", work(40))],
            ["resolved"],
            id="the court has dealt with it",
        ),
        pytest.param(
            "2025-02-20", [varied("2025-01-31", "2025-07-31", work(40))], [None], id="varied on the last day"
        ),
        pytest.param(
            "2025-02-20",
            [revoked("2025-02-10"), varied("2025-02-15", "2025-07-31", work(40))],
            ["ended"],
            id="varied when it had been revoked",
        ),
        pytest.param(
            "2025-02-20", [varied("2025-01-15", "2025-07-31", work(40))], [None], id="varied before"
        ),
        pytest.param("2025-02-20", [revoked("2025-02-20")], ["ended"], id="revoked"),
        pytest.param("2025-02-19", [revoked("2025-02-20")], [None], id="to be revoked"),
        pytest.param("2025-02-20", [revoked("2025-01-31")], [], id="revoked on the last day"),
        pytest.param("2025-02-20", [died("2025-01-01")], [], id="dead before"),
        pytest.param("2025-08-01", [], ["ended"], id="the order has run out"),
        pytest.param("2025-07-31", [], [None], id="the order's last day"),
        pytest.param(
            "2025-02-20", [varied("2025-01-15", "2025-07-31", rar(5, "R2"))], [], id="taken off the list"
        ),
    ],
)
def test_work_not_done_in_twelve_months_returns_to_court(
    today: str, facts: list[Data], closed: list[str | None]
) -> None:
    assert returns(today, YEAR, *facts) == closed


def test_the_court_may_revoke_or_extend() -> None:
    event = Known(YEAR).on("2025-03-01").of(ReturnToCourtRequired)[0]
    assert event.options == ["revoke_and_resentence", "extend"]


def test_from_11_may_2026_work_may_take_the_whole_order() -> None:
    # Twelve months that end on 10 May 2026, the last day of the limit, and on 11 May, the first without it.
    assert returns("2026-06-01", order("2025-05-11", "2026-12-31", work(40))) == [None]
    assert returns("2026-06-01", order("2025-05-12", "2026-12-31", work(40))) == []


def test_a_leap_day_order_has_until_28_february() -> None:
    # SH-4, on an order made when the limit held.
    assert returns("2025-02-28", order("2024-02-29", "2025-07-31", work(40))) == []
    assert returns("2025-03-01", order("2024-02-29", "2025-07-31", work(40))) == [None]


# RAR-6 for unpaid work


def completed(*facts: Data, today: str = "2030-01-01") -> list[tuple[str, int | None]]:
    events = Known(*facts).on(today).of(RequirementCompleted)
    return [(str(e.completed_on), e.amount) for e in events]


def test_unpaid_work_is_completed_when_the_last_minute_is_credited() -> None:
    facts = [order("2027-01-04", "2028-01-03", work(40)), session("2027-01-11", 1200)]
    assert completed(*facts, session("2027-01-12", 1199)) == []
    assert completed(*facts, session("2027-01-12", 1200)) == [("2027-01-12", 2400)]
    assert completed(*facts, session("2027-01-12", 1440)) == [("2027-01-12", 2400)]


def test_courses_alone_never_complete_unpaid_work() -> None:
    # UPW-9: it keeps its punitive part.
    facts = [
        order("2027-01-04", "2028-01-03", work(40)),
        *(course(f"2027-02-{d}", 1440) for d in range(10, 28)),
    ]
    assert completed(*facts) == []


def test_a_variation_to_fewer_hours_completes_what_was_done() -> None:
    facts = [
        order("2027-01-04", "2028-01-03", work(100)),
        *(session(f"2027-01-{d}", 1000) for d in (11, 12, 13)),
    ]
    assert completed(*facts, varied("2027-03-01", "2028-01-03", work(50))) == [("2027-03-01", 3000)]


def test_a_variation_to_more_hours_reopens_the_requirement() -> None:
    done = [order("2027-01-04", "2028-01-03", work(40)), *(session(f"2027-01-{d}", 1200) for d in (11, 12))]
    more = varied("2027-03-01", "2028-01-03", work(50))
    assert completed(*done, more, today="2027-02-28") == [("2027-01-12", 2400)]
    assert completed(*done, more) == []
    assert completed(*done, more, session("2027-03-08", 600)) == [("2027-03-08", 3000)]


def test_what_was_completed_stays_so_when_taken_off_the_list_or_revoked() -> None:
    done = [order("2027-01-04", "2028-01-03", work(40)), *(session(f"2027-01-{d}", 1200) for d in (11, 12))]
    assert completed(*done, varied("2027-03-01", "2028-01-03", rar(5, "R2"))) == [("2027-01-12", 2400)]
    assert completed(*done, revoked("2027-03-01")) == [("2027-01-12", 2400)]


def test_a_variation_after_revocation_completes_nothing() -> None:
    facts = [order("2027-01-04", "2028-01-03", work(40)), session("2027-01-11", 1000), revoked("2027-03-01")]
    assert completed(*facts, varied("2027-03-02", "2028-01-03", work(10))) == []


def test_no_hours_ordered_are_no_hours_done() -> None:
    assert completed(order("2027-01-04", "2028-01-03", work(0)), session("2027-01-11", 1000)) == []


def test_an_order_of_just_twelve_months_ends_before_anything_is_asked_for() -> None:
    assert returns("2025-01-31", order("2024-02-01", "2025-01-31", work(40))) == []
    assert returns("2025-02-01", order("2024-02-01", "2025-01-31", work(40))) == ["ended"]
