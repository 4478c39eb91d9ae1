"""Reset with several sentences, when the end of supervision is moved, and when it comes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.contacts.suspensions.suspension import suspended_during
from services.contacts.view import ContactsView
from tests.contacts.facts import (
    POLICY,
    Known,
    custodial,
    day,
    died,
    ended,
    order,
    registered,
    released,
    revoked,
)
from tests.contacts.facts_suspensions import ASSESSED, IN_RESET, YEAR, rar_kept, rar_order, said, spans

OTHER = rar_order("2026-07-01", "2026-12-27", "S2")
"""180 days, to 27 December: its last third starts on 29 October."""


@pytest.mark.parametrize(
    ("facts", "first", "second"),
    [
        pytest.param(
            [OTHER],
            [("2026-10-29", "2027-01-01", "reset")],
            [("2026-10-29", "2026-12-28", "reset")],
            id="both in their last third",
        ),
        pytest.param(
            [OTHER, revoked("2026-10-10", "S2")],
            [("2026-10-10", "2027-01-01", "reset")],
            [],
            id="the other is revoked",
        ),
        pytest.param(
            [rar_order("2026-10-01", "2027-09-30", "S2")],
            [("2026-09-02", "2026-10-01", "reset")],
            [("2027-06-02", "2027-10-01", "reset")],
            id="a new order ends it",
        ),
        pytest.param(
            [rar_order("2026-07-01", "2026-10-10", "S2")],
            [("2026-09-07", "2027-01-01", "reset")],
            [("2026-09-07", "2026-10-11", "reset")],
            id="the other soon in its last third",
        ),
        pytest.param(
            [order("2026-07-01", "2026-09-30", "S2", only=("unpaid_work",))],
            [IN_RESET],
            [],
            id="stand-alone unpaid work in its last third does not stand in the way",
        ),
        pytest.param(
            [order("2026-07-01", "2026-12-27", "S2", only=("unpaid_work",))],
            [("2026-10-29", "2027-01-01", "reset")],
            [],
            id="stand-alone unpaid work stands in the way before its last third",
        ),
        pytest.param([custodial("2026-07-01", "S2")], [IN_RESET], [], id="not released on the other"),
        pytest.param(
            [OTHER, registered("2026-11-15", "mappa")],
            [("2026-10-29", "2026-11-15", "reset")],
            [("2026-10-29", "2026-11-15", "reset")],
            id="a registration ends it on both",
        ),
    ],
)
def test_each_live_sentence_must_be_in_its_last_third(facts: Any, first: Any, second: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == first
    assert spans(YEAR, *facts, ASSESSED, sentence="S2") == second


def test_post_sentence_supervision_is_suspended_only_with_the_order_beside_it() -> None:
    facts = [
        ASSESSED,
        custodial("2024-09-01"),
        released("2025-01-01", "2025-03-31", "2025-12-31"),
        rar_order("2025-04-01", "2025-09-30", "S2"),
    ]
    assert spans(*facts) == [("2025-03-02", "2025-04-01", "reset"), ("2025-08-01", "2026-01-01", "reset")]
    assert spans(*facts, sentence="S2") == [("2025-08-01", "2025-10-01", "reset")]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [rar_kept("2026-08-01", "2027-06-30")],
            [("2026-12-31", "2027-07-01", "reset")],
            id="extended before it: later",
        ),
        pytest.param(
            [rar_kept("2026-10-01", "2027-06-30")],
            [("2026-09-02", "2026-10-01", "reset"), ("2026-12-31", "2027-07-01", "reset")],
            id="extended in the last third: contact again until the new one",
        ),
        pytest.param(
            [rar_kept("2026-12-01", "2027-01-31")],
            [("2026-09-02", "2027-02-01", "reset")],
            id="extended a little: still in the last third",
        ),
        pytest.param(
            [rar_kept("2026-07-01", "2026-09-30")],
            [("2026-07-02", "2026-10-01", "reset")],
            id="shortened the day before the new one starts",
        ),
        pytest.param(
            [rar_kept("2026-08-01", "2026-09-30")],
            [("2026-08-01", "2026-10-01", "reset")],
            id="shortened when the new one has started: from that day",
        ),
        pytest.param(
            [rar_kept("2026-08-01", "2026-12-31")], [IN_RESET], id="varied without another end: as before"
        ),
        pytest.param([revoked("2026-09-01")], [], id="revoked before it"),
        pytest.param([revoked("2026-09-02")], [], id="revoked that day"),
        pytest.param(
            [revoked("2026-10-01")], [("2026-09-02", "2026-10-01", "reset")], id="revoked: the point stays"
        ),
        pytest.param([died("2026-10-01")], [("2026-09-02", "2026-10-01", "reset")], id="died"),
        pytest.param([ended("2026-10-01")], [("2026-09-02", "2026-10-01", "reset")], id="completed"),
    ],
)
def test_the_point_moves_with_the_end_as_it_was_set(facts: Any, expected: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == expected


@pytest.mark.parametrize(
    "cut", [pytest.param(revoked("2026-10-01"), id="revoked"), pytest.param(died("2026-10-01"), id="died")]
)
def test_nothing_is_resumed_when_supervision_is_over(cut: Any) -> None:
    heard = said(YEAR, cut, ASSESSED, on="2027-06-01")
    assert (heard.suspended, heard.resumed) == ([("S1/2026-09-02", "reset")], [])
    assert heard.wake_on is None


def test_the_first_day_is_waited_for() -> None:
    assert said(YEAR, ASSESSED, on="2026-09-01").findings == []
    assert said(YEAR, ASSESSED, on="2026-09-01").wake_on == date(2026, 9, 2)
    assert said(YEAR, ASSESSED, on="2026-09-02").suspended == [("S1/2026-09-02", "reset")]


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
    of = ContactsView(Known(YEAR, ASSESSED).case, POLICY)
    assert bool(suspended_during(of, "S1", day(first), day(last))) is touches


def test_a_sentence_that_was_never_supervised_is_never_suspended() -> None:
    of = ContactsView(Known(custodial("2026-01-01"), ASSESSED).case, POLICY)
    assert suspended_during(of, "S1", date(2026, 1, 1), date(2030, 1, 1)) == []
    assert said(custodial("2026-01-01"), ASSESSED, on="2026-06-01").wake_on is None
