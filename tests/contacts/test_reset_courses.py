"""Reset with several sentences, when the end of supervision is moved, and when it comes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import assessed
from tests.contacts.suspensions import ASSESSED, YEAR, resumptions, spans, suspensions
from tests.table import table

OTHER = f.order("2026-07-01", "2026-12-27", id="S2")
"""180 days, to 27 December: its last third starts on 29 October."""


@table(
    """
    | case                                                                | facts                                                    | first                                   | second                                  |
    | both in their last third                                            | OTHER                                                    | [("2026-10-29", "2027-01-01", "reset")] | [("2026-10-29", "2026-12-28", "reset")] |
    | the other is revoked                                                | OTHER; 2026-10-10 revoked S2                             | [("2026-10-10", "2027-01-01", "reset")] | []                                      |
    | a new order ends it                                                 | 2026-10-01 order S2 ends=2027-09-30                      | [("2026-09-02", "2026-10-01", "reset")] | [("2027-06-02", "2027-10-01", "reset")] |
    | the other soon in its last third                                    | 2026-07-01 order S2 ends=2026-10-10                      | [("2026-09-07", "2027-01-01", "reset")] | [("2026-09-07", "2026-10-11", "reset")] |
    | stand-alone unpaid work in its last third does not stand in the way | 2026-07-01 order S2 ends=2026-09-30 requires=unpaid_work | [("2026-09-02", "2027-01-01", "reset")] | []                                      |
    | stand-alone unpaid work stands in the way before its last third     | 2026-07-01 order S2 ends=2026-12-27 requires=unpaid_work | [("2026-10-29", "2027-01-01", "reset")] | []                                      |
    | not released on the other                                           | 2026-07-01 custodial S2                                  | [("2026-09-02", "2027-01-01", "reset")] | []                                      |
    | a registration ends it on both                                      | OTHER; 2026-11-15 registered mappa                       | [("2026-10-29", "2026-11-15", "reset")] | [("2026-10-29", "2026-11-15", "reset")] |
    """,  # noqa: E501
    OTHER=OTHER,
)
def test_each_live_sentence_must_be_in_its_last_third(facts: Any, first: Any, second: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == first
    assert spans(YEAR, *facts, ASSESSED, sentence="S2") == second


def test_post_sentence_supervision_is_suspended_only_with_the_order_beside_it() -> None:
    facts = [
        ASSESSED,
        f.custodial("2024-09-01"),
        f.released("2025-01-01", "2025-03-31", "2025-12-31"),
        f.order("2025-04-01", "2025-09-30", id="S2"),
    ]
    assert spans(*facts) == [("2025-03-02", "2025-04-01", "reset"), ("2025-08-01", "2026-01-01", "reset")]
    assert spans(*facts, sentence="S2") == [("2025-08-01", "2025-10-01", "reset")]


@table(
    """
    | case                                                        | facts                             | expected |
    | extended before it: later                                   | 2026-08-01 varied ends=2027-06-30 | [("2026-12-31", "2027-07-01", "reset")] |
    | extended in the last third: contact again until the new one | 2026-10-01 varied ends=2027-06-30 | [("2026-09-02", "2026-10-01", "reset"), ("2026-12-31", "2027-07-01", "reset")] |
    | extended a little: still in the last third                  | 2026-12-01 varied ends=2027-01-31 | [("2026-09-02", "2027-02-01", "reset")] |
    | shortened the day before the new one starts                 | 2026-07-01 varied ends=2026-09-30 | [("2026-07-02", "2026-10-01", "reset")] |
    | shortened when the new one has started: from that day       | 2026-08-01 varied ends=2026-09-30 | [("2026-08-01", "2026-10-01", "reset")] |
    | varied without another end: as before                       | 2026-08-01 varied ends=2026-12-31 | [("2026-09-02", "2027-01-01", "reset")] |
    | revoked before it                                           | 2026-09-01 revoked                | [] |
    | revoked that day                                            | 2026-09-02 revoked                | [] |
    | revoked: the point stays                                    | 2026-10-01 revoked                | [("2026-09-02", "2026-10-01", "reset")] |
    | died                                                        | 2026-10-01 died                   | [("2026-09-02", "2026-10-01", "reset")] |
    | completed                                                   | 2026-10-01 ended                  | [("2026-09-02", "2026-10-01", "reset")] |
    """,  # noqa: E501
)
def test_the_point_moves_with_the_end_as_it_was_set(facts: Any, expected: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == expected


@pytest.mark.parametrize(
    "cut",
    [pytest.param(f.revoked("2026-10-01"), id="revoked"), pytest.param(f.died("2026-10-01"), id="died")],
)
def test_nothing_is_resumed_when_supervision_is_over(cut: Any) -> None:
    heard = assessed("2027-06-01", YEAR, cut, ASSESSED)
    assert (suspensions(heard), resumptions(heard)) == ([("S1/2026-09-02", "reset")], [])
    assert heard.wake_on is None


def test_the_first_day_is_waited_for() -> None:
    eve = assessed("2026-09-01", YEAR, ASSESSED)
    assert (suspensions(eve), eve.wake_on) == ([], date(2026, 9, 2))
    assert suspensions(assessed("2026-09-02", YEAR, ASSESSED)) == [("S1/2026-09-02", "reset")]


@pytest.mark.parametrize(
    ("first", "last", "touches"),
    [
        pytest.param("2026-01-01", "2026-09-01", False, id="to the day before"),
        pytest.param("2026-08-01", "2026-09-02", True, id="to the first day"),
        pytest.param("2026-10-01", "2026-10-01", True, id="a day of it"),
        pytest.param("2026-12-31", "2027-01-31", True, id="from the last day"),
        pytest.param("2027-01-01", "2027-01-31", False, id="from the day after"),
    ],
)
def test_suspended_during_some_days(first: str, last: str, touches: bool) -> None:
    touching = [span for span in spans(YEAR, ASSESSED) if span[0] <= last and span[1] > first]
    assert bool(touching) is touches


def test_a_sentence_that_was_never_supervised_is_never_suspended() -> None:
    assert spans(f.custodial("2026-01-01"), ASSESSED) == []
    assert assessed("2026-06-01", f.custodial("2026-01-01"), ASSESSED).wake_on is None
