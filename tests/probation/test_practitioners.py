"""When a change of practitioner is under way (ALLOC-2)."""

from __future__ import annotations

from datetime import date

import pytest

from shared.engine.assessment import Day
from shared.probation.facts import Allocation, ManagerDecision, PractitionerChange
from shared.probation.practitioners import ChangeUnderWay, changes_under_way, in_order
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import records
from tests.table import table

HAD = f.allocated("2026-01-05", to="P1")
ASKED = f.change_asked("2026-02-10")
TAKEN = f.allocated("2026-02-20", "change", to="P2")


def changes(*facts: Fact) -> list[ChangeUnderWay]:
    """The changes of sentence S1."""
    kinds = {name: [fact for fact in facts if fact.type == name] for name in {fact.type for fact in facts}}
    return changes_under_way(
        "S1",
        records(PractitionerChange, *kinds.get("PractitionerChangeRequested", ())),
        in_order(records(Allocation, *kinds.get("CaseAllocated", ())), "S1"),
        records(ManagerDecision, *kinds.get("ManagerDecisionRecorded", ())),
    )


@table(
    """
    | case                                               | spans                          | facts |
    | asked for                                          | [("2026-02-10", None)]         | ASKED |
    | somebody else took the sentence                    | [("2026-02-10", "2026-02-20")] | ASKED; TAKEN |
    | the same one again                                 | [("2026-02-10", None)]         | ASKED; 2026-02-20 allocated to=P1 |
    | another sentence was taken                         | [("2026-02-10", None)]         | ASKED; 2026-02-20 allocated change to=P2 sentence=S2 |
    | refused                                            | [("2026-02-10", "2026-02-12")] | ASKED; 2026-02-12 decided practitioner change approved=false |
    | agreed to                                          | [("2026-02-10", None)]         | ASKED; 2026-02-12 decided practitioner change |
    | refused, then approved: under way again            | [("2026-02-10", "2026-02-12"), | ASKED; 2026-02-12 decided practitioner change approved=false |
    |                                                    | ("2026-02-16", None)]          | 2026-02-16 decided practitioner change |
    | and then taken, in whatever order it is told       | [("2026-02-10", "2026-02-12"), | ASKED; 2026-02-16 decided practitioner change |
    |                                                    | ("2026-02-16", "2026-02-20")]  | 2026-02-12 decided practitioner change approved=false; TAKEN |
    | a refusal comes too late when somebody else has it | [("2026-02-10", "2026-02-20")] | ASKED; TAKEN |
    |                                                    |                                | 2026-02-25 decided practitioner change approved=false |
    | refused before                                     | [("2026-02-10", None)]         | ASKED; 2026-02-09 decided practitioner change approved=false |
    | the manager spoke of something else                | [("2026-02-10", None)]         | ASKED; 2026-02-12 decided absence review approved=false |
    """,  # noqa: E501
    ASKED=ASKED,
    TAKEN=TAKEN,
)
def test_when_a_change_is_under_way(facts: list[Fact], spans: list[tuple[str, str | None]]) -> None:
    (change,) = changes(HAD, *facts)
    assert change.had_it == "P1"
    assert [(a.isoformat(), b.isoformat() if b else None) for a, b in change.spans] == spans


def test_a_change_for_another_sentence_is_none() -> None:
    assert changes(HAD, f.change_asked("2026-02-10", sentence="S2")) == []


def test_nobody_had_a_sentence_before_its_first_allocation() -> None:
    (change,) = changes(ASKED, f.allocated("2026-02-20", to="P1"))
    assert (change.had_it, change.spans) == (None, ((date(2026, 2, 10), None),))


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-02-09", False), ("2026-02-10", True), ("2026-02-19", True), ("2026-02-20", False)],
)
def test_a_change_is_still_to_be_made_until_somebody_else_has_the_sentence(
    today: str, expected: bool
) -> None:
    (change,) = changes(HAD, ASKED, TAKEN)
    assert change.open_on(Day(date.fromisoformat(today))) == expected
