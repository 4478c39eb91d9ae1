"""SH-9: what a region does not deliver is nobody's failure, and its days count towards no deadline."""

from __future__ import annotations

from typing import Any

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.contacts.said import EXCUSED, EXEMPT, MARCH, MISSED, assessed, due, missed, overdue
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-06-01", "2027-05-31", "unpaid_work UPW 100, accredited_programme ACP 20, rar RAR 20")
ABSENT = "unacceptable_absence"


def failures(*facts: f.Fact) -> set[str]:
    """The contacts that are a failure, on an order with unpaid work, a programme and a RAR."""
    return set(assessed("2026-12-01", ORDER, *facts).open("ContactMissed"))


def stopped(kind: str, first: str = "2026-06-10", until: str = "2026-06-20") -> tuple[f.Fact, f.Fact]:
    return f.delivery_suspended(first, kind), f.delivery_resumed(until)


@table(
    """
    | case                                          | kind                 | expected                     |
    | contact: the practitioner's                   | contact              | {"WORK", "ACP", "RAR"}       |
    | unpaid work                                   | unpaid_work          | {"OFFICE", "ACP", "RAR"}     |
    | programmes                                    | accredited_programme | {"OFFICE", "WORK", "RAR"}    |
    | everything: providers' services too           | all                  | set()                        |
    """
)
def test_an_absence_from_work_that_is_not_delivered_is_no_failure(kind: str, expected: set[str]) -> None:
    absences = [
        f.contact("2026-06-10", ABSENT, id="OFFICE"),
        f.work("2026-06-10", outcome=ABSENT, id="WORK", requirement="UPW"),
        f.session("2026-06-10", ABSENT, id="ACP", requirement="ACP"),
        f.session("2026-06-10", ABSENT, id="RAR", requirement="RAR"),
    ]
    assert failures(*absences) == {"OFFICE", "WORK", "ACP", "RAR"}
    assert failures(*absences, *stopped(kind)) == expected


@table(
    """
    | day        | expected |
    | 2026-06-09 | {"C1"}   |
    | 2026-06-10 | set()    |
    | 2026-06-19 | set()    |
    | 2026-06-20 | {"C1"}   |
    """
)
def test_the_day_of_resumption_is_one_with_delivery(day: str, expected: set[str]) -> None:
    assert failures(f.contact(day, ABSENT, id="C1"), *stopped("contact")) == expected


def test_an_awaited_reason_is_not_asked_for_and_an_outcome_not_needed() -> None:
    away = f.contact("2026-06-10", "failed_to_attend", id="C1")
    assert set(assessed("2026-06-11", ORDER, away).open("AbsenceUndecided")) == {"C1"}
    assert assessed("2026-06-11", ORDER, away, *stopped("contact")).open("AbsenceUndecided") == {}
    arranged = f.scheduled("2026-06-10", id="C1")
    assert set(assessed("2026-06-11", ORDER, arranged).open("OutcomeOverdue")) == {"C1"}
    assert assessed("2026-06-11", ORDER, arranged, *stopped("contact")).open("OutcomeOverdue") == {}


def test_another_regions_suspension_changes_nothing_until_the_case_is_there() -> None:
    wales = f.delivery_suspended("2026-06-10", "unpaid_work", region="wales")
    absent = f.work("2026-06-15", outcome=ABSENT, id="C1", requirement="UPW")
    assert failures(absent, wales) == {"C1"}
    moved = f.transfer_accepted("2026-06-15", to_region="wales", to_pdu="cardiff")
    assert failures(absent, wales, moved) == set()
    assert failures(absent, *stopped("unpaid_work"), moved) == {"C1"}


def test_a_suspension_that_never_was_or_ended_before_it_began_is_none() -> None:
    absent = f.contact("2026-06-10", ABSENT, id="C1")
    suspended = f.delivery_suspended("2026-06-10")
    assert failures(absent, suspended) == set()
    assert failures(absent, suspended, suspended.voided()) == {"C1"}
    assert failures(absent, suspended, f.delivery_resumed("2026-06-10")) == {"C1"}
    assert failures(absent, suspended, f.delivery_resumed("2026-06-11")) == set()


