"""CONT-25 and CONT-26: the sentence plan."""

from __future__ import annotations

import pytest

from tests import facts as f
from tests.contacts.first_steps import MET, ORDER, PLAN_DUE, PRISON, RELEASED, plans
from tests.contacts.said import assessed, rests_on


def test_a_plan_is_due_within_fifteen_business_days_of_the_first_appointment_attended() -> None:
    assert plans(ORDER, MET, on=PLAN_DUE) == []
    assert plans(ORDER, MET, on="2026-06-24") == [("S1", PLAN_DUE)]


def test_without_a_first_appointment_no_plan_is_due() -> None:
    assert plans(ORDER) == []
    assert plans(ORDER, f.scheduled("2026-06-02"), f.contact("2026-06-03", "unacceptable_absence")) == []
    assert plans(ORDER, f.contact("2026-06-03", mode="telephone")) == []


def test_the_clock_starts_with_the_first_that_was_attended_however_late() -> None:
    missed = f.contact("2026-06-02", "acceptable_absence")
    assert plans(
        ORDER, missed, f.contact("2026-08-04"), f.contact("2026-08-18"), f.contact("2026-10-06")
    ) == [("S1", "2026-08-25")]


@pytest.mark.parametrize("self_assessment", ["included", "declined"])
def test_a_plan_in_time_with_the_persons_own_assessment_or_their_refusal(self_assessment: str) -> None:
    assert plans(ORDER, MET, f.plan(PLAN_DUE, self_assessment=self_assessment)) == []
    assert plans(ORDER, MET, f.plan("2026-06-24", self_assessment=self_assessment)) == [("S1", PLAN_DUE)]


def test_a_plan_without_the_persons_own_assessment_is_not_complete() -> None:
    incomplete = f.plan("2026-06-10", self_assessment="missing")
    assert plans(ORDER, MET, incomplete) == [("S1", PLAN_DUE)]
    assert plans(ORDER, MET, incomplete, f.plan(PLAN_DUE)) == []
    assert plans(ORDER, MET, incomplete, f.plan("2026-06-24")) == [("S1", PLAN_DUE)]


def test_a_plan_made_before_the_first_appointment_will_do() -> None:
    assert plans(ORDER, MET, f.plan("2026-06-01")) == []


def test_a_plan_is_for_the_sentence_that_it_names() -> None:
    second = f.order("2026-06-01", "2027-05-31", id="S2")
    met = f.contact("2026-06-02", sentence=None)
    assert plans(ORDER, second, met, f.plan("2026-06-10", sentence="S2")) == [("S1", PLAN_DUE)]
    assert plans(ORDER, second, MET) == [("S1", PLAN_DUE)]


def test_a_plan_on_a_licence_may_have_been_made_before_release() -> None:
    met = f.contact("2026-04-07")
    assert plans(PRISON, RELEASED, met) == [("S1", "2026-04-28")]
    assert plans(PRISON, RELEASED, met, f.plan("2026-02-02")) == []


def test_after_a_recall_the_plan_is_made_anew() -> None:
    facts = [
        *(PRISON, RELEASED, f.contact("2026-04-07"), f.plan("2026-04-10", id="L1")),
        *(f.taken("2026-06-01", "recall"), f.left("2026-07-01"), f.released("2026-07-01", "2026-12-31")),
        f.contact("2026-07-02"),
    ]
    late = [("S1/2026-07-01", "2026-07-23")]
    assert plans(*facts) == late
    assert plans(*facts, f.plan("2026-05-29")) == late
    assert plans(*facts, f.plan("2026-06-01")) == []
    assert plans(*facts, f.plan("2026-07-23")) == []
    assert plans(*facts, f.plan("2026-07-24")) == late


