"""Supervision packages: an allowance by tier where it is known, the frequency by risk where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.policy import Policy
from tests import facts as f
from tests.contacts.plans import (
    CURFEW,
    MEDIUM,
    TIER_A,
    TWO_YEARS,
    Packages,
    findings,
    introduced,
    packaged,
    planned,
    plans,
)
from tests.contacts.said import rests_on
from tests.table import table


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Packages for supervision in London that starts on or after 1 January 2026."""
    return introduced(tmp_path_factory.mktemp("policy"), "london", "2026-01-01")


@table(
    """
    | case                                                                                  | expected                                | facts |
    | A: 12 weeks, 46 a year                                                                | [("2026-01-01", "A", 46, "2026-03-26")] | TIER_A |
    | C: 3 weeks, 12 a year                                                                 | [("2026-01-01", "C", 12, "2026-01-22")] | 2025-12-01 tier C |
    | the tier changes: that day                                                            | [("2026-01-01", "A", 46, "2026-03-26"), | TIER_A; 2026-04-10 tier C |
    |                                                                                       | ("2026-04-10", "C", 12, "2026-01-22")]  | |
    | calculated again, as before: no new plan                                              | [("2026-01-01", "A", 46, "2026-03-26")] | TIER_A; 2026-04-10 tier A |
    | calculated twice in a day: the later one                                              | [("2026-01-01", "A", 46, "2026-03-26"), | TIER_A; 2026-04-10T10:00 tier C |
    |                                                                                       | ("2026-04-10", "C", 12, "2026-01-22")]  | 2026-04-10T09:00 tier B |
    | provisional at first: not known until it is no longer                                 | [("2026-01-01", "?", 7, None),          | 2025-12-01 tier A provisional=true |
    |                                                                                       | ("2026-01-10", "A", 46, "2026-03-26")]  | 2026-01-10 tier A |
    | provisional once more: not known from that day                                        | [("2026-01-01", "A", 46, "2026-03-26"), | TIER_A; 2026-04-10 tier A provisional=true |
    |                                                                                       | ("2026-04-10", "?", 14, None)]          | |
    | not calculated yet: the frequency, and then the package from the start of supervision | [("2026-01-01", "?", 7, None),          | 2026-01-10 tier A |
    |                                                                                       | ("2026-01-10", "A", 46, "2026-03-26")]  | |
    | known from the day in London, up to midnight                                          | [("2026-01-01", "?", 7, None),          | 2026-06-09T23:59 tier A |
    |                                                                                       | ("2026-01-29", "?", 14, None),          | |
    |                                                                                       | ("2026-06-09", "A", 46, "2026-03-26")]  | |
    | and from midnight on                                                                  | [("2026-01-01", "?", 7, None),          | 2026-06-10T00:00 tier A |
    |                                                                                       | ("2026-01-29", "?", 14, None),          | |
    |                                                                                       | ("2026-06-10", "A", 46, "2026-03-26")]  | |
    """,  # noqa: E501
    TIER_A=TIER_A,
)
def test_a_known_package_takes_the_place_of_the_frequency(
    packages: Policy, facts: Any, expected: Packages
) -> None:
    assert packaged(TWO_YEARS, MEDIUM, *facts, policy=packages) == expected


@pytest.mark.parametrize("letters", ["B", "D", "E", "F", "G", "B2", "A1", "A0S", "a", "MISSING"])
def test_of_other_tiers_no_figures_are_known_and_the_frequency_by_risk_holds(
    packages: Policy, letters: str
) -> None:
    facts = [TWO_YEARS, MEDIUM, f.tier("2025-12-01", letters), f.risk("2026-03-10", "high")]
    assert packaged(*facts, f.plan("2026-04-10", every=21), policy=packages) == [
        ("2026-01-01", "?", 7, None),
        ("2026-01-29", "?", 14, None),
        ("2026-03-10", "?", 7, None),
        ("2026-04-10", "?", 21, None),
    ]


def test_a_tier_of_which_one_figure_is_missing_is_not_known(tmp_path: Path) -> None:
    policy = introduced(tmp_path, "london", "2026-01-01", package_yearly_contacts="{ C = 12 }")
    assert packaged(TWO_YEARS, TIER_A, policy=policy) == [("2026-01-01", "?", 7, None)]


def test_from_a_known_to_an_unknown_tier_and_back(packages: Policy) -> None:
    tiers = [TIER_A, f.tier("2026-04-10", "B"), f.tier("2026-05-10", "D")]
    assert packaged(TWO_YEARS, MEDIUM, *tiers, f.tier("2026-06-10", "A"), policy=packages) == [
        ("2026-01-01", "A", 46, "2026-03-26"),
        ("2026-04-10", "?", 14, None),
        ("2026-06-10", "A", 46, "2026-03-26"),
    ]


