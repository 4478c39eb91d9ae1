"""When a person is supervised and when held, and what that means for the monthly standard."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests import facts as f
from tests.contacts.said import EXCUSED, MET, MISSED, assessed, missed
from tests.table import table

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


@table(
    """
    | case                                            | facts                                                                | last       |
    | as imposed                                      |                                                                      | 2026-06-30 |
    | extended on its last day                        | 2026-06-30 varied ends=2026-09-30                                    | 2026-09-30 |
    | a day late: it had run out                      | 2026-07-01 varied ends=2026-09-30                                    | 2026-06-30 |
    | not before it was changed                       | 2026-05-10 varied ends=2026-05-01                                    | 2026-05-10 |
    | the latest of two changes, whichever came first | 2026-05-10 varied ends=2026-08-31; 2026-04-10 varied ends=2026-12-31 | 2026-08-31 |
    | of another sentence                             | 2026-05-10 varied S2 ends=2026-08-31                                 | 2026-06-30 |
    """,  # noqa: E501
)
def test_an_order_runs_to_its_end_as_varied(facts: Any, last: str) -> None:
    holds([f.order("2026-01-01", "2026-06-30"), *facts], [("order", "2026-01-01", last)])


def test_an_order_varied_to_end_before_it_began_is_not_supervised() -> None:
    holds([f.order("2026-01-01", "2026-06-30"), f.varied("2025-12-01", "2025-12-31")], [])


@table(
    """
    | case                                                       | expected                                                    | facts |
    | not released: not supervised                               | []                                                          | |
    | licence, then post-sentence supervision                    | [("licence", "2025-02-01", "2025-04-30"),                   | 2025-02-01 released ends=2025-04-30 pss=2025-09-30 |
    |                                                            | ("post_sentence_supervision", "2025-05-01", "2025-09-30")]  | |
    | post-sentence supervision ends the day before its repeal   | [("licence", "2026-02-01", "2026-04-30"),                   | 2026-02-01 released ends=2026-04-30 pss=2026-09-30 |
    |                                                            | ("post_sentence_supervision", "2026-05-01", "2026-05-10")]  | |
    | it does not begin after its repeal                         | [("licence", "2026-02-01", "2026-05-10")]                   | 2026-02-01 released ends=2026-05-10 pss=2026-09-30 |
    | no more                                                    | [("licence", "2026-02-01", "2026-04-30")]                   | 2026-02-01 released ends=2026-04-30 |
    | released when the licence was over                         | [("post_sentence_supervision", "2025-05-10", "2025-09-30")] | 2025-05-10 released ends=2025-04-30 pss=2025-09-30 |
    | released again: the new licence takes the place of the old | [("licence", "2026-02-01", "2026-03-09"),                   | 2026-03-10 released ends=2026-04-30 |
    |                                                            | ("licence", "2026-03-10", "2026-04-30")]                    | 2026-02-01 released ends=2026-04-30 pss=2026-09-30 |
    """,  # noqa: E501
)
def test_supervision_on_a_custodial_sentence(facts: Any, expected: Any) -> None:
    holds([f.custodial("2025-01-01"), *facts], expected)


def test_an_order_is_not_supervised_by_a_release() -> None:
    facts = [f.order("2026-01-01", "2026-06-30"), f.released("2026-02-01", "2026-04-30")]
    holds([*facts], [("order", "2026-01-01", "2026-06-30")])


@table(
    """
    | case                               | facts                                                | held  |
    | released since: free               | 2026-03-20 released ends=2026-09-30                  | False |
    | released the day taken: held again | 2026-03-10 released ends=2026-09-30                  | True  |
    | released before: held              | 2026-03-01 released ends=2026-09-30                  | True  |
    | on any sentence: free              | 2026-03-20 released S2 ends=2026-09-30               | False |
    | said when: held                    | 2026-03-20 released ends=2026-09-30; 2026-04-20 left | True  |
    """,
)
def test_a_custody_period_of_which_the_end_was_not_recorded_ends_with_a_release(
    facts: Any, held: bool
) -> None:
    known = [f.custodial("2026-01-01"), f.custodial("2026-01-01", id="S2"), f.taken("2026-03-10"), *facts]
    assert (assessed("2026-04-01", *known).status == "in_custody") == held


@table(
    """
    | case                                         | facts                                                                                    | expected |
    | all of it in custody: excused                | 2026-02-20 taken remand; 2026-04-02 left                                                 | EXCUSED  |
    | exactly that month: excused                  | 2026-03-01 taken remand; 2026-04-01 left                                                 | EXCUSED  |
    | still in custody: excused                    | 2026-03-01 taken remand                                                                  | EXCUSED  |
    | free the first day: excused                  | 2026-03-02 taken remand; 2026-04-01 left                                                 | EXCUSED  |
    | left on the last day: excused                | 2026-02-20 taken remand; 2026-03-31 left                                                 | EXCUSED  |
    | two days of it: excused                      | 2026-03-10 taken remand; 2026-03-12 left                                                 | EXCUSED  |
    | taken on the last day: excused               | 2026-03-31 taken remand                                                                  | EXCUSED  |
    | left on the first day: missed                | 2026-02-20 taken remand; 2026-03-01 left                                                 | MISSED   |
    | taken the day after: missed                  | 2026-04-01 taken remand                                                                  | MISSED   |
    | left, never taken: missed                    | 2026-03-10 left                                                                          | MISSED   |
    | left before taken: never held                | 2026-03-10 taken remand; 2026-03-05 left                                                 | MISSED   |
    | one stay within another: excused             | 2026-02-20 taken remand; 2026-04-09 left; 2026-03-01 taken K2 remand; 2026-03-10 left K2 | EXCUSED  |
    | two stays that follow on each other: excused | 2026-02-20 taken remand; 2026-03-12 left; 2026-03-12 taken K2 remand; 2026-04-09 left K2 | EXCUSED  |
    | two stays with a day between: excused        | 2026-02-20 taken remand; 2026-03-12 left; 2026-03-13 taken K2 remand                     | EXCUSED  |
    | met nevertheless: met                        | 2026-03-10 taken remand; 2026-03-12 left; 2026-03-20 contact                             | MET      |
    """,  # noqa: E501
    EXCUSED=EXCUSED,
    MISSED=MISSED,
    MET=MET,
)
def test_custody_excuses(facts: Any, expected: Any) -> None:
    assert missed(*facts) == expected
