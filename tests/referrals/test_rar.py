"""RAR-3, RAR-4 and RAR-6 for rehabilitation activity requirements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.referrals import RarLimitReached
from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ENDS = "2027-01-04"
ORDER = f.order("2026-01-05", ENDS, "rar 2")
TWENTY = f.order("2026-01-05", ENDS, "rar 20")
DAY_2, DAY_3 = f.session("2026-02-02"), f.session("2026-02-03")
LATE = "2030-01-01"


def practitioner(day: str, outcome: str = "complied", **options: Any) -> f.Fact:
    """An activity with the practitioner."""
    return f.contact(day, outcome, **{"kind": "session", "requirement": "RAR", **options})


def used(*facts: f.Fact) -> list[tuple[str, int, int]]:
    """Date, days used after it and days ordered."""
    events = on(LATE, SERVICE, *facts).open("RarDayUsed").values()
    return [(str(event.date), event.used, event.ordered) for event in events]


def limits(*facts: f.Fact) -> list[str]:
    """The keys of the activities over the limit."""
    return list(on(LATE, SERVICE, *facts).open("RarLimitReached"))


def test_e50_two_activities_and_a_supervision_appointment_on_one_date_use_one_day() -> None:
    activities = [f.session("2026-02-02", id="P1"), f.session("2026-02-02", id="P2")]
    facts = [TWENTY, *activities, f.contact("2026-02-02", requirement="RAR")]
    assert used(*facts) == [("2026-02-02", 1, 20)]
    assert list(on("2026-03-01", SERVICE, *facts).open("RarDayUsed")) == ["RAR/2026-02-02"]


def test_e50_the_21st_day_is_over_the_limit_and_uses_no_day() -> None:
    facts = [TWENTY, *(f.session(day) for day in f.days_from("2026-02-01", 21))]
    assert used(*facts)[-1] == ("2026-02-20", 20, 20)
    over = on("2026-03-01", SERVICE, *facts).one("RarLimitReached")
    assert over == RarLimitReached(
        **f.PLACE,
        sentence_id="S1",
        requirement_id="RAR",
        session_id="P-2026-02-21",
        held_on=date(2026, 2, 21),
    )


@table(
    """
    | case                                                  | keys                             | facts |
    | exactly the maximum is within the limit               | []                               | |
    | each date over it is told once, by its first activity | ["P8", "P7"]                     | 2026-02-05 session P9; 2026-02-05 session P8; 2026-02-06 session P7 |
    | an activity with the practitioner                     | ["contact/C-2026-02-04"]         | 2026-02-04 contact requirement=RAR kind=session |
    | an earlier one told late moves it on                  | ["P-2026-02-03"]                 | 2026-01-12 session |
    | a higher maximum                                      | []                               | 2026-02-06 session; 2026-02-04 varied ends=2027-01-04 requires="rar 3" |
    | a lower maximum                                       | ["P-2026-02-03", "P-2026-02-06"] | 2026-02-03 varied ends=2027-01-04 requires="rar 1"; 2026-02-06 session |
    """,  # noqa: E501
)
def test_the_limit_of_two_days(facts: list[f.Fact], keys: list[str]) -> None:
    assert limits(ORDER, DAY_2, DAY_3, *facts) == keys


def test_a_day_over_the_limit_moves_on_when_an_earlier_activity_is_told_late() -> None:
    facts = [ORDER, DAY_2, f.session("2026-02-09"), f.session("2026-02-05")]
    assert used(*facts) == [("2026-02-02", 1, 2), ("2026-02-05", 2, 2)]


@pytest.mark.parametrize("kind", ["initial", "planned", "home_visit"])
def test_supervision_appointments_use_no_day(kind: str) -> None:
    assert used(ORDER, f.contact("2026-02-02", kind=kind, requirement="RAR")) == []


def test_a_session_with_the_practitioner_is_an_activity() -> None:
    assert used(ORDER, practitioner("2026-02-02")) == [("2026-02-02", 1, 2)]
    facts = [ORDER, practitioner("2026-02-02"), f.session("2026-02-02", id="C-2026-02-02"), DAY_3]
    assert used(*facts) == [("2026-02-02", 1, 2), ("2026-02-03", 2, 2)]


@table(
    """
    | case                                          | facts                                                | requirement | days                   |
    | the requirement that it names                 |                                                      | RAR         | [("2026-02-02", 1, 2)] |
    | one that is not known                         |                                                      | R9          | []                     |
    | of two of one id that of the earlier sentence | 2026-01-12 order S2 ends=2027-01-11 requires="rar 1" | RAR         | [("2026-02-02", 1, 2)] |
    """,  # noqa: E501
)
def test_a_session_that_names_no_sentence(
    requirement: str, facts: list[f.Fact], days: list[tuple[str, int, int]]
) -> None:
    assert used(ORDER, *facts, practitioner("2026-02-02", sentence=None, requirement=requirement)) == days


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
def test_only_what_was_attended_and_complied_with_uses_a_day(outcome: str, counts: bool) -> None:
    assert bool(used(ORDER, f.session("2026-02-02", outcome))) is counts
    assert bool(used(ORDER, practitioner("2026-02-02", outcome))) is counts


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([f.session("2026-01-04")], id="before sentence"),
        pytest.param([f.session("2027-01-05")], id="after the end"),
        pytest.param([f.session("2026-02-02", requirement="R9")], id="of an unknown requirement"),
        pytest.param([f.session("2026-02-02", requirement=None)], id="of no requirement"),
        pytest.param([f.session("2026-02-02", sentence="S9")], id="of an unknown sentence"),
        pytest.param([f.work("2026-02-02", requirement="RAR")], id="unpaid work"),
        pytest.param([f.learning("2026-02-02", requirement="RAR")], id="a course within unpaid work"),
        pytest.param([f.revoked("2026-02-01"), DAY_2], id="after revocation"),
        pytest.param([f.died("2026-02-01"), DAY_2], id="after death"),
        pytest.param([f.varied("2026-02-01", ENDS, "unpaid_work"), DAY_2], id="taken off"),
    ],
)
def test_what_is_no_activity_under_the_requirement_uses_no_day(facts: list[f.Fact]) -> None:
    assert used(ORDER, *facts) == []


@pytest.mark.parametrize("ahead", [DAY_2, practitioner("2026-02-02")], ids=["session", "contact"])
def test_what_is_dated_ahead_counts_on_its_day(ahead: f.Fact) -> None:
    before = on("2026-02-01", SERVICE, ORDER, ahead)
    assert before.open("RarDayUsed") == {}
    assert before.wake_on == on("2026-02-02", SERVICE, ORDER, ahead).one("RarDayUsed").date


def test_two_sentences_count_their_own_days() -> None:
    second = f.order("2026-01-05", ENDS, "rar 3 R2", id="S2")
    also = f.session("2026-02-02", id="P2", sentence="S2", requirement="R2")
    assert used(ORDER, second, DAY_2, also) == [("2026-02-02", 1, 2), ("2026-02-02", 1, 3)]


def test_a_variation_keeps_the_days_used_and_sets_a_new_maximum() -> None:
    more = f.varied("2026-02-05", ENDS, "rar 3")
    facts = [ORDER, DAY_2, DAY_3, f.session("2026-02-05"), f.session("2026-02-06")]
    assert used(*facts, more) == [("2026-02-02", 1, 2), ("2026-02-03", 2, 2), ("2026-02-05", 3, 3)]
    assert limits(*facts, more) == ["P-2026-02-06"]


def test_a_rar_on_a_licence_counts_from_release() -> None:
    licence = f.order("2026-01-05", None, "rar 2", kind="custodial", ends_on=None)
    days = ["2026-02-01", "2026-02-02", "2026-12-31", "2027-01-01"]
    activities = [f.session(day) for day in days]
    assert used(licence, *activities) == []
    released = f.released("2026-02-02", "2026-12-31")
    assert [day for day, _, _ in used(licence, released, *activities)] == ["2026-02-02", "2026-12-31"]


@pytest.mark.parametrize(
    ("facts", "completed"),
    [
        pytest.param([ORDER, DAY_2], [], id="a day is left"),
        pytest.param([ORDER, DAY_2, DAY_3], [("2026-02-03", 2)], id="with its last day"),
        pytest.param([ORDER], [], id="not by running out with days left"),
        pytest.param([f.order("2026-01-05", ENDS, "rar 0")], [], id="nor with no days ordered"),
    ],
)
def test_when_a_rar_is_completed(facts: list[f.Fact], completed: list[tuple[str, int]]) -> None:
    events = on(LATE, SERVICE, *facts).open("RequirementCompleted").values()
    assert [(str(event.completed_on), event.amount) for event in events] == completed


def test_a_rar_leads_to_no_referral_by_itself() -> None:
    assert on("2026-02-01", SERVICE, ORDER).open("ReferralMade") == {}


SERVICE_ASKED = f.referral_asked("2026-01-12", id="F1", desired_outcomes=["home"])
HELD = f.session("2026-02-02", requirement=None, referral_id="F1")


def test_rar_8_a_service_that_names_no_requirement_is_within_the_orders_rar() -> None:
    assert used(ORDER, SERVICE_ASKED, HELD) == [("2026-02-02", 1, 2)]


def test_of_several_rars_a_service_must_name_one() -> None:
    two = f.order("2026-01-05", ENDS, "rar 2, rar 5 RAR2")
    assert used(two, SERVICE_ASKED, HELD) == []
    asked = f.referral_asked("2026-01-12", id="F1", desired_outcomes=["home"], requirement_id="RAR2")
    assert used(two, asked, HELD) == [("2026-02-02", 1, 5)]
