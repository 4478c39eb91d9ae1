"""How the practitioner's reviews set the frequency (CONT-24, CONT-25): the latest one counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.plans import FORTNIGHTLY, MEDIUM, TWO_YEARS, WEEKLY, Plans, findings, planned
from tests.contacts.said import rests_on
from tests.table import table


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([f.plan("2026-03-10", every=21)], [FORTNIGHTLY, ("2026-03-10", 21)], id="less often"),
        pytest.param([f.plan("2026-03-10", every=7)], [FORTNIGHTLY, ("2026-03-10", 7)], id="more often"),
        pytest.param([f.plan("2026-03-10", every=14)], [FORTNIGHTLY], id="as often: no new plan"),
        pytest.param([f.plan("2026-03-10")], [FORTNIGHTLY], id="says nothing of it"),
        pytest.param(
            [f.plan("2026-03-10", every=21, sentence="S2")], [FORTNIGHTLY], id="of another sentence"
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.plan("2026-04-10", every=10)],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-04-10", 10)],
            id="reviewed again",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.plan("2026-04-10")],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-04-10", 14)],
            id="the next one says nothing of it: by risk again",
        ),
        pytest.param(
            [f.plan("2026-03-10"), f.plan("2026-04-10", every=21)],
            [FORTNIGHTLY, ("2026-04-10", 21)],
            id="the one before said nothing of it",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.plan("2026-04-10"), f.plan("2026-05-10", every=21)],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-04-10", 14), ("2026-05-10", 21)],
            id="the next one says nothing of it, and the one after does",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.plan("2026-04-10", sentence="S2")],
            [FORTNIGHTLY, ("2026-03-10", 21)],
            id="the next one is of another sentence",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21, id="L1"), f.plan("2026-03-10", id="L2")],
            [FORTNIGHTLY],
            id="two in a day: the one recorded later says nothing of it",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21, id="L1"), f.plan("2026-03-10", id="L1")],
            [FORTNIGHTLY],
            id="corrected: it says nothing of it",
        ),
        pytest.param(
            [f.plan("2026-01-10", every=10), f.plan("2026-01-14")],
            [("2026-01-10", 10), ("2026-01-14", 7), FORTNIGHTLY],
            id="the next one says nothing of it, in the first 4 weeks: weekly again",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-05-10", "high")],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-05-10", 7)],
            id="until the risk changes",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-05-10")],
            [FORTNIGHTLY, ("2026-03-10", 21)],
            id="assessed again, the same risk: the review holds",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-05-10", "high"), f.risk("2026-06-10")],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-05-10", 7), ("2026-06-10", 14)],
            id="the risk is as it was again: the review is past",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-05-10", "high"), f.plan("2026-06-10", every=10)],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-05-10", 7), ("2026-06-10", 10)],
            id="until the next review",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-03-10", "high")],
            [FORTNIGHTLY, ("2026-03-10", 21)],
            id="the risk changed that very day: the review knew of it",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21), f.risk("2026-03-11", "high")],
            [FORTNIGHTLY, ("2026-03-10", 21), ("2026-03-11", 7)],
            id="the risk changed the day after",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21, id="L1"), f.plan("2026-03-10", every=10, id="L2")],
            [FORTNIGHTLY, ("2026-03-10", 10)],
            id="two in a day: the one recorded later",
        ),
        pytest.param(
            [f.plan("2026-03-10", every=21, id="L1"), f.plan("2026-04-10", every=21, id="L1")],
            [FORTNIGHTLY, ("2026-04-10", 21)],
            id="corrected: it was later",
        ),
        pytest.param([f.plan("2026-01-14", every=10)], [("2026-01-14", 10)], id="in the first 4 weeks"),
        pytest.param(
            [f.risk("2025-12-01"), f.plan("2025-12-14", every=21)],
            [("2026-01-29", 21)],
            id="before supervision began: not in the first 4 weeks",
        ),
    ],
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
    assert list(last.rules) == rules
    assert rests_on(last, TWO_YEARS, *facts) == because
