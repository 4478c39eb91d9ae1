"""Who takes a sentence: what the case asks for and how one is chosen (ALLOC-2, 5, 6, 18)."""

from typing import Any

import pytest

from schemas.allocation import CaseAllocated
from services.allocation.case import PractitionerCase
from services.allocation.rules.choice import choose
from shared.engine.assessment import Finding, Refusal, Request
from tests.allocation.facts import (
    POLICY,
    allocated,
    assessed,
    colleague,
    concluded,
    day,
    imposed,
    person,
    practitioner,
    released,
    revoked,
)

ORDER = imposed("2026-06-01", "2027-05-31")
C2 = assessed("2026-06-01", ogrs=100)


def requests(*facts: Any, on: str = "2026-06-03") -> list[Request]:
    return concluded(person(*facts), on).overview.requests


def chosen(request: Request, *candidates: PractitionerCase, on: str = "2026-06-03") -> Finding | Refusal:
    return choose(request, candidates, day(on), POLICY)


def who(decision: Finding | Refusal) -> str | None:
    return decision.event.practitioner_id if isinstance(decision, Finding) else None


def test_e8_the_worked_example() -> None:
    (request,) = requests(ORDER, C2)
    decision = chosen(request, colleague(practitioner(hours=22.2), points=1200))
    assert isinstance(decision, Finding)
    assert decision.key == "S1/1"
    assert decision.event == CaseAllocated(
        sentence_id="S1",
        practitioner_id="P1",
        team="generic",
        region="london",
        pdu="Camden",
        allocated_on=day("2026-06-03"),
        late=False,
        reason="new",
        workload_percent_before=92.0,
        workload_percent_after=96.8,
    )
    assert [record.event_id for record in decision.because] == ["event-1", "event-2", "event-1"]


@pytest.mark.parametrize(("on", "late"), [("2026-06-08", False), ("2026-06-09", True)])
def test_e7_late_after_the_due_date(on: str, late: bool) -> None:
    (request,) = requests(ORDER, C2, on=on)
    decision = chosen(request, colleague(practitioner()), on=on)
    assert isinstance(decision, Finding)
    assert decision.event.late is late


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        pytest.param([ORDER, C2], ["S1/1"], id="a live order with risk known"),
        pytest.param([ORDER], [], id="awaiting risk"),
        pytest.param([ORDER, assessed("2026-06-04")], [], id="risk not assessed yet"),
        pytest.param([ORDER, C2, allocated("2026-06-02")], [], id="allocated already"),
        pytest.param([ORDER, C2, revoked("2026-06-03")], [], id="ended"),
        pytest.param([imposed("2026-05-01"), C2], [], id="in custody"),
        pytest.param(
            [imposed("2026-05-01"), C2, released("2026-06-03", "2027-06-03")], ["S1/1"], id="released"
        ),
        pytest.param([C2], [], id="no sentence"),
    ],
)
def test_who_asks_for_a_practitioner(facts: list[Any], asked: list[str]) -> None:
    assert [request.key for request in requests(*facts)] == asked


def test_the_lowest_workload_in_per_cent_not_in_points() -> None:
    (request,) = requests(ORDER, C2)
    part_time = colleague(practitioner("P1", hours=18.5), points=500)  # 46.0 %
    full_time = colleague(practitioner("P2"), points=900)  # 41.4 %
    assert who(chosen(request, part_time, full_time)) == "P2"


def test_ties_go_to_the_first_practitioner_id() -> None:
    (request,) = requests(ORDER, C2)
    candidates = [colleague(practitioner(id), points=100) for id in ("P3", "P1", "P2")]
    assert who(chosen(request, *candidates)) == "P1"


def test_who_is_not_put_over_capacity_comes_first() -> None:
    (request,) = requests(ORDER, C2)
    just = colleague(practitioner("P1"), points=2174 - 63)  # 97.0 % before, 99.9 % after
    part_time = colleague(practitioner("P2", hours=2.0), points=60)  # 51.3 % before, 105.1 % after
    assert who(chosen(request, part_time, just)) == "P1"


def test_else_the_lowest_workload_of_those_with_room_before_the_case() -> None:
    (request,) = requests(ORDER, C2)
    candidates = [
        colleague(practitioner("P1"), points=2175 - 63),  # 97.1 %, 100.0 % after
        colleague(practitioner("P2", hours=2.0), points=60),  # 51.3 %, 105.1 % after
        colleague(practitioner("P3", hours=2.0), points=60),
    ]
    decision = chosen(request, *candidates)
    assert isinstance(decision, Finding)
    assert (decision.event.practitioner_id, decision.event.workload_percent_after) == ("P2", 105.1)
    assert who(chosen(request, candidates[0])) == "P1"


