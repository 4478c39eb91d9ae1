"""Limited access: on which days it applies, and what is published while it does."""

from __future__ import annotations

from datetime import date

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS
from shared.engine.service import Service
from shared.probation.access import is_limited
from tests import facts as f
from tests.facts import Fact
from tests.ledger import Ledger
from tests.probation.joined import case_of
from tests.table import table
from tools.services import SERVICES

ONE, TWO = "X000001", "X000002"


@table(
    """
    | case                                          | limited | facts |
    | nothing said                                  | False   | 2026-03-01 died |
    | from the day on which it takes effect         | True    | 2026-03-10 limited |
    | not before that day                           | False   | 2026-03-11 limited |
    | lifted                                        | False   | 2026-03-01 limited; 2026-03-10 unlimited |
    | lifted and limited again                      | True    | 2026-03-01 limited; 2026-03-05 unlimited; 2026-03-09 limited |
    | told the other way round                      | False   | 2026-03-10 unlimited; 2026-03-01 limited |
    | one of two restrictions is lifted             | True    | 2026-03-01 limited id=R1; 2026-03-01 limited id=R2; 2026-03-05 unlimited id=R2 |
    | it never was                                  | False   | 2026-03-01 limited; 2026-03-01 limited voided=true |
    """  # noqa: E501
)
def test_access_is_limited_while_any_restriction_applies(limited: bool, facts: list[Fact]) -> None:
    assert is_limited(case_of(*facts), date(2026, 3, 10)) == limited


NEWS: dict[str, tuple[Service, list[Fact], list[Fact]]] = {
    "allocation": (ALLOCATION, [f.order("2026-03-01")], [f.risk("2026-03-10", "high")]),
    "contacts": (
        CONTACTS,
        [f.order("2026-03-01"), f.contact("2026-03-05", "unacceptable_absence", id="C1")],
        [f.contact("2026-03-05", "complied", id="C1", recorded="2026-03-10")],
    ),
    "enforcement": (
        ENFORCEMENT,
        [f.order("2026-03-01"), f.missed("2026-03-05", id="C1")],
        [f.action("2026-03-10", "warning", contact="C1")],
    ),
    "referrals": (
        REFERRALS,
        [f.order("2026-03-01"), f.session("2026-03-05", requirement="RAR", id="A1")],
        [f.session("2026-03-06", requirement="RAR", id="A2")],
    ),
}


@pytest.mark.parametrize("name", NEWS)
def test_what_a_service_publishes_is_marked_from_then_on_and_not_published_again(name: str) -> None:
    service, before, after = NEWS[name]
    ledger = Ledger(service)
    ledger.day("2026-03-10")
    ledger.tell(*before)
    told = len(ledger.published)
    assert told
    ledger.tell(f.limited("2026-03-10"))
    assert len(ledger.published) == told
    ledger.tell(*after)
    assert len(ledger.published) > told
    marks = [event.data.limited for event in ledger.published]
    assert marks == [False] * told + [True] * (len(marks) - told)
    ledger.tell(f.unlimited("2026-03-11"))
    count = len(ledger.published)
    ledger.day("2026-03-11")
    ledger.tell(f.order("2026-03-11", id="S2"))
    assert not any(event.data.limited for event in ledger.published[count:])


def test_withdrawals_and_decisions_of_a_limited_case_are_marked_too() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-03-10")
    ledger.tell(f.practitioner(), f.order("2026-03-10"), f.limited("2026-03-10"))
    ledger.tell(f.risk("2026-03-10"))
    [allocated] = ledger.standing("CaseAllocated")
    assert allocated.limited
    ledger.tell(f.order("2026-03-10", voided=True))
    withdrawn = [event for event in ledger.published if event.type == "Withdrawn"]
    assert withdrawn
    assert all(event.data.limited for event in withdrawn)


@pytest.mark.parametrize("limited", [ONE, TWO])
def test_what_is_withdrawn_of_a_record_that_went_into_a_limited_case_is_marked(limited: str) -> None:
    ledger = Ledger(CONTACTS)
    ledger.day("2026-03-10")
    ledger.tell(f.order("2026-03-01", subject=ONE), f.limited("2026-03-10", subject=limited))
    told = len(ledger.published)
    ledger.tell(f.merged("2026-03-10", TWO, subject=ONE))
    withdrawn = [event for event in ledger.published[told:] if event.type == "Withdrawn"]
    assert {event.subject for event in withdrawn} == {ONE}
    assert all(event.data.limited for event in ledger.published[told:])


def test_every_service_joins_what_limits_access_and_erases() -> None:
    for service in SERVICES:
        assert "practice" in service.reads
        assert service.person.limited is is_limited
        assert "CaseAccessChanged" in service.person.types
        assert service.erased_by == "PersonErased"
