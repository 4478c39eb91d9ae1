"""SH-9: what a region does not deliver counts towards no deadline of that work, and referrals to it rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import known, on
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


def suspended(first: str, resumed: str | None = None) -> list[f.Fact]:
    more = [f.delivery_resumed(resumed)] if resumed else []
    return [f.delivery_suspended(first, "unpaid_work"), *more]


@pytest.mark.parametrize(
    "gap",
    [
        pytest.param([], id="always delivered"),
        pytest.param(suspended("2026-08-03", "2026-08-12"), id="nine days without"),
        pytest.param(suspended("2026-08-03", "2026-08-04"), id="none on the day of a session"),
        pytest.param(suspended("2026-10-19"), id="suspended without an end"),
        pytest.param(suspended("2026-05-18", "2026-06-22"), id="none at first"),
    ],
)
def test_the_forecast_changes_on_no_day_for_which_the_case_does_not_wait(gap: list[f.Fact]) -> None:
    """So that a case is not assessed on each of the days on which nothing comes of it."""
    order = f.order("2026-06-01", "2027-05-31", "unpaid_work UPW 200")
    minutes = (300, 120, 420, 0, 60, 300)
    days = f.days_from("2026-06-08", 98)[::7]
    worked = [f.work(day, minutes=minutes[n % 6]) for n, day in enumerate(days)]
    case = known(SERVICE, order, *worked, *gap)
    waited, before, changed = None, None, 0
    for day in f.days_from("2026-08-10", 130):
        today = case(day)
        forecast = [event.forecast_on for event in today.open("RequirementAtRisk").values()]
        if waited is None or date.fromisoformat(day) >= waited:
            changed += forecast != before
            before, waited = forecast, today.wake_on
        assert forecast == before, day
    assert changed > 10


# -- the twelve months (UPW-2) ------------------------------------------------------------------------

YEARS = f.order("2024-06-03", "2026-06-02", "unpaid_work UPW 300")
"""Two years, of which the twelve months of the work are over on 2 June 2025."""


def last_day(*facts: f.Fact, order: f.Fact = YEARS, day: str = "2025-03-03") -> str:
    """The last day for the work, by the item that says that it will not be done in time."""
    case = on(day, SERVICE, order, *facts)
    (due_on,) = {
        str(event.due_on)
        for kind in ("RequirementAtRisk", "ReturnToCourtRequired")
        for event in case.open(kind).values()
    }
    return due_on


@table(
    """
    | case                                     | facts                                                                                                     | expected   |
    | delivered                                |                                                                                                           | 2025-06-02 |
    | fourteen days without                    | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed                                    | 2025-06-16 |
    | everything suspended                     | 2024-07-01 delivery_suspended all; 2024-07-15 delivery_resumed                                            | 2025-06-16 |
    | contacts suspended                       | 2024-07-01 delivery_suspended contact; 2024-07-15 delivery_resumed                                        | 2025-06-02 |
    | in another region                        | 2024-07-01 delivery_suspended all region=wales; 2024-07-15 delivery_resumed region=wales                  | 2025-06-02 |
    | begun before the order                   | 2024-05-20 delivery_suspended unpaid_work; 2024-06-10 delivery_resumed                                    | 2025-06-09 |
    | on the last day itself                   | 2025-06-02 delivery_suspended unpaid_work; 2025-06-04 delivery_resumed                                    | 2025-06-04 |
    | after the last day                       | 2025-06-03 delivery_suspended unpaid_work; 2025-06-10 delivery_resumed                                    | 2025-06-02 |
    | what is put off meets another suspension | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed                                    | 2025-06-18 |
    |                                          | 2025-06-10 delivery_suspended unpaid_work id=Z2; 2025-06-12 delivery_resumed id=Z2                        |            |
    | two at once count once                   | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed                                    | 2025-06-16 |
    |                                          | 2024-07-01 delivery_suspended all id=Z2; 2024-07-15 delivery_resumed id=Z2                                |            |
    | moved away meanwhile                     | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed                                    | 2025-06-09 |
    |                                          | 2024-07-08 transfer_accepted to_region=wales to_pdu=gwent                                                 |            |
    | never later than the order               | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed; 2024-06-10 varied ends=2025-06-09 requires="unpaid_work UPW 300" | 2025-06-09 |
    | the court's own date stays               | 2024-07-01 delivery_suspended unpaid_work; 2024-07-15 delivery_resumed                                    | 2025-05-01 |
    |                                          | 2024-06-10 varied ends=2026-06-02 requires="unpaid_work UPW 300 unpaid_work_until=2025-05-01"            |            |
    """,  # noqa: E501
)
def test_days_without_unpaid_work_are_not_among_the_twelve_months(facts: Any, expected: str) -> None:
    assert last_day(*facts) == expected


def test_what_was_not_done_in_time_is_so_only_after_the_day_that_was_put_off() -> None:
    suspended = f.delivery_suspended("2024-07-01", "unpaid_work"), f.delivery_resumed("2024-07-15")
    worked = [f.work(day, minutes=840) for day in f.days_from("2024-07-15", 141)[::7]]  # 294 of 300 hours
    late = f.work("2025-06-10", minutes=360)
    assert on("2025-12-01", SERVICE, YEARS, *worked, late).closed("ReturnToCourtRequired") == {
        "UPW": "resolved"
    }
    case = on("2025-12-01", SERVICE, YEARS, *worked, late, *suspended)
    assert case.open("ReturnToCourtRequired") == case.closed("ReturnToCourtRequired") == {}


def test_nobody_goes_back_to_court_because_nothing_is_delivered_for_the_time_being() -> None:
    work = f.order("2024-06-03", "2026-06-02", "unpaid_work UPW 100")
    suspended = f.delivery_suspended("2024-07-01", "unpaid_work")
    for day in ("2024-07-01", "2025-05-20", "2025-06-03", "2025-12-01"):
        case = on(day, SERVICE, work, suspended)
        assert case.open("ReturnToCourtRequired") == case.open("RequirementAtRisk") == {}, day


def test_when_too_little_of_the_order_is_left_the_court_has_to_extend_it() -> None:
    work = f.order("2024-06-03", "2026-03-31", "unpaid_work UPW 100")
    suspended = f.delivery_suspended("2024-07-01", "unpaid_work")
    returned = on("2026-03-10", SERVICE, work, suspended).one("ReturnToCourtRequired")
    assert (str(returned.due_on), returned.offered_minutes) == ("2026-03-31", 0)


# -- what providers and practitioners have to do ------------------------------------------------------


def record_due(*facts: f.Fact, **session: Any) -> str | None:
    """The day by which a session of Monday 8 June should have been recorded, if it was not."""
    held = f.session("2026-06-08", recorded="2026-06-26T10:00:00Z", **session)
    found = on("2026-12-01", SERVICE, ORDER, held, *facts).open("ProviderRecordLate")
    return next((str(event.due_on) for event in found.values()), None)


def test_days_without_the_work_do_not_count_for_the_providers_record_of_it() -> None:
    programmes = f.delivery_suspended("2026-06-09", "accredited_programme"), f.delivery_resumed("2026-06-15")
    assert record_due(requirement="ACP") == "2026-06-09"
    assert record_due(*programmes, requirement="ACP") == "2026-06-15"
    assert record_due(*programmes, requirement="UPW", activity="unpaid_work") == "2026-06-09"
    assert record_due(programmes[0], requirement="ACP") is None


@table(
    """
    | case                  | facts                                                               | expected   |
    | delivered             |                                                                     | 2026-06-22 |
    | no contacts           | 2026-06-08 delivery_suspended contact; 2026-06-15 delivery_resumed  | 2026-06-29 |
    | nothing at all        | 2026-06-08 delivery_suspended all; 2026-06-15 delivery_resumed      | 2026-06-29 |
    | only no unpaid work   | 2026-06-08 delivery_suspended unpaid_work; 2026-06-15 delivery_resumed | 2026-06-22 |
    """,  # noqa: E501
)
def test_days_without_contacts_do_not_count_for_the_employment_assessment(facts: Any, expected: str) -> None:
    assert str(on("2026-06-20", SERVICE, ORDER, *facts).one("EmploymentAssessmentDue").due_on) == expected