@pytest.mark.parametrize(
    ("points", "taken"), [(2174, True), (2175, False), (3000, False)], ids=["99.9 %", "100.0 %", "137.9 %"]
)
def test_nobody_takes_a_case_who_is_at_capacity_before_it(points: int, taken: bool) -> None:
    (request,) = requests(ORDER, C2)
    decision = chosen(request, colleague(practitioner("P1"), points=points))
    assert who(decision) == "P1" if taken else decision == Refusal("no_capacity")


def test_a_small_case_finds_room_where_the_lowest_per_cent_has_none() -> None:
    (request,) = requests(ORDER, C2)
    part_time = colleague(practitioner("P1", hours=1.0))  # 58 points: 63 are too many
    full_time = colleague(practitioner("P2"), points=1500)
    assert who(chosen(request, part_time, full_time)) == "P2"


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(colleague(practitioner(active=False)), id="left"),
        pytest.param(colleague(practitioner(on="2026-06-04")), id="not begun yet"),
        pytest.param(colleague(practitioner(hours=0.0)), id="no hours"),
        pytest.param(colleague(practitioner(pdu="Hackney")), id="another delivery unit"),
        pytest.param(
            colleague(practitioner(), practitioner(on="2026-06-03", pdu="Hackney")), id="moved away today"
        ),
    ],
)
def test_who_cannot_take_it(candidate: PractitionerCase) -> None:
    (request,) = requests(ORDER, C2)
    assert isinstance(chosen(request, candidate), Refusal)


def test_nobody_at_all() -> None:
    (request,) = requests(ORDER, C2)
    assert chosen(request) == Refusal("no_practitioner")


def test_a_licence_is_allocated_for_its_release() -> None:
    (request,) = requests(imposed("2026-05-01"), C2, released("2026-06-03", "2027-06-03"))
    decision = chosen(request, colleague(practitioner()))
    assert isinstance(decision, Finding)
    assert (decision.event.reason, decision.event.workload_percent_after) == ("release", 3.0)


SECOND = imposed("2026-06-02", "2027-06-01", id="S2", pdu="Hackney")


def test_a_second_sentence_goes_to_the_current_practitioner_even_over_capacity_and_elsewhere() -> None:
    (request,) = requests(ORDER, C2, allocated("2026-06-01"), SECOND)
    assert request.key == "S2/1"
    assert request.pools == ("london/Hackney", "practitioner/P1")
    current = colleague(practitioner(), points=3000)
    decision = chosen(request, colleague(practitioner("P2", pdu="Hackney")), current)
    assert isinstance(decision, Finding)
    assert (decision.event.practitioner_id, decision.event.reason) == ("P1", "continuity")
    assert "ALLOC-18" in decision.rules
    # The person is counted already: a second sentence adds no points.
    assert decision.event.workload_percent_before == decision.event.workload_percent_after == 137.9


def test_continuity_ends_with_a_practitioner_who_has_left() -> None:
    (request,) = requests(ORDER, C2, allocated("2026-06-01"), SECOND)
    gone = colleague(practitioner(active=False), points=63)
    decision = chosen(request, gone, colleague(practitioner("P2", pdu="Hackney")))
    assert isinstance(decision, Finding)
    assert (decision.event.practitioner_id, decision.event.reason) == ("P2", "new")
    assert decision.event.workload_percent_after == 2.9


def test_no_continuity_from_a_supervision_that_has_ended() -> None:
    (request,) = requests(ORDER, C2, allocated("2026-06-01"), revoked("2026-06-02"), SECOND)
    assert request.details.current is None


def test_of_two_sentences_without_practitioner_the_first_asks_where_the_latest_is() -> None:
    (request,) = requests(ORDER, C2, SECOND)
    assert (request.key, request.pools) == ("S1/1", ("london/Hackney", "london/Camden"))
    here = colleague(practitioner("P1"))
    there = colleague(practitioner("P2", pdu="Hackney"), points=1000)
    assert who(chosen(request, here, there)) == "P2"
    assert who(chosen(request, here)) == "P1"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param([], "not_supervised", id="nothing known"),
        pytest.param([imposed("2026-05-01"), C2], "not_supervised", id="in custody"),
        pytest.param([ORDER], "awaiting_risk", id="no assessment"),
        pytest.param([ORDER, C2], "unallocated", id="nobody yet"),
        pytest.param([ORDER, C2, allocated("2026-06-02")], "allocated", id="allocated"),
        pytest.param([ORDER, C2, allocated("2026-06-02"), SECOND], "unallocated", id="a second sentence"),
        pytest.param([ORDER, C2, allocated("2026-06-02"), revoked("2026-06-03")], "ended", id="ended"),
    ],
)
def test_status(facts: list[Any], status: str) -> None:
    assert concluded(person(*facts), "2026-06-03").overview.status == status
