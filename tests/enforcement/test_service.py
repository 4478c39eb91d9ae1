"""The service as the engine runs it: what is published, and why it is withdrawn."""

from __future__ import annotations

import pytest

from schemas.envelope import Withdrawn
from schemas.practice import ContactOutcomeRecorded
from schemas.words import Outcome
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from tests.enforcement.facts import (
    WHY,
    action,
    day,
    died,
    heard,
    initiated,
    missed,
    sentence,
    warned,
)
from tests.ledger import Ledger

ORDER = sentence()


def outcome(on: str, what: Outcome, contact: str, *, voided: bool = False) -> ContactOutcomeRecorded:
    return ContactOutcomeRecorded(
        contact_id=contact,
        sentence_id="S1",
        occurred_on=day(on),
        kind="planned",
        mode="face_to_face",
        national_standard=True,
        outcome=what,
        acceptable_reason="medical" if what == "acceptable_absence" else None,
        voided=voided,
    )


@pytest.fixture
def chain() -> Ledger:
    """Contacts and enforcement: outcomes go in, enforcement comes out."""
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-01-05")
    ledger.tell(ORDER)
    return ledger


def test_a_failure_a_warning_and_a_second_failure(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    assert [e.options for e in chain.standing("EnforcementActionRequired")] == [["warn", "refer"]]
    chain.day("2026-03-03")
    chain.tell(warned("2026-03-03", "C1"))
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "resolved")]
    chain.day("2026-03-16")
    chain.tell(outcome("2026-03-16", "failed_to_comply", "C2"))
    assert [e.options for e in chain.standing("EnforcementActionRequired")] == [["refer"]]
    assert [e.warned_on for e in chain.standing("BreachRequired")] == [day("2026-03-03")]
    chain.tell(initiated("2026-03-16", "C2"))
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "resolved")]
    chain.day("2026-04-20")
    chain.tell(heard("2026-04-20", "proven_continued"))
    assert [e.outcome for e in chain.standing("BreachConcluded")] == ["proven_continued"]
    assert chain.standing("WarningLetterOverdue") == []


def test_a_failure_corrected_to_complied_takes_the_breach_back(chain: Ledger) -> None:
    chain.day("2026-03-20")
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    chain.tell(outcome("2026-03-20", "unacceptable_absence", "C2"))
    assert [e.contact_id for e in chain.standing("BreachRequired")] == ["C2"]
    chain.tell(outcome("2026-03-02", "complied", "C1"))
    assert chain.standing("BreachRequired") == []
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "corrected")]
    assert [(e.contact_id, e.failures) for e in chain.standing("EnforcementActionRequired")] == [("C2", 1)]
    assert set(chain.withdrawals("EnforcementActionRequired")) == {("C1", "corrected"), ("C2", "superseded")}


def test_a_contact_that_never_was_takes_everything_with_it(chain: Ledger) -> None:
    chain.day("2026-03-09")
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    chain.day("2026-03-10")
    assert len(chain.standing("WarningLetterOverdue")) == 1
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1", voided=True))
    assert chain.withdrawals("WarningLetterOverdue") == [("C1", "corrected")]
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "corrected")]


def test_e32_a_late_first_failure_gives_one_breach_dated_by_the_second(chain: Ledger) -> None:
    chain.day("2026-03-20")
    chain.tell(outcome("2026-03-20", "unacceptable_absence", "F2"))
    assert chain.standing("BreachRequired") == []
    chain.tell(outcome("2026-03-05", "unacceptable_absence", "F1"), id="first")
    chain.tell(outcome("2026-03-05", "unacceptable_absence", "F1"), id="first")
    assert [(e.contact_id, e.failures) for e in chain.standing("BreachRequired")] == [("F2", 2)]
    assert len([e for e in chain.published if e.type == "BreachRequired"]) == 1


def test_an_absence_is_a_failure_only_when_it_is_decided(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "failed_to_attend", "C1"))
    chain.day("2026-03-06")
    assert chain.standing("EnforcementActionRequired") == []
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    assert [e.contact_id for e in chain.standing("EnforcementActionRequired")] == ["C1"]
    chain.day("2026-03-31")
    assert chain.standing("AbsenceDecisionOverdue") == []


