"""UPW-1, 2, 6, 7, 12, 13, 18: unpaid work."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.envelope import Data
from schemas.referrals import (
    EmploymentCapExceeded,
    InterventionStarted,
    RequirementCompleted,
    ReturnToCourtRequired,
    UnpaidWorkCredited,
    UnpaidWorkStartOverdue,
)
from tests.referrals.facts import (
    Known,
    course,
    custodial,
    day,
    died,
    ended,
    left,
    order,
    rar,
    released,
    requested,
    revoked,
    session,
    taken,
    varied,
    work,
)

E38 = order("2026-12-24", "2027-12-23", work(100))
"""Sentenced on Christmas Eve 2026: unpaid work starts by 26 January 2027."""


def overdue(today: str, *facts: Data) -> list[str]:
    return [str(e.due_on) for e in Known(*facts).on(today).of(UnpaidWorkStartOverdue)]


def credited(*facts: Data, today: str = "2030-01-01") -> list[tuple[str, int, int, int]]:
    """Session, minutes credited, total and minutes ordered of each credit."""
    events = Known(*facts).on(today).of(UnpaidWorkCredited)
    return [(e.session_id, e.minutes, e.worked_minutes, e.ordered_minutes) for e in events]


# UPW-1


@pytest.mark.parametrize(
    ("today", "facts", "due"),
    [
        pytest.param("2027-01-26", [], [], id="E38: 26 January is the last day in time"),
        pytest.param("2027-01-27", [], ["2027-01-26"], id="E38: not started by 26 January is overdue"),
        pytest.param("2027-01-27", [session("2027-01-26")], [], id="a start on the last day is in time"),
        pytest.param(
            "2027-03-01",
            [session("2027-01-27")],
            ["2027-01-26"],
            id="a start the day after stays late for good",
        ),
        pytest.param(
            "2027-03-01",
            [session("2027-01-20", outcome="unacceptable_absence")],
            ["2027-01-26"],
            id="an absence is no start",
        ),
        pytest.param(
            "2027-03-01",
            [session("2027-01-20", 0, outcome="acceptable_absence", reason="stood_down")],
            ["2027-01-26"],
            id="a stand-down is no start",
        ),
        pytest.param("2027-03-01", [course("2027-01-20")], ["2027-01-26"], id="a course is not work"),
        pytest.param("2027-03-01", [session("2026-12-23")], ["2027-01-26"], id="before sentence is no start"),
        pytest.param("2027-03-01", [revoked("2027-01-26")], [], id="revoked on the due date"),
        pytest.param("2027-03-01", [revoked("2027-01-27")], ["2027-01-26"], id="revoked when it was late"),
        pytest.param("2027-03-01", [revoked("2027-01-10", reason="quashed")], [], id="quashed before"),
        pytest.param("2027-03-01", [died("2027-01-20")], [], id="no deadline after death"),
        pytest.param("2027-03-01", [ended("2027-01-20")], [], id="no deadline after supervision ended"),
        pytest.param(
            "2027-03-01",
            [varied("2027-01-15", "2027-12-23", rar(5, "R2"))],
            [],
            id="taken off the list before",
        ),
        pytest.param(
            "2027-03-01",
            [varied("2027-01-27", "2027-12-23", rar(5, "R2"))],
            ["2027-01-26"],
            id="taken off the list when it was late",
        ),
        pytest.param(
            "2027-03-01", [varied("2027-01-10", "2027-01-26")], [], id="the order ends on the due date"
        ),
        # 4, 5 and 6 January don't count (custody), nor does the day of leaving.
        pytest.param(
            "2027-01-29", [taken("2027-01-04"), left("2027-01-06")], [], id="custody pauses: in time"
        ),
        pytest.param(
            "2027-01-30",
            [taken("2027-01-04"), left("2027-01-06")],
            ["2027-01-29"],
            id="custody pauses: three business days later",
        ),
        pytest.param(
            "2027-03-01",
            [taken("2027-01-02"), left("2027-01-04")],
            ["2027-01-27"],
            id="the day of leaving custody does not count",
        ),
        pytest.param("2028-03-01", [taken("2027-01-04")], [], id="nothing falls due while in custody"),
        pytest.param(
            "2028-03-01", [taken("2027-01-04"), left("2150-01-04")], [], id="nor while leaving lies far ahead"
        ),
        pytest.param(
            "2028-03-01",
            [taken("2027-01-25"), released("2027-01-25", "2028-01-01", id="S9")],
            [],
            id="a release on the day of being taken in was before it",
        ),
        pytest.param(
            "2027-03-01",
            [taken("2026-12-01"), left("2026-12-24")],
            ["2027-01-26"],
            id="released on the day of sentence",
        ),
        pytest.param("2027-03-01", [taken("2027-02-01")], ["2027-01-26"], id="custody after the due date"),
        pytest.param(
            "2027-03-01",
            [taken("2027-01-25"), released("2027-01-26", "2028-01-01", id="S9")],
            ["2027-01-28"],
            id="a release ends a stay in custody of which no end was recorded",
        ),
    ],
)
def test_unpaid_work_starts_within_20_business_days(today: str, facts: list[Data], due: list[str]) -> None:
    assert overdue(today, E38, *facts) == due


def test_work_added_by_a_variation_has_its_days_from_then() -> None:
    facts = [order("2026-06-01", "2027-05-31", rar(5, "R2")), varied("2026-12-24", "2027-05-31", work(60))]
    assert overdue("2027-01-26", *facts) == []
    assert overdue("2027-01-27", *facts) == ["2027-01-26"]


def test_days_before_any_calendar_have_no_deadline() -> None:
    assert overdue("2027-06-01", order("1985-01-07", "1987-01-06", work(40))) == []


def test_a_licence_has_no_deadline_for_unpaid_work() -> None:
    assert (
        overdue("2027-06-01", custodial("2026-12-24", work(60)), released("2026-12-24", "2027-12-24")) == []
    )


def test_work_has_started_with_the_first_session_worked() -> None:
    said = Known(
        E38, course("2027-01-04"), session("2027-01-11", outcome="sent_home_service"), session("2027-01-08")
    ).on("2027-03-01")
    assert said.of(InterventionStarted) == [
        InterventionStarted(referral_id="R1", requirement_id="R1", started_on=day("2027-01-08"))
    ]


def test_work_has_not_started_without_a_minute_worked() -> None:
    assert Known(E38, session("2027-01-08", 0)).on("2027-03-01").of(InterventionStarted) == []


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


# UPW-2: twelve months

YEAR = order("2024-02-01", "2025-07-31", work(40))
"""Twelve months beginning with 1 February 2024 end on 31 January 2025."""


def returns(today: str, *facts: Data) -> list[str | None]:
    return [f.closed for f in Known(*facts).on(today).findings(ReturnToCourtRequired)]


@pytest.mark.parametrize(
    ("today", "facts", "closed"),
    [
        pytest.param("2025-01-31", [], [], id="the last day of the twelve months"),
        pytest.param("2025-02-01", [], [None], id="not worked out in twelve months"),
        pytest.param(
            "2025-02-01",
            [session(f"2025-01-3{d}", 1200) for d in (0, 1)],
            [],
            id="worked out on the last day",
        ),
        pytest.param(
            "2025-02-20",
            [session("2025-01-30", 1200), session("2025-02-01", 1200)],
            ["resolved"],
            id="worked out the day after: resolved, but it was late",
        ),
        pytest.param(
            "2025-02-20",
            [varied("2025-02-15", "2025-07-31", work(40))],
            ["resolved"],
            id="the court has dealt with it",
        ),
        pytest.param(
            "2025-02-20", [varied("2025-01-31", "2025-07-31", work(40))], [None], id="varied on the last day"
        ),
        pytest.param(
            "2025-02-20",
            [revoked("2025-02-10"), varied("2025-02-15", "2025-07-31", work(40))],
            ["ended"],
            id="varied when it had been revoked",
        ),
        pytest.param(
            "2025-02-20", [varied("2025-01-15", "2025-07-31", work(40))], [None], id="varied before"
        ),
        pytest.param("2025-02-20", [revoked("2025-02-20")], ["ended"], id="revoked"),
        pytest.param("2025-02-19", [revoked("2025-02-20")], [None], id="to be revoked"),
        pytest.param("2025-02-20", [revoked("2025-01-31")], [], id="revoked on the last day"),
        pytest.param("2025-02-20", [died("2025-01-01")], [], id="dead before"),
        pytest.param("2025-08-01", [], ["ended"], id="the order has run out"),
        pytest.param("2025-07-31", [], [None], id="the order's last day"),
        pytest.param(
            "2025-02-20", [varied("2025-01-15", "2025-07-31", rar(5, "R2"))], [], id="taken off the list"
        ),
    ],
)
def test_work_not_done_in_twelve_months_returns_to_court(
    today: str, facts: list[Data], closed: list[str | None]
) -> None:
    assert returns(today, YEAR, *facts) == closed


def test_the_court_may_revoke_or_extend() -> None:
    event = Known(YEAR).on("2025-03-01").of(ReturnToCourtRequired)[0]
    assert event.options == ["revoke_and_resentence", "extend"]


def test_from_11_may_2026_work_may_take_the_whole_order() -> None:
    # Twelve months that end on 10 May 2026, the last day of the limit, and on 11 May, the first without it.
    assert returns("2026-06-01", order("2025-05-11", "2026-12-31", work(40))) == [None]
    assert returns("2026-06-01", order("2025-05-12", "2026-12-31", work(40))) == []


def test_a_leap_day_order_has_until_28_february() -> None:
    # SH-4, on an order made when the limit held.
    assert returns("2025-02-28", order("2024-02-29", "2025-07-31", work(40))) == []
    assert returns("2025-03-01", order("2024-02-29", "2025-07-31", work(40))) == [None]


# RAR-6 for unpaid work


def completed(*facts: Data, today: str = "2030-01-01") -> list[tuple[str, int | None]]:
    events = Known(*facts).on(today).of(RequirementCompleted)
    return [(str(e.completed_on), e.amount) for e in events]


def test_unpaid_work_is_completed_when_the_last_minute_is_credited() -> None:
    facts = [order("2027-01-04", "2028-01-03", work(40)), session("2027-01-11", 1200)]
    assert completed(*facts, session("2027-01-12", 1199)) == []
    assert completed(*facts, session("2027-01-12", 1200)) == [("2027-01-12", 2400)]
    assert completed(*facts, session("2027-01-12", 1440)) == [("2027-01-12", 2400)]


def test_courses_alone_never_complete_unpaid_work() -> None:
    # UPW-9: it keeps its punitive part.
    facts = [
        order("2027-01-04", "2028-01-03", work(40)),
        *(course(f"2027-02-{d}", 1440) for d in range(10, 28)),
    ]
    assert completed(*facts) == []


def test_a_variation_to_fewer_hours_completes_what_was_done() -> None:
    facts = [
        order("2027-01-04", "2028-01-03", work(100)),
        *(session(f"2027-01-{d}", 1000) for d in (11, 12, 13)),
    ]
    assert completed(*facts, varied("2027-03-01", "2028-01-03", work(50))) == [("2027-03-01", 3000)]


def test_a_variation_to_more_hours_reopens_the_requirement() -> None:
    done = [order("2027-01-04", "2028-01-03", work(40)), *(session(f"2027-01-{d}", 1200) for d in (11, 12))]
    more = varied("2027-03-01", "2028-01-03", work(50))
    assert completed(*done, more, today="2027-02-28") == [("2027-01-12", 2400)]
    assert completed(*done, more) == []
    assert completed(*done, more, session("2027-03-08", 600)) == [("2027-03-08", 3000)]


def test_what_was_completed_stays_so_when_taken_off_the_list_or_revoked() -> None:
    done = [order("2027-01-04", "2028-01-03", work(40)), *(session(f"2027-01-{d}", 1200) for d in (11, 12))]
    assert completed(*done, varied("2027-03-01", "2028-01-03", rar(5, "R2"))) == [("2027-01-12", 2400)]
    assert completed(*done, revoked("2027-03-01")) == [("2027-01-12", 2400)]


def test_a_variation_after_revocation_completes_nothing() -> None:
    facts = [order("2027-01-04", "2028-01-03", work(40)), session("2027-01-11", 1000), revoked("2027-03-01")]
    assert completed(*facts, varied("2027-03-02", "2028-01-03", work(10))) == []


def test_no_hours_ordered_are_no_hours_done() -> None:
    assert completed(order("2027-01-04", "2028-01-03", work(0)), session("2027-01-11", 1000)) == []
