"""How requirements that are done, and the passing of time, change what is expected (CONT-28, CONT-29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.plans import CURFEW, FORTNIGHTLY, MEDIUM, TWO_YEARS, WEEKLY, Plans, findings, planned
from tests.contacts.said import changed
from tests.ledger import Ledger
from tests.table import table


@table(
    """
    | case                                       | expected                                 | facts |
    | one of two                                 | []                                       | 2026-03-10 completed R1 unpaid work |
    | both: from the day after the last          | [("2026-05-11", 30)]                     | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-05-10 completed R2 unpaid work |
    | both, whichever was told first             | [("2026-05-11", 30)]                     | 2026-05-10 completed R2 unpaid work |
    |                                            |                                          | 2026-03-10 completed R1 unpaid work |
    | that of another sentence                   | []                                       | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-03-10 completed R2 unpaid work sentence=S2 |
    | one never imposed                          | []                                       | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-03-10 completed R9 unpaid work |
    | whatever the risk then                     | [("2026-05-11", 30)]                     | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-05-10 completed R2 unpaid work; 2026-06-10 risk high |
    | and the review                             | [("2026-05-11", 30)]                     | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-05-10 completed R2 unpaid work; 2026-06-10 plan every=7 |
    | until another is imposed                   | [("2026-05-11", 30), ("2026-07-10", 14)] | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-05-10 completed R2 unpaid work |
    |                                            |                                          | 2026-07-10 varied ends=2027-12-31 requires="curfew R1, unpaid_work R2, other R3" |
    | the one left was taken away: from that day | [("2026-07-10", 30)]                     | 2026-03-10 completed R1 unpaid work |
    |                                            |                                          | 2026-07-10 varied ends=2027-12-31 requires="curfew R1" |
    """,  # noqa: E501
)
def test_after_the_end_of_all_requirements_there_is_only_the_duty_to_keep_in_touch(
    facts: Any, expected: Plans
) -> None:
    assert planned(CURFEW, MEDIUM, *facts) == [WEEKLY, FORTNIGHTLY, *expected]


@table(
    """
    | case                                                         | facts |
    | a rehabilitation activity requirement gives power to the end | 2026-01-01 order requires="curfew R1, rar R2" ends=2027-12-31; 2026-05-10 completed R2 unpaid work |
    | an order without any requirement                             | 2026-01-01 order requires="" ends=2027-12-31 |
    """,  # noqa: E501
)
def test_an_order_keeps_its_frequency(facts: Any) -> None:
    assert planned(*facts, MEDIUM, f.completed("2026-03-10", "unpaid_work", id="R1")) == [WEEKLY, FORTNIGHTLY]


def test_requirements_done_in_the_first_four_weeks() -> None:
    done = [
        f.completed("2026-01-09", "unpaid_work", id="R1"),
        f.completed("2026-01-10", "unpaid_work", id="R2"),
    ]
    assert planned(CURFEW, MEDIUM, *done) == [WEEKLY, ("2026-01-11", 30)]


@pytest.mark.parametrize(
    ("since", "after"),
    [("2026-01-01", []), ("2026-01-02", [("2026-05-11", 30)])],
    ids=["sentenced under it", "sentenced before"],
)
def test_cont_29_with_the_power_for_the_whole_order_the_frequency_by_risk_holds_to_its_end(
    tmp_path: Path, since: str, after: list[Any]
) -> None:
    facts = [
        CURFEW,
        MEDIUM,
        f.completed("2026-03-10", "unpaid_work", id="R1"),
        f.completed("2026-05-10", "unpaid_work", id="R2"),
    ]
    policy = changed(
        tmp_path,
        whole_order_power=[
            {"value": "false", "effective_to": since},
            {"value": "true", "effective_from": since},
        ],
    )
    assert planned(*facts, policy=policy) == [WEEKLY, FORTNIGHTLY, *after]


def test_a_policy_of_another_day_plans_anew_from_that_day(tmp_path: Path) -> None:
    policy = changed(
        tmp_path,
        after_requirements_every_days=[
            {"value": "30", "effective_to": "2026-08-01"},
            {"value": "60", "effective_from": "2026-08-01"},
        ],
    )
    facts = [
        CURFEW,
        MEDIUM,
        f.completed("2026-03-10", "unpaid_work", id="R1"),
        f.completed("2026-05-10", "unpaid_work", id="R2"),
    ]
    found = findings(*facts, on="2026-12-31", policy=policy)
    assert [finding.event.face_to_face_every_days for finding in found] == [7, 14, 30, 60]
    assert found[-1].key == "S1/2026-08-01"
    assert found[-1].policy == "contacts@2026-08-01"


def test_a_requirement_completed_and_then_not_takes_the_plan_back() -> None:
    ledger = Ledger(SERVICE)

    def begun() -> list[str]:
        return [event.from_.isoformat() for event in ledger.standing("ContactPlanSet")]

    ledger.day("2026-01-01")
    ledger.tell(CURFEW, MEDIUM)
    ledger.day("2026-03-20")
    ledger.tell(f.completed("2026-03-10", "unpaid_work", id="R1"))
    done = f.completed("2026-03-15", "unpaid_work", id="R2", event="done")
    ledger.tell(done)
    assert begun() == ["2026-01-01", "2026-01-29", "2026-03-16"]
    ledger.tell(f.withdrawn("2026-03-20", done))
    assert begun() == ["2026-01-01", "2026-01-29"]
    assert ledger.withdrawals("ContactPlanSet") == [("S1/2026-03-16", "corrected")]


def test_plans_follow_one_another_as_the_days_pass_and_all_of_them_stand() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-01-01")
    ledger.tell(TWO_YEARS, MEDIUM)
    ledger.day("2026-03-10")
    ledger.tell(f.risk("2026-03-10", "high"))
    ledger.day("2026-03-31")
    standing = ledger.standing("ContactPlanSet")
    assert [event.face_to_face_every_days for event in standing] == [7, 14, 7]
    assert ledger.withdrawals("ContactPlanSet") == []
