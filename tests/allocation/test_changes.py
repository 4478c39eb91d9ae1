"""A change of practitioner (ALLOC-2): who asks for it, who takes the case, who follows, who refuses."""

from typing import Any

import pytest

from services.allocation.app import SERVICE
from services.allocation.rules.choice import choose
from shared.engine.assessment import Finding, Refusal, Request
from tests.allocation.facts import (
    POLICY,
    allocated,
    assessed,
    change,
    colleague,
    concluded,
    day,
    found,
    imposed,
    managed,
    person,
    practitioner,
    revoked,
)
from tests.ledger import Ledger

ORDER = imposed("2026-06-01", "2027-05-31")
SECOND = imposed("2026-06-02", "2027-06-01", id="S2", pdu="Hackney")
C2 = assessed("2026-06-01", ogrs=100)
HELD = [ORDER, C2, allocated("2026-06-03", "P1")]


def asked(*facts: Any, on: str = "2026-07-01") -> list[str]:
    return [request.key for request in concluded(person(*HELD, *facts), on).overview.requests]


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        pytest.param([], [], id="nobody asked"),
        pytest.param([change("2026-07-01")], ["S1/2"], id="for all sentences"),
        pytest.param([change("2026-07-01", "S1")], ["S1/2"], id="for this sentence"),
        pytest.param([change("2026-07-01", "S9")], [], id="for another sentence"),
        pytest.param([change("2026-07-02")], [], id="not yet"),
        pytest.param([change("2026-06-02")], [], id="before anybody had it"),
        pytest.param([change("2026-06-03")], ["S1/2"], id="on the day on which it was allocated"),
        pytest.param([change("2026-06-20"), revoked("2026-07-01")], [], id="supervision has ended"),
        pytest.param(
            [change("2026-06-20"), allocated("2026-06-20", "P2", reason="change")], [], id="fulfilled"
        ),
        pytest.param(
            [change("2026-06-20"), allocated("2026-06-19", "P2", reason="change")],
            ["S1/3"],
            id="who has it now was not asked about before",
        ),
        pytest.param(
            [
                change("2026-06-20"),
                allocated("2026-06-21", "P2", reason="change"),
                change("2026-06-25", change="K2"),
            ],
            ["S1/3"],
            id="asked for again",
        ),
        pytest.param(
            [
                change("2026-06-20"),
                change("2026-06-21", change="K2"),
                allocated("2026-06-22", "P2", reason="change"),
            ],
            [],
            id="one change fulfils all requests so far",
        ),
    ],
)
def test_who_asks_for_another_practitioner(facts: list[Any], keys: list[str]) -> None:
    assert asked(*facts) == keys


@pytest.mark.parametrize(
    ("decisions", "refused"),
    [
        pytest.param([managed("2026-06-21", False)], True, id="refused"),
        pytest.param([managed("2026-06-20", False)], True, id="refused on the day of the request"),
        pytest.param([managed("2026-06-19", False)], False, id="refused before it was asked for"),
        pytest.param([managed("2026-07-02", False)], False, id="not refused yet"),
        pytest.param([managed("2026-06-21", True)], False, id="approved"),
        pytest.param(
            [managed("2026-06-21", False, about="absence_review")], False, id="about something else"
        ),
        pytest.param(
            [managed("2026-06-21", False), managed("2026-06-23", True, decision="M2")],
            False,
            id="refused, then approved",
        ),
        pytest.param(
            [managed("2026-06-23", False), managed("2026-06-21", True, decision="M2")],
            True,
            id="approved, then refused",
        ),
    ],
)
@pytest.mark.parametrize("sentence", ["S1", None], ids=["one sentence", "all"])
def test_a_manager_may_refuse_it(decisions: list[Any], refused: bool, sentence: str | None) -> None:
    assert asked(change("2026-06-20", sentence), *decisions) == ([] if refused else ["S1/2"])


def test_a_refusal_for_another_sentence_refuses_a_request_for_all_only() -> None:
    other = managed("2026-06-21", False, id="S2")
    assert asked(change("2026-06-20", "S1"), other) == ["S1/2"]
    assert asked(change("2026-06-20"), other) == []


def request_of(*facts: Any) -> Request:
    (request,) = concluded(person(*HELD, change("2026-07-01"), *facts), "2026-07-01").overview.requests
    return request


def test_anybody_but_who_had_it_may_take_it() -> None:
    had_it = colleague(practitioner("P1"), points=63)
    busier = colleague(practitioner("P2"), points=1000)
    decision = choose(request_of(), [had_it, busier], day("2026-07-01"), POLICY)
    assert isinstance(decision, Finding)
    assert (decision.key, decision.event.practitioner_id, decision.event.reason) == ("S1/2", "P2", "change")
    assert (decision.event.workload_percent_before, decision.event.workload_percent_after) == (46.0, 48.9)
    assert not decision.event.late
    assert "ALLOC-2" in decision.rules
    assert [record.event_id for record in decision.because] == ["event-4", "event-1", "event-2", "event-1"]


def test_without_anybody_else_the_practitioner_stays() -> None:
    had_it = colleague(practitioner("P1"), points=63)
    assert choose(request_of(), [had_it], day("2026-07-01"), POLICY) == Refusal("no_practitioner")
    case = person(*HELD, change("2026-07-01"))
    assert concluded(case, "2026-07-01").overview.practitioner == "P1"


