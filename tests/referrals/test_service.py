"""The service as it runs: facts join, are corrected and withdrawn, and each change is published once."""

from __future__ import annotations

import pytest

from schemas.envelope import Data
from schemas.referrals import ReturnToCourtRequired, UnpaidWorkCredited, UnpaidWorkStartOverdue
from services.referrals.app import SERVICE
from tests.ledger import Ledger
from tests.referrals.facts import activity, course, order, rar, revoked, session, varied, work

ORDER = order("2026-12-24", "2027-12-23", work(100), rar(2, "R2"))


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(SERVICE)
    ledger.day("2026-12-24")
    return ledger


def published(ledger: Ledger) -> list[str]:
    """The types published since the last call."""
    types = [event.type for event in ledger.published]
    ledger.published.clear()
    return types


def test_a_community_order_from_sentence_to_completion(ledger: Ledger) -> None:
    ledger.tell(order("2026-12-24", "2027-12-23", work(40), rar(1, "R2")))
    assert published(ledger) == ["ReferralMade"]
    ledger.day("2027-01-11")
    ledger.tell(session("2027-01-11", 1440))
    assert published(ledger) == ["InterventionStarted", "UnpaidWorkCredited"]
    ledger.tell(course("2027-01-12", 900))
    ledger.day("2027-01-12")
    assert published(ledger) == ["UnpaidWorkCredited", "EmploymentCapExceeded"]
    ledger.day("2027-01-18")
    ledger.tell(session("2027-01-18", 420))
    assert published(ledger) == ["UnpaidWorkCredited", "RequirementCompleted"]
    ledger.tell(activity("2027-01-18", id="P2", requirement="R2"))
    assert published(ledger) == ["RarDayUsed", "RequirementCompleted"]
    ledger.day("2028-01-31")
    assert published(ledger) == []


