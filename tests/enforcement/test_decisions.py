"""Absences from outcome to decision, contacts and enforcement together, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from shared.calendar import LONDON
from tests import facts as f
from tests.ledger import Ledger

FIRST = "2026-03-02"
"""Monday. An absence of that day is to be decided by Monday, 9 March."""


def said(
    recorded: str, outcome: str, contact: str = "C1", day: str = FIRST, *, provider: bool = False, **more: Any
) -> f.Fact:
    """What was said of a contact at some time, by the practitioner or by a provider."""
    options = {"id": contact, "recorded": recorded, "event": f"{contact}-{recorded}-{provider}", **more}
    return f.work(day, outcome, minutes=0, **options) if provider else f.contact(day, outcome, **options)


AWAITED = said("2026-03-02T17:00", "failed_to_attend")
IN_TIME = said("2026-03-09T23:59", "unacceptable_absence")
TOO_LATE = said("2026-03-10T00:01", "acceptable_absence")


def chain(*told: tuple[str, f.Fact]) -> Ledger:
    """Contacts and enforcement, told these facts about an order, each on a day."""
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-03-01")
    ledger.tell(f.order("2026-01-05", "2027-12-31"))
    for day, fact in told:
        ledger.day(day)
        ledger.tell(fact)
    return ledger


def overdue(ledger: Ledger) -> list[str]:
    """The days on which decisions that stand as overdue were due."""
    return [str(event.due_on) for event in ledger.standing("AbsenceDecisionOverdue")]


def test_decided_on_the_due_date_and_delivered_days_later_it_was_not_overdue() -> None:
    ledger = chain(("2026-03-02", AWAITED))
    ledger.day("2026-03-12")
    assert overdue(ledger) == ["2026-03-09"]
    ledger.tell(IN_TIME)
    ledger.day("2026-03-13")
    assert overdue(ledger) == []
    assert ledger.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


@pytest.mark.parametrize(
    ("decided", "due"), [(IN_TIME, []), (TOO_LATE, ["2026-03-09"])], ids=["in time", "too late"]
)
def test_a_decision_delivered_before_the_absence_itself(decided: f.Fact, due: list[str]) -> None:
    assert overdue(chain(("2026-03-10", decided), ("2026-03-16", AWAITED))) == due


def test_a_late_decision_does_not_interrupt_what_was_overdue() -> None:
    ledger = chain(("2026-03-02", AWAITED), ("2026-03-10", TOO_LATE))
    ledger.day("2026-03-20")
    assert ledger.withdrawals("AbsenceDecisionOverdue") == []
    assert overdue(ledger) == ["2026-03-09"]


def test_decided_late_and_then_found_to_be_none_it_never_was_overdue() -> None:
    none = said("2026-03-12T09:00", "complied")
    ledger = chain(("2026-03-02", AWAITED), ("2026-03-10", TOO_LATE), ("2026-03-12", none))
    ledger.day("2026-03-13")
    assert ledger.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        pytest.param("2026-03-09", [], id="on the due date"),
        pytest.param("2026-03-10", ["2026-03-09"], id="the day after it"),
    ],
)
def test_an_absence_still_undecided_when_supervision_ends(ends: str, due: list[str]) -> None:
    ledger = chain(("2026-03-02", AWAITED), (ends, f.revoked(ends)))
    ledger.day("2026-04-30")
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended")]
    assert overdue(ledger) == due


moments = st.integers(0, 14 * 24 * 60).map(
    lambda minute: (datetime(2026, 3, 2, 12, tzinfo=LONDON) + timedelta(minutes=minute)).isoformat()
)
outcomes = st.sampled_from(
    ["failed_to_attend"] * 3
    + ["unacceptable_absence", "acceptable_absence", "failed_to_comply", "complied", "rescheduled_by_service"]
)
versions = st.builds(
    said,
    moments,
    outcomes,
    st.sampled_from(["C1", "C1", "C2"]),
    st.sampled_from([FIRST, FIRST, "2026-03-03", "2026-02-27"]),
    provider=st.sampled_from([False, False, True]),
    voided=st.sampled_from([False] * 5 + [True]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(versions, min_size=2, max_size=6, unique_by=lambda version: version.id),
    st.randoms(use_true_random=False),
    st.integers(0, 9),
)
def test_any_order_of_arrival_gives_the_same_standing_events(
    told: list[f.Fact], random: Any, pause: int
) -> None:
    first = date.fromisoformat(FIRST)

    def standing(history: Iterable[tuple[date, f.Fact]]) -> list[tuple[str, str]]:
        ledger = chain(*((str(day), fact) for day, fact in history))
        ledger.day("2026-05-29")
        return sorted((e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events())

    in_order = sorted(told, key=lambda version: version.recorded)
    shuffled = told.copy()
    random.shuffle(shuffled)
    at_once = standing((first, version) for version in in_order)
    as_recorded = standing((max(version.recorded.date(), first), version) for version in in_order)
    any_order = standing((first + timedelta(days=n * pause), v) for n, v in enumerate(shuffled))
    assert at_once == any_order == as_recorded
