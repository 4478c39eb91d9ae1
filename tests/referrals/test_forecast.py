"""Whether unpaid work will be done in time (UPW-4, 16, 19; D7, D9; E45)."""

from __future__ import annotations

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger

LONG = f.order("2027-02-01", "2028-01-31", "unpaid_work 200")


def weekly(first: str, weeks: int, minutes: int) -> list[f.Fact]:
    """A session on the same day of so many weeks."""
    days = f.days_from(first, weeks * 7)[::7]
    return [f.work(day, minutes=minutes) for day in days]


SIXTY = weekly("2027-06-09", 12, 300)
"""Sixty hours at five a week, the last in the week before 1 September 2027."""


def item(today: str, *facts: f.Fact, type: str = "RequirementAtRisk") -> str:
    case = on(today, SERVICE, *facts)
    return "stands" if case.open(type) else case.closed(type).get("UPW", "")


def test_e45_too_slow_a_pace_is_at_risk() -> None:
    at_risk = on("2027-09-01", SERVICE, LONG, *SIXTY).one("RequirementAtRisk")
    assert str(at_risk.due_on) == "2028-01-31"
    # 21 whole weeks at 5 hours are 105 of the 140 left: the other 35 take seven weeks more.
    assert str(at_risk.forecast_on) == "2028-03-20"


@pytest.mark.parametrize(
    ("today", "at_risk", "back"),
    [
        pytest.param("2028-01-03", "ended", "stands", id="twenty business days before the last day"),
        pytest.param("2027-12-31", "ended", "stands", id="with more left than full pace can do"),
        pytest.param("2027-11-22", "stands", "", id="while full pace would still do"),
    ],
)
def test_e45_at_risk_while_something_can_be_done_then_back_to_court(
    today: str, at_risk: str, back: str
) -> None:
    facts = [LONG, *SIXTY]
    assert item(today, *facts) == at_risk
    assert item(today, *facts, type="ReturnToCourtRequired") == back


def test_the_minimum_weekly_hours_are_the_pace_until_twelve_weeks_have_passed() -> None:
    order = f.order("2027-02-01", "2027-12-31", "unpaid_work 100")
    slow = f.work("2027-03-01", minutes=60)
    assert item("2027-05-23", order, slow) == "resolved"
    assert item("2027-05-24", order, slow) == "stands"  # an hour in twelve weeks: 5 minutes a week


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [pytest.param(15, "resolved", id="105 hours"), pytest.param(14, "stands", id="98 hours")],
)
def test_both_sides_of_the_line_for_a_hundred_hours_not_begun(weeks: int, expected: str) -> None:
    order = f.order("2027-02-01", "2027-12-31", "unpaid_work 100")
    day = f.days_from("2027-02-01", 400)
    today = day[day.index("2027-12-31") - 7 * weeks]
    assert item(today, order) == expected


@pytest.mark.parametrize(
    ("last", "expected"), [pytest.param(503, "resolved", id="enough"), pytest.param(502, "stands", id="less")]
)
def test_the_pace_is_not_rounded(last: int, expected: str) -> None:
    order = f.order("2027-02-01", "2027-12-31", "unpaid_work 40")
    # Twelve weeks before the last day: 394 minutes were done earlier, 1,003 in the twelve weeks before.
    done = {"2027-02-08": 394, "2027-08-02": 500, "2027-09-06": last}
    worked = [f.work(day, minutes=minutes) for day, minutes in done.items()]
    assert item("2027-10-08", order, *worked) == expected


def test_work_at_a_good_pace_is_looked_at_when_the_pace_could_fall_short() -> None:
    order = f.order("2027-02-01", "2028-01-31", "unpaid_work 100")
    worked = weekly("2027-02-08", 16, 300)  # 80 hours: the other 20 take four weeks of the 34 left
    case = on("2027-06-09", SERVICE, order, *worked)
    # If nothing more is worked, only one of these sessions is among the last twelve weeks a week later.
    assert str(case.wake_on) == "2027-08-10"


def test_a_faster_pace_resolves_it() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2027-02-01")
    ledger.tell(f.order("2027-02-01", "2027-12-31", "unpaid_work 100"))
    ledger.day("2027-09-27")
    assert len(ledger.standing("RequirementAtRisk")) == 1
    ledger.tell(f.work("2027-09-27", minutes=900))
    assert ledger.standing("RequirementAtRisk") == []
    assert ledger.withdrawals("RequirementAtRisk")[-1] == ("UPW", "resolved")


@pytest.mark.parametrize(
    ("session", "offered", "accepted"),
    [
        pytest.param(f.work("2027-03-01", minutes=300), 300, 300, id="worked"),
        pytest.param(f.work("2027-03-01", "unacceptable_absence", minutes=0), 420, 0, id="not taken up"),
        pytest.param(
            f.work("2027-03-01", "acceptable_absence", minutes=0, acceptable_reason="stood_down"),
            0,
            0,
            id="stood down",
        ),
        pytest.param(f.work("2027-03-01", "rescheduled_by_service", minutes=0), 0, 0, id="called off"),
    ],
)
def test_back_at_court_the_hours_offered_and_accepted_are_shown(
    session: f.Fact, offered: int, accepted: int
) -> None:
    order = f.order("2027-02-01", "2027-12-31", "unpaid_work 100")
    event = on("2027-12-20", SERVICE, order, session).one("ReturnToCourtRequired")
    assert (event.offered_minutes, event.accepted_minutes) == (offered, accepted)


def test_d9_the_twelve_months_end_when_they_are_repealed() -> None:
    order = f.order("2025-07-01", "2027-06-30", "unpaid_work 300")
    ledger = Ledger(SERVICE)
    ledger.day("2025-07-01")
    ledger.tell(order)
    ledger.day("2026-05-10")
    assert str(ledger.standing("ReturnToCourtRequired")[0].due_on) == "2026-06-30"
    ledger.day("2026-05-11")
    assert ledger.standing("ReturnToCourtRequired") == []
    assert ledger.withdrawals("ReturnToCourtRequired")[-1] == ("UPW", "ended")


def test_the_court_may_extend_the_time_for_the_work() -> None:
    order = f.order("2024-02-01", "2025-07-31", "unpaid_work 40")
    extended = f.varied("2025-01-15", "2025-07-31", "unpaid_work 40 unpaid_work_until=2025-06-30")
    assert item("2025-01-14", order, extended, type="ReturnToCourtRequired") == "stands"
    assert item("2025-01-15", order, extended, type="ReturnToCourtRequired") == "resolved"
    assert item("2025-06-30", order, extended, type="ReturnToCourtRequired") == "stands"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(f.revoked("2027-11-22"), "ended", id="the order is over"),
        pytest.param(f.varied("2027-11-22", "2028-01-31", "rar 5"), "resolved", id="taken off"),
        pytest.param(f.varied("2027-11-22", "2028-12-31", "unpaid_work 60"), "resolved", id="fewer hours"),
    ],
)
def test_what_ends_a_forecast(more: f.Fact, expected: str) -> None:
    assert item("2027-11-22", LONG, *SIXTY, more) == expected
