"""Who takes a case: worked examples of ALLOC-2, 3, 6 to 8 and 18."""

import pytest

from tests.examples.facts import (
    order,
    practitioner,
    prison_sentence,
    released,
    revoked,
    risk,
)
from tests.examples.play import Example, as_json, play

PO = practitioner()

CHOICE = [
    Example(
        "the practitioner with the lower workload in per cent gets the case",
        [
            practitioner("P1", hours=37),
            practitioner("P2", hours=10),
            order("2026-06-01"),
            risk("2026-06-02"),
            order("2026-06-01", recorded="2026-06-03").about("X000002"),
            risk("2026-06-03").about("X000002"),
            order("2026-06-01", recorded="2026-06-04").about("X000003"),
            risk("2026-06-04").about("X000003"),
        ],
        "2026-06-04",
        {
            "CaseAllocated": [
                {"subject": "X123456", "practitioner_id": "P1", "workload_percent_before": 0.0},
                {"subject": "X000002", "practitioner_id": "P2", "workload_percent_before": 0.0},
                {
                    "subject": "X000003",
                    "practitioner_id": "P1",
                    "workload_percent_before": 2.9,
                    "workload_percent_after": 5.8,
                },
            ]
        },
    ),
    Example(
        "one who is not active, not there yet, or of another region does not",
        [
            practitioner("P1", active=False),
            practitioner("P2", region="wales", pdu="cardiff"),
            practitioner("P3", "2026-07-01", recorded="2026-05-01"),
            order("2026-06-01"),
            risk("2026-06-02"),
        ],
        "2026-06-09",
        {"CaseAllocated": [], "AllocationOverdue": [{"reason": "no_practitioner"}]},
    ),
    Example(
        "one who comes later gets what waits for her, late",
        [order("2026-06-01"), risk("2026-06-02"), practitioner("P1", "2026-06-15")],
        "2026-06-15",
        {
            "CaseAllocated": [{"practitioner_id": "P1", "allocated_on": "2026-06-15", "late": True}],
            "AllocationOverdue": [{"reason": "no_practitioner"}],
            "AllocationDue": [],
        },
    ),
    Example(
        "one who starts on a day told of before gets what waits on that day",
        [order("2026-06-01"), risk("2026-06-02"), practitioner("P1", "2026-06-05", recorded="2026-06-03")],
        "2026-06-05",
        {"CaseAllocated": [{"allocated_on": "2026-06-05", "late": False}]},
    ),
    Example(
        "a second sentence goes to the practitioner who has the first, though another has less to do",
        [
            practitioner("P1"),
            order("2026-06-01"),
            risk("2026-06-02"),
            practitioner("P2", "2026-06-03"),
            order("2026-06-10", sentence="S2"),
        ],
        "2026-06-10",
        {
            "CaseAllocated": [
                {"sentence_id": "S1", "practitioner_id": "P1", "reason": "new"},
                {"sentence_id": "S2", "practitioner_id": "P1", "reason": "continuity", "late": False},
            ]
        },
    ),
    Example(
        "nobody else: who is below 100 % before the case is put over it, and is over capacity",
        [
            practitioner(hours=2.0),
            order("2026-06-01"),
            risk("2026-06-01"),
            order("2026-06-01").about("X000002"),
            risk("2026-06-01").about("X000002"),
        ],
        "2026-06-01",
        {
            "AllocationDue": [],
            "CaseAllocated": [
                {"subject": "X123456", "workload_percent_after": 53.8},
                {"subject": "X000002", "workload_percent_before": 53.8, "workload_percent_after": 107.7},
            ],
            "PractitionerOverCapacity": [{"practitioner_id": "P1", "workload_percent": 107.7}],
        },
    ),
    Example(
        "who would not be put over 100 % goes before one with a lower workload who would",
        [
            practitioner("P1", hours=1.0),
            practitioner("P2", hours=4.0),
            order("2026-06-01"),
            risk("2026-06-01"),
            order("2026-06-01").about("X000002"),
            risk("2026-06-01").about("X000002"),
        ],
        "2026-06-01",
        {
            "CaseAllocated": [
                {"subject": "X123456", "practitioner_id": "P2"},
                {"subject": "X000002", "practitioner_id": "P2", "workload_percent_before": 26.8},
            ]
        },
    ),
    Example(
        "nobody with room: it waits, is overdue for that, and goes to the first who has",
        [
            practitioner(hours=1.0),
            order("2026-06-01"),
            risk("2026-06-01"),
            order("2026-06-01").about("X000002"),
            risk("2026-06-01").about("X000002"),
            revoked("2026-06-12"),
        ],
        "2026-06-12",
        {
            "AllocationOverdue": [{"subject": "X000002", "reason": "no_capacity"}],
            "CaseAllocated": [
                {"subject": "X123456", "workload_percent_after": 108.6},
                {"subject": "X000002", "allocated_on": "2026-06-12", "late": True},
            ],
        },
    ),
    Example(
        "a release is allocated as a release",
        [
            PO,
            risk("2026-01-05"),
            prison_sentence("2026-01-05"),
            released("2026-06-01", "2026-12-01"),
        ],
        "2026-06-01",
        {"CaseAllocated": [{"sentence_id": "L1", "reason": "release"}]},
    ),
    Example(
        "a practitioner with fewer hours than the work needs is over capacity, until the work ends",
        [
            practitioner("P1"),
            order("2026-06-01"),
            risk("2026-06-02"),
            practitioner("P1", "2026-06-03", hours=1.0),
        ],
        "2026-06-03",
        {"PractitionerOverCapacity": [{"subject": "P1", "practitioner_id": "P1", "workload_percent": 108.6}]},
    ),
    Example(
        "and no longer when it has ended",
        [
            practitioner("P1"),
            order("2026-06-01"),
            risk("2026-06-02"),
            practitioner("P1", "2026-06-03", hours=1.0),
            revoked("2026-06-10"),
        ],
        "2026-06-11",
        {"PractitionerOverCapacity": []},
        {"PractitionerOverCapacity": ["resolved"]},
    ),
]


@pytest.mark.parametrize("example", [*CHOICE], ids=lambda e: e.name)
def test_the_choice(example: Example) -> None:
    example.check()


def test_e8_workload_before_and_after_a_new_c2_case() -> None:
    """E8: 22.2 hours are 1305 points; 1200 held (24 cases of C1) and 63 more are 92.0 and 96.8 per cent."""
    facts = [practitioner(hours=22.2)]
    for n in range(24):
        held = [order("2026-06-01"), risk("2026-06-01", ogrs=0, needs=[])]
        facts += [fact.about(f"X0000{n:02}") for fact in held]
    facts += [order("2026-06-02"), risk("2026-06-02")]
    ledger = play(facts, "2026-06-02")
    last = as_json(ledger.standing_events("CaseAllocated")[-1])
    assert (last["workload_percent_before"], last["workload_percent_after"]) == (92.0, 96.8)
    assert ledger.standing("PractitionerOverCapacity") == []
