"""Which contacts count for the first appointment, the sentence plan and home visits."""

from __future__ import annotations

import pytest

from tests import facts as f
from tests.contacts.first_steps import DUE, ORDER, appointments, plans
from tests.contacts.home_visits import required
from tests.contacts.said import assessed, rests_on


def test_the_plan_goes_by_the_first_contact_that_was_attended() -> None:
    june = [f.contact("2026-06-09"), f.contact("2026-06-02", "acceptable_absence"), f.contact("2026-06-04")]
    july = [f.contact("2026-07-14"), f.contact("2026-07-07")]
    for facts, first in (([ORDER, *june, *july], 3), ([ORDER, *july], 2)):
        (finding,) = assessed("2026-12-01", *facts).findings("SentencePlanOverdue")
        assert rests_on(finding, *facts) == [first, 0]


def test_what_was_offered_counts_only_while_a_first_appointment_is_due() -> None:
    assert appointments(ORDER, f.scheduled(DUE), f.scheduled("2026-06-05")) == []
    assert appointments(ORDER, f.scheduled("2026-06-09")) == [("S1", DUE)]


def test_of_two_on_one_day_the_same_counts_in_whatever_order_they_were_recorded() -> None:
    one, other = f.contact("2026-06-02", id="C1"), f.contact("2026-06-02", id="C2")
    found = [assessed("2026-12-01", ORDER, *facts) for facts in ((one, other), (other, one))]
    assert found[0].evidence("SentencePlanOverdue") == found[1].evidence("SentencePlanOverdue")


def test_a_contact_that_names_no_sentence_counts_for_all_that_are_live() -> None:
    second = f.order("2026-06-03", "2027-06-02", id="S2")
    third = f.order("2026-06-15", "2027-06-14", id="S3")
    facts = [ORDER, second, third, f.contact("2026-06-04", sentence=None)]
    assert [key for key, _ in plans(*facts)] == ["S1", "S2"]
    assert appointments(*facts) == [("S3", "2026-06-22")]


def test_each_period_of_supervision_has_a_first_contact_of_its_own() -> None:
    prison = f.custodial("2026-01-05")
    releases = [f.released("2026-06-01", "2026-12-31"), f.released("2026-06-15", "2026-12-31")]
    seen = [f.contact(f"2026-06-{day:02}") for day in (2, 4, 16, 18)]
    assert appointments(prison, *releases, *seen) == []
    assert appointments(prison, *releases, *seen[2:]) == [("S1", "2026-06-02")]
    assert appointments(prison, *releases, *seen[:2]) == [("S1/2026-06-15", "2026-06-16")]


def test_a_home_visit_counts_for_the_sentence_that_it_names_or_for_all() -> None:
    facts = [
        *(ORDER, f.order("2026-06-01", "2027-05-31", id="S2"), f.registered("2026-06-01")),
        f.home_visit("2026-06-20", sentence=None),
        f.home_visit("2026-06-11"),
        f.home_visit("2026-06-12", "unacceptable_absence"),
        f.home_visit("2026-06-13", sentence="S9"),
    ]
    first, second = "S1/G-domestic_abuse", "S2/G-domestic_abuse"
    due = "2026-06-29"
    assert required(*facts, on="2026-06-10") == {first: due, second: due}
    assert required(*facts, on="2026-06-11") == {first: "resolved", second: due}
    assert required(*facts, on="2026-06-19") == {first: "resolved", second: due}
    assert required(*facts, on="2026-06-20") == {first: "resolved", second: "resolved"}


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(f.contact("2026-06-02", national_standard=False), id="not of the national standard"),
        pytest.param(f.contact("2026-06-02", mode="telephone"), id="by telephone"),
        pytest.param(f.contact("2026-06-02", kind="session"), id="a session of the practitioner's"),
        pytest.param(f.contact("2026-05-29"), id="before the sentence"),
        pytest.param(f.contact("2026-06-02", sentence="S9"), id="for another sentence"),
        pytest.param(f.contact("2026-06-10", "unacceptable_absence"), id="missed, and offered too late"),
        pytest.param(f.scheduled("2026-06-02", notified=False), id="nobody told the person"),
        pytest.param(f.work("2026-06-02"), id="a provider's session"),
    ],
)
def test_what_is_no_first_contact(fact: f.Fact) -> None:
    assert appointments(ORDER, fact) == [("S1", DUE)]
    assert plans(ORDER, fact) == []


def test_post_sentence_supervision_and_unpaid_work_alone_have_none() -> None:
    after = [f.custodial("2024-11-04"), f.released("2025-02-03", "2025-04-30", "2026-02-02")]
    assert plans(*after, f.contact("2025-05-06")) == []
    alone = f.order("2026-06-01", "2027-05-31", "unpaid_work")
    assert plans(alone, f.contact("2026-06-02")) == []
    more = f.varied("2026-06-03", "2027-05-31")
    assert plans(alone, more, f.contact("2026-06-02")) == []
    assert [key for key, _ in plans(alone, more, f.contact("2026-06-03"))] == ["S1"]


def test_an_outcome_recorded_before_its_day_is_as_none_unless_it_excuses_or_moves_the_appointment() -> None:
    arranged = f.scheduled("2026-06-05", id="C1")

    def said(outcome: str) -> f.Fact:
        return f.contact("2026-06-05", outcome, id="C1", recorded="2026-06-03")

    assert appointments(ORDER, arranged, said("complied")) == appointments(ORDER, arranged) == []
    assert appointments(ORDER, said("complied")) == [("S1", DUE)]
    assert appointments(ORDER, arranged, said("rescheduled_by_service")) == [("S1", DUE)]
    assert appointments(ORDER, arranged, said("acceptable_absence")) == []
    early = f.home_visit("2026-06-15", recorded="2026-06-03")
    assert "resolved" not in required(ORDER, f.registered("2026-06-01"), early, on="2026-06-20").values()
