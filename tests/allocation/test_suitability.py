"""Who suits a case: team, grade, place, a woman's wish, specialism (ALLOC-14, 16, 17, 19, RES-3)."""

from typing import Any

import pytest

from services.allocation.app import SERVICE as ALLOCATION
from services.allocation.facts import region_pool
from shared.engine.assessment import Finding, Refusal
from tests import facts as f
from tests.casebook import decide, on
from tests.ledger import Ledger
from tests.table import table

ORDER = f.order("2026-06-01")
RISK = f.risk("2026-06-01")
HIGH = f.risk("2026-06-01", "high")
SHORT_TERM = [f.custodial("2026-06-01"), f.release_planned("2026-12-01", "2027-06-01"), RISK]
WORK_ONLY = [f.order("2026-06-01", requires="unpaid_work"), RISK]
WOMAN = [f.order("2026-06-01", sex="female"), RISK]


def taken(*facts: f.Fact, points: dict[str, int] | None = None, day: str = "2026-06-02") -> Any:
    used = {(who, "points"): held for who, held in (points or {}).items()}
    decision = decide(day, ALLOCATION, *facts, used=used)
    return decision.event if isinstance(decision, Finding) else decision


def works(id: str, **options: Any) -> f.Fact:
    return f.practitioner(id=id, **options)


@table(
    """
    | case                                        | risk | officer                                                    | suits |
    | a probation officer takes high risk         | HIGH | {"grade": "po"}                                            | True  |
    | a services officer does not                 | HIGH | {"grade": "pso"}                                           | False |
    | unless qualified                            | HIGH | {"grade": "pso", "po_qualified": True}                     | True  |
    | nor does an officer who is not qualified    | HIGH | {"grade": "po", "po_qualified": False}                     | False |
    | nor a trainee, qualified or not             | HIGH | {"trainee": True, "po_qualified": True}                    | False |
    | a services officer takes medium risk        | RISK | {"grade": "pso"}                                           | True  |
    | a trainee does too                          | RISK | {"grade": "pso", "trainee": True}                          | True  |
    | nor a services officer at MAPPA level 2     | MAPPA2 | {"grade": "pso"}                                         | False |
    | but at level 1                              | MAPPA1 | {"grade": "pso"}                                         | True  |
    """,  # noqa: E501
    HIGH=HIGH,
    RISK=RISK,
    MAPPA1=f.risk("2026-06-01", mappa=1),
    MAPPA2=f.risk("2026-06-01", mappa=2),
)
def test_grade_and_qualification(risk: f.Fact, officer: dict[str, Any], suits: bool) -> None:
    found = taken(ORDER, risk, works("P1", **officer))
    assert (found != Refusal("no_practitioner")) is suits


def test_nobody_qualified_with_room_is_a_lack_of_room() -> None:
    facts = [ORDER, HIGH, works("P1", grade="pso"), works("P2")]
    assert taken(*facts, points={"P2": 2176}) == Refusal("no_capacity")


def test_continuity_goes_before_qualification() -> None:
    facts = [ORDER, HIGH, f.allocated("2026-06-01"), f.order("2026-06-02", id="S2")]
    event = taken(*facts, works("P1", grade="pso"), works("P2"))
    assert (event.practitioner_id, event.reason) == ("P1", "continuity")


@table(
    """
    | case                                                  | person     | team           |
    | a short-term prisoner                                 | SHORT_TERM | short_sentence |
    | unpaid work alone                                     | WORK_ONLY  | unpaid_work    |
    | an order                                              | PERSON     | generic        |
    """,
    SHORT_TERM=SHORT_TERM,
    WORK_ONLY=WORK_ONLY,
    PERSON=[ORDER, RISK],
)
def test_the_team_for_the_case(person: list[f.Fact], team: str) -> None:
    teams = ("generic", "short_sentence", "unpaid_work")
    staff = {name: works(f"P{n}", team=name) for n, name in enumerate(teams)}
    busy = {staff[team].subject: 500}
    assert taken(*person, *staff.values(), points=busy).team == team
    # Without it somebody of another team of the same unit takes the case (ALLOC-16).
    del staff[team]
    assert taken(*person, *staff.values()).team != team


