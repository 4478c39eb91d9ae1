"""Failures that turn out to be none (ENF-18): told once, with the day on which it was recorded."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.casebook import on

ORDER = f.order("2026-01-05", "2027-12-31")
FAILED = f.contact("2026-03-02", "unacceptable_absence", id="C1")
LATER = "2026-06-01"


def taken_back(*facts: f.Fact) -> list[tuple[str, str, str, str]]:
    """Contact, sentence, day of the contact and day of the correction."""
    events = on(LATER, SERVICE, ORDER, *facts).open("FailureTakenBack").values()
    return [(e.contact_id, e.sentence_id, str(e.missed_on), str(e.taken_back_on)) for e in events]


@pytest.mark.parametrize(
    "outcome", ["complied", "acceptable_absence", "rescheduled_by_service", "failed_to_attend"]
)
def test_a_failure_is_taken_back_by_any_other_outcome(outcome: str) -> None:
    after = f.contact("2026-03-02", outcome, id="C1", recorded="2026-03-11")
    assert taken_back(FAILED, after) == [("C1", "S1", "2026-03-02", "2026-03-11")]


def test_it_is_taken_back_if_the_contact_never_was() -> None:
    never = f.contact("2026-03-02", "unacceptable_absence", id="C1", voided=True, recorded="2026-03-11")
    assert taken_back(FAILED, never) == [("C1", "S1", "2026-03-02", "2026-03-11")]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param("unacceptable_absence", "failed_to_comply", id="another failure"),
        pytest.param("failed_to_attend", "acceptable_absence", id="an absence that was only undecided"),
        pytest.param("acceptable_absence", "unacceptable_absence", id="one that became a failure"),
        pytest.param("complied", "acceptable_absence", id="one that never was a failure"),
    ],
)
def test_what_is_not_taken_back(first: str, then: str) -> None:
    before = f.contact("2026-03-02", first, id="C1")
    after = f.contact("2026-03-02", then, id="C1", recorded="2026-03-11")
    assert taken_back(before, after) == []


def test_a_failure_of_another_day_is_still_one() -> None:
    assert taken_back(FAILED, f.contact("2026-03-03", "unacceptable_absence", id="C1")) == []


def test_a_failure_of_another_sentence_is_none_of_this_one() -> None:
    other = f.order("2026-01-05", "2027-12-31", id="S2")
    moved = f.contact("2026-03-02", "unacceptable_absence", id="C1", sentence="S2", recorded="2026-03-11")
    assert taken_back(other, FAILED, moved) == [("C1", "S1", "2026-03-02", "2026-03-11")]


def test_a_failure_that_was_recorded_again_stands() -> None:
    excused = f.contact("2026-03-02", "acceptable_absence", id="C1", recorded="2026-03-11")
    again = f.contact("2026-03-02", "unacceptable_absence", id="C1", recorded="2026-03-12")
    assert taken_back(FAILED, excused, again) == []


def test_one_taken_back_twice_is_dated_by_the_last_time() -> None:
    days = ["2026-03-02", "2026-03-09", "2026-03-10", "2026-03-11"]
    outcomes = ["unacceptable_absence", "acceptable_absence", "failed_to_comply", "complied"]
    versions = [
        f.contact("2026-03-02", outcome, id="C1", recorded=day, event=f"v-{day}")
        for day, outcome in zip(days, outcomes, strict=True)
    ]
    for told in permutations(versions):
        assert taken_back(*told) == [("C1", "S1", "2026-03-02", "2026-03-11")]


def test_the_practitioner_takes_back_what_a_provider_recorded() -> None:
    session = f.session("2026-03-02", "unacceptable_absence", id="C1", requirement="RAR")
    own = f.contact("2026-03-02", "acceptable_absence", id="C1", recorded="2026-03-11")
    assert taken_back(session, own) == [("C1", "S1", "2026-03-02", "2026-03-11")]


def test_outside_supervision_there_was_no_failure_to_take_back() -> None:
    before = f.contact("2026-01-02", "unacceptable_absence", id="C1")
    after = f.contact("2026-01-02", "complied", id="C1", recorded="2026-03-11")
    assert taken_back(before, after) == []


# -- held that day (ENF-35), or the service's doing (CONT-30, SH-9) --------------------------------------

HELD, OUT = f.taken("2026-03-01", recorded="2026-03-10"), f.left("2026-03-20")


def test_it_is_taken_back_when_the_person_turns_out_to_have_been_held() -> None:
    for told in permutations((FAILED, HELD, OUT)):
        assert taken_back(*told) == [("C1", "S1", "2026-03-02", "2026-03-10")]


def test_one_recorded_while_the_person_was_known_to_be_held_never_was() -> None:
    held = f.taken("2026-03-01")
    assert taken_back(held, FAILED) == [("C1", "S1", "2026-03-02", "2026-03-02")]


def test_of_two_stays_that_meet_the_one_of_that_day_says_so() -> None:
    other = f.taken("2026-03-20", id="K2")
    assert taken_back(FAILED, HELD, OUT, other) == [("C1", "S1", "2026-03-02", "2026-03-10")]


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(f.taken("2026-03-03"), id="taken into custody the day after"),
        pytest.param(f.taken("2026-03-01", voided=True), id="never taken"),
    ],
)
def test_a_failure_at_liberty_stands(fact: f.Fact) -> None:
    assert taken_back(FAILED, fact) == []


def test_a_contact_that_the_person_kept_while_held_is_nothing_to_take_back() -> None:
    assert taken_back(f.contact("2026-03-02", id="C1"), HELD) == []


def test_in_a_hand_over_that_is_told_of_late_it_was_the_services_doing() -> None:
    asked = f.transfer_asked("2026-03-01", recorded="2026-03-12")
    assert taken_back(FAILED, asked) == [("C1", "S1", "2026-03-02", "2026-03-12")]
    change = f.change_asked("2026-03-01", recorded="2026-03-12")
    assert taken_back(f.allocated("2026-01-07"), FAILED, change) == [("C1", "S1", "2026-03-02", "2026-03-12")]


def test_so_it_was_after_a_hand_over_of_which_the_person_was_not_told() -> None:
    moved = (f.transfer_asked("2026-02-23"), f.transfer_accepted("2026-02-27", recorded="2026-03-12"))
    assert taken_back(*moved, FAILED) == [("C1", "S1", "2026-03-02", "2026-03-02")]
    met = f.contact("2026-03-01")
    assert taken_back(*moved, met, FAILED) == []


def test_where_the_region_did_no_such_work_it_was_none() -> None:
    stopped = f.delivery_suspended("2026-03-01", "contact", recorded="2026-03-12")
    assert taken_back(FAILED, stopped) == [("C1", "S1", "2026-03-02", "2026-03-02")]


def test_one_corrected_twice_over_is_taken_back_once() -> None:
    moved = (f.transfer_asked("2026-02-23"), f.transfer_accepted("2026-02-27"))
    other = f.order("2026-01-05", "2027-12-31", id="S2")
    again = f.contact("2026-03-02", "unacceptable_absence", id="C1", sentence="S2", recorded="2026-03-11")
    assert taken_back(other, *moved, FAILED, again) == [("C1", "S2", "2026-03-02", "2026-03-11")]
