"""The first steps of supervision: first appointment, sentence plan, what other agencies are asked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contacts import InitialAppointmentOverdue, PartnerCheckDue, SentencePlanOverdue
from schemas.envelope import Data
from services.contacts.app import SERVICE
from tests.contacts.facts import (
    Known,
    allocated,
    checked,
    contact,
    custodial,
    day,
    died,
    ended,
    left,
    order,
    plan,
    released,
    revoked,
    scheduled,
    session,
    taken,
    varied,
)
from tests.contacts.policies import changed
from tests.ledger import Ledger

# Sentenced on Monday 1 June 2026: the first appointment is due by Monday 8 June.
ORDER = order("2026-06-01", "2027-05-31")
DUE = "2026-06-08"
# Released on Thursday 2 April 2026, before Easter: it is due by Tuesday 7 April.
PRISON = custodial("2026-01-05")
RELEASED = released("2026-04-02", "2026-12-31")
# Met first on Tuesday 2 June 2026: the plan is due by Tuesday 23 June.
MET = contact("2026-06-02", kind="initial")
PLAN_DUE = "2026-06-23"


def overdue(event: type, *facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    """(key, last day in time) of what is overdue."""
    found = Known(*facts).on(on).of(event)
    assert all(finding.closed is None for finding in found)
    return [(finding.key, finding.event.due_on.isoformat()) for finding in found]


def appointments(*facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    return overdue(InitialAppointmentOverdue, *facts, on=on)


def plans(*facts: Any, on: str = "2026-12-01") -> list[tuple[str, str]]:
    return overdue(SentencePlanOverdue, *facts, on=on)


# -- ALLOC-22: the first appointment -----------------------------------------------------------------


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


def test_while_the_person_is_held_the_clock_stands_and_it_starts_again_on_leaving() -> None:
    assert appointments(ORDER, taken("2026-06-05")) == []
    assert appointments(ORDER, taken("2026-06-05"), left("2026-07-01")) == [("S1", "2026-07-08")]
    assert appointments(ORDER, taken("2026-06-05"), left("2026-07-01"), contact("2026-07-08")) == []
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
    (finding,) = Known(ORDER, contact("2026-06-12")).on("2026-06-20").of(InitialAppointmentOverdue)
    assert finding.closed is None
    assert finding.rules == ("ALLOC-22",)
    assert [record.event_id for record in finding.because] == ["E0"]


# -- CONT-25, CONT-26: the sentence plan -------------------------------------------------------------


def test_a_plan_is_due_within_fifteen_business_days_of_the_first_appointment_attended() -> None:
    assert plans(ORDER, MET, on=PLAN_DUE) == []
    assert plans(ORDER, MET, on="2026-06-24") == [("S1", PLAN_DUE)]


def test_without_a_first_appointment_no_plan_is_due() -> None:
    assert plans(ORDER) == []
    assert plans(ORDER, scheduled("2026-06-02"), contact("2026-06-03", "unacceptable_absence")) == []
    assert plans(ORDER, contact("2026-06-03", mode="telephone")) == []


def test_the_clock_starts_with_the_first_that_was_attended_however_late() -> None:
    missed = contact("2026-06-02", "acceptable_absence")
    assert plans(ORDER, missed, contact("2026-08-04"), contact("2026-08-18"), contact("2026-10-06")) == [
        ("S1", "2026-08-25")
    ]


@pytest.mark.parametrize("self_assessment", ["included", "declined"])
def test_a_plan_in_time_with_the_persons_own_assessment_or_their_refusal(self_assessment: str) -> None:
    assert plans(ORDER, MET, plan(PLAN_DUE, self_assessment=self_assessment)) == []
    assert plans(ORDER, MET, plan("2026-06-24", self_assessment=self_assessment)) == [("S1", PLAN_DUE)]


def test_a_plan_without_the_persons_own_assessment_is_not_complete() -> None:
    incomplete = plan("2026-06-10", self_assessment="missing")
    assert plans(ORDER, MET, incomplete) == [("S1", PLAN_DUE)]
    assert plans(ORDER, MET, incomplete, plan(PLAN_DUE)) == []
    assert plans(ORDER, MET, incomplete, plan("2026-06-24")) == [("S1", PLAN_DUE)]


def test_a_plan_made_before_the_first_appointment_will_do() -> None:
    assert plans(ORDER, MET, plan("2026-06-01")) == []


def test_a_plan_is_for_the_sentence_that_it_names() -> None:
    second = order("2026-06-01", "2027-05-31", "S2")
    met = contact("2026-06-02", sentence=None)
    assert plans(ORDER, second, met, plan("2026-06-10", sentence="S2")) == [("S1", PLAN_DUE)]
    assert plans(ORDER, second, MET) == [("S1", PLAN_DUE)]


def test_a_plan_on_a_licence_may_have_been_made_before_release() -> None:
    met = contact("2026-04-07")
    assert plans(PRISON, RELEASED, met) == [("S1", "2026-04-28")]
    assert plans(PRISON, RELEASED, met, plan("2026-02-02")) == []


def test_after_a_recall_the_plan_is_made_anew() -> None:
    facts = [
        *(PRISON, RELEASED, contact("2026-04-07"), plan("2026-04-10", id="L1")),
        *(taken("2026-06-01", reason="recall"), left("2026-07-01"), released("2026-07-01", "2026-12-31")),
        contact("2026-07-02"),
    ]
    late = [("S1/2026-07-01", "2026-07-23")]
    assert plans(*facts) == late
    assert plans(*facts, plan("2026-05-29")) == late
    assert plans(*facts, plan("2026-06-01")) == []
    assert plans(*facts, plan("2026-07-23")) == []
    assert plans(*facts, plan("2026-07-24")) == late


def test_after_a_release_of_which_the_recall_is_not_known_the_plan_is_made_anew() -> None:
    facts = [
        PRISON,
        RELEASED,
        contact("2026-04-07"),
        released("2026-07-01", "2026-12-31"),
        contact("2026-07-02"),
    ]
    late = [("S1", "2026-04-28"), ("S1/2026-07-01", "2026-07-23")]
    assert plans(*facts, plan("2026-06-30")) == late
    assert plans(*facts, plan("2026-07-01")) == late[:1]


def test_a_deadline_on_a_licence_does_not_reach_into_post_sentence_supervision() -> None:
    prison = custodial("2025-01-06")
    met = contact("2025-03-03")  # due by Monday 24 March
    assert plans(prison, released("2025-03-03", "2025-03-24", "2026-03-02"), met) == [("S1", "2025-03-24")]
    assert plans(prison, released("2025-03-03", "2025-03-23", "2026-03-02"), met) == []


def test_in_post_sentence_supervision_no_plan_is_due() -> None:
    prison = custodial("2025-01-06")
    facts = [prison, released("2025-03-03", "2025-06-30", "2026-03-02"), contact("2025-07-01")]
    assert plans(*facts) == []


def test_unpaid_work_alone_has_no_plan_until_more_is_ordered() -> None:
    alone = order("2026-06-01", "2027-05-31", only=("unpaid_work",))
    assert plans(alone, MET) == []
    more = varied("2026-07-01", "2027-05-31", only=("unpaid_work", "rar"))
    assert plans(alone, MET, more) == []
    assert plans(alone, MET, more, contact("2026-07-01")) == [("S1", "2026-07-22")]


def test_the_clock_of_the_plan_stands_while_the_person_is_held() -> None:
    assert plans(ORDER, MET, taken("2026-06-10")) == []
    assert plans(ORDER, MET, taken("2026-06-10"), left("2026-07-01")) == [("S1", "2026-07-22")]
    assert plans(ORDER, MET, taken("2026-06-10"), left("2026-07-01"), plan("2026-07-22")) == []


def test_no_plan_is_overdue_if_supervision_was_over_first() -> None:
    assert plans(ORDER, MET, revoked(PLAN_DUE)) == []
    assert plans(ORDER, MET, revoked("2026-06-24")) == [("S1", PLAN_DUE)]
    assert plans(ORDER, MET, died("2026-06-20")) == []


def test_a_missing_plan_rests_on_the_appointment_the_incomplete_plans_and_the_sentence() -> None:
    facts = [ORDER, MET, plan("2026-06-10", self_assessment="missing"), plan("2026-07-01")]
    (finding,) = Known(*facts).on("2026-07-10").of(SentencePlanOverdue)
    assert finding.rules == ("CONT-25", "CONT-26")
    assert [record.event_id for record in finding.because] == ["E1", "E2", "E0"]


# -- CONT-27: what other agencies are asked ----------------------------------------------------------

ALLOCATED = allocated("2026-06-04", "P1")  # Thursday; ten business days later is Thursday 18 June
SAFEGUARDING, HEALTH, YOUTH = "safeguarding_and_domestic_abuse", "health", "youth_offending_services"
CHECKS_DUE = "2026-06-18"


def checks(*facts: Any, on: str = "2026-07-01") -> dict[str, str]:
    """What stands open and what became of the rest, by key: the last day in time, or how it was closed."""
    found = Known(*facts).on(on).of(PartnerCheckDue)
    return {f.key: f.closed or f.event.due_on.isoformat() for f in found}


def young(sentenced: Data) -> Data:
    person = sentenced.person.model_copy(update={"cohorts": ["young_adult"]})  # type: ignore[attr-defined]
    return sentenced.model_copy(update={"person": person})


def test_from_allocation_safeguarding_domestic_abuse_and_health_are_asked_about_everyone() -> None:
    assert checks(ORDER, ALLOCATED, on="2026-06-03") == {}
    asked = {f"S1/{SAFEGUARDING}": CHECKS_DUE, f"S1/{HEALTH}": CHECKS_DUE}
    assert checks(ORDER, ALLOCATED, on="2026-06-04") == asked
    assert checks(ORDER, ALLOCATED, on="2026-12-01") == asked


def test_youth_offending_services_are_asked_about_a_young_adult() -> None:
    assert checks(young(ORDER), ALLOCATED) == {
        f"S1/{SAFEGUARDING}": CHECKS_DUE,
        f"S1/{HEALTH}": CHECKS_DUE,
        f"S1/{YOUTH}": CHECKS_DUE,
    }


def test_without_an_allocation_nobody_is_asked() -> None:
    assert checks(ORDER) == {}
    assert checks(ORDER, allocated("2026-06-04", "P1", "S2")) == {}


def test_only_the_first_allocation_counts() -> None:
    again = allocated("2026-06-25", "P2", reason="change")
    assert set(checks(ORDER, again, ALLOCATED).values()) == {CHECKS_DUE}


def test_a_check_is_dealt_with_on_the_day_of_its_answer() -> None:
    answer = checked(SAFEGUARDING, "2026-06-10")
    assert checks(ORDER, ALLOCATED, answer, on="2026-06-09")[f"S1/{SAFEGUARDING}"] == CHECKS_DUE
    assert checks(ORDER, ALLOCATED, answer, on="2026-06-10") == {
        f"S1/{SAFEGUARDING}": "resolved",
        f"S1/{HEALTH}": CHECKS_DUE,
    }


def test_a_check_answered_late_is_dealt_with_too() -> None:
    assert checks(ORDER, ALLOCATED, checked(HEALTH, "2026-06-25"))[f"S1/{HEALTH}"] == "resolved"


def test_a_check_that_was_answered_before_allocation_is_not_asked_for() -> None:
    assert f"S1/{HEALTH}" not in checks(ORDER, ALLOCATED, checked(HEALTH, "2026-06-03"))
    assert checks(ORDER, ALLOCATED, checked(HEALTH, "2026-06-04"))[f"S1/{HEALTH}"] == "resolved"


def test_a_check_is_for_one_sentence() -> None:
    second = order("2026-06-01", "2027-05-31", "S2")
    facts = [
        ORDER,
        second,
        ALLOCATED,
        allocated("2026-06-05", "P1", "S2"),
        checked(HEALTH, "2026-06-10", "S2"),
    ]
    found = checks(*facts)
    assert found[f"S1/{HEALTH}"] == CHECKS_DUE
    assert found[f"S2/{HEALTH}"] == "resolved"
    assert found[f"S2/{SAFEGUARDING}"] == "2026-06-19"


def test_allocated_before_release_the_checks_are_due_from_release() -> None:
    facts = [PRISON, allocated("2026-03-02", "P1")]
    assert checks(*facts) == {}
    assert checks(*facts, RELEASED, on="2026-04-01") == {}
    assert set(checks(*facts, RELEASED, on="2026-04-02").values()) == {"2026-04-20"}


def test_nobody_is_asked_if_supervision_never_began() -> None:
    assert checks(PRISON, allocated("2026-03-02", "P1"), died("2026-03-10")) == {}
    assert checks(PRISON, allocated("2026-03-02", "P1"), RELEASED, died("2026-03-10")) == {}
    assert checks(ORDER, ALLOCATED, revoked("2026-06-03", reason="quashed")) == {}


def test_what_is_open_when_supervision_is_over_ends_with_it() -> None:
    over = [revoked("2026-06-15"), checked(HEALTH, "2026-06-15"), checked(SAFEGUARDING, "2026-06-16")]
    assert set(checks(ORDER, ALLOCATED, *over, on="2026-06-14").values()) == {CHECKS_DUE}
    assert checks(ORDER, ALLOCATED, *over) == {f"S1/{SAFEGUARDING}": "ended", f"S1/{HEALTH}": "resolved"}
    assert set(checks(ORDER, ALLOCATED, died("2026-06-15")).values()) == {"ended"}
    runs_out = order("2026-06-01", "2026-06-20")
    assert set(checks(runs_out, ALLOCATED, on="2026-06-20").values()) == {CHECKS_DUE}
    assert set(checks(runs_out, ALLOCATED, on="2026-06-21").values()) == {"ended"}


def test_custody_stops_no_check() -> None:
    assert set(checks(ORDER, ALLOCATED, taken("2026-06-10")).values()) == {CHECKS_DUE}


# -- as it runs: late, corrected and voided facts ----------------------------------------------------


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(ORDER)
    return ledger


def due(ledger: Ledger, type: str) -> list[str]:
    return [event.due_on.isoformat() for event in ledger.standing(type)]


def test_a_late_record_shows_that_the_first_appointment_was_offered_in_time(ledger: Ledger) -> None:
    ledger.day("2026-06-09")
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]
    ledger.tell(contact("2026-06-10"))
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]
    ledger.tell(scheduled("2026-06-05", id="C1"))
    assert due(ledger, "InitialAppointmentOverdue") == []
    assert ledger.withdrawals("InitialAppointmentOverdue") == [("S1", "corrected")]


def test_an_appointment_that_never_was_is_as_none(ledger: Ledger) -> None:
    ledger.tell(scheduled("2026-06-05", id="C1"))
    ledger.day("2026-06-09")
    assert due(ledger, "InitialAppointmentOverdue") == []
    ledger.tell(scheduled("2026-06-05", id="C1", voided=True))
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]


def test_an_appointment_that_turns_out_to_have_been_moved_by_the_service_was_not_offered(
    ledger: Ledger,
) -> None:
    ledger.tell(contact("2026-06-01", "rescheduled_by_service", id="C1"))
    ledger.day("2026-06-09")
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]
    ledger.tell(contact("2026-06-01", "rescheduled_by_person", id="C1"))
    assert due(ledger, "InitialAppointmentOverdue") == []


def test_a_first_appointment_whose_date_is_corrected_to_another_month_moves_the_plan() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-29")
    ledger.tell(order("2026-06-29", "2027-06-28"), contact("2026-06-29", id="C1"))
    ledger.day("2026-07-21")
    assert due(ledger, "SentencePlanOverdue") == ["2026-07-20"]
    ledger.tell(contact("2026-07-02", id="C1"))
    assert due(ledger, "SentencePlanOverdue") == []
    ledger.day("2026-07-24")
    assert due(ledger, "SentencePlanOverdue") == ["2026-07-23"]


def test_a_sentence_whose_date_is_corrected_moves_the_deadlines(ledger: Ledger) -> None:
    ledger.tell(contact("2026-06-01", id="C1"))
    ledger.day("2026-06-30")
    assert due(ledger, "InitialAppointmentOverdue") == []
    assert due(ledger, "SentencePlanOverdue") == ["2026-06-22"]
    ledger.tell(order("2026-06-03", "2027-05-31"))
    assert due(ledger, "InitialAppointmentOverdue") == ["2026-06-10"]
    assert due(ledger, "SentencePlanOverdue") == []


def test_a_plan_that_is_completed_by_a_correction_counts_from_the_day_it_gives(ledger: Ledger) -> None:
    ledger.day("2026-06-02")
    ledger.tell(MET, plan("2026-06-22", id="L1", self_assessment="missing"))
    ledger.day("2026-06-24")
    assert due(ledger, "SentencePlanOverdue") == [PLAN_DUE]
    ledger.tell(plan("2026-06-24", id="L1"))
    assert due(ledger, "SentencePlanOverdue") == [PLAN_DUE]
    ledger.tell(plan("2026-06-22", id="L1"))
    assert due(ledger, "SentencePlanOverdue") == []
    assert ledger.withdrawals("SentencePlanOverdue") == [("S1", "corrected")]


def test_an_answer_that_never_came_opens_the_check_again(ledger: Ledger) -> None:
    ledger.day("2026-06-04")
    ledger.tell(ALLOCATED, checked("health", "2026-06-04"))
    assert [event.check for event in ledger.standing("PartnerCheckDue")] == [SAFEGUARDING]
    ledger.tell(checked("health", "2026-06-04").model_copy(update={"voided": True}))
    assert {event.check for event in ledger.standing("PartnerCheckDue")} == {SAFEGUARDING, HEALTH}
    ledger.tell(died("2026-06-04"))  # the very day on which it was asked
    assert ledger.standing("PartnerCheckDue") == []
    reasons = [reason for _, reason in ledger.withdrawals("PartnerCheckDue")]
    assert sorted(reasons) == ["ended", "ended", "resolved"]


# -- policy ------------------------------------------------------------------------------------------


def test_days_forms_and_checks_are_policy(tmp_path: Path) -> None:
    policy = changed(
        tmp_path,
        first_appointment_days_order="2",
        first_appointment_modes='["telephone"]',
        first_appointment_kinds='["session"]',
        first_appointment_held_back='["complied"]',
        sentence_plan_days="3",
        sentence_plan_self_assessments='["missing"]',
        partner_checks='{ health = "young_adult", youth_offending_services = "all" }',
        partner_check_days="1",
    )
    ledger = Ledger(SERVICE, policy=policy)
    ledger.day("2026-06-10")
    ledger.tell(ORDER, ALLOCATED, contact("2026-06-03"), plan("2026-06-04"))
    ledger.tell(contact("2026-06-02", mode="telephone", kind="session"))
    assert due(ledger, "InitialAppointmentOverdue") == ["2026-06-03"]
    assert due(ledger, "SentencePlanOverdue") == ["2026-06-05"]
    (check,) = ledger.standing("PartnerCheckDue")
    assert (check.check, check.due_on) == (YOUTH, day("2026-06-05"))
    ledger.tell(plan("2026-06-05", self_assessment="missing"))
    ledger.tell(contact("2026-06-03", "suspended", mode="telephone", kind="session", id="C2"))
    assert due(ledger, "InitialAppointmentOverdue") == due(ledger, "SentencePlanOverdue") == []


def test_the_days_on_a_licence_are_policy(tmp_path: Path) -> None:
    ledger = Ledger(SERVICE, policy=changed(tmp_path, first_appointment_days_licence="3"))
    ledger.day("2026-04-02")
    ledger.tell(PRISON, RELEASED)
    ledger.day("2026-04-10")
    assert due(ledger, "InitialAppointmentOverdue") == ["2026-04-09"]


# -- whatever the facts ------------------------------------------------------------------------------

FIRST, LAST = date(2026, 1, 1), date(2026, 4, 30)
days = st.dates(FIRST, LAST).map(date.isoformat)
FACTS = st.one_of(
    st.builds(lambda a, b, id: order(min(a, b), max(a, b), id), days, days, st.sampled_from(["S1", "S2"])),
    st.just(custodial("2026-01-01", "S2")),
    st.builds(lambda a, b: released(min(a, b), max(a, b), id="S2"), days, days),
    st.builds(varied, days, days, only=st.sampled_from([("rar",), ("unpaid_work",)])),
    st.builds(contact, days, st.sampled_from(["complied", "rescheduled_by_service", "failed_to_attend"])),
    st.builds(lambda on: contact(on, sentence=None, id="C1"), days),
    st.builds(scheduled, days),
    st.builds(plan, days, self_assessment=st.sampled_from(["included", "missing"])),
    st.builds(lambda on: allocated(on, "P1"), days),
    st.builds(lambda on: checked("health", on), days),
    st.builds(taken, days),
    st.builds(left, days),
    st.builds(revoked, days),
)


@given(st.lists(FACTS, min_size=1, max_size=9), st.dates(FIRST, date(2026, 6, 30)), st.data())
def test_nothing_changes_before_the_day_that_is_waited_for(
    facts: list[Data], today: date, data: st.DataObject
) -> None:
    known = Known(order("2026-01-05", "2026-04-15"), *facts)
    said = known.on(today)
    last = (said.wake_on or date(2027, 1, 1)) - timedelta(days=1)
    assert known.on(data.draw(st.dates(today, last))).summary() == said.summary()
    names = [(type(finding.event), finding.key) for finding in said.findings]
    assert len(names) == len(set(names))
