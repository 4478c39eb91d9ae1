"""Transfers (ALLOC-21), re-routing (ALLOC-16), cover (ALLOC-2)."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.allocation.app import SERVICE as ALLOCATION
from tests import facts as f
from tests.casebook import on
from tests.ledger import Ledger
from tests.table import table

ORDER, RISK = f.order("2026-06-01"), f.risk("2026-06-01")
HERE, THERE = f.practitioner(), f.practitioner(id="P2", region="wales", pdu="gwent")
ACCEPTED = f.transfer_accepted("2026-07-01")


def begun(*facts: f.Fact) -> Ledger:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(*facts)
    return ledger


def test_the_sending_side_keeps_the_case_until_somebody_there_takes_it() -> None:
    ledger = begun(HERE, ORDER, RISK)
    ledger.day("2026-06-20")
    ledger.tell(f.transfer_asked("2026-06-20"))
    ledger.day("2026-07-01")
    ledger.tell(ACCEPTED)
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]
    assert ledger.standing("CaseTransferred") == []
    ledger.day("2026-07-03")
    ledger.tell(THERE)
    moved = ledger.standing("CaseAllocated")[-1]
    assert (moved.practitioner_id, moved.reason, moved.region) == ("P2", "transfer", "wales")
    (transferred,) = ledger.standing("CaseTransferred")
    assert (transferred.from_region, transferred.to_region, transferred.practitioner_id) == (
        *("london", "wales"),
        "P2",
    )


def test_a_transfer_that_was_only_asked_for_moves_nobody() -> None:
    ledger = begun(HERE, THERE, ORDER, RISK, f.transfer_asked("2026-06-01"))
    ledger.day("2026-08-01")
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]


def test_all_sentences_go_along_and_the_change_is_counted_once_each() -> None:
    ledger = begun(HERE, THERE, ORDER, f.order("2026-06-01", id="S2"), RISK)
    ledger.day("2026-07-01")
    ledger.tell(ACCEPTED)
    ledger.day("2027-06-01")
    latest = {a.sentence_id: a.practitioner_id for a in ledger.standing("CaseAllocated")}
    assert latest == {"S1": "P2", "S2": "P2"}
    assert [e.practitioner_changes for e in ledger.standing("SupervisionEnded")] == [1, 1]


def test_a_case_that_waits_is_re_routed_and_its_clock_goes_on() -> None:
    ledger = begun(ORDER, RISK)
    ledger.day("2026-06-03")
    ledger.tell(f.transfer_accepted("2026-06-03", "london", "hackney"), f.practitioner(pdu="hackney"))
    (allocated,) = ledger.standing("CaseAllocated")
    assert (allocated.pdu, allocated.reason) == ("hackney", "new")
    # Said anew where it now belongs, with the same date, and then resolved.
    assert ledger.withdrawals("AllocationDue") == [("S1", "superseded"), ("S1", "resolved")]


def test_a_corrected_delivery_unit_does_not_restart_the_clock() -> None:
    ledger = begun(ORDER, RISK)
    ledger.day("2026-06-10")
    ledger.tell(f.order("2026-06-01", pdu="hackney", recorded="2026-06-10"))
    (overdue,) = ledger.standing("AllocationOverdue")
    assert (overdue.due_on.isoformat(), overdue.reason) == ("2026-06-08", "no_practitioner")
    assert overdue.pdu == "hackney"


def test_somebody_who_moved_there_already_keeps_the_case() -> None:
    ledger = begun(HERE, ORDER, RISK)
    ledger.day("2026-07-01")
    ledger.tell(f.practitioner("2026-07-01", region="wales", pdu="gwent"), ACCEPTED)
    assert {a.practitioner_id for a in ledger.standing("CaseAllocated")} == {"P1"}
    assert ledger.standing("CaseTransferred")[0].practitioner_id == "P1"


days = st.integers(0, 40).map(lambda n: (date(2026, 6, 1) + timedelta(days=n)).isoformat())
handed = st.lists(
    st.builds(f.transfer_accepted, days, id=st.sampled_from(["T1", "T2"]))
    | st.builds(f.transfer_accepted, days, st.just("london"), st.just("camden"), id=st.just("T3"))
    | st.builds(f.change_asked, days, id=st.sampled_from(["H1", "H2"])),
    max_size=5,
)


@given(handed, st.booleans())
@settings(max_examples=40, deadline=None)
def test_exactly_one_practitioner_is_accountable_at_every_moment(told: list[f.Fact], merged: bool) -> None:
    """Also in the middle of a transfer, and across a merge."""
    ledger = begun(HERE, f.practitioner(id="P3"), THERE, ORDER, f.order("2026-06-01", id="S2"), RISK)
    for n, fact in enumerate(sorted(told, key=lambda fact: fact.day)):
        ledger.day(fact.day)
        ledger.tell(fact)
        if merged and n == 1:
            ledger.tell(f.merged(fact.day.isoformat(), "X000009"))
        who = [*{a.sentence_id: a for a in ledger.standing("CaseAllocated")}.values()]
        assert len({a.practitioner_id for a in who}) == 1
        assert {a.sentence_id for a in who} == {"S1", "S2"}


def test_after_a_merge_who_took_a_case_last_has_both() -> None:
    ledger = begun(HERE, f.practitioner(id="P3"), ORDER, RISK)
    ledger.day("2026-06-05")
    other = (f.order("2026-06-05", id="S9"), f.risk("2026-06-05", id="A9"))
    ledger.tell(*(fact.about("X000009") for fact in other))
    assert {a.sentence_id: a.practitioner_id for a in ledger.standing("CaseAllocated")} == {
        "S1": "P1",
        "S9": "P3",
    }
    ledger.day("2026-06-10")
    ledger.tell(f.merged("2026-06-10", "X000009"))
    latest = {a.sentence_id: a for a in ledger.standing("CaseAllocated")}
    assert {id: a.practitioner_id for id, a in latest.items()} == {"S1": "P3", "S9": "P3"}
    assert (latest["S1"].reason, latest["S9"].reason) == ("change", "new")
    assert ledger.casebooks[0].file("P1").case.used == {}


def test_a_second_sentence_that_goes_to_somebody_else_takes_the_first_along() -> None:
    """The one who had it has left: the person doesn't have two practitioners."""
    ledger = begun(HERE, ORDER, RISK)
    ledger.day("2026-06-10")
    ledger.tell(f.practitioner("2026-06-10", active=False), f.practitioner(id="P3"))
    assert {a.practitioner_id for a in ledger.standing("CaseAllocated")} == {"P1"}
    ledger.tell(f.order("2026-06-10", id="S2"))
    latest = {a.sentence_id: a.practitioner_id for a in ledger.standing("CaseAllocated")}
    assert latest == {"S1": "P3", "S2": "P3"}


