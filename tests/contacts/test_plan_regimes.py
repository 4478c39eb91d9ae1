"""What is expected in custody, on licence and after it, while suspended, and on several sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import facts as f
from tests.contacts.plans import FORTNIGHTLY, MEDIUM, TWO_YEARS, WEEKLY, Plans, findings, planned, plans
from tests.contacts.said import changed, rests_on
from tests.table import table


@table(
    """
    | case                                                                  | expected                                                            | facts |
    | and back: a new plan on the day of return, the first 4 weeks are over | [("2026-01-29", 14), ("2026-03-10", "custody"), ("2026-04-10", 14)] | 2026-03-10 taken; 2026-04-10 left |
    | still held                                                            | [("2026-01-29", 14), ("2026-03-10", "custody")]                     | 2026-03-10 taken |
    | in the first 4 weeks: they run on                                     | [("2026-01-10", "custody"), ("2026-01-20", 7), ("2026-01-29", 14)]  | 2026-01-10 taken; 2026-01-20 left |
    | over the end of the first 4 weeks                                     | [("2026-01-10", "custody"), ("2026-02-20", 14)]                     | 2026-01-10 taken; 2026-02-20 left |
    | the risk changed meanwhile: told on return                            | [("2026-01-29", 14), ("2026-03-10", "custody"), ("2026-04-10", 7)]  | 2026-03-10 taken; 2026-04-10 left; 2026-03-20 risk high |
    | two stays that follow on each other: one plan                         | [("2026-01-29", 14), ("2026-03-10", "custody"), ("2026-04-10", 14)] | 2026-03-10 taken; 2026-03-20 left; 2026-03-20 taken K2 |
    |                                                                       |                                                                     | 2026-04-10 left K2 |
    """,  # noqa: E501
)
def test_in_custody_no_contact_is_expected(facts: Any, expected: Plans) -> None:
    assert planned(TWO_YEARS, MEDIUM, *facts) == [WEEKLY, *expected]


def test_who_is_held_from_the_first_day_has_the_plan_of_custody_from_that_day() -> None:
    assert planned(TWO_YEARS, MEDIUM, f.taken("2025-12-01"), f.left("2026-01-10")) == [
        ("2026-01-01", "custody"),
        ("2026-01-10", 7),
        FORTNIGHTLY,
    ]


LICENCE = [f.custodial("2022-06-01"), f.risk("2022-12-01"), f.released("2023-01-01", "2023-05-31")]


@table(
    """
    | case                                                           | expected                                       | facts |
    | from the release, to the licence's end                         | [("2023-01-01", 7), ("2023-01-29", 14)]        | |
    | released again: 4 new weeks                                    | [("2023-01-01", 7), ("2023-01-29", 14),        | 2023-04-01 released ends=2023-09-30 |
    |                                                                | ("2023-04-01", 7), ("2023-04-29", 14)]         | |
    | recalled and released again: 4 new weeks                       | [("2023-01-01", 7), ("2023-01-29", 14),        | 2023-03-01 taken; 2023-04-01 released ends=2023-09-30 |
    |                                                                | ("2023-03-01", "custody"), ("2023-04-01", 7),  | |
    |                                                                | ("2023-04-29", 14)]                            | |
    | released again when the licence had run out                    | [("2023-01-01", 7), ("2023-01-29", 14),        | 2023-08-01 released ends=2023-09-30 |
    |                                                                | ("2023-08-01", 7), ("2023-08-29", 14)]         | |
    | a review from before the new release: not in its first 4 weeks | [("2023-01-01", 7), ("2023-01-29", 14),        | 2023-02-10 plan every=21 |
    |                                                                | ("2023-02-10", 21), ("2023-04-01", 7),         | 2023-04-01 released ends=2023-09-30 |
    |                                                                | ("2023-04-29", 21)]                            | |
    | held, and not released anew: none                              | [("2023-01-01", 7), ("2023-01-29", 14),        | 2023-03-01 taken; 2023-03-10 left |
    |                                                                | ("2023-03-01", "custody"), ("2023-03-10", 14)] | |
    """,  # noqa: E501
)
def test_on_licence_the_first_four_weeks_are_those_after_a_release(facts: Any, expected: Plans) -> None:
    assert planned(*LICENCE, *facts, on="2023-12-31") == expected


PSS = [f.custodial("2022-06-01"), f.released("2023-01-01", "2023-03-31", "2023-12-31")]


@table(
    """
    | case                                  | expected                                                                   | facts |
    | whatever the risk                     | []                                                                         | |
    | though the risk rises                 | []                                                                         | 2023-05-01 risk high |
    | though a plan names a frequency       | []                                                                         | 2023-05-01 plan every=14 |
    | custody goes before                   | [("2023-05-01", "custody"), ("2023-06-01", "post_sentence_supervision")]   | 2023-05-01 taken; 2023-06-01 left |
    | suspended with the manager's approval | [("2023-06-10", "suspended")]                                              | 2023-05-01 risk low needs="" severe="" |
    |                                       |                                                                            | 2023-06-01 suspension asked; 2023-06-10 decided |
    | suspended until the risk rises        | [("2023-06-10", "suspended"), ("2023-08-01", "post_sentence_supervision")] | 2023-05-01 risk low needs="" severe="" |
    |                                       |                                                                            | 2023-06-01 suspension asked; 2023-06-10 decided |
    |                                       |                                                                            | 2023-08-01 risk |
    """,  # noqa: E501
)
def test_in_post_sentence_supervision_no_level_is_set(facts: Any, expected: Plans) -> None:
    start: Plans = [("2023-01-01", 7), ("2023-04-01", "post_sentence_supervision")]
    assert planned(*PSS, *facts, on="2024-03-31") == start + expected


def test_a_policy_may_set_a_level_in_post_sentence_supervision(tmp_path: Path) -> None:
    """Without first weeks of its own: it follows the licence."""
    facts = [*PSS, f.risk("2022-12-01", "low")]
    policy = changed(tmp_path, post_sentence_frequency="true")
    assert planned(*facts, on="2023-12-31", policy=policy) == [("2023-01-01", 7), ("2023-01-29", 30)]


@table(
    """
    | case                               | expected                             | facts |
    | from its first day                 | [("2026-01-01", "unpaid_work_only")] | |
    | until another requirement is added | [("2026-01-01", "unpaid_work_only"), | 2026-03-10 varied ends=2027-12-31 requires="unpaid_work R1, rar R2" |
    |                                    | ("2026-03-10", 14)]                  | |
    | also when the work is done         | [("2026-01-01", "unpaid_work_only")] | 2026-05-10 completed R1 unpaid work |
    | custody goes before                | [("2026-01-01", "unpaid_work_only"), | 2026-03-10 taken; 2026-04-10 left |
    |                                    | ("2026-03-10", "custody"),           | |
    |                                    | ("2026-04-10", "unpaid_work_only")]  | |
    """,  # noqa: E501
)
def test_an_order_of_unpaid_work_alone_has_no_frequency(facts: Any, expected: Plans) -> None:
    alone = f.order("2026-01-01", "2027-12-31", "unpaid_work R1")
    assert planned(alone, MEDIUM, *facts) == expected


def test_an_order_reduced_to_unpaid_work_has_no_frequency_from_that_day() -> None:
    facts = [TWO_YEARS, MEDIUM, f.varied("2026-03-10", "2027-12-31", "unpaid_work R1")]
    assert planned(*facts) == [WEEKLY, FORTNIGHTLY, ("2026-03-10", "unpaid_work_only")]


@table(
    """
    | case                      | expected                                                                              | facts |
    | after two-thirds          | [("2026-05-01", "suspended")]                                                         | |
    | until managed under MAPPA | [("2026-05-01", "suspended"), ("2026-05-20", 14)]                                     | 2026-05-20 risk medium mappa=1 |
    | custody goes before       | [("2026-05-01", "suspended"), ("2026-05-10", "custody"), ("2026-05-20", "suspended")] | 2026-05-10 taken remand; 2026-05-20 left |
    """,  # noqa: E501
)
def test_reset_suspends_contact(facts: Any, expected: Plans) -> None:
    assert planned(f.order("2026-01-01", "2026-06-29", "rar R1"), MEDIUM, *facts) == [
        WEEKLY,
        FORTNIGHTLY,
        *expected,
    ]


def test_other_regimes_have_no_frequency() -> None:
    for event in plans(*PSS, f.taken("2023-02-01"), f.left("2023-02-10"), on="2023-12-31"):
        assert (event.face_to_face_every_days is None) == (event.regime != "standard")


SECOND = f.order("2026-03-10", "2027-12-31", "rar R1", id="S2")


@table(
    """
    | case                                         | first                                          | second                                         | facts |
    | the second's first 4 weeks count for both    | [("2026-01-01", 7), ("2026-01-29", 14),        | [("2026-03-10", 7), ("2026-04-07", 14)]        | SECOND |
    |                                              | ("2026-03-10", 7), ("2026-04-07", 14)]         |                                                | |
    | a review that is less intensive does not win | [("2026-01-01", 7), ("2026-01-29", 14),        | [("2026-03-10", 7), ("2026-04-07", 14)]        | SECOND; 2026-05-10 plan every=21 sentence=S2 |
    |                                              | ("2026-03-10", 7), ("2026-04-07", 14)]         |                                                | |
    | a review that is more intensive does         | [("2026-01-01", 7), ("2026-01-29", 14),        | [("2026-03-10", 7), ("2026-04-07", 14),        | SECOND; 2026-05-10 plan every=10 sentence=S2 |
    |                                              | ("2026-03-10", 7), ("2026-04-07", 14),         | ("2026-05-10", 10)]                            | |
    |                                              | ("2026-05-10", 10)]                            |                                                | |
    | until that sentence is over                  | [("2026-01-01", 7), ("2026-01-29", 14),        | [("2026-03-10", 7), ("2026-04-07", 14),        | SECOND; 2026-05-10 plan every=10 sentence=S2 |
    |                                              | ("2026-03-10", 7), ("2026-04-07", 14),         | ("2026-05-10", 10)]                            | 2026-06-10 revoked S2 |
    |                                              | ("2026-05-10", 10), ("2026-06-10", 14)]        |                                                | |
    | unpaid work alone has none to win with       | [("2026-01-01", 7), ("2026-01-29", 14)]        | [("2026-03-10", "unpaid_work_only")]           | 2026-03-10 order S2 ends=2027-12-31 requires="unpaid_work R1" |
    | custody is that of the person                | [("2026-01-01", 7), ("2026-01-29", 14),        | [("2026-03-10", 7), ("2026-04-07", 14),        | SECOND; 2026-05-10 taken; 2026-06-10 left |
    |                                              | ("2026-03-10", 7), ("2026-04-07", 14),         | ("2026-05-10", "custody"), ("2026-06-10", 14)] | |
    |                                              | ("2026-05-10", "custody"), ("2026-06-10", 14)] |                                                | |
    """,  # noqa: E501
    SECOND=SECOND,
)
def test_of_several_sentences_the_most_intensive_plan_wins(facts: Any, first: Plans, second: Plans) -> None:
    assert planned(TWO_YEARS, MEDIUM, *facts) == first
    assert planned(TWO_YEARS, MEDIUM, *facts, sentence="S2") == second


def test_a_plan_that_another_sentence_sets_rests_on_that_sentence_and_its_rules_too() -> None:
    found = findings(TWO_YEARS, MEDIUM, SECOND, on="2026-03-31")
    assert rests_on(found[-1], TWO_YEARS, MEDIUM, SECOND) == [0, 1, 2]
    curfew = f.order("2026-01-01", "2027-12-31", "curfew R1")
    found = findings(
        curfew, MEDIUM, f.completed("2026-02-10", "unpaid_work", id="R1"), SECOND, on="2026-03-31"
    )
    assert [finding.rules[1] for finding in found] == ["CONT-24", "CONT-24", "CONT-28", "CONT-24"]
