"""Letters, explanations and breach: worked examples of ENF-10 to 13 and 15."""

from typing import Any

import pytest

from tests.examples.facts import (
    Fact,
    action,
    contact,
    died,
    hearing,
    order,
    revoked,
)
from tests.examples.play import Example

ORDER = order("2026-01-05", ends="2027-12-31")


def failed(name: str, day: str, **options: Any) -> Fact:
    return contact(name, day, "unacceptable_absence", **options)


def letter(name: str, day: str, due: str, *more: Fact, overdue: bool) -> Example:
    """A failure on a day and what follows of its letter by the day after `due`."""
    stands = {"WarningLetterOverdue": [{"contact_id": "F1", "due_on": due}] if overdue else []}
    after = {"2026-06-12": "2026-06-13", "2026-12-30": "2026-12-31"}[due]
    return Example(name, [ORDER, failed("F1", day), *more], after, stands)


F1, F2 = failed("F1", "2026-03-05"), failed("F2", "2026-03-20")
WARNED = action("W1", "2026-03-06", "warning", "F1")
STARTED = action("B1", "2026-03-21", "breach_initiated", "F2")
BREACH = [ORDER, F1, WARNED, F2]

WINDOWS = [
    Example(
        "E22: an absence of 21 December 2026 can be explained until 30 December",
        [ORDER, contact("C1", "2026-12-21", "failed_to_attend")],
        "2026-12-30",
        {"AbsenceDecisionOverdue": []},
    ),
    Example(
        "E22: the day after it is overdue",
        [ORDER, contact("C1", "2026-12-21", "failed_to_attend")],
        "2026-12-31",
        {
            "AbsenceDecisionOverdue": [{"contact_id": "C1", "sentence_id": "S1", "due_on": "2026-12-30"}],
            "ContactMissed": [],
        },
    ),
    Example(
        "decided on the last day it is not",
        [
            ORDER,
            contact("C1", "2026-12-21", "failed_to_attend"),
            contact("C1", "2026-12-21", "acceptable_absence", recorded="2026-12-30T23:59", id="d"),
        ],
        "2027-01-10",
        {"AbsenceDecisionOverdue": []},
    ),
    Example(
        "decided a minute later it stays overdue",
        [
            ORDER,
            contact("C1", "2026-12-21", "failed_to_attend"),
            contact("C1", "2026-12-21", "acceptable_absence", recorded="2026-12-31T00:01", id="d"),
        ],
        "2027-01-10",
        {"AbsenceDecisionOverdue": [{"due_on": "2026-12-30"}]},
    ),
    letter(
        "a letter within two business days: not on the last day",
        "2026-06-10",
        "2026-06-12",
        action("W1", "2026-06-12", "warning", "F1"),
        overdue=False,
    ),
    letter("none by then is overdue", "2026-06-10", "2026-06-12", overdue=True),
    letter("over Christmas: 24 December, 29 and 30", "2026-12-24", "2026-12-30", overdue=True),
    Example(
        "sent late it stays overdue",
        [ORDER, failed("F1", "2026-06-10"), action("W1", "2026-06-15", "warning", "F1")],
        "2026-06-16",
        {"WarningLetterOverdue": [{"due_on": "2026-06-12"}], "EnforcementActionRequired": []},
    ),
    Example(
        "told of late, but sent in time: it never was",
        [
            ORDER,
            failed("F1", "2026-06-10"),
            action("W1", "2026-06-12", "warning", "F1", recorded="2026-06-16"),
        ],
        "2026-06-16",
        {"WarningLetterOverdue": []},
        {"WarningLetterOverdue": ["corrected"]},
    ),
    Example(
        "not after supervision ended before the last day",
        [ORDER, failed("F1", "2026-06-10"), revoked("2026-06-11")],
        "2026-07-01",
        {"WarningLetterOverdue": [], "EnforcementActionRequired": []},
        {"EnforcementActionRequired": ["ended"]},
    ),
    Example(
        "no letter after a death",
        [ORDER, failed("F1", "2026-06-10"), died("2026-06-12")],
        "2026-07-01",
        {"WarningLetterOverdue": [], "EnforcementActionRequired": []},
    ),
    Example(
        "a breach pack due in ten business days, over Christmas",
        [ORDER, failed("F1", "2026-12-01"), failed("F2", "2026-12-18")],
        "2026-12-18",
        {"BreachRequired": [{"pack_due_on": "2027-01-06"}]},
    ),
]

