"""What follows a failure: worked examples of ENF-1, 2, 5, 6, 16, 17 and 32."""

from typing import Any

import pytest

from tests.examples.facts import (
    Fact,
    action,
    contact,
    order,
    prison_sentence,
    released,
    session,
    work,
)
from tests.examples.play import Example

ORDER = order("2026-01-05", ends="2027-12-31")
SUSPENDED = order("2026-01-05", ends="2027-12-31", kind="suspended_sentence_order")


def failed(name: str, day: str, **options: Any) -> Fact:
    return contact(name, day, "unacceptable_absence", **options)


F1, F2 = failed("F1", "2026-03-05"), failed("F2", "2026-03-20")
WARNED = action("W1", "2026-03-06", "warning", "F1")
STARTED = action("B1", "2026-03-21", "breach_initiated", "F2")
BREACH = [ORDER, F1, WARNED, F2]

ANSWERS = [
    Example(
        "a first failure: warn or refer",
        [ORDER, F1],
        "2026-03-05",
        {
            "EnforcementActionRequired": [
                {"contact_id": "F1", "sentence_id": "S1", "options": ["warn", "refer"], "failures": 1}
            ],
            "BreachRequired": [],
        },
    ),
    Example(
        "the same on a suspended sentence order",
        [SUSPENDED, F1],
        "2026-03-05",
        {"EnforcementActionRequired": [{"options": ["warn", "refer"]}], "BreachRequired": []},
    ),
    Example(
        "a warning answers it",
        [ORDER, F1, WARNED],
        "2026-03-20",
        {"EnforcementActionRequired": [], "WarningLetterOverdue": []},
        {"EnforcementActionRequired": ["resolved"]},
    ),
    Example(
        "a second failure within twelve months of the warning must be referred",
        BREACH,
        "2026-03-20",
        {
            "BreachRequired": [
                {
                    "sentence_id": "S1",
                    "contact_id": "F2",
                    "failures": 2,
                    "warned_on": "2026-03-06",
                    "pack_due_on": "2026-04-07",
                    "court_level": "magistrates",
                }
            ]
        },
    ),
    Example(
        "so on a suspended sentence order, of the Crown Court",
        [
            order(
                "2026-01-05",
                ends="2027-12-31",
                kind="suspended_sentence_order",
                court={"name": "A", "level": "crown"},
            ),
            *BREACH[1:],
        ],
        "2026-03-20",
        {"BreachRequired": [{"contact_id": "F2", "failures": 2, "court_level": "crown"}]},
    ),
    Example(
        "two failures in twelve months without a warning start breach all the same",
        [ORDER, F1, F2],
        "2026-03-20",
        {"BreachRequired": [{"contact_id": "F2", "failures": 2, "warned_on": None}]},
    ),
    Example(
        "two failures on one day are one",
        [ORDER, F1, failed("F2", "2026-03-05")],
        "2026-03-06",
        {"BreachRequired": []},
    ),
    Example(
        "E24: warned on 14 January 2026, failed on 13 January 2027: must be referred",
        [
            ORDER,
            failed("F1", "2026-01-12"),
            action("W1", "2026-01-14", "warning", "F1"),
            failed("F2", "2027-01-13"),
        ],
        "2027-01-13",
        {"BreachRequired": [{"contact_id": "F2", "warned_on": "2026-01-14"}]},
    ),
    Example(
        "E24: failed on 14 January 2027: may be warned again",
        [
            ORDER,
            failed("F1", "2026-01-12"),
            action("W1", "2026-01-14", "warning", "F1"),
            failed("F2", "2027-01-14"),
        ],
        "2027-01-14",
        {
            "BreachRequired": [],
            "EnforcementActionRequired": [{"contact_id": "F2", "options": ["warn", "refer"], "failures": 1}],
        },
    ),
    Example(
        "warned on the leap day of 2028: the last day is 28 February 2029",
        [
            order("2028-01-05", ends="2030-12-31"),
            failed("F1", "2028-02-28"),
            action("W1", "2028-02-29", "warning", "F1"),
            failed("F2", "2029-02-28"),
        ],
        "2029-02-28",
        {"BreachRequired": [{"contact_id": "F2", "warned_on": "2028-02-29"}]},
    ),
    Example(
        "and a failure on 1 March 2029 may be warned again",
        [
            order("2028-01-05", ends="2030-12-31"),
            failed("F1", "2028-02-28"),
            action("W1", "2028-02-29", "warning", "F1"),
            failed("F2", "2029-03-01"),
        ],
        "2029-03-01",
        {"BreachRequired": [], "EnforcementActionRequired": [{"contact_id": "F2"}]},
    ),
    Example(
        "the date of the failure decides, not that of the record",
        [
            ORDER,
            failed("F1", "2026-01-12"),
            action("W1", "2026-01-14", "warning", "F1"),
            failed("F2", "2027-01-13", recorded="2027-02-10"),
        ],
        "2027-02-10",
        {"BreachRequired": [{"contact_id": "F2"}]},
    ),
    Example(
        "a warning given just after midnight in summer is of the day in London",
        [
            ORDER,
            failed("F1", "2026-06-01"),
            action("W1", "2026-06-02T23:30:00Z", "warning", "F1"),
            failed("F2", "2027-06-02"),
        ],
        "2027-06-02",
        {"BreachRequired": [{"contact_id": "F2", "warned_on": "2026-06-03"}]},
    ),
    Example(
        "no failure counts that happened before the warning alone: E32, the second told of first",
        [
            ORDER,
            F2,
            failed("F1", "2026-03-05", recorded="2026-03-22"),
            failed("F1", "2026-03-05", recorded="2026-03-23"),
        ],
        "2026-03-23",
        {"BreachRequired": [{"contact_id": "F2", "failures": 2, "pack_due_on": "2026-04-07"}]},
    ),
    Example(
        "one open review at a time: a third failure does not raise another",
        [*BREACH, failed("F3", "2026-03-25")],
        "2026-03-25",
        {"BreachRequired": [{"contact_id": "F2", "failures": 2}]},
    ),
    Example(
        "each of two orders counts its own failures",
        [
            ORDER,
            order("2026-01-05", sentence="S2", ends="2027-12-31"),
            F1,
            failed("F2", "2026-03-20", sentence_id="S2"),
        ],
        "2026-03-20",
        {
            "BreachRequired": [],
            "EnforcementActionRequired": [
                {"sentence_id": "S1", "failures": 1},
                {"sentence_id": "S2", "failures": 1},
            ],
        },
    ),
    Example(
        "a failure on the licence is not one on the order",
        [
            ORDER,
            prison_sentence("2025-06-02"),
            released("2025-12-01", "2026-12-01"),
            F1,
            failed("F2", "2026-03-20", sentence_id="L1"),
            failed("F3", "2026-03-27", sentence_id="L1"),
        ],
        "2026-03-27",
        {"BreachRequired": []},
    ),
    Example(
        "unpaid work is enforced on a stand-alone order too",
        [
            order("2026-01-05", work(), ends="2027-12-31"),
            session("U1", "2026-03-05", "UPW", "unacceptable_absence", minutes=0),
            session("U2", "2026-03-20", "UPW", "failed_to_comply"),
        ],
        "2026-03-20",
        {"BreachRequired": [{"contact_id": "U2", "failures": 2}]},
    ),
    Example(
        "an undecided absence is no failure, whatever time goes by",
        [ORDER, F1, contact("C2", "2026-03-20", "failed_to_attend")],
        "2026-06-01",
        {"BreachRequired": [], "AbsenceDecisionOverdue": [{"contact_id": "C2", "due_on": "2026-03-27"}]},
    ),
    Example(
        "nor is an acceptable one",
        [ORDER, F1, contact("C2", "2026-03-20", "acceptable_absence")],
        "2026-03-20",
        {"BreachRequired": []},
    ),
    Example(
        "a failure taken back takes back what was to be done",
        [ORDER, F1, contact("F1", "2026-03-05", "complied", recorded="2026-03-06", id="c")],
        "2026-03-06",
        {"EnforcementActionRequired": [], "ContactMissed": []},
        {"EnforcementActionRequired": ["corrected"]},
    ),
    Example(
        "the second failure taken back: no breach is required",
        [*BREACH, contact("F2", "2026-03-20", "complied", recorded="2026-03-23", id="c")],
        "2026-03-23",
        {"BreachRequired": []},
        {"BreachRequired": ["corrected"]},
    ),
    Example(
        "the first taken back: the second is the first",
        [ORDER, F1, F2, contact("F1", "2026-03-05", "acceptable_absence", recorded="2026-03-23", id="c")],
        "2026-03-23",
        {
            "BreachRequired": [],
            "EnforcementActionRequired": [{"contact_id": "F2", "options": ["warn", "refer"], "failures": 1}],
        },
    ),
]


@pytest.mark.parametrize("example", [*ANSWERS], ids=lambda e: e.name)
def test_an_answer(example: Example) -> None:
    example.check()
