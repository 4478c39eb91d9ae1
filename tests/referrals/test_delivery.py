"""SH-9: what a region does not deliver counts towards no deadline of that work, and referrals to it rest."""

from __future__ import annotations

from typing import Any

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ORDER = f.order("2026-06-01", "2027-05-31", "unpaid_work UPW 100, accredited_programme ACP 20")


@table(
    """
    | case                        | facts                                                                    | expected |
    | delivered                   |                                                                          | 2026-06-29 |
    | contact suspended           | 2026-06-08 delivery_suspended contact                                    | 2026-06-29 |
    | five business days without  | 2026-06-08 delivery_suspended unpaid_work; 2026-06-15 delivery_resumed   | 2026-07-06 |
    | everything suspended        | 2026-06-08 delivery_suspended all; 2026-06-15 delivery_resumed           | 2026-07-06 |
    | in another region           | 2026-06-08 delivery_suspended all region=wales                           | 2026-06-29 |
    """,  # noqa: E501
)
def test_days_without_unpaid_work_do_not_count_towards_its_start(facts: Any, expected: str) -> None:
    found = on("2026-12-01", SERVICE, ORDER, *facts).one("UnpaidWorkStartOverdue")
    assert found.due_on.isoformat() == expected


def test_work_is_not_overdue_while_there_is_none() -> None:
    suspended = f.delivery_suspended("2026-06-08", "unpaid_work")
    assert on("2026-12-01", SERVICE, ORDER, suspended).open("UnpaidWorkStartOverdue") == {}


def rests(*facts: f.Fact, day: str = "2026-12-01") -> list[tuple[str, str, str, str]]:
    """Referral, day, what, and why."""
    case = on(day, SERVICE, ORDER, *facts)
    events = [
        (event.referral_id, event.from_.isoformat(), kind.removeprefix("Referral"), event.reason)
        for kind in ("ReferralPaused", "ReferralResumed")
        for event in case.open(kind).values()
    ]
    return sorted(events)


def test_a_referral_rests_while_its_work_is_not_delivered() -> None:
    suspended, resumed = f.delivery_suspended("2026-06-08", "unpaid_work"), f.delivery_resumed("2026-06-15")
    paused = ("UPW", "2026-06-08", "Paused", "delivery_suspended")
    assert rests(suspended, day="2026-06-07") == []
    assert rests(suspended, day="2026-06-08") == [paused]
    assert rests(suspended, resumed) == [paused, ("UPW", "2026-06-15", "Resumed", "delivery_suspended")]


def test_a_suspension_of_everything_rests_every_referral() -> None:
    suspended = f.delivery_suspended("2026-06-08", "all")
    assert [referral for referral, *_ in rests(suspended)] == ["ACP", "UPW"]


def test_custody_goes_before_it_and_the_referral_goes_on_when_nothing_stops_it() -> None:
    suspended, resumed = f.delivery_suspended("2026-06-08", "unpaid_work"), f.delivery_resumed("2026-06-22")
    held = f.taken("2026-06-10"), f.left("2026-06-17")
    found = [rest[1:] for rest in rests(suspended, resumed, *held) if rest[0] == "UPW"]
    assert found == [
        ("2026-06-08", "Paused", "delivery_suspended"),
        ("2026-06-10", "Paused", "custody"),
        ("2026-06-17", "Paused", "delivery_suspended"),
        ("2026-06-22", "Resumed", "delivery_suspended"),
    ]


def risk(*facts: f.Fact) -> bool:
    """Is work at risk that went well until there was none for ten weeks?"""
    work = f.order("2026-06-01", "2027-05-31", "unpaid_work UPW 200")
    worked = [f.work(day) for day in f.days_from("2026-06-08", 50)[::7]]
    return bool(on("2026-10-12", SERVICE, work, *worked, *facts).open("RequirementAtRisk"))


def test_the_pace_is_that_of_the_days_with_unpaid_work() -> None:
    assert risk()
    suspended = f.delivery_suspended("2026-08-03", "unpaid_work"), f.delivery_resumed("2026-10-12")
    assert not risk(*suspended)
