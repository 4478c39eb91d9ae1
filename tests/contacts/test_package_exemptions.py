"""Registrations under which packages do not apply: the frequency by risk holds while they are set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from schemas.words import Registration
from shared.policy import Policy
from tests import facts as f
from tests.contacts.plans import MEDIUM, TIER_A, TWO_YEARS, Packages, findings, introduced, packaged, planned
from tests.contacts.said import rests_on
from tests.table import table

COURT, SECURITY = "intensive_supervision_court", "national_security_division"
EXEMPT = [COURT, SECURITY]
PACKAGE = ("2026-01-01", "A", 46, "2026-03-26")
WEEKLY, FORTNIGHTLY = ("2026-01-01", "standard", 7, None), ("2026-01-29", "standard", 14, None)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Packages for supervision in London that starts on or after 1 January 2026."""
    return introduced(tmp_path_factory.mktemp("policy"), "london", "2026-01-01")


@pytest.mark.parametrize("kind", EXEMPT)
@pytest.mark.parametrize(
    "tiers",
    [
        pytest.param([TIER_A], id="a known package"),
        pytest.param([f.tier("2025-12-01", "B")], id="of no known figures"),
        pytest.param([f.tier("2025-12-01", "A", provisional=True)], id="a provisional tier"),
        pytest.param([], id="no tier"),
    ],
)
def test_a_package_that_does_not_apply_is_not_unknown(packages: Policy, kind: str, tiers: Any) -> None:
    found = packaged(TWO_YEARS, MEDIUM, *tiers, f.registered("2025-12-01", kind), policy=packages)
    assert found == [WEEKLY, FORTNIGHTLY]


@pytest.mark.parametrize(
    "kind", sorted(set(get_args(Registration)) - {*EXEMPT, "integrated_offender_management"})
)
def test_under_any_other_registration_packages_apply(packages: Policy, kind: str) -> None:
    found = packaged(TWO_YEARS, MEDIUM, TIER_A, f.registered("2025-12-01", kind), policy=packages)
    assert found == [PACKAGE]


@table(
    """
    | case                                                                            | expected                                | facts |
    | set: that day                                                                   | [("2026-01-01", "A", 46, "2026-03-26"), | 2026-04-10 registered intensive supervision court |
    |                                                                                 | ("2026-04-10", "standard", 14, None)]   | |
    | lifted: the package from that day, with the weeks from the start of supervision | [("2026-01-01", "standard", 7, None),   | 2025-12-01 registered intensive supervision court |
    |                                                                                 | ("2026-01-29", "standard", 14, None),   | 2026-04-10 lifted intensive supervision court |
    |                                                                                 | ("2026-04-10", "A", 46, "2026-03-26")]  | |
    | lifted on the first day of supervision                                          | [("2026-01-01", "A", 46, "2026-03-26")] | 2025-12-01 registered intensive supervision court |
    |                                                                                 |                                         | 2026-01-01 lifted intensive supervision court |
    | set and lifted                                                                  | [("2026-01-01", "A", 46, "2026-03-26"), | 2026-04-10 registered intensive supervision court |
    |                                                                                 | ("2026-04-10", "standard", 14, None),   | 2026-05-10 lifted intensive supervision court |
    |                                                                                 | ("2026-05-10", "A", 46, "2026-03-26")]  | |
    | lifted while the other one holds                                                | [("2026-01-01", "A", 46, "2026-03-26"), | 2026-04-10 registered intensive supervision court |
    |                                                                                 | ("2026-04-10", "standard", 14, None)]   | 2026-05-10 registered national security division |
    |                                                                                 |                                         | 2026-06-10 lifted intensive supervision court |
    | set and lifted on one day                                                       | [("2026-01-01", "A", 46, "2026-03-26")] | 2026-04-10 registered G1 intensive supervision court |
    |                                                                                 |                                         | 2026-04-10 lifted G1 intensive supervision court |
    | corrected: it was another kind                                                  | [("2026-01-01", "A", 46, "2026-03-26")] | 2026-04-10 registered G1 intensive supervision court |
    |                                                                                 |                                         | 2026-04-10 registered G1 mappa |
    | the frequency as it is without packages: first weeks, review, risk              | [("2026-01-01", "A", 46, "2026-03-26"), | 2026-01-10 registered intensive supervision court |
    |                                                                                 | ("2026-01-10", "standard", 7, None),    | 2026-04-10 plan every=21; 2026-05-10 risk high |
    |                                                                                 | ("2026-01-29", "standard", 14, None),   | |
    |                                                                                 | ("2026-04-10", "standard", 21, None),   | |
    |                                                                                 | ("2026-05-10", "standard", 7, None)]    | |
    | custody goes before: told on return                                             | [("2026-01-01", "A", 46, "2026-03-26"), | 2026-03-10 taken |
    |                                                                                 | ("2026-03-10", "custody", None, None),  | 2026-03-20 registered intensive supervision court |
    |                                                                                 | ("2026-04-10", "standard", 14, None)]   | 2026-04-10 left |
    """,  # noqa: E501
)
def test_a_plan_begins_when_the_registration_is_set_or_lifted(
    packages: Policy, facts: Any, expected: Packages
) -> None:
    assert packaged(TWO_YEARS, MEDIUM, TIER_A, *facts, policy=packages) == expected