def test_e38_is_published_when_the_day_after_begins(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-01-26")
    assert ledger.standing("UnpaidWorkStartOverdue") == []
    ledger.day("2027-01-27")
    event = ledger.standing_events("UnpaidWorkStartOverdue")[0]
    assert str(event.data.due_on) == "2027-01-26"
    assert event.data.why.rules == ["UPW-1"]
    assert event.data.why.policy.startswith("referrals@")
    assert event.data.why.evidence == ["event-0001"]


def test_a_start_in_time_that_is_told_late_withdraws_the_deadline(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-02-01")
    ledger.tell(session("2027-01-20"))
    assert ledger.standing("UnpaidWorkStartOverdue") == []
    assert ledger.withdrawals("UnpaidWorkStartOverdue") == [("R1", "corrected")]


def test_a_session_told_late_supersedes_the_totals_after_it(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-02-01")
    ledger.tell(session("2027-01-20", 100), session("2027-01-27", 200))
    ledger.tell(session("2027-01-13", 50))
    credits = {e.session_id: e.worked_minutes for e in ledger.standing("UnpaidWorkCredited")}
    assert credits == {"P-2027-01-13": 50, "P-2027-01-20": 150, "P-2027-01-27": 350}
    assert ledger.withdrawals("UnpaidWorkCredited") == [
        ("P-2027-01-20", "superseded"),
        ("P-2027-01-27", "superseded"),
    ]


@pytest.mark.parametrize(
    "correction",
    [
        pytest.param(session("2027-01-20", 100, voided=True), id="never happened"),
        pytest.param(session("2027-01-20", 100, outcome="unacceptable_absence"), id="stayed away after all"),
        pytest.param(session("2027-01-20", 100, requirement="R2"), id="of another requirement"),
    ],
)
def test_a_corrected_session_takes_its_credit_back(ledger: Ledger, correction: Data) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-01-20")
    ledger.tell(session("2027-01-20", 100))
    ledger.tell(correction)
    assert ledger.standing("UnpaidWorkCredited") == []
    assert ledger.standing("InterventionStarted") == []
    assert ledger.withdrawals("UnpaidWorkCredited") == [("P-2027-01-20", "corrected")]


def test_enf_19_a_rar_day_is_given_back_when_the_outcome_is_corrected(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-01-20")
    ledger.tell(*(activity(f"2027-01-{d}", requirement="R2") for d in (18, 19, 20)))
    assert [str(e.date) for e in ledger.standing("RarDayUsed")] == ["2027-01-18", "2027-01-19"]
    ledger.tell(activity("2027-01-18", "failed_to_comply", requirement="R2"))
    assert {str(e.date): e.used for e in ledger.standing("RarDayUsed")} == {"2027-01-19": 1, "2027-01-20": 2}
    assert ledger.standing("RarLimitReached") == []
    assert ledger.withdrawals("RarLimitReached") == [("P-2027-01-20", "corrected")]


def test_the_same_session_told_twice_counts_once(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-01-20")
    for _ in range(2):
        ledger.tell(session("2027-01-20", 100), id="the-same")
        ledger.tell(session("2027-01-20", 100))
    assert [e.worked_minutes for e in ledger.standing("UnpaidWorkCredited")] == [100]
    assert ledger.withdrawals("UnpaidWorkCredited") == []


def test_sessions_of_a_sentence_not_known_yet_wait_for_it(ledger: Ledger) -> None:
    ledger.day("2027-01-20")
    ledger.tell(session("2027-01-20", 100), activity("2027-01-20", id="P2", requirement="R2"))
    assert published(ledger) == []
    ledger.tell(ORDER)
    assert sorted(published(ledger)) == [
        "InterventionStarted",
        "RarDayUsed",
        "ReferralMade",
        "UnpaidWorkCredited",
    ]


def test_a_sentence_that_never_was_takes_everything_back(ledger: Ledger) -> None:
    ledger.tell(ORDER)
    ledger.day("2027-02-01")
    ledger.tell(session("2027-01-28", 100))
    ledger.tell(order("2026-12-24", "2027-12-23", voided=True))
    assert ledger.standing_events() == []
    assert ledger.withdrawals("UnpaidWorkStartOverdue") == [("R1", "corrected")]


def test_a_return_to_court_is_resolved_when_the_work_is_done() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2024-02-01")
    ledger.tell(order("2024-02-01", "2025-07-31", work(40)))
    ledger.tell(*(session(f"2025-01-{d}", 1000) for d in (13, 20)))
    ledger.day("2025-02-01")
    assert len(ledger.standing(ReturnToCourtRequired.__name__)) == 1
    ledger.tell(session("2025-02-01", 400))
    assert ledger.standing(ReturnToCourtRequired.__name__) == []
    assert ledger.withdrawals(ReturnToCourtRequired.__name__) == [("R1", "resolved")]
    assert len(ledger.standing(UnpaidWorkCredited.__name__)) == 3
    assert len(ledger.standing(UnpaidWorkStartOverdue.__name__)) == 1


def test_a_return_to_court_ends_with_the_order() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2024-02-01")
    ledger.tell(order("2024-02-01", "2025-07-31", work(40)))
    ledger.day("2025-03-03")
    ledger.tell(revoked("2025-03-03", reason="resentenced"))
    assert ledger.withdrawals("ReturnToCourtRequired") == [("R1", "ended")]
    assert len(ledger.standing("UnpaidWorkStartOverdue")) == 1


def test_more_hours_withdraw_the_completion_and_less_bring_it_back(ledger: Ledger) -> None:
    ledger.tell(order("2026-12-24", "2027-12-23", work(40)))
    ledger.day("2027-01-20")
    ledger.tell(session("2027-01-18", 1200), session("2027-01-19", 1200))
    assert len(ledger.standing("RequirementCompleted")) == 1
    ledger.tell(varied("2027-01-20", "2027-12-23", work(60)))
    assert ledger.standing("RequirementCompleted") == []
    ledger.day("2027-02-01")
    ledger.tell(varied("2027-02-01", "2027-12-23", work(40)))
    assert [str(e.completed_on) for e in ledger.standing("RequirementCompleted")] == ["2027-02-01"]


def test_a_person_without_any_known_sentence_never_wakes() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2027-01-01")
    ledger.tell(revoked("2027-06-01"), varied("2027-06-01", "2027-12-23", work(60)))
    ledger.day("2027-12-31")
    assert ledger.published == []
