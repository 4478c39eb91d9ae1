"""CONT-32, CONT-33, RES-5: forms of contact, the enhanced plan, and the last phase in prison."""

from __future__ import annotations

from typing import Any

from tests import facts as f
from tests.contacts.plans import CURFEW, TWO_YEARS, planned, plans
from tests.table import table

PRISON = f.custodial("2026-01-05")
PLANNED = f.release_planned("2026-09-01", "2027-03-01")


@table(
    """
    | case                                 | facts                                              | expected |
    | the risk is not known: not low       |                                                    | ["face_to_face"] |
    | very high risk                       | 2026-01-01 risk very_high severe="" needs=""       | ["face_to_face"] |
    | medium risk and a standard need      | 2026-01-01 risk medium severe=""                   | ["face_to_face", "video"] |
    | low risk and no need                 | 2026-01-01 risk low severe="" needs=""             | ["face_to_face", "video", "telephone"] |
    | low risk and a severe need           | 2026-01-01 risk low                                | ["face_to_face", "video"] |
    """,  # noqa: E501
)
def test_a_plan_suggests_forms_by_risk_and_need(facts: Any, expected: list[str]) -> None:
    first, later = plans(TWO_YEARS, *facts, on="2026-02-28")[0], plans(TWO_YEARS, *facts, on="2026-02-28")[-1]
    assert first.modes == ["face_to_face"]
    assert later.modes == expected


def test_no_form_is_suggested_where_no_contact_is_expected() -> None:
    held = plans(TWO_YEARS, f.taken("2026-02-01"), on="2026-03-01")[-1]
    assert (held.regime, held.modes) == ("custody", [])


def test_in_the_duty_to_keep_in_touch_any_form_will_do() -> None:
    done = f.completed("2026-02-10", id="R1"), f.completed("2026-02-10", id="R2")
    assert plans(CURFEW, f.risk("2026-01-01", "high"), *done, on="2026-03-01")[-1].modes == [
        "face_to_face",
        "video",
        "telephone",
        "online",
    ]


@table(
    """
    | case                                           | facts                                                                       | expected |
    | from registration to its end                   | 2026-01-01 risk low; 2026-03-02 registered IOM; 2026-04-01 lifted IOM       | [("2026-01-01", 7), ("2026-01-29", 30), ("2026-03-02", 7), ("2026-04-01", 30)] |
    | the review asks for more                       | 2026-01-01 risk low; 2026-02-02 plan every=3; 2026-03-02 registered IOM     | [("2026-01-01", 7), ("2026-01-29", 30), ("2026-02-02", 3), ("2026-03-02", 3)] |
    | an assessment that says so is no registration  | 2026-01-01 risk low integrated_offender_management=true                     | [("2026-01-01", 7), ("2026-01-29", 30)] |
    """.replace("IOM", "integrated_offender_management")  # noqa: E501
)
def test_the_enhanced_plan_holds_while_the_registration_does(facts: Any, expected: Any) -> None:
    assert planned(TWO_YEARS, *facts) == expected


def test_the_enhanced_plan_is_face_to_face() -> None:
    registered = f.registered("2026-03-02", "integrated_offender_management")
    last = plans(TWO_YEARS, f.risk("2026-01-01", "low"), registered)[-1]
    assert last.modes == ["face_to_face"]


def before(*facts: f.Fact, on: str = "2026-12-31") -> list[tuple[str, str, int | None]]:
    """First day, regime and frequency of each plan."""
    found = plans(*facts, on=on)
    return [(plan.from_.isoformat(), plan.regime, plan.face_to_face_every_days) for plan in found]


def test_contact_rises_before_a_release_and_after_it() -> None:
    rising = [("2026-06-09", "pre_release", 28), ("2026-08-04", "pre_release", 14)]
    assert before(PRISON, PLANNED, on="2026-06-08") == []
    assert before(PRISON, PLANNED) == rising
    released = f.released("2026-09-01", ends="2027-03-01")
    assert before(PRISON, PLANNED, released, on="2026-09-28") == [*rising, ("2026-09-01", "standard", 7)]


def test_a_release_that_is_moved_or_comes_earlier_moves_the_plan() -> None:
    moved = f.release_planned("2026-10-01", "2027-03-01", recorded="2026-05-01")
    assert before(PRISON, PLANNED, moved) == [
        ("2026-07-09", "pre_release", 28),
        ("2026-09-03", "pre_release", 14),
    ]
    early = f.released("2026-07-01", ends="2027-03-01")
    assert before(PRISON, PLANNED, early, on="2026-07-02") == [
        ("2026-06-09", "pre_release", 28),
        ("2026-07-01", "standard", 7),
    ]


def test_a_short_sentence_begins_with_the_step_that_holds_then() -> None:
    soon = f.release_planned("2026-01-20", "2027-03-01")
    assert before(PRISON, soon, on="2026-01-19") == [("2026-01-05", "pre_release", 14)]


def test_before_a_release_after_a_recall_too() -> None:
    released = f.released("2026-02-02", ends="2027-12-31")
    recalled = f.taken("2026-05-01", "recall", sentence="S1")
    found = before(PRISON, released, recalled, PLANNED)
    assert found[-3:] == [
        ("2026-05-01", "custody", None),
        ("2026-06-09", "pre_release", 28),
        ("2026-08-04", "pre_release", 14),
    ]


def test_nothing_is_planned_once_the_sentence_was_quashed_or_the_person_died() -> None:
    assert before(PRISON, PLANNED, f.died("2026-06-01")) == []
    assert before(PRISON, PLANNED, f.revoked("2026-06-20", "quashed"), on="2026-06-19") == [
        ("2026-06-09", "pre_release", 28)
    ]