def test_after_a_release_of_which_the_recall_is_not_known_the_plan_is_made_anew() -> None:
    facts = [
        PRISON,
        RELEASED,
        f.contact("2026-04-07"),
        f.released("2026-07-01", "2026-12-31"),
        f.contact("2026-07-02"),
    ]
    late = [("S1", "2026-04-28"), ("S1/2026-07-01", "2026-07-23")]
    assert plans(*facts, f.plan("2026-06-30")) == late
    assert plans(*facts, f.plan("2026-07-01")) == late[:1]


def test_a_deadline_on_a_licence_does_not_reach_into_post_sentence_supervision() -> None:
    prison = f.custodial("2025-01-06")
    met = f.contact("2025-03-03")  # due by Monday 24 March
    assert plans(prison, f.released("2025-03-03", "2025-03-24", "2026-03-02"), met) == [("S1", "2025-03-24")]
    assert plans(prison, f.released("2025-03-03", "2025-03-23", "2026-03-02"), met) == []


def test_in_post_sentence_supervision_no_plan_is_due() -> None:
    prison = f.custodial("2025-01-06")
    facts = [prison, f.released("2025-03-03", "2025-06-30", "2026-03-02"), f.contact("2025-07-01")]
    assert plans(*facts) == []


def test_unpaid_work_alone_has_no_plan_until_more_is_ordered() -> None:
    alone = f.order("2026-06-01", "2027-05-31", "unpaid_work")
    assert plans(alone, MET) == []
    more = f.varied("2026-07-01", "2027-05-31", "unpaid_work, rar")
    assert plans(alone, MET, more) == []
    assert plans(alone, MET, more, f.contact("2026-07-01")) == [("S1", "2026-07-22")]


def test_the_clock_of_the_plan_stands_while_the_person_is_held() -> None:
    assert plans(ORDER, MET, f.taken("2026-06-10")) == []
    assert plans(ORDER, MET, f.taken("2026-06-10"), f.left("2026-07-01")) == [("S1", "2026-07-14")]
    assert plans(ORDER, MET, f.taken("2026-06-10"), f.left("2026-07-01"), f.plan("2026-07-14")) == []


def test_no_plan_is_overdue_if_supervision_was_over_first() -> None:
    assert plans(ORDER, MET, f.revoked(PLAN_DUE)) == []
    assert plans(ORDER, MET, f.revoked("2026-06-24")) == [("S1", PLAN_DUE)]
    assert plans(ORDER, MET, f.died("2026-06-20")) == []


def test_a_missing_plan_rests_on_the_appointment_the_incomplete_plans_and_the_sentence() -> None:
    facts = [ORDER, MET, f.plan("2026-06-10", self_assessment="missing"), f.plan("2026-07-01")]
    (finding,) = assessed("2026-07-10", *facts).findings("SentencePlanOverdue")
    assert finding.rules == ("CONT-25", "CONT-26")
    assert rests_on(finding, *facts) == [1, 2, 0]


YOUNG = f.order("2026-06-01", "2027-05-31", cohorts="young_adult")


@pytest.mark.parametrize(
    ("order", "plan", "complete"),
    [
        (ORDER, f.plan("2026-06-10", family_considered=False), False),
        (ORDER, f.plan("2026-06-10", gender_specific_evidence=False), False),
        (ORDER, f.plan("2026-06-10", young_adult_transition=False), True),
        (YOUNG, f.plan("2026-06-10", young_adult_transition=False), False),
        (YOUNG, f.plan("2026-06-10", young_adult_transition=True), True),
        (YOUNG, f.plan("2026-06-10"), True),
    ],
)
def test_a_plan_that_says_it_lacks_evidence_is_not_complete(
    order: f.Fact, plan: f.Fact, complete: bool
) -> None:
    """CONT-26, EQ-4: what a source does not tell is not held against the plan."""
    assert (plans(order, MET, plan) == []) is complete


def test_an_overdue_plan_names_the_rule_of_what_it_lacks() -> None:
    lacking = f.plan("2026-06-10", gender_specific_evidence=False)
    [found] = assessed("2026-12-01", ORDER, MET, lacking).findings("SentencePlanOverdue")
    assert found.rules == ("CONT-25", "CONT-26", "EQ-4")
