"""What later evidence takes back: the count, a warning, a breach that was not heard (ENF-3, ENF-18)."""

from __future__ import annotations

import pytest

from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger

ORDER = f.order("2026-01-05", "2027-12-31")
F1, F2 = f.missed("2026-03-02", id="F1"), f.missed("2026-03-16", id="F2")
WARNED = f.action("2026-03-03", contact="F1", id="W1")
INITIATED = f.action("2026-03-17", "breach_initiated", "F2")
UNNAMED = f.action("2026-03-17", "breach_initiated")
F1_BACK = f.taken_back("2026-03-20", "2026-03-02", id="F1")
F2_BACK = f.taken_back("2026-03-20", "2026-03-16", id="F2")
LATER = "2026-06-01"


# -- warnings ----------------------------------------------------------------------------------------


def test_a_warning_for_a_failure_taken_back_no_longer_holds() -> None:
    event = on(LATER, SERVICE, ORDER, WARNED, F1_BACK).one("WarningWithdrawn")
    assert (event.action_id, event.contact_id, str(event.withdrawn_on)) == ("W1", "F1", "2026-03-20")


def test_so_does_one_given_before_an_absence_was_accepted() -> None:
    accepted = f.excused("2026-03-02", id="F1", decided="2026-03-06")
    event = on(LATER, SERVICE, ORDER, WARNED, accepted).one("WarningWithdrawn")
    assert (event.action_id, str(event.withdrawn_on)) == ("W1", "2026-03-06")


def test_it_binds_nobody_any_more() -> None:
    case = on(LATER, SERVICE, ORDER, WARNED, F1_BACK, F2)
    assert case.open("EnforcementActionRequired")["F2"].options == ["warn", "refer"]
    assert case.open("BreachRequired") == {}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(F1, id="a warning for a failure"),
        pytest.param(f.undecided("2026-03-02", id="F1"), id="one for an absence that is not decided yet"),
        pytest.param(f.taken_back("2026-03-20", "2026-03-02", id="F9"), id="another failure is taken back"),
        pytest.param(f.taken_back("2026-03-20", "2026-03-02", id="F1", sentence="S2"), id="of another order"),
    ],
)
def test_a_warning_that_still_holds(other: f.Fact) -> None:
    assert on(LATER, SERVICE, ORDER, WARNED, other).open("WarningWithdrawn") == {}


def test_a_letter_is_no_warning_to_withdraw() -> None:
    letter = f.action("2026-03-03", "letter_sent", "F1")
    assert on(LATER, SERVICE, ORDER, letter, F1_BACK).open("WarningWithdrawn") == {}


def test_a_failure_told_again_makes_the_warning_hold_again() -> None:
    assert on(LATER, SERVICE, ORDER, WARNED, F1_BACK, F1).open("WarningWithdrawn") == {}


# -- a breach that was not heard ---------------------------------------------------------------------


def reason(*facts: f.Fact) -> list[str]:
    """Why a breach must be withdrawn."""
    return [event.reason for event in on(LATER, SERVICE, ORDER, *facts).open("BreachWithdrawalDue").values()]


def test_a_breach_is_withdrawn_if_its_failure_was_none() -> None:
    assert reason(F1, WARNED, INITIATED, F2_BACK) == ["no_failure"]


def test_a_breach_is_withdrawn_if_the_absence_it_was_brought_for_is_accepted() -> None:
    assert reason(F1, INITIATED, f.excused("2026-03-16", id="F2", decided="2026-03-19")) == ["no_failure"]


def test_a_breach_is_withdrawn_if_what_is_left_does_not_require_it() -> None:
    assert reason(WARNED, F2, INITIATED, F1_BACK) == ["not_required"]
    assert reason(F2, UNNAMED, F1_BACK) == ["not_required"]


def test_a_breach_on_an_officers_judgement_stands_while_its_failure_does() -> None:
    # F1 had been taken back before: the breach was brought on F2 alone (ENF-4).
    known = f.taken_back("2026-03-10", "2026-03-02", id="F1")
    assert reason(F2, INITIATED, known) == []


def test_a_breach_that_is_still_required_stands() -> None:
    earlier = f.missed("2026-02-16", id="F0")
    assert reason(earlier, F1, INITIATED, F2_BACK) == []


def test_a_breach_that_names_no_failure_is_withdrawn_if_none_is_left() -> None:
    assert reason(UNNAMED, F2_BACK) == ["no_failure"]


def test_a_breach_without_any_evidence_against_it_stands() -> None:
    assert reason(UNNAMED) == []
    assert reason(INITIATED) == []


@pytest.mark.parametrize(
    ("fact", "how"),
    [
        pytest.param(f.action("2026-03-23", "breach_withdrawn"), "resolved", id="withdrawn"),
        pytest.param(f.heard("2026-04-13"), "resolved", id="heard"),
        pytest.param(f.revoked("2026-04-13"), "ended", id="the order ended"),
    ],
)
def test_it_waits_until_the_breach_is_withdrawn_or_heard(fact: f.Fact, how: str) -> None:
    case = on(LATER, SERVICE, ORDER, F1, INITIATED, F2_BACK, fact)
    assert case.closed("BreachWithdrawalDue") == {"S1/F2": how}


def test_an_adjourned_hearing_leaves_it_open() -> None:
    assert reason(F1, INITIATED, F2_BACK, f.heard("2026-04-13", "adjourned")) == ["no_failure"]


def steps_missed(*facts: f.Fact) -> list[str]:
    """The steps of a breach that were not taken in time: pack and information."""
    case = on(LATER, SERVICE, ORDER, *facts)
    return [t for t in ("BreachPackOverdue", "BreachInformationOverdue") if case.open(t)]


