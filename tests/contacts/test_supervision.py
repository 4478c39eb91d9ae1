"""When a person is supervised and when held, and what that means for the monthly standard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contacts.facts import (
    EXCUSED,
    MET,
    MISSED,
    POLICY,
    Known,
    contact,
    custodial,
    day,
    left,
    missed,
    order,
    released,
    taken,
    varied,
)


def stretches(*facts: Any) -> list[tuple[str, str, str]]:
    """(stage, first day, last day) of supervision on sentence S1."""
    case = Known(*facts).case
    found = case.supervision(case.sentences["S1"], POLICY).stages
    return [(stage.kind, stage.first.isoformat(), stage.last.isoformat()) for stage in found]


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        pytest.param([], "2026-06-30", id="as imposed"),
        pytest.param([varied("2026-06-30", "2026-09-30")], "2026-09-30", id="extended on its last day"),
        pytest.param([varied("2026-07-01", "2026-09-30")], "2026-06-30", id="a day late: it had run out"),
        pytest.param([varied("2026-05-10", "2026-05-01")], "2026-05-10", id="not before it was changed"),
        pytest.param(
            [varied("2026-05-10", "2026-08-31"), varied("2026-04-10", "2026-12-31")],
            "2026-08-31",
            id="the latest of two changes, whichever came first",
        ),
        pytest.param([varied("2026-05-10", "2026-08-31", "S2")], "2026-06-30", id="of another sentence"),
    ],
)
def test_an_order_runs_to_its_end_as_varied(facts: Any, last: str) -> None:
    assert stretches(order("2026-01-01", "2026-06-30"), *facts) == [("order", "2026-01-01", last)]


def test_an_order_varied_to_end_before_it_began_is_not_supervised() -> None:
    assert stretches(order("2026-01-01", "2026-06-30"), varied("2025-12-01", "2025-12-31")) == []


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        pytest.param([], [], id="not released: not supervised"),
        pytest.param(
            [released("2025-02-01", "2025-04-30", "2025-09-30")],
            [
                ("licence", "2025-02-01", "2025-04-30"),
                ("post_sentence_supervision", "2025-05-01", "2025-09-30"),
            ],
            id="licence, then post-sentence supervision",
        ),
        pytest.param(
            [released("2026-02-01", "2026-04-30", "2026-09-30")],
            [
                ("licence", "2026-02-01", "2026-04-30"),
                ("post_sentence_supervision", "2026-05-01", "2026-05-10"),
            ],
            id="post-sentence supervision ends the day before its repeal",
        ),
        pytest.param(
            [released("2026-02-01", "2026-05-10", "2026-09-30")],
            [("licence", "2026-02-01", "2026-05-10")],
            id="it does not begin after its repeal",
        ),
        pytest.param(
            [released("2026-02-01", "2026-04-30")],
            [("licence", "2026-02-01", "2026-04-30")],
            id="no more",
        ),
        pytest.param(
            [released("2025-05-10", "2025-04-30", "2025-09-30")],
            [("post_sentence_supervision", "2025-05-10", "2025-09-30")],
            id="released when the licence was over",
        ),
        pytest.param(
            [released("2026-03-10", "2026-04-30"), released("2026-02-01", "2026-04-30", "2026-09-30")],
            [("licence", "2026-02-01", "2026-03-09"), ("licence", "2026-03-10", "2026-04-30")],
            id="released again: the new licence takes the place of the old",
        ),
    ],
)
def test_supervision_on_a_custodial_sentence(releases: Any, expected: Any) -> None:
    assert stretches(custodial("2025-01-01"), *releases) == expected


def test_an_order_is_not_supervised_by_a_release() -> None:
    facts = [order("2026-01-01", "2026-06-30"), released("2026-02-01", "2026-04-30")]
    assert stretches(*facts) == [("order", "2026-01-01", "2026-06-30")]


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        pytest.param([released("2026-03-20", "2026-09-30")], False, id="released since: free"),
        pytest.param([released("2026-03-10", "2026-09-30")], True, id="released the day taken: held again"),
        pytest.param([released("2026-03-01", "2026-09-30")], True, id="released before: held"),
        pytest.param([released("2026-03-20", "2026-09-30", id="S2")], False, id="on any sentence: free"),
        pytest.param([released("2026-03-20", "2026-09-30"), left("2026-04-20")], True, id="said when: held"),
    ],
)
def test_a_stay_of_which_the_end_was_not_recorded_ends_with_a_release(facts: Any, held: bool) -> None:
    known = Known(custodial("2026-01-01"), taken("2026-03-10"), *facts)
    assert known.case.custody().held_on(day("2026-04-01")) == held


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([taken("2026-02-20"), left("2026-04-02")], EXCUSED, id="all of it in custody: excused"),
        pytest.param([taken("2026-03-01"), left("2026-04-01")], EXCUSED, id="exactly that month: excused"),
        pytest.param([taken("2026-03-01")], EXCUSED, id="still in custody: excused"),
        pytest.param([taken("2026-03-02"), left("2026-04-01")], EXCUSED, id="free the first day: excused"),
        pytest.param([taken("2026-02-20"), left("2026-03-31")], EXCUSED, id="left on the last day: excused"),
        pytest.param([taken("2026-03-10"), left("2026-03-12")], EXCUSED, id="two days of it: excused"),
        pytest.param([taken("2026-03-31")], EXCUSED, id="taken on the last day: excused"),
        pytest.param([taken("2026-02-20"), left("2026-03-01")], MISSED, id="left on the first day: missed"),
        pytest.param([taken("2026-04-01")], MISSED, id="taken the day after: missed"),
        pytest.param([left("2026-03-10")], MISSED, id="left, never taken: missed"),
        pytest.param([taken("2026-03-10"), left("2026-03-05")], MISSED, id="left before taken: never held"),
        pytest.param(
            [taken("2026-02-20"), left("2026-04-09"), taken("2026-03-01", "K2"), left("2026-03-10", "K2")],
            EXCUSED,
            id="one stay within another: excused",
        ),
        pytest.param(
            [taken("2026-02-20"), left("2026-03-12"), taken("2026-03-12", "K2"), left("2026-04-09", "K2")],
            EXCUSED,
            id="two stays that follow on each other: excused",
        ),
        pytest.param(
            [taken("2026-02-20"), left("2026-03-12"), taken("2026-03-13", "K2")],
            EXCUSED,
            id="two stays with a day between: excused",
        ),
        pytest.param(
            [taken("2026-03-10"), left("2026-03-12"), contact("2026-03-20")], MET, id="met nevertheless: met"
        ),
    ],
)
def test_custody_excuses(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected
