"""RAR-6, UPW-14: what the law allows, and when a requirement is completed."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ENDS = "2027-01-04"
"""The last day of a year's order of 5 January 2026."""


def order(requires: str, day: str = "2026-01-05", **options: Any) -> f.Fact:
    """An order of 5 January 2026 that requires this."""
    return f.order(day, ENDS, requires, **options)


# -- UPW-14, RAR-3: what the law allows --------------------------------------------------------------


def invalid(*facts: f.Fact, today: str = "2026-12-01") -> list[tuple[str, str]]:
    """The requirements that the law does not allow, and why."""
    events = on(today, SERVICE, *facts).open("RequirementInvalid").values()
    return [(event.requirement_id, event.reason) for event in events]


@pytest.mark.parametrize(
    ("requires", "reason"),
    [
        ("unpaid_work 39 R1", "hours_below_40"),
        ("unpaid_work 40 R1", None),
        ("unpaid_work 300 R1", None),
        ("unpaid_work 301 R1", "hours_above_300"),
        ("rar 0 R1", "rar_below_1"),
        ("rar 1 R1", None),
        ("rar 400 R1", None),
        ("accredited_programme 0 R1", None),
    ],
)
def test_hours_are_40_to_300_and_rar_days_at_least_1(requires: str, reason: str | None) -> None:
    assert invalid(order(requires)) == ([("R1", reason)] if reason else [])


HOURS = order("unpaid_work 200 R1")
CONCURRENT = order("unpaid_work 250 R2 concurrent_with=R1", id="S2")


@table(
    """
    | case                                                            | found                       | facts |
    | 301 hours in two orders of one day                              | [("R1", "hours_above_300"), | HOURS; 2026-01-05 order S2 requires="unpaid_work 101 R2" |
    |                                                                 | ("R2", "hours_above_300")]  | |
    | 300 hours in two orders                                         | []                          | HOURS; 2026-01-05 order S2 requires="unpaid_work R2" |
    | in two orders of two days                                       | []                          | HOURS |
    |                                                                 |                             | 2026-01-06 order S2 ends=2027-01-04 requires="unpaid_work 101 R2" |
    | hours of a variation are not of the occasion                    | [("R2", "hours_above_300"), | 2026-01-05 order requires="unpaid_work R1" |
    |                                                                 | ("R3", "hours_above_300")]  | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work 100 R1" |
    |                                                                 |                             | 2026-03-02 order S2 ends=2027-01-04 requires="unpaid_work 200 R2" |
    |                                                                 |                             | 2026-03-02 order S3 ends=2027-01-04 requires="unpaid_work 200 R3" |
    | concurrent hours count once                                     | []                          | HOURS; CONCURRENT |
    | concurrent hours count once, and others with them               | [("R1", "hours_above_300"), | HOURS; CONCURRENT |
    |                                                                 | ("R2", "hours_above_300"),  | 2026-01-05 order S3 requires="unpaid_work 51 R3" |
    |                                                                 | ("R3", "hours_above_300")]  | |
    | what the court changed on the day of sentence was never ordered | []                          | 2026-01-05 order requires="unpaid_work 30 R1" |
    |                                                                 |                             | 2026-01-05 varied ends=2027-01-04 requires="unpaid_work 60 R2" |
    | nor were the hours that it changed                              | []                          | 2026-01-05 order requires="unpaid_work 30 R1" |
    |                                                                 |                             | 2026-01-05 varied ends=2027-01-04 requires="unpaid_work 60 R1" |
    | a variation may make it invalid                                 | [("R1", "hours_above_300")] | HOURS |
    |                                                                 |                             | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work 301 R1" |
    | and never unmakes it                                            | [("R1", "hours_below_40")]  | 2026-01-05 order requires="unpaid_work 30 R1" |
    |                                                                 |                             | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work 60 R1" |
    | the latest fault is told                                        | [("R1", "hours_above_300")] | 2026-01-05 order requires="unpaid_work 30 R1" |
    |                                                                 |                             | 2026-03-02 varied ends=2027-01-04 requires="unpaid_work 301 R1" |
    """,  # noqa: E501
    HOURS=HOURS,
    CONCURRENT=CONCURRENT,
)
def test_hours_imposed_on_one_day_and_by_variations(
    facts: list[f.Fact], found: list[tuple[str, str]]
) -> None:
    assert invalid(*facts) == found


def test_a_variation_makes_it_invalid_from_its_day_on() -> None:
    assert invalid(HOURS, f.varied("2026-03-02", ENDS, "unpaid_work 301 R1"), today="2026-03-01") == []


# -- RAR-6 -------------------------------------------------------------------------------------------


def completions(today: str, *facts: f.Fact) -> list[tuple[str, str, int | None]]:
    """The requirements completed: kind, day and amount."""
    events = on(today, SERVICE, *facts).open("RequirementCompleted").values()
    return [(event.kind, str(event.completed_on), event.amount) for event in events]


