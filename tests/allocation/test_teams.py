"""What practitioners have for cases (ALLOC-7), teams over capacity (ALLOC-25), units renamed (REG-8)."""

from dataclasses import replace
from datetime import date
from typing import Any

from schemas import language
from services.allocation.app import SERVICE as ALLOCATION
from shared.engine.casebook import Casebook
from shared.engine.intake import fact_of
from tests import facts as f
from tests.casebook import event_of, on
from tests.ledger import Ledger
from tests.table import table


@table(
    """
    | case                           | facts                                                                        | percent |
    | none                           |                                                                              | 25.0    |
    | half of the hours              | 2026-07-01 reduction                                                         | 50.0    |
    | from its first day             | 2026-07-15 reduction                                                         | 50.0    |
    | not before                     | 2026-07-16 reduction                                                         | 25.0    |
    | on its last day                | 2026-07-01 reduction to=2026-07-15                                           | 50.0    |
    | not after it                   | 2026-07-01 reduction to=2026-07-14                                           | 25.0    |
    | until the day before it ended  | 2026-07-01 reduction; 2026-07-16 reduction ended                             | 50.0    |
    | not on that day                | 2026-07-01 reduction; 2026-07-15 reduction ended                             | 25.0    |
    | two together                   | 2026-07-01 reduction hours=9.25; 2026-07-01 reduction R2 hours=9.25          | 50.0    |
    | all hours: none are left       | 2026-07-01 reduction hours=37.0                                              | 0.0     |
    | more than all                  | 2026-07-01 reduction hours=40.0                                              | 0.0     |
    """,  # noqa: E501
)
def test_reductions_of_hours(facts: list[f.Fact], percent: float) -> None:
    case = on("2026-07-15", ALLOCATION, f.practitioner(), *facts, used={"points": 544})
    assert case.shown["percent"] == percent


def test_the_case_waits_for_the_days_of_a_reduction() -> None:
    facts = [f.practitioner(), f.reduction("2026-07-01", to="2026-07-14")]
    assert str(on("2026-06-30", ALLOCATION, *facts).wake_on) == "2026-07-01"
    assert str(on("2026-07-01", ALLOCATION, *facts).wake_on) == "2026-07-15"


def test_no_case_for_somebody_with_no_hours_left() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(
        f.practitioner(), f.reduction("2026-06-01", 37.0), f.order("2026-06-01"), f.risk("2026-06-01")
    )
    assert ledger.standing("CaseAllocated") == []
    ledger.tell(f.reduction_ended("2026-06-01"))
    ledger.day("2026-06-02")
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]


def cases(ledger: Ledger, *numbers: int) -> None:
    """People with an order of 63 points each."""
    for n in numbers:
        ledger.tell(*(fact.about(f"X00000{n}") for fact in (f.order("2026-06-01"), f.risk("2026-06-01"))))


def staffed(*staff: f.Fact) -> Ledger:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(*staff)
    return ledger


def test_a_team_over_capacity_is_told_and_taken_back() -> None:
    """Two of 176 points each: five cases are 315 of 352 points, six are 378."""
    ledger = staffed(f.practitioner(hours=3.0), f.practitioner(id="P2", hours=3.0))
    cases(ledger, *range(5))
    assert ledger.standing("TeamOverCapacity") == []
    cases(ledger, 5)
    (over,) = ledger.standing_events("TeamOverCapacity")
    data: Any = over.data
    assert (over.subject, data.pdu, data.team, data.workload_percent) == (
        "london",
        "camden",
        "generic",
        107.4,
    )
    assert (data.cases_per_practitioner, data.staffing_ratio) == (3.0, 38.0)
    ledger.tell(f.revoked("2026-06-01").about("X000001"))
    assert ledger.standing("TeamOverCapacity") == []
    assert ledger.withdrawals("TeamOverCapacity") == [("london/camden/generic", "resolved")]


