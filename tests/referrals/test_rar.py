"""RAR-3, RAR-4 and RAR-6 for rehabilitation activity requirements."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.envelope import Data
from schemas.referrals import RarDayUsed, RarLimitReached, ReferralMade, RequirementCompleted
from tests.referrals.facts import (
    Known,
    activity,
    contact,
    course,
    died,
    order,
    rar,
    released,
    revoked,
    session,
    varied,
    work,
)

ORDER = order("2026-01-05", "2027-01-04", rar(2))


def used(*facts: Data, today: str = "2030-01-01") -> list[tuple[str, int, int]]:
    """Date, days used after it and days ordered."""
    return [(str(e.date), e.used, e.ordered) for e in Known(*facts).on(today).of(RarDayUsed)]


def limits(*facts: Data, today: str = "2030-01-01") -> list[str]:
    return [f.key for f in Known(*facts).on(today).findings(RarLimitReached)]


def test_e50_two_activities_and_a_supervision_appointment_on_one_date_use_one_day() -> None:
    facts = [
        order("2026-01-05", "2027-01-04", rar(20)),
        activity("2026-02-02", id="P1"),
        activity("2026-02-02", id="P2"),
        contact("2026-02-02", "planned"),
    ]
    assert used(*facts) == [("2026-02-02", 1, 20)]
    assert [f.key for f in Known(*facts).on("2026-03-01").findings(RarDayUsed)] == ["R1/2026-02-02"]


def test_e50_the_21st_day_is_over_the_limit_and_uses_no_day() -> None:
    facts = [
        order("2026-01-05", "2027-01-04", rar(20)),
        *(activity(f"2026-02-{d:02}") for d in range(1, 22)),
    ]
    assert used(*facts)[-1] == ("2026-02-20", 20, 20)
    over = Known(*facts).on("2026-03-01").of(RarLimitReached)
    assert over == [RarLimitReached(requirement_id="R1", session_id="P-2026-02-21")]


def test_exactly_the_maximum_is_within_the_limit() -> None:
    assert limits(ORDER, activity("2026-02-02"), activity("2026-02-03")) == []


def test_each_date_over_the_limit_is_told_once_by_its_first_activity() -> None:
    facts = [ORDER, activity("2026-02-02"), activity("2026-02-03")]
    over = [activity("2026-02-05", id="P9"), activity("2026-02-05", id="P8"), activity("2026-02-06", id="P7")]
    assert limits(*facts, *over) == ["P8", "P7"]


def test_a_day_over_the_limit_moves_on_when_an_earlier_activity_is_told_late() -> None:
    facts = [ORDER, activity("2026-02-02"), activity("2026-02-09")]
    assert used(*facts, activity("2026-02-05")) == [("2026-02-02", 1, 2), ("2026-02-05", 2, 2)]
    assert limits(*facts, activity("2026-02-05")) == ["P-2026-02-09"]


@pytest.mark.parametrize("kind", ["initial", "planned", "home_visit"])
def test_supervision_appointments_use_no_day(kind: Any) -> None:
    assert used(ORDER, contact("2026-02-02", kind)) == []


def test_a_session_with_the_practitioner_is_an_activity() -> None:
    assert used(ORDER, contact("2026-02-02")) == [("2026-02-02", 1, 2)]
    facts = [ORDER, contact("2026-02-02"), activity("2026-02-02", id="C-2026-02-02"), activity("2026-02-03")]
    assert used(*facts) == [("2026-02-02", 1, 2), ("2026-02-03", 2, 2)]
    assert limits(*facts, contact("2026-02-04")) == ["contact/C-2026-02-04"]


def test_a_session_that_names_no_sentence_is_one_under_the_requirement_that_it_names() -> None:
    named_by_none = contact("2026-02-02", sentence=None)
    assert used(ORDER, named_by_none) == [("2026-02-02", 1, 2)]
    assert used(ORDER, contact("2026-02-02", sentence=None, requirement="R9")) == []
    same_id = order("2026-01-12", "2027-01-11", rar(1), id="S2")
    assert used(ORDER, same_id, named_by_none) == [("2026-02-02", 1, 2)]


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        ("complied", True),
        ("failed_to_comply", False),
        ("sent_home_behaviour", False),
        ("sent_home_service", False),
        ("unacceptable_absence", False),
        ("failed_to_attend", False),
        ("rescheduled_by_service", False),
        ("rescheduled_by_person", False),
        ("suspended", False),
        ("warrant_outstanding", False),
    ],
)
def test_only_what_was_attended_and_complied_with_uses_a_day(outcome: Any, counts: bool) -> None:
    assert bool(used(ORDER, activity("2026-02-02", outcome))) is counts
    assert bool(used(ORDER, contact("2026-02-02", outcome=outcome))) is counts


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([activity("2026-01-04")], id="before sentence"),
        pytest.param([activity("2027-01-05")], id="after the end"),
        pytest.param([activity("2026-02-02", requirement="R9")], id="of an unknown requirement"),
        pytest.param([activity("2026-02-02", requirement=None)], id="of no requirement"),
        pytest.param([activity("2026-02-02", sentence="S9")], id="of an unknown sentence"),
        pytest.param([session("2026-02-02")], id="unpaid work"),
        pytest.param([course("2026-02-02")], id="a course within unpaid work"),
        pytest.param([revoked("2026-02-01"), activity("2026-02-02")], id="after revocation"),
        pytest.param([died("2026-02-01"), activity("2026-02-02")], id="after death"),
        pytest.param(
            [varied("2026-02-01", "2027-01-04", work(40, "R2")), activity("2026-02-02")], id="taken off"
        ),
    ],
)
def test_what_is_no_activity_under_the_requirement_uses_no_day(facts: list[Data]) -> None:
    assert used(ORDER, *facts) == []


@pytest.mark.parametrize("ahead", [activity("2026-02-02"), contact("2026-02-02")], ids=["session", "contact"])
def test_what_is_dated_ahead_counts_on_its_day(ahead: Data) -> None:
    known = Known(ORDER, ahead)
    assert known.on("2026-02-01").of(RarDayUsed) == []
    assert known.on("2026-02-01").wake_on == known.on("2026-02-02").of(RarDayUsed)[0].date


def test_two_sentences_count_their_own_days() -> None:
    second = order("2026-01-05", "2027-01-04", rar(3, "R2"), id="S2")
    facts = [
        ORDER,
        second,
        activity("2026-02-02"),
        activity("2026-02-02", id="P2", sentence="S2", requirement="R2"),
    ]
    assert used(*facts) == [("2026-02-02", 1, 2), ("2026-02-02", 1, 3)]


def test_a_variation_keeps_the_days_used_and_sets_a_new_maximum() -> None:
    facts = [
        ORDER,
        activity("2026-02-02"),
        activity("2026-02-03"),
        activity("2026-02-05"),
        activity("2026-02-06"),
    ]
    more = varied("2026-02-05", "2027-01-04", rar(3))
    assert used(*facts, more) == [("2026-02-02", 1, 2), ("2026-02-03", 2, 2), ("2026-02-05", 3, 3)]
    assert limits(*facts, more) == ["P-2026-02-06"]
    fewer = varied("2026-02-03", "2027-01-04", rar(1))
    assert limits(*facts, fewer) == ["P-2026-02-03", "P-2026-02-05", "P-2026-02-06"]


def test_a_rar_on_a_licence_counts_from_release() -> None:
    licence = order("2026-01-05", "", rar(2), kind="custodial")
    held = [activity("2026-02-01"), activity("2026-02-02"), activity("2026-12-31"), activity("2027-01-01")]
    assert used(licence, *held) == []
    assert [on for on, _, _ in used(licence, *held, released("2026-02-02", "2026-12-31"))] == [
        "2026-02-02",
        "2026-12-31",
    ]


def completions(*facts: Data) -> list[tuple[str, int | None]]:
    events = Known(*facts).on("2030-01-01").of(RequirementCompleted)
    return [(str(e.completed_on), e.amount) for e in events]


def test_a_rar_is_completed_with_its_last_day() -> None:
    assert completions(ORDER, activity("2026-02-02")) == []
    assert completions(ORDER, activity("2026-02-02"), activity("2026-02-03")) == [("2026-02-03", 2)]


def test_a_rar_that_ran_out_with_days_left_is_not_completed() -> None:
    assert completions(ORDER) == []
    assert completions(order("2026-01-05", "2027-01-04", rar(0))) == []


def test_a_rar_leads_to_no_referral_by_itself() -> None:
    assert Known(ORDER).on("2026-02-01").of(ReferralMade) == []
