"""A change of practitioner (ALLOC-2): when it is requested, who takes the case, who follows, who refuses.

How changes go over time: `tests/examples/allocation_changes.txt`.
"""

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.assessment import Finding, Refusal, evidence
from tests import facts as f
from tests.casebook import decide, on
from tests.table import table

HELD = [f.order("2026-06-01"), f.risk("2026-06-01"), f.allocated("2026-06-03")]
SECOND = f.order("2026-06-02", id="S2", pdu="hackney")


def moved(day: str, sentence: str = "S1") -> f.Fact:
    """P2 has taken the sentence."""
    return f.allocated(day, "change", to="P2", sentence=sentence)


def requested(*facts: f.Fact, day: str = "2026-07-01") -> list[str]:
    """Which allocations (the second of S1: S1/2) the case requests."""
    return [request.key for request in on(day, ALLOCATION, *HELD, *facts).requests]


@table(
    """
    | case                                      | facts                                                                                  | keys     |
    | nobody asked                              |                                                                                        | []       |
    | for all sentences                         | 2026-07-01 change asked                                                                | ["S1/2"] |
    | for this sentence                         | 2026-07-01 change asked sentence=S1                                                    | ["S1/2"] |
    | for another sentence                      | 2026-07-01 change asked sentence=S9                                                    | []       |
    | not yet                                   | 2026-07-02 change asked                                                                | []       |
    | before anybody had it                     | 2026-06-02 change asked                                                                | []       |
    | on the day on which it was allocated      | 2026-06-03 change asked                                                                | ["S1/2"] |
    | supervision has ended                     | 2026-06-20 change asked; 2026-07-01 revoked                                            | []       |
    | fulfilled                                 | 2026-06-20 change asked; 2026-06-20 allocated change to=P2                             | []       |
    | who has it now was not asked about before | 2026-06-20 change asked; 2026-06-19 allocated change to=P2                             | ["S1/3"] |
    | asked for again                           | 2026-06-20 change asked; 2026-06-21 allocated change to=P2; 2026-06-25 change asked H2 | ["S1/3"] |
    | one change fulfils all requests so far    | 2026-06-20 change asked; 2026-06-21 change asked H2; 2026-06-22 allocated change to=P2 | []       |
    """,  # noqa: E501
)
def test_when_another_practitioner_is_requested(facts: list[f.Fact], keys: list[str]) -> None:
    assert requested(*facts) == keys


@table(
    """
    | case                              | facts                                                                                         | refused |
    | refused                           | 2026-06-21 decided practitioner change approved=false                                         | True    |
    | refused on the day of the request | 2026-06-20 decided practitioner change approved=false                                         | True    |
    | refused before it was asked for   | 2026-06-19 decided practitioner change approved=false                                         | False   |
    | not refused yet                   | 2026-07-02 decided practitioner change approved=false                                         | False   |
    | approved                          | 2026-06-21 decided practitioner change                                                        | False   |
    | about something else              | 2026-06-21 decided absence review approved=false                                              | False   |
    | refused, then approved            | 2026-06-21 decided practitioner change approved=false; 2026-06-23 decided practitioner change | False   |
    | approved, then refused            | 2026-06-23 decided practitioner change approved=false; 2026-06-21 decided practitioner change | True    |
    """,  # noqa: E501
)
@pytest.mark.parametrize("sentence", ["S1", None], ids=["one sentence", "all"])
def test_a_manager_may_refuse_it(facts: list[f.Fact], refused: bool, sentence: str | None) -> None:
    request = f.change_asked("2026-06-20", sentence=sentence)
    assert requested(request, *facts) == ([] if refused else ["S1/2"])


def test_a_refusal_for_another_sentence_refuses_a_request_for_all_only() -> None:
    other = f.decided("2026-06-21", "practitioner_change", False, sentence="S2")
    assert requested(f.change_asked("2026-06-20", sentence="S1"), other) == ["S1/2"]
    assert requested(f.change_asked("2026-06-20"), other) == []