@table(
    """
    | case                                              | facts                                                                             | due        |
    | delivered                                         | 2026-09-01 delivery_suspended                                                     | 2026-06-08 |
    | three business days do not count                  | 2026-06-03 delivery_suspended; 2026-06-06 delivery_resumed                        | 2026-06-11 |
    | a weekend more changes nothing                    | 2026-06-03 delivery_suspended; 2026-06-08 delivery_resumed                        | 2026-06-11 |
    | from the day of sentence: the first day after is 1 | 2026-06-01 delivery_suspended; 2026-06-10 delivery_resumed                       | 2026-06-16 |
    | two that overlap                                  | 2026-06-03 delivery_suspended; 2026-06-06 delivery_resumed                        | 2026-06-12 |
    |                                                   | 2026-06-04 delivery_suspended all id=Z2; 2026-06-09 delivery_resumed id=Z2        |            |
    | unpaid work alone                                 | 2026-06-03 delivery_suspended unpaid_work                                         | 2026-06-08 |
    | and custody after it                              | 2026-06-03 delivery_suspended; 2026-06-05 delivery_resumed                        | 2026-06-15 |
    |                                                   | 2026-06-05 taken; 2026-06-10 left                                                 |            |
    """,  # noqa: E501
)
def test_days_without_contact_do_not_count_towards_the_first_appointment(facts: Any, due: str) -> None:
    order = f.order("2026-06-01", "2027-05-31")
    assert overdue("InitialAppointmentOverdue", order, *facts) == {"S1": due}


def test_nothing_is_due_while_there_is_no_contact() -> None:
    order, registered = f.order("2026-06-01", "2027-05-31"), f.registered("2026-06-01")
    suspended = f.delivery_suspended("2026-06-03")
    case = on("2026-12-01", SERVICE, order, registered, suspended)
    assert case.open("InitialAppointmentOverdue") == {}
    assert case.open("HomeVisitOverdue") == {}
    assert due("HomeVisitRequired", order, registered, suspended, on="2026-12-01")


@table(
    """
    | case                                        | first      | until      | expected |
    | none of it                                  | 2026-04-01 | 2026-05-01 | MISSED   |
    | one day of it: excused                      | 2026-03-31 | 2026-05-01 | EXCUSED  |
    | all but one day: excused                    | 2026-02-01 | 2026-03-31 | EXCUSED  |
    | all of it: there is no standard             | 2026-02-01 | 2026-04-01 | []       |
    """,
    MISSED=MISSED,
    EXCUSED=EXCUSED,
)
def test_a_month_with_days_without_contact(first: str, until: str, expected: Any) -> None:
    assert missed(f.delivery_suspended(first), f.delivery_resumed(until)) == expected


def test_no_share_of_video_is_too_great_in_a_month_with_days_without_contact() -> None:
    video = f.contact("2026-03-10", mode="video")
    assert assessed("2026-04-01", MARCH, video, EXEMPT).open("VideoShareExceeded")
    suspended = stopped("contact", "2026-03-31", "2026-04-02")
    assert assessed("2026-04-01", MARCH, video, EXEMPT, *suspended).open("VideoShareExceeded") == {}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_suspension_told_late_takes_a_failure_back_and_one_voided_raises_it_again(when: str) -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-11")
    suspended = f.delivery_suspended("2026-06-10")
    if when == "before":
        ledger.tell(suspended)
    ledger.tell(ORDER, f.contact("2026-06-10", ABSENT, id="C1"))
    ledger.tell(suspended)
    assert ledger.standing("ContactMissed") == []
    never = suspended.voided()
    ledger.publish(f.Fact(never.data, never.subject, "never", f.moment("2026-06-11T20:00")))
    assert len(ledger.standing("ContactMissed")) == 1
