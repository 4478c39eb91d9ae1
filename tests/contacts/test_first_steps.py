"""ALLOC-22: the first appointment."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.contacts import InitialAppointmentOverdue
from schemas.envelope import Data
from tests.contacts.facts import (
    Known,
    allocated,
    contact,
    custodial,
    day,
    died,
    ended,
    left,
    order,
    released,
    revoked,
    scheduled,
    session,
    taken,
    varied,
)
from tests.contacts.facts_first_steps import (
    DUE,
    ORDER,
    PRISON,
    RELEASED,
    appointments,
)


def test_the_first_appointment_on_an_order_is_due_within_five_business_days_of_sentence() -> None:
    assert appointments(ORDER, on=DUE) == []
    assert appointments(ORDER, on="2026-06-09") == [("S1", DUE)]


def test_the_first_appointment_on_a_licence_is_due_within_one_business_day_of_release() -> None:
    assert appointments(PRISON, RELEASED, on="2026-04-07") == []
    assert appointments(PRISON, RELEASED, on="2026-04-08") == [("S1", "2026-04-07")]


def test_the_christmas_holidays_are_no_business_days() -> None:
    assert appointments(order("2026-12-24", "2027-12-23"), on="2027-02-01") == [("S1", "2027-01-05")]


def test_the_case_waits_for_the_day_after_the_deadline() -> None:
    known = Known(ORDER)
    waits_for = known.on("2026-06-08").wake_on
    assert waits_for == day("2026-06-09")


@pytest.mark.parametrize(
    "offered",
    [
        pytest.param(contact("2026-06-01"), id="attended on the day of sentence"),
        pytest.param(contact(DUE), id="attended on the last day"),
        pytest.param(contact("2026-06-06"), id="attended on a Saturday"),
        pytest.param(scheduled(DUE), id="arranged for the last day"),
        pytest.param(contact(DUE, kind="initial"), id="booked as the initial one"),
        pytest.param(contact(DUE, kind="home_visit"), id="at home"),
        pytest.param(contact(DUE, mode="video"), id="by video"),
        pytest.param(contact(DUE, sentence=None), id="for all sentences"),
        pytest.param(scheduled(DUE, sentence=None), id="arranged for all sentences"),
        pytest.param(contact(DUE, "unacceptable_absence"), id="the person did not come"),
        pytest.param(contact(DUE, "acceptable_absence"), id="the person could not come"),
        pytest.param(contact(DUE, "failed_to_attend"), id="the reason is awaited"),
        pytest.param(contact(DUE, "rescheduled_by_person"), id="the person asked to move it"),
        pytest.param(contact(DUE, "sent_home_service"), id="the person came and was sent home"),
    ],
)
def test_a_first_appointment_was_offered_in_time(offered: Data) -> None:
    assert appointments(ORDER, offered) == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([contact("2026-06-09")], id="a day late"),
        pytest.param([scheduled("2026-06-09")], id="arranged for a day late"),
        pytest.param([contact("2026-05-29")], id="before the sentence"),
        pytest.param([contact(DUE, mode="telephone")], id="by telephone"),
        pytest.param([contact(DUE, mode="online")], id="an online check-in"),
        pytest.param([contact(DUE, kind="session")], id="a session"),
        pytest.param([session(DUE)], id="a provider's session"),
        pytest.param([contact(DUE, ns=False)], id="not of the national standard"),
        pytest.param([scheduled(DUE, ns=False)], id="arranged, not of the national standard"),
        pytest.param([scheduled(DUE, notified=False)], id="the person was not told of it"),
        pytest.param([contact(DUE, "rescheduled_by_service")], id="the service moved it"),
        pytest.param([contact(DUE, "suspended")], id="contact was suspended"),
        pytest.param([contact(DUE, "warrant_outstanding")], id="a warrant is outstanding"),
        pytest.param([contact(DUE, sentence="S2")], id="for another sentence"),
        pytest.param(
            [scheduled(DUE, id="C1"), contact(DUE, "rescheduled_by_service", id="C1")],
            id="arranged, and moved by the service",
        ),
        pytest.param(
            [scheduled(DUE, id="C1"), contact("2026-06-15", id="C1")],
            id="arranged, and took place later",
        ),
    ],
)
def test_no_first_appointment_was_offered_in_time(facts: list[Data]) -> None:
    assert appointments(ORDER, *facts) == [("S1", DUE)]


def test_a_first_appointment_in_the_month_after_the_sentence() -> None:
    sentenced = order("2026-06-29", "2027-06-28")
    assert appointments(sentenced, contact("2026-07-06")) == []
    assert appointments(sentenced, contact("2026-07-07")) == [("S1", "2026-07-06")]


def test_one_of_two_appointments_in_time_is_enough_whichever_was_recorded_first() -> None:
    late, in_time = contact("2026-06-20"), contact("2026-06-03")
    assert appointments(ORDER, late, in_time) == []
    assert appointments(ORDER, in_time, late) == []


def test_each_sentence_has_its_own_first_appointment() -> None:
    second = order("2026-06-15", "2027-06-14", "S2")
    assert appointments(ORDER, second, contact("2026-06-02"), contact("2026-06-16")) == [("S2", "2026-06-22")]
    both = contact("2026-06-16", sentence=None)
    assert appointments(ORDER, second, both) == [("S1", DUE)]


def test_each_release_has_its_own_first_appointment() -> None:
    recalled = [
        taken("2026-06-01", reason="recall"),
        left("2026-07-01"),
        released("2026-07-01", "2026-12-31"),
    ]
    first, again = contact("2026-04-07"), contact("2026-07-02")
    assert appointments(PRISON, RELEASED, *recalled) == [
        ("S1", "2026-04-07"),
        ("S1/2026-07-01", "2026-07-02"),
    ]
    assert appointments(PRISON, RELEASED, *recalled, first) == [("S1/2026-07-01", "2026-07-02")]
    assert appointments(PRISON, RELEASED, *recalled, first, again) == []


def test_two_releases_in_one_month_need_an_appointment_each() -> None:
    facts = [
        custodial("2026-01-05"),
        released("2026-06-01", "2026-12-31"),
        taken("2026-06-10", reason="recall"),
        left("2026-06-22"),
        released("2026-06-22", "2026-12-31"),
        contact("2026-06-02"),
    ]
    assert appointments(*facts) == [("S1/2026-06-22", "2026-06-23")]
    assert appointments(*facts, contact("2026-06-23")) == []


def test_post_sentence_supervision_has_no_first_appointment() -> None:
    over = custodial("2025-01-06")
    facts = [over, released("2025-03-03", "2025-06-30", "2026-03-02"), contact("2025-03-03")]
    assert appointments(*facts) == []
    # Released when the licence was over.
    assert appointments(over, released("2025-03-03", "2025-03-02", "2026-03-02")) == []


def test_a_licence_that_is_over_before_the_deadline_has_none() -> None:
    facts = [custodial("2025-01-06"), released("2025-03-03", "2025-03-03", "2026-03-02")]
    assert appointments(*facts) == []
    assert appointments(facts[0], released("2025-03-03", "2025-03-04", "2026-03-02")) == [
        ("S1", "2025-03-04")
    ]


def test_unpaid_work_alone_has_no_first_appointment() -> None:
    assert appointments(order("2026-06-01", "2027-05-31", only=("unpaid_work",))) == []
    assert appointments(order("2026-06-01", "2027-05-31", only=("unpaid_work", "rar"))) == [("S1", DUE)]


def test_an_order_from_which_all_but_unpaid_work_was_taken_before_the_deadline() -> None:
    def taken_out(on: str) -> Data:
        return varied(on, "2027-05-31", only=("unpaid_work",))

    assert appointments(ORDER, taken_out(DUE)) == []
    assert appointments(ORDER, taken_out("2026-06-09")) == [("S1", DUE)]


def test_while_the_person_is_held_the_clock_stands_and_it_goes_on_with_the_leaving() -> None:
    assert appointments(ORDER, taken("2026-06-05")) == []
    assert appointments(ORDER, taken("2026-06-05"), left("2026-07-01")) == [("S1", "2026-07-02")]
    assert appointments(ORDER, taken("2026-06-05"), left("2026-07-01"), contact("2026-07-02")) == []
    assert appointments(ORDER, taken("2026-06-05"), left("2026-07-01"), contact("2026-06-03")) == []


def test_custody_after_the_deadline_excuses_nothing() -> None:
    assert appointments(ORDER, taken("2026-06-09")) == [("S1", DUE)]


@pytest.mark.parametrize(
    "over",
    [
        pytest.param(lambda on: revoked(on), id="revoked"),
        pytest.param(lambda on: revoked(on, reason="quashed"), id="quashed"),
        pytest.param(lambda on: died(on), id="died"),
        pytest.param(lambda on: ended(on), id="completed"),
    ],
)
def test_nothing_is_overdue_if_supervision_was_over_before_the_deadline_had_passed(over: Any) -> None:
    assert appointments(ORDER, over(DUE)) == []
    assert appointments(ORDER, over("2026-06-09")) == [("S1", DUE)]


def test_an_order_that_runs_out_on_the_last_day_in_time() -> None:
    assert appointments(order("2026-06-01", DUE)) == [("S1", DUE)]
    assert appointments(order("2026-06-01", "2026-06-07")) == []


def test_nothing_is_asked_of_an_unknown_sentence_or_before_a_release() -> None:
    assert appointments(allocated("2026-06-02", "P1"), contact("2026-06-20")) == []
    assert appointments(PRISON) == []


def test_a_missed_first_appointment_stands_when_it_is_offered_late_and_rests_on_the_sentence() -> None:
    said = Known(ORDER, contact("2026-06-12")).on("2026-06-20")
    (finding,) = said.of(InitialAppointmentOverdue)
    assert said.closed(finding) is None
    assert finding.rules == ("ALLOC-22",)
    assert [record.event_id for record in finding.because] == ["E0"]
