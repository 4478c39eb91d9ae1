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


def answered(day: str, approved: bool, **options: str) -> Fact:
    """The manager's decision on a change."""
    return f.decided(day, "practitioner_change", approved, **options)


@pytest.mark.parametrize(
    ("facts", "spans"),
    [
        pytest.param([ASKED], [("2026-02-10", None)], id="requested"),
        pytest.param([ASKED, TAKEN], [("2026-02-10", "2026-02-20")], id="somebody else took the sentence"),
        pytest.param(
            [ASKED, f.allocated("2026-02-20", to="P1")],
            [("2026-02-10", None)],
            id="the same practitioner again",
        ),
        pytest.param(
            [ASKED, f.allocated("2026-02-20", "change", to="P2", sentence="S2")],
            [("2026-02-10", None)],
            id="another sentence was taken",
        ),
        pytest.param([ASKED, answered("2026-02-12", False)], [("2026-02-10", "2026-02-12")], id="refused"),
        pytest.param([ASKED, answered("2026-02-12", True)], [("2026-02-10", None)], id="approved"),
        pytest.param(
            [ASKED, answered("2026-02-12", False), answered("2026-02-16", True)],
            [("2026-02-10", "2026-02-12"), ("2026-02-16", None)],
            id="refused, then approved: under way again",
        ),
        pytest.param(
            [ASKED, answered("2026-02-16", True), answered("2026-02-12", False), TAKEN],
            [("2026-02-10", "2026-02-12"), ("2026-02-16", "2026-02-20")],
            id="then taken, in any order of arrival",
        ),
        pytest.param(
            [ASKED, TAKEN, answered("2026-02-25", False)],
            [("2026-02-10", "2026-02-20")],
            id="a refusal is too late once somebody else has it",
        ),
        pytest.param(
            [ASKED, answered("2026-02-09", False)], [("2026-02-10", None)], id="refused before the request"
        ),
        pytest.param(
            [ASKED, f.decided("2026-02-12", "absence_review", False)],
            [("2026-02-10", None)],
            id="the manager decided something else",
        ),
    ],
)
def test_when_a_change_is_under_way(facts: list[Fact], spans: list[tuple[str, str | None]]) -> None:
    (change,) = changes(HAD, *facts)
    assert change.had_it == "P1"
    assert [(a.isoformat(), b.isoformat() if b else None) for a, b in change.spans] == spans


def test_a_change_for_another_sentence_does_not_count() -> None:
    assert changes(HAD, f.change_asked("2026-02-10", sentence="S2")) == []


def test_nobody_had_a_sentence_before_its_first_allocation() -> None:
    (change,) = changes(ASKED, f.allocated("2026-02-20", to="P1"))
    assert (change.had_it, change.spans) == (None, ((date(2026, 2, 10), None),))


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-02-09", False), ("2026-02-10", True), ("2026-02-19", True), ("2026-02-20", False)],
)
def test_a_change_is_open_until_somebody_else_has_the_sentence(today: str, expected: bool) -> None:
    (change,) = changes(HAD, ASKED, TAKEN)
    assert change.open_on(Day(date.fromisoformat(today))) == expected
