"""Custody, Reset and approval beside each other, and the repeal of post-sentence supervision."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.contacts import ContactResumed, ContactSuspended
from tests.contacts.facts import (
    custodial,
    decided,
    left,
    order,
    plan,
    registered,
    released,
    revoked,
    risk,
    suspension_asked,
    taken,
)
from tests.contacts.facts_suspensions import ASSESSED, GRANTED, OVER, PSS, YEAR, said, spans


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [],
            [("2024-05-01", "2024-06-07", PSS), ("2024-06-07", "2024-10-01", "reset")],
            id="not exempt: Reset takes its place",
        ),
        pytest.param(
            [registered("2024-02-01", "mappa")], [("2024-05-01", "2024-10-01", PSS)], id="exempt: goes on"
        ),
        pytest.param(
            [registered("2024-08-01", "mappa")],
            [
                ("2024-05-01", "2024-06-07", PSS),
                ("2024-06-07", "2024-08-01", "reset"),
                ("2024-08-01", "2024-10-01", PSS),
            ],
            id="exempt later: the approval still stands",
        ),
        pytest.param(
            [registered("2024-08-01", "mappa"), plan("2024-07-01", need=True)],
            [("2024-05-01", "2024-06-07", PSS), ("2024-06-07", "2024-08-01", "reset")],
            id="exempt later, when the approval had ended",
        ),
        pytest.param(
            [risk("2024-07-01", "medium")],
            [("2024-05-01", "2024-06-07", PSS), ("2024-06-07", "2024-07-01", "reset")],
            id="a rise in risk ends both",
        ),
    ],
)
def test_when_reset_comes_it_goes_before_an_approval(facts: Any, expected: Any) -> None:
    supervised = [custodial("2023-10-01"), released("2024-01-01", "2024-03-31", "2024-09-30")]
    asked = [risk("2024-01-10", "low"), suspension_asked("2024-05-01"), decided("2024-05-01")]
    assert spans(*supervised, *asked, *facts) == expected
    assert said(*supervised, *asked, *facts, on="2024-06-07").resumed == []


@pytest.mark.parametrize(
    ("asked", "suspended", "refused"),
    [
        pytest.param("2026-05-10", [("S1/2026-05-10", PSS)], [], id="the day before: suspended for a day"),
        pytest.param("2026-05-11", [], [], id="that day: supervision is over"),
    ],
)
def test_the_repeal_ends_it(asked: str, suspended: Any, refused: Any) -> None:
    facts = [
        custodial("2025-08-01"),
        released("2025-09-01", "2025-12-31", "2026-08-31"),
        registered("2025-09-01", "mappa"),
        risk("2025-09-10", "low"),
        suspension_asked(asked),
        decided(asked),
    ]
    heard = said(*facts, on="2026-06-01")
    assert (heard.suspended, heard.resumed, heard.refused) == (suspended, [], refused)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [taken("2026-02-01"), left("2026-03-01")],
            [("2026-02-01", "2026-03-01")],
            id="from the day taken to the day of leaving",
        ),
        pytest.param([taken("2026-02-01"), left("2026-02-01")], [], id="left the same day"),
        pytest.param([taken("2026-02-01")], [("2026-02-01", "2027-01-01")], id="still held: to the end"),
        pytest.param([taken("2025-12-01"), left("2026-01-01")], [], id="left on the first day"),
        pytest.param(
            [taken("2025-12-01"), left("2026-01-02")], [("2026-01-01", "2026-01-02")], id="held when it began"
        ),
        pytest.param([taken("2027-01-01")], [], id="taken when it was over"),
        pytest.param([taken("2026-12-31")], [("2026-12-31", "2027-01-01")], id="taken on the last day"),
        pytest.param(
            [taken("2026-02-01"), left("2026-02-10"), taken("2026-02-10", "K2"), left("2026-03-01", "K2")],
            [("2026-02-01", "2026-03-01")],
            id="two stays that follow on each other",
        ),
        pytest.param(
            [taken("2026-02-01"), left("2026-02-20"), taken("2026-02-10", "K2"), left("2026-03-01", "K2")],
            [("2026-02-01", "2026-03-01")],
            id="two stays that overlap",
        ),
        pytest.param(
            [taken("2026-02-01"), left("2026-02-10"), taken("2026-02-11", "K2"), left("2026-03-01", "K2")],
            [("2026-02-01", "2026-02-10"), ("2026-02-11", "2026-03-01")],
            id="two stays with a day between",
        ),
        pytest.param([taken("2026-02-01"), revoked("2026-02-01")], [], id="revoked the day taken"),
        pytest.param(
            [taken("2026-02-01"), revoked("2026-02-10")],
            [("2026-02-01", "2026-02-10")],
            id="revoked while held",
        ),
    ],
)
def test_no_contact_in_custody(facts: Any, expected: Any) -> None:
    held = [(first, until) for first, until, ground in spans(YEAR, *facts, ASSESSED) if ground == "custody"]
    assert held == expected


def test_custody_goes_before_reset_and_both_before_an_approval() -> None:
    facts = [taken("2026-09-20"), left("2026-10-01"), taken("2026-12-01", "K2")]
    assert spans(YEAR, *facts, ASSESSED) == [
        ("2026-09-02", "2026-09-20", "reset"),
        ("2026-09-20", "2026-10-01", "custody"),
        ("2026-10-01", "2026-12-01", "reset"),
        ("2026-12-01", "2027-01-01", "custody"),
    ]
    assert said(YEAR, *facts, ASSESSED, on="2027-01-01").resumed == []
    assert spans(*GRANTED, taken("2023-06-20"), left("2023-07-01")) == [
        ("2023-06-05", "2023-06-20", PSS),
        ("2023-06-20", "2023-07-01", "custody"),
        ("2023-07-01", OVER, PSS),
    ]


def test_an_approval_may_end_while_the_person_is_held() -> None:
    facts = [*GRANTED, taken("2023-06-20"), left("2023-07-10"), risk("2023-07-01", "medium")]
    assert spans(*facts) == [("2023-06-05", "2023-06-20", PSS), ("2023-06-20", "2023-07-10", "custody")]
    assert said(*facts, on="2023-07-10").resumed == [("S1/2023-07-10", "custody")]


def test_leaving_custody_resumes_contact_and_rests_on_it() -> None:
    facts = [YEAR, taken("2026-02-01"), left("2026-03-01")]
    assert said(*facts, on="2026-02-28").resumed == []
    heard = said(*facts, on="2026-03-01")
    assert heard.resumed == [("S1/2026-03-01", "custody")]
    assert [r.event_id for r in heard.of(ContactSuspended)[0].because] == ["E0", "E1"]
    assert [r.event_id for r in heard.of(ContactResumed)[0].because] == ["E0", "E1", "E2"]
    assert heard.of(ContactResumed)[0].rules == ("ENF-35",)


def test_custody_suspends_contact_on_every_sentence() -> None:
    facts = [YEAR, order("2026-02-10", "2027-02-09", "S2"), taken("2026-02-01"), left("2026-03-01")]
    assert said(*facts, on="2026-03-01").suspended == [
        ("S1/2026-02-01", "custody"),
        ("S2/2026-02-10", "custody"),
    ]


def test_a_recall_suspends_contact_until_the_new_release() -> None:
    facts = [
        custodial("2025-09-01"),
        released("2026-01-01", "2026-12-31"),
        taken("2026-02-01", reason="recall"),
        released("2026-03-01", "2026-12-31"),
    ]
    assert said(*facts, on="2026-03-01").resumed == [("S1/2026-03-01", "custody")]


def test_facts_about_unknown_sentences_lead_to_nothing() -> None:
    facts = [taken("2026-02-01"), suspension_asked("2026-02-01"), decided("2026-02-02")]
    heard = said(*facts, on="2026-03-01")
    assert (heard.findings, heard.wake_on) == ([], None)
