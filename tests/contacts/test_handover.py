"""What is missed in a hand-over is the service's doing, unless notice was given (CONT-30)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from services.contacts.app import SERVICE
from services.enforcement.app import SERVICE as ENFORCEMENT
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
        pytest.param("2026-02-21", False, id="the day after: no contact since"),
    ],
)
@table(
    """
    | case                       | facts |
    | a transfer accepted        | 2026-02-10 transfer asked; 2026-02-20 transfer accepted |
    | a change of practitioner   | 2026-02-10 change asked; 2026-02-20 allocated change to=P2 |
    | one by a transfer          | 2026-02-10 change asked; 2026-02-20 allocated transfer to=P2 |
    | a change for this sentence | 2026-02-10 change asked sentence=S1; 2026-02-20 allocated change to=P2 |
    """,
)
def test_what_is_missed_from_the_request_until_it_is_settled_is_no_failure(
    facts: Any, on: str, expected: bool
) -> None:
    assert failed(on, *facts) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2026-02-09", True), ("2026-02-10", False), ("2026-02-20", False), ("2026-02-21", True)],
)
def test_a_change_that_a_manager_refused_is_over_at_once(on: str, expected: bool) -> None:
    assert failed(on, CHANGE, f.decided("2026-02-20", "practitioner_change", False)) == expected


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
    | case                                       | outcome              | published            |
    | an unacceptable absence is no failure      | unacceptable_absence | ["FailureTakenBack"] |
    | who came and did not comply has failed     | failed_to_comply     | ["ContactMissed"]    |
    | who was sent home for behaviour has failed | sent_home_behaviour  | ["ContactMissed"]    |
    | undecided: nothing                         | failed_to_attend     | []                   |
    | an acceptable absence is one as ever       | acceptable_absence   | ["ContactExcused"]   |
    | attended: nothing                          | complied             | []                   |
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
        f.contact("2026-02-16"),
        f.contact("2026-02-17", "unacceptable_absence", id="C1"),
        f.contact("2026-02-17", "unacceptable_absence", id="C2", sentence="S2"),
    ]
    assert [*assessed("2026-02-20", *known).open("ContactMissed")] == ["C1"]


ACCEPTED = f.transfer_accepted("2026-02-20")
TOLD = f.scheduled("2026-02-25", id="C0", recorded="2026-02-20")


@pytest.mark.parametrize("on", ["2026-02-26", "2026-03-26"], ids=["in the same month", "in a later month"])
@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param([], False, id="no contact since"),
        pytest.param([f.contact("2026-02-25")], True, id="one was attended"),
        pytest.param([f.contact("2026-02-20")], False, id="attended on the day of the acceptance"),
        pytest.param([f.contact("2026-02-21")], True, id="attended on the day after it"),
        pytest.param([f.contact("2026-02-25", sentence=None)], True, id="attended, for no sentence named"),
        pytest.param([f.contact("2026-02-25", "acceptable_absence")], False, id="excused"),
        pytest.param([f.work("2026-02-25")], False, id="a provider's session"),
        pytest.param([TOLD], True, id="the person was told of one"),
        pytest.param([f.scheduled("2026-02-25", id="C0", recorded="2026-02-19")], False, id="told before"),
        pytest.param(
            [f.scheduled("2026-02-25", id="C0", recorded="2026-02-20", notified=False)], False, id="not told"
        ),
        pytest.param([f.scheduled("2026-02-25", id="C0", recorded="2026-02-25")], True, id="told late"),
        pytest.param([f.scheduled("2026-04-01", id="C0", recorded="2026-02-20")], False, id="a later one"),
    ],
)
def test_after_the_acceptance_it_goes_on_until_the_first_contact_that_the_person_knew_of_or_attended(
    since: list[Any], on: str, expected: bool
) -> None:
    assert failed(on, ASKED, ACCEPTED, *since) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param("2026-02-20", True, id="told since the acceptance: a failure"),
        pytest.param("2026-02-19", False, id="only told before: it is another place and person now"),
    ],
)
def test_it_ends_with_the_missed_contact_itself_if_the_person_was_told_of_that(
    told: str, expected: bool
) -> None:
    assert (
        failed("2026-02-26", ASKED, ACCEPTED, f.scheduled("2026-02-26", id="C1", recorded=told)) == expected
    )


@pytest.mark.parametrize(
    ("sentence", "expected"), [("S1", True), ("S2", False)], ids=["of this sentence", "of another"]
)
def test_after_a_change_for_one_sentence_its_own_contacts_matter(sentence: str, expected: bool) -> None:
    facts = [
        f.order("2026-01-15", "2027-01-14", id="S2"),
        f.change_asked("2026-02-10", sentence="S1"),
        f.allocated("2026-02-20", "change", to="P2"),
        f.contact("2026-02-25", sentence=sentence),
    ]
    assert failed("2026-02-26", *facts) == expected


@pytest.mark.parametrize("told", [*permutations([ASKED, ACCEPTED, TOLD])])
def test_a_transfer_told_after_the_failure_takes_it_and_the_breach_back_for_good(told: Any) -> None:
    ledger = Ledger(SERVICE, ENFORCEMENT)
    ledger.day("2026-01-15")
    ledger.tell(ORDER)
    ledger.day("2026-02-24")
    for day in ("2026-02-02", "2026-02-24"):
        ledger.tell(f.contact(day, "unacceptable_absence"))
    assert [event.contact_id for event in ledger.standing("BreachRequired")] == ["C-2026-02-24"]
    ledger.tell(*told)
    ledger.day("2026-04-30")
    assert [event.contact_id for event in ledger.standing("ContactMissed")] == ["C-2026-02-02"]
    assert ledger.standing("BreachRequired") == []
    assert ledger.withdrawals("ContactMissed") == [("C-2026-02-24", "corrected")]
    # An acceptance that is told first moves the open item to the new region.
    breach = [one for one in ledger.withdrawals("BreachRequired") if one[1] != "superseded"]
    assert breach == [("S1/C-2026-02-24", "corrected")]


def test_an_absence_after_it_is_decided_upon_only_if_there_was_a_contact_since() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-10")
    ledger.tell(ORDER, ASKED, ACCEPTED, f.contact("2026-03-05", "failed_to_attend", id="C1"))
    assert ledger.standing("AbsenceUndecided") == []
    ledger.tell(f.contact("2026-02-25"))
    assert [event.contact_id for event in ledger.standing("AbsenceUndecided")] == ["C1"]
    ledger.tell(f.contact("2026-02-25", voided=True))
    assert ledger.standing("AbsenceUndecided") == []
    ledger.tell(f.contact("2026-03-05", id="C1"))
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "corrected")]


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