def test_a_team_with_room_left_is_not_over_capacity_although_one_in_it_is() -> None:
    ledger = staffed(f.practitioner(hours=1.0), f.practitioner(id="P2", hours=1.0))
    cases(ledger, 0, 1)
    ledger.tell(f.practitioner("2026-06-01", id="P2", hours=1.2))
    assert ledger.standing("TeamOverCapacity") == []
    assert [e.practitioner_id for e in ledger.standing("PractitionerOverCapacity")] == ["P1"]


def test_a_region_is_told_of_all_that_comes_in_one_batch() -> None:
    """Its own fact, a practitioner's hours, and a case that was allocated to that practitioner."""
    book = Casebook(replace(ALLOCATION, decide=None), language)
    book.begin_day(date(2026, 6, 2))
    told = [
        f.practitioner(hours=1.0),
        f.practitioner(id="P2", hours=1.0),
        f.order("2026-06-01"),
        f.allocated("2026-06-01"),
        f.unit_changed("2026-06-01", "camden", "camden"),
        f.practitioner("2026-06-02", hours=0.0),
    ]
    events = [event_of(fact) for fact in f.told(told)]
    published = book.take(fact_of(e, language.register_key(e), language.render(e)) for e in events)
    assert [one.subject for one in published if one.type == "TeamOverCapacity"] == ["london"]


def test_who_changes_teams_takes_the_workload_along_and_an_empty_team_is_not_over() -> None:
    ledger = staffed(f.practitioner(hours=1.0))
    cases(ledger, 0)
    ledger.day("2026-06-02")
    ledger.tell(f.practitioner("2026-06-02", hours=1.0, team="short_sentence"))
    assert [e.team for e in ledger.standing("TeamOverCapacity")] == ["short_sentence"]
    assert ledger.withdrawals("TeamOverCapacity") == [("london/camden/generic", "resolved")]


def test_a_unit_renamed_keeps_its_workload() -> None:
    ledger = staffed(f.practitioner(hours=1.0))
    cases(ledger, 0)
    ledger.day("2026-06-02")
    ledger.tell(f.unit_changed("2026-06-02"))
    (team,) = ledger.standing("TeamOverCapacity")
    assert (team.pdu, team.workload_percent) == ("camden and islington", 108.6)
    # The practitioner is recorded under the new name a day later: nothing changes.
    ledger.day("2026-06-03")
    ledger.tell(f.practitioner("2026-06-03", hours=1.0, pdu="camden and islington"))
    assert ledger.standing("TeamOverCapacity") == [team]


def test_two_units_merged_are_one_team() -> None:
    ledger = staffed(
        *(f.practitioner(hours=1.0), f.practitioner(id="P2", pdu="islington")),
        f.unit_changed("2026-06-02", "camden", "north", recorded="2026-06-01"),
        f.unit_changed("2026-06-02", "islington", "north", id="U2", recorded="2026-06-01"),
    )
    cases(ledger, 0)
    assert [e.pdu for e in ledger.standing("TeamOverCapacity")] == ["camden"]
    ledger.day("2026-06-02")
    assert ledger.standing("TeamOverCapacity") == []


def test_a_case_of_a_unit_that_was_renamed_goes_to_those_who_work_there_now() -> None:
    ledger = staffed(f.practitioner(pdu="camden and islington"), f.unit_changed("2026-05-01"))
    cases(ledger, 0)
    (allocated,) = ledger.standing("CaseAllocated")
    assert (allocated.practitioner_id, allocated.pdu, allocated.late) == ("P1", "camden and islington", False)


def test_of_a_unit_that_was_split_any_part_may_take_the_case() -> None:
    ledger = staffed(
        f.practitioner(pdu="camden north"),
        f.practitioner(id="P2", pdu="hackney"),
        f.unit_changed("2026-05-01", now="camden north"),
        f.unit_changed("2026-05-01", now="camden south", id="U2"),
    )
    cases(ledger, 0)
    assert [a.practitioner_id for a in ledger.standing("CaseAllocated")] == ["P1"]
