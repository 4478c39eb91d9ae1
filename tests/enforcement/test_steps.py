"""The steps of enforcement and their clocks (ENF-7, ENF-9, ENF-13, ENF-14, ENF-35, D3)."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.enforcement import BreachInformationOverdue, BreachPackOverdue, EnforcementActionOverdue
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import Assessed, on

ORDER = f.order("2026-01-05", "2027-12-31")
F1, F2 = f.missed("2026-03-02", id="F1"), f.missed("2026-03-09", id="F2")
"""Two Mondays: the breach pack is due ten business days after the second, on Monday 23 March."""
INITIATED = f.action("2026-03-10", "breach_initiated", "F2")
PACKED = f.action("2026-03-16", "breach_pack_completed")
"""The information is due five business days later, on Monday 23 March."""
LAID = f.action("2026-03-18", "breach_information_laid")
REQUIRED = (ORDER, F1, F2)
LATER = "2026-06-01"


def due(case: Assessed, type: str) -> dict[str, str]:
    """When what is overdue was due, by key."""
    return {key: str(event.due_on) for key, event in case.open(type).items()}


# -- an action ---------------------------------------------------------------------------------------


def test_an_action_is_overdue_from_the_day_after_it_was_due() -> None:
    assert on("2026-03-04", SERVICE, ORDER, F1).open("EnforcementActionOverdue") == {}
    assert on("2026-03-05", SERVICE, ORDER, F1).open("EnforcementActionOverdue") == {
        "F1": EnforcementActionOverdue(**f.PLACE, contact_id="F1", sentence_id="S1", due_on=date(2026, 3, 4))
    }


@pytest.mark.parametrize(
    ("what", "on_day", "overdue"),
    [
        ("no_further_action", "2026-03-04", False),
        ("breach_pack_completed", "2026-03-04", False),
        ("warning", "2026-03-05", True),
    ],
)
def test_any_action_in_time_will_do(what: str, on_day: str, overdue: bool) -> None:
    case = on(LATER, SERVICE, ORDER, F1, f.action(on_day, what, "F1"))
    assert list(case.open("EnforcementActionOverdue")) == ["F1"] * overdue


def test_nothing_is_decided_when_a_deadline_passes() -> None:
    case = on(LATER, SERVICE, ORDER, F1)
    assert list(case.open("EnforcementActionRequired")) == ["F1"]
    assert case.open("BreachRequired") == {}


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        pytest.param(None, "2026-03-04", id="decided at once: from the contact"),
        pytest.param("2026-03-09", "2026-03-11", id="the reason was awaited: from the decision"),
        pytest.param("2026-03-07", "2026-03-10", id="decided on a Saturday"),
    ],
)
def test_action_and_letter_are_due_from_the_decision_if_the_reason_was_awaited(
    decided: str | None, expected: str
) -> None:
    case = on(LATER, SERVICE, ORDER, f.missed("2026-03-02", id="F1", decided=decided))
    assert due(case, "WarningLetterOverdue") == {"F1": expected}
    assert due(case, "EnforcementActionOverdue") == {"F1": expected}
    assert due(case, "EnforcementActionRequired") == {"F1": expected}


# -- the breach pack ---------------------------------------------------------------------------------


def test_the_breach_pack_is_overdue_ten_business_days_after_the_failure() -> None:
    facts = (*REQUIRED, INITIATED)
    assert on("2026-03-23", SERVICE, *facts).open("BreachPackOverdue") == {}
    assert on("2026-03-24", SERVICE, *facts).open("BreachPackOverdue") == {
        "S1/F2": BreachPackOverdue(**f.PLACE, sentence_id="S1", due_on=date(2026, 3, 23))
    }


def test_it_is_overdue_as_well_if_the_breach_was_never_initiated() -> None:
    assert due(on(LATER, SERVICE, *REQUIRED), "BreachPackOverdue") == {"S1/F2": "2026-03-23"}


def test_a_breach_that_nothing_required_has_the_clock_of_its_failure() -> None:
    serious = f.action("2026-03-04", "breach_initiated", "F1")
    assert due(on(LATER, SERVICE, ORDER, F1, serious), "BreachPackOverdue") == {"S1/F1": "2026-03-16"}


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(f.action("2026-03-23T23:59", "breach_pack_completed"), id="in the last minute"),
        pytest.param(LAID, id="no information is laid without a pack"),
        pytest.param(f.action("2026-03-23", "breach_withdrawn"), id="withdrawn by then"),
        pytest.param(f.heard("2026-03-23"), id="dealt with by a court by then"),
        pytest.param(f.died("2026-03-23"), id="the person died by then"),
        pytest.param(f.revoked("2026-03-23"), id="the order was revoked by then"),
    ],
)
def test_when_no_breach_pack_is_overdue(fact: f.Fact) -> None:
    assert on(LATER, SERVICE, *REQUIRED, INITIATED, fact).open("BreachPackOverdue") == {}


def test_a_pack_completed_late_does_not_undo_it() -> None:
    late = f.action("2026-03-24T00:01", "breach_pack_completed")
    assert list(on(LATER, SERVICE, *REQUIRED, INITIATED, late).open("BreachPackOverdue")) == ["S1/F2"]


def test_the_pack_of_an_earlier_breach_is_none_of_the_next() -> None:
    first = [INITIATED, PACKED, LAID, f.heard("2026-04-13", "proven_continued")]
    again = [f.missed("2026-05-05", id="F3"), f.missed("2026-05-11", id="F4")]
    case = on(LATER, SERVICE, *REQUIRED, *first, *again)
    assert due(case, "BreachPackOverdue") == {"S1/F4": "2026-05-26"}  # 25 May is a bank holiday


# -- the information laid ----------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["magistrates", "crown"])
def test_an_information_is_due_before_the_court_of_the_order_five_business_days_after_the_pack(
    level: str,
) -> None:
    facts = (f.order("2026-01-05", "2027-12-31", level=level), F1, F2, INITIATED, PACKED)
    assert on("2026-03-23", SERVICE, *facts).open("BreachInformationOverdue") == {}
    assert on("2026-03-24", SERVICE, *facts).open("BreachInformationOverdue") == {
        "S1/F2": BreachInformationOverdue.model_validate(
            {**f.PLACE, "sentence_id": "S1", "due_on": date(2026, 3, 23), "court_level": level}
        )
    }


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(LAID, id="laid in time"),
        pytest.param(f.heard("2026-03-23", "adjourned"), id="a hearing shows that it was laid"),
        pytest.param(f.action("2026-03-20", "breach_withdrawn"), id="withdrawn by then"),
        pytest.param(f.action("2026-03-20", "breach_returned"), id="returned to the officer by then"),
        pytest.param(f.died("2026-03-20"), id="the person died by then"),
    ],
)
def test_when_no_information_is_overdue(fact: f.Fact) -> None:
    case = on(LATER, SERVICE, *REQUIRED, INITIATED, PACKED, fact)
    assert case.open("BreachInformationOverdue") == {}


def test_without_a_pack_there_is_no_clock_for_the_information() -> None:
    assert on(LATER, SERVICE, *REQUIRED, INITIATED).open("BreachInformationOverdue") == {}


# -- custody -----------------------------------------------------------------------------------------

HELD = (f.taken("2026-03-03"), f.left("2026-03-16"))


def test_days_in_custody_count_for_no_deadline() -> None:
    case = on(LATER, SERVICE, ORDER, F1, *HELD)
    # Tuesday 3 March is the first day held; of the two business days none has passed.
    assert due(case, "EnforcementActionOverdue") == {"F1": "2026-03-17"}
    assert due(case, "WarningLetterOverdue") == {"F1": "2026-03-17"}


def test_while_a_person_is_held_nothing_is_due() -> None:
    case = on("2026-03-20", SERVICE, ORDER, F1, f.taken("2026-03-03"))
    assert case.one("EnforcementActionRequired").due_on is None
    assert case.open("EnforcementActionOverdue") == {}


def test_while_a_person_is_held_the_pack_has_an_earliest_day_but_is_not_due() -> None:
    case = on(LATER, SERVICE, *REQUIRED, f.taken("2026-03-10"))
    required = case.one("BreachRequired")
    assert (str(required.pack_due_on), required.due_on) == ("2026-03-23", None)
    assert case.open("BreachPackOverdue") == {}


def test_custody_does_not_extend_a_warning() -> None:
    facts = [F1, f.action("2026-03-03", contact="F1"), f.taken("2026-04-01"), f.left("2026-12-01")]
    case = on("2027-03-03", SERVICE, ORDER, *facts, f.missed("2027-03-03", id="F3"))
    assert case.open("EnforcementActionRequired")["F3"].options == ["warn", "refer"]


def test_evidence_is_awaited_for_days_outside_custody() -> None:
    case = on(LATER, SERVICE, ORDER, f.undecided("2026-03-02", id="C1"), *HELD)
    assert due(case, "AbsenceDecisionOverdue") == {"C1": "2026-03-20"}