@given(handed, st.integers(0, 4), st.lists(days, min_size=1, max_size=2))
@settings(max_examples=30, deadline=None)
def test_nor_do_two_records_that_become_one_leave_two_accountable(
    told: list[f.Fact], merged_after: int, others: list[str]
) -> None:
    """Each has practitioners and requests of its own before the merge.

    Unless somebody else is asked for and nobody is there: then each sentence stays where it is until then.
    """
    staff = [f.practitioner(id=f"P{n}", hours=1.2) for n in range(6)]
    ledger = begun(*staff, THERE, ORDER, RISK)
    second = [f.order("2026-06-01", id="S9"), f.risk("2026-06-01", id="A9")]
    second += [f.change_asked(day, id=f"H{n}9") for n, day in enumerate(others)]
    facts = [*told, *(fact.about("X000009") for fact in second)]
    for n, fact in enumerate(sorted(facts, key=lambda fact: fact.day)):
        ledger.day(fact.day)
        ledger.tell(fact)
        if n == merged_after:
            ledger.tell(f.merged(fact.day.isoformat(), "X000009"))
    ledger.day("2026-08-01")
    latest = {a.sentence_id: a.practitioner_id for a in ledger.standing("CaseAllocated")}
    assert set(latest) == {"S1", "S9"}
    waiting = ledger.casebooks[0].overview("X000009").requests
    if merged_after < len(facts) and not waiting:
        assert len(set(latest.values())) == 1


HELD = [ORDER, RISK, f.allocated("2026-06-01")]


@table(
    """
    | case                                  | facts                                                                  | changes |
    | none                                  |                                                                        | 0       |
    | for 27 days                           | 2026-07-01 cover until=2026-07-27                                      | 0       |
    | for 28 days, and back                 | 2026-07-01 cover until=2026-07-28                                      | 2       |
    | for 28 days, to the end               | 2027-05-04 cover until=2027-05-31                                      | 1       |
    | for somebody who has another case     | 2026-07-01 cover until=2026-07-28 to=P9                                | 0       |
    | that never was                        | 2026-07-01 cover until=2026-07-28 voided=true                          | 0       |
    | and then the one who stood in stays   | 2026-07-01 cover until=2026-07-28; 2026-07-20 allocated change to=P2   | 1       |
    """,  # noqa: E501
)
def test_cover_counts_as_a_change_from_28_days(facts: list[f.Fact], changes: int) -> None:
    event = on("2027-06-01", ALLOCATION, *HELD, *facts).one("SupervisionEnded")
    assert event.practitioner_changes == changes


def test_who_stands_in_is_not_responsible() -> None:
    case = on("2026-07-10", ALLOCATION, *HELD, f.cover("2026-07-01", "2026-07-28"))
    assert (case.practitioner, case.requests) == ("P1", [])