def test_lifted_where_the_package_is_unknown_says_so_from_that_day(packages: Policy) -> None:
    facts = [TWO_YEARS, MEDIUM, f.registered("2025-12-01", COURT), f.lifted("2026-04-10", COURT)]
    assert packaged(*facts, policy=packages) == [WEEKLY, FORTNIGHTLY, ("2026-04-10", "?", 14, None)]


def test_a_registration_of_the_future_counts_once_it_is_reached(packages: Policy) -> None:
    facts = [TWO_YEARS, MEDIUM, TIER_A, f.registered("2026-04-10", COURT)]
    assert packaged(*facts, policy=packages, on="2026-04-09") == [PACKAGE]
    assert packaged(*facts, policy=packages, on="2026-04-10")[1:] == [("2026-04-10", "standard", 14, None)]


def test_it_holds_for_all_sentences_of_the_person(packages: Policy) -> None:
    second = f.order("2026-03-10", "2027-12-31", id="S2")
    facts = [TWO_YEARS, second, MEDIUM, TIER_A, f.registered("2026-06-10", COURT)]
    assert packaged(*facts, policy=packages) == [PACKAGE, ("2026-06-10", "standard", 14, None)]
    assert packaged(*facts, policy=packages, sentence="S2") == [
        ("2026-03-10", "A", 46, "2026-06-02"),
        ("2026-06-10", "standard", 14, None),
    ]


def test_which_registrations_exempt_is_that_of_the_day_of_the_plan(tmp_path: Path) -> None:
    both = f'["{COURT}", "{SECURITY}"]'
    fewer = [
        {"value": both, "effective_to": "2026-05-01"},
        {"value": f'["{COURT}"]', "effective_from": "2026-05-01"},
    ]
    policy = introduced(tmp_path, "london", "2026-01-01", package_exempt_registrations=fewer)
    facts = [TWO_YEARS, MEDIUM, TIER_A, f.registered("2025-12-01", SECURITY)]
    assert packaged(*facts, policy=policy) == [WEEKLY, FORTNIGHTLY, ("2026-05-01", "A", 46, "2026-03-26")]


@table(
    """
    | case                                               | because      | facts |
    | that it was set                                    | [0, 1, 3]    | 2026-04-10 registered intensive supervision court |
    | the tier, and that it was lifted                   | [0, 2, 4]    | 2026-04-10 registered intensive supervision court; 2026-05-10 lifted intensive supervision court |
    | not on its end while that is to come               | [0, 1, 3]    | 2026-04-10 registered intensive supervision court; 2027-05-10 lifted intensive supervision court |
    | the risk, the unknown tier, and that it was lifted | [0, 1, 5, 4] | 2026-04-10 registered intensive supervision court; 2026-05-10 lifted intensive supervision court; 2026-05-09 tier B |
    """,  # noqa: E501
)
def test_a_plan_rests_on(packages: Policy, facts: Any, because: list[int]) -> None:
    found = findings(TWO_YEARS, MEDIUM, TIER_A, *facts, on="2026-12-31", policy=packages)
    assert rests_on(found[-1], TWO_YEARS, MEDIUM, TIER_A, *facts) == because


def test_without_packages_the_registration_changes_nothing() -> None:
    facts = [TWO_YEARS, MEDIUM, f.registered("2026-04-10", COURT), f.lifted("2026-05-10", COURT)]
    assert planned(*facts) == [("2026-01-01", 7), ("2026-01-29", 14)]
