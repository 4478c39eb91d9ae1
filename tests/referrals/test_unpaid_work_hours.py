"""UPW-6, 7, 12, 13, 18: what counts as unpaid work, and for which order."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.envelope import Data
from schemas.referrals import (
    EmploymentCapExceeded,
    InterventionStarted,
    UnpaidWorkCredited,
    UnpaidWorkStartOverdue,
)
from tests.referrals.facts import (
    Known,
    course,
    died,
    ended,
    order,
    rar,
    requested,
    revoked,
    session,
    varied,
    work,
)

E38 = order("2026-12-24", "2027-12-23", work(100))


def credited(*facts: Data, today: str = "2030-01-01") -> list[tuple[str, int, int, int]]:
    """Session, minutes credited, total and minutes ordered of each credit."""
    events = Known(*facts).on(today).of(UnpaidWorkCredited)
    return [(e.session_id, e.minutes, e.worked_minutes, e.ordered_minutes) for e in events]


# UPW-12, 13, 18: credit


@pytest.mark.parametrize(
    ("outcome", "reason", "minutes"),
    [
        pytest.param("complied", None, 300, id="attended"),
        pytest.param("failed_to_comply", None, 300, id="attended, did not comply"),
        pytest.param("sent_home_behaviour", None, 300, id="sent home for behaviour: what was worked"),
        pytest.param("sent_home_service", None, 300, id="sent home by the service: what was attended"),
        pytest.param("acceptable_absence", "stood_down", None, id="stood down: not attended"),
        pytest.param("acceptable_absence", "medical", None, id="ill"),
        pytest.param("unacceptable_absence", None, None, id="stayed away"),
        pytest.param("failed_to_attend", None, None, id="reason awaited"),
        pytest.param("rescheduled_by_service", None, None, id="rescheduled by the service"),
        pytest.param("rescheduled_by_person", None, None, id="rescheduled by the person"),
        pytest.param("suspended", None, None, id="suspended"),
        pytest.param("warrant_outstanding", None, None, id="warrant"),
    ],
)
def test_who_attended_is_credited_the_minutes_attended(
    outcome: Any, reason: Any, minutes: int | None
) -> None:
    held = session("2027-01-08", 300, outcome=outcome, reason=reason)
    assert credited(E38, held) == ([] if minutes is None else [("P-2027-01-08", minutes, minutes, 6000)])


def test_totals_follow_the_order_of_the_days_then_of_the_ids() -> None:
    sessions = [
        session("2027-02-01", 60, id="P1"),
        session("2027-01-08", 100, id="P9"),
        session("2027-01-08", 50, id="P2"),
    ]
    assert credited(E38, *sessions) == [("P2", 50, 50, 6000), ("P9", 100, 150, 6000), ("P1", 60, 210, 6000)]


def test_credit_is_never_more_than_remains() -> None:
    facts = [
        order("2027-01-04", "2028-01-03", work(40)),
        *(session(f"2027-01-{d}", 1000) for d in (11, 18, 25)),
    ]
    assert credited(*facts) == [("P-2027-01-11", 1000, 1000, 2400), ("P-2027-01-18", 1000, 2000, 2400),
                                ("P-2027-01-25", 400, 2400, 2400)]  # fmt: skip
    assert credited(*facts, session("2027-02-01", 60))[-1][0] == "P-2027-01-25"


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(session("2026-12-23"), id="the day before sentence"),
        pytest.param(session("2027-12-24"), id="the day after the end"),
        pytest.param(session("2027-01-08", requirement="R7"), id="an unknown requirement"),
        pytest.param(session("2027-01-08", requirement=None), id="no requirement"),
        pytest.param(session("2027-01-08", sentence="S7"), id="an unknown sentence"),
        pytest.param(session("2027-01-08", activity="session"), id="not unpaid work"),
    ],
)
def test_what_is_not_work_under_the_requirement_credits_nothing(held: Data) -> None:
    assert credited(E38, held) == []


@pytest.mark.parametrize("on", ["2026-12-24", "2027-12-23"], ids=["the day of sentence", "the last day"])
def test_work_on_the_first_and_last_day_counts(on: str) -> None:
    assert [minutes for _, minutes, _, _ in credited(E38, session(on))] == [420]


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        (revoked("2027-02-01"), True),
        (revoked("2027-01-31"), False),
        (died("2027-01-31"), False),
        (ended("2027-01-31"), False),
    ],
)
def test_work_after_the_end_of_the_order_does_not_count(end: Data, counts: bool) -> None:
    assert bool(credited(E38, end, session("2027-02-01"))) is counts


def test_a_session_names_its_requirement_by_its_referral_as_well() -> None:
    automatic = session("2027-01-08", requirement=None, referral="R1")
    assert len(credited(E38, automatic)) == 1
    by_request = session("2027-01-08", requirement=None, referral="F1")
    assert len(credited(E38, by_request, requested("F1", "R1"))) == 1
    assert credited(E38, by_request, requested("F1", None)) == []
    assert credited(E38, by_request) == []


# UPW-6, 7: education, training and employment


def test_e43_the_cap_is_20_percent_until_april_2024_and_30_from_may() -> None:
    before = [
        order("2024-01-08", "2025-01-07", work(150)),
        *(course(f"2024-04-{d}", 900) for d in (15, 16, 30)),
    ]
    said = Known(*before).on("2025-01-01")
    assert [e.minutes for e in said.of(UnpaidWorkCredited)] == [900, 900]
    assert said.of(EmploymentCapExceeded) == [
        EmploymentCapExceeded(requirement_id="R1", session_id="P-2024-04-30", cap_minutes=30 * 60)
    ]
    after = Known(*before, course("2024-05-01", 901)).on("2025-01-01")
    assert [e.minutes for e in after.of(UnpaidWorkCredited)] == [900, 900, 900]
    assert [e.cap_minutes for e in after.of(EmploymentCapExceeded)] == [1800, 45 * 60]


def test_e43_45_hours_at_20_percent_are_9_hours() -> None:
    said = Known(order("2023-01-09", "2024-01-08", work(45)), course("2023-02-01", 541)).on("2024-01-01")
    assert [(e.minutes, e.as_) for e in said.of(UnpaidWorkCredited)] == [
        (540, "employment_training_education")
    ]
    assert [e.cap_minutes for e in said.of(EmploymentCapExceeded)] == [540]


def test_exactly_the_cap_is_allowed() -> None:
    said = Known(order("2023-01-09", "2024-01-08", work(45)), course("2023-02-01", 540)).on("2024-01-01")
    assert [e.minutes for e in said.of(UnpaidWorkCredited)] == [540]
    assert said.of(EmploymentCapExceeded) == []


def test_work_is_not_capped_and_both_count_in_the_total() -> None:
    facts = [E38, course("2027-01-11", 1440), session("2027-01-12", 60), course("2027-01-13", 600)]
    said = Known(*facts).on("2027-06-01")
    assert [(e.as_, e.minutes, e.worked_minutes) for e in said.of(UnpaidWorkCredited)] == [
        ("employment_training_education", 1440, 1440),
        ("work", 60, 1500),
        ("employment_training_education", 360, 1860),
    ]


def test_what_no_hours_are_left_for_does_not_pass_the_cap() -> None:
    facts = [
        order("2027-01-04", "2028-01-03", work(40)),
        session("2027-01-11", 1440),
        session("2027-01-12", 900),
    ]
    said = Known(*facts, course("2027-01-13", 1000)).on("2027-06-01")
    assert [e.minutes for e in said.of(UnpaidWorkCredited)] == [1440, 900, 60]
    assert said.of(EmploymentCapExceeded) == []


# variation and concurrent orders


def test_a_variation_keeps_what_was_done_and_sets_a_new_maximum() -> None:
    facts = [
        order("2027-01-04", "2028-01-03", work(40)),
        session("2027-01-11", 1000),
        varied("2027-02-01", "2028-06-30", work(60)),
        session("2027-02-01", 1000),
        session("2028-02-01", 1000),
        session("2028-02-02", 1000),
    ]
    assert credited(*facts, today="2028-12-31") == [
        ("P-2027-01-11", 1000, 1000, 2400),
        ("P-2027-02-01", 1000, 2000, 3600),
        ("P-2028-02-01", 1000, 3000, 3600),
        ("P-2028-02-02", 600, 3600, 3600),
    ]


def test_work_under_a_requirement_taken_off_the_list_does_not_count() -> None:
    facts = [E38, session("2027-01-11", 100), varied("2027-02-01", "2027-12-23", rar(5, "R2"))]
    assert credited(*facts, session("2027-02-01", 100)) == [("P-2027-01-11", 100, 100, 6000)]


def test_concurrent_hours_count_for_both_orders_and_no_others() -> None:
    second = order("2027-02-01", "2028-01-31", work(50, "R2", concurrent_with="R1"), id="S2")
    third = order("2027-02-01", "2028-01-31", work(50, "R3"), id="S3")
    said = Known(E38, second, third, session("2027-01-11", 100), session("2027-02-08", 200)).on("2027-06-01")
    assert [
        (f.key, f.event.requirement_id, f.event.worked_minutes) for f in said.findings(UnpaidWorkCredited)
    ] == [
        ("P-2027-01-11", "R1", 100),
        ("P-2027-02-08", "R1", 300),
        ("P-2027-02-08/R2", "R2", 200),
    ]


def test_concurrency_works_both_ways_and_started_both() -> None:
    second = order("2026-12-24", "2027-12-23", work(50, "R2", concurrent_with="R1"), id="S2")
    said = Known(E38, second, session("2027-01-11", 100, sentence="S2", requirement="R2")).on("2027-06-01")
    assert [e.requirement_id for e in said.of(UnpaidWorkCredited)] == ["R1", "R2"]
    assert [e.requirement_id for e in said.of(InterventionStarted)] == ["R1", "R2"]
    assert said.of(UnpaidWorkStartOverdue) == []


def test_work_for_an_order_that_has_ended_does_not_count_for_a_concurrent_one() -> None:
    second = order("2026-12-24", "2027-12-23", work(50, "R2", concurrent_with="R1"), id="S2")
    assert credited(E38, second, revoked("2027-01-10"), session("2027-01-11", 100)) == []


def test_requirements_of_two_sentences_may_share_an_id() -> None:
    second = order("2027-01-04", "2028-01-03", work(50), id="S2")
    said = Known(E38, second, session("2027-01-11", 100, sentence="S2")).on("2027-06-01")
    assert [e.ordered_minutes for e in said.of(UnpaidWorkCredited)] == [3000]
    assert [(f.key, f.event.sentence_id) for f in said.findings(UnpaidWorkStartOverdue)] == [("R1", "S1")]
