"""UPW-6, 7, 12, 13, 18: what counts as unpaid work, and for which order."""

from __future__ import annotations

import pytest

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

ENDS = "2027-12-23"
E38 = f.order("2026-12-24", ENDS, "unpaid_work 100")
FORTY = f.order("2027-01-04", "2028-01-03", "unpaid_work 40")
FORTY_FIVE = f.order("2023-01-09", "2024-01-08", "unpaid_work 45")
LATE = "2030-01-01"


def credited(*facts: f.Fact) -> list[tuple[str, int, int, int]]:
    """Session, minutes credited, total and minutes ordered of each credit."""
    events = on(LATE, SERVICE, *facts).open("UnpaidWorkCredited").values()
    return [(e.session_id, e.minutes, e.worked_minutes, e.ordered_minutes) for e in events]


# -- UPW-12, 13, 18: credit --------------------------------------------------------------------------


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
    outcome: str, reason: str | None, minutes: int | None
) -> None:
    held = f.work("2027-01-08", outcome, minutes=300, acceptable_reason=reason)
    assert credited(E38, held) == ([] if minutes is None else [("P-2027-01-08", minutes, minutes, 6000)])


def test_totals_follow_the_order_of_the_days_then_of_the_ids() -> None:
    sessions = [
        f.work("2027-02-01", id="P1", minutes=60),
        f.work("2027-01-08", id="P9", minutes=100),
        f.work("2027-01-08", id="P2", minutes=50),
    ]
    assert credited(E38, *sessions) == [("P2", 50, 50, 6000), ("P9", 100, 150, 6000), ("P1", 60, 210, 6000)]


def test_credit_is_never_more_than_remains() -> None:
    days = ["2027-01-11", "2027-01-18", "2027-01-25", "2027-02-01"]
    assert credited(FORTY, *(f.work(day, minutes=1000) for day in days)) == [
        ("P-2027-01-11", 1000, 1000, 2400),
        ("P-2027-01-18", 1000, 2000, 2400),
        ("P-2027-01-25", 400, 2400, 2400),
    ]


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(f.work("2026-12-23"), id="the day before sentence"),
        pytest.param(f.work("2027-12-24"), id="the day after the end"),
        pytest.param(f.work("2027-01-08", requirement="R7"), id="an unknown requirement"),
        pytest.param(f.work("2027-01-08", sentence="S7"), id="an unknown sentence"),
        pytest.param(f.session("2027-01-08", requirement="UPW"), id="not unpaid work"),
    ],
)
def test_what_is_not_work_under_the_requirement_credits_nothing(held: f.Fact) -> None:
    assert credited(E38, held) == []


@table(
    """
    | case                      | requires                           | of      |
    | the only unpaid work      | rar, unpaid_work                   | ["UPW"] |
    | which of two is not known | unpaid_work, unpaid_work 60 UPW2   | []      |
    | there is none             | rar                                | []      |
    """,
)
def test_hours_that_name_neither_requirement_nor_referral_are_of_the_only_unpaid_work(
    requires: str, of: list[str]
) -> None:
    case = on(LATE, SERVICE, f.order("2026-12-24", ENDS, requires), f.work("2027-01-08", requirement=None))
    assert [event.requirement_id for event in case.open("UnpaidWorkCredited").values()] == of


@pytest.mark.parametrize("day", ["2026-12-24", ENDS], ids=["the day of sentence", "the last day"])
def test_work_on_the_first_and_last_day_counts(day: str) -> None:
    assert [minutes for _, minutes, _, _ in credited(E38, f.work(day))] == [420]


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        (f.revoked("2027-02-01"), True),
        (f.revoked("2027-01-31"), False),
        (f.died("2027-01-31"), False),
        (f.ended("2027-01-31"), False),
    ],
)
def test_work_after_the_end_of_the_order_does_not_count(end: f.Fact, counts: bool) -> None:
    assert bool(credited(E38, end, f.work("2027-02-01"))) is counts


@table(
    """
    | case                                  | facts                                           | referral | counts |
    | the requirement's own                 |                                                 | UPW      | True   |
    | one asked for to meet the requirement | 2026-12-28 referral asked F1 requirement_id=UPW | F1       | True   |
    | one asked for to meet none            | 2026-12-28 referral asked F1                    | F1       | False  |
    | one that is not known                 |                                                 | F1       | False  |
    """,  # noqa: E501
)
def test_a_session_names_its_requirement_by_its_referral_as_well(
    referral: str, facts: list[f.Fact], counts: bool
) -> None:
    held = f.work("2027-01-08", requirement=None, referral_id=referral)
    assert bool(credited(E38, *facts, held)) is counts


# -- UPW-6, 7: education, training and employment ----------------------------------------------------


