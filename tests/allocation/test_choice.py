"""Who takes a sentence: what the case requests, and how one is chosen (ALLOC-2, 5, 6, 16, 18)."""

from datetime import date
from typing import Any

import pytest

from schemas.allocation import CaseAllocated
from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.assessment import Finding, Refusal, Request, evidence
from tests import facts as f
from tests.casebook import decide, on

ORDER = f.order("2026-06-01")
RISK = f.risk("2026-06-01")  # C2: 63 points, which are 2.9 % of full time
PERSON = [ORDER, RISK]
LICENCE = [f.custodial("2026-05-01"), f.released("2026-06-03", "2027-06-03")]
SECOND = f.order("2026-06-02", id="S2", pdu="hackney")
TWO = [*PERSON, f.allocated("2026-06-01"), SECOND]
"""Two sentences, of which P1 has the first."""


def requests(*facts: f.Fact) -> list[Request]:
    return on("2026-06-03", ALLOCATION, *facts).requests


def choice(*facts: f.Fact, day: str = "2026-06-03", **points: int) -> Finding | Refusal:
    """Who takes the sentence, of practitioners who hold so many points already."""
    return decide(day, ALLOCATION, *facts, used={(id, "points"): held for id, held in points.items()})


def allocation(*facts: f.Fact, day: str = "2026-06-03", **points: int) -> CaseAllocated:
    decision = choice(*facts, day=day, **points)
    assert isinstance(decision, Finding), decision
    event: CaseAllocated = decision.event
    return event


def chosen(*team: f.Fact, **points: int) -> str:
    """Who takes an order of the C2 tier."""
    return allocation(*PERSON, *team, **points).practitioner_id


def works(id: str = "P1", day: str = "2016-01-01", **options: Any) -> f.Fact:
    return f.practitioner(day, id=id, **options)


def test_e8_the_worked_example() -> None:
    decision = choice(*PERSON, works(hours=22.2), P1=1200)
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
    )
    assert evidence(decision.because) == [
        "SentenceImposed-S1",
        "RiskAssessed-A-2026-06-01",
        "PractitionerUpdated-P1-2016-01-01",
    ]


@pytest.mark.parametrize(("day", "late"), [("2026-06-08", False), ("2026-06-09", True)])
def test_e7_late_after_the_due_date(day: str, late: bool) -> None:
    assert allocation(*PERSON, works(), day=day).late is late


@pytest.mark.parametrize(
    ("facts", "requested"),
    [
        pytest.param(PERSON, ["S1/1"], id="a live order with risk known"),
        pytest.param([ORDER], [], id="awaiting risk"),
        pytest.param([ORDER, f.risk("2026-06-04")], [], id="risk not assessed yet"),
        pytest.param([*PERSON, f.allocated("2026-06-02")], [], id="allocated already"),
        pytest.param([*PERSON, f.revoked("2026-06-03")], [], id="ended"),
        pytest.param([f.custodial("2026-05-01"), RISK], [], id="in custody"),
        pytest.param([*LICENCE, RISK], ["S1/1"], id="released"),
        pytest.param([RISK], [], id="no sentence"),
    ],
)
def test_who_needs_a_practitioner(facts: list[f.Fact], requested: list[str]) -> None:
    assert [request.key for request in requests(*facts)] == requested


@pytest.mark.parametrize(
    ("team", "points", "who"),
    [
        pytest.param(
            [works("P1", hours=18.5), works("P2")],
            {"P1": 500, "P2": 900},  # 46.0 % and 41.4 %
            "P2",
            id="the lowest workload in per cent, not in points",
        ),
        pytest.param(
            [works("P3"), works("P1"), works("P2")],
            {"P1": 100, "P2": 100, "P3": 100},
            "P1",
            id="ties go to the first practitioner id",
        ),
        pytest.param(
            [works("P2", hours=2.0), works("P1")],
            {"P1": 2174 - 63, "P2": 60},  # 97.0 % becomes 99.9 %, 51.3 % becomes 105.1 %
            "P1",
            id="first who is not put over capacity",
        ),
        pytest.param(
            [works("P1"), works("P2", hours=2.0), works("P3", hours=2.0)],
            {"P1": 2175 - 63, "P2": 60, "P3": 60},  # 97.1 % becomes 100.0 %
            "P2",
            id="else the lowest workload of those with room before the case",
        ),
        pytest.param(
            [works()], {"P1": 2175 - 63}, "P1", id="who is put at capacity, if nobody else is there"
        ),
        pytest.param(
            [works("P1", hours=1.0), works("P2")],
            {"P2": 1500},
            "P2",
            id="room where the lowest per cent has none: 1 hour has 58 points",
        ),
    ],
)
def test_who_is_chosen(team: list[f.Fact], points: dict[str, int], who: str) -> None:
    assert chosen(*team, **points) == who


