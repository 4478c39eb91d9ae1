"""What is missed in a hand-over is the service's doing, unless notice was given (CONT-30)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.said import assessed
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-01-15", "2027-01-14")
# 20 business days after Tuesday 10 February 2026: Tuesday 10 March.
ASKED = f.transfer_asked("2026-02-10")
CHANGE = f.change_asked("2026-02-10")


def failed(on: str, *facts: Any) -> bool:
    """Is a contact missed that day a failure?"""
    known = [ORDER, *facts, f.contact(on, "unacceptable_absence", id="C1")]
    return [*assessed("2026-06-01", *known).open("ContactMissed")] == ["C1"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-02-09", True, id="the day before it was asked for: a failure"),
        pytest.param("2026-02-10", False, id="the day it was asked for"),
        pytest.param("2026-02-20", False, id="the day it was settled"),
        pytest.param("2026-02-21", True, id="the day after: a failure"),
    ],
)
@table(
    """
    | case                       | facts |
    | a transfer accepted        | 2026-02-10 transfer asked; 2026-02-20 transfer accepted |
    | a change of practitioner   | 2026-02-10 change asked; 2026-02-20 allocated change to=P2 |
    | one by a transfer          | 2026-02-10 change asked; 2026-02-20 allocated transfer to=P2 |
    | a change for this sentence | 2026-02-10 change asked sentence=S1; 2026-02-20 allocated change to=P2 |
    | a change refused           | 2026-02-10 change asked; 2026-02-20 decided practitioner change approved=false |
    """,  # noqa: E501
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
    assert not failed("2026-03-20", ASKED, f.transfer_accepted("2026-03-20"))
    assert failed("2026-03-21", ASKED, f.transfer_accepted("2026-03-20"))


def test_one_to_be_settled_in_the_future_is_open_until_then() -> None:
    failure = f.contact("2026-03-12", "unacceptable_absence", id="C1")
    known = [ORDER, ASKED, f.transfer_accepted("2026-03-20"), failure]
    before = assessed("2026-03-19", *known)
    assert [*before.open("ContactMissed")] == ["C1"]
    assert before.months_wake_on == date(2026, 3, 20)
    assert [*assessed("2026-03-20", *known).open("ContactMissed")] == []


@table(
    """
    | case                             | facts                                                                                  | expected |
    | no hand-over                     |                                                                                        | True     |
    | accepted, never asked for        | 2026-02-20 transfer accepted                                                           | True     |
    | another one accepted             | 2026-02-10 transfer asked; 2026-02-12 transfer accepted T2                             | False    |
    | a change for another sentence    | 2026-02-10 change asked sentence=S2                                                    | True     |
    | an allocation for another reason | 2026-02-10 change asked; 2026-02-12 allocated to=P2                                    | False    |
    | of another sentence only         | 2026-02-10 change asked; 2026-02-12 allocated change sentence=S2 to=P2                 | False    |
    | one from before                  | 2026-02-10 change asked; 2026-02-09 allocated change to=P2                             | False    |
    | agreed to                        | 2026-02-10 change asked; 2026-02-12 decided practitioner change                        | False    |
    | other decision                   | 2026-02-10 change asked; 2026-02-12 decided absence review approved=false              | False    |
    | a second change                  | 2026-02-01 change asked H0; 2026-02-05 allocated change to=P2; 2026-02-10 change asked | False    |
    """,  # noqa: E501
)
def test_which_hand_over_it_is(facts: Any, expected: bool) -> None:
    assert failed("2026-02-17", *facts) == expected


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        pytest.param(f.scheduled("2026-02-17", id="C1"), True, id="notice was given: a failure"),
        pytest.param(f.scheduled("2026-02-17", id="C1", notified=False), False, id="no notice"),
        pytest.param(f.scheduled("2026-02-17", id="C2"), False, id="notice of another one"),
        pytest.param(f.scheduled("2026-02-16", id="C1"), True, id="notice of another day of the same one"),
    ],
)
def test_unless_the_person_had_notice(appointment: Any, expected: bool) -> None:
    assert failed("2026-02-17", ASKED, appointment) == expected


@table(
    """
    | case                                       | outcome              | published          |
    | an unacceptable absence: nothing           | unacceptable_absence | []                 |
    | who came and did not comply has failed     | failed_to_comply     | ["ContactMissed"]  |
    | who was sent home for behaviour has failed | sent_home_behaviour  | ["ContactMissed"]  |
    | undecided: nothing                         | failed_to_attend     | []                 |
    | an acceptable absence is one as ever       | acceptable_absence   | ["ContactExcused"] |
    | attended: nothing                          | complied             | []                 |
    """,
)
def test_what_is_missed_then_is_not_enforceable(outcome: str, published: list[str]) -> None:
    said = assessed("2026-02-20", ORDER, ASKED, f.contact("2026-02-17", outcome))
    standing = [type(one.event).__name__ for one in said.monthly if said.ending(one) is None]
    assert [event for event in standing if event != "ContactStandardMissed"] == published


def test_a_providers_session_is_not_handed_over() -> None:
    said = assessed("2026-02-20", ORDER, ASKED, f.work("2026-02-17", "unacceptable_absence"))
    assert len(said.findings("ContactMissed")) == 1


def test_an_outcome_is_needed_all_the_same() -> None:
    said = assessed("2026-02-18", ORDER, ASKED, f.scheduled("2026-02-17", id="C1", notified=False))
    assert [*said.open("OutcomeOverdue")] == ["C1"]


def test_a_change_for_all_ends_for_each_sentence_by_itself() -> None:
    known = [
        ORDER,
        f.order("2026-01-15", "2027-01-14", id="S2"),
        CHANGE,
        f.allocated("2026-02-12", "change", to="P2"),
        f.contact("2026-02-17", "unacceptable_absence", id="C1"),
        f.contact("2026-02-17", "unacceptable_absence", id="C2", sentence="S2"),
    ]
    assert [*assessed("2026-02-20", *known).open("ContactMissed")] == ["C1"]


def test_a_transfer_learned_late_takes_back_what_was_said_and_one_taken_back_restores_it() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-02-17")
    ledger.tell(ORDER, f.contact("2026-02-16", "unacceptable_absence", id="C1"))
    ledger.tell(f.contact("2026-02-17", "failed_to_attend", id="C2"))
    ledger.tell(ASKED)
    assert ledger.standing("ContactMissed") == []
    assert ledger.withdrawals("ContactMissed") == [("C1", "corrected")]
    assert ledger.withdrawals("AbsenceUndecided") == [("C2", "corrected")]
    ledger.tell(ASKED.voided())
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C1"]
    assert [event.contact_id for event in ledger.standing("AbsenceUndecided")] == ["C2"]


def test_a_reason_still_awaited_when_the_hand_over_ends_is_not_asked_for_again() -> None:
    facts = [ASKED, f.transfer_accepted("2026-02-20"), f.contact("2026-02-17", "failed_to_attend")]
    assert assessed("2026-03-20", ORDER, *facts).findings("AbsenceUndecided") == []