@pytest.mark.parametrize(
    "kind",
    ["accredited_programme", "mental_health_treatment", "drug_rehabilitation", "alcohol_treatment", "other"],
)
def test_what_is_counted_in_sessions_is_completed_with_the_last_one_attended(kind: str) -> None:
    facts = [
        order(f"{kind} 3 R1"),
        f.session("2026-02-02", requirement="R1", id="P1"),
        f.session("2026-02-02", requirement="R1", id="P2"),
        f.session("2026-02-03", "failed_to_comply", requirement="R1"),
        f.session("2026-02-04", "acceptable_absence", requirement="R1"),
        f.session("2026-01-04", requirement="R1"),
        f.contact("2026-02-05", kind="session", requirement="R1"),
        f.work("2026-02-06", requirement="R1"),
    ]
    assert completions("2027-02-01", *facts) == []
    last = [f.session(day, requirement="R1") for day in ("2026-02-09", "2026-02-16")]
    assert completions("2027-02-01", *facts, *last) == [(kind, "2026-02-09", 3)]


@pytest.mark.parametrize(
    "requires", ["curfew", "curfew 60", "other", "accredited_programme", "alcohol_treatment"]
)
def test_what_is_not_counted_is_completed_with_the_term_of_the_order(requires: str) -> None:
    kind = requires.split()[0]
    assert completions("2027-01-04", order(requires)) == []
    assert completions("2027-01-05", order(requires)) == [(kind, "2027-01-04", None)]
    assert completions("2030-01-04", order(requires)) == [(kind, "2027-01-04", None)]


@table(
    """
    | case                                  | facts                                             | day        |
    | revoked the day before                | 2027-01-03 revoked                                | None       |
    | revoked on the last day               | 2027-01-04 revoked                                | None       |
    | quashed                               | 2026-06-01 revoked quashed                        | None       |
    | revoked when it was over              | 2027-01-05 revoked                                | 2027-01-04 |
    | died on the last day                  | 2027-01-04 died                                   | None       |
    | died afterwards                       | 2027-01-05 died                                   | 2027-01-04 |
    | supervision ended before              | 2026-12-01 ended                                  | None       |
    | supervision ran out                   | 2027-01-04 ended expired                          | 2027-01-04 |
    | completed on the last day             | 2027-01-04 ended                                  | None       |
    | taken off the list                    | 2026-06-01 varied ends=2027-01-04 requires=""     | None       |
    | shortened to a day before the hearing | 2026-06-01 varied ends=2026-05-01 requires=curfew | 2026-06-01 |
    | extended                              | 2026-06-01 varied ends=2027-03-31 requires=curfew | 2027-03-31 |
    """,
)
def test_a_term_is_reached_only_by_an_order_that_ran_out(facts: list[f.Fact], day: str | None) -> None:
    expected = [("curfew", day, None)] if day else []
    assert completions("2027-06-01", order("curfew"), *facts) == expected


UNDER_WAY = [
    f.status(day, status, id="AP")
    for day, status in (
        ("2026-01-12", "awaiting_allocation"),
        ("2026-02-02", "scheduled"),
        ("2026-03-02", "on_programme"),
    )
]
COMPLETE = [*UNDER_WAY, f.status("2026-05-11", "complete", id="AP")]


@table(
    """
    | case                                         | requires                   | facts     | days           |
    | AP-13: the provider says that it is complete | accredited_programme AP    | COMPLETE  | ["2026-05-11"] |
    | as long as it has not                        | accredited_programme AP    | UNDER_WAY | []             |
    | RAR-6: the court counts the sessions         | accredited_programme 26 AP | COMPLETE  | []             |
    """,
    COMPLETE=COMPLETE,
    UNDER_WAY=UNDER_WAY,
)
def test_a_programme_that_is_not_counted_is_completed_when_its_provider_says_so(
    requires: str, facts: list[f.Fact], days: list[str]
) -> None:
    assert [day for _, day, _ in completions("2026-06-01", order(requires), *facts)] == days


def test_a_licence_is_no_term_of_a_requirement() -> None:
    facts = [order("curfew", kind="custodial", ends_on=None), f.released("2026-03-02", "2026-12-31")]
    assert completions("2027-06-01", *facts) == []


def test_each_requirement_of_an_order_is_completed_by_itself() -> None:
    facts = [order("rar 1, curfew, unpaid_work 40"), f.session("2026-02-02")]
    assert completions("2027-06-01", *facts) == [("rar", "2026-02-02", 1), ("curfew", "2027-01-04", None)]


# -- for the people who query the cases --------------------------------------------------------------

LICENCE = (f.custodial("2025-01-06"), f.released("2025-06-02", "2025-09-01"))
PSS = (f.custodial("2025-01-06"), f.released("2025-06-02", "2025-09-01", "2026-11-30"))


@pytest.mark.parametrize(
    ("today", "facts", "status", "region"),
    [
        ("2026-01-04", [order("")], "not_begun", None),
        ("2026-01-05", [order("")], "open", "london"),
        ("2027-01-04", [order("")], "open", "london"),
        ("2027-01-05", [order("")], "closed", None),
        ("2026-06-01", [order(""), f.revoked("2026-06-01")], "closed", None),
        ("2026-06-01", [order(""), f.died("2026-06-02")], "open", "london"),
        ("2026-06-01", [f.custodial("2025-01-06")], "not_begun", None),
        ("2025-06-02", LICENCE, "open", "london"),
        ("2025-10-01", LICENCE, "closed", None),
        ("2025-10-01", PSS, "open", "london"),
        ("2026-05-11", PSS, "closed", None),
        ("2026-10-01", [f.released("2026-06-01", "2027-09-01")], "", None),
    ],
)
def test_a_case_is_open_while_the_person_is_supervised(
    today: str, facts: list[f.Fact], status: str, region: str | None
) -> None:
    case = on(today, SERVICE, *facts)
    assert (case.status, case.region) == (status, region)
