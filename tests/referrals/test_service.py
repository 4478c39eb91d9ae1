"""The service as it runs: facts join, are corrected and withdrawn, and each change is published once."""

from __future__ import annotations

import pytest

from schemas import language
from services.referrals.app import SERVICE
from shared.engine.intake import DeadLetter, Message, take
from tests import facts as f
from tests.ledger import Ledger

ENDS = "2027-12-23"
ORDER = f.order("2026-12-24", ENDS, "unpaid_work 100, rar 2")
FORTY = f.order("2026-12-24", ENDS, "unpaid_work 40")


def told(day: str, *facts: f.Fact) -> Ledger:
    """The service, told these facts on a day."""
    ledger = Ledger(SERVICE)
    ledger.day(day)
    ledger.tell(*facts)
    return ledger


def published(ledger: Ledger) -> list[str]:
    """The types published since the last call."""
    types = [event.type for event in ledger.published]
    ledger.published.clear()
    return types


def totals(ledger: Ledger) -> dict[str, int]:
    """The minutes credited up to and including each session."""
    return {event.session_id: event.worked_minutes for event in ledger.standing("UnpaidWorkCredited")}


def test_nobody_else_can_say_that_a_place_was_taken() -> None:
    made = told("2026-12-24", ORDER).published[0]
    assert made.type == "ReferralMade"
    for topic in SERVICE.reads:
        value = made.model_dump_json(by_alias=True, exclude_none=True).encode()
        refused = take(Message(topic, 0, 0, None, value, (), made.time), SERVICE, language)
        assert isinstance(refused, DeadLetter), topic
        assert refused.reason == "wrong_topic"
    assert "referrals" not in SERVICE.reads


def test_a_community_order_from_sentence_to_completion() -> None:
    ledger = told("2026-12-24", f.order("2026-12-24", ENDS, "unpaid_work 40, rar 1"))
    assert published(ledger) == ["ReferralMade", "EmploymentAssessmentDue"]
    ledger.day("2027-01-11")
    ledger.tell(f.work("2027-01-11", minutes=1440))
    assert published(ledger) == ["InterventionStarted", "UnpaidWorkCredited"]
    ledger.tell(f.learning("2027-01-12", minutes=900))
    ledger.day("2027-01-12")
    assert published(ledger) == ["UnpaidWorkCredited", "EmploymentCapExceeded"]
    ledger.day("2027-01-18")
    ledger.tell(f.work("2027-01-18"))
    assert published(ledger) == ["ReferralEnded", "UnpaidWorkCredited", "RequirementCompleted"]
    ledger.tell(f.session("2027-01-18", id="P2"))
    assert published(ledger) == ["RarDayUsed", "RequirementCompleted"]
    ledger.tell(f.employment_need("2027-01-19"))
    ledger.day("2028-01-31")
    assert published(ledger) == ["Withdrawn"]


def test_e38_is_published_when_the_day_after_begins() -> None:
    ledger = told("2026-12-24", ORDER)
    ledger.day("2027-01-26")
    assert ledger.standing("UnpaidWorkStartOverdue") == []
    ledger.day("2027-01-27")
    (event,) = ledger.standing("UnpaidWorkStartOverdue")
    assert str(event.due_on) == "2027-01-26"
    assert event.why.rules == ["UPW-1"]
    assert event.why.policy.startswith("referrals@")
    assert event.why.evidence == ["event-0001"]


def test_a_start_in_time_that_is_told_late_withdraws_the_deadline() -> None:
    ledger = told("2026-12-24", ORDER)
    ledger.day("2027-02-01")
    ledger.tell(f.work("2027-01-20"))
    assert ledger.standing("UnpaidWorkStartOverdue") == []
    assert ledger.withdrawals("UnpaidWorkStartOverdue") == [("UPW", "corrected")]


def test_a_session_told_late_supersedes_the_totals_after_it() -> None:
    later = [f.work("2027-01-20", minutes=100), f.work("2027-01-27", minutes=200)]
    ledger = told("2027-02-01", ORDER, *later, f.work("2027-01-13", minutes=50))
    assert totals(ledger) == {"P-2027-01-13": 50, "P-2027-01-20": 150, "P-2027-01-27": 350}
    assert ledger.withdrawals("UnpaidWorkCredited") == [
        ("P-2027-01-20", "superseded"),
        ("P-2027-01-27", "superseded"),
    ]


@pytest.mark.parametrize(
    "correction",
    [
        pytest.param(f.work("2027-01-20", voided=True), id="never happened"),
        pytest.param(f.work("2027-01-20", "unacceptable_absence"), id="stayed away after all"),
        pytest.param(f.work("2027-01-20", requirement="RAR"), id="of another requirement"),
    ],
)
def test_a_corrected_session_takes_its_credit_back(correction: f.Fact) -> None:
    ledger = told("2027-01-20", ORDER, f.work("2027-01-20"), correction)
    assert ledger.standing("UnpaidWorkCredited") == []
    assert ledger.standing("InterventionStarted") == []
    assert ledger.withdrawals("UnpaidWorkCredited") == [("P-2027-01-20", "corrected")]


