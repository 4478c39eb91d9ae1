"""No standard holds in a month in which contact was suspended, unless by custody (CONT-10, CONT-22)."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXEMPT, assessed
from tests.contacts.suspensions import ASSESSED

# 270 days from 1 January to 27 September: the last third begins on 30 June.
LONG = f.order("2026-01-01", "2026-09-27")
MONTHS = [f"S1/2026-{month:02}-01" for month in range(1, 9)]


def missed(*facts: Any) -> list[str]:
    return [one.key for one in assessed("2027-01-01", *facts).findings("ContactStandardMissed")]


def test_the_month_in_which_the_last_third_begins_and_those_after_it_are_not_tested() -> None:
    assert missed(LONG, ASSESSED) == MONTHS[:5]


def test_a_month_that_ends_the_day_before_is() -> None:
    later = f.order("2026-01-01", "2026-09-30")  # 273 days: from 2 July
    assert missed(later, ASSESSED) == MONTHS[:6]


def test_without_reset_all_are() -> None:
    assert missed(LONG, EXEMPT) == MONTHS


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(f.registered("2026-07-15", "child_protection"), id="a registration that exempts"),
        pytest.param(f.risk("2026-07-15", "high"), id="a rise in risk"),
    ],
)
def test_when_contact_is_resumed_the_next_whole_month_is_tested_and_none_before_it(fact: Any) -> None:
    assert missed(LONG, ASSESSED, fact) == [*MONTHS[:5], MONTHS[7]]


@pytest.mark.parametrize(
    ("on", "tested"),
    [
        pytest.param("2026-07-31", MONTHS[:6], id="on the last day of July: not in July"),
        pytest.param("2026-08-01", MONTHS[:7], id="on the first of August: in July, not in August"),
    ],
)
def test_all_months_are_tested_until_the_risk_is_assessed(on: str, tested: list[str]) -> None:
    assert missed(LONG) == MONTHS
    assert missed(LONG, f.risk(on, "low")) == tested


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([EXEMPT], ["S1/2026-07-01"], id="not suspended: too much video"),
        pytest.param([ASSESSED], [], id="suspended: no share is asked"),
    ],
)
def test_nor_is_its_share_of_video(facts: Any, expected: list[str]) -> None:
    said = assessed("2026-08-01", LONG, f.contact("2026-07-10", mode="video"), *facts)
    assert [*said.open("VideoShareExceeded")] == expected


def test_a_suspended_month_is_waited_for_so_that_the_next_one_is_looked_at() -> None:
    facts = [LONG, ASSESSED, f.registered("2026-07-15", "child_protection")]
    assert assessed("2026-07-20", *facts).months_wake_on is not None
    assert [*assessed("2026-09-01", *facts).open("ContactStandardMissed")][-1] == MONTHS[7]


def test_a_month_in_custody_is_tested_and_excused() -> None:
    found = assessed("2026-04-01", LONG, ASSESSED, f.taken("2026-02-10"), f.left("2026-02-20")).findings(
        "ContactStandardMissed"
    )
    assert [(f.key, f.event.excused) for f in found] == [
        ("S1/2026-01-01", False),
        ("S1/2026-02-01", True),
        ("S1/2026-03-01", False),
    ]


def test_a_second_sentence_that_is_not_suspended_keeps_up_the_standard_of_the_first() -> None:
    found = missed(LONG, ASSESSED, f.order("2026-01-01", "2027-12-31", id="S2"))
    assert [key for key in found if key.startswith("S1/")] == MONTHS


def test_a_licence_in_its_last_third_is_not_tested_either() -> None:
    assert missed(f.custodial("2025-12-01"), f.released("2026-01-01", "2026-09-27"), ASSESSED) == MONTHS[:5]
