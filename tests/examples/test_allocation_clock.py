"""When a sentence must be allocated: worked examples of ALLOC-1 and 5 and SH-1 to 5."""

from pathlib import Path

import pytest

from services.allocation.app import SERVICE
from tests.examples.facts import (
    order,
    practitioner,
    risk,
)
from tests.examples.play import Example
from tests.ledger import Ledger

PO = practitioner()


def due(name: str, sentenced: str, expected: str) -> Example:
    return Example(name, [order(sentenced)], sentenced, {"AllocationDue": [{"due_on": expected}]})


CLOCK = [
    due("E1: sentenced on Christmas Eve 2026, due on Tuesday 5 January", "2026-12-24", "2027-01-05"),
    due("E2: sentenced on a Monday, due on the next Monday", "2026-06-01", "2026-06-08"),
    due("E4: a Saturday court before a bank holiday", "2026-05-23", "2026-06-01"),
    due(
        "sentenced on Maundy Thursday: Good Friday and Easter Monday do not count", "2026-04-02", "2026-04-13"
    ),
    due("sentenced on Easter Monday itself, Tuesday is day 1", "2026-04-06", "2026-04-13"),
    due("the coronation of 8 May 2023 was a bank holiday", "2023-05-04", "2023-05-12"),
    due("the funeral of 19 September 2022 was a bank holiday", "2022-09-15", "2022-09-23"),
    due("substitute days of Christmas 2027", "2027-12-24", "2028-01-05"),
    due("New Year's Day 2028 falls on a Saturday and its Monday is off", "2027-12-31", "2028-01-10"),
    due("over the leap day of 2028", "2028-02-24", "2028-03-02"),
    Example(
        "on its last day an allocation is not overdue",
        [PO, order("2026-06-01")],
        "2026-06-08",
        {"AllocationOverdue": [], "AllocationDue": [{"sentence_id": "S1"}]},
    ),
    Example(
        "a day later it is, for want of an assessment, and still due",
        [PO, order("2026-06-01")],
        "2026-06-09",
        {
            "AllocationOverdue": [{"due_on": "2026-06-08", "reason": "awaiting_risk"}],
            "AllocationDue": [{"sentence_id": "S1"}],
            "CaseAllocated": [],
        },
    ),
    Example(
        "nobody to allocate to: overdue for want of a practitioner",
        [order("2026-06-01"), risk("2026-06-02")],
        "2026-06-09",
        {"AllocationOverdue": [{"reason": "no_practitioner"}], "CaseAllocated": []},
    ),
    Example(
        "E7: allocated at 23:59 in London on the last day is in time",
        [PO, order("2026-06-01"), risk("2026-06-05", recorded="2026-06-08T22:59:00Z")],
        "2026-06-30",
        {
            "CaseAllocated": [{"allocated_on": "2026-06-08", "late": False}],
            "AllocationOverdue": [],
            "AllocationDue": [],
        },
        {"AllocationDue": ["resolved"]},
    ),
    Example(
        "E7: at 00:15 the next day it is late, and stays overdue though allocated",
        [PO, order("2026-06-01"), risk("2026-06-05", recorded="2026-06-08T23:15:00Z")],
        "2026-06-30",
        {
            "CaseAllocated": [{"allocated_on": "2026-06-09", "late": True}],
            "AllocationOverdue": [{"reason": "awaiting_risk"}],
            "AllocationDue": [],
        },
    ),
    Example(
        "the same in winter, when London is on UTC: 23:15Z is in time",
        [PO, order("2026-11-02"), risk("2026-11-05", recorded="2026-11-09T23:15:00Z")],
        "2026-11-30",
        {"CaseAllocated": [{"allocated_on": "2026-11-09", "late": False}], "AllocationOverdue": []},
    ),
    Example(
        "a sentence told of after its last day was not processed in time",
        [PO, risk("2026-05-20"), order("2026-06-01", recorded="2026-06-20")],
        "2026-06-20",
        {
            "AllocationOverdue": [{"due_on": "2026-06-08", "reason": "not_processed"}],
            "CaseAllocated": [{"allocated_on": "2026-06-20", "late": True}],
        },
    ),
    Example(
        "the date of sentence corrected after it was overdue: it never was",
        [
            PO,
            order("2026-06-01"),
            order("2026-06-08", recorded="2026-06-11", id="corrected"),
        ],
        "2026-06-15",
        {"AllocationOverdue": [], "AllocationDue": [{"due_on": "2026-06-15"}]},
        {"AllocationOverdue": ["corrected"], "AllocationDue": ["superseded"]},
    ),
    Example(
        "a sentence that never happened leaves nothing",
        [PO, order("2026-06-01"), order("2026-06-01", recorded="2026-06-10", id="void", voided=True)],
        "2026-06-10",
        {"AllocationDue": [], "AllocationOverdue": []},
        {"AllocationDue": ["corrected"], "AllocationOverdue": ["corrected"]},
    ),
    Example(
        "the version with the greater id wins a tie of recordedtime",
        [
            order("2026-06-01", id="b", recorded="2026-06-03"),
            order("2026-06-02", id="a", recorded="2026-06-03"),
        ],
        "2026-06-03",
        {"AllocationDue": [{"due_on": "2026-06-08"}]},
    ),
    Example(
        "the same id with another body has no effect",
        [order("2026-06-01"), order("2026-06-02", recorded="2026-06-03")],
        "2026-06-03",
        {"AllocationDue": [{"due_on": "2026-06-08"}]},
    ),
]


@pytest.mark.parametrize("example", [*CLOCK], ids=lambda e: e.name)
def test_the_clock_of_allocation(example: Example) -> None:
    example.check()


def test_e5_a_policy_may_count_calendar_days(tmp_path: Path) -> None:
    """E5: E1 with another unit is due on Tuesday 29 December."""
    text = SERVICE.policy.read_text()
    changed = text.replace(
        'unit = "business_days"\neffective_from = 1990-01-01',
        'unit = "calendar_days"\neffective_from = 1990-01-01',
    )
    assert changed != text
    other = tmp_path / "allocation.toml"
    other.write_text(changed)
    fact = order("2026-12-24")
    ledger = Ledger(SERVICE, policy=SERVICE.load_policy(other))
    ledger.day("2026-12-24")
    ledger.tell(fact.data, recorded=fact.recorded)
    [found] = ledger.standing("AllocationDue")
    assert found.due_on.isoformat() == "2026-12-29"
