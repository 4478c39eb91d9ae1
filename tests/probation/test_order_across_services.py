"""What the services conclude together does not depend on when, or in which order, facts were told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import CATALOGUE
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from shared.engine.service import CaseModel, Service
from tests import facts as f
from tests.ledger import Ledger
from tools.services import SERVICES

FIRST, LAST = date(2026, 1, 5), date(2026, 4, 30)
LATER = LAST + timedelta(days=60)
"""When all deadlines of these facts are over."""

ORDER = f.order("2026-01-05", "2026-03-02")
ABSENT = f.contact("2026-02-16", "failed_to_attend", id="C1")
"""An absence on an order: its reason may be awaited until 23 February."""


def standing(ledger: Ledger, type: str | None = None) -> list[tuple[str, str]]:
    """What stands of all services, without the reasons."""
    return sorted(
        (event.type, event.data.model_dump_json(exclude={"why"})) for event in ledger.standing_events(type)
    )


# -- an absence whose reason is awaited ----------------------------------------------------------


def told_on(day: str, *facts: f.Fact, until: str = "2026-05-01") -> Ledger:
    """Contacts and enforcement, told of the order in time and of these facts on a day."""
    ledger = Ledger(CONTACTS, ENFORCEMENT)
    ledger.day("2026-01-05")
    ledger.tell(ORDER)
    ledger.day(day)
    ledger.tell(*facts)
    ledger.day(until)
    return ledger


DECIDED = f.contact("2026-02-16", "unacceptable_absence", id="C1", recorded="2026-02-27")
NONE = f.contact("2026-02-16", "complied", id="C1", recorded="2026-02-27")
KNOWN = f.contact("2026-02-16", "failed_to_attend", id="C1", recorded="2026-02-16")


@pytest.mark.parametrize("day", ["2026-02-16", "2026-02-23", "2026-02-24", "2026-03-02", "2026-04-20"])
@pytest.mark.parametrize(
    ("facts", "overdue"),
    [
        pytest.param([ABSENT], ["C1"], id="never decided"),
        pytest.param([KNOWN, DECIDED], ["C1"], id="decided late"),
        pytest.param([DECIDED, KNOWN], ["C1"], id="decided late, and told the other way round"),
        pytest.param([KNOWN, NONE], [], id="none after all"),
        pytest.param([NONE, KNOWN], [], id="none after all, and told the other way round"),
        pytest.param([ABSENT, f.revoked("2026-02-20")], [], id="revoked before the decision was due"),
        pytest.param([ABSENT, f.revoked("2026-02-24")], ["C1"], id="revoked after it was due"),
        pytest.param([f.revoked("2026-02-24"), ABSENT], ["C1"], id="revoked, told before the absence"),
    ],
)
def test_an_absence_is_overdue_or_not_whenever_it_is_told(
    facts: list[f.Fact], overdue: list[str], day: str
) -> None:
    ledger = told_on(day, *facts)
    assert [event.contact_id for event in ledger.standing("AbsenceDecisionOverdue")] == overdue
    assert ledger.standing("AbsenceUndecided") == []


def test_one_that_has_ended_already_is_published_and_withdrawn() -> None:
    ledger = told_on("2026-04-20", ABSENT)
    (raised,) = (event for event in ledger.published if event.type == "AbsenceUndecided")
    (withdrawn,) = (e for e in ledger.published if e.type == "Withdrawn" and e.data.withdraws == raised.id)
    assert (withdrawn.data.reason, str(withdrawn.data.closed_on)) == ("ended", "2026-03-03")
    assert int(withdrawn.sequence or 0) == int(raised.sequence or 0) + 1


def test_one_that_ended_and_turns_out_to_be_none_takes_back_what_followed_from_it() -> None:
    ledger = told_on("2026-02-16", ABSENT)
    assert len(ledger.standing("AbsenceDecisionOverdue")) == 1
    ledger.tell(NONE)
    assert ledger.standing("AbsenceDecisionOverdue") == []
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended"), ("C1", "corrected")]


def test_one_that_ended_is_awaited_again_when_the_order_goes_on() -> None:
    ledger = told_on("2026-02-16", ABSENT, f.revoked("2026-02-20"))
    assert ledger.standing("AbsenceDecisionOverdue") == []
    ledger.tell(f.revoked("2026-02-20", voided=True))
    ledger.day("2026-05-04")
    assert len(ledger.standing("AbsenceDecisionOverdue")) == 1
    assert ledger.withdrawals("AbsenceUndecided") == [("C1", "ended"), ("C1", "ended")]
    ledger.tell(NONE)
    assert ledger.standing("AbsenceDecisionOverdue") == []


def test_one_that_ended_moves_with_the_record_of_the_person() -> None:
    ledger = told_on("2026-02-16", ABSENT)
    ledger.tell(f.merged("2026-05-01", "X2"))
    assert [e.subject for e in ledger.standing_events("AbsenceDecisionOverdue")] == ["X2"]
    ledger.tell(f.merged("2026-05-01", "X2", voided=True))
    assert [e.subject for e in ledger.standing_events("AbsenceDecisionOverdue")] == [f.PERSON]
    ledger.tell(NONE)
    assert ledger.standing("AbsenceDecisionOverdue") == []


# -- which items these are -----------------------------------------------------------------------


def models() -> list[tuple[Service, CaseModel]]:
    return [(service, model) for service in SERVICES for model in service.models]


def test_a_service_publishes_for_good_what_another_follows_to_its_end() -> None:
    followed = {
        type
        for _, model in models()
        for type, register in model.registers.items()
        if register.resolutions is not None
    }
    declared = {event.__name__ for _, model in models() for event in model.followed}
    assert declared == followed
    for service, model in models():
        for event in model.followed:
            assert CATALOGUE[event.__name__].topics == (service.name,)


# -- any facts, in any order, on any days --------------------------------------------------------

days = st.integers(0, (LAST - FIRST).days).map(lambda n: str(FIRST + timedelta(days=n)))
contact_ids = st.sampled_from(["C1", "C2", "C3", "C4"])
outcomes = st.sampled_from(
    ["failed_to_attend", "failed_to_attend", "unacceptable_absence", "acceptable_absence", "complied"]
)
happenings = st.one_of(
    st.builds(f.contact, days, outcomes, id=contact_ids),
    st.builds(f.contact, days, outcomes, id=contact_ids),
    st.builds(f.scheduled, days, id=contact_ids, notified=st.booleans()),
    st.builds(f.work, days, outcomes, id=contact_ids),
    st.builds(f.action, days, st.sampled_from(["warning", "breach_initiated"]), contact_ids),
    st.builds(f.revoked, days, st.sampled_from(["breach", "quashed"])),
    st.builds(f.varied, days, days),
    st.builds(f.taken, days),
    st.builds(f.left, days),
    st.builds(f.died, days),
    st.builds(f.transfer_asked, days),
    st.builds(f.transfer_accepted, days),
    st.builds(f.risk, days, st.sampled_from(["low", "very_high"])),
    st.builds(f.registered, days, st.sampled_from(["domestic_abuse", "child_protection"])),
    st.builds(f.heard, days, st.sampled_from(["proven_continued", "withdrawn"])),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[f.Fact], list[f.Fact]]:
    """What is told first, so that the same is decided, and the rest: each at first told on its own day."""
    ends = draw(st.sampled_from(["2026-02-20", "2026-03-31", "2027-01-04"]))
    first = [f.practitioner(), f.order(str(FIRST), ends, "rar 3 RAR, unpaid_work 40 UPW"), f.risk(str(FIRST))]
    rest = draw(st.lists(happenings, min_size=1, max_size=7))
    return first, [*f.told(sorted(rest, key=lambda fact: fact.recorded))]


def play(first: list[f.Fact], rest: list[tuple[date, f.Fact]]) -> Ledger:
    """All four services, told each fact on a day."""
    ledger = Ledger(*SERVICES)
    ledger.day(FIRST)
    for fact in first:
        ledger.publish(fact)
    for day, fact in rest:
        ledger.day(day)
        ledger.publish(fact)
    ledger.day(LATER)
    return ledger


@settings(max_examples=60)
@given(histories(), st.randoms(use_true_random=False))
def test_all_services_together_conclude_the_same_whenever_facts_are_told(
    history: tuple[list[f.Fact], list[f.Fact]], random: Any
) -> None:
    first, rest = history
    in_time = play(first, [(fact.recorded.date(), fact) for fact in rest])
    shuffled = [*rest, *rest[: len(rest) // 2]]
    random.shuffle(shuffled)
    span = (LAST - FIRST).days
    arrivals = sorted(FIRST + timedelta(days=random.randint(0, span)) for _ in shuffled)
    late = play(first, [*zip(arrivals, shuffled, strict=True)])
    assert standing(late) == standing(in_time)
