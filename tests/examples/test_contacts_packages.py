"""Supervision packages, if policy brings them in: the peers' figures, and nothing else is invented.

An answer captured by the peers (index id 71004008043): package A, an order of 7 September 2026, twelve weeks
of early engagement from the 8th to 30 November, 46 contacts in a whole year. Tier C: 3 weeks, 12 contacts.
"""

from pathlib import Path
from typing import Any

import pytest

from schemas.allocation import TierCalculated
from schemas.envelope import Why
from services.contacts.app import SERVICE
from tests.examples.case_facts import registered
from tests.examples.facts import Fact, order, risk, work
from tests.examples.play import as_json
from tests.ledger import Ledger

DAY = "2026-09-07"
ORDER = order(DAY, ends="2027-03-06")
BY_RISK = [
    {"face_to_face_every_days": 7, "from": "2026-09-07"},
    {"face_to_face_every_days": 14, "from": "2026-10-05"},
]


class Packages:
    """The service under a policy of packages."""

    def __init__(self, folder: Path) -> None:
        text = SERVICE.policy.read_text()
        changed = text.replace(
            'name = "contact_regime"\nvalue = "frequency"', 'name = "contact_regime"\nvalue = "packages"'
        )
        assert changed != text
        file = folder / "contacts.toml"
        file.write_text(changed)
        self.policy = SERVICE.load_policy(file)

    def plans(self, tier: str | None, *facts: Fact, provisional: bool = False) -> list[dict[str, Any]]:
        """The plans of a person of medium risk by the end of 2026, the tier calculated on the first day."""
        ledger = Ledger(SERVICE, policy=self.policy)
        ledger.day(DAY)
        for fact in (risk(DAY), *(facts or (ORDER,))):
            ledger.tell(fact.data, id=fact.id, recorded=fact.recorded)
        if tier:
            why = Why(rules=["ALLOC-11"], policy="allocation@2026-01-01", evidence=["RiskAssessed-A1"])
            ledger.tell(
                TierCalculated(why=why, tier=tier, protect_points=0, change_points=0, provisional=provisional)
            )
        ledger.day("2026-12-31")
        return [as_json(event) for event in ledger.standing_events("ContactPlanSet")]


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path)


def same(found: list[dict[str, Any]], *expected: dict[str, Any]) -> bool:
    """As many plans, each with these data."""
    return [{name: data[name] for name in few} for data, few in zip(found, expected, strict=True)] == list(
        expected
    )


@pytest.mark.parametrize(("tier", "yearly"), [("A", 46), ("C", 12)])
def test_a_tier_whose_figures_are_known_has_its_yearly_contacts(
    packages: Packages, tier: str, yearly: int
) -> None:
    expected = {
        "regime": "standard",
        "package": tier,
        "yearly_contacts": yearly,
        "face_to_face_every_days": None,
        "package_unknown": False,
    }
    assert same(packages.plans(tier), expected)


def test_early_engagement_is_that_of_the_captured_answer(packages: Packages) -> None:
    assert same(packages.plans("A"), {"package": "A", "early_engagement_ends_on": "2026-11-30"})


@pytest.mark.parametrize("tier", ["B", "D", "G", "C2", None])
def test_one_whose_figures_are_not_known_says_so_and_goes_by_risk(
    packages: Packages, tier: str | None
) -> None:
    nothing = {
        "package": None,
        "yearly_contacts": None,
        "early_engagement_ends_on": None,
        "package_unknown": True,
    }
    assert same(packages.plans(tier), *[nothing | plan for plan in BY_RISK])


def test_a_provisional_tier_is_no_package_yet(packages: Packages) -> None:
    """The peers' code for it: not yet known (provisional tier), no allowance."""
    found = packages.plans("A", provisional=True)
    assert same(found, *[{"package": None, "yearly_contacts": None} | plan for plan in BY_RISK])


@pytest.mark.parametrize("kind", ["intensive_supervision_court", "national_security_division"])
def test_packages_do_not_apply_there(packages: Packages, kind: str) -> None:
    """The peers' code for both: does not apply."""
    found = packages.plans("A", ORDER, registered(DAY, kind))
    assert same(found, *[{"package": None, "yearly_contacts": None} | plan for plan in BY_RISK])


def test_unpaid_work_alone_has_no_package(packages: Packages) -> None:
    found = packages.plans("A", order(DAY, work(), ends="2027-03-06"))
    assert same(found, {"regime": "unpaid_work_only", "package": None, "yearly_contacts": None})
