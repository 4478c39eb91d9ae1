"""Allocation over time, where the order of what is told or published matters.

The rest of the story: `tests/examples/allocation_*.txt`.
"""

from itertools import permutations

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from tests import facts as f
from tests.ledger import Ledger

ORDER, RISK = f.order("2026-06-01"), f.risk("2026-06-01")


def begun(*facts: f.Fact) -> Ledger:
    """The service on 1 June 2026, told these facts."""
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    for fact in facts:
        ledger.tell(fact)
    return ledger


def test_from_sentence_to_the_end_of_supervision() -> None:
    ledger = begun(f.practitioner(), ORDER, RISK)
    ledger.day("2027-06-01")
    assert [e.data.withdrawn_type if e.type == "Withdrawn" else e.type for e in ledger.published] == [
        *("AllocationDue", "TierCalculated", "CaseAllocated", "AllocationDue", "SupervisionEnded")
    ]
    assert ledger.withdrawals("AllocationDue") == [("S1", "resolved")]
    (allocation,) = ledger.standing("CaseAllocated")
    assert (allocation.practitioner_id, allocation.allocated_on.isoformat()) == ("P1", "2026-06-01")


def test_whatever_comes_first_the_outcome_is_the_same() -> None:
    outcomes = {
        frozenset((e.type, e.data.model_dump_json(exclude={"why"})) for e in begun(*told).standing_events())
        for told in permutations([f.practitioner(), ORDER, RISK])
    }
    (outcome,) = outcomes
    assert "CaseAllocated" in {type for type, _ in outcome}


def test_risk_recorded_in_time_but_delivered_late_was_not_processed() -> None:
    ledger = begun(f.practitioner(grade="pso"), ORDER)
    ledger.day("2026-06-09")
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["no_practitioner"]
    ledger.tell(f.risk("2026-06-05", recorded="2026-06-05"))
    assert [e.reason for e in ledger.standing("AllocationOverdue")] == ["no_practitioner"]
    assert [a.late for a in ledger.standing("CaseAllocated")] == [True]


@pytest.mark.parametrize(
    "end", [f.died("2026-06-03"), f.revoked("2026-06-03", "quashed")], ids=["death", "quashed"]
)
def test_nothing_fires_after_the_end(end: f.Fact) -> None:
    ledger = begun(ORDER)
    ledger.day("2026-06-03")
    ledger.tell(end)
    assert ledger.withdrawals("AllocationDue") == [("S1", "ended")]
    before = len(ledger.published)
    ledger.tell(f.practitioner(), f.risk("2026-06-04"))
    ledger.day("2027-07-01")
    assert ledger.published[before:] == []


# -- an allocation of a sentence that never was ----------------------------------------------------

NEVER = f.order("2026-06-01", voided=True, recorded="2026-06-02")


def test_the_allocation_of_a_sentence_that_never_was_is_withdrawn_and_frees_its_capacity() -> None:
    ledger = begun(f.practitioner(), ORDER, RISK)
    assert ledger.casebooks[0].file("P1").case.used["points"] > 0
    ledger.tell(NEVER)
    assert ledger.standing("CaseAllocated") == []
    assert ledger.withdrawals("CaseAllocated") == [("S1/1", "corrected")]
    assert ledger.casebooks[0].file("P1").case.used == {}


def test_it_stays_withdrawn_when_the_case_is_joined_again() -> None:
    ledger = begun(f.practitioner(), ORDER, RISK, NEVER)
    assert ledger.casebooks[0].recheck(f.PERSON) == []
    ledger.day("2026-06-30")
    assert ledger.standing("CaseAllocated") == []


def test_a_sentence_that_was_after_all_is_allocated_anew() -> None:
    ledger = begun(f.practitioner(), ORDER, RISK, NEVER)
    ledger.day("2026-06-03")
    ledger.tell(f.order("2026-06-01", recorded="2026-06-03"))
    (allocated,) = ledger.standing_events("CaseAllocated")
    assert allocated.data.allocated_on.isoformat() == "2026-06-03"
    first = next(event for event in ledger.published if event.type == "CaseAllocated")
    assert allocated.id != first.id
    ledger.tell(f.order("2026-06-01", voided=True, recorded="2026-06-04"))
    assert ledger.withdrawals("CaseAllocated") == [("S1/1", "corrected")] * 2


def test_the_other_sentences_keep_their_allocation() -> None:
    other = f.order("2026-06-01", id="S2")
    ledger = begun(f.practitioner(), ORDER, other, RISK, NEVER)
    assert [allocation.sentence_id for allocation in ledger.standing("CaseAllocated")] == ["S2"]