@table(
    """
    | case                                    | expected                                                                       | facts |
    | the risk changes                        | []                                                                             | 2026-03-10 risk very high |
    | the practitioner reviews                | []                                                                             | 2026-03-10 plan every=7 |
    | all is done                             | []                                                                             | 2026-03-10 completed UPW unpaid work |
    |                                         |                                                                                | 2026-03-10 completed R2 unpaid work |
    | custody: and the same package on return | [("2026-03-10", "custody", None, None), ("2026-04-10", "A", 46, "2026-03-26")] | 2026-03-10 taken; 2026-04-10 left |
    | it is over                              | []                                                                             | 2026-03-10 revoked; 2026-04-10 tier C |
    """,  # noqa: E501
)
def test_while_a_known_package_holds(packages: Policy, facts: Any, expected: Packages) -> None:
    start = ("2026-01-01", "A", 46, "2026-03-26")
    assert packaged(CURFEW, MEDIUM, TIER_A, *facts, policy=packages) == [start, *expected]


@pytest.mark.parametrize(
    ("first", "region", "day", "expected"),
    [
        pytest.param("2026-01-01", "london", "2026-01-01", "A", id="started on the first day"),
        pytest.param("2026-01-01", "london", "2026-01-02", None, id="started the day before: never"),
        pytest.param("2026-01-01", "wales", "2026-01-01", None, id="in another region: not"),
    ],
)
def test_packages_are_introduced_by_region_for_supervision_that_starts_from_a_day_on(
    tmp_path: Path, first: str, region: str, day: str, expected: str | None
) -> None:
    policy = introduced(tmp_path, region, day)
    found = plans(f.order(first, "2027-12-31"), MEDIUM, TIER_A, on="2026-12-31", policy=policy)
    assert {event.package for event in found} == {expected}
    assert not any(event.package_unknown for event in found)


def test_a_new_release_after_the_introduction_begins_with_a_package(tmp_path: Path) -> None:
    policy = introduced(tmp_path, "london", "2026-03-01")
    facts = [f.custodial("2025-06-01"), MEDIUM, TIER_A]
    facts += [f.released("2026-01-01", "2026-12-31"), f.released("2026-04-01", "2026-12-31")]
    assert packaged(*facts, policy=policy, on="2026-05-31") == [
        ("2026-01-01", "standard", 7, None),
        ("2026-01-29", "standard", 14, None),
        ("2026-04-01", "A", 46, "2026-06-24"),
    ]


def test_each_new_release_has_its_own_early_engagement(packages: Policy) -> None:
    facts = [f.custodial("2025-06-01"), MEDIUM, TIER_A]
    facts += [f.released("2026-01-01", "2026-12-31"), f.released("2026-04-01", "2026-12-31")]
    assert packaged(*facts, policy=packages, on="2026-05-31") == [
        ("2026-01-01", "A", 46, "2026-03-26"),
        ("2026-04-01", "A", 46, "2026-06-24"),
    ]


def test_a_package_on_one_sentence_leaves_the_frequency_of_another(tmp_path: Path) -> None:
    policy = introduced(tmp_path, "london", "2026-03-01")
    facts = [TWO_YEARS, MEDIUM, TIER_A, f.order("2026-03-10", "2027-12-31", id="S2")]
    assert planned(*facts, policy=policy) == [("2026-01-01", 7), ("2026-01-29", 14)]
    assert packaged(*facts, policy=policy, sentence="S2") == [("2026-03-10", "A", 46, "2026-06-02")]


def test_early_engagement_ends_as_in_the_answer_that_the_peers_captured(packages: Policy) -> None:
    """An order of 7 September 2026: twelve weeks from the 8th to 30 November."""
    found = packaged(f.order("2026-09-07", "2027-03-06"), TIER_A, policy=packages)
    assert found == [("2026-09-07", "A", 46, "2026-11-30")]


def test_of_two_unknown_packages_the_most_intensive_plan_wins(packages: Policy) -> None:
    facts = [TWO_YEARS, MEDIUM, f.order("2026-03-10", "2027-12-31", id="S2")]
    assert packaged(*facts, policy=packages) == [
        ("2026-01-01", "?", 7, None),
        ("2026-01-29", "?", 14, None),
        ("2026-03-10", "?", 7, None),
        ("2026-04-07", "?", 14, None),
    ]


@table(
    """
    | case                              | fact                                    | because   |
    | the tier, if its package is known | 2026-02-10 tier A                  | [0, 1]    |
    | the risk and the tier, if not     | 2026-02-10 tier B                  | [0, 2, 1] |
    | nor if the tier is provisional    | 2026-02-10 tier A provisional=true | [0, 2, 1] |
    """,
)
def test_a_plan_rests_on(packages: Policy, fact: Any, because: list[int]) -> None:
    facts = [TWO_YEARS, fact, f.risk("2026-03-10", "low")]
    found = findings(*facts, on="2026-12-31", policy=packages)
    assert rests_on(found[-1], *facts) == because


def test_without_packages_the_tier_changes_nothing() -> None:
    tiers = [f.tier("2026-04-10", "A"), f.tier("2026-05-10", "C")]
    found = plans(TWO_YEARS, MEDIUM, *tiers)
    assert [event.face_to_face_every_days for event in found] == [7, 14]
    assert not any(event.package or event.package_unknown for event in found)