def test_the_allocation_tells_that_it_puts_over_capacity() -> None:
    taken = allocation(*PERSON, works(hours=2.0), P1=60)
    assert (taken.workload_percent_before, taken.workload_percent_after) == (51.3, 105.1)


@pytest.mark.parametrize(
    ("points", "taken"), [(2174, True), (2175, False), (3000, False)], ids=["99.9 %", "100.0 %", "137.9 %"]
)
def test_nobody_takes_a_case_who_is_at_capacity_before_it(points: int, taken: bool) -> None:
    decision = choice(*PERSON, works(), P1=points)
    assert isinstance(decision, Finding) if taken else decision == Refusal("no_capacity")


@pytest.mark.parametrize(
    ("team", "reason"),
    [
        pytest.param([works(active=False)], "no_practitioner", id="left"),
        pytest.param([works(day="2026-06-04")], "no_practitioner", id="not begun yet"),
        pytest.param([works(hours=0.0)], "no_capacity", id="no hours"),
        pytest.param([works(pdu="hackney")], "no_practitioner", id="another delivery unit"),
        pytest.param(
            [works(), works(day="2026-06-03", pdu="hackney")], "no_practitioner", id="moved away today"
        ),
        pytest.param([], "no_practitioner", id="nobody at all"),
    ],
)
def test_who_cannot_take_it(team: list[f.Fact], reason: str) -> None:
    assert choice(*PERSON, *team) == Refusal(reason)


def test_a_licence_is_allocated_for_its_release() -> None:
    taken = allocation(*LICENCE, RISK, works())
    assert (taken.reason, taken.workload_percent_after) == ("release", 3.0)


def test_a_second_sentence_goes_to_the_current_practitioner_even_over_capacity_and_elsewhere() -> None:
    (request,) = requests(*TWO)
    assert (request.key, request.pools) == ("S2/1", ("london/hackney", "practitioner/P1"))
    decision = choice(*TWO, works("P2", pdu="hackney"), works(), P1=3000)
    assert isinstance(decision, Finding)
    taken = decision.event
    assert (taken.practitioner_id, taken.reason) == ("P1", "continuity")
    assert "ALLOC-18" in decision.rules
    # The person is counted already: a second sentence adds no points.
    assert taken.workload_percent_before == taken.workload_percent_after == 137.9


def test_continuity_ends_with_a_practitioner_who_has_left() -> None:
    taken = allocation(*TWO, works(active=False), works("P2", pdu="hackney"), P1=63)
    assert (taken.practitioner_id, taken.reason, taken.workload_percent_after) == ("P2", "new", 2.9)


def test_no_continuity_from_a_supervision_that_has_ended() -> None:
    (request,) = requests(*TWO, f.revoked("2026-06-02"))
    assert (request.key, request.pools) == ("S2/1", ("london/hackney",))
    taken = allocation(*TWO, f.revoked("2026-06-02"), works(pdu="hackney"))
    assert (taken.practitioner_id, taken.reason) == ("P1", "new")


def test_of_two_sentences_without_practitioner_the_first_asks_where_the_latest_is() -> None:
    (request,) = requests(*PERSON, SECOND)
    assert (request.key, request.pools) == ("S1/1", ("london/hackney", "london/camden"))
    assert chosen(SECOND, works("P1"), works("P2", pdu="hackney"), P2=1000) == "P2"
    assert chosen(SECOND, works("P1")) == "P1"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param([f.died("2026-06-04")], "not_supervised", id="nothing known"),
        pytest.param([f.custodial("2026-05-01"), RISK], "not_supervised", id="in custody"),
        pytest.param([ORDER], "awaiting_risk", id="no assessment"),
        pytest.param(PERSON, "unallocated", id="nobody yet"),
        pytest.param([*PERSON, f.allocated("2026-06-02")], "allocated", id="allocated"),
        pytest.param([*PERSON, f.allocated("2026-06-02"), SECOND], "unallocated", id="a second sentence"),
        pytest.param([*PERSON, f.allocated("2026-06-02"), f.revoked("2026-06-03")], "ended", id="ended"),
    ],
)
def test_status(facts: list[f.Fact], status: str) -> None:
    assert on("2026-06-03", ALLOCATION, *facts).status == status