def test_one_that_moved_with_the_record_is_withdrawn_where_it_stands() -> None:
    ledger = begun(f.practitioner(), ORDER, RISK, f.merged("2026-06-01", "X2"))
    assert [event.subject for event in ledger.standing_events("CaseAllocated")] == ["X2"]
    ledger.tell(NEVER)
    assert ledger.standing("CaseAllocated") == []
    ledger.tell(f.merged("2026-06-01", "X2", voided=True, recorded="2026-06-05"))
    assert ledger.standing("CaseAllocated") == []


def holders(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Whose case, which sentence, which practitioner: what stands as allocated."""
    made = ledger.standing_events("CaseAllocated")
    return sorted((str(e.subject), e.data.sentence_id, e.data.practitioner_id) for e in made)


STAFF = [f.practitioner(id=id) for id in ("P1", "P2", "P3")]
OTHERS = [f.order("2026-06-02", id="S2", subject="X2"), f.risk("2026-06-02", id="A2", subject="X2")]
MERGED = f.merged("2026-06-10", f.PERSON, subject="X2")
APART = [
    pytest.param(f.unmerged("2026-07-01", "X2"), id="unmerged"),
    pytest.param(f.merged("2026-06-10", f.PERSON, subject="X2", voided=True), id="never merged"),
]


@pytest.mark.parametrize("apart", APART)
def test_what_was_decided_of_another_persons_sentence_is_withdrawn_when_the_records_part(
    apart: f.Fact,
) -> None:
    ledger = begun(*STAFF, ORDER, RISK)
    ledger.day("2026-06-02")
    ledger.tell(*OTHERS)
    ledger.day("2026-06-10")
    ledger.tell(MERGED)
    assert holders(ledger)[-1] == (f.PERSON, "S2", "P2")
    ledger.day("2026-06-20")
    ledger.tell(f.change_asked("2026-06-20"))
    ledger.day("2026-07-01")
    ledger.tell(apart.said("2026-07-01"))
    standing = holders(ledger)
    assert {(who, sentence) for who, sentence, _ in standing} == {(f.PERSON, "S1"), ("X2", "S2")}
    assert ("X2", "S2", "P2") in standing
    ledger.day("2026-07-05")
    assert holders(ledger) == standing
    assert [ledger.casebooks[0].recheck(who) for who in (f.PERSON, "X2")] == [[], []]


@pytest.mark.parametrize("apart", APART)
def test_a_sentence_told_after_the_merge_takes_nothing_of_the_allocation_along(apart: f.Fact) -> None:
    ledger = begun(*STAFF, ORDER, RISK)
    ledger.day("2026-06-10")
    ledger.tell(MERGED, f.order("2026-06-10", id="S2", subject="X2"))
    assert holders(ledger)[-1] == (f.PERSON, "S2", "P1")
    ledger.day("2026-07-01")
    ledger.tell(apart.said("2026-07-01"))
    assert [(who, sentence) for who, sentence, _ in holders(ledger)] == [(f.PERSON, "S1"), ("X2", "S2")]


@pytest.mark.parametrize("first", [f.PERSON, "X2"])
def test_of_a_sentence_that_both_records_had_the_later_allocation_stands(first: str) -> None:
    ledger = Ledger(ALLOCATION, CONTACTS)
    ledger.day("2026-06-01")
    ledger.tell(*STAFF)
    for day, who in (("2026-06-01", first), ("2026-06-02", "X2" if first == f.PERSON else f.PERSON)):
        ledger.day(day)
        ledger.tell(ORDER.about(who), f.risk("2026-06-01", id=f"A-{who}", subject=who))
    ledger.day("2026-06-10")
    ledger.tell(MERGED)
    assert holders(ledger) == [(f.PERSON, "S1", "P2")]
    assert [book.overview(f.PERSON).practitioner for book in ledger.casebooks] == ["P2", "P2"]
    ledger.day("2026-07-01")
    ledger.tell(f.unmerged("2026-07-01", "X2"))
    mine, theirs = ("P1", "P2") if first == f.PERSON else ("P2", "P1")
    assert holders(ledger) == [(f.PERSON, "S1", mine), ("X2", "S1", theirs)]


def test_other_services_forget_it_too() -> None:
    ledger = Ledger(ALLOCATION, CONTACTS)
    ledger.day("2026-06-01")
    ledger.tell(f.practitioner(), ORDER, RISK)
    assert ledger.casebooks[1].file(f.PERSON).case.allocations  # type: ignore[attr-defined]
    ledger.tell(NEVER)
    assert not ledger.casebooks[1].file(f.PERSON).case.allocations  # type: ignore[attr-defined]
