"""The first steps as they happen: late, corrected and voided facts, another policy, whatever the facts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.first_steps import (
    ALLOCATED,
    DUE,
    HEALTH,
    MET,
    ORDER,
    PLAN_DUE,
    PRISON,
    RELEASED,
    SAFEGUARDING,
    YOUTH,
)
from tests.contacts.said import assessed, changed
from tests.ledger import Ledger


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
    ledger.tell(f.contact("2026-06-10"))
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]
    ledger.tell(f.scheduled("2026-06-05", id="C1"))
    assert due(ledger, "InitialAppointmentOverdue") == []
    assert ledger.withdrawals("InitialAppointmentOverdue") == [("S1", "corrected")]


def test_an_appointment_that_never_was_is_as_none(ledger: Ledger) -> None:
    ledger.tell(f.scheduled("2026-06-05", id="C1"))
    ledger.day("2026-06-09")
    assert due(ledger, "InitialAppointmentOverdue") == []
    ledger.tell(f.scheduled("2026-06-05", id="C1", voided=True))
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]


def test_an_appointment_that_turns_out_to_have_been_moved_by_the_service_was_not_offered(
    ledger: Ledger,
) -> None:
    ledger.tell(f.contact("2026-06-01", "rescheduled_by_service", id="C1"))
    ledger.day("2026-06-09")
    assert due(ledger, "InitialAppointmentOverdue") == [DUE]
    ledger.tell(f.contact("2026-06-01", "rescheduled_by_person", id="C1"))
    assert due(ledger, "InitialAppointmentOverdue") == []


def test_a_first_appointment_whose_date_is_corrected_to_another_month_moves_the_plan() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-29")
    ledger.tell(f.order("2026-06-29", "2027-06-28"), f.contact("2026-06-29", id="C1"))
    ledger.day("2026-07-21")
    assert due(ledger, "SentencePlanOverdue") == ["2026-07-20"]
    ledger.tell(f.contact("2026-07-02", id="C1"))
    assert due(ledger, "SentencePlanOverdue") == []
    ledger.day("2026-07-24")
    assert due(ledger, "SentencePlanOverdue") == ["2026-07-23"]


def test_a_sentence_whose_date_is_corrected_moves_the_deadlines(ledger: Ledger) -> None:
    ledger.tell(f.contact("2026-06-01", id="C1"))
    ledger.day("2026-06-30")
    assert due(ledger, "InitialAppointmentOverdue") == []
    assert due(ledger, "SentencePlanOverdue") == ["2026-06-22"]
    ledger.tell(f.order("2026-06-03", "2027-05-31"))
    assert due(ledger, "InitialAppointmentOverdue") == ["2026-06-10"]
    assert due(ledger, "SentencePlanOverdue") == []


def test_a_plan_that_is_completed_by_a_correction_counts_from_the_day_it_gives(ledger: Ledger) -> None:
    ledger.day("2026-06-02")
    ledger.tell(MET, f.plan("2026-06-22", id="L1", self_assessment="missing"))
    ledger.day("2026-06-24")
    assert due(ledger, "SentencePlanOverdue") == [PLAN_DUE]
    ledger.tell(f.plan("2026-06-24", id="L1"))
    assert due(ledger, "SentencePlanOverdue") == [PLAN_DUE]
    ledger.tell(f.plan("2026-06-22", id="L1"))
    assert due(ledger, "SentencePlanOverdue") == []
    assert ledger.withdrawals("SentencePlanOverdue") == [("S1", "corrected")]


def test_an_answer_that_never_came_opens_the_check_again(ledger: Ledger) -> None:
    ledger.day("2026-06-04")
    ledger.tell(ALLOCATED, f.checked("2026-06-04", "health"))
    assert [event.check for event in ledger.standing("PartnerCheckDue")] == [SAFEGUARDING]
    ledger.tell(f.checked("2026-06-04", "health").voided())
    assert {event.check for event in ledger.standing("PartnerCheckDue")} == {SAFEGUARDING, HEALTH}
    ledger.tell(f.died("2026-06-04"))  # the very day on which it was asked
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
    ledger.tell(ORDER, ALLOCATED, f.contact("2026-06-03"), f.plan("2026-06-04"))
    ledger.tell(f.contact("2026-06-02", mode="telephone", kind="session"))
    assert due(ledger, "InitialAppointmentOverdue") == ["2026-06-03"]
    assert due(ledger, "SentencePlanOverdue") == ["2026-06-05"]
    (check,) = ledger.standing("PartnerCheckDue")
    assert (check.check, check.due_on) == (YOUTH, date(2026, 6, 5))
    ledger.tell(f.plan("2026-06-05", self_assessment="missing"))
    ledger.tell(f.contact("2026-06-03", "suspended", mode="telephone", kind="session", id="C2"))
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
    st.builds(
        lambda a, b, id: f.order(min(a, b), max(a, b), id=id), days, days, st.sampled_from(["S1", "S2"])
    ),
    st.just(f.custodial("2026-01-01", id="S2")),
    st.builds(lambda a, b: f.released(min(a, b), max(a, b), id="S2"), days, days),
    st.builds(f.varied, days, days, st.sampled_from(["rar", "unpaid_work"])),
    st.builds(f.contact, days, st.sampled_from(["complied", "rescheduled_by_service", "failed_to_attend"])),
    st.builds(lambda on: f.contact(on, sentence=None, id="C1"), days),
    st.builds(f.scheduled, days),
    st.builds(f.plan, days, self_assessment=st.sampled_from(["included", "missing"])),
    st.builds(lambda on: f.allocated(on), days),
    st.builds(lambda on: f.checked(on, "health"), days),
    st.builds(f.taken, days),
    st.builds(f.left, days),
    st.builds(f.revoked, days),
)


@given(st.lists(FACTS, min_size=1, max_size=9), st.dates(FIRST, date(2026, 6, 30)), st.data())
def test_nothing_changes_before_the_day_that_is_waited_for(
    facts: list[f.Fact], today: date, data: st.DataObject
) -> None:
    known = [f.order("2026-01-05", "2026-04-15"), *facts]
    said = assessed(today, *known)
    last = (said.wake_on or date(2027, 1, 1)) - timedelta(days=1)
    assert assessed(data.draw(st.dates(today, last)), *known).summary() == said.summary()