def test_all_sentences_follow_to_the_same_practitioner() -> None:
    both = [SECOND, allocated("2026-06-04", "P1", id="S2")]
    assert asked(*both, change("2026-06-20", "S2")) == ["S2/2"]
    moved = allocated("2026-06-20", "P2", id="S2", reason="change")
    (request,) = concluded(
        person(*HELD, *both, change("2026-06-20", "S2"), moved), "2026-06-20"
    ).overview.requests
    assert (request.key, request.details.current) == ("S1/2", "P2")
    taker = colleague(practitioner("P2", pdu="Leeds"), points=63)
    decision = choose(request, [colleague(practitioner("P3")), taker], day("2026-06-20"), POLICY)
    assert isinstance(decision, Finding)
    assert (decision.event.practitioner_id, decision.event.reason) == ("P2", "change")
    assert decision.event.workload_percent_before == decision.event.workload_percent_after


def test_a_sentence_that_came_while_a_change_was_asked_for_follows_too() -> None:
    facts = [change("2026-06-20", "S1"), SECOND, allocated("2026-06-25", "P1", id="S2", reason="continuity")]
    assert asked(*facts) == ["S1/2"]
    assert asked(*facts, allocated("2026-06-30", "P2", reason="change")) == ["S2/2"]


def test_supervision_ended_counts_the_changes() -> None:
    facts = [*HELD, change("2026-06-20"), allocated("2026-06-20", "P2", reason="change")]
    (event,) = found(concluded(person(*facts), "2027-06-01"), "SupervisionEnded")
    assert event.practitioner_changes == 1


@pytest.fixture
def ledger() -> Ledger:
    """A person with two sentences at P1; P2 has nothing to do yet."""
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(practitioner("P1"), subject="P1")
    ledger.tell(ORDER, C2, imposed("2026-06-01", "2026-12-31", id="S2"))
    ledger.tell(practitioner("P2"), subject="P2")
    return ledger


def taken(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [
        (e.data.sentence_id, e.data.practitioner_id, e.data.reason)
        for e in ledger.standing_events("CaseAllocated")
        if e.subject == "X123456"
    ]


FIRST = [("S1", "P1", "new"), ("S2", "P1", "continuity")]
CHANGED = [*FIRST, ("S1", "P2", "change"), ("S2", "P2", "change")]


def test_from_the_request_to_the_end(ledger: Ledger) -> None:
    ledger.tell(change("2026-07-01"))
    assert taken(ledger) == FIRST
    ledger.day("2026-06-30")
    assert taken(ledger) == FIRST
    ledger.day("2026-07-01")
    assert taken(ledger) == CHANGED
    ledger.day("2027-06-01")
    assert taken(ledger) == CHANGED
    changes = {e.sentence_id: e.practitioner_changes for e in ledger.standing("SupervisionEnded")}
    assert (changes["S1"], changes["S2"]) == (1, 1)
    assert ledger.standing("AllocationOverdue") == []


def test_the_workload_goes_with_the_case(ledger: Ledger) -> None:
    ledger.day("2026-07-01")
    ledger.tell(change("2026-07-01"))
    ledger.tell(imposed("2026-07-01", "2027-05-31", id="S6"), C2, subject="X5")
    last = ledger.standing("CaseAllocated")[-1]
    assert (last.practitioner_id, last.workload_percent_before) == ("P1", 0.0)


def test_a_refusal_told_in_time_prevents_it_and_one_told_later_undoes_nothing(ledger: Ledger) -> None:
    ledger.day("2026-07-01")
    ledger.tell(managed("2026-07-01", False))
    ledger.tell(change("2026-07-01", "S1"))
    assert taken(ledger) == FIRST
    ledger.day("2026-07-02")
    ledger.tell(change("2026-07-02", "S1", change="K2"))
    ledger.tell(managed("2026-07-02", False, decision="M2"))
    assert taken(ledger) == CHANGED


def test_a_change_on_the_day_of_the_allocation_told_of_late() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    for name in ("P1", "P2"):
        ledger.tell(practitioner(name), subject=name)
    ledger.tell(ORDER, change("2026-06-10"), change("2026-06-11", change="K2"))
    ledger.day("2026-06-10")
    ledger.tell(C2)
    assert taken(ledger) == [("S1", "P1", "new")]
    ledger.day("2026-06-11")
    assert taken(ledger) == [("S1", "P1", "new"), ("S1", "P2", "change")]


def test_a_change_waits_until_somebody_else_is_there() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(practitioner("P1"), subject="P1")
    ledger.tell(ORDER, C2)
    ledger.day("2026-06-02")
    ledger.tell(change("2026-06-02"))
    ledger.day("2026-06-05")
    assert taken(ledger) == [("S1", "P1", "new")]
    ledger.tell(practitioner("P2"), subject="P2")
    assert taken(ledger) == [("S1", "P1", "new"), ("S1", "P2", "change")]


def test_a_request_that_never_was_asks_for_nothing() -> None:
    ledger = Ledger(SERVICE)
    ledger.day("2026-06-01")
    ledger.tell(practitioner("P1"), subject="P1")
    ledger.tell(ORDER, C2)
    ledger.day("2026-06-02")
    ledger.tell(change("2026-06-02"), change("2026-06-02", voided=True))
    ledger.tell(practitioner("P2"), subject="P2")
    assert taken(ledger) == [("S1", "P1", "new")]