def test_an_absence_that_nobody_decides_is_overdue_and_stays_undecided(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "failed_to_attend", "C1"))
    chain.day("2026-03-09")
    assert chain.standing("AbsenceDecisionOverdue") == []
    chain.day("2026-03-10")
    assert [e.due_on for e in chain.standing("AbsenceDecisionOverdue")] == [day("2026-03-09")]
    chain.day("2026-06-30")
    assert chain.standing("EnforcementActionRequired") == []


def test_an_absence_that_is_decided_late_was_decided_late_for_good(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "failed_to_attend", "C1"))
    chain.day("2026-03-12")
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    assert chain.withdrawals("AbsenceUndecided") == [("C1", "resolved")]
    assert chain.withdrawals("AbsenceDecisionOverdue") == []
    assert [e.due_on for e in chain.standing("AbsenceDecisionOverdue")] == [day("2026-03-09")]


def test_an_absence_that_turns_out_to_be_none_was_never_overdue(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "failed_to_attend", "C1"))
    chain.day("2026-03-12")
    chain.tell(outcome("2026-03-02", "complied", "C1"))
    assert chain.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


def test_death_ends_what_is_open_and_keeps_what_was_missed(chain: Ledger) -> None:
    chain.day("2026-03-02")
    chain.tell(outcome("2026-03-02", "unacceptable_absence", "C1"))
    chain.day("2026-03-19")
    chain.tell(outcome("2026-03-19", "unacceptable_absence", "C2"))
    chain.day("2026-03-20")
    chain.tell(died("2026-03-20"))
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "ended"), ("C2", "ended")]
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "ended")]
    published = len(types(chain))
    chain.day("2026-12-31")
    assert [e.contact_id for e in chain.standing("WarningLetterOverdue")] == ["C1"]
    assert types(chain)[published:] == []


@pytest.fixture
def alone() -> Ledger:
    """Enforcement by itself, told what contacts publishes."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-02")
    return ledger


def types(ledger: Ledger) -> list[str]:
    """The types of what enforcement published, in order."""
    return [event.type for event in ledger.published if event.source == SERVICE.source]


def test_a_late_letter_does_not_undo_that_it_was_late(alone: Ledger) -> None:
    alone.tell(ORDER, missed("2026-03-02", "C1"))
    alone.day("2026-03-05")
    alone.tell(action("letter_sent", "2026-03-05", "C1"))
    assert [e.contact_id for e in alone.standing("WarningLetterOverdue")] == ["C1"]
    assert alone.withdrawals("EnforcementActionRequired") == [("C1", "resolved")]


def test_a_letter_recorded_late_but_sent_in_time_takes_it_back(alone: Ledger) -> None:
    alone.tell(ORDER, missed("2026-03-02", "C1"))
    alone.day("2026-03-10")
    alone.tell(action("letter_sent", "2026-03-04", "C1"))
    assert alone.withdrawals("WarningLetterOverdue") == [("C1", "corrected")]


def test_failures_before_their_sentence_is_known_wait_for_it(alone: Ledger) -> None:
    alone.tell(missed("2026-03-02", "C1"))
    assert types(alone) == []
    alone.tell(ORDER)
    assert [e.contact_id for e in alone.standing("EnforcementActionRequired")] == ["C1"]


def test_a_voided_action_never_happened(alone: Ledger) -> None:
    alone.tell(ORDER, missed("2026-03-02", "C1"))
    initiation = initiated("2026-03-02", "C1")
    alone.tell(initiation)
    assert len(alone.standing("BreachStarted")) == 1
    alone.tell(initiation.model_copy(update={"voided": True}))
    assert alone.withdrawals("BreachStarted") == [("S1/C1", "corrected")]
    assert [e.contact_id for e in alone.standing("EnforcementActionRequired")] == ["C1"]


def test_a_failure_withdrawn_before_it_arrives_never_stands(alone: Ledger) -> None:
    alone.tell(ORDER)
    gone = Withdrawn(
        withdraws="missed-1", withdrawn_type="ContactMissed", key="C1", reason="corrected", why=WHY
    )
    alone.tell(gone)
    alone.tell(missed("2026-03-02", "C1"), id="missed-1")
    assert types(alone) == []


def test_a_breach_that_becomes_known_before_its_failures_keeps_its_key(alone: Ledger) -> None:
    alone.tell(ORDER, initiated("2026-03-02", "C2"))
    assert types(alone) == ["BreachStarted"]
    alone.tell(missed("2026-02-27", "C1"), missed("2026-03-02", "C2"))
    assert types(alone) == ["BreachStarted"]
