"""The service as it runs: facts late, twice, corrected and voided, and why a publication is withdrawn."""

from __future__ import annotations

from datetime import date

import pytest

from services.contacts.app import SERVICE
from shared.engine.assessment import Overview
from tests import facts as f
from tests.contacts.said import EXEMPT
from tests.ledger import PERSON, Ledger
from tests.table import table

ORDER = f.order("2026-01-15", "2027-01-14")


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(SERVICE)
    made.day("2026-01-15")
    return made


def missed(ledger: Ledger) -> list[tuple[str, bool]]:
    found = ledger.standing("ContactStandardMissed")
    return sorted((event.period_start.isoformat(), event.excused) for event in found)


def contacts_missed(ledger: Ledger) -> list[str]:
    return [event.contact_id for event in ledger.standing("ContactMissed")]


def of_months(ledger: Ledger) -> list[str]:
    """The types of what was published of contacts and periods, in order."""
    kinds = [e.data.withdrawn_type if e.type == "Withdrawn" else e.type for e in ledger.published]
    monthly = {
        "ContactMissed",
        "ContactExcused",
        "AbsenceUndecided",
        "OutcomeOverdue",
        "ContactStandardMissed",
    }
    return [e.type for e, kind in zip(ledger.published, kinds, strict=True) if kind in monthly]


def overview(ledger: Ledger) -> Overview:
    return ledger.casebooks[0].overview(PERSON)


def test_e17_a_late_face_to_face_contact_restores_the_month() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2027-01-31")
    ledger.tell(f.order("2027-01-31", "2027-12-31"))
    ledger.day("2027-02-27")
    assert missed(ledger) == []
    ledger.day("2027-02-28")
    assert missed(ledger) == [("2027-01-31", False)]
    ledger.day("2027-03-05")
    ledger.tell(f.contact("2027-02-20"))
    assert missed(ledger) == []
    assert ledger.withdrawals("ContactStandardMissed") == [("S1/2027-01-31", "corrected")]


def test_a_month_is_missed_restored_and_missed_again_as_the_facts_require(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-15")
    ledger.tell(f.contact("2026-02-01", id="C1"))
    assert missed(ledger) == []
    ledger.tell(f.contact("2026-02-01", id="C1", voided=True))
    assert missed(ledger) == [("2026-01-15", False)]
    ids = [event.id for event in ledger.published if event.type == "ContactStandardMissed"]
    assert len(ids) == len(set(ids)) == 2


def test_a_month_that_becomes_excused_replaces_the_one_that_was_not(ledger: Ledger) -> None:
    ledger.tell(ORDER, f.scheduled("2026-02-01", id="C1"))
    ledger.day("2026-02-15")
    assert missed(ledger) == [("2026-01-15", False)]
    ledger.tell(f.contact("2026-02-01", "acceptable_absence", id="C1"))
    assert missed(ledger) == [("2026-01-15", True)]
    assert ledger.withdrawals("ContactStandardMissed") == [("S1/2026-01-15", "superseded")]


def test_an_undecided_absence_is_resolved_by_the_decision(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-10")
    ledger.tell(f.contact("2026-02-10", "failed_to_attend", id="C1"))
    assert [event.contact_id for event in ledger.standing("AbsenceUndecided")] == ["C1"]
    ledger.day("2026-02-13")
    ledger.tell(f.contact("2026-02-10", "unacceptable_absence", id="C1"))
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "resolved")]
    assert contacts_missed(ledger) == ["C1"]


def test_an_absence_that_was_recorded_wrongly_is_corrected(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-10")
    ledger.tell(f.contact("2026-02-10", "failed_to_attend", id="C1"))
    ledger.tell(f.contact("2026-02-10", "complied", id="C1"))
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "corrected")]


@pytest.mark.parametrize(
    "end",
    [f.revoked("2026-06-20"), f.died("2026-06-20"), f.ended("2026-06-20")],
    ids=["revoked", "died", "supervision ended"],
)
def test_an_old_undecided_absence_ends_with_supervision_months_later(ledger: Ledger, end: object) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-10")
    ledger.tell(f.contact("2026-02-10", "failed_to_attend", id="C1"))
    ledger.day("2026-06-20")
    ledger.tell(end)  # type: ignore[arg-type]
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended")]
    published = len(ledger.published)
    ledger.day("2026-09-30")
    assert len(ledger.published) == published, "nothing fires after the end"


def test_an_old_undecided_absence_ends_when_the_order_runs_out() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-02-10")
    ledger.tell(f.order("2026-01-15", "2026-06-14"), f.contact("2026-02-10", "failed_to_attend", id="C1"))
    ledger.day("2026-06-14")
    assert ledger.withdrawals("AbsenceUndecided") == []
    ledger.day("2026-06-15")
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended")]


