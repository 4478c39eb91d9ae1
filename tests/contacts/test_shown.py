"""What the people see who query the months: standards, what lacks an outcome, what was rescheduled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.engine.case import month_of
from tests.contacts.facts import (
    EXEMPT,
    Known,
    allocated,
    contact,
    day,
    order,
    recorded,
    scheduled,
    sentence,
    session,
    taken,
)

ORDER = order("2026-03-15", "2027-03-14")


def shown(*facts: Any, on: str = "2026-04-15", of: str = "2026-04") -> dict[str, Any]:
    """What is shown of a month; nothing as nothing."""
    found = Known(*facts).on(on).shown.get(month_of(day(f"{of}-01")))
    assert json.loads(json.dumps(found)) == found
    assert found is None or found
    return found or {}


def period(*facts: Any, on: str = "2026-04-15") -> dict[str, Any]:
    (found,) = shown(*facts, on=on)["periods"]
    assert isinstance(found, dict)
    return found


def test_of_a_month_without_anything_nothing_is_shown() -> None:
    assert Known(ORDER, contact("2026-03-20")).on("2026-04-14").shown.get(month_of(day("2026-03-01"))) is None


def test_a_period_is_shown_in_the_month_in_which_it_ends_once_it_is_over() -> None:
    assert "periods" not in shown(ORDER, on="2026-04-14")
    assert period(ORDER) == {
        "sentence_id": "S1",
        "period_start": "2026-03-15",
        "period_end": "2026-04-14",
        "met": False,
        "excused": False,
        "pdu": "Camden",
        "practitioner": None,
    }


@pytest.mark.parametrize(
    ("facts", "met", "excused"),
    [
        pytest.param([contact("2026-03-20")], True, False, id="met"),
        pytest.param([contact("2026-03-20", "unacceptable_absence")], False, False, id="missed"),
        pytest.param([contact("2026-03-20", "acceptable_absence")], False, True, id="excused"),
        pytest.param([contact("2026-03-20"), taken("2026-04-01")], True, False, id="met, then in custody"),
    ],
)
def test_what_came_of_it(facts: Any, met: bool, excused: bool) -> None:
    found = period(ORDER, *facts)
    assert (found["met"], found["excused"]) == (met, excused)


@pytest.mark.parametrize(
    ("facts", "practitioner", "pdu"),
    [
        pytest.param(
            [allocated("2026-03-16", "P1", pdu="Brent")], "P1", "Brent", id="allocated since the start"
        ),
        pytest.param(
            [allocated("2026-04-14", "P2", pdu="Brent"), allocated("2026-03-16", "P1")],
            "P2",
            "Brent",
            id="another one on the last day",
        ),
        pytest.param(
            [allocated("2026-03-16", "P1"), allocated("2026-04-15", "P2", pdu="Brent")],
            "P1",
            "Camden",
            id="another one the day after",
        ),
        pytest.param(
            [allocated("2026-03-16", "P1", "S2", pdu="Brent")], None, "Camden", id="of another sentence"
        ),
        pytest.param(
            [allocated("2026-03-16", "P1"), allocated("2026-03-16", "P2")],
            "P2",
            "Camden",
            id="two on one day",
        ),
    ],
)
def test_whose_it_was_on_its_last_day(facts: Any, practitioner: str | None, pdu: str) -> None:
    found = period(ORDER, *facts)
    assert (found["practitioner"], found["pdu"]) == (practitioner, pdu)


def test_without_an_allocation_the_delivery_unit_is_the_courts() -> None:
    imposed = sentence("community_order", "2026-03-15", "2027-03-14", pdu="Gwent", region="wales")
    assert period(imposed)["pdu"] == "Gwent"


def test_a_period_without_a_standard_is_not_shown() -> None:
    assert shown(order("2026-03-15", "2027-03-14", only=("unpaid_work",))) == {}


def test_the_periods_of_all_sentences_are_shown() -> None:
    found = shown(ORDER, order("2026-03-10", "2027-03-09", "S2"), EXEMPT)
    assert [(p["sentence_id"], p["period_end"]) for p in found["periods"]] == [
        ("S1", "2026-04-14"),
        ("S2", "2026-04-09"),
    ]


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        pytest.param([scheduled("2026-04-10", id="C1")], "2026-04-10", [], id="today: not yet"),
        pytest.param([scheduled("2026-04-10", id="C1")], "2026-04-11", ["C1"], id="overdue"),
        pytest.param(
            [scheduled("2026-04-10", id="C1"), contact("2026-04-10", id="C1")],
            "2026-04-11",
            [],
            id="it has one",
        ),
        pytest.param(
            [scheduled("2026-04-10", id="C1"), recorded("2026-04-12", contact("2026-04-10", id="C1"))],
            "2026-04-13",
            [],
            id="it has one since",
        ),
        pytest.param(
            [scheduled("2026-04-10", id="C1"), scheduled("2026-04-08", id="C2")],
            "2026-04-13",
            ["C2", "C1"],
            id="several, in order",
        ),
        pytest.param(
            [order("2026-03-15", "2027-03-14", "S2"), scheduled("2026-04-10", id="C1", sentence=None)],
            "2026-04-11",
            ["C1"],
            id="for several sentences: shown, though not enforced",
        ),
        pytest.param([scheduled("2026-04-10", id="C1")], "2027-03-15", [], id="supervision is over"),
    ],
)
def test_what_has_no_outcome_yet(facts: Any, on: str, expected: list[str]) -> None:
    found = shown(ORDER, *facts, on=on).get("without_outcome", [])
    assert [one["contact_id"] for one in found] == expected


def test_it_is_shown_with_its_day() -> None:
    found = shown(ORDER, scheduled("2026-04-10", id="C1"), on="2026-04-11")
    assert found["without_outcome"] == [{"contact_id": "C1", "scheduled_on": "2026-04-10"}]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([contact("2026-04-10")], None, id="none"),
        pytest.param(
            [contact("2026-04-10", "rescheduled_by_person")],
            {"by_service": 0, "by_person": 1},
            id="by the person",
        ),
        pytest.param(
            [
                contact("2026-04-08", "rescheduled_by_person"),
                contact("2026-04-10", "rescheduled_by_service"),
                session("2026-04-11", "rescheduled_by_person"),
                contact("2026-05-01", "rescheduled_by_person"),
            ],
            {"by_service": 1, "by_person": 2},
            id="by both, those of the month",
        ),
        pytest.param([contact("2026-04-10", "rescheduled_by_person", ns=False)], None, id="of no standard"),
        pytest.param(
            [contact("2026-04-10", "rescheduled_by_person", sentence="S9")], None, id="unknown sentence"
        ),
        pytest.param(
            [contact("2026-04-10", "rescheduled_by_person", sentence=None)],
            {"by_service": 0, "by_person": 1},
            id="one for all sentences",
        ),
    ],
)
def test_how_often_a_contact_was_rescheduled(facts: Any, expected: Any) -> None:
    said = Known(ORDER, *facts).on("2026-04-12")
    assert said.shown.get(month_of(day("2026-04-01")), {}).get("rescheduled") == expected


def test_rescheduling_is_a_count_and_never_a_failure() -> None:
    facts = [contact(f"2026-04-{n:02}", "rescheduled_by_person") for n in range(1, 13)]
    said = Known(ORDER, *facts).on("2026-04-14")
    assert said.monthly == []
    assert said.shown[month_of(day("2026-04-01"))] == {"rescheduled": {"by_service": 0, "by_person": 12}}
