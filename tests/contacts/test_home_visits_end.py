"""CONT-7 and CONT-8: home visits while the person is held, and when supervision ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.home_visits import ALLOCATED, BASE, DUE, FLAG, KEY, ORDER, overdue, required
from tests.contacts.said import assessed, rests_on

# -- custody -----------------------------------------------------------------------------------------


def test_while_the_person_is_held_no_visit_is_required_and_the_time_goes_on_with_the_leaving() -> None:
    held = [*BASE, f.taken("2026-05-18")]
    assert required(*held, on="2026-05-17") == {KEY: DUE}
    assert required(*held, on="2026-05-18") == {KEY: "resolved"}
    assert overdue(*held) == {}
    free = [*held, f.left("2026-07-06")]
    assert required(*free, on="2026-07-05") == {KEY: "resolved"}
    assert required(*free, on="2026-07-06") == {KEY: "2026-07-20"}
    assert overdue(*free) == {KEY: "2026-07-20"}
    assert overdue(*free, f.home_visit("2026-07-20")) == {}
    assert overdue(*free, f.home_visit("2026-05-13")) == {}


def test_registered_while_held_the_visit_is_required_on_leaving() -> None:
    facts = [ORDER, ALLOCATED, f.taken("2026-04-20"), FLAG]
    assert required(*facts) == {}
    assert required(*facts, f.left("2026-07-06"), on="2026-07-05") == {}
    assert required(*facts, f.left("2026-07-06"), on="2026-07-06") == {KEY: "2026-08-03"}


def test_a_deadline_missed_before_custody_stands_and_the_visit_is_still_required_after_it() -> None:
    facts = [*BASE, f.taken("2026-06-03"), f.left("2026-07-06")]
    assert overdue(*facts) == {KEY: DUE}
    assert required(*facts, on="2026-06-03") == {KEY: "resolved"}
    assert required(*facts, on="2026-07-06") == {KEY: DUE}


# -- the end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "over",
    [
        pytest.param(lambda on: f.revoked(on), id="revoked"),
        pytest.param(lambda on: f.revoked(on, "quashed"), id="quashed"),
        pytest.param(lambda on: f.died(on), id="died"),
        pytest.param(lambda on: f.ended(on), id="completed"),
    ],
)
def test_when_supervision_is_over_the_item_ends_and_no_deadline_passes(over: Any) -> None:
    assert required(*BASE, over(DUE), on="2026-06-01") == {KEY: DUE}
    assert required(*BASE, over(DUE), on=DUE) == {KEY: "ended"}
    assert overdue(*BASE, over(DUE)) == {}
    assert overdue(*BASE, over("2026-06-03")) == {KEY: DUE}
    assert required(*BASE, over("2026-06-03"), on="2026-06-03") == {KEY: "ended"}


def test_an_order_that_runs_out() -> None:
    on_the_last_day = [f.order("2026-01-12", DUE), FLAG]
    assert required(*on_the_last_day, on=DUE) == {KEY: DUE}
    assert required(*on_the_last_day, on="2026-06-03") == {KEY: "ended"}
    assert overdue(*on_the_last_day) == {KEY: DUE}
    assert overdue(f.order("2026-01-12", "2026-06-01"), FLAG) == {}


def test_what_came_first_says_how_the_item_was_closed() -> None:
    assert required(*BASE, f.home_visit("2026-05-20"), f.revoked("2026-05-27")) == {KEY: "resolved"}
    assert required(*BASE, f.lifted("2026-05-20"), f.revoked("2026-05-27")) == {KEY: "resolved"}
    assert required(*BASE, f.revoked("2026-05-20"), f.home_visit("2026-05-27")) == {KEY: "ended"}
    assert required(*BASE, f.revoked("2026-05-20"), f.lifted("2026-05-27")) == {KEY: "ended"}


def test_a_registration_after_the_end_calls_for_none() -> None:
    assert required(ORDER, ALLOCATED, f.revoked("2026-05-03"), FLAG) == {}


# -- evidence ----------------------------------------------------------------------------------------


def test_it_rests_on_registration_allocation_and_sentence() -> None:
    (finding,) = assessed(DUE, *BASE).findings("HomeVisitRequired")
    assert finding.rules == ("CONT-7", "CONT-8")
    assert rests_on(finding, *BASE) == [2, 1, 0]
    assert finding.event.registration == "G-domestic_abuse"