def test_enf_19_a_rar_day_is_given_back_when_the_outcome_is_corrected() -> None:
    ledger = told("2027-01-20", ORDER, *(f.session(day) for day in f.days_from("2027-01-18", 3)))
    assert [str(e.date) for e in ledger.standing("RarDayUsed")] == ["2027-01-18", "2027-01-19"]
    ledger.tell(f.session("2027-01-18", "failed_to_comply"))
    assert {str(e.date): e.used for e in ledger.standing("RarDayUsed")} == {"2027-01-19": 1, "2027-01-20": 2}
    assert ledger.standing("RarLimitReached") == []
    assert ledger.withdrawals("RarLimitReached") == [("P-2027-01-20", "corrected")]


def test_the_same_session_told_twice_counts_once() -> None:
    ledger = told("2027-01-20", ORDER)
    for _ in range(2):
        ledger.tell(f.work("2027-01-20", minutes=100), id="the-same")
        ledger.tell(f.work("2027-01-20", minutes=100))
    assert totals(ledger) == {"P-2027-01-20": 100}
    assert ledger.withdrawals("UnpaidWorkCredited") == []


def test_sessions_of_a_sentence_not_known_yet_wait_for_it() -> None:
    ledger = told("2027-01-20", f.work("2027-01-20"), f.session("2027-01-20", id="P2"))
    assert published(ledger) == []
    ledger.tell(ORDER)
    assert sorted(published(ledger)) == [
        "EmploymentAssessmentDue",
        "InterventionStarted",
        "RarDayUsed",
        "ReferralMade",
        "UnpaidWorkCredited",
    ]


def test_a_sentence_that_never_was_takes_everything_back() -> None:
    ledger = told("2026-12-24", ORDER)
    ledger.day("2027-02-01")
    ledger.tell(f.work("2027-01-28"), f.order("2026-12-24", ENDS, voided=True))
    assert ledger.standing_events() == []
    assert ledger.withdrawals("UnpaidWorkStartOverdue") == [("UPW", "corrected")]


def test_a_return_to_court_is_resolved_when_the_work_is_done() -> None:
    ledger = told("2024-02-01", f.order("2024-02-01", "2025-07-31", "unpaid_work 40"))
    ledger.tell(*(f.work(day, minutes=1000) for day in ("2025-01-13", "2025-01-20")))
    ledger.day("2025-02-01")
    assert len(ledger.standing("ReturnToCourtRequired")) == 1
    ledger.tell(f.work("2025-02-01", minutes=400))
    assert ledger.standing("ReturnToCourtRequired") == []
    assert ledger.withdrawals("ReturnToCourtRequired")[-1] == ("UPW", "resolved")
    assert len(ledger.standing("UnpaidWorkCredited")) == 3
    assert len(ledger.standing("UnpaidWorkStartOverdue")) == 1


def test_a_return_to_court_ends_with_the_order() -> None:
    ledger = told("2024-02-01", f.order("2024-02-01", "2025-07-31", "unpaid_work 40"))
    ledger.day("2025-03-03")
    ledger.tell(f.revoked("2025-03-03", "resentenced"))
    assert ledger.withdrawals("ReturnToCourtRequired") == [("UPW", "ended")]
    assert len(ledger.standing("UnpaidWorkStartOverdue")) == 1


def test_more_hours_withdraw_the_completion_and_less_bring_it_back() -> None:
    ledger = told("2026-12-24", FORTY)
    ledger.day("2027-01-20")
    ledger.tell(f.work("2027-01-18", minutes=1200), f.work("2027-01-19", minutes=1200))
    assert len(ledger.standing("RequirementCompleted")) == 1
    ledger.tell(f.varied("2027-01-20", ENDS, "unpaid_work 60"))
    assert ledger.standing("RequirementCompleted") == []
    ledger.day("2027-02-01")
    ledger.tell(f.varied("2027-02-01", ENDS, "unpaid_work 40"))
    assert [str(e.completed_on) for e in ledger.standing("RequirementCompleted")] == ["2027-02-01"]


def test_a_second_order_known_first_gives_its_referral_another_id_when_the_first_comes() -> None:
    second = f.order("2027-01-04", "2028-01-03", "unpaid_work 60", id="S2")
    ledger = told("2027-01-04", second)
    assert [event.referral_id for event in ledger.standing("ReferralMade")] == ["UPW"]
    ledger.tell(FORTY)
    referrals = {event.sentence_id: event.referral_id for event in ledger.standing("ReferralMade")}
    assert referrals == {"S1": "UPW", "S2": "S2:UPW"}


def test_a_person_without_any_known_sentence_never_wakes() -> None:
    ledger = told("2027-01-01", f.revoked("2027-06-01"), f.varied("2027-06-01", ENDS, "unpaid_work 60"))
    ledger.day("2027-12-31")
    assert ledger.published == []
