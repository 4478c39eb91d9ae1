"""RAR-6, UPW-14 and the referrals that requirements lead to."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.envelope import Data
from schemas.referrals import ReferralMade, RequirementCompleted, RequirementInvalid
from tests.referrals.facts import (
    Known,
    activity,
    contact,
    custodial,
    day,
    died,
    ended,
    order,
    rar,
    released,
    requirement,
    revoked,
    session,
    varied,
    work,
)

# Referrals


@pytest.mark.parametrize(
    ("kind", "referral"),
    [
        ("unpaid_work", "unpaid_work"),
        ("accredited_programme", "accredited_programme"),
        ("mental_health_treatment", "treatment"),
        ("drug_rehabilitation", "treatment"),
        ("alcohol_treatment", "treatment"),
        ("rar", None),
        ("curfew", None),
        ("other", None),
    ],
)
def test_a_requirement_that_needs_an_intervention_leads_to_a_referral(
    kind: Any, referral: str | None
) -> None:
    said = Known(order("2026-01-05", "2027-01-04", requirement(kind, 100))).on("2026-01-05")
    assert [e.kind for e in said.of(ReferralMade)] == ([referral] if referral else [])


def test_a_referral_is_made_on_the_day_of_sentence_and_names_the_cohorts() -> None:
    sentence = order(
        "2026-01-05", "2027-01-04", work(100), sex="female", cohorts=["young_adult", "care_leaver"]
    )
    assert Known(sentence).on("2026-02-01").of(ReferralMade) == [
        ReferralMade(
            referral_id="R1",
            sentence_id="S1",
            requirement_id="R1",
            kind="unpaid_work",
            cohorts=["care_leaver", "young_adult", "women"],
            desired_outcomes=[],
            made_on=day("2026-01-05"),
        )
    ]


def made(today: str, *facts: Data) -> list[tuple[str, str]]:
    return [(e.referral_id, str(e.made_on)) for e in Known(*facts).on(today).of(ReferralMade)]


def test_a_requirement_added_by_a_variation_is_referred_on_its_day() -> None:
    facts = [
        order("2026-01-05", "2027-01-04", work(100)),
        varied("2026-03-02", "2027-01-04", work(100), requirement("alcohol_treatment", None, "R2")),
    ]
    assert made("2026-03-01", *facts) == [("R1", "2026-01-05")]
    assert made("2026-03-02", *facts) == [("R1", "2026-01-05"), ("R2", "2026-03-02")]


def test_what_the_court_changed_on_the_day_of_sentence_was_never_ordered() -> None:
    facts = [order("2026-01-05", "2027-01-04", work(30)), varied("2026-01-05", "2027-01-04", work(60, "R2"))]
    assert made("2026-06-01", *facts) == [("R2", "2026-01-05")]
    assert invalid(*facts) == []
    assert invalid(facts[0], varied("2026-01-05", "2027-01-04", work(60))) == []


def test_a_referral_made_stays_on_record_when_the_requirement_is_taken_off_or_the_order_revoked() -> None:
    sentence = order("2026-01-05", "2027-01-04", work(100))
    assert made("2026-06-01", sentence, varied("2026-03-02", "2027-01-04")) == [("R1", "2026-01-05")]
    assert made("2026-06-01", sentence, revoked("2026-03-02", reason="quashed")) == [("R1", "2026-01-05")]


def test_nothing_is_referred_for_who_died_before() -> None:
    assert made("2026-06-01", order("2026-01-05", "2027-01-04", work(100)), died("2026-01-04")) == []


def test_a_variation_after_the_end_changes_nothing() -> None:
    facts = [order("2026-01-05", "2027-01-04", work(100)), varied("2027-01-05", "2028-01-04", work(99, "R2"))]
    assert made("2027-06-01", *facts) == [("R1", "2026-01-05")]
    assert made(
        "2026-06-01", *facts[:1], varied("2026-03-03", "2027-01-04", work(99, "R2")), died("2026-03-02")
    ) == [("R1", "2026-01-05")]


def test_a_requirement_of_a_licence_is_referred_on_release() -> None:
    facts = [custodial("2026-01-05", requirement("drug_rehabilitation", None))]
    assert made("2026-06-01", *facts) == []
    assert made("2026-06-01", *facts, released("2026-03-02", "2027-01-04")) == [("R1", "2026-03-02")]


# RequirementInvalid


def invalid(*facts: Data, today: str = "2026-12-01") -> list[tuple[str, str]]:
    return [(e.requirement_id, e.reason) for e in Known(*facts).on(today).of(RequirementInvalid)]


@pytest.mark.parametrize(
    ("ordered", "reason"),
    [
        (work(39), "hours_below_40"),
        (work(40), None),
        (work(300), None),
        (work(301), "hours_above_300"),
        (rar(0), "rar_below_1"),
        (rar(1), None),
        (rar(400), None),
        (requirement("accredited_programme", 0), None),
    ],
)
def test_hours_are_40_to_300_and_rar_days_at_least_1(ordered: Any, reason: str | None) -> None:
    assert invalid(order("2026-01-05", "2027-01-04", ordered)) == ([("R1", reason)] if reason else [])


def test_orders_made_on_one_day_have_at_most_300_hours_in_all() -> None:
    first = order("2026-01-05", "2027-01-04", work(200))
    second = order("2026-01-05", "2027-01-04", work(101, "R2"), id="S2")
    assert invalid(first, second) == [("R1", "hours_above_300"), ("R2", "hours_above_300")]
    assert invalid(first, order("2026-01-05", "2027-01-04", work(100, "R2"), id="S2")) == []
    assert invalid(first, order("2026-01-06", "2027-01-04", work(101, "R2"), id="S2")) == []


def test_hours_of_a_variation_are_not_of_the_occasion() -> None:
    earlier = [order("2026-01-05", "2027-01-04", work(100)), varied("2026-03-02", "2027-01-04", work(100))]
    same_day = [order("2026-03-02", "2027-03-01", work(200, f"R{n}"), id=f"S{n}") for n in (2, 3)]
    assert [requirement_id for requirement_id, _ in invalid(*earlier, *same_day)] == ["R2", "R3"]


def test_concurrent_hours_count_once_towards_300() -> None:
    first = order("2026-01-05", "2027-01-04", work(200))
    concurrent = order("2026-01-05", "2027-01-04", work(250, "R2", concurrent_with="R1"), id="S2")
    assert invalid(first, concurrent) == []
    third = order("2026-01-05", "2027-01-04", work(51, "R3"), id="S3")
    assert [requirement_id for requirement_id, _ in invalid(first, concurrent, third)] == ["R1", "R2", "R3"]


def test_a_variation_may_make_it_invalid_and_never_unmakes_it() -> None:
    good, bad = order("2026-01-05", "2027-01-04", work(100)), order("2026-01-05", "2027-01-04", work(30))
    assert invalid(good, varied("2026-03-02", "2027-01-04", work(301)), today="2026-03-01") == []
    assert invalid(good, varied("2026-03-02", "2027-01-04", work(301))) == [("R1", "hours_above_300")]
    assert invalid(bad, varied("2026-03-02", "2027-01-04", work(60))) == [("R1", "hours_below_40")]
    assert invalid(bad, varied("2026-03-02", "2027-01-04", work(301))) == [("R1", "hours_above_300")]


# RAR-6


def completions(today: str, *facts: Data) -> list[tuple[str, str, int | None]]:
    events = Known(*facts).on(today).of(RequirementCompleted)
    return [(e.kind, str(e.completed_on), e.amount) for e in events]


@pytest.mark.parametrize(
    "kind",
    ["accredited_programme", "mental_health_treatment", "drug_rehabilitation", "alcohol_treatment", "other"],
)
def test_what_is_counted_in_sessions_is_completed_with_the_last_one_attended(kind: Any) -> None:
    facts = [
        order("2026-01-05", "2027-01-04", requirement(kind, 3)),
        activity("2026-02-02", id="P1"),
        activity("2026-02-02", id="P2"),
        activity("2026-02-03", "failed_to_comply"),
        activity("2026-02-04", "acceptable_absence", reason="medical"),
        activity("2026-01-04", id="P0"),
        contact("2026-02-05"),
        session("2026-02-06"),
    ]
    assert completions("2027-02-01", *facts) == []
    last = [activity("2026-02-09"), activity("2026-02-16")]
    assert completions("2027-02-01", *facts, *last) == [(kind, "2026-02-09", 3)]


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("curfew", None),
        ("curfew", 60),
        ("other", None),
        ("accredited_programme", None),
        ("alcohol_treatment", None),
    ],
)
def test_what_is_not_counted_is_completed_with_the_term_of_the_order(kind: Any, amount: int | None) -> None:
    sentence = order("2026-01-05", "2027-01-04", requirement(kind, amount))
    assert completions("2027-01-04", sentence) == []
    assert completions("2027-01-05", sentence) == [(kind, "2027-01-04", None)]
    assert completions("2030-01-04", sentence) == [(kind, "2027-01-04", None)]


@pytest.mark.parametrize(
    ("facts", "on"),
    [
        pytest.param([revoked("2027-01-03")], None, id="revoked the day before"),
        pytest.param([revoked("2027-01-04")], None, id="revoked on the last day"),
        pytest.param([revoked("2026-06-01", reason="quashed")], None, id="quashed"),
        pytest.param([revoked("2027-01-05")], "2027-01-04", id="revoked when it was over"),
        pytest.param([died("2027-01-04")], None, id="died on the last day"),
        pytest.param([died("2027-01-05")], "2027-01-04", id="died afterwards"),
        pytest.param([ended("2026-12-01")], None, id="supervision ended before"),
        pytest.param([ended("2027-01-04", "expired")], "2027-01-04", id="supervision ran out"),
        pytest.param([ended("2027-01-04")], None, id="completed on the last day"),
        pytest.param([varied("2026-06-01", "2027-01-04")], None, id="taken off the list"),
        pytest.param(
            [varied("2026-06-01", "2026-05-01", requirement("curfew", None))],
            "2026-06-01",
            id="shortened to a day before the hearing",
        ),
        pytest.param(
            [varied("2026-06-01", "2027-03-31", requirement("curfew", None))], "2027-03-31", id="extended"
        ),
    ],
)
def test_a_term_is_reached_only_by_an_order_that_ran_out(facts: list[Data], on: str | None) -> None:
    sentence = order("2026-01-05", "2027-01-04", requirement("curfew", None))
    expected = [("curfew", on, None)] if on else []
    assert completions("2027-06-01", sentence, *facts) == expected


def test_a_licence_is_no_term_of_a_requirement() -> None:
    facts = [custodial("2026-01-05", requirement("curfew", None)), released("2026-03-02", "2026-12-31")]
    assert completions("2027-06-01", *facts) == []


def test_each_requirement_of_an_order_is_completed_by_itself() -> None:
    sentence = order("2026-01-05", "2027-01-04", rar(1), requirement("curfew", None, "R2"), work(40, "R3"))
    assert completions("2027-06-01", sentence, activity("2026-02-02")) == [
        ("rar", "2026-02-02", 1),
        ("curfew", "2027-01-04", None),
    ]


# For the people who query the cases


@pytest.mark.parametrize(
    ("today", "facts", "status", "region"),
    [
        ("2026-01-04", [order("2026-01-05", "2027-01-04")], "not_begun", None),
        ("2026-01-05", [order("2026-01-05", "2027-01-04")], "open", "london"),
        ("2027-01-04", [order("2026-01-05", "2027-01-04")], "open", "london"),
        ("2027-01-05", [order("2026-01-05", "2027-01-04")], "closed", None),
        ("2026-06-01", [order("2026-01-05", "2027-01-04"), revoked("2026-06-01")], "closed", None),
        ("2026-06-01", [order("2026-01-05", "2027-01-04"), died("2026-06-02")], "open", "london"),
        ("2026-06-01", [custodial("2026-01-05")], "not_begun", None),
        ("2026-06-01", [custodial("2026-01-05"), released("2026-06-01", "2026-09-01")], "open", "london"),
        ("2026-10-01", [custodial("2026-01-05"), released("2026-06-01", "2026-09-01")], "closed", None),
        (
            "2026-10-01",
            [custodial("2026-01-05"), released("2026-06-01", "2026-09-01", "2026-11-01")],
            "open",
            "london",
        ),
        ("2026-10-01", [released("2026-06-01", "2027-09-01")], "", None),
    ],
)
def test_a_case_is_open_while_a_sentence_is_live(
    today: str, facts: list[Data], status: str, region: str | None
) -> None:
    overview = Known(*facts).on(today).assessment.overview
    assert (overview.status, overview.region) == (status, region)
