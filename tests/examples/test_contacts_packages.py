"""Supervision packages, if policy brings them in: the peers' figures, and nothing else is invented.

An answer captured by the peers (index id 71004008043): package A, an order of 7 September 2026, twelve weeks
of early engagement from the 8th to 30 November, 46 contacts in a whole year. Tier C: 3 weeks, 12 contacts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.policies import changed

DAY = "2026-09-07"
ORDER = f.order(DAY, "2027-03-06")
BY_RISK = [
    {"face_to_face_every_days": 7, "from": "2026-09-07", "package": None, "yearly_contacts": None},
    {"face_to_face_every_days": 14, "from": "2026-10-05", "package": None, "yearly_contacts": None},
]

Plans = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    """The plans of a person of medium risk by the end of 2026, under a policy of packages."""
    policy = changed(SERVICE, tmp_path, contact_regime='"packages"')

    def found(*facts: f.Fact) -> list[dict[str, Any]]:
        case = on("2026-12-31", SERVICE, f.risk(DAY), *facts, policy=policy)
        return [event.model_dump(mode="json") for event in case.open("ContactPlanSet").values()]

    return found


def holds(found: list[dict[str, Any]], *expected: dict[str, Any]) -> bool:
    """As many plans, each with these data."""
    return all(few.items() <= data.items() for data, few in zip(found, expected, strict=True))


@pytest.mark.parametrize(("tier", "yearly"), [("A", 46), ("C", 12)])
def test_a_tier_whose_figures_are_known_has_its_yearly_contacts(plans: Plans, tier: str, yearly: int) -> None:
    expected = {
        "regime": "standard",
        "package": tier,
        "yearly_contacts": yearly,
        "face_to_face_every_days": None,
        "package_unknown": False,
    }
    assert holds(plans(ORDER, f.tier(DAY, tier)), expected)


def test_early_engagement_is_that_of_the_captured_answer(plans: Plans) -> None:
    expected = {"package": "A", "early_engagement_ends_on": "2026-11-30"}
    assert holds(plans(ORDER, f.tier(DAY, "A")), expected)


@pytest.mark.parametrize("tier", ["B", "D", "G", "C2", None])
def test_one_whose_figures_are_not_known_says_so_and_goes_by_risk(plans: Plans, tier: str | None) -> None:
    unknown = {"early_engagement_ends_on": None, "package_unknown": True}
    facts = [f.tier(DAY, tier)] if tier else []
    assert holds(plans(ORDER, *facts), *[plan | unknown for plan in BY_RISK])


def test_a_provisional_tier_is_no_package_yet(plans: Plans) -> None:
    """The peers' code for it: not yet known (provisional tier), no allowance."""
    assert holds(plans(ORDER, f.tier(DAY, "A", provisional=True)), *BY_RISK)


@pytest.mark.parametrize("kind", ["intensive_supervision_court", "national_security_division"])
def test_packages_do_not_apply_there(plans: Plans, kind: str) -> None:
    """The peers' code for both: does not apply."""
    assert holds(plans(ORDER, f.registered(DAY, kind), f.tier(DAY, "A")), *BY_RISK)


def test_unpaid_work_alone_has_no_package(plans: Plans) -> None:
    found = plans(f.order(DAY, "2027-03-06", "unpaid_work"), f.tier(DAY, "A"))
    assert holds(found, {"regime": "unpaid_work_only", "package": None, "yearly_contacts": None})
