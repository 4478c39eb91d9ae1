"""Who decides on a breach: a manager, the enforcement officer, a court (ENF-7, ENF-16, ENF-36, ENF-40)."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import Assessed, on
from tests.policies import changed

ORDER = f.order("2026-01-05", "2027-12-31")
F1, F2 = f.missed("2026-03-02", id="F1"), f.missed("2026-03-09", id="F2")
REQUIRED = (ORDER, F1, F2)
BREACH = (*REQUIRED, f.action("2026-03-10", "breach_initiated", "F2", id="B1"))
REFUSED = f.decided("2026-03-12", "enforcement_review", False)
LATER = "2026-12-01"


def counts(case: Assessed) -> dict[str, int]:
    found = case.findings("EnforcementActionRequired")
    return {finding.event.contact_id: finding.event.failures for finding in found}


# -- a manager decides that no breach is brought -----------------------------------------------------


@pytest.mark.parametrize("about", [None, "F1", "F2"])
def test_a_manager_may_decide_that_no_breach_is_brought(about: str | None) -> None:
    refused = f.decided("2026-03-12", "enforcement_review", False, about_id=about)
    case = on(LATER, SERVICE, *REQUIRED, refused)
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}
    assert case.open("BreachPackOverdue") == {}


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(f.decided("2026-03-12", "enforcement_review", True), id="it is to be brought"),
        pytest.param(f.decided("2026-03-12", "absence_review", False), id="about absences"),
        pytest.param(
            f.decided("2026-03-12", "enforcement_review", False, about_id="F9"), id="another failure"
        ),
        pytest.param(f.decided("2026-03-12", "enforcement_review", False, sentence="S2"), id="another order"),
        pytest.param(f.decided("2026-03-08", "enforcement_review", False), id="before the review was open"),
    ],
)
def test_a_decision_that_leaves_the_review_open(decision: f.Fact) -> None:
    assert list(on("2026-03-20", SERVICE, *REQUIRED, decision).open("BreachRequired")) == ["S1/F2"]


def test_failures_during_the_review_never_count_and_the_next_one_opens_another() -> None:
    during, after = f.missed("2026-03-11", id="F3"), f.missed("2026-03-12", id="F4")
    case = on(LATER, SERVICE, *REQUIRED, during, REFUSED, after)
    assert counts(case) == {"F1": 1, "F2": 2, "F4": 3}
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}
    assert list(case.open("BreachRequired")) == ["S1/F4"]


def test_a_review_refused_on_the_day_on_which_it_was_opened() -> None:
    refused = f.decided("2026-03-09", "enforcement_review", False)
    assert on(LATER, SERVICE, *REQUIRED, refused).closed("BreachRequired") == {"S1/F2": "resolved"}


def test_once_the_breach_is_initiated_a_refusal_comes_too_late() -> None:
    case = on(LATER, SERVICE, *BREACH, REFUSED)
    assert list(case.open("BreachStarted")) == ["S1/F2"]
    assert case.open("BreachConcluded") == {}


# -- the comparison with the limit (ENF-17, C20) and the window (D2) ----------------------------------


def test_with_more_than_the_peers_answers_come_out(tmp_path: Path) -> None:
    policy = changed(SERVICE, tmp_path, failure_comparison='"more_than"')
    assert on(LATER, SERVICE, *REQUIRED, policy=policy).findings("BreachRequired") == []
    third = f.missed("2026-03-16", id="F3")
    event = on(LATER, SERVICE, *REQUIRED, third, policy=policy).one("BreachRequired")
    assert (event.contact_id, event.failures) == ("F3", 3)


def test_without_a_window_all_failures_since_the_last_breach_count(tmp_path: Path) -> None:
    late = f.missed("2027-06-07", id="F2")
    assert on("2027-06-07", SERVICE, ORDER, F1, late).findings("BreachRequired") == []
    policy = changed(SERVICE, tmp_path, failure_window_months={"effective_to": "1990-01-01"})
    assert on("2027-06-07", SERVICE, ORDER, F1, late, policy=policy).one("BreachRequired").failures == 2


# -- returned, and what a court says -----------------------------------------------------------------


def test_a_breach_returned_to_the_officer_is_over_and_the_count_is_0() -> None:
    returned = f.action("2026-03-16", "breach_returned")
    case = on(LATER, SERVICE, *BREACH, returned, f.missed("2026-03-23", id="F3"))
    concluded = case.one("BreachConcluded")
    assert (str(concluded.concluded_on), concluded.outcome, concluded.sanction) == (
        "2026-03-16",
        "withdrawn",
        None,
    )
    assert counts(case)["F3"] == 1


@pytest.mark.parametrize(
    ("sanction", "pounds"),
    [("none", None), ("fine", 500), ("unpaid_work", None), ("more_onerous", None), ("custody", None)],
)
def test_what_the_court_imposed_is_told(sanction: str, pounds: int | None) -> None:
    heard = f.heard("2026-04-13", "proven_continued", sanction=sanction, fine_pounds=pounds)
    concluded = on(LATER, SERVICE, *BREACH, heard).one("BreachConcluded")
    assert (concluded.outcome, concluded.sanction, concluded.fine_pounds) == (
        "proven_continued",
        sanction,
        pounds,
    )


def test_one_hearing_may_deal_with_several_orders() -> None:
    other = [
        f.order("2026-01-05", "2027-12-31", id="S2"),
        f.missed("2026-03-02", id="G1", sentence="S2"),
        f.action("2026-03-10", "breach_initiated", "G1", sentence="S2", id="B2"),
    ]
    both = [
        f.heard("2026-04-13", outcome, id="H1", sentence=id)
        for id, outcome in (("S1", "proven_continued"), ("S2", "not_proven"))
    ]
    case = on(LATER, SERVICE, *BREACH, *other, *both)
    assert {key: e.outcome for key, e in case.open("BreachConcluded").items()} == {
        "S1/F2": "proven_continued",
        "S2/G1": "not_proven",
    }


def test_a_warrant_and_the_crown_court_leave_the_breach_live_until_it_is_resolved() -> None:
    steps = [
        f.heard("2026-04-13", "warrant_issued"),
        f.heard("2026-04-20", "warrant_executed"),
        f.heard("2026-04-27", "committed_to_crown"),
    ]
    assert on("2026-05-01", SERVICE, *BREACH, *steps).status == "in_breach"
    resolved = on("2026-05-04", SERVICE, *BREACH, *steps, f.heard("2026-05-04", "proven_varied"))
    assert str(resolved.one("BreachConcluded").concluded_on) == "2026-05-04"


@pytest.mark.parametrize("reason", ["good_progress", "resentenced", "quashed"])
def test_an_order_that_ends_early_closes_all_and_keeps_its_history(reason: str) -> None:
    case = on(LATER, SERVICE, *REQUIRED, f.revoked("2026-03-25", reason))
    assert case.closed("BreachRequired") == {"S1/F2": "ended"}
    assert list(case.open("WarningLetterOverdue")) == ["F1", "F2"]


def test_the_new_order_after_a_resentence_begins_with_a_count_of_0() -> None:
    new = f.order("2026-04-13", "2027-12-31", id="S2")
    heard = f.heard("2026-04-13", "revoked_and_resentenced")
    facts = [*BREACH, heard, f.revoked("2026-04-13", "resentenced"), new]
    case = on(LATER, SERVICE, *facts, f.missed("2026-04-20", id="G1", sentence="S2"))
    assert counts(case)["G1"] == 1
    assert case.open("EnforcementActionRequired")["G1"].options == ["warn", "refer"]


# -- transfers and merges ----------------------------------------------------------------------------


def test_warnings_and_counts_travel_with_the_order() -> None:
    warned = f.action("2026-03-03", contact="F1")
    moved = f.transfer_accepted("2026-03-05", to_region="wales", to_pdu="Cardiff")
    event = on("2026-03-09", SERVICE, ORDER, F1, warned, moved, F2).one("BreachRequired")
    assert (event.failures, str(event.warned_on)) == (2, "2026-03-03")
    assert (event.region, event.pdu) == ("wales", "Cardiff")
