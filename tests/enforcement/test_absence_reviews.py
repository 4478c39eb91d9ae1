"""Managers' reviews of acceptable absences (ENF-20 to ENF-22, MGR-1, C26)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.policies import changed

ORDER = f.order("2026-01-05", "2028-12-31", "rar, unpaid_work")
E29 = (
    f.excused("2026-03-02", "medical", id="A1"),
    f.excused("2026-03-16", "employment", id="A2", requirement_id="UPW"),
    f.excused("2026-03-30", "family", id="A3", requirement_id="RAR"),
)
LATER = "2026-06-01"


def keys(*facts: f.Fact, today: str = LATER) -> list[str]:
    """The reviews that wait for a manager."""
    return list(on(today, SERVICE, ORDER, *facts).open("ManagerReviewRequired"))


def test_e29_the_third_acceptable_absence_calls_for_a_review() -> None:
    assert keys(*E29, today="2026-03-29") == []
    event = on("2026-03-30", SERVICE, ORDER, *E29).one("ManagerReviewRequired")
    assert event.acceptable_absences == ["A1", "A2", "A3"]
    assert event.requested_on == date(2026, 3, 30)
    assert keys(*E29) == ["S1/A3"]


def test_it_is_never_a_breach() -> None:
    case = on(LATER, SERVICE, ORDER, *E29)
    assert case.open("BreachRequired") == {}
    assert case.open("EnforcementActionRequired") == {}


@pytest.mark.parametrize("told", permutations(E29))
def test_the_order_of_arrival_does_not_matter(told: tuple[f.Fact, ...]) -> None:
    assert keys(*told) == ["S1/A3"]


@pytest.mark.parametrize("reason", ["stood_down", "in_custody"])
def test_the_services_causes_and_custody_do_not_count(reason: str) -> None:
    assert keys(*E29[:2], f.excused("2026-03-30", reason, id="A3")) == []


def test_absences_whose_reason_may_be_protected_are_named() -> None:
    event = on(LATER, SERVICE, ORDER, *E29).one("ManagerReviewRequired")
    assert event.equality_check == ["A1", "A3"]


@pytest.mark.parametrize(("third", "asked"), [("2027-03-01", True), ("2027-03-02", False)])
def test_they_count_within_twelve_months(third: str, asked: bool) -> None:
    absences = (*E29[:2], f.excused(third, "family", id="A3"))
    assert keys(*absences, today=third) == ["S1/A3"] * asked


def test_an_absence_counts_from_the_day_on_which_it_was_accepted() -> None:
    first = f.excused("2026-03-02", "medical", id="A1", decided="2026-04-01")
    event = on(LATER, SERVICE, ORDER, first, *E29[1:]).one("ManagerReviewRequired")
    assert (event.requested_on, event.acceptable_absences[-1]) == (date(2026, 4, 1), "A1")


def test_each_order_has_its_own_count() -> None:
    other = f.excused("2026-03-30", "family", id="A3", sentence="S2")
    assert keys(*E29[:2], f.order("2026-01-05", "2028-12-31", id="S2"), other) == []


def test_an_absence_that_turns_out_to_be_a_failure_takes_the_request_back() -> None:
    assert keys(*E29[:2], f.missed("2026-03-30", id="A3")) == []


# -- which appointments, by date (C26) ---------------------------------------------------------------


def test_at_first_only_absences_from_unpaid_work_counted() -> None:
    order = f.order("2022-01-04", "2023-12-31", "rar, unpaid_work")
    days = ("2022-03-01", "2022-03-08", "2022-03-15", "2022-03-22")
    work = [f.excused(day, id=f"W{n}", requirement_id="UPW") for n, day in enumerate(days)]
    office = [f.excused(day, id=f"O{n}", requirement_id="RAR") for n, day in enumerate(days)]
    assert on("2022-06-01", SERVICE, order, *office, *work[:2]).open("ManagerReviewRequired") == {}
    assert list(on("2022-06-01", SERVICE, order, *office, *work[:3]).open("ManagerReviewRequired")) == [
        "S1/W2"
    ]


def test_a_region_may_have_no_such_reviews_or_another_number(tmp_path: Path) -> None:
    off = changed(SERVICE, tmp_path, absence_review="false")
    assert on(LATER, SERVICE, ORDER, *E29, policy=off).findings("ManagerReviewRequired") == []
    two = changed(SERVICE, tmp_path, absences_before_review="2")
    assert list(on(LATER, SERVICE, ORDER, *E29, policy=two).open("ManagerReviewRequired")) == ["S1/A2"]


# -- the manager's decision --------------------------------------------------------------------------


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize("about", [None, "A2"])
def test_the_recorded_decision_clears_it(about: str | None, approved: bool) -> None:
    decision = f.decided("2026-04-02", "absence_review", approved, about_id=about)
    case = on(LATER, SERVICE, ORDER, *E29, decision)
    assert case.closed("ManagerReviewRequired") == {"S1/A3": "resolved"}


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(f.decided("2026-04-02", "enforcement_review"), id="about something else"),
        pytest.param(f.decided("2026-04-02", "absence_review", about_id="A9"), id="about another absence"),
        pytest.param(f.decided("2026-04-02", "absence_review", sentence="S2"), id="about another sentence"),
    ],
)
def test_a_decision_that_does_not_clear_it(decision: f.Fact) -> None:
    assert keys(*E29, decision) == ["S1/A3"]


def test_the_counter_begins_again_after_the_decision() -> None:
    decision = f.decided("2026-04-02", "absence_review")
    more = [f.excused(f"2026-04-{day:02}", "medical", id=f"B{day}") for day in (2, 7, 14, 21)]
    # That of 2 April, the day of the decision, never counts again.
    assert keys(*E29, decision, *more[:3]) == []
    assert keys(*E29, decision, *more) == ["S1/B21"]


def test_absences_during_an_open_review_are_covered_by_it() -> None:
    more = [f.excused(f"2026-04-{day:02}", "medical", id=f"B{day}") for day in (7, 14, 21)]
    assert keys(*E29, *more) == ["S1/A3"]
    assert keys(*E29, *more, f.decided("2026-04-22", "absence_review")) == []


def test_a_decision_before_the_number_is_reached_clears_the_counter() -> None:
    assert keys(*E29[:2], f.decided("2026-03-20", "absence_review"), E29[2]) == []


def test_it_ends_with_the_order() -> None:
    case = on(LATER, SERVICE, ORDER, *E29, f.revoked("2026-04-02", "good_progress"))
    assert case.closed("ManagerReviewRequired") == {"S1/A3": "ended"}


# -- who is asked (MGR-1) ----------------------------------------------------------------------------


def test_it_names_the_practitioner_of_that_day_and_their_manager() -> None:
    facts = [
        f.allocated("2026-01-06", to="P1", manager_id="M1"),
        f.allocated("2026-03-20", "change", to="P2", manager_id="M2"),
        f.allocated("2026-04-10", "change", to="P3", manager_id="M3"),
    ]
    event = on(LATER, SERVICE, ORDER, *E29, *facts).one("ManagerReviewRequired")
    assert (event.practitioner_id, event.manager_id) == ("P2", "M2")


def test_it_names_nobody_if_nobody_is_known() -> None:
    event = on(LATER, SERVICE, ORDER, *E29).one("ManagerReviewRequired")
    assert (event.practitioner_id, event.manager_id) == (None, None)
