"""Custody, Reset and approval beside each other, and the repeal of post-sentence supervision."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import assessed, rests_on
from tests.contacts.suspensions import (
    ASSESSED,
    GRANTED,
    OVER,
    PSS,
    YEAR,
    refusals,
    resumptions,
    spans,
    suspensions,
)
from tests.table import table


@table(
    """
    | case                                      | expected                                                    | facts |
    | not exempt: Reset takes its place         | [("2024-05-01", "2024-06-07", "post_sentence_supervision"), | |
    |                                           | ("2024-06-07", "2024-10-01", "reset")]                      | |
    | exempt: goes on                           | [("2024-05-01", "2024-10-01", "post_sentence_supervision")] | 2024-02-01 registered mappa |
    | exempt later: the approval still stands   | [("2024-05-01", "2024-06-07", "post_sentence_supervision"), | 2024-08-01 registered mappa |
    |                                           | ("2024-06-07", "2024-08-01", "reset"),                      | |
    |                                           | ("2024-08-01", "2024-10-01", "post_sentence_supervision")]  | |
    | exempt later, when the approval had ended | [("2024-05-01", "2024-06-07", "post_sentence_supervision"), | 2024-08-01 registered mappa |
    |                                           | ("2024-06-07", "2024-08-01", "reset")]                      | 2024-07-01 plan rehabilitative_need=true |
    | a rise in risk ends both                  | [("2024-05-01", "2024-06-07", "post_sentence_supervision"), | 2024-07-01 risk needs="" severe="" |
    |                                           | ("2024-06-07", "2024-07-01", "reset")]                      | |
    """,  # noqa: E501
)
def test_when_reset_comes_it_goes_before_an_approval(facts: Any, expected: Any) -> None:
    supervised = [f.custodial("2023-10-01"), f.released("2024-01-01", "2024-03-31", "2024-09-30")]
    asked = [
        f.risk("2024-01-10", "low", needs="", severe=""),
        f.suspension_asked("2024-05-01"),
        f.decided("2024-05-01"),
    ]
    assert spans(*supervised, *asked, *facts) == expected
    assert resumptions(assessed("2024-06-07", *supervised, *asked, *facts)) == []


@pytest.mark.parametrize(
    ("asked", "suspended", "refused"),
    [
        pytest.param("2026-05-10", [("S1/2026-05-10", PSS)], [], id="the day before: suspended for a day"),
        pytest.param("2026-05-11", [], [], id="that day: supervision is over"),
    ],
)
def test_the_repeal_ends_it(asked: str, suspended: Any, refused: Any) -> None:
    facts = [
        f.custodial("2025-08-01"),
        f.released("2025-09-01", "2025-12-31", "2026-08-31"),
        f.registered("2025-09-01", "mappa"),
        f.risk("2025-09-10", "low", needs="", severe=""),
        f.suspension_asked(asked),
        f.decided(asked),
    ]
    heard = assessed("2026-06-01", *facts)
    assert (suspensions(heard), resumptions(heard), refusals(heard)) == (suspended, [], refused)


@table(
    """
    | case                                     | expected                                                     | facts |
    | from the day taken to the day of leaving | [("2026-02-01", "2026-03-01")]                               | 2026-02-01 taken; 2026-03-01 left |
    | left the same day                        | []                                                           | 2026-02-01 taken; 2026-02-01 left |
    | still held: to the end                   | [("2026-02-01", "2027-01-01")]                               | 2026-02-01 taken |
    | left on the first day                    | []                                                           | 2025-12-01 taken; 2026-01-01 left |
    | held when it began                       | [("2026-01-01", "2026-01-02")]                               | 2025-12-01 taken; 2026-01-02 left |
    | taken when it was over                   | []                                                           | 2027-01-01 taken |
    | taken on the last day                    | [("2026-12-31", "2027-01-01")]                               | 2026-12-31 taken |
    | two stays that follow on each other      | [("2026-02-01", "2026-03-01")]                               | 2026-02-01 taken; 2026-02-10 left; 2026-02-10 taken K2; 2026-03-01 left K2 |
    | two stays that overlap                   | [("2026-02-01", "2026-03-01")]                               | 2026-02-01 taken; 2026-02-20 left; 2026-02-10 taken K2; 2026-03-01 left K2 |
    | two stays with a day between             | [("2026-02-01", "2026-02-10"), ("2026-02-11", "2026-03-01")] | 2026-02-01 taken; 2026-02-10 left; 2026-02-11 taken K2; 2026-03-01 left K2 |
    | revoked the day taken                    | []                                                           | 2026-02-01 taken; 2026-02-01 revoked |
    | revoked while held                       | [("2026-02-01", "2026-02-10")]                               | 2026-02-01 taken; 2026-02-10 revoked |
    """,  # noqa: E501
)
def test_no_contact_in_custody(facts: Any, expected: Any) -> None:
    held = [(first, until) for first, until, ground in spans(YEAR, *facts, ASSESSED) if ground == "custody"]
    assert held == expected


def test_custody_goes_before_reset_and_both_before_an_approval() -> None:
    facts = [f.taken("2026-09-20"), f.left("2026-10-01"), f.taken("2026-12-01", id="K2")]
    assert spans(YEAR, *facts, ASSESSED) == [
        ("2026-09-02", "2026-09-20", "reset"),
        ("2026-09-20", "2026-10-01", "custody"),
        ("2026-10-01", "2026-12-01", "reset"),
        ("2026-12-01", "2027-01-01", "custody"),
    ]
    assert resumptions(assessed("2027-01-01", YEAR, *facts, ASSESSED)) == []
    assert spans(*GRANTED, f.taken("2023-06-20"), f.left("2023-07-01")) == [
        ("2023-06-05", "2023-06-20", PSS),
        ("2023-06-20", "2023-07-01", "custody"),
        ("2023-07-01", OVER, PSS),
    ]


def test_an_approval_may_end_while_the_person_is_held() -> None:
    facts = [*GRANTED, f.taken("2023-06-20"), f.left("2023-07-10"), f.risk("2023-07-01", needs="", severe="")]
    assert spans(*facts) == [("2023-06-05", "2023-06-20", PSS), ("2023-06-20", "2023-07-10", "custody")]
    assert resumptions(assessed("2023-07-10", *facts)) == [("S1/2023-07-10", "custody")]


def test_leaving_custody_resumes_contact_and_rests_on_it() -> None:
    facts = [YEAR, f.taken("2026-02-01"), f.left("2026-03-01")]
    assert resumptions(assessed("2026-02-28", *facts)) == []
    heard = assessed("2026-03-01", *facts)
    assert resumptions(heard) == [("S1/2026-03-01", "custody")]
    assert rests_on(heard.findings("ContactSuspended")[0], *facts) == [0, 1]
    assert rests_on(heard.findings("ContactResumed")[0], *facts) == [0, 1, 2]
    assert heard.findings("ContactResumed")[0].rules == ("ENF-35",)


def test_custody_suspends_contact_on_every_sentence() -> None:
    facts = [YEAR, f.order("2026-02-10", "2027-02-09", id="S2"), f.taken("2026-02-01"), f.left("2026-03-01")]
    assert suspensions(assessed("2026-03-01", *facts)) == [
        ("S1/2026-02-01", "custody"),
        ("S2/2026-02-10", "custody"),
    ]


def test_a_recall_suspends_contact_until_the_new_release() -> None:
    facts = [
        f.custodial("2025-09-01"),
        f.released("2026-01-01", "2026-12-31"),
        f.taken("2026-02-01", "recall"),
        f.released("2026-03-01", "2026-12-31"),
    ]
    assert resumptions(assessed("2026-03-01", *facts)) == [("S1/2026-03-01", "custody")]


def test_facts_about_unknown_sentences_lead_to_nothing() -> None:
    facts = [f.taken("2026-02-01"), f.suspension_asked("2026-02-01"), f.decided("2026-02-02")]
    heard = assessed("2026-03-01", *facts)
    assert (heard.all, heard.wake_on) == ([], None)