ASKED = [*HELD, f.change_asked("2026-07-01")]
"""Another practitioner than P1 is asked for today."""


def test_anybody_but_who_had_it_may_take_it() -> None:
    team = [f.practitioner(), f.practitioner(id="P2")]
    used = {("P1", "points"): 63, ("P2", "points"): 1000}
    decision = decide("2026-07-01", ALLOCATION, *ASKED, *team, used=used)
    assert isinstance(decision, Finding)
    event = decision.event
    assert (decision.key, event.practitioner_id, event.reason, event.late) == ("S1/2", "P2", "change", False)
    assert (event.workload_percent_before, event.workload_percent_after) == (46.0, 48.9)
    assert "ALLOC-2" in decision.rules
    assert evidence(decision.because) == [
        "PractitionerChangeRequested-H1",
        "SentenceImposed-S1",
        "RiskAssessed-A-2026-06-01",
        "PractitionerUpdated-P2-2016-01-01",
    ]


@table(
    """
    | case                        | facts                                                                                          | named |
    | approved                    | 2026-07-02 decided M1 practitioner change                                                      | ["ManagerDecisionRecorded-M1"] |
    | approved after a refusal    | 2026-07-02 decided M1 practitioner change approved=false; 2026-07-03 decided M2 practitioner change | ["ManagerDecisionRecorded-M2"] |
    | not approved yet            | 2026-07-04 decided M1 practitioner change                                                      | []    |
    | about something else        | 2026-07-02 decided M1 absence review                                                           | []    |
    """,  # noqa: E501
)
def test_the_manager_who_approved_it_is_named_with_the_decision(
    facts: list[f.Fact], named: list[str]
) -> None:
    """ALLOC-15: the note that a manager adds stays with that decision, and the allocation tells of it."""
    team = [f.practitioner(), f.practitioner(id="P2")]
    decision = decide("2026-07-03", ALLOCATION, *ASKED, *facts, *team)
    assert isinstance(decision, Finding)
    told = evidence(decision.because)
    assert [id for id in told if id.startswith("ManagerDecisionRecorded")] == named


def test_without_anybody_else_the_practitioner_stays() -> None:
    assert decide("2026-07-01", ALLOCATION, *ASKED, f.practitioner()) == Refusal("no_practitioner")
    assert on("2026-07-01", ALLOCATION, *ASKED).practitioner == "P1"


def test_all_sentences_follow_to_the_same_practitioner() -> None:
    both = [SECOND, f.allocated("2026-06-04", sentence="S2"), f.change_asked("2026-06-20", sentence="S2")]
    assert requested(*both) == ["S2/2"]
    both.append(moved("2026-06-20", "S2"))
    assert requested(*both, day="2026-06-20") == ["S1/2"]
    team = [f.practitioner(id="P3"), f.practitioner(id="P2", pdu="leeds")]
    decision = decide("2026-06-20", ALLOCATION, *HELD, *both, *team, used={("P2", "points"): 63})
    assert isinstance(decision, Finding)
    assert (decision.event.practitioner_id, decision.event.reason) == ("P2", "change")
    assert decision.event.workload_percent_before == decision.event.workload_percent_after


def test_a_sentence_that_came_while_a_change_was_asked_for_follows_too() -> None:
    facts = [
        f.change_asked("2026-06-20", sentence="S1"),
        SECOND,
        f.allocated("2026-06-25", "continuity", sentence="S2"),
    ]
    assert requested(*facts) == ["S1/2"]
    assert requested(*facts, moved("2026-06-30")) == ["S2/2"]


def test_supervision_ended_counts_the_changes() -> None:
    case = on("2027-06-01", ALLOCATION, *HELD, f.change_asked("2026-06-20"), moved("2026-06-20"))
    assert case.one("SupervisionEnded").practitioner_changes == 1