def test_when_supervision_had_not_ended_after_all_the_months_are_judged(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-01")
    end = f.ended("2026-01-31", event="end")
    ledger.tell(end)
    ledger.day("2026-03-20")
    assert missed(ledger) == []
    ledger.tell(f.withdrawn("2026-03-20", end))
    assert missed(ledger) == [("2026-01-15", False), ("2026-02-15", False)]


def test_a_failure_corrected_to_an_acceptable_absence_and_back(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-10")
    ledger.tell(f.contact("2026-02-10", "unacceptable_absence", id="C1"))
    ledger.tell(f.contact("2026-02-10", "acceptable_absence", id="C1"))
    assert contacts_missed(ledger) == []
    assert ledger.withdrawals("ContactMissed") == [("C1", "corrected")]
    assert [event.acceptable_reason for event in ledger.standing("ContactExcused")] == ["medical"]
    ledger.tell(f.contact("2026-02-10", "unacceptable_absence", id="C1"))
    assert contacts_missed(ledger) == ["C1"]
    assert ledger.standing("ContactExcused") == []


def test_a_correction_before_the_original_and_a_duplicate_change_nothing(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-02-10")
    failure = f.contact("2026-02-10", "unacceptable_absence", id="C1")
    first = ledger.tell(failure, id="said-first")
    ledger.tell(f.contact("2026-02-10", "complied", id="C1"))
    assert ledger.tell(failure, id="said-first") == first
    assert contacts_missed(ledger) == []
    assert of_months(ledger) == ["ContactMissed", "Withdrawn"]


def test_a_contact_whose_date_is_corrected_to_another_month_keeps_its_identity(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-03-10")
    ledger.tell(f.contact("2026-02-27", "unacceptable_absence", id="C1"))
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="C1"))
    (event,) = ledger.standing("ContactMissed")
    assert event.missed_on == date(2026, 3, 2)
    assert ledger.withdrawals("ContactMissed") == [("C1", "superseded")]


def test_provider_and_practitioner_record_one_contact_in_two_months(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-03-05")
    ledger.tell(f.work("2026-02-27", "unacceptable_absence", id="C1"))
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="C1"))
    (event,) = ledger.standing("ContactMissed")
    assert event.missed_on == date(2026, 3, 2)
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="C1", voided=True))
    (event,) = ledger.standing("ContactMissed")
    assert event.missed_on == date(2026, 2, 27)


def test_facts_of_an_unknown_sentence_wait_for_it(ledger: Ledger) -> None:
    ledger.day("2026-01-20")
    ledger.tell(f.contact("2026-01-20", "unacceptable_absence", id="C1"))
    ledger.day("2026-03-20")
    assert ledger.published == []
    ledger.tell(ORDER)
    assert contacts_missed(ledger) == ["C1"]
    assert missed(ledger) == [("2026-01-15", False), ("2026-02-15", False)]


def test_custody_learned_late_excuses_the_months_it_touches(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-05-20")
    assert [excused for _, excused in missed(ledger)] == [False] * 4
    ledger.tell(f.taken("2026-02-01"), f.left("2026-03-20"))
    assert missed(ledger) == [
        ("2026-01-15", True),
        ("2026-02-15", True),
        ("2026-03-15", True),
        ("2026-04-15", False),
    ]


def test_a_release_still_to_come_is_waited_for() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-01-10")
    ledger.tell(f.custodial("2026-01-05"), f.released("2026-06-01", "2026-09-30"))
    ledger.day("2026-07-02")
    assert missed(ledger) == [("2026-06-01", False)]


@table(
    """
    | today      | status                    | facts |
    | 2026-02-01 | unknown                   | 2026-02-01 contact |
    | 2026-02-01 | not_started               | 2026-01-15 custodial |
    | 2026-02-01 | ended                     | 2026-01-15 custodial; 2026-01-20 revoked |
    | 2026-02-28 | not_started               | 2026-03-01 order ends=2026-09-30 |
    | 2026-03-01 | supervised                | 2026-03-01 order ends=2026-09-30 |
    | 2026-09-30 | supervised                | 2026-03-01 order ends=2026-09-30 |
    | 2026-10-01 | ended                     | 2026-03-01 order ends=2026-09-30 |
    | 2026-04-30 | in_custody                | 2026-03-01 order ends=2026-09-30; 2026-04-01 taken; 2026-05-01 left |
    | 2026-05-01 | supervised                | 2026-03-01 order ends=2026-09-30; 2026-04-01 taken; 2026-05-01 left |
    | 2026-03-31 | supervised                | 2026-01-15 custodial; 2026-02-01 released ends=2026-03-31 pss=2026-09-30 |
    | 2026-04-01 | post_sentence_supervision | 2026-01-15 custodial; 2026-02-01 released ends=2026-03-31 pss=2026-09-30 |
    """,  # noqa: E501
)
def test_where_the_case_stands(ledger: Ledger, facts: list[object], today: str, status: str) -> None:
    ledger.tell(*facts)  # type: ignore[arg-type]
    ledger.day(today)
    assert overview(ledger).status == status


def test_region_and_practitioner_of_the_case(ledger: Ledger) -> None:
    ledger.tell(ORDER, f.allocated("2026-01-16"), f.allocated("2026-02-01", to="P2"))
    assert (overview(ledger).region, overview(ledger).practitioner) == ("london", "P2")


def test_a_month_of_unpaid_work_alone_does_not_hide_the_months_after_it() -> None:
    """The order was more than unpaid work from 30 March, as was known from the first day."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-02")
    ledger.tell(f.order("2026-03-02", "2026-07-28", "unpaid_work"), f.varied("2026-03-30", "2026-07-28"))
    ledger.tell(EXEMPT)
    ledger.day("2026-07-28")
    starts = [start for start, _ in missed(ledger)]
    assert starts == ["2026-04-02", "2026-05-02", "2026-06-02"]
