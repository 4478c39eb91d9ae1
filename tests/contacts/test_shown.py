"""What the people see who query the months: standards, what lacks an outcome, what was rescheduled."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from shared.engine.case import month_of
from tests import facts as f
from tests.contacts.said import EXEMPT, assessed

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


@pytest.mark.parametrize(
    ("facts", "met", "excused"),
    [
        pytest.param([f.contact("2026-03-20")], True, False, id="met"),
        pytest.param([f.contact("2026-03-20", "unacceptable_absence")], False, False, id="missed"),
        pytest.param([f.contact("2026-03-20", "acceptable_absence")], False, True, id="excused"),
        pytest.param(
            [f.contact("2026-03-20"), f.taken("2026-04-01")], True, False, id="met, then in custody"
        ),
    ],
)
def test_what_came_of_it(facts: Any, met: bool, excused: bool) -> None:
    found = period(ORDER, *facts)
    assert (found["met"], found["excused"]) == (met, excused)


@pytest.mark.parametrize(
    ("facts", "practitioner", "pdu"),
    [
        pytest.param([f.allocated("2026-03-16", pdu="Brent")], "P1", "Brent", id="allocated since the start"),
        pytest.param(
            [f.allocated("2026-04-14", to="P2", pdu="Brent"), f.allocated("2026-03-16")],
            "P2",
            "Brent",
            id="another one on the last day",
        ),
        pytest.param(
            [f.allocated("2026-03-16"), f.allocated("2026-04-15", to="P2", pdu="Brent")],
            "P1",
            "camden",
            id="another one the day after",
        ),
        pytest.param(
            [f.allocated("2026-03-16", sentence="S2", pdu="Brent")], None, "camden", id="of another sentence"
        ),
        pytest.param(
            [f.allocated("2026-03-16"), f.allocated("2026-03-16", to="P2")],
            "P2",
            "camden",
            id="two on one day",
        ),
    ],
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


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        pytest.param([f.scheduled("2026-04-10", id="C1")], "2026-04-10", [], id="today: not yet"),
        pytest.param([f.scheduled("2026-04-10", id="C1")], "2026-04-11", ["C1"], id="overdue"),
        pytest.param(
            [f.scheduled("2026-04-10", id="C1"), f.contact("2026-04-10", id="C1")],
            "2026-04-11",
            [],
            id="it has one",
        ),
        pytest.param(
            [f.scheduled("2026-04-10", id="C1"), f.contact("2026-04-10", id="C1").said("2026-04-12")],
            "2026-04-13",
            [],
            id="it has one since",
        ),
        pytest.param(
            [f.scheduled("2026-04-10", id="C1"), f.scheduled("2026-04-08", id="C2")],
            "2026-04-13",
            ["C2", "C1"],
            id="several, in order",
        ),
        pytest.param(
            [f.order("2026-03-15", "2027-03-14", id="S2"), f.scheduled("2026-04-10", id="C1", sentence=None)],
            "2026-04-11",
            ["C1"],
            id="for several sentences: shown, though not enforced",
        ),
        pytest.param([f.scheduled("2026-04-10", id="C1")], "2027-03-15", [], id="supervision is over"),
    ],
)
def test_what_has_no_outcome_yet(facts: Any, on: str, expected: list[str]) -> None:
    found = shown(ORDER, *facts, on=on).get("without_outcome", [])
    assert [one["contact_id"] for one in found] == expected


def test_it_is_shown_with_its_day() -> None:
    found = shown(ORDER, f.scheduled("2026-04-10", id="C1"), on="2026-04-11")
    assert found["without_outcome"] == [{"contact_id": "C1", "scheduled_on": "2026-04-10"}]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([f.contact("2026-04-10")], None, id="none"),
        pytest.param(
            [f.contact("2026-04-10", "rescheduled_by_person")],
            {"by_service": 0, "by_person": 1},
            id="by the person",
        ),
        pytest.param(
            [
                f.contact("2026-04-08", "rescheduled_by_person"),
                f.contact("2026-04-10", "rescheduled_by_service"),
                f.work("2026-04-11", "rescheduled_by_person"),
                f.contact("2026-05-01", "rescheduled_by_person"),
            ],
            {"by_service": 1, "by_person": 2},
            id="by both, those of the month",
        ),
        pytest.param(
            [f.contact("2026-04-10", "rescheduled_by_person", national_standard=False)],
            None,
            id="of no standard",
        ),
        pytest.param(
            [f.contact("2026-04-10", "rescheduled_by_person", sentence="S9")], None, id="unknown sentence"
        ),
        pytest.param(
            [f.contact("2026-04-10", "rescheduled_by_person", sentence=None)],
            {"by_service": 0, "by_person": 1},
            id="one for all sentences",
        ),
    ],
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
