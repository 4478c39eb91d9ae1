"""Who takes a sentence: what the case requests, and how one is chosen (ALLOC-2, 5, 6, 16, 18)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from schemas.allocation import Candidate, CaseAllocated
from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.assessment import Finding, Refusal, Request, evidence
from tests import facts as f
from tests.casebook import decide, on
from tests.table import table

ORDER = f.order("2026-06-01")
RISK = f.risk("2026-06-01")  # C2: 63 points, which are 2.9 % of full time
PERSON = [ORDER, RISK]
LICENCE = [f.custodial("2026-05-01"), f.released("2026-06-03", "2027-06-03")]
SECOND = f.order("2026-06-02", id="S2", pdu="hackney")
TWO = [*PERSON, f.allocated("2026-06-01"), SECOND]
"""Two sentences, of which P1 has the first."""


Points = Mapping[str, int]
"""The points that practitioners hold already."""
NONE: Points = {}


def requests(*facts: f.Fact) -> list[Request]:
    return on("2026-06-03", ALLOCATION, *facts).requests


def choice(*facts: f.Fact, day: str = "2026-06-03", points: Points = NONE) -> Finding | Refusal:
    """Who takes the sentence, of the practitioners among the facts."""
    return decide(day, ALLOCATION, *facts, used={(id, "points"): held for id, held in points.items()})


def allocation(*facts: f.Fact, day: str = "2026-06-03", points: Points = NONE) -> CaseAllocated:
    decision = choice(*facts, day=day, points=points)
    assert isinstance(decision, Finding), decision
    event: CaseAllocated = decision.event
    return event


def chosen(*team: f.Fact, points: Points = NONE) -> str:
    """Who takes an order of the C2 tier."""
    return allocation(*PERSON, *team, points=points).practitioner_id


def works(id: str = "P1", day: str = "2016-01-01", **options: Any) -> f.Fact:
    return f.practitioner(day, id=id, **options)


def test_e8_the_worked_example() -> None:
    decision = choice(*PERSON, works(hours=22.2), points={"P1": 1200})
    assert isinstance(decision, Finding)
    assert decision.key == "S1/1"
    assert decision.event == CaseAllocated(
        sentence_id="S1",
        practitioner_id="P1",
        team="generic",
        region="london",
        pdu="camden",
        allocated_on=date(2026, 6, 3),
        late=False,
        reason="new",
        workload_percent_before=92.0,
        workload_percent_after=96.8,
        provisional=False,
        provider="probation_service",
        candidates=[
            Candidate(practitioner_id="P1", workload_percent_before=92.0, workload_percent_after=96.8)
        ],
    )
    assert evidence(decision.because) == [
        "SentenceImposed-S1",
        "RiskAssessed-A-2026-06-01",
        "PractitionerUpdated-P1-2016-01-01",
    ]


@pytest.mark.parametrize(("day", "late"), [("2026-06-08", False), ("2026-06-09", True)])
def test_e7_late_after_the_due_date(day: str, late: bool) -> None:
    assert allocation(*PERSON, works(), day=day).late is late


@table(
    """
    | case                         | facts                                                                      | requested |
    | a live order with risk known | 2026-06-01 order; 2026-06-01 risk                                          | ["S1/1"]  |
    | awaiting risk                | 2026-06-01 order                                                           | []        |
    | risk not assessed yet        | 2026-06-01 order; 2026-06-04 risk                                          | []        |
    | allocated already            | 2026-06-01 order; 2026-06-01 risk; 2026-06-02 allocated                    | []        |
    | ended                        | 2026-06-01 order; 2026-06-01 risk; 2026-06-03 revoked                      | []        |
    | in custody                   | 2026-05-01 custodial; 2026-06-01 risk                                      | []        |
    | released                     | 2026-05-01 custodial; 2026-06-01 risk; 2026-06-03 released ends=2027-06-03 | ["S1/1"]  |
    | no sentence                  | 2026-06-01 risk                                                            | []        |
    """,  # noqa: E501
)
def test_who_needs_a_practitioner(facts: list[f.Fact], requested: list[str]) -> None:
    assert [request.key for request in requests(*facts)] == requested


@table(
    """
    | case                                                                     | facts                                                                                               | points                            | who |
    | the lowest in per cent (46.0 and 41.4), not in points                    | 2016-01-01 practitioner hours=18.5; 2016-01-01 practitioner P2                                      | {"P1": 500, "P2": 900}            | P2  |
    | ties go to the first practitioner id                                     | 2016-01-01 practitioner P3; 2016-01-01 practitioner; 2016-01-01 practitioner P2                     | {"P1": 100, "P2": 100, "P3": 100} | P1  |
    | first who is not put over capacity (97.0 to 99.9, not 51.3 to 105.1)     | 2016-01-01 practitioner P2 hours=2.0; 2016-01-01 practitioner                                       | {"P1": 2111, "P2": 60}            | P1  |
    | else the lowest of those with room before (97.1 to 100.0, 51.3 to 105.1) | 2016-01-01 practitioner; 2016-01-01 practitioner P2 hours=2.0; 2016-01-01 practitioner P3 hours=2.0 | {"P1": 2112, "P2": 60, "P3": 60}  | P1  |
    | the lowest with the case (5.8 and 10.7), not before it                   | 2016-01-01 practitioner; 2016-01-01 practitioner P2 hours=10.0                                      | {"P1": 63}                        | P1  |
    | who is put at capacity, if nobody else is there                          | 2016-01-01 practitioner                                                                             | {"P1": 2112}                      | P1  |
    | room where the lowest per cent has none (1 hour has 58 points)           | 2016-01-01 practitioner hours=1.0; 2016-01-01 practitioner P2                                       | {"P2": 1500}                      | P2  |
    """,  # noqa: E501
)
def test_who_is_chosen(facts: list[f.Fact], points: dict[str, int], who: str) -> None:
    assert chosen(*facts, points=points) == who


def test_the_allocation_tells_that_it_puts_over_capacity() -> None:
    taken = allocation(*PERSON, works(hours=2.0), points={"P1": 60})
    assert (taken.workload_percent_before, taken.workload_percent_after) == (51.3, 105.1)


@table(
    """
    | case    | points | taken |
    | 99.9 %  | 2174   | True  |
    | 100.0 % | 2175   | False |
    | 137.9 % | 3000   | False |
    """,
)
def test_nobody_takes_a_case_who_is_at_capacity_before_it(points: int, taken: bool) -> None:
    decision = choice(*PERSON, works(), points={"P1": points})
    assert isinstance(decision, Finding) if taken else decision == Refusal("no_capacity")


@table(
    """
    | case                  | facts                                                        | reason          |
    | left                  | 2016-01-01 practitioner active=false                         | no_practitioner |
    | not begun yet         | 2026-06-04 practitioner                                      | no_practitioner |
    | no hours              | 2016-01-01 practitioner hours=0.0                            | no_capacity     |
    | another delivery unit | 2016-01-01 practitioner pdu=hackney                          | no_practitioner |
    | moved away today      | 2016-01-01 practitioner; 2026-06-03 practitioner pdu=hackney | no_practitioner |
    | nobody at all         |                                                              | no_practitioner |
    """,
)
def test_who_cannot_take_it(facts: list[f.Fact], reason: str) -> None:
    assert choice(*PERSON, *facts) == Refusal(reason)


def test_a_licence_is_allocated_for_its_release() -> None:
    taken = allocation(*LICENCE, RISK, works())
    assert (taken.reason, taken.workload_percent_after) == ("release", 3.0)


def test_a_second_sentence_goes_to_the_current_practitioner_even_over_capacity_and_elsewhere() -> None:
    (request,) = requests(*TWO)
    assert (request.key, request.pools) == ("S2/1", ("london/hackney", "practitioner/P1"))
    decision = choice(*TWO, works("P2", pdu="hackney"), works(), points={"P1": 3000})
    assert isinstance(decision, Finding)
    taken = decision.event
    assert (taken.practitioner_id, taken.reason) == ("P1", "continuity")
    assert "ALLOC-18" in decision.rules
    # The person is counted already: a second sentence adds no points.
    assert taken.workload_percent_before == taken.workload_percent_after == 137.9


def test_continuity_ends_with_a_practitioner_who_has_left() -> None:
    taken = allocation(*TWO, works(active=False), works("P2", pdu="hackney"), points={"P1": 63})
    assert (taken.practitioner_id, taken.reason, taken.workload_percent_after) == ("P2", "new", 2.9)


def test_no_continuity_from_a_supervision_that_had_ended() -> None:
    ended = [*PERSON, f.allocated("2026-06-01"), f.revoked("2026-06-01"), SECOND]
    (request,) = requests(*ended)
    assert (request.key, request.pools) == ("S2/1", ("london/hackney",))
    taken = allocation(*ended, works(pdu="hackney"))
    assert (taken.practitioner_id, taken.reason) == ("P1", "new")


def test_d12_resentenced_on_the_day_of_the_end_it_goes_to_the_same_practitioner() -> None:
    taken = allocation(*TWO, f.revoked("2026-06-02"), works(), works("P2", pdu="hackney"))
    assert (taken.practitioner_id, taken.reason) == ("P1", "continuity")
    # The first sentence is over, so that P1 does not hold the points any more.
    assert (taken.workload_percent_before, taken.workload_percent_after) == (0.0, 2.9)


def test_of_two_sentences_without_practitioner_the_first_asks_where_the_latest_is() -> None:
    (request,) = requests(*PERSON, SECOND)
    assert (request.key, request.pools) == ("S1/1", ("london/hackney", "london/camden"))
    assert chosen(SECOND, works("P1"), works("P2", pdu="hackney"), points={"P2": 1000}) == "P2"
    assert chosen(SECOND, works("P1")) == "P1"


@table(
    """
    | case              | facts                                                                        | status         |
    | nothing known     |                                                                              | not_supervised |
    | in custody        | 2026-05-01 custodial; 2026-06-01 risk                                        | not_supervised |
    | no assessment     | 2026-06-01 order                                                             | awaiting_risk  |
    | nobody yet        | 2026-06-01 order; 2026-06-01 risk                                            | unallocated    |
    | allocated         | 2026-06-01 order; 2026-06-01 risk; 2026-06-02 allocated                      | allocated      |
    | a second sentence | 2026-06-01 order; 2026-06-01 risk; 2026-06-02 allocated; 2026-06-02 order S2 | unallocated    |
    | ended             | 2026-06-01 order; 2026-06-01 risk; 2026-06-02 allocated; 2026-06-03 revoked  | ended          |
    """,  # noqa: E501
)
def test_status(facts: list[f.Fact], status: str) -> None:
    assert on("2026-06-03", ALLOCATION, *facts).status == status
