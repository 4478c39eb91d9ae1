"""Every finding about a sentence says where the sentence is supervised, as transferred."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.catalogue import CATALOGUE
from schemas.published import OfSentence, OpenItem
from shared.engine.service import CaseModel
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger
from tools.rules import publishes, rules_of
from tools.services import BY_NAME, SERVICES

CONTACTS, ENFORCEMENT = BY_NAME["contacts"], BY_NAME["enforcement"]
ORDER = f.order("2026-01-05", "2026-12-31")
MOVED = f.transfer_accepted("2026-03-10", "wales", "gwent")
LONDON, WALES = ("london", "camden"), ("wales", "gwent")


def place(event: Any) -> tuple[str, str]:
    return event.region, event.pdu


# -- records and open items ----------------------------------------------------------------------


def test_a_record_keeps_the_place_of_its_own_date() -> None:
    missed = [f.contact(day, "unacceptable_absence", id=day) for day in ("2026-03-09", "2026-03-16")]
    case = on("2026-05-01", CONTACTS, ORDER, MOVED, f.contact("2026-03-11"), *missed)
    places = {key: place(event) for key, event in case.open("ContactMissed").items()}
    assert places == {"2026-03-09": LONDON, "2026-03-16": WALES}


@pytest.mark.parametrize(("day", "expected"), [("2026-03-09", LONDON), ("2026-03-10", WALES)])
def test_an_open_item_has_the_place_of_today(day: str, expected: tuple[str, str]) -> None:
    case = on(day, ENFORCEMENT, ORDER, MOVED, f.missed("2026-03-03", id="C1"))
    assert place(case.one("EnforcementActionRequired")) == expected


def test_a_transfer_to_come_is_waited_for() -> None:
    facts = [ORDER, f.missed("2026-03-03", id="C1"), f.action("2026-03-04", "letter_sent")]
    case = on("2026-03-06", ENFORCEMENT, *facts, f.missed("2026-03-06", id="C2"), MOVED)
    assert case.wake_on is not None
    assert str(case.wake_on) <= "2026-03-10"


@pytest.mark.parametrize(
    ("transfers", "expected"),
    [
        pytest.param(
            [MOVED, f.transfer_accepted("2026-03-12", pdu="swansea", id="T2")], "swansea", id="last"
        ),
        pytest.param([f.transfer_accepted("2026-01-04")], "camden", id="one from before the sentence"),
        pytest.param([f.transfer_accepted("2026-01-05")], "gwent", id="one on the day of the sentence"),
        pytest.param([f.transfer_asked("2026-03-10")], "camden", id="one that was only asked for"),
        pytest.param([MOVED, MOVED.voided()], "camden", id="one that never was"),
    ],
)
def test_where_transfers_lead(transfers: list[f.Fact], expected: str) -> None:
    case = on("2026-03-20", ENFORCEMENT, ORDER, *transfers, f.missed("2026-03-19", id="C1"))
    assert case.one("EnforcementActionRequired").pdu == expected


def test_a_transfer_publishes_open_items_anew_and_leaves_records_alone() -> None:
    ledger = Ledger(*SERVICES)
    ledger.day("2026-01-05")
    ledger.tell(ORDER)
    ledger.day("2026-03-02")
    ledger.tell(f.contact("2026-02-23", "failed_to_attend", id="C1"))
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="C2"))
    ledger.day("2026-03-10")
    overdue = ledger.standing_events("AbsenceDecisionOverdue")
    ledger.tell(f.transfer_accepted("2026-03-10"))
    for type in ("AbsenceUndecided", "EnforcementActionRequired"):
        (event,) = ledger.standing(type)
        assert place(event) == WALES
        assert [reason for _, reason in ledger.withdrawals(type)] == ["superseded"]
    assert [place(event) for event in ledger.standing("ContactMissed")] == [LONDON]
    assert ledger.standing_events("AbsenceDecisionOverdue") == overdue
    assert ledger.withdrawals("ContactStandardMissed") == ledger.withdrawals("AbsenceDecisionOverdue") == []


def test_an_item_that_was_closed_keeps_the_place_of_that_day() -> None:
    ledger = Ledger(CONTACTS, ENFORCEMENT)
    ledger.day("2026-03-02")
    ledger.tell(ORDER, f.contact("2026-03-02", "failed_to_attend", id="C1"))
    ledger.tell(f.contact("2026-03-02", "unacceptable_absence", id="C1"))
    ledger.day("2026-03-10")
    told = len(ledger.published)
    ledger.tell(f.transfer_accepted("2026-03-10"))
    assert [e.type for e in ledger.published[told:] if e.source == CONTACTS.source] == []


# -- every type ----------------------------------------------------------------------------------


def published_types() -> set[str]:
    """The types that some rule publishes."""
    return {type for service in SERVICES for rule in rules_of(service) for type in publishes(rule)}


def test_every_finding_about_a_sentence_has_a_place() -> None:
    for type, entry in CATALOGUE.items():
        if "why" in entry.model.model_fields and "sentence_id" in entry.model.model_fields:
            assert {"region", "pdu"} <= entry.model.model_fields.keys(), type


@pytest.mark.parametrize("type", sorted(published_types()))
def test_every_record_about_a_sentence_names_its_date(type: str) -> None:
    model = CATALOGUE[type].model
    if issubclass(model, OfSentence):
        assert (model.dated in model.model_fields) != issubclass(model, OpenItem)


def test_every_service_knows_of_transfers() -> None:
    people: list[CaseModel] = [service.person for service in SERVICES]
    assert all("TransferAccepted" in model.registers for model in people)
