"""Post-sentence supervision is enforced as an order is, before magistrates, never by recall (ENF-33, 34)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.enforcement import BreachRequired, EnforcementActionRequired
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

SENTENCE = f.custodial("2025-01-06", 300, level="crown")
RELEASED = f.released("2025-06-02", "2025-11-30", "2026-06-01")
PSS = (SENTENCE, RELEASED)
"""On licence until 30 November 2025, then in post-sentence supervision, which is repealed on 11 May 2026."""
F1, F2 = f.missed("2025-12-08", id="F1"), f.missed("2026-01-12", id="F2")
LATE = "2026-12-31"


def test_the_first_failure_calls_for_a_warning_or_a_referral() -> None:
    case = on("2025-12-08", SERVICE, *PSS, F1)
    assert case.open("EnforcementActionRequired") == {
        "F1": EnforcementActionRequired(
            **f.PLACE,
            contact_id="F1",
            sentence_id="S1",
            options=["warn", "refer"],
            failures=1,
            due_on=date(2025, 12, 10),
        )
    }
    (finding,) = case.findings("EnforcementActionRequired")
    assert "ENF-33" in finding.rules


def test_after_a_warning_the_only_option_is_to_refer() -> None:
    case = on("2026-01-12", SERVICE, *PSS, F1, f.action("2025-12-09", contact="F1"), F2)
    assert case.open("EnforcementActionRequired")["F2"].options == ["refer"]


def test_the_second_failure_requires_a_breach_before_magistrates_whoever_passed_the_sentence() -> None:
    case = on("2026-01-12", SERVICE, *PSS, F1, F2)
    assert case.open("BreachRequired") == {
        "S1/F2": BreachRequired(
            **f.PLACE,
            sentence_id="S1",
            contact_id="F2",
            failures=2,
            warned_on=None,
            pack_due_on=date(2026, 1, 26),
            due_on=date(2026, 1, 26),
            court_level="magistrates",
        )
    }
    (finding,) = case.findings("BreachRequired")
    assert "ENF-33" in finding.rules


def test_the_information_is_laid_before_magistrates() -> None:
    steps = [
        f.action("2026-01-13", "breach_initiated", "F2"),
        f.action("2026-01-20", "breach_pack_completed"),
    ]
    assert (
        on(LATE, SERVICE, *PSS, F1, F2, *steps).one("BreachInformationOverdue").court_level == "magistrates"
    )


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("default_order", {"sanction": "unpaid_work"}),
        ("proven_continued", {"sanction": "fine", "fine_pounds": 200}),
        ("proven_continued", {"sanction": "custody"}),
        ("not_proven", {}),
    ],
)
def test_the_court_deals_with_the_breach_and_the_count_begins_again(
    outcome: str, more: dict[str, Any]
) -> None:
    breach = [f.action("2026-01-13", "breach_initiated", "F2"), f.heard("2026-02-09", outcome, **more)]
    case = on("2026-03-02", SERVICE, *PSS, F1, F2, *breach, f.missed("2026-03-02", id="F3"))
    concluded = case.one("BreachConcluded")
    assert (concluded.outcome, concluded.sanction) == (outcome, more.get("sanction"))
    assert case.open("EnforcementActionRequired")["F3"].failures == 1


def test_there_is_no_recall_in_post_sentence_supervision() -> None:
    facts = [F1, f.action("2025-12-09", "final_warning", "F1"), F2, f.taken("2026-01-13")]
    case = on("2026-01-13", SERVICE, *PSS, *facts)
    assert case.findings("RecallConsidered") == []
    agreed = f.action("2026-01-13T09:00", "recall_manager_agreed", "F2")
    assert on(LATE, SERVICE, *PSS, F1, F2, agreed).findings("RecallDeadlineMissed") == []


@table(
    """
    | case                                      | facts                                                                            | options            | failures |
    | a failure on licence does not count       | 2025-11-30 missed id=L1                                                          | ["warn", "refer"]  | 1        |
    | nor is a warning under it in force        | 2025-11-20 missed id=L1; 2025-11-30 action warning contact=L1                    | ["warn", "refer"]  | 1        |
    | nor one for a failure on it, given later  | 2025-11-30 missed id=L1; 2025-12-01 action warning contact=L1                    | ["warn", "refer"]  | 1        |
    | a failure on the first day does           | 2025-12-01 missed id=L1                                                          | ["warn", "refer"]  | 2        |
    | and a warning for it is in force          | 2025-12-01 missed id=L1; 2025-12-02 action warning contact=L1                    | ["refer"]          | 2        |
    """  # noqa: E501
)
def test_what_happened_on_licence_stays_there(facts: list[f.Fact], options: list[str], failures: int) -> None:
    event = on("2025-12-08", SERVICE, *PSS, *facts, F1).open("EnforcementActionRequired")["F1"]
    assert (event.options, event.failures) == (options, failures)


def test_an_open_failure_on_licence_ends_with_the_licence() -> None:
    failure = f.missed("2025-11-28", id="L1")
    before = on("2025-11-30", SERVICE, *PSS, failure)
    assert before.open("EnforcementActionRequired")["L1"].options == ["warn", "recall"]
    after = on("2025-12-01", SERVICE, *PSS, failure)
    assert after.closed("EnforcementActionRequired") == {"L1": "ended"}


# -- the repeal on 11 May 2026 -----------------------------------------------------------------------


BEFORE_REPEAL = (f.missed("2026-05-08", id="F1"), f.missed("2026-05-10", id="F2"))


def test_enf_34_failures_from_before_the_repeal_can_still_be_dealt_with() -> None:
    case = on("2026-05-12", SERVICE, *PSS, *BEFORE_REPEAL, f.missed("2026-05-11", id="F3"))
    assert list(case.open("EnforcementActionRequired")) == ["F1", "F2"]
    assert list(case.open("BreachRequired")) == ["S1/F2"]


def test_enf_34_a_breach_for_them_can_be_brought_and_heard_after_the_repeal() -> None:
    breach = [f.action("2026-05-14", "breach_initiated", "F2"), f.heard("2026-07-06", "proven_continued")]
    case = on(LATE, SERVICE, *PSS, *BEFORE_REPEAL, *breach)
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}
    assert list(case.open("BreachStarted")) == ["S1/F2"]
    assert [event.outcome for event in case.open("BreachConcluded").values()] == ["proven_continued"]


@pytest.mark.parametrize(("day", "standing"), [("2026-06-01", ["S1/F2"]), ("2026-06-02", [])])
def test_enf_34_they_are_until_the_supervision_would_have_ended(day: str, standing: list[str]) -> None:
    case = on(day, SERVICE, *PSS, *BEFORE_REPEAL)
    assert list(case.open("BreachRequired")) == standing


def test_after_the_repeal_nothing_is_begun_that_was_never_supervised() -> None:
    late = (f.custodial("2026-01-05", 200), f.released("2026-04-13", "2026-07-24", "2027-04-12"))
    failures = [f.missed("2026-08-03", id="F1"), f.missed("2026-08-10", id="F2")]
    assert on(LATE, SERVICE, *late, *failures).all == []
