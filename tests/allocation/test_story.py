"""The allocation service over time, through the engine's own join, difference and decisions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.allocation.app import SERVICE
from tests.allocation.facts import (
    assessed,
    day,
    died,
    imposed,
    practitioner,
    released,
    revoked,
    varied,
)
from tests.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    """The service on 1 June 2026, with one practitioner."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(practitioner(), subject="P1")
    return ledger


def events(ledger: Ledger) -> list[str]:
    return [e.type if e.type != "Withdrawn" else f"-{e.data.withdrawn_type}" for e in ledger.published]


ORDER = imposed("2026-06-01", "2027-05-31")


def test_from_sentence_to_the_end_of_supervision(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.tell(assessed("2026-06-01"))
    ledger.day("2027-06-01")
    assert events(ledger) == [
        "AllocationDue",
        "TierCalculated",
        "CaseAllocated",
        "-AllocationDue",
        "SupervisionEnded",
    ]
    assert ledger.withdrawals("AllocationDue") == [("S1", "resolved")]
    (allocation,) = ledger.standing("CaseAllocated")
    assert (allocation.practitioner_id, allocation.allocated_on) == ("P1", day("2026-06-01"))


def test_whatever_comes_first_the_outcome_is_the_same() -> None:
    def outcome(*facts: Any) -> set[tuple[str, str]]:
        ledger = Ledger(SERVICE)
        ledger.day("2026-06-01")
        for fact in facts:
            ledger.tell(fact, subject="P1" if fact == worker else "X1")
        return {(e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events()}

    worker = practitioner()
    risk = assessed("2026-06-01")
    expected = outcome(worker, risk, ORDER)
    assert "CaseAllocated" in {kind for kind, _ in expected}
    assert outcome(ORDER, risk, worker) == expected
    assert outcome(ORDER, worker, risk) == expected
    assert outcome(risk, ORDER, worker) == expected


def full_house() -> Ledger:
    """The service on 1 June 2026: the only practitioner holds too much already."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(practitioner(hours=0.5), subject="P1")
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X0")
    assert [e.workload_percent_after for e in ledger.standing("CaseAllocated")] == [172.4]
    assert [e.practitioner_id for e in ledger.standing("PractitionerOverCapacity")] == ["P1"]
    return ledger


def test_a_case_waits_until_somebody_is_there() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(ORDER, assessed("2026-06-01"))
    ledger.day("2026-06-09")
    (overdue,) = ledger.standing("AllocationOverdue")
    assert overdue.reason == "no_practitioner"
    ledger.tell(practitioner(on="2026-06-10"), subject="P1")
    assert ledger.standing("CaseAllocated") == []
    ledger.day("2026-06-10")
    (allocation,) = ledger.standing("CaseAllocated")
    assert (allocation.allocated_on, allocation.late) == (day("2026-06-10"), True)
    assert ledger.standing("AllocationOverdue") == [overdue]


def test_an_allocation_that_is_overdue_for_lack_of_room_says_so_for_good() -> None:
    ledger = full_house()
    ledger.tell(ORDER, assessed("2026-06-01"))
    ledger.day("2026-06-09")
    (overdue,) = ledger.standing("AllocationOverdue")
    assert overdue.reason == "no_capacity"
    ledger.tell(practitioner(on="2026-06-09"), subject="P1")
    assert len(ledger.standing("CaseAllocated")) == 2
    assert ledger.standing("AllocationOverdue") == [overdue]


def test_workload_spreads_over_the_practitioners(ledger: Ledger) -> None:
    ledger.tell(practitioner("P2"), subject="P2")
    for n in range(4):
        ledger.tell(ORDER, assessed("2026-06-01"), subject=f"X{n}")
    percents = [
        (a.practitioner_id, a.workload_percent_before, a.workload_percent_after)
        for a in ledger.standing("CaseAllocated")
    ]
    assert percents == [("P1", 0.0, 2.3), ("P2", 0.0, 2.3), ("P1", 2.3, 4.6), ("P2", 2.3, 4.6)]


def test_workload_falls_when_a_case_ends(ledger: Ledger) -> None:
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X1")
    ledger.tell(revoked("2026-06-01"), subject="X1")
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X2")
    assert [a.workload_percent_before for a in ledger.standing("CaseAllocated")] == [0.0, 0.0]


def test_over_capacity_comes_and_goes(ledger: Ledger) -> None:
    ledger.tell(ORDER, assessed("2026-06-01"))
    ledger.tell(practitioner(on="2026-07-01", hours=0.5), subject="P1")
    ledger.day("2026-07-01")
    (over,) = ledger.standing_events("PractitionerOverCapacity")
    assert (over.subject, over.data.workload_percent) == ("P1", 172.4)
    ledger.tell(practitioner(on="2026-07-01", hours=37.0), subject="P1")
    assert ledger.withdrawals("PractitionerOverCapacity") == [("P1", "resolved")]


def test_several_sentences_at_once_go_to_one_practitioner(ledger: Ledger) -> None:
    ledger.tell(practitioner("P2"), subject="P2")
    for n in range(1, 6):
        ledger.tell(imposed("2026-06-01", f"2027-0{n}-01", id=f"S{n}"))
    ledger.tell(assessed("2026-06-01"))
    allocations = ledger.standing("CaseAllocated")
    assert [(a.sentence_id, a.practitioner_id, a.reason) for a in allocations] == [
        ("S1", "P1", "new"),
        *((f"S{n}", "P1", "continuity") for n in range(2, 6)),
    ]
    assert ledger.standing("AllocationDue") == []


def test_an_order_beside_a_licence_keeps_the_practitioner(ledger: Ledger) -> None:
    ledger.tell(ORDER, assessed("2026-06-01"))
    ledger.tell(practitioner("P2"), subject="P2")
    ledger.tell(imposed("2026-01-05", id="S2"), released("2026-06-01", "2027-06-01", id="S2"))
    second = ledger.standing("CaseAllocated")[1]
    assert (second.sentence_id, second.practitioner_id, second.reason) == ("S2", "P1", "continuity")


def test_a_licence_released_again_keeps_its_allocation(ledger: Ledger) -> None:
    ledger.tell(imposed("2026-01-05"), assessed("2026-06-01"), released("2026-06-01", "2027-06-01"))
    ledger.day("2026-09-01")
    ledger.tell(released("2026-09-01", "2027-06-01"))
    assert len(ledger.standing("CaseAllocated")) == 1
    assert ledger.standing("AllocationOverdue") == []


def test_a_voided_sentence_takes_its_findings_back_but_not_the_decision(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-06-09")
    ledger.tell(assessed("2026-06-09"))
    ledger.tell(ORDER.model_copy(update={"voided": True}))
    assert ledger.withdrawals("AllocationOverdue") == [("S1", "corrected")]
    assert [e.type for e in ledger.standing_events()] == ["CaseAllocated", "TierCalculated"]
    ledger.tell(ORDER, assessed("2026-06-09"), subject="X2")
    assert ledger.standing("CaseAllocated")[1].workload_percent_before == 0.0


def test_a_corrected_sentence_date_moves_the_due_date(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.tell(imposed("2026-05-29", "2027-05-31"))
    assert ledger.withdrawals("AllocationDue") == [("S1", "superseded")]
    assert [e.due_on for e in ledger.standing("AllocationDue")] == [day("2026-06-05")]


def test_a_late_variation_takes_the_end_back(ledger: Ledger) -> None:
    ledger.tell(imposed("2026-06-01", "2026-06-10"), assessed("2026-06-01"))
    ledger.day("2026-06-15")
    assert ledger.standing("SupervisionEnded")
    ledger.tell(varied("2026-06-05", "2026-08-31"))
    assert ledger.withdrawals("SupervisionEnded") == [("S1", "corrected")]
    ledger.day("2026-09-01")
    assert [e.ended_on for e in ledger.standing("SupervisionEnded")] == [day("2026-08-31")]


def test_a_sentence_told_late_is_allocated_late_and_was_not_processed(ledger: Ledger) -> None:
    ledger.tell(assessed("2026-06-01"))
    ledger.day("2026-06-20")
    ledger.tell(ORDER)
    assert [a.late for a in ledger.standing("CaseAllocated")] == [True]
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["not_processed"]


def test_risk_recorded_in_time_but_delivered_late_was_not_processed(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-06-09")
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["awaiting_risk"]
    ledger.tell(assessed("2026-06-05"), recorded=datetime(2026, 6, 5, 12, tzinfo=UTC))
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["not_processed"]
    assert [a.late for a in ledger.standing("CaseAllocated")] == [True]


def test_the_reason_stays_when_risk_is_told_late(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2026-06-09")
    ledger.tell(assessed("2026-06-05"))
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["awaiting_risk"]
    assert ledger.withdrawals("AllocationOverdue") == []


@pytest.mark.parametrize(
    "end", [died("2026-06-03"), revoked("2026-06-03", "quashed")], ids=["death", "quashed"]
)
def test_nothing_fires_after_the_end(end: Any) -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(ORDER)
    ledger.day("2026-06-03")
    ledger.tell(end)
    assert ledger.withdrawals("AllocationDue") == [("S1", "ended")]
    before = len(ledger.published)
    ledger.tell(practitioner(), subject="P1")
    ledger.tell(assessed("2026-06-04"))
    ledger.day("2027-07-01")
    assert ledger.published[before:] == []


def test_a_risk_that_rises_moves_the_workload_not_the_practitioner(ledger: Ledger) -> None:
    ledger.tell(practitioner("P2"), subject="P2")
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X1")
    ledger.tell(assessed("2026-06-01", rosh="very_high", id="A2"), subject="X1")
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X2")
    ledger.tell(ORDER, assessed("2026-06-01"), subject="X3")
    assert [(a.practitioner_id, a.workload_percent_before) for a in ledger.standing("CaseAllocated")] == [
        ("P1", 0.0),
        ("P2", 0.0),
        ("P2", 2.3),
    ]
