"""What is missed in a hand-over is the service's doing, unless notice was given (CONT-30)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.contacts import (
    AbsenceUndecided,
    ContactExcused,
    ContactMissed,
    ContactStandardMissed,
    OutcomeOverdue,
)
from services.contacts.app import SERVICE
from tests.contacts.facts import (
    Known,
    allocated,
    change_asked,
    contact,
    day,
    decided,
    order,
    scheduled,
    session,
    transfer_accepted,
    transfer_asked,
)
from tests.ledger import Ledger

ORDER = order("2026-01-15", "2027-01-14")
# 20 business days after Tuesday 10 February 2026: Tuesday 10 March.
ASKED = transfer_asked("2026-02-10")
CHANGE = change_asked("2026-02-10")


def failed(on: str, *facts: Any) -> bool:
    """Is a contact missed that day a failure?"""
    known = Known(ORDER, *facts, contact(on, "unacceptable_absence", id="C1"))
    return known.on("2026-06-01").open(ContactMissed) == ["C1"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-02-09", True, id="the day before it was asked for: a failure"),
        pytest.param("2026-02-10", False, id="the day it was asked for"),
        pytest.param("2026-02-20", False, id="the day it was settled"),
        pytest.param("2026-02-21", True, id="the day after: a failure"),
    ],
)
@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([ASKED, transfer_accepted("2026-02-20")], id="a transfer accepted"),
        pytest.param([CHANGE, allocated("2026-02-20", "P2", reason="change")], id="a change of practitioner"),
        pytest.param([CHANGE, allocated("2026-02-20", "P2", reason="transfer")], id="one by a transfer"),
        pytest.param(
            [change_asked("2026-02-10", sentence="S1"), allocated("2026-02-20", "P2", reason="change")],
            id="a change for this sentence",
        ),
        pytest.param(
            [CHANGE, decided("2026-02-20", False, about="practitioner_change")], id="a change refused"
        ),
    ],
)
def test_what_is_missed_from_the_request_until_it_is_settled_is_no_failure(
    facts: Any, on: str, expected: bool
) -> None:
    assert failed(on, *facts) == expected


@pytest.mark.parametrize("request_", [ASKED, CHANGE], ids=["a transfer", "a change of practitioner"])
@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-03-10", False, id="20 business days after it"),
        pytest.param("2026-03-11", True, id="21 after it: a failure"),
    ],
)
def test_one_that_nobody_settles_counts_for_20_business_days(request_: Any, on: str, expected: bool) -> None:
    assert failed(on, request_) == expected


def test_one_that_was_settled_later_than_that_counts_to_its_end() -> None:
    assert not failed("2026-03-20", ASKED, transfer_accepted("2026-03-20"))
    assert failed("2026-03-21", ASKED, transfer_accepted("2026-03-20"))


def test_one_to_be_settled_in_the_future_is_open_until_then() -> None:
    failure = contact("2026-03-12", "unacceptable_absence", id="C1")
    known = Known(ORDER, ASKED, transfer_accepted("2026-03-20"), failure)
    before = known.on("2026-03-19")
    assert before.open(ContactMissed) == ["C1"]
    assert before.months_wake_on == day("2026-03-20")
    assert known.on("2026-03-20").open(ContactMissed) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], True, id="no hand-over"),
        pytest.param([transfer_accepted("2026-02-20")], True, id="accepted, never asked for"),
        pytest.param([ASKED, transfer_accepted("2026-02-12", "T2")], False, id="another one accepted"),
        pytest.param([change_asked("2026-02-10", sentence="S2")], True, id="a change for another sentence"),
        pytest.param([CHANGE, allocated("2026-02-12", "P2")], False, id="an allocation for another reason"),
        pytest.param(
            [CHANGE, allocated("2026-02-12", "P2", "S2", reason="change")],
            False,
            id="of another sentence only",
        ),
        pytest.param([CHANGE, allocated("2026-02-09", "P2", reason="change")], False, id="one from before"),
        pytest.param([CHANGE, decided("2026-02-12", about="practitioner_change")], False, id="agreed to"),
        pytest.param(
            [CHANGE, decided("2026-02-12", False, about="absence_review")], False, id="other decision"
        ),
        pytest.param(
            [change_asked("2026-02-01", "H0"), allocated("2026-02-05", "P2", reason="change"), CHANGE],
            False,
            id="a second change",
        ),
    ],
)
def test_which_hand_over_it_is(facts: Any, expected: bool) -> None:
    assert failed("2026-02-17", *facts) == expected


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        pytest.param(scheduled("2026-02-17", id="C1"), True, id="notice was given: a failure"),
        pytest.param(scheduled("2026-02-17", id="C1", notified=False), False, id="no notice"),
        pytest.param(scheduled("2026-02-17", id="C2"), False, id="notice of another one"),
        pytest.param(scheduled("2026-02-16", id="C1"), True, id="notice of another day of the same one"),
    ],
)
def test_unless_the_person_had_notice(appointment: Any, expected: bool) -> None:
    assert failed("2026-02-17", ASKED, appointment) == expected


@pytest.mark.parametrize(
    ("outcome", "published"),
    [
        pytest.param("unacceptable_absence", [], id="an unacceptable absence: nothing"),
        pytest.param("failed_to_comply", [ContactMissed], id="who came and did not comply has failed"),
        pytest.param("sent_home_behaviour", [ContactMissed], id="who was sent home for behaviour has failed"),
        pytest.param("failed_to_attend", [], id="undecided: nothing"),
        pytest.param("acceptable_absence", [ContactExcused], id="an acceptable absence is one as ever"),
        pytest.param("complied", [], id="attended: nothing"),
    ],
)
def test_what_is_missed_then_is_not_enforceable(outcome: str, published: list[type]) -> None:
    said = Known(ORDER, ASKED, contact("2026-02-17", outcome)).on("2026-02-20")
    standing = [type(f.event) for f in said.monthly if said.closed(f) is None]
    assert [event for event in standing if event is not ContactStandardMissed] == published


def test_a_providers_session_is_not_handed_over() -> None:
    said = Known(ORDER, ASKED, session("2026-02-17", "unacceptable_absence")).on("2026-02-20")
    assert len(said.of(ContactMissed)) == 1


def test_an_outcome_is_needed_all_the_same() -> None:
    said = Known(ORDER, ASKED, scheduled("2026-02-17", id="C1", notified=False)).on("2026-02-18")
    assert said.open(OutcomeOverdue) == ["C1"]


def test_a_change_for_all_ends_for_each_sentence_by_itself() -> None:
    known = Known(
        ORDER,
        order("2026-01-15", "2027-01-14", "S2"),
        CHANGE,
        allocated("2026-02-12", "P2", reason="change"),
        contact("2026-02-17", "unacceptable_absence", id="C1"),
        contact("2026-02-17", "unacceptable_absence", id="C2", sentence="S2"),
    )
    assert known.on("2026-02-20").open(ContactMissed) == ["C1"]


def test_a_transfer_learned_late_takes_back_what_was_said_and_one_taken_back_restores_it() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-02-17")
    ledger.tell(ORDER, contact("2026-02-16", "unacceptable_absence", id="C1"))
    ledger.tell(contact("2026-02-17", "failed_to_attend", id="C2"))
    ledger.tell(ASKED)
    assert ledger.standing("ContactMissed") == []
    assert ledger.withdrawals("ContactMissed") == [("C1", "corrected")]
    assert ledger.withdrawals("AbsenceUndecided") == [("C2", "corrected")]
    ledger.tell(ASKED.model_copy(update={"voided": True}))
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
    assert [event.contact_id for event in ledger.standing("AbsenceUndecided")] == ["C2"]


def test_a_reason_still_awaited_when_the_hand_over_ends_is_not_asked_for_again() -> None:
    facts = [ASKED, transfer_accepted("2026-02-20"), contact("2026-02-17", "failed_to_attend")]
    assert Known(ORDER, *facts).on("2026-03-20").of(AbsenceUndecided) == []
