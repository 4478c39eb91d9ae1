"""What the people see who query the months: standards, what lacks an outcome, what was rescheduled."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from shared.engine.case import month_of
from tests import facts as f
from tests.contacts.said import EXEMPT, assessed
from tests.table import table

ORDER = f.order("2026-03-15", "2027-03-14")


def shown(*facts: Any, on: str = "2026-04-15", of: str = "2026-04") -> dict[str, Any]:
    """What is shown of a month; nothing as nothing."""
    found = assessed(on, *facts).months_shown.get(month_of(date.fromisoformat(f"{of}-01")))
    assert json.loads(json.dumps(found)) == found
    assert found is None or found
    return found or {}


def period(*facts: Any, on: str = "2026-04-15") -> dict[str, Any]:
    (found,) = shown(*facts, on=on)["periods"]
    assert isinstance(found, dict)
    return found


def test_of_a_month_without_anything_nothing_is_shown() -> None:
    assert (
        assessed("2026-04-14", ORDER, f.contact("2026-03-20")).months_shown.get(month_of(date(2026, 3, 1)))
        is None
    )


def test_a_period_is_shown_in_the_month_in_which_it_ends_once_it_is_over() -> None:
    assert "periods" not in shown(ORDER, on="2026-04-14")
    assert period(ORDER) == {
        "sentence_id": "S1",
        "period_start": "2026-03-15",
        "period_end": "2026-04-14",
        "met": False,
        "excused": False,
        "pdu": "camden",
        "practitioner": None,
    }


@table(
    """
    | case                 | facts                                       | met   | excused |
    | met                  | 2026-03-20 contact                          | True  | False   |
    | missed               | 2026-03-20 contact unacceptable absence     | False | False   |
    | excused              | 2026-03-20 contact acceptable absence       | False | True    |
    | met, then in custody | 2026-03-20 contact; 2026-04-01 taken remand | True  | False   |
    """,
)
def test_what_came_of_it(facts: Any, met: bool, excused: bool) -> None:
    found = period(ORDER, *facts)
    assert (found["met"], found["excused"]) == (met, excused)


@table(
    """
    | case                        | facts                                                      | practitioner | pdu    |
    | allocated since the start   | 2026-03-16 allocated pdu=Brent                             | P1           | Brent  |
    | another one on the last day | 2026-04-14 allocated to=P2 pdu=Brent; 2026-03-16 allocated | P2           | Brent  |
    | another one the day after   | 2026-03-16 allocated; 2026-04-15 allocated to=P2 pdu=Brent | P1           | camden |
    | of another sentence         | 2026-03-16 allocated sentence=S2 pdu=Brent                 | None         | camden |
    | two on one day              | 2026-03-16 allocated; 2026-03-16 allocated to=P2           | P2           | camden |
    """,  # noqa: E501
)
def test_whose_it_was_on_its_last_day(facts: Any, practitioner: str | None, pdu: str) -> None:
    found = period(ORDER, *facts)
    assert (found["practitioner"], found["pdu"]) == (practitioner, pdu)


def test_without_an_allocation_the_delivery_unit_is_the_courts() -> None:
    imposed = f.order("2026-03-15", "2027-03-14", region="wales", pdu="Gwent")
    assert period(imposed)["pdu"] == "Gwent"


def test_a_period_without_a_standard_is_not_shown() -> None:
    assert shown(f.order("2026-03-15", "2027-03-14", "unpaid_work")) == {}


def test_the_periods_of_all_sentences_are_shown() -> None:
    found = shown(ORDER, f.order("2026-03-10", "2027-03-09", id="S2"), EXEMPT)
    assert [(p["sentence_id"], p["period_end"]) for p in found["periods"]] == [
        ("S1", "2026-04-14"),
        ("S2", "2026-04-09"),
    ]


@table(
    """
    | case                                              | facts                                                              | on         | expected     |
    | today: not yet                                    | 2026-04-10 scheduled C1                                            | 2026-04-10 | []           |
    | overdue                                           | 2026-04-10 scheduled C1                                            | 2026-04-11 | ["C1"]       |
    | it has one                                        | 2026-04-10 scheduled C1; 2026-04-10 contact C1                     | 2026-04-11 | []           |
    | it has one since                                  | 2026-04-10 scheduled C1; 2026-04-10 contact C1 recorded=2026-04-12 | 2026-04-13 | []           |
    | several, in order                                 | 2026-04-10 scheduled C1; 2026-04-08 scheduled C2                   | 2026-04-13 | ["C2", "C1"] |
    | for several sentences: shown, though not enforced | 2026-03-15 order S2; 2026-04-10 scheduled C1 sentence=null         | 2026-04-11 | ["C1"]       |
    | supervision is over                               | 2026-04-10 scheduled C1                                            | 2027-03-15 | []           |
    """,  # noqa: E501
)
def test_what_has_no_outcome_yet(facts: Any, on: str, expected: list[str]) -> None:
    found = shown(ORDER, *facts, on=on).get("without_outcome", [])
    assert [one["contact_id"] for one in found] == expected


def test_it_is_shown_with_its_day() -> None:
    found = shown(ORDER, f.scheduled("2026-04-10", id="C1"), on="2026-04-11")
    assert found["without_outcome"] == [{"contact_id": "C1", "scheduled_on": "2026-04-10"}]


@table(
    """
    | case                        | expected                          | facts |
    | none                        | None                              | 2026-04-10 contact |
    | by the person               | {"by_service": 0, "by_person": 1} | 2026-04-10 contact rescheduled by person |
    | by both, those of the month | {"by_service": 1, "by_person": 2} | 2026-04-08 contact rescheduled by person |
    |                             |                                   | 2026-04-10 contact rescheduled by service |
    |                             |                                   | 2026-04-11 work rescheduled by person |
    |                             |                                   | 2026-05-01 contact rescheduled by person |
    | of no standard              | None                              | 2026-04-10 contact rescheduled by person national_standard=false |
    | unknown sentence            | None                              | 2026-04-10 contact rescheduled by person sentence=S9 |
    | one for all sentences       | {"by_service": 0, "by_person": 1} | 2026-04-10 contact rescheduled by person sentence=null |
    """,  # noqa: E501
)
def test_how_often_a_contact_was_rescheduled(facts: Any, expected: Any) -> None:
    said = assessed("2026-04-12", ORDER, *facts)
    assert said.months_shown.get(month_of(date(2026, 4, 1)), {}).get("rescheduled") == expected


def test_rescheduling_is_a_count_and_never_a_failure() -> None:
    facts = [f.contact(f"2026-04-{n:02}", "rescheduled_by_person") for n in range(1, 13)]
    said = assessed("2026-04-14", ORDER, *facts)
    assert said.monthly == []
    assert said.months_shown[month_of(date(2026, 4, 1))] == {
        "rescheduled": {"by_service": 0, "by_person": 12}
    }
