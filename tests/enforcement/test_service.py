"""The service as the engine runs it: what is published, and why it is withdrawn."""

from __future__ import annotations

import pytest

from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.ledger import Ledger

ORDER = f.order("2026-01-05", "2027-12-31")
FIRST = f.contact("2026-03-02", "unacceptable_absence", id="C1")
ABSENT = f.contact("2026-03-02", "failed_to_attend", id="C1")


@pytest.fixture
def chain() -> Ledger:
    """Contacts and enforcement: outcomes go in, enforcement comes out."""
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-01-05")
    ledger.tell(ORDER)
    ledger.day("2026-03-02")
    return ledger


@pytest.fixture
def alone() -> Ledger:
    """Enforcement by itself, told what contacts publishes."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-02")
    return ledger


def types(ledger: Ledger) -> list[str]:
    """The types of what enforcement published, in order."""
    return [event.type for event in ledger.published if event.source == SERVICE.source]


def contacts(ledger: Ledger, type: str) -> list[str]:
    """The contacts that the standing events of a type are about."""
    return [event.contact_id for event in ledger.standing(type)]


def test_a_failure_a_warning_and_a_second_failure(chain: Ledger) -> None:
    chain.tell(FIRST)
    assert [e.options for e in chain.standing("EnforcementActionRequired")] == [["warn", "refer"]]
    chain.day("2026-03-03")
    chain.tell(f.action("2026-03-03", contact="C1"))
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "resolved")]
    chain.day("2026-03-16")
    chain.tell(f.contact("2026-03-16", "failed_to_comply", id="C2"))
    assert [e.options for e in chain.standing("EnforcementActionRequired")] == [["refer"]]
    assert [str(e.warned_on) for e in chain.standing("BreachRequired")] == ["2026-03-03"]
    chain.tell(f.action("2026-03-16", "breach_initiated", "C2"))
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "resolved")]
    chain.day("2026-04-20")
    chain.tell(f.heard("2026-04-20", "proven_continued"))
    assert [e.outcome for e in chain.standing("BreachConcluded")] == ["proven_continued"]
    assert chain.standing("WarningLetterOverdue") == []


def test_a_failure_corrected_to_complied_takes_the_breach_back(chain: Ledger) -> None:
    chain.day("2026-03-20")
    chain.tell(FIRST, f.contact("2026-03-20", "unacceptable_absence", id="C2"))
    assert contacts(chain, "BreachRequired") == ["C2"]
    chain.tell(f.contact("2026-03-02", id="C1"))
    assert chain.standing("BreachRequired") == []
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "corrected")]
    assert [(e.contact_id, e.failures) for e in chain.standing("EnforcementActionRequired")] == [("C2", 1)]
    assert set(chain.withdrawals("EnforcementActionRequired")) == {("C1", "corrected"), ("C2", "superseded")}


def test_a_contact_that_never_was_takes_everything_with_it(chain: Ledger) -> None:
    chain.day("2026-03-09")
    chain.tell(FIRST)
    chain.day("2026-03-10")
    assert contacts(chain, "WarningLetterOverdue") == ["C1"]
    chain.tell(f.contact("2026-03-02", "unacceptable_absence", id="C1", voided=True))
    assert chain.withdrawals("WarningLetterOverdue") == [("C1", "corrected")]
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "corrected")]


def test_e32_a_late_first_failure_gives_one_breach_dated_by_the_second(chain: Ledger) -> None:
    chain.day("2026-03-20")
    chain.tell(f.contact("2026-03-20", "unacceptable_absence", id="F2"))
    assert chain.standing("BreachRequired") == []
    for _ in range(2):
        chain.tell(f.contact("2026-03-05", "unacceptable_absence", id="F1"), id="first")
    assert [(e.contact_id, e.failures) for e in chain.standing("BreachRequired")] == [("F2", 2)]
    assert types(chain).count("BreachRequired") == 1


def test_an_absence_is_a_failure_only_when_it_is_decided(chain: Ledger) -> None:
    chain.tell(ABSENT)
    chain.day("2026-03-06")
    assert chain.standing("EnforcementActionRequired") == []
    chain.tell(FIRST)
    assert contacts(chain, "EnforcementActionRequired") == ["C1"]
    chain.day("2026-03-31")
    assert chain.standing("AbsenceDecisionOverdue") == []


def test_an_absence_that_nobody_decides_is_overdue_and_stays_undecided(chain: Ledger) -> None:
    chain.tell(ABSENT)
    chain.day("2026-03-09")
    assert chain.standing("AbsenceDecisionOverdue") == []
    chain.day("2026-03-10")
    assert [str(e.due_on) for e in chain.standing("AbsenceDecisionOverdue")] == ["2026-03-09"]
    chain.day("2026-06-30")
    assert chain.standing("EnforcementActionRequired") == []


def test_an_absence_that_is_decided_late_was_decided_late_for_good(chain: Ledger) -> None:
    chain.tell(ABSENT)
    chain.day("2026-03-12")
    chain.tell(FIRST)
    assert chain.withdrawals("AbsenceUndecided") == [("C1", "resolved")]
    assert chain.withdrawals("AbsenceDecisionOverdue") == []
    assert [str(e.due_on) for e in chain.standing("AbsenceDecisionOverdue")] == ["2026-03-09"]


def test_an_absence_that_turns_out_to_be_none_was_never_overdue(chain: Ledger) -> None:
    chain.tell(ABSENT)
    chain.day("2026-03-12")
    chain.tell(f.contact("2026-03-02", id="C1"))
    assert chain.withdrawals("AbsenceDecisionOverdue") == [("C1", "corrected")]


def test_death_ends_what_is_open_and_keeps_what_was_missed(chain: Ledger) -> None:
    chain.tell(FIRST)
    chain.day("2026-03-19")
    chain.tell(f.contact("2026-03-19", "unacceptable_absence", id="C2"))
    chain.day("2026-03-20")
    chain.tell(f.died("2026-03-20"))
    assert chain.withdrawals("EnforcementActionRequired") == [("C1", "ended"), ("C2", "ended")]
    assert chain.withdrawals("BreachRequired") == [("S1/C2", "ended")]
    published = len(types(chain))
    chain.day("2026-12-31")
    assert contacts(chain, "WarningLetterOverdue") == ["C1"]
    assert types(chain)[published:] == []


def test_a_late_letter_does_not_undo_that_it_was_late(alone: Ledger) -> None:
    alone.tell(ORDER, f.missed("2026-03-02", id="C1"))
    alone.day("2026-03-05")
    alone.tell(f.action("2026-03-05", "letter_sent", "C1"))
    assert contacts(alone, "WarningLetterOverdue") == ["C1"]
    assert alone.withdrawals("EnforcementActionRequired") == [("C1", "resolved")]


def test_a_letter_recorded_late_but_sent_in_time_takes_it_back(alone: Ledger) -> None:
    alone.tell(ORDER, f.missed("2026-03-02", id="C1"))
    alone.day("2026-03-10")
    alone.tell(f.action("2026-03-04", "letter_sent", "C1"))
    assert alone.withdrawals("WarningLetterOverdue") == [("C1", "corrected")]


def test_failures_before_their_sentence_is_known_wait_for_it(alone: Ledger) -> None:
    alone.tell(f.missed("2026-03-02", id="C1"))
    assert types(alone) == []
    alone.tell(ORDER)
    assert contacts(alone, "EnforcementActionRequired") == ["C1"]


def test_a_voided_action_never_happened(alone: Ledger) -> None:
    alone.tell(ORDER, f.missed("2026-03-02", id="C1"))
    alone.tell(f.action("2026-03-02", "breach_initiated", "C1"))
    assert len(alone.standing("BreachStarted")) == 1
    alone.tell(f.action("2026-03-02", "breach_initiated", "C1", voided=True))
    assert alone.withdrawals("BreachStarted") == [("S1/C1", "corrected")]
    assert contacts(alone, "EnforcementActionRequired") == ["C1"]


def test_a_failure_withdrawn_before_it_arrives_never_stands(alone: Ledger) -> None:
    failure = f.missed("2026-03-02", id="C1", event="missed-1")
    alone.tell(ORDER, f.withdrawn("2026-03-02", failure), failure)
    assert types(alone) == []


def test_a_breach_that_becomes_known_before_its_failures_keeps_its_key(alone: Ledger) -> None:
    alone.tell(ORDER, f.action("2026-03-02", "breach_initiated", "C2"))
    assert types(alone) == ["BreachStarted"]
    alone.tell(f.missed("2026-02-27", id="C1"), f.missed("2026-03-02", id="C2"))
    assert types(alone) == ["BreachStarted"]


# -- one person under two numbers, limited access, and what goes no further ---------------------------


def test_a_merge_counts_the_failures_of_both_records() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-16")
    ledger.tell(ORDER, f.missed("2026-03-02", id="C1"), f.action("2026-03-03", contact="C1"))
    ledger.tell(f.missed("2026-03-16", id="C2").about("X2"))
    assert ledger.standing("BreachRequired") == []
    ledger.tell(f.merged("2026-03-16", "X2"))
    (required,) = ledger.standing_events("BreachRequired")
    assert (required.subject, required.data.failures) == ("X2", 2)
    assert str(required.data.warned_on) == "2026-03-03"
    ledger.tell(f.merged("2026-03-16", "X2", voided=True))
    assert ledger.standing("BreachRequired") == []


def test_what_is_published_of_a_limited_case_says_so(alone: Ledger) -> None:
    alone.tell(ORDER, f.limited("2026-03-02"), f.missed("2026-03-02", id="C1"))
    assert [event.data.limited for event in alone.standing_events("EnforcementActionRequired")] == [True]


def test_no_event_carries_what_was_written_in_free_text(alone: Ledger) -> None:
    alone.tell(ORDER, f.missed("2026-02-27", id="C0"), f.missed("2026-03-02", id="C1"))
    alone.tell(f.action("2026-03-02", contact="C0", rationale="He said that he was ill"))
    alone.tell(f.action("2026-03-02T15:00", "breach_initiated", "C1", rationale="He said that he was ill"))
    alone.tell(f.decided("2026-03-02", "absence_review", reason="He said that he was ill"))
    alone.day("2026-06-01")
    assert alone.published
    assert all("He said" not in event.data.model_dump_json() for event in alone.published)
