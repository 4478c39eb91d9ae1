"""Only under supervision: unknown sentences, beginnings, ends, death, and sentences side by side (ENF-32)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.enforcement import (
    AbsenceDecisionOverdue,
    BreachConcluded,
    BreachRequired,
    BreachStarted,
    EnforcementActionRequired,
    WarningLetterOverdue,
)
from tests.enforcement.facts import (
    Said,
    custodial,
    died,
    ended,
    heard,
    initiated,
    missed,
    released,
    revoked,
    sentence,
    undecided,
    varied,
    warned,
)

ORDER = sentence()
LATE = "2028-06-01"

ENDS = [
    pytest.param(sentence(ends="2026-03-31"), [], False, id="the order runs out"),
    pytest.param(ORDER, [varied("2026-02-02", "2026-03-31")], False, id="the court shortened the order"),
    pytest.param(ORDER, [revoked("2026-03-31", "good_progress")], True, id="the court revoked the order"),
    pytest.param(ORDER, [revoked("2026-03-31", "quashed")], True, id="the sentence was quashed"),
    pytest.param(ORDER, [died("2026-03-31")], True, id="the person died"),
    pytest.param(ORDER, [ended("2026-03-31", "completed")], True, id="all requirements were completed"),
]
"""Ends of supervision on Tuesday 31 March 2026; the flag: cut short, so that open items end that very day."""


def test_facts_of_an_unknown_sentence_lead_to_nothing_until_it_comes() -> None:
    facts = [missed("2026-03-01"), missed("2026-03-20"), undecided("2026-03-02"), initiated("2026-03-21")]
    facts += [released("2026-01-05", "2026-12-31")]
    said = Said(*facts, on=LATE)
    assert said.assessment.findings == []
    assert said.wake_on is None
    assert Said(*facts, ORDER, on=LATE).assessment.findings != []


@pytest.mark.parametrize(
    ("on", "counts"),
    [("2026-01-04", False), ("2026-01-05", True), ("2026-03-31", True), ("2026-04-01", False)],
    ids=["before the order", "on its first day", "on its last day", "after its end"],
)
def test_only_failures_during_the_order_count(on: str, counts: bool) -> None:
    said = Said(sentence(ends="2026-03-31"), missed("2026-02-02", "F1"), missed(on, "F2"), on=LATE)
    assert len(said.findings(BreachRequired)) == counts


def test_an_extended_order_goes_on() -> None:
    facts = [sentence(ends="2026-03-31"), varied("2026-03-02", "2026-06-30"), missed("2026-05-05", "F1")]
    assert list(Said(*facts, on="2026-05-05").open(EnforcementActionRequired)) == ["F1"]


def test_a_variation_cannot_end_the_order_before_the_day_it_was_made() -> None:
    facts = [
        ORDER,
        varied("2026-03-02", "2026-02-20"),
        missed("2026-02-25", "F1"),
        missed("2026-03-03", "F2"),
    ]
    said = Said(*facts, on="2026-03-03")
    assert said.closed(EnforcementActionRequired) == {"F1": "ended"}


def test_a_variation_after_the_end_does_not_revive_the_order() -> None:
    facts = [sentence(ends="2026-03-31"), varied("2026-04-02", "2026-06-30"), missed("2026-05-05", "F1")]
    assert Said(*facts, on="2026-05-05").findings(EnforcementActionRequired) == []


@pytest.mark.parametrize(("order", "end", "at_once"), ENDS)
def test_open_items_end_with_supervision(order: Any, end: list[Any], at_once: bool) -> None:
    facts = [order, *end, missed("2026-03-01", "F1"), missed("2026-03-30", "F2")]
    before = Said(*facts, on="2026-03-30")
    assert list(before.open(EnforcementActionRequired)) == ["F1", "F2"]
    assert list(before.open(BreachRequired)) == ["S1/F2"]
    assert before.wake_on is not None
    last_day = Said(*facts, on="2026-03-31")
    assert bool(last_day.open(BreachRequired)) is not at_once
    after = Said(*facts, on="2026-04-01")
    assert after.closed(EnforcementActionRequired) == {"F1": "ended", "F2": "ended"}
    assert after.closed(BreachRequired) == {"S1/F2": "ended"}
    assert after.wake_on is None


@pytest.mark.parametrize(("order", "end", "at_once"), ENDS)
@pytest.mark.parametrize(
    ("failed", "overdue"),
    [("2026-03-26", True), ("2026-03-27", "if it ran out"), ("2026-03-30", False)],
    ids=["due the day before the end", "due on the last day", "due after the end"],
)
def test_no_deadline_fires_after_the_end_of_supervision(
    order: Any, end: list[Any], at_once: bool, failed: str, overdue: bool | str
) -> None:
    facts = [order, *end, missed(failed, "F1")]
    fires = not at_once if overdue == "if it ran out" else bool(overdue)
    assert list(Said(*facts, on="2026-03-31").open(WarningLetterOverdue)) == ["F1"] * (overdue is True)
    assert list(Said(*facts, on="2026-04-01").open(WarningLetterOverdue)) == ["F1"] * fires
    assert list(Said(*facts, on=LATE).open(WarningLetterOverdue)) == ["F1"] * fires


@pytest.mark.parametrize(("order", "end", "at_once"), ENDS)
@pytest.mark.parametrize(
    ("absent", "overdue"),
    [("2026-03-23", True), ("2026-03-24", "if it ran out"), ("2026-03-25", False)],
    ids=["due the day before the end", "due on the last day", "due after the end"],
)
def test_no_decision_is_due_after_the_end_of_supervision(
    order: Any, end: list[Any], at_once: bool, absent: str, overdue: bool | str
) -> None:
    said = Said(order, *end, undecided(absent, "C1"), on=LATE)
    fires = not at_once if overdue == "if it ran out" else bool(overdue)
    assert list(said.open(AbsenceDecisionOverdue)) == ["C1"] * fires


def test_a_breach_cannot_start_after_the_end_but_is_concluded_by_the_court() -> None:
    order = sentence(ends="2026-03-31")
    started = [order, missed("2026-03-01", "F1"), initiated("2026-03-31", "F1")]
    assert list(Said(*started, heard("2026-05-05"), on=LATE).open(BreachConcluded)) == ["S1/F1"]
    late = Said(
        order, missed("2026-03-01", "F1"), initiated("2026-04-01", "F1"), heard("2026-05-05"), on=LATE
    )
    assert late.findings(BreachStarted) == []
    assert late.findings(BreachConcluded) == []
    assert late.closed(EnforcementActionRequired) == {"F1": "ended"}


def test_supervision_ended_because_the_order_ran_out_leaves_the_last_day_to_the_order() -> None:
    facts = [sentence(ends="2026-03-31"), missed("2026-03-31", "F1"), ended("2026-03-31", "expired")]
    assert list(Said(*facts, on="2026-03-31").open(EnforcementActionRequired)) == ["F1"]
    assert Said(*facts, on="2026-04-01").closed(EnforcementActionRequired) == {"F1": "ended"}


def test_enf_32_each_sentence_is_enforced_on_its_own() -> None:
    other = sentence("suspended_sentence_order", id="S2")
    facts = [ORDER, other, missed("2026-03-01", "F1", "S1"), warned("2026-03-02", "F1", "S1")]
    facts += [missed("2026-03-20", "F2", "S2")]
    said = Said(*facts, on="2026-03-20")
    assert said.findings(BreachRequired) == []
    assert said.open(EnforcementActionRequired)["F2"].options == ["warn", "refer"]
    facts += [
        missed("2026-03-25", "F3", "S1"),
        initiated("2026-03-26", "F3", "S1"),
        missed("2026-03-27", "F4", "S2"),
    ]
    said = Said(*facts, on="2026-03-27")
    assert said.closed(BreachRequired) == {"S1/F3": "resolved"}
    assert list(said.open(BreachRequired)) == ["S2/F4"]


def test_enf_32_an_order_beside_a_licence() -> None:
    facts = [ORDER, custodial(), released("2026-01-05", "2026-12-31"), missed("2026-03-01", "F1", "S1")]
    said = Said(*facts, missed("2026-03-20", "F2", "L1"), on="2026-03-20")
    assert said.findings(BreachRequired) == []
    assert list(said.open(EnforcementActionRequired)) == ["F1"]


def test_the_end_of_one_sentence_leaves_the_other_open() -> None:
    facts = [ORDER, sentence(id="S2"), missed("2026-03-01", "F1", "S1"), missed("2026-03-02", "F2", "S2")]
    said = Said(*facts, revoked("2026-03-10"), on="2026-03-10")
    assert said.closed(EnforcementActionRequired) == {"F1": "ended"}
    assert list(said.open(EnforcementActionRequired)) == ["F2"]


def test_a_released_prisoner_is_supervised_until_the_end_set_at_the_latest_release() -> None:
    facts = [
        custodial(),
        released("2026-01-05", "2026-03-31"),
        released("2026-02-02", "2026-04-30", "2026-06-30"),
    ]
    within = Said(*facts, missed("2026-06-29", "F1", "L1"), missed("2026-06-26", "F2", "L1"), on=LATE)
    assert list(within.open(WarningLetterOverdue)) == ["F2"]
    assert Said(*facts, missed("2026-01-02", "F1", "L1"), on=LATE).open(WarningLetterOverdue) == {}


def test_nothing_is_supervised_before_the_release() -> None:
    facts = [custodial(), missed("2026-03-02", "F1", "L1"), undecided("2026-03-02", "C1", "L1")]
    assert Said(*facts, on=LATE).assessment.findings == []
