"""Absences from outcome to decision, contacts and enforcement together, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.practice import ContactOutcomeRecorded
from schemas.providers import SessionRecorded
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from shared.calendar import LONDON
from tests.enforcement.facts import day, revoked, sentence
from tests.ledger import Ledger

FIRST = date(2026, 3, 2)
"""Monday. An absence of that day is to be decided by Monday, 9 March."""


@dataclass(frozen=True)
class Version:
    """What was said of a contact: when it was recorded, by whom, and what."""

    recorded: datetime
    contact: str
    outcome: Any
    on: date = FIRST
    by_provider: bool = False
    voided: bool = False

    @property
    def id(self) -> str:
        return f"{self.contact}-{self.recorded.isoformat()}-{self.by_provider}"

    @property
    def data(self) -> ContactOutcomeRecorded | SessionRecorded:
        common: dict[str, Any] = {
            "sentence_id": "S1",
            "national_standard": True,
            "outcome": self.outcome,
            "acceptable_reason": "medical" if self.outcome == "acceptable_absence" else None,
            "voided": self.voided,
        }
        if self.by_provider:
            return SessionRecorded(
                session_id=self.contact, held_on=self.on, activity="unpaid_work", minutes=0, **common
            )
        return ContactOutcomeRecorded(
            contact_id=self.contact, occurred_on=self.on, kind="planned", mode="face_to_face", **common
        )


def at(text: str, outcome: str, **more: Any) -> Version:
    return Version(datetime.fromisoformat(text).replace(tzinfo=LONDON), "C1", outcome, **more)


def chain() -> Ledger:
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-03-01")
    ledger.tell(sentence())
    return ledger


def tell(ledger: Ledger, *versions: Version) -> None:
    for version in versions:
        ledger.tell(version.data, id=version.id, recorded=version.recorded)


def standing(ledger: Ledger) -> list[tuple[str, str]]:
    return sorted((e.type, e.data.model_dump_json(exclude={"why"})) for e in ledger.standing_events())


AWAITED = at("2026-03-02T17:00", "failed_to_attend")
IN_TIME = at("2026-03-09T23:59", "unacceptable_absence")
TOO_LATE = at("2026-03-10T00:01", "acceptable_absence")


def test_decided_on_the_due_date_and_delivered_days_later_it_was_not_overdue() -> None:
    ledger = chain()
    ledger.day("2026-03-02")
    tell(ledger, AWAITED)
    ledger.day("2026-03-12")
    assert [e.due_on for e in ledger.standing("AbsenceDecisionOverdue")] == [day("2026-03-09")]
    tell(ledger, IN_TIME)
    ledger.day("2026-03-13")
    assert ledger.standing("AbsenceDecisionOverdue") == []
    assert ledger.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


@pytest.mark.parametrize(
    ("decided", "overdue"), [(IN_TIME, []), (TOO_LATE, [day("2026-03-09")])], ids=["in time", "too late"]
)
def test_a_decision_delivered_before_the_absence_itself(decided: Version, overdue: list[date]) -> None:
    ledger = chain()
    ledger.day("2026-03-10")
    tell(ledger, decided)
    ledger.day("2026-03-16")
    tell(ledger, AWAITED)
    assert [e.due_on for e in ledger.standing("AbsenceDecisionOverdue")] == overdue


def test_a_late_decision_does_not_interrupt_what_was_overdue() -> None:
    ledger = chain()
    ledger.day("2026-03-02")
    tell(ledger, AWAITED)
    ledger.day("2026-03-10")
    tell(ledger, TOO_LATE)
    ledger.day("2026-03-20")
    assert ledger.withdrawals("AbsenceDecisionOverdue") == []
    assert len(ledger.standing("AbsenceDecisionOverdue")) == 1


def test_decided_late_and_then_found_to_be_none_it_never_was_overdue() -> None:
    ledger = chain()
    ledger.day("2026-03-02")
    tell(ledger, AWAITED)
    ledger.day("2026-03-10")
    tell(ledger, TOO_LATE)
    ledger.day("2026-03-12")
    tell(ledger, at("2026-03-12T09:00", "complied"))
    ledger.day("2026-03-13")
    assert ledger.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


@pytest.mark.parametrize(
    ("ends", "overdue"),
    [("2026-03-09", False), ("2026-03-10", True)],
    ids=["on the due date", "the day after it"],
)
def test_an_absence_still_undecided_when_supervision_ends(ends: str, overdue: bool) -> None:
    ledger = chain()
    ledger.day("2026-03-02")
    tell(ledger, AWAITED)
    ledger.day(ends)
    ledger.tell(revoked(ends))
    ledger.day("2026-04-30")
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended")]
    assert len(ledger.standing("AbsenceDecisionOverdue")) == overdue


moments = st.integers(0, 14 * 24 * 60).map(
    lambda minute: datetime(2026, 3, 2, 12, tzinfo=LONDON) + timedelta(minutes=minute)
)
outcomes = st.sampled_from(
    ["failed_to_attend"] * 3
    + ["unacceptable_absence", "acceptable_absence", "failed_to_comply", "complied", "rescheduled_by_service"]
)
versions = st.builds(
    Version,
    moments,
    st.sampled_from(["C1", "C1", "C2"]),
    outcomes,
    st.sampled_from([FIRST, FIRST, FIRST + timedelta(days=1), date(2026, 2, 27)]),
    st.sampled_from([False, False, True]),
    st.sampled_from([False] * 5 + [True]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(versions, min_size=2, max_size=6, unique_by=lambda version: version.id),
    st.randoms(use_true_random=False),
    st.integers(0, 9),
)
def test_any_order_of_arrival_gives_the_same_standing_events(
    said: list[Version], random: Any, pause: int
) -> None:
    def outcome(arrival: Iterable[Version], days_between: int) -> list[tuple[str, str]]:
        ledger = chain()
        today = FIRST
        for version in arrival:
            ledger.day(today)
            tell(ledger, version)
            today += timedelta(days=days_between)
        ledger.day(date(2026, 5, 29))
        return standing(ledger)

    in_order = sorted(said, key=lambda version: version.recorded)
    shuffled = said.copy()
    random.shuffle(shuffled)
    as_recorded = chain()
    for version in in_order:
        as_recorded.day(max(version.recorded.date(), FIRST))
        tell(as_recorded, version)
    as_recorded.day(date(2026, 5, 29))
    assert outcome(in_order, 0) == outcome(shuffled, pause) == standing(as_recorded)
