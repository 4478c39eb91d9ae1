"""When supervision ends, in all ways that it may."""

import pytest

from tests.examples.facts import (
    died,
    order,
    practitioner,
    prison_sentence,
    released,
    revoked,
    risk,
    varied,
)
from tests.examples.play import Example

PO = practitioner()

ENDS = [
    Example(
        "on the last day of an order supervision goes on",
        [PO, order("2026-06-01"), risk("2026-06-02")],
        "2027-05-31",
        {"SupervisionEnded": []},
    ),
    Example(
        "the day after it has ended, on the last day",
        [PO, order("2026-06-01"), risk("2026-06-02")],
        "2027-06-01",
        {
            "SupervisionEnded": [
                {
                    "sentence_id": "S1",
                    "ended_on": "2027-05-31",
                    "reason": "expired",
                    "practitioner_changes": 0,
                }
            ]
        },
    ),
    Example(
        "a licence with post-sentence supervision ends with that",
        [prison_sentence("2024-01-05"), released("2024-06-03", "2024-12-03", "2025-06-02")],
        "2025-06-03",
        {"SupervisionEnded": [{"sentence_id": "L1", "ended_on": "2025-06-02", "reason": "expired"}]},
    ),
    Example(
        "a licence without ends on its last day",
        [prison_sentence("2026-01-05"), released("2026-06-03", "2026-12-03")],
        "2026-12-04",
        {"SupervisionEnded": [{"sentence_id": "L1", "ended_on": "2026-12-03", "reason": "expired"}]},
    ),
    Example(
        "a sentence revoked ends on that day, and what was due ends with it",
        [order("2026-06-01"), revoked("2026-06-04", "resentenced")],
        "2026-07-01",
        {
            "SupervisionEnded": [{"ended_on": "2026-06-04", "reason": "revoked"}],
            "AllocationDue": [],
            "AllocationOverdue": [],
        },
        {"AllocationDue": ["ended"]},
    ),
    Example(
        "a sentence quashed",
        [PO, order("2026-06-01"), risk("2026-06-02"), revoked("2026-07-01", "quashed")],
        "2027-07-01",
        {"SupervisionEnded": [{"ended_on": "2026-07-01", "reason": "quashed"}]},
    ),
    Example(
        "a death ends all sentences of the person, and of nobody else",
        [
            PO,
            order("2026-06-01"),
            order("2026-06-01", sentence="S2", ends="2026-12-31"),
            order("2026-06-01").about("X000002"),
            died("2026-07-01"),
        ],
        "2026-07-02",
        {
            "SupervisionEnded": [
                {"sentence_id": "S1", "ended_on": "2026-07-01", "reason": "died", "subject": "X123456"},
                {"sentence_id": "S2", "ended_on": "2026-07-01", "reason": "died", "subject": "X123456"},
            ]
        },
    ),
    Example(
        "a death after the end changes nothing",
        [order("2026-06-01", ends="2026-06-30"), died("2026-07-01")],
        "2026-07-02",
        {"SupervisionEnded": [{"ended_on": "2026-06-30", "reason": "expired"}]},
    ),
    Example(
        "a death told of late, before the end that was published, corrects it",
        [order("2026-06-01", ends="2026-06-30"), died("2026-06-20", recorded="2026-07-10")],
        "2026-07-10",
        {"SupervisionEnded": [{"ended_on": "2026-06-20", "reason": "died"}]},
        {"SupervisionEnded": ["superseded"]},
    ),
    Example(
        "an order made longer does not end on the old day",
        [order("2026-06-01", ends="2026-08-31"), varied("2026-08-01", "2026-10-31")],
        "2026-11-01",
        {"SupervisionEnded": [{"ended_on": "2026-10-31"}]},
    ),
    Example(
        "one made longer in time but told of late: the end is taken back",
        [order("2026-06-01", ends="2026-08-31"), varied("2026-08-01", "2026-10-31", recorded="2026-09-05")],
        "2026-09-05",
        {"SupervisionEnded": []},
        {"SupervisionEnded": ["corrected"]},
    ),
    Example(
        "a revocation that never happened brings the order back",
        [
            PO,
            order("2026-06-01"),
            risk("2026-06-02"),
            revoked("2026-07-01"),
            revoked("2026-07-01", recorded="2026-07-10", id="void", voided=True),
        ],
        "2026-07-10",
        {"SupervisionEnded": [], "CaseAllocated": [{"practitioner_id": "P1"}]},
        {"SupervisionEnded": ["corrected"]},
    ),
]


@pytest.mark.parametrize("example", [*ENDS], ids=lambda e: e.name)
def test_the_end_of_supervision(example: Example) -> None:
    example.check()
