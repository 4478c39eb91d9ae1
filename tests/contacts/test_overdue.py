"""Each past appointment needs an outcome (CONT-13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.contacts import (
    OutcomeOverdue,
)
from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.said import EXEMPT, MARCH, assessed, rests_on
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-01-15", "2027-01-14")
ARRANGED = f.scheduled("2026-02-10", id="C1")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param("2026-02-09", [], id="the day before"),
        pytest.param("2026-02-10", [], id="on its day"),
        pytest.param("2026-02-11", ["C1"], id="the day after: overdue"),
        pytest.param("2026-05-11", ["C1"], id="and three months later"),
    ],
)
def test_an_appointment_without_an_outcome_is_overdue_the_day_after(today: str, expected: list[str]) -> None:
    assert [*assessed(today, ORDER, ARRANGED).open("OutcomeOverdue")] == expected


def test_it_carries_contact_sentence_and_day_and_is_waited_for() -> None:
    known = [ORDER, ARRANGED]
    assert assessed("2026-02-10", *known).months_wake_on == date(2026, 2, 11)
    (finding,) = assessed("2026-02-11", *known).findings("OutcomeOverdue")
    assert finding.event == OutcomeOverdue(
        **f.PLACE,
        contact_id="C1",
        sentence_id="S1",
        scheduled_on=date(2026, 2, 10),
        due_on=date(2026, 2, 10),
    )
    assert finding.rules == ("CONT-12", "CONT-13")
    assert rests_on(finding, *known) == [1, 0]


def test_on_a_saturday_it_is_overdue_on_the_sunday() -> None:
    known = [ORDER, f.scheduled("2026-02-14", id="C1")]
    assert assessed("2026-02-14", *known).findings("OutcomeOverdue") == []
    assert [*assessed("2026-02-15", *known).open("OutcomeOverdue")] == ["C1"]


@table(
    """
    | case                                    | facts                                                                                     | expected     |
    | of no national standard: never          | 2026-01-15 order; 2026-02-10 scheduled national_standard=false                            | []           |
    | a call too                              | 2026-01-15 order; 2026-02-10 scheduled C1 mode=telephone                                  | ["C1"]       |
    | nobody told him                         | 2026-01-15 order; 2026-02-10 scheduled C1 notified=false                                  | ["C1"]       |
    | of an unknown sentence                  | 2026-02-10 scheduled                                                                      | []           |
    | before supervision                      | 2026-01-15 order; 2026-01-14 scheduled                                                    | []           |
    | on the first day                        | 2026-01-15 order; 2026-01-15 scheduled C1                                                 | ["C1"]       |
    | held that day                           | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 taken remand; 2026-02-11 left       | []           |
    | left that day                           | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-01 taken remand; 2026-02-10 left       | ["C1"]       |
    | held from the day after                 | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-11 taken remand                        | ["C1"]       |
    | two on one day: both                    | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 scheduled C2                        | ["C1", "C2"] |
    | two on one day, one attended: the other | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 scheduled C2; 2026-02-10 contact C2 | ["C1"]       |
    | any outcome does                        | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 contact C1 suspended                | []           |
    | a provider's word does                  | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 work C1                             | []           |
    | an outcome of no national standard does | 2026-01-15 order; 2026-02-10 scheduled C1; 2026-02-10 contact C1 national_standard=false  | []           |
    """,  # noqa: E501
)
def test_which_appointments_need_an_outcome(facts: Any, expected: list[str]) -> None:
    assert [*assessed("2026-02-20", *facts).open("OutcomeOverdue")] == expected


@pytest.mark.parametrize(
    ("recorded_at", "closed"),
    [
        pytest.param("2026-02-10", [], id="on its day: never was overdue"),
        pytest.param("2026-02-10T23:59", [], id="just before midnight"),
        pytest.param("2026-02-11T00:01", ["resolved"], id="just after midnight: resolved"),
        pytest.param("2026-02-13", ["resolved"], id="three days later: resolved"),
    ],
)
def test_an_outcome_recorded_late_resolves_it(recorded_at: str, closed: list[str]) -> None:
    said = assessed("2026-02-20", ORDER, ARRANGED, f.contact("2026-02-10", id="C1").said(recorded_at))
    assert [said.ending(finding) for finding in said.findings("OutcomeOverdue")] == closed


@pytest.mark.parametrize(
    ("recorded_at", "closed"),
    [("2026-07-10T23:59", []), ("2026-07-11T00:01", ["resolved"])],
    ids=["just before midnight in summer time", "just after"],
)
def test_the_day_of_the_record_is_that_in_london(recorded_at: str, closed: list[str]) -> None:
    facts: list[Any] = [
        f.scheduled("2026-07-10", id="C1"),
        f.contact("2026-07-10", id="C1").said(recorded_at),
    ]
    said = assessed("2026-07-20", ORDER, *facts)
    assert [said.ending(finding) for finding in said.findings("OutcomeOverdue")] == closed


def test_an_outcome_of_another_day_than_arranged_resolves_it() -> None:
    said = assessed("2026-03-10", ORDER, f.scheduled("2026-02-27", id="C1"), f.contact("2026-03-02", id="C1"))
    assert [said.ending(finding) for finding in said.findings("OutcomeOverdue")] == ["resolved"]


@pytest.mark.parametrize(
    ("facts", "last_open", "first_ended"),
    [
        pytest.param([], "2027-01-14", "2027-01-15", id="an order that runs out"),
        pytest.param([f.revoked("2026-03-01")], "2026-02-28", "2026-03-01", id="revoked"),
        pytest.param([f.died("2026-03-01")], "2026-02-28", "2026-03-01", id="died"),
        pytest.param([f.ended("2026-03-01")], "2026-02-28", "2026-03-01", id="supervision ended"),
    ],
)
def test_it_ends_with_supervision(facts: Any, last_open: str, first_ended: str) -> None:
    known = [ORDER, ARRANGED, *facts]
    said = assessed(last_open, *known)
    assert [said.ending(f) for f in said.findings("OutcomeOverdue")] == [None]
    said = assessed(first_ended, *known)
    assert [said.ending(f) for f in said.findings("OutcomeOverdue")] == ["ended"]


@pytest.mark.parametrize("end", [f.revoked("2026-02-10"), f.died("2026-02-10"), f.ended("2026-02-10")])
def test_one_on_the_day_on_which_supervision_was_cut_short_never_is(end: Any) -> None:
    assert assessed("2026-02-20", ORDER, ARRANGED, end).findings("OutcomeOverdue") == []


def test_on_licence_and_in_post_sentence_supervision() -> None:
    facts = [f.custodial("2024-12-01"), f.released("2025-01-01", "2025-03-31", "2025-06-30")]
    arranged = [f.scheduled(f"2025-{month}-10", id=f"C{month}") for month in ("02", "05", "07")]
    assert [*assessed("2025-06-15", *facts, *arranged).open("OutcomeOverdue")] == ["C02", "C05"]


def test_e22_a_reason_that_is_awaited_is_awaited_until_somebody_decides() -> None:
    known = [f.order("2026-06-01", "2027-05-31"), f.contact("2026-12-21", "failed_to_attend", id="C1")]
    for today in ("2026-12-21", "2026-12-28", "2026-12-30", "2026-12-31", "2027-01-04", "2027-05-31"):
        said = assessed(today, *known)
        assert [*said.open("AbsenceUndecided")] == ["C1"]
        assert said.findings("ContactMissed") == []


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(SERVICE)
    made.day("2026-02-01")
    made.tell(ORDER, ARRANGED)
    made.day("2026-02-12")
    return made


def test_the_overdue_outcome_is_published_once_and_resolved(ledger: Ledger) -> None:
    assert [event.contact_id for event in ledger.standing("OutcomeOverdue")] == ["C1"]
    ledger.tell(f.contact("2026-02-10", id="C1"))
    assert ledger.withdrawals("OutcomeOverdue") == [("C1", "resolved")]


def test_resolved_too_by_an_outcome_of_another_month(ledger: Ledger) -> None:
    ledger.day("2026-03-03")
    ledger.tell(f.contact("2026-03-02", id="C1"))
    assert ledger.withdrawals("OutcomeOverdue") == [("C1", "resolved")]


def test_an_outcome_taken_back_leaves_it_overdue_again(ledger: Ledger) -> None:
    ledger.tell(f.contact("2026-02-10", id="C1"))
    ledger.tell(f.contact("2026-02-10", id="C1", voided=True))
    assert [event.contact_id for event in ledger.standing("OutcomeOverdue")] == ["C1"]


def test_an_appointment_that_never_was_is_not_overdue(ledger: Ledger) -> None:
    ledger.tell(f.scheduled("2026-02-10", id="C1", voided=True))
    assert ledger.withdrawals("OutcomeOverdue") == [("C1", "corrected")]


def test_an_appointment_moved_to_a_later_day_is_waited_for(ledger: Ledger) -> None:
    ledger.tell(f.scheduled("2026-03-10", id="C1"))
    assert ledger.withdrawals("OutcomeOverdue") == [("C1", "corrected")]
    ledger.day("2026-03-11")
    assert [event.scheduled_on for event in ledger.standing("OutcomeOverdue")] == [date(2026, 3, 10)]


def test_an_outcome_that_arrives_with_its_late_record_publishes_nothing() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-02-20")
    ledger.tell(ORDER, f.contact("2026-02-10", id="C1"), ARRANGED)
    assert "OutcomeOverdue" not in {event.type for event in ledger.published}


def test_it_ends_months_later_with_supervision(ledger: Ledger) -> None:
    ledger.day("2026-06-20")
    ledger.tell(f.revoked("2026-06-20"))
    assert ledger.withdrawals("OutcomeOverdue") == [("C1", "ended")]


def test_the_month_itself_is_judged_without_it() -> None:
    said = assessed("2026-04-01", MARCH, f.scheduled("2026-03-10"), EXEMPT)
    assert [f.event.excused for f in said.findings("ContactStandardMissed")] == [False]
