"""An allocation without a risk assessment (ALLOC-5), and when it is looked at again (ALLOC-13)."""

from datetime import date
from pathlib import Path

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.assessment import Finding, Refusal
from shared.policy import Policy
from tests import facts as f
from tests.casebook import decide, on, policy_of
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-06-01")  # a Monday: three business days have gone by on Friday 5 June


def requested(day: str, *facts: f.Fact, policy: Policy | None = None) -> list[str]:
    return [request.key for request in on(day, ALLOCATION, *facts, policy=policy).requests]


def test_requested_once_three_business_days_have_gone_by() -> None:
    assert requested("2026-06-04", ORDER) == []
    assert requested("2026-06-05", ORDER) == ["S1/1"]


def test_with_an_assessment_nothing_is_waited_for() -> None:
    assert requested("2026-06-01", ORDER, f.risk("2026-06-01")) == ["S1/1"]


def test_the_older_reading_waits_for_the_assessment(tmp_path: Path) -> None:
    text = ALLOCATION.policy.read_text(encoding="utf-8")
    blocks = [b for b in text.split("[[value]]\n") if not b.startswith('name = "provisional_after"')]
    own = tmp_path / "allocation.toml"
    own.write_text("[[value]]\n".join(blocks), encoding="utf-8")
    policy = Policy.load(own, "allocation", *ALLOCATION.common_policy)
    assert requested("2026-06-30", ORDER, policy=policy) == []
    event = on("2026-06-30", ALLOCATION, ORDER, policy=policy).one("AllocationOverdue")
    assert event.reason == "awaiting_risk"


@table(
    """
    | case                      | fact                                                 | taken |
    | a probation officer       | 2016-01-01 practitioner                              | True  |
    | a senior one              | 2016-01-01 practitioner grade=spo                    | True  |
    | a services officer        | 2016-01-01 practitioner grade=pso                    | False |
    | one who is qualified      | 2016-01-01 practitioner grade=pso po_qualified=true  | False |
    | a trainee                 | 2016-01-01 practitioner trainee=true                 | False |
    """,
)
def test_only_grades_that_may_take_unknown_risk(fact: f.Fact, taken: bool) -> None:
    decision = decide("2026-06-05", ALLOCATION, ORDER, fact)
    if taken:
        assert isinstance(decision, Finding)
        assert decision.event.provisional is True
    else:
        assert decision == Refusal("no_practitioner")


def test_it_counts_the_points_of_the_provisional_tier() -> None:
    facts = [ORDER, f.allocated("2026-06-05", provisional=True)]
    values = policy_of(ALLOCATION).on(date(2026, 6, 5))
    points = values.table("community_points")[values.text("provisional_tier")]
    assert on("2026-06-05", ALLOCATION, *facts).claims["P1", "points"] == points


@pytest.mark.parametrize("rosh", ["low", "medium", "very_high"])
def test_the_first_assessment_after_it_is_looked_at_whatever_it_says(rosh: str) -> None:
    facts = [ORDER, f.allocated("2026-06-05", provisional=True), f.risk("2026-06-10", rosh, id="A1")]
    event = on("2026-06-10", ALLOCATION, *facts).open("AllocationReviewRequired")["S1/A1"]
    assert (event.practitioner_id, event.reason) == ("P1", "provisional")


def test_from_a_provisional_allocation_to_the_managers_decision() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(f.practitioner(manager_id="M9"), ORDER)
    ledger.day("2026-06-05")
    (allocated,) = ledger.standing("CaseAllocated")
    assert (allocated.provisional, allocated.late, allocated.manager_id) == (True, False, "M9")
    ledger.day("2026-06-10")
    ledger.tell(f.risk("2026-06-10"))
    (review,) = ledger.standing("AllocationReviewRequired")
    assert (review.reason, review.manager_id) == ("provisional", "M9")
    ledger.day("2026-06-12")
    ledger.tell(f.decided("2026-06-12", "practitioner_change", approved=False))
    assert ledger.standing("AllocationReviewRequired") == []
    assert ledger.withdrawals("AllocationReviewRequired") == [("S1/A-2026-06-10", "resolved")]
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]
