"""From when on how much contact is expected of a person (CONT-1, CONT-24), and for how long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.plans import FORTNIGHTLY, MEDIUM, TWO_YEARS, WEEKLY, Plans, findings, planned
from tests.contacts.said import assessed, rests_on
from tests.table import table


@table(
    """
    | case                                        | facts                     | expected |
    | very high: weekly                           | 2026-01-01 risk very high | [("2026-01-01", 7)] |
    | high: weekly                                | 2026-01-01 risk high      | [("2026-01-01", 7)] |
    | medium: fortnightly after the first 4 weeks | 2026-01-01 risk A1 medium | [("2026-01-01", 7), ("2026-01-29", 14)] |
    | low: monthly after them                     | 2026-01-01 risk low       | [("2026-01-01", 7), ("2026-01-29", 30)] |
    | unknown is not low: weekly                  |                           | [("2026-01-01", 7)] |
    | assessed long before                        | 2025-06-01 risk medium    | [("2026-01-01", 7), ("2026-01-29", 14)] |
    | on the last of the 28 days                  | 2026-01-28 risk medium    | [("2026-01-01", 7), ("2026-01-29", 14)] |
    | on the day after                            | 2026-01-29 risk medium    | [("2026-01-01", 7), ("2026-01-29", 14)] |
    | a day later still                           | 2026-01-30 risk medium    | [("2026-01-01", 7), ("2026-01-30", 14)] |
    """,  # noqa: E501
)
def test_the_first_four_weeks_are_weekly_and_then_the_risk_decides(facts: Any, expected: Plans) -> None:
    assert planned(TWO_YEARS, *facts) == expected


@table(
    """
    | case                                           | expected                                                    | facts |
    | it rises: at once                              | [("2026-01-29", 14), ("2026-03-10", 7)]                     | 2026-03-10 risk high |
    | it falls: at once                              | [("2026-01-29", 14), ("2026-03-10", 30)]                    | 2026-03-10 risk low |
    | assessed again, as before: no new plan         | [("2026-01-29", 14)]                                        | 2026-03-10 risk medium |
    | in the first 4 weeks: weekly anyway            | []                                                          | 2026-01-20 risk high |
    | another level, the same frequency: no new plan | [("2026-01-29", 14), ("2026-03-10", 7)]                     | 2026-03-10 risk high; 2026-04-10 risk very high |
    | twice in a day: the one recorded later         | [("2026-01-29", 14), ("2026-03-10", 7)]                     | 2026-03-10 risk A2 low; 2026-03-10 risk A3 high |
    | corrected: it had not risen                    | [("2026-01-29", 14)]                                        | 2026-03-10 risk A2 high; 2026-03-10 risk A2 medium |
    | learnt late: what was in between is put right  | [("2026-01-29", 14), ("2026-03-10", 30), ("2026-04-10", 7)] | 2026-04-10 risk high; 2026-03-10 risk low |
    """,  # noqa: E501
)
def test_the_plan_changes_on_the_day_on_which_the_risk_does(facts: Any, expected: Plans) -> None:
    assert planned(TWO_YEARS, MEDIUM, *facts) == [WEEKLY, *expected]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([f.revoked("2026-03-10")], [WEEKLY, FORTNIGHTLY], id="revoked"),
        pytest.param([f.died("2026-03-10")], [WEEKLY, FORTNIGHTLY], id="died"),
        pytest.param([f.ended("2026-03-10")], [WEEKLY, FORTNIGHTLY], id="completed"),
        pytest.param([f.revoked("2026-03-10", "quashed")], [WEEKLY, FORTNIGHTLY], id="quashed"),
        pytest.param([f.revoked("2026-01-29")], [WEEKLY], id="over on the day of the new plan"),
        pytest.param([f.revoked("2026-01-30")], [WEEKLY, FORTNIGHTLY], id="over the day after"),
        pytest.param([f.revoked("2026-01-01")], [], id="over on its first day"),
    ],
)
def test_no_plan_begins_after_the_end_and_those_before_it_stay(facts: Any, expected: Plans) -> None:
    later = [f.risk("2026-03-10", "high"), f.taken("2026-04-10"), f.plan("2026-05-10", every=7)]
    assert planned(TWO_YEARS, MEDIUM, *facts, *later) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param("2026-01-29", [WEEKLY, FORTNIGHTLY], id="on its last day"),
        pytest.param("2026-01-28", [WEEKLY], id="not the day after"),
    ],
)
def test_an_order_that_runs_out_is_planned_to_its_last_day(last: str, expected: Plans) -> None:
    very_high = f.risk("2025-12-01", "very_high", id="A0")  # exempt from Reset, which would suspend contact
    assert planned(f.order("2026-01-01", last), very_high, f.plan("2026-01-29", every=14)) == expected


def test_facts_about_sentences_that_are_not_known_lead_to_nothing() -> None:
    facts = [
        MEDIUM,
        f.plan("2026-03-10", every=21),
        f.completed("2026-03-10", "unpaid_work", id="UPW"),
        f.released("2026-01-01", "2026-12-31"),
    ]
    assert planned(*facts) == []


def test_a_fact_of_the_future_counts_once_it_is_reached() -> None:
    facts = [TWO_YEARS, MEDIUM, f.risk("2026-06-01", "high")]
    assert planned(*facts, on="2026-05-31") == [WEEKLY, FORTNIGHTLY]
    assert planned(*facts, on="2026-06-01") == [WEEKLY, FORTNIGHTLY, ("2026-06-01", 7)]
    assert planned(*facts, on="2025-12-31") == []


@table(
    """
    | case                         | facts                                                               | on         | wake_on    |
    | the start of supervision     | 2026-01-01 risk A1 medium                                           | 2025-12-31 | 2026-01-01 |
    | the end of the first 4 weeks | 2026-01-01 risk A1 medium                                           | 2026-01-01 | 2026-01-29 |
    | a return                     | 2026-01-01 risk A1 medium; 2026-01-10 taken remand; 2026-01-20 left | 2026-01-10 | 2026-01-20 |
    | a change of risk             | 2026-01-01 risk A1 medium; 2026-02-10 risk high                     | 2026-01-31 | 2026-02-10 |
    | Reset after two-thirds       | 2026-01-01 risk A1 medium                                           | 2026-01-29 | 2027-05-03 |
    | nothing if nothing changes   | 2026-01-01 risk very high                                           | 2026-01-01 | None       |
    """,  # noqa: E501
)
def test_the_case_wakes_when_the_next_plan_begins(facts: Any, on: str, wake_on: str | None) -> None:
    begun = planned(TWO_YEARS, *facts, on=on)
    if wake_on is None:
        assert planned(TWO_YEARS, *facts, on="2035-01-01") == begun
        return
    next_day = date.fromisoformat(wake_on)
    waits_for = assessed(on, TWO_YEARS, *facts).wake_on
    assert waits_for is not None
    assert waits_for <= next_day
    assert planned(TWO_YEARS, *facts, on=str(next_day - timedelta(days=1))) == begun
    assert len(planned(TWO_YEARS, *facts, on=wake_on)) == len(begun) + 1


@table(
    """
    | case                                  | rules                             | because      | facts |
    | the first weeks                       | ["CONT-1", "CONT-24"]             | [0]          | |
    | the risk                              | ["CONT-1", "CONT-24"]             | [0, 1]       | MEDIUM |
    | the review                            | ["CONT-1", "CONT-24"]             | [0, 1, 2]    | 2026-02-10 plan every=21; 2026-01-01 risk low |
    | custody                               | ["CONT-1", "ENF-35"]              | [0, 1]       | 2026-03-10 taken |
    | the return, and the risk              | ["CONT-1", "CONT-24"]             | [0, 3, 1]    | MEDIUM; 2026-03-10 taken; 2026-04-10 left |
    | the return, while the risk is unknown | ["CONT-1", "CONT-24", "ALLOC-12"] | [0, 2]       | 2026-03-10 taken; 2026-04-10 left |
    | not on what was varied later          | ["CONT-1", "CONT-24"]             | [0, 2]       | 2026-06-10 varied ends=2027-12-31; MEDIUM |
    | what completed the requirements       | ["CONT-1", "CONT-28"]             | [0, 1, 3, 2] | 2026-02-10 varied ends=2027-12-31 requires="curfew R1, other R2" |
    |                                       |                                   |              | 2026-05-10 completed R1 unpaid work |
    |                                       |                                   |              | 2026-03-10 completed R2 unpaid work recorded=2026-06-10 |
    |                                       |                                   |              | 2026-04-10 completed R9 unpaid work |
    """,  # noqa: E501
    MEDIUM=MEDIUM,
)
def test_a_plan_rests_on(facts: Any, rules: Any, because: Any) -> None:
    last = findings(TWO_YEARS, *facts, on="2026-12-31")[-1]
    assert [rule for rule in last.rules if rule != "CONT-32"] == rules
    assert rests_on(last, TWO_YEARS, *facts) == because
