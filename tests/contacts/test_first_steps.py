"""ALLOC-22: the first appointment."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.first_steps import DUE, ORDER, PRISON, RELEASED, appointments
from tests.contacts.said import assessed, rests_on
from tests.table import table


def test_the_first_appointment_on_an_order_is_due_within_five_business_days_of_sentence() -> None:
    assert appointments(ORDER, on=DUE) == []
    assert appointments(ORDER, on="2026-06-09") == [("S1", DUE)]


def test_the_first_appointment_on_a_licence_is_due_within_one_business_day_of_release() -> None:
    assert appointments(PRISON, RELEASED, on="2026-04-07") == []
    assert appointments(PRISON, RELEASED, on="2026-04-08") == [("S1", "2026-04-07")]


def test_the_christmas_holidays_are_no_business_days() -> None:
    assert appointments(f.order("2026-12-24", "2027-12-23"), on="2027-02-01") == [("S1", "2027-01-05")]


def test_the_case_waits_for_the_day_after_the_deadline() -> None:
    known = [ORDER]
    waits_for = assessed("2026-06-08", *known).wake_on
    assert waits_for == date(2026, 6, 9)


@pytest.mark.parametrize(
    "offered",
    [
        pytest.param(f.contact("2026-06-01"), id="attended on the day of sentence"),
        pytest.param(f.contact(DUE), id="attended on the last day"),
        pytest.param(f.contact("2026-06-06"), id="attended on a Saturday"),
        pytest.param(f.scheduled(DUE), id="arranged for the last day"),
        pytest.param(f.contact(DUE, kind="initial"), id="booked as the initial one"),
        pytest.param(f.home_visit(DUE), id="at home"),
        pytest.param(f.contact(DUE, mode="video"), id="by video"),
        pytest.param(f.contact(DUE, sentence=None), id="for all sentences"),
        pytest.param(f.scheduled(DUE, sentence=None), id="arranged for all sentences"),
        pytest.param(f.contact(DUE, "unacceptable_absence"), id="the person did not come"),
        pytest.param(f.contact(DUE, "acceptable_absence"), id="the person could not come"),
        pytest.param(f.contact(DUE, "failed_to_attend"), id="the reason is awaited"),
        pytest.param(f.contact(DUE, "rescheduled_by_person"), id="the person asked to move it"),
        pytest.param(f.contact(DUE, "sent_home_service"), id="the person came and was sent home"),
    ],
)
def test_a_first_appointment_was_offered_in_time(offered: f.Fact) -> None:
    assert appointments(ORDER, offered) == []


@table(
    """
    | case                                   | facts                                                                 |
    | a day late                             | 2026-06-09 contact                                                    |
    | arranged for a day late                | 2026-06-09 scheduled                                                  |
    | before the sentence                    | 2026-05-29 contact                                                    |
    | by telephone                           | 2026-06-08 contact mode=telephone                                     |
    | an online check-in                     | 2026-06-08 contact mode=online                                        |
    | a session                              | 2026-06-08 contact kind=session                                       |
    | a provider's session                   | 2026-06-08 work                                                       |
    | not of the national standard           | 2026-06-08 contact national_standard=false                            |
    | arranged, not of the national standard | 2026-06-08 scheduled national_standard=false                          |
    | the person was not told of it          | 2026-06-08 scheduled notified=false                                   |
    | the service moved it                   | 2026-06-08 contact rescheduled by service                             |
    | contact was suspended                  | 2026-06-08 contact suspended                                          |
    | a warrant is outstanding               | 2026-06-08 contact warrant outstanding                                |
    | for another sentence                   | 2026-06-08 contact sentence=S2                                        |
    | arranged, and moved by the service     | 2026-06-08 scheduled C1; 2026-06-08 contact C1 rescheduled by service |
    | arranged, and took place later         | 2026-06-08 scheduled C1; 2026-06-15 contact C1                        |
    """,  # noqa: E501
)
def test_no_first_appointment_was_offered_in_time(facts: list[f.Fact]) -> None:
    assert appointments(ORDER, *facts) == [("S1", DUE)]


def test_a_first_appointment_in_the_month_after_the_sentence() -> None:
    sentenced = f.order("2026-06-29", "2027-06-28")
    assert appointments(sentenced, f.contact("2026-07-06")) == []
    assert appointments(sentenced, f.contact("2026-07-07")) == [("S1", "2026-07-06")]


def test_one_of_two_appointments_in_time_is_enough_whichever_was_recorded_first() -> None:
    late, in_time = f.contact("2026-06-20"), f.contact("2026-06-03")
    assert appointments(ORDER, late, in_time) == []
    assert appointments(ORDER, in_time, late) == []


def test_each_sentence_has_its_own_first_appointment() -> None:
    second = f.order("2026-06-15", "2027-06-14", id="S2")
    assert appointments(ORDER, second, f.contact("2026-06-02"), f.contact("2026-06-16")) == [
        ("S2", "2026-06-22")
    ]
    both = f.contact("2026-06-16", sentence=None)
    assert appointments(ORDER, second, both) == [("S1", DUE)]


def test_each_release_has_its_own_first_appointment() -> None:
    recalled = [
        f.taken("2026-06-01", "recall"),
        f.left("2026-07-01"),
        f.released("2026-07-01", "2026-12-31"),
    ]
    first, again = f.contact("2026-04-07"), f.contact("2026-07-02")
    assert appointments(PRISON, RELEASED, *recalled) == [
        ("S1", "2026-04-07"),
        ("S1/2026-07-01", "2026-07-02"),
    ]
    assert appointments(PRISON, RELEASED, *recalled, first) == [("S1/2026-07-01", "2026-07-02")]
    assert appointments(PRISON, RELEASED, *recalled, first, again) == []


def test_two_releases_in_one_month_need_an_appointment_each() -> None:
    facts = [
        f.custodial("2026-01-05"),
        f.released("2026-06-01", "2026-12-31"),
        f.taken("2026-06-10", "recall"),
        f.left("2026-06-22"),
        f.released("2026-06-22", "2026-12-31"),
        f.contact("2026-06-02"),
    ]
    assert appointments(*facts) == [("S1/2026-06-22", "2026-06-23")]
    assert appointments(*facts, f.contact("2026-06-23")) == []


def test_post_sentence_supervision_has_no_first_appointment() -> None:
    over = f.custodial("2025-01-06")
    facts = [over, f.released("2025-03-03", "2025-06-30", "2026-03-02"), f.contact("2025-03-03")]
    assert appointments(*facts) == []
    # Released when the licence was over.
    assert appointments(over, f.released("2025-03-03", "2025-03-02", "2026-03-02")) == []


def test_a_licence_that_is_over_before_the_deadline_has_none() -> None:
    facts = [f.custodial("2025-01-06"), f.released("2025-03-03", "2025-03-03", "2026-03-02")]
    assert appointments(*facts) == []
    assert appointments(facts[0], f.released("2025-03-03", "2025-03-04", "2026-03-02")) == [
        ("S1", "2025-03-04")
    ]


def test_unpaid_work_alone_has_no_first_appointment() -> None:
    assert appointments(f.order("2026-06-01", "2027-05-31", "unpaid_work")) == []
    assert appointments(f.order("2026-06-01", "2027-05-31", "unpaid_work, rar")) == [("S1", DUE)]


def test_an_order_from_which_all_but_unpaid_work_was_taken_before_the_deadline() -> None:
    def taken_out(on: str) -> f.Fact:
        return f.varied(on, "2027-05-31", "unpaid_work")

    assert appointments(ORDER, taken_out(DUE)) == []
    assert appointments(ORDER, taken_out("2026-06-09")) == [("S1", DUE)]


def test_while_the_person_is_held_the_clock_stands_and_it_goes_on_with_the_leaving() -> None:
    assert appointments(ORDER, f.taken("2026-06-05")) == []
    assert appointments(ORDER, f.taken("2026-06-05"), f.left("2026-07-01")) == [("S1", "2026-07-02")]
    assert appointments(ORDER, f.taken("2026-06-05"), f.left("2026-07-01"), f.contact("2026-07-02")) == []
    assert appointments(ORDER, f.taken("2026-06-05"), f.left("2026-07-01"), f.contact("2026-06-03")) == []


def test_custody_after_the_deadline_excuses_nothing() -> None:
    assert appointments(ORDER, f.taken("2026-06-09")) == [("S1", DUE)]


@pytest.mark.parametrize(
    "over",
    [
        pytest.param(lambda on: f.revoked(on), id="revoked"),
        pytest.param(lambda on: f.revoked(on, "quashed"), id="quashed"),
        pytest.param(lambda on: f.died(on), id="died"),
        pytest.param(lambda on: f.ended(on), id="completed"),
    ],
)
def test_nothing_is_overdue_if_supervision_was_over_before_the_deadline_had_passed(over: Any) -> None:
    assert appointments(ORDER, over(DUE)) == []
    assert appointments(ORDER, over("2026-06-09")) == [("S1", DUE)]


def test_an_order_that_runs_out_on_the_last_day_in_time() -> None:
    assert appointments(f.order("2026-06-01", DUE)) == [("S1", DUE)]
    assert appointments(f.order("2026-06-01", "2026-06-07")) == []


def test_nothing_is_asked_of_an_unknown_sentence_or_before_a_release() -> None:
    assert appointments(f.allocated("2026-06-02"), f.contact("2026-06-20")) == []
    assert appointments(PRISON) == []


def test_a_missed_first_appointment_stands_when_it_is_offered_late_and_rests_on_the_sentence() -> None:
    said = assessed("2026-06-20", ORDER, f.contact("2026-06-12"))
    (finding,) = said.findings("InitialAppointmentOverdue")
    assert said.ending(finding) is None
    assert finding.rules == ("ALLOC-22",)
    assert rests_on(finding, ORDER, f.contact("2026-06-12")) == [0]
