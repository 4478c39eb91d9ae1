"""When a person is supervised and when held, and what that means for the monthly standard."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXCUSED, MET, MISSED, assessed, missed

ONE_DAY = timedelta(days=1)
STATUS = {
    "order": "supervised",
    "licence": "supervised",
    "post_sentence_supervision": "post_sentence_supervision",
}


def holds(facts: list[f.Fact], expected: list[tuple[str, str, str]]) -> None:
    """Supervision is as (stage, first day, last day) say, and there is none before and after."""

    def status(day: date) -> str:
        return assessed(day, *facts).status

    for stage, first, last in expected:
        assert status(date.fromisoformat(first)) == status(date.fromisoformat(last)) == STATUS[stage]
    if expected:
        (_, first, _), (_, _, last) = expected[0], expected[-1]
        assert status(date.fromisoformat(first) - ONE_DAY) == "not_started"
        assert status(date.fromisoformat(last) + ONE_DAY) == "ended"
    else:
        assert status(date(2026, 3, 1)) in ("not_started", "ended")


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        pytest.param([], "2026-06-30", id="as imposed"),
        pytest.param([f.varied("2026-06-30", "2026-09-30")], "2026-09-30", id="extended on its last day"),
        pytest.param([f.varied("2026-07-01", "2026-09-30")], "2026-06-30", id="a day late: it had run out"),
        pytest.param([f.varied("2026-05-10", "2026-05-01")], "2026-05-10", id="not before it was changed"),
        pytest.param(
            [f.varied("2026-05-10", "2026-08-31"), f.varied("2026-04-10", "2026-12-31")],
            "2026-08-31",
            id="the latest of two changes, whichever came first",
        ),
        pytest.param([f.varied("2026-05-10", "2026-08-31", id="S2")], "2026-06-30", id="of another sentence"),
    ],
)
def test_an_order_runs_to_its_end_as_varied(facts: Any, last: str) -> None:
    holds([f.order("2026-01-01", "2026-06-30"), *facts], [("order", "2026-01-01", last)])


def test_an_order_varied_to_end_before_it_began_is_not_supervised() -> None:
    holds([f.order("2026-01-01", "2026-06-30"), f.varied("2025-12-01", "2025-12-31")], [])


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        pytest.param([], [], id="not released: not supervised"),
        pytest.param(
            [f.released("2025-02-01", "2025-04-30", "2025-09-30")],
            [
                ("licence", "2025-02-01", "2025-04-30"),
                ("post_sentence_supervision", "2025-05-01", "2025-09-30"),
            ],
            id="licence, then post-sentence supervision",
        ),
        pytest.param(
            [f.released("2026-02-01", "2026-04-30", "2026-09-30")],
            [
                ("licence", "2026-02-01", "2026-04-30"),
                ("post_sentence_supervision", "2026-05-01", "2026-05-10"),
            ],
            id="post-sentence supervision ends the day before its repeal",
        ),
        pytest.param(
            [f.released("2026-02-01", "2026-05-10", "2026-09-30")],
            [("licence", "2026-02-01", "2026-05-10")],
            id="it does not begin after its repeal",
        ),
        pytest.param(
            [f.released("2026-02-01", "2026-04-30")],
            [("licence", "2026-02-01", "2026-04-30")],
            id="no more",
        ),
        pytest.param(
            [f.released("2025-05-10", "2025-04-30", "2025-09-30")],
            [("post_sentence_supervision", "2025-05-10", "2025-09-30")],
            id="released when the licence was over",
        ),
        pytest.param(
            [f.released("2026-03-10", "2026-04-30"), f.released("2026-02-01", "2026-04-30", "2026-09-30")],
            [("licence", "2026-02-01", "2026-03-09"), ("licence", "2026-03-10", "2026-04-30")],
            id="released again: the new licence takes the place of the old",
        ),
    ],
)
def test_supervision_on_a_custodial_sentence(releases: Any, expected: Any) -> None:
    holds([f.custodial("2025-01-01"), *releases], expected)


def test_an_order_is_not_supervised_by_a_release() -> None:
    facts = [f.order("2026-01-01", "2026-06-30"), f.released("2026-02-01", "2026-04-30")]
    holds([*facts], [("order", "2026-01-01", "2026-06-30")])


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        pytest.param([f.released("2026-03-20", "2026-09-30")], False, id="released since: free"),
        pytest.param([f.released("2026-03-10", "2026-09-30")], True, id="released the day taken: held again"),
        pytest.param([f.released("2026-03-01", "2026-09-30")], True, id="released before: held"),
        pytest.param([f.released("2026-03-20", "2026-09-30", id="S2")], False, id="on any sentence: free"),
        pytest.param(
            [f.released("2026-03-20", "2026-09-30"), f.left("2026-04-20")], True, id="said when: held"
        ),
    ],
)
def test_a_custody_period_of_which_the_end_was_not_recorded_ends_with_a_release(
    facts: Any, held: bool
) -> None:
    known = [f.custodial("2026-01-01"), f.custodial("2026-01-01", id="S2"), f.taken("2026-03-10"), *facts]
    assert (assessed("2026-04-01", *known).status == "in_custody") == held


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [f.taken("2026-02-20"), f.left("2026-04-02")], EXCUSED, id="all of it in custody: excused"
        ),
        pytest.param(
            [f.taken("2026-03-01"), f.left("2026-04-01")], EXCUSED, id="exactly that month: excused"
        ),
        pytest.param([f.taken("2026-03-01")], EXCUSED, id="still in custody: excused"),
        pytest.param(
            [f.taken("2026-03-02"), f.left("2026-04-01")], EXCUSED, id="free the first day: excused"
        ),
        pytest.param(
            [f.taken("2026-02-20"), f.left("2026-03-31")], EXCUSED, id="left on the last day: excused"
        ),
        pytest.param([f.taken("2026-03-10"), f.left("2026-03-12")], EXCUSED, id="two days of it: excused"),
        pytest.param([f.taken("2026-03-31")], EXCUSED, id="taken on the last day: excused"),
        pytest.param(
            [f.taken("2026-02-20"), f.left("2026-03-01")], MISSED, id="left on the first day: missed"
        ),
        pytest.param([f.taken("2026-04-01")], MISSED, id="taken the day after: missed"),
        pytest.param([f.left("2026-03-10")], MISSED, id="left, never taken: missed"),
        pytest.param(
            [f.taken("2026-03-10"), f.left("2026-03-05")], MISSED, id="left before taken: never held"
        ),
        pytest.param(
            [
                f.taken("2026-02-20"),
                f.left("2026-04-09"),
                f.taken("2026-03-01", id="K2"),
                f.left("2026-03-10", id="K2"),
            ],
            EXCUSED,
            id="one stay within another: excused",
        ),
        pytest.param(
            [
                f.taken("2026-02-20"),
                f.left("2026-03-12"),
                f.taken("2026-03-12", id="K2"),
                f.left("2026-04-09", id="K2"),
            ],
            EXCUSED,
            id="two stays that follow on each other: excused",
        ),
        pytest.param(
            [f.taken("2026-02-20"), f.left("2026-03-12"), f.taken("2026-03-13", id="K2")],
            EXCUSED,
            id="two stays with a day between: excused",
        ),
        pytest.param(
            [f.taken("2026-03-10"), f.left("2026-03-12"), f.contact("2026-03-20")],
            MET,
            id="met nevertheless: met",
        ),
    ],
)
def test_custody_excuses(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected
