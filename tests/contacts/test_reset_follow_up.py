"""The one follow-up midway through the last third (CONT-22)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contacts.facts import (
    contact,
    custodial,
    left,
    lifted,
    order,
    registered,
    released,
    revoked,
    risk,
    session,
    taken,
    varied,
)
from tests.contacts.facts_suspensions import YEAR, found, said


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([YEAR], ["2026-11-01"], id="120 days after the first of 121: the middle"),
        pytest.param([order("2026-01-01", "2026-03-31")], ["2026-03-16"], id="30 days: the fifteenth"),
        pytest.param([order("2026-01-01", "2026-01-03")], ["2026-01-03"], id="a last third of one day"),
        pytest.param(
            [custodial("2024-10-01"), released("2025-01-01", "2025-03-31", "2025-12-31")],
            ["2025-03-16"],
            id="of the licence, not of what follows",
        ),
        pytest.param(
            [custodial("2024-10-01"), released("2025-01-01", "2024-12-31", "2025-12-31")],
            [None],
            id="none in post-sentence supervision",
        ),
        pytest.param(
            [order("2024-01-01", "2024-08-27")], ["2024-07-18"], id="Reset came when the middle was ahead"
        ),
        pytest.param([order("2023-07-01", "2024-06-30")], [None], id="Reset came when the middle was past"),
        pytest.param(
            [YEAR, registered("2026-09-20", "mappa"), lifted("2026-11-01", "mappa")],
            ["2026-11-01", "2026-11-01"],
            id="suspended again on the very day",
        ),
        pytest.param(
            [YEAR, registered("2026-09-20", "mappa"), lifted("2026-11-02", "mappa")],
            ["2026-11-01", None],
            id="suspended again a day later: none",
        ),
        pytest.param(
            [YEAR, varied("2026-10-10", "2026-12-31")], ["2026-11-01"], id="varied, with the same end"
        ),
        pytest.param([YEAR, risk("2026-11-20", "high")], ["2026-11-01"], id="assessed since"),
    ],
)
def test_one_follow_up_in_the_middle_of_the_last_third(facts: Any, expected: Any) -> None:
    days = [span.follow_up_on for span in found(*facts)]
    assert all(span.moved == () for span in found(*facts))
    assert [day.isoformat() if day else None for day in days] == expected


FOLLOW_UP = ("S1/2026-09-02", "2026-11-01")


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        pytest.param([], "2026-09-01", [], id="not yet suspended"),
        pytest.param([], "2026-09-02", [(*FOLLOW_UP, None)], id="raised on the first day"),
        pytest.param([], "2026-12-31", [(*FOLLOW_UP, None)], id="open to the last day"),
        pytest.param([], "2027-01-01", [(*FOLLOW_UP, "ended")], id="ended with supervision"),
        pytest.param(
            [contact("2026-11-01")], "2026-11-01", [(*FOLLOW_UP, "resolved")], id="seen in the middle"
        ),
        pytest.param([contact("2026-11-02")], "2026-11-01", [(*FOLLOW_UP, None)], id="to be seen tomorrow"),
        pytest.param(
            [contact("2026-09-02")], "2026-09-02", [(*FOLLOW_UP, "resolved")], id="seen on the first day"
        ),
        pytest.param([contact("2026-09-01")], "2026-12-01", [(*FOLLOW_UP, None)], id="seen the day before"),
        pytest.param(
            [contact("2026-09-01"), contact("2026-09-20")],
            "2026-12-01",
            [(*FOLLOW_UP, "resolved")],
            id="seen on the eve and again in the same month",
        ),
        pytest.param([contact("2026-12-30")], "2027-02-01", [(*FOLLOW_UP, "resolved")], id="seen late"),
        pytest.param(
            [contact("2026-11-01", "unacceptable_absence")], "2026-12-01", [(*FOLLOW_UP, None)], id="missed"
        ),
        pytest.param(
            [contact("2026-11-01", sentence=None)],
            "2026-12-01",
            [(*FOLLOW_UP, "resolved")],
            id="seen for no sentence in particular",
        ),
        pytest.param(
            [contact("2026-11-01", sentence="S9")], "2026-12-01", [(*FOLLOW_UP, None)], id="for another one"
        ),
        pytest.param([session("2026-11-01")], "2026-12-01", [(*FOLLOW_UP, None)], id="at a provider's"),
        pytest.param(
            [registered("2026-10-01", "mappa")],
            "2026-10-01",
            [(*FOLLOW_UP, "resolved")],
            id="no longer needed: contact again",
        ),
        pytest.param(
            [taken("2026-10-01")], "2026-10-01", [(*FOLLOW_UP, "resolved")], id="taken into custody"
        ),
        pytest.param(
            [taken("2026-10-01"), left("2026-10-11")],
            "2026-10-11",
            [(*FOLLOW_UP, "resolved"), ("S1/2026-10-11", "2026-11-01", None)],
            id="planned anew after custody",
        ),
        pytest.param([revoked("2026-10-01")], "2026-10-01", [(*FOLLOW_UP, "ended")], id="revoked"),
        pytest.param(
            [revoked("2026-10-20"), contact("2026-10-05")],
            "2026-10-20",
            [(*FOLLOW_UP, "resolved")],
            id="seen in the month of the revocation",
        ),
    ],
)
def test_the_follow_up_is_waited_for(facts: Any, on: str, expected: Any) -> None:
    assert said(YEAR, *facts, on=on).follow_ups == expected


def test_no_follow_up_is_waited_for_in_post_sentence_supervision() -> None:
    facts = [custodial("2024-10-01"), released("2025-01-01", "2025-03-31", "2025-12-31")]
    assert said(*facts, on="2025-03-31").follow_ups == [("S1/2025-03-02", "2025-03-16", None)]
    assert said(*facts, on="2025-04-01").follow_ups == [("S1/2025-03-02", "2025-03-16", "resolved")]


@pytest.mark.parametrize(
    ("variation", "on", "due"),
    [
        pytest.param(varied("2026-10-20", "2027-01-19"), "2026-10-19", "2026-11-01", id="not yet extended"),
        pytest.param(varied("2026-10-20", "2027-01-19"), "2026-10-20", "2026-11-16", id="extended: later"),
        pytest.param(varied("2026-10-20", "2026-11-30"), "2026-10-20", "2026-10-20", id="past: at once"),
    ],
)
def test_a_variation_moves_the_follow_up(variation: Any, on: str, due: str) -> None:
    heard = said(YEAR, variation, on=on)
    assert heard.follow_ups == [("S1/2026-09-02", due, None)]
    (suspended,) = heard.findings[:1]
    assert suspended.event.follow_up_on.isoformat() == due
