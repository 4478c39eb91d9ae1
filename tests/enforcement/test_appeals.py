"""Appeals: a stay rests enforcement, a quashed sentence is over, and otherwise the clocks go on."""

from __future__ import annotations

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE
from services.referrals.app import SERVICE as REFERRALS
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger

ORDER = f.order("2026-01-05", "2027-12-31")
F1, F2 = f.missed("2026-03-02", id="F1"), f.missed("2026-03-09", id="F2")
STAYED = f.appealed("2026-03-10")
LATER = "2026-06-01"


def test_while_it_is_stayed_nothing_waits_for_anybody() -> None:
    facts = (ORDER, F1, F2, STAYED)
    assert list(on("2026-03-09", SERVICE, *facts).open("BreachRequired")) == ["S1/F2"]
    stayed = on("2026-05-01", SERVICE, *facts)
    assert stayed.closed("BreachRequired") == {"S1/F2": "ended"}
    assert stayed.closed("EnforcementActionRequired") == {"F1": "ended", "F2": "ended"}
    assert stayed.open("BreachPackOverdue") == {}


@pytest.mark.parametrize("outcome", ["dismissed", "abandoned", "allowed_varied"])
def test_after_the_decision_the_clocks_go_on_without_penalty(outcome: str) -> None:
    facts = (ORDER, F1, F2, STAYED, f.appeal_decided("2026-04-20", outcome))
    case = on("2026-04-20", SERVICE, *facts)
    required = case.one("BreachRequired")
    # Of the ten business days none had passed on Monday 9 March; day 1 is the day of the decision.
    assert (required.failures, str(required.due_on)) == (2, "2026-05-01")
    assert on("2026-05-01", SERVICE, *facts).open("BreachPackOverdue") == {}
    assert list(on("2026-05-02", SERVICE, *facts).open("BreachPackOverdue")) == ["S1/F2"]


def test_what_is_missed_while_it_is_stayed_is_no_failure_to_act_on() -> None:
    during, after = f.missed("2026-04-06", id="F3"), f.missed("2026-04-20", id="F4")
    facts = (ORDER, F1, STAYED, during, f.appeal_decided("2026-04-20"), after)
    case = on(LATER, SERVICE, *facts)
    assert {key: e.failures for key, e in case.open("EnforcementActionRequired").items()} == {
        "F1": 1,
        "F4": 2,
    }
    assert "F3" not in case.open("WarningLetterOverdue")


def test_an_appeal_without_a_stay_changes_nothing() -> None:
    case = on("2026-05-01", SERVICE, ORDER, F1, F2, f.appealed("2026-03-10", stayed=False))
    assert list(case.open("BreachRequired")) == ["S1/F2"]
    assert list(case.open("BreachPackOverdue")) == ["S1/F2"]


def test_an_appeal_against_another_sentence_changes_nothing() -> None:
    case = on("2026-05-01", SERVICE, ORDER, F1, F2, f.appealed("2026-03-10", sentence="S2"))
    assert list(case.open("BreachRequired")) == ["S1/F2"]


def test_what_was_missed_before_the_stay_stays_missed() -> None:
    case = on(LATER, SERVICE, ORDER, F1, STAYED)
    assert list(case.open("WarningLetterOverdue")) == ["F1"]


def test_items_are_raised_again_when_the_stay_is_over() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-03-09")
    ledger.tell(ORDER, F1, F2)
    ledger.day("2026-03-10")
    ledger.tell(STAYED)
    assert ledger.standing("BreachRequired") == []
    ledger.day("2026-04-20")
    ledger.tell(f.appeal_decided("2026-04-20"))
    assert [e.contact_id for e in ledger.standing("BreachRequired")] == ["F2"]
    assert ledger.withdrawals("BreachRequired") == [("S1/F2", "ended")]


QUASHED = (ORDER, f.appealed("2026-03-10", stayed=False), f.appeal_decided("2026-04-20", "allowed_quashed"))


def test_a_sentence_quashed_on_appeal_is_over_for_enforcement_and_keeps_its_history() -> None:
    case = on(LATER, SERVICE, *QUASHED, F1, F2)
    assert case.closed("BreachRequired") == {"S1/F2": "ended"}
    assert list(case.open("WarningLetterOverdue")) == ["F1", "F2"]
    assert case.status == "ended"


@pytest.mark.parametrize(
    ("service", "status"), [(ALLOCATION, "ended"), (CONTACTS, "ended"), (REFERRALS, "closed")]
)
def test_it_is_over_for_every_service(service: object, status: str) -> None:
    facts = (*QUASHED, f.risk("2026-01-05"))
    assert on("2026-04-20", service, *facts).status == status  # type: ignore[arg-type]


def test_allocation_says_that_it_was_quashed() -> None:
    event = on(LATER, ALLOCATION, *QUASHED, f.risk("2026-01-05")).one("SupervisionEnded")
    assert (str(event.ended_on), event.reason) == ("2026-04-20", "quashed")
