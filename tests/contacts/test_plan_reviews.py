"""How the practitioner's reviews set the frequency (CONT-24, CONT-25): the latest one counts."""

from __future__ import annotations

from typing import Any

from tests import facts as f
from tests.contacts.plans import MEDIUM, TWO_YEARS, WEEKLY, Plans, findings, planned
from tests.contacts.said import rests_on
from tests.table import table


@table(
    """
    | case                                                                | expected                                 | facts |
    | less often                                                          | [("2026-01-29", 14), ("2026-03-10", 21)] | 2026-03-10 plan every=21 |
    | more often                                                          | [("2026-01-29", 14), ("2026-03-10", 7)]  | 2026-03-10 plan every=7 |
    | as often: no new plan                                               | [("2026-01-29", 14)]                     | 2026-03-10 plan every=14 |
    | says nothing of it                                                  | [("2026-01-29", 14)]                     | 2026-03-10 plan |
    | of another sentence                                                 | [("2026-01-29", 14)]                     | 2026-03-10 plan every=21 sentence=S2 |
    | reviewed again                                                      | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-04-10 plan every=10 |
    |                                                                     | ("2026-04-10", 10)]                      | |
    | the next one says nothing of it: by risk again                      | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-04-10 plan |
    |                                                                     | ("2026-04-10", 14)]                      | |
    | the one before said nothing of it                                   | [("2026-01-29", 14), ("2026-04-10", 21)] | 2026-03-10 plan; 2026-04-10 plan every=21 |
    | the next one says nothing of it, and the one after does             | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-04-10 plan |
    |                                                                     | ("2026-04-10", 14), ("2026-05-10", 21)]  | 2026-05-10 plan every=21 |
    | the next one is of another sentence                                 | [("2026-01-29", 14), ("2026-03-10", 21)] | 2026-03-10 plan every=21; 2026-04-10 plan sentence=S2 |
    | two in a day: the one recorded later says nothing of it             | [("2026-01-29", 14)]                     | 2026-03-10 plan L1 every=21; 2026-03-10 plan L2 |
    | corrected: it says nothing of it                                    | [("2026-01-29", 14)]                     | 2026-03-10 plan L1 every=21; 2026-03-10 plan L1 |
    | the next one says nothing of it, in the first 4 weeks: weekly again | [("2026-01-10", 10), ("2026-01-14", 7),  | 2026-01-10 plan every=10; 2026-01-14 plan |
    |                                                                     | ("2026-01-29", 14)]                      | |
    | until the risk changes                                              | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-05-10 risk high |
    |                                                                     | ("2026-05-10", 7)]                       | |
    | assessed again, the same risk: the review holds                     | [("2026-01-29", 14), ("2026-03-10", 21)] | 2026-03-10 plan every=21; 2026-05-10 risk |
    | the risk is as it was again: the review is past                     | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-05-10 risk high |
    |                                                                     | ("2026-05-10", 7), ("2026-06-10", 14)]   | 2026-06-10 risk |
    | until the next review                                               | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-05-10 risk high |
    |                                                                     | ("2026-05-10", 7), ("2026-06-10", 10)]   | 2026-06-10 plan every=10 |
    | the risk changed that very day: the review knew of it               | [("2026-01-29", 14), ("2026-03-10", 21)] | 2026-03-10 plan every=21; 2026-03-10 risk high |
    | the risk changed the day after                                      | [("2026-01-29", 14), ("2026-03-10", 21), | 2026-03-10 plan every=21; 2026-03-11 risk high |
    |                                                                     | ("2026-03-11", 7)]                       | |
    | two in a day: the one recorded later                                | [("2026-01-29", 14), ("2026-03-10", 10)] | 2026-03-10 plan L1 every=21; 2026-03-10 plan L2 every=10 |
    | corrected: it was later                                             | [("2026-01-29", 14), ("2026-04-10", 21)] | 2026-03-10, 2026-04-10 plan L1 every=21 |
    | in the first 4 weeks                                                | [("2026-01-14", 10)]                     | 2026-01-14 plan every=10 |
    | before supervision began: not in the first 4 weeks                  | [("2026-01-29", 21)]                     | 2025-12-01 risk; 2025-12-14 plan every=21 |
    """,  # noqa: E501
)
def test_the_practitioners_review_sets_the_frequency(facts: Any, expected: Plans) -> None:
    assert planned(TWO_YEARS, MEDIUM, *facts) == [WEEKLY, *expected]


def test_a_review_made_while_the_risk_was_unknown_holds_until_it_is_known() -> None:
    facts = [TWO_YEARS, f.plan("2026-03-10", every=21), f.risk("2026-04-10")]
    assert planned(*facts) == [WEEKLY, ("2026-03-10", 21), ("2026-04-10", 14)]


@table(
    """
    | case                                                     | rules                             | because   | facts |
    | the risk, and the review that sets nothing any more      | ["CONT-1", "CONT-24"]             | [0, 1, 3] | MEDIUM; 2026-02-10 plan every=21; 2026-03-10 plan |
    | that review, while the risk is unknown                   | ["CONT-1", "CONT-24", "ALLOC-12"] | [0, 2]    | 2026-02-10 plan every=21; 2026-03-10 plan |
    | that review, in the first weeks                          | ["CONT-1", "CONT-24"]             | [0, 2]    | 2026-01-10 plan every=21; 2026-01-20 plan |
    | not on a review that never set anything and ends nothing | ["CONT-1", "CONT-24"]             | [0, 1]    | MEDIUM; 2026-01-20 plan |
    | the risk alone, once it changes                          | ["CONT-1", "CONT-24"]             | [0, 3]    | 2026-02-10 plan every=21; 2026-03-10 plan; 2026-04-10 risk low |
    """,  # noqa: E501
    MEDIUM=MEDIUM,
)
def test_a_plan_rests_on(facts: Any, rules: Any, because: Any) -> None:
    last = findings(TWO_YEARS, *facts, on="2026-12-31")[-1]
    assert [rule for rule in last.rules if rule != "CONT-32"] == rules
    assert rests_on(last, TWO_YEARS, *facts) == because