@table(
    """
    | case                                             | credits                                         | caps                                         | facts |
    | E43: 20 percent of 150 hours until April 2024    | [("employment_training_education", 900, 900),   | {"P-2024-04-30": 1800}                       | 2024-01-08 order ends=2025-01-07 requires="unpaid_work 150" |
    |                                                  | ("employment_training_education", 900, 1800)]   |                                              | 2024-04-15, 2024-04-16, 2024-04-30 learning minutes=900 |
    | E43: 30 percent from May                         | [("employment_training_education", 900, 900),   | {"P-2024-04-30": 1800, "P-2024-05-01": 2700} | 2024-01-08 order ends=2025-01-07 requires="unpaid_work 150" |
    |                                                  | ("employment_training_education", 900, 1800),   |                                              | 2024-04-15, 2024-04-16, 2024-04-30 learning minutes=900 |
    |                                                  | ("employment_training_education", 900, 2700)]   |                                              | 2024-05-01 learning minutes=901 |
    | E43: 20 percent of 45 hours are 9 hours          | [("employment_training_education", 540, 540)]   | {"P-2023-02-01": 540}                        | FORTY_FIVE; 2023-02-01 learning minutes=541 |
    | exactly the cap is allowed                       | [("employment_training_education", 540, 540)]   | {}                                           | FORTY_FIVE; 2023-02-01 learning minutes=540 |
    | work is not capped, and both count in the total  | [("employment_training_education", 1440, 1440), | {"P-2027-01-13": 1800}                       | E38; 2027-01-11 learning minutes=1440 |
    |                                                  | ("work", 60, 1500),                             |                                              | 2027-01-12 work minutes=60; 2027-01-13 learning minutes=600 |
    |                                                  | ("employment_training_education", 360, 1860)]   |                                              | |
    | what no hours are left for does not pass the cap | [("work", 1440, 1440), ("work", 900, 2340),     | {}                                           | FORTY; 2027-01-11 work minutes=1440 |
    |                                                  | ("employment_training_education", 60, 2400)]    |                                              | 2027-01-12 work minutes=900 |
    |                                                  |                                                 |                                              | 2027-01-13 learning minutes=1000 |
    """,  # noqa: E501
    FORTY_FIVE=FORTY_FIVE,
    E38=E38,
    FORTY=FORTY,
)
def test_education_training_and_employment_count_up_to_their_share(
    facts: list[f.Fact], credits: list[tuple[str, int, int]], caps: dict[str, int]
) -> None:
    case = on(LATE, SERVICE, *facts)
    found = case.open("UnpaidWorkCredited").values()
    assert [(event.as_, event.minutes, event.worked_minutes) for event in found] == credits
    exceeded = case.open("EmploymentCapExceeded")
    assert {key: event.cap_minutes for key, event in exceeded.items()} == caps
    assert all(event.requirement_id == "UPW" and event.session_id == key for key, event in exceeded.items())


# -- variations and concurrent orders ----------------------------------------------------------------


def test_a_variation_keeps_what_was_done_and_sets_a_new_maximum() -> None:
    days = ["2027-01-11", "2027-02-01", "2028-02-01", "2028-02-02"]
    varied = f.varied("2027-02-01", "2028-06-30", "unpaid_work 60")
    assert credited(FORTY, varied, *(f.work(day, minutes=1000) for day in days)) == [
        ("P-2027-01-11", 1000, 1000, 2400),
        ("P-2027-02-01", 1000, 2000, 3600),
        ("P-2028-02-01", 1000, 3000, 3600),
        ("P-2028-02-02", 600, 3600, 3600),
    ]


def test_work_under_a_requirement_taken_off_the_list_does_not_count() -> None:
    sessions = [f.work("2027-01-11", minutes=100), f.work("2027-02-01", minutes=100)]
    assert credited(E38, f.varied("2027-02-01", ENDS, "rar 5"), *sessions) == [
        ("P-2027-01-11", 100, 100, 6000)
    ]


CONCURRENT = f.order("2026-12-24", ENDS, "unpaid_work 50 UPW2 concurrent_with=UPW", id="S2")


def test_concurrent_hours_count_for_both_orders_and_no_others() -> None:
    second = f.order("2027-02-01", None, "unpaid_work 50 UPW2 concurrent_with=UPW", id="S2")
    third = f.order("2027-02-01", None, "unpaid_work 50 UPW3", id="S3")
    sessions = [f.work("2027-01-11", minutes=100), f.work("2027-02-08", minutes=200)]
    credits = on("2027-06-01", SERVICE, E38, second, third, *sessions).open("UnpaidWorkCredited")
    assert {key: (event.requirement_id, event.worked_minutes) for key, event in credits.items()} == {
        "P-2027-01-11": ("UPW", 100),
        "P-2027-02-08": ("UPW", 300),
        "P-2027-02-08/UPW2": ("UPW2", 200),
    }


def test_concurrency_works_both_ways_and_started_both() -> None:
    held = f.work("2027-01-11", minutes=100, sentence="S2", requirement="UPW2")
    case = on("2027-06-01", SERVICE, E38, CONCURRENT, held)
    assert [e.requirement_id for e in case.open("UnpaidWorkCredited").values()] == ["UPW", "UPW2"]
    assert list(case.open("InterventionStarted")) == ["UPW", "UPW2"]
    assert case.open("UnpaidWorkStartOverdue") == {}


def test_work_for_an_order_that_has_ended_does_not_count_for_a_concurrent_one() -> None:
    assert credited(E38, CONCURRENT, f.revoked("2027-01-10"), f.work("2027-01-11", minutes=100)) == []


def test_requirements_of_two_sentences_may_share_an_id() -> None:
    second = f.order("2027-01-04", None, "unpaid_work 50", id="S2")
    held = f.work("2027-01-11", minutes=100, sentence="S2")
    case = on("2027-06-01", SERVICE, E38, second, held)
    assert case.one("UnpaidWorkCredited").ordered_minutes == 3000
    overdue = case.open("UnpaidWorkStartOverdue")
    assert {key: event.sentence_id for key, event in overdue.items()} == {"UPW": "S1"}
