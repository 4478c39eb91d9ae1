"""UPW-1: when unpaid work must start, and when it has."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.referrals import InterventionStarted
from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ENDS = "2027-12-23"
E38 = f.order("2026-12-24", ENDS, "unpaid_work 100")
"""Sentenced on Christmas Eve 2026: unpaid work starts by 26 January 2027."""
IN_TIME: list[str] = []
LATE = ["2027-01-26"]


def overdue(today: str, *facts: f.Fact) -> list[str]:
    """The days by which work was to start that has not."""
    return [str(e.due_on) for e in on(today, SERVICE, *facts).open("UnpaidWorkStartOverdue").values()]


# Custody pauses: 4 and 5 January don't count (custody); 6 January, the day of leaving, does.
@table(
    """
    | case                                                                        | today      | due            | facts |
    | E38: 26 January is the last day in time                                     | 2027-01-26 | IN_TIME        | |
    | E38: not started by 26 January is overdue                                   | 2027-01-27 | LATE           | |
    | a start on the last day is in time                                          | 2027-01-27 | IN_TIME        | 2027-01-26 work |
    | one the day after stays late for good                                       | 2027-03-01 | LATE           | 2027-01-27 work |
    | an absence is no start                                                      | 2027-03-01 | LATE           | 2027-01-20 work unacceptable absence |
    | a stand-down is no start                                                    | 2027-03-01 | LATE           | 2027-01-20 work acceptable absence minutes=0 acceptable_reason=stood_down |
    | a course is not work                                                        | 2027-03-01 | LATE           | 2027-01-20 learning |
    | before sentence is no start                                                 | 2027-03-01 | LATE           | 2026-12-23 work |
    | revoked on the due date                                                     | 2027-03-01 | IN_TIME        | 2027-01-26 revoked |
    | revoked when it was late                                                    | 2027-03-01 | LATE           | 2027-01-27 revoked |
    | quashed before                                                              | 2027-03-01 | IN_TIME        | 2027-01-10 revoked quashed |
    | no deadline after death                                                     | 2027-03-01 | IN_TIME        | 2027-01-20 died |
    | none after supervision ended                                                | 2027-03-01 | IN_TIME        | 2027-01-20 ended |
    | taken off the list before                                                   | 2027-03-01 | IN_TIME        | 2027-01-15 varied ends=2027-12-23 requires="rar 5" |
    | taken off when it was late                                                  | 2027-03-01 | LATE           | 2027-01-27 varied ends=2027-12-23 requires="rar 5" |
    | on the order's last day                                                     | 2027-01-26 | IN_TIME        | 2027-01-10 varied ends=2027-01-26 requires="unpaid_work 100" |
    | the order runs out on the due date                                          | 2027-01-27 | LATE           | 2027-01-10 varied ends=2027-01-26 requires="unpaid_work 100" |
    | told that the order ran out on the due date                                 | 2027-01-27 | LATE           | 2027-01-10 varied ends=2027-01-26 requires="unpaid_work 100" |
    |                                                                             |            |                | 2027-01-26 ended expired |
    | the order runs out the day before                                           | 2027-03-01 | IN_TIME        | 2027-01-10 varied ends=2027-01-25 requires="unpaid_work 100" |
    | custody pauses: in time                                                     | 2027-01-28 | IN_TIME        | 2027-01-04 taken; 2027-01-06 left |
    | custody pauses: two business days later                                     | 2027-01-29 | ["2027-01-28"] | 2027-01-04 taken; 2027-01-06 left |
    | custody pauses once for two records that overlap                            | 2027-01-29 | ["2027-01-28"] | 2027-01-04 taken; 2027-01-05 left; 2027-01-04 taken K2 |
    |                                                                             |            |                | 2027-01-06 left K2 |
    | a weekend in custody, of which Monday's leaving is no part                  | 2027-03-01 | LATE           | 2027-01-02 taken; 2027-01-04 left |
    | sentenced while held: the day of leaving is in place of the day of sentence | 2027-03-01 | ["2027-02-01"] | 2026-12-01 taken; 2027-01-04 left |
    | nothing falls due while in custody                                          | 2028-03-01 | IN_TIME        | 2027-01-04 taken |
    | nor while leaving lies far ahead                                            | 2028-03-01 | IN_TIME        | 2027-01-04 taken; 2150-01-04 left |
    | a release on the day of being taken in was before it                        | 2028-03-01 | IN_TIME        | 2027-01-25 taken; 2027-01-25 released S9 ends=2028-01-01 |
    | released on the day of sentence                                             | 2027-03-01 | LATE           | 2026-12-01 taken; 2026-12-24 left |
    | custody after the due date                                                  | 2027-03-01 | LATE           | 2027-02-01 taken |
    | a release ends a time in custody of which no end was recorded               | 2027-03-01 | ["2027-01-27"] | 2027-01-25 taken; 2027-01-26 released S9 ends=2028-01-01 |
    """,  # noqa: E501
    IN_TIME=IN_TIME,
    LATE=LATE,
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
        **f.PLACE, sentence_id="S1", referral_id="UPW", requirement_id="UPW", started_on=date(2027, 1, 8)
    )


def test_work_has_not_started_without_a_minute_worked() -> None:
    case = on("2027-03-01", SERVICE, E38, f.work("2027-01-08", minutes=0))
    assert case.open("InterventionStarted") == {}