PACKED = f.action("2026-03-18", "breach_pack_completed")  # an information is due on 25 March
PACK_DUE = "2026-03-30"


@pytest.mark.parametrize(
    ("back", "missed"),
    [
        pytest.param("2026-03-20", [], id="long before it is due"),
        pytest.param(PACK_DUE, [], id="on the day on which it is due"),
        pytest.param("2026-03-31", ["BreachPackOverdue"], id="when it had been missed"),
    ],
)
def test_no_pack_is_due_of_a_breach_that_must_be_withdrawn(back: str, missed: list[str]) -> None:
    assert steps_missed(F1, WARNED, F2, INITIATED) == ["BreachPackOverdue"]
    first = f.taken_back(back, "2026-03-02", id="F1")
    assert reason(WARNED, F2, INITIATED, first) == ["not_required"]
    assert steps_missed(WARNED, F2, INITIATED, first) == missed


def test_nor_where_the_failure_that_it_names_was_none() -> None:
    assert steps_missed(F1, WARNED, INITIATED) == ["BreachPackOverdue"]
    assert steps_missed(F1, WARNED, INITIATED, F2_BACK) == []


@pytest.mark.parametrize(
    ("back", "missed"), [("2026-03-25", []), ("2026-03-26", ["BreachInformationOverdue"])]
)
def test_nor_an_information_of_it(back: str, missed: list[str]) -> None:
    assert steps_missed(F1, WARNED, F2, INITIATED, PACKED) == ["BreachInformationOverdue"]
    assert steps_missed(WARNED, F2, INITIATED, PACKED, f.taken_back(back, "2026-03-02", id="F1")) == missed


# -- through contacts, whatever arrives first --------------------------------------------------------

SAID = (
    f.contact("2026-03-02", "unacceptable_absence", id="F1"),
    f.contact("2026-03-16", "unacceptable_absence", id="F2"),
    WARNED,
    INITIATED,
)


@pytest.mark.parametrize("outcome", ["acceptable_absence", "complied", "rescheduled_by_service"])
@pytest.mark.parametrize("correction_first", [False, True])
def test_an_outcome_corrected_after_the_breach(outcome: str, correction_first: bool) -> None:
    corrected = f.contact("2026-03-02", outcome, id="F1", recorded="2026-03-20", event="corrected")
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-03-20")
    ledger.tell(ORDER)
    for fact in (corrected, *SAID) if correction_first else (*SAID, corrected):
        ledger.publish(fact)
    assert [e.action_id for e in ledger.standing("WarningWithdrawn")] == ["W1"]
    assert [e.reason for e in ledger.standing("BreachWithdrawalDue")] == ["not_required"]
    assert ledger.standing("BreachRequired") == []


def test_a_failure_recorded_late_counts_for_what_comes_after() -> None:
    ledger = Ledger(CONTACTS, SERVICE)
    ledger.day("2026-03-16")
    ledger.tell(ORDER, f.contact("2026-03-16", "unacceptable_absence", id="F2"))
    ledger.day("2026-03-18")
    ledger.tell(f.action("2026-03-18", contact="F2"))
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="F1"))
    # Two failures: a breach is required by the second. No warning is dated in the past.
    (required,) = ledger.standing("BreachRequired")
    assert (required.contact_id, required.failures, required.warned_on) == ("F2", 2, None)


@pytest.mark.parametrize(
    ("warned", "accepted", "told"),
    [
        pytest.param("2026-03-03", "2026-03-09", True, id="accepted before the death"),
        pytest.param("2026-03-03", "2026-03-11", False, id="accepted after it"),
        pytest.param("2026-03-11", "2026-03-09", False, id="warned after it"),
    ],
)
def test_no_warning_is_withdrawn_after_the_end_of_supervision(warned: str, accepted: str, told: bool) -> None:
    later = [
        f.action(warned, contact="F1"),
        f.taken_back(accepted, "2026-03-02", id="F1"),
        f.died("2026-03-10"),
    ]
    assert bool(on("2026-06-01", SERVICE, ORDER, *later).findings("WarningWithdrawn")) is told


# -- what a warning states ---------------------------------------------------------------------------


def stating(**stated: bool) -> f.Fact:
    whole = {"circumstances": True, "unacceptable": True, "liability": True}
    return f.action("2026-03-03", contact="F1", id="W1", warning={**whole, **stated})


def test_what_a_warning_does_not_state_is_told() -> None:
    case = on("2026-03-04", SERVICE, ORDER, F1, stating(liability=False, unacceptable=False))
    assert case.one("WarningIncomplete").missing == ["unacceptable", "liability"]


@pytest.mark.parametrize("warned", [stating(), WARNED], ids=["it states all", "nobody says what it states"])
def test_a_warning_that_is_complete_as_far_as_is_known(warned: f.Fact) -> None:
    assert on("2026-03-04", SERVICE, ORDER, F1, warned).findings("WarningIncomplete") == []


def test_it_waits_while_the_warning_binds() -> None:
    facts = (ORDER, F1, stating(liability=False))
    assert on("2027-03-02", SERVICE, *facts).open("WarningIncomplete").keys() == {"W1"}
    assert on("2027-03-03", SERVICE, *facts).closed("WarningIncomplete") == {"W1": "ended"}


def test_a_warning_corrected_to_state_all_was_complete() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-04")
    ledger.tell(ORDER, F1, stating(liability=False), stating())
    assert ledger.withdrawals("WarningIncomplete") == [("W1", "corrected")]
