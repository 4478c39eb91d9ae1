"""Supervision default orders (ENF-33): their requirements count, and no contact standard applies."""

from __future__ import annotations

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS
from tests import facts as f
from tests.casebook import on

ORDER = f.order("2025-03-03", "2026-03-02", "unpaid_work 20", kind="supervision_default_order")
CURFEW = f.order("2025-03-03", "2025-06-02", "curfew", kind="supervision_default_order")


def test_no_contact_standard_applies_even_with_a_curfew() -> None:
    for order in (ORDER, CURFEW):
        case = on("2025-09-01", CONTACTS, order)
        assert case.open("ContactStandardMissed") == {}
        assert [plan.regime for plan in case.open("ContactPlanSet").values()] == ["unpaid_work_only"]


def test_its_failures_are_enforced_as_those_of_an_order() -> None:
    failures = [f.missed("2025-04-07", id="F1"), f.missed("2025-04-14", id="F2")]
    required = on("2025-04-14", ENFORCEMENT, ORDER, *failures).one("BreachRequired")
    assert (required.failures, required.court_level) == (2, "magistrates")


def test_its_hours_are_credited_and_no_limit_of_other_orders_applies_to_them() -> None:
    case = on("2025-04-07", REFERRALS, ORDER, f.work("2025-04-07", id="W1"))
    assert case.open("RequirementInvalid") == {}
    assert case.one("UnpaidWorkCredited").ordered_minutes == 20 * 60


def test_it_must_be_allocated() -> None:
    assert list(on("2025-03-04", ALLOCATION, ORDER).open("AllocationDue")) == ["S1"]