COURT = [
    Example(
        "breach initiated resolves what was required, and breach has started",
        [*BREACH, STARTED],
        "2026-03-21",
        {
            "BreachRequired": [],
            "BreachStarted": [{"sentence_id": "S1", "started_on": "2026-03-21"}],
            "BreachConcluded": [],
        },
        {"BreachRequired": ["resolved"]},
    ),
    Example(
        "a hearing concludes it",
        [*BREACH, STARTED, hearing("H1", "2026-04-30", "not_proven")],
        "2026-04-30",
        {
            "BreachStarted": [{"started_on": "2026-03-21"}],
            "BreachConcluded": [{"sentence_id": "S1", "concluded_on": "2026-04-30", "outcome": "not_proven"}],
        },
    ),
    *[
        Example(
            f"not one that was {outcome}",
            [*BREACH, STARTED, hearing("H1", "2026-04-30", outcome)],
            "2026-04-30",
            {"BreachStarted": [{}], "BreachConcluded": []},
        )
        for outcome in ("adjourned", "warrant_issued", "committed_to_crown")
    ],
    *[
        Example(
            f"one that was {outcome} does, after one adjourned",
            [
                *BREACH,
                STARTED,
                hearing("H1", "2026-04-20", "adjourned"),
                hearing("H2", "2026-04-30", outcome),
            ],
            "2026-04-30",
            {"BreachConcluded": [{"concluded_on": "2026-04-30", "outcome": outcome}]},
        )
        for outcome in ("proven_continued", "proven_varied", "withdrawn", "revoked_and_resentenced")
    ],
    Example(
        "E27: a failure during the breach does not count, nor do those before it afterwards",
        [
            ORDER,
            failed("F1", "2026-03-01"),
            failed("F2", "2026-03-20"),
            action("B1", "2026-03-21", "breach_initiated", "F2"),
            failed("F3", "2026-04-02"),
            hearing("H1", "2026-04-30", "not_proven"),
            failed("F4", "2026-05-05"),
        ],
        "2026-05-05",
        {
            "BreachRequired": [],
            "BreachStarted": [{"started_on": "2026-03-21"}],
            "BreachConcluded": [{"outcome": "not_proven"}],
            "EnforcementActionRequired": [
                {"contact_id": "F3", "failures": 2},
                {"contact_id": "F4", "options": ["warn", "refer"], "failures": 1},
            ],
        },
    ),
    Example(
        "E27: the failure of 2 April told of after the hearing never counts either",
        [
            ORDER,
            failed("F1", "2026-03-01"),
            failed("F2", "2026-03-20"),
            action("B1", "2026-03-21", "breach_initiated", "F2"),
            hearing("H1", "2026-04-30", "not_proven"),
            failed("F3", "2026-04-02", recorded="2026-05-02"),
            failed("F4", "2026-05-05"),
        ],
        "2026-05-05",
        {
            "BreachRequired": [],
            "EnforcementActionRequired": [
                {"contact_id": "F3", "failures": 2},
                {"contact_id": "F4", "failures": 1},
            ],
        },
    ),
    Example(
        "after a breach two new failures start another",
        [
            ORDER,
            failed("F1", "2026-03-01"),
            failed("F2", "2026-03-20"),
            action("B1", "2026-03-21", "breach_initiated", "F2"),
            hearing("H1", "2026-04-30", "proven_continued"),
            failed("F4", "2026-05-05"),
            failed("F5", "2026-05-12"),
        ],
        "2026-05-12",
        {
            "BreachRequired": [{"contact_id": "F5", "failures": 2}],
            "BreachStarted": [{}],
            "BreachConcluded": [{}],
        },
    ),
    Example(
        "what was required ends with supervision",
        [*BREACH, revoked("2026-03-24", "resentenced")],
        "2026-04-30",
        {"BreachRequired": [], "BreachPackOverdue": []},
        {"BreachRequired": ["ended"]},
    ),
    Example(
        "an order that ends before breach began",
        [order("2026-01-05", ends="2026-03-25"), F1, F2],
        "2026-03-26",
        {"BreachRequired": [], "SupervisionEnded": [{}]},
        {"BreachRequired": ["ended"]},
    ),
    Example(
        "breach on the first failure, as serious, needs no warning",
        [ORDER, F1, action("B1", "2026-03-06", "breach_initiated", "F1")],
        "2026-03-20",
        {
            "BreachStarted": [{"started_on": "2026-03-06"}],
            "EnforcementActionRequired": [],
            "WarningLetterOverdue": [],
        },
        {"EnforcementActionRequired": ["resolved"]},
    ),
    Example(
        "a hearing told of before the breach that it concludes",
        [
            *BREACH,
            hearing("H1", "2026-04-30", "not_proven"),
            action("B1", "2026-03-21", "breach_initiated", "F2", recorded="2026-05-01"),
        ],
        "2026-05-01",
        {
            "BreachStarted": [{"started_on": "2026-03-21"}],
            "BreachConcluded": [{"concluded_on": "2026-04-30"}],
            "BreachRequired": [],
        },
    ),
    Example(
        "a breach that was never begun is required again",
        [
            *BREACH,
            STARTED,
            action("B1", "2026-03-21", "breach_initiated", "F2", recorded="2026-03-25", id="v", voided=True),
        ],
        "2026-03-25",
        {"BreachStarted": [], "BreachRequired": [{"contact_id": "F2"}]},
        {"BreachStarted": ["corrected"], "BreachRequired": ["resolved"]},
    ),
    Example(
        "a hearing corrected to an adjournment",
        [
            *BREACH,
            STARTED,
            hearing("H1", "2026-04-30", "not_proven"),
            hearing("H1", "2026-04-30", "adjourned", recorded="2026-05-04", id="c"),
        ],
        "2026-05-04",
        {"BreachConcluded": []},
        {"BreachConcluded": ["corrected"]},
    ),
]


@pytest.mark.parametrize("example", [*WINDOWS], ids=lambda e: e.name)
def test_letters_and_explanations(example: Example) -> None:
    example.check()


@pytest.mark.parametrize("example", [*COURT], ids=lambda e: e.name)
def test_a_breach(example: Example) -> None:
    example.check()