def test_unpaid_work_beside_another_order_is_no_case_of_the_unpaid_work_team() -> None:
    facts = [*WORK_ONLY, f.order("2026-06-01", id="S2")]
    event = taken(*facts, works("P1", team="unpaid_work"), works("P2"), points={"P2": 500})
    assert event.practitioner_id == "P2"


def test_the_team_of_short_term_prisoners_is_regional() -> None:
    staff = [works("P1"), works("P2", team="short_sentence", pdu="hackney")]
    assert region_pool("london") in on("2026-06-02", ALLOCATION, *SHORT_TERM).requests[0].pools
    assert taken(*SHORT_TERM, *staff, points={"P2": 500}).practitioner_id == "P2"


@table(
    """
    | case                              | person | fact                               | who |
    | a woman who asked for a woman     | WOMAN  | 2026-06-01 woman asked             | P2  |
    | who did not ask                   | WOMAN  | 2026-06-03 woman asked             | P1  |
    | a man                             | MAN    | 2026-06-01 woman asked             | P1  |
    | a wish that never was             | WOMAN  | 2026-06-01 woman asked voided=true | P1  |
    """,
    WOMAN=WOMAN,
    MAN=[ORDER, RISK],
)
def test_a_woman_may_ask_for_a_woman(person: list[f.Fact], fact: f.Fact, who: str) -> None:
    staff = [works("P1", sex="male"), works("P2", sex="female")]
    assert taken(*person, fact, *staff, points={"P2": 500}).practitioner_id == who


def test_her_wish_never_blocks() -> None:
    wish = f.woman_asked("2026-06-01")
    assert taken(*WOMAN, wish, works("P1", sex="male")).practitioner_id == "P1"
    staff = [works("P1", sex="male"), works("P2", sex="female")]
    assert taken(*WOMAN, wish, *staff, points={"P2": 2176}).practitioner_id == "P1"


@pytest.mark.parametrize("fits", [True, False])
def test_a_specialism_that_fits(fits: bool) -> None:
    person = [f.order("2026-06-01", partner_violence=fits), RISK]
    staff = [works("P1"), works("P2", specialisms=["domestic_abuse"])]
    assert taken(*person, *staff, points={"P2": 500}).practitioner_id == ("P2" if fits else "P1")


def test_all_who_were_considered_are_told_with_what_ruled_them_out() -> None:
    staff = [
        *(works("P1", hours=18.5), works("P2"), works("P3", grade="pso"), works("P4")),
        works("P5", active=False),
    ]
    event = taken(ORDER, HIGH, *staff, points={"P4": 2176})
    assert [(c.practitioner_id, c.workload_percent_before, c.ruled_out) for c in event.candidates] == [
        ("P2", 0.0, None),
        ("P3", 0.0, "not_qualified"),
        ("P1", 0.0, None),
        ("P4", 100.0, "at_capacity"),
    ]


def test_from_the_day_after_a_refusal_the_whole_region_is_asked() -> None:
    ledger = Ledger(ALLOCATION)
    ledger.day("2026-06-01")
    ledger.tell(works("P1", hours=0.5), works("P2", pdu="hackney"), works("P3", region="wales", pdu="gwent"))
    ledger.tell(*(fact.about("X000009") for fact in (ORDER, RISK)))
    ledger.tell(ORDER, RISK)
    assert [e.subject for e in ledger.standing_events("CaseAllocated")] == ["X000009"]
    ledger.day("2026-06-02")
    event = ledger.standing("CaseAllocated")[-1]
    assert (event.practitioner_id, event.pdu, event.late) == ("P2", "hackney", False)
