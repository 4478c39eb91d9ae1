"""What is published of each outcome (CONT-12, CONT-14), by the sentence of the rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.contacts import ContactMissed
from tests import facts as f
from tests.contacts.said import assessed, rests_on
from tests.table import table

ORDER = f.order("2026-01-15", "2027-01-14")


@pytest.mark.parametrize(
    "make", [f.contact, f.work], ids=["a practitioner's contact", "a provider's session"]
)
@table(
    """
    | case                                      | outcome                | missed | excused | undecided |
    | complied publishes nothing                | complied               | False  | False   | False     |
    | failed to comply is a failure             | failed_to_comply       | True   | False   | False     |
    | sent home for behaviour is a failure      | sent_home_behaviour    | True   | False   | False     |
    | unacceptable absence is a failure         | unacceptable_absence   | True   | False   | False     |
    | failed to attend is undecided, no failure | failed_to_attend       | False  | False   | True      |
    | acceptable absence is excused             | acceptable_absence     | False  | True    | False     |
    | sent home by the service is no failure    | sent_home_service      | False  | False   | False     |
    | rescheduled by the service is neutral     | rescheduled_by_service | False  | False   | False     |
    | rescheduled by the person is neutral      | rescheduled_by_person  | False  | False   | False     |
    | a suspended contact is no failure         | suspended              | False  | False   | False     |
    | a warrant outstanding is no failure       | warrant_outstanding    | False  | False   | False     |
    """,
)
def test_each_outcome(make: Any, outcome: str, missed: bool, excused: bool, undecided: bool) -> None:
    said = assessed("2026-02-10", ORDER, make("2026-02-10", outcome, id="C1"))
    assert [*said.open("ContactMissed")] == ["C1"] * missed
    assert [*said.open("ContactExcused")] == ["C1"] * excused
    assert [*said.open("AbsenceUndecided")] == ["C1"] * undecided


def test_a_failure_carries_contact_requirement_day_and_outcome() -> None:
    fact = f.contact("2026-02-10", "failed_to_comply", id="C1", requirement="R7")
    (finding,) = assessed("2026-02-10", ORDER, fact).findings("ContactMissed")
    assert finding.event == ContactMissed(
        **f.PLACE,
        contact_id="C1",
        sentence_id="S1",
        requirement_id="R7",
        missed_on=date(2026, 2, 10),
        outcome="failed_to_comply",
    )
    assert rests_on(finding, ORDER, fact) == [1, 0]


@pytest.mark.parametrize("activity", ["session", "unpaid_work", "employment_training_education"])
def test_a_failed_session_of_any_activity_is_a_contact_missed_under_its_session_id(activity: str) -> None:
    known = [ORDER, f.session("2026-02-10", "unacceptable_absence", activity=activity, id="P1")]
    (finding,) = assessed("2026-02-10", *known).findings("ContactMissed")
    assert finding.event.contact_id == "P1"
    assert finding.event.requirement_id == "RAR"


@pytest.mark.parametrize("reason", ["medical", "stood_down", "in_custody", "other"])
def test_an_acceptable_absence_is_told_with_its_reason(reason: str) -> None:
    known = [ORDER, f.work("2026-02-10", "acceptable_absence", acceptable_reason=reason)]
    (finding,) = assessed("2026-02-10", *known).findings("ContactExcused")
    assert finding.event.acceptable_reason == reason


@pytest.mark.parametrize("outcome", ["unacceptable_absence", "acceptable_absence", "failed_to_attend"])
@pytest.mark.parametrize("make", [f.contact, f.work])
def test_a_contact_that_is_no_national_standard_is_never_enforceable(make: Any, outcome: str) -> None:
    assert assessed("2026-02-14", ORDER, make("2026-02-10", outcome, national_standard=False)).monthly == []


def test_an_outcome_of_the_future_counts_once_its_day_has_come() -> None:
    known = [ORDER, f.contact("2026-02-10", "acceptable_absence", id="C1")]
    before = assessed("2026-02-09", *known)
    assert before.findings("ContactExcused") == []
    assert before.wake_on is not None
    assert before.wake_on.isoformat() == "2026-02-10"
    assert [*assessed("2026-02-10", *known).open("ContactExcused")] == ["C1"]


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        pytest.param("2026-01-14", False, id="the day before the order: no failure"),
        pytest.param("2026-01-15", True, id="the first day of the order: a failure"),
        pytest.param("2027-01-14", True, id="the last day of the order: a failure"),
        pytest.param("2027-01-15", False, id="the day after the order: no failure"),
    ],
)
def test_only_a_contact_of_a_live_order_can_fail(on: str, stands: bool) -> None:
    known = [ORDER, f.contact(on, "unacceptable_absence", id="C1")]
    assert [*assessed("2027-03-01", *known).open("ContactMissed")] == ["C1"] * stands


@table(
    """
    | case      | fact                       |
    | revoked   | 2026-03-01 revoked         |
    | quashed   | 2026-03-01 revoked quashed |
    | died      | 2026-03-01 died            |
    | completed | 2026-03-01 ended           |
    """,
)
def test_a_failure_before_the_end_stays_and_one_after_it_never_is(fact: Any) -> None:
    facts = [
        f.contact(on, "unacceptable_absence", id=on) for on in ("2026-02-10", "2026-03-01", "2026-03-02")
    ]
    assert [*assessed("2026-06-01", ORDER, fact, *facts).open("ContactMissed")] == [
        "2026-02-10",
        "2026-03-01",
    ]


def test_a_contact_on_an_unknown_sentence_leads_to_nothing_until_the_sentence_comes() -> None:
    fact = f.contact("2026-02-10", "unacceptable_absence", id="C1")
    assert assessed("2026-02-20", fact).all == []
    assert [*assessed("2026-02-20", ORDER, fact).open("ContactMissed")] == ["C1"]


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        pytest.param("2025-03-31", False, id="before release: no failure"),
        pytest.param("2025-04-01", True, id="on licence: a failure"),
        pytest.param("2025-07-01", True, id="in post-sentence supervision: a failure"),
        pytest.param("2025-10-01", False, id="after post-sentence supervision: no failure"),
    ],
)
def test_failures_of_a_custodial_sentence_are_those_since_release(on: str, stands: bool) -> None:
    known = [
        f.custodial("2025-01-01"),
        f.released("2025-04-01", "2025-06-30", "2025-09-30"),
        f.contact(on, "unacceptable_absence", id="C1"),
    ]
    assert [*assessed("2025-12-01", *known).open("ContactMissed")] == ["C1"] * stands


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        pytest.param("2026-05-10", True, id="the last day before the repeal: it can still be dealt with"),
        pytest.param("2026-05-11", False, id="the day of the repeal: no failure"),
    ],
)
def test_failures_in_post_sentence_supervision_are_those_before_its_repeal(on: str, stands: bool) -> None:
    known = [
        f.custodial("2025-12-01"),
        f.released("2026-01-01", "2026-03-31", "2026-12-31"),
        f.contact(on, "unacceptable_absence", id="C1"),
    ]
    assert [*assessed("2026-08-01", *known).open("ContactMissed")] == ["C1"] * stands


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        pytest.param("2026-03-04", True, id="the day before custody"),
        pytest.param("2026-03-05", False, id="the day taken"),
        pytest.param("2026-03-19", False, id="the day before leaving"),
        pytest.param("2026-03-20", True, id="the day of leaving"),
    ],
)
def test_nothing_is_a_failure_while_the_person_is_held(on: str, stands: bool) -> None:
    known = [
        ORDER,
        f.taken("2026-03-05"),
        f.left("2026-03-20"),
        f.contact(on, "unacceptable_absence", id="C1"),
    ]
    assert [*assessed("2026-04-01", *known).open("ContactMissed")] == ["C1"] * stands


def test_a_failure_is_one_of_the_sentence_that_it_names_and_of_no_other() -> None:
    other = f.order("2026-02-01", "2026-12-31", id="S2")
    known = [ORDER, other, f.contact("2026-02-10", "unacceptable_absence", sentence="S2")]
    (finding,) = assessed("2026-02-10", *known).findings("ContactMissed")
    assert finding.event.sentence_id == "S2"


@pytest.mark.parametrize(
    ("outcome", "closed"),
    [
        pytest.param("failed_to_attend", None, id="still undecided: open"),
        pytest.param("unacceptable_absence", "resolved", id="decided unacceptable: resolved"),
        pytest.param("failed_to_comply", "resolved", id="decided a failure to comply: resolved"),
        pytest.param("acceptable_absence", "resolved", id="decided acceptable: resolved"),
    ],
)
def test_an_undecided_absence_is_open_until_decided(outcome: str, closed: str | None) -> None:
    told = [f.contact("2026-02-10", had, id="C1") for had in ("failed_to_attend", outcome)]
    said = assessed("2026-02-20", ORDER, *told)
    (finding,) = said.findings("AbsenceUndecided")
    assert said.ending(finding) == closed


def test_an_absence_that_was_decided_at_once_never_was_undecided() -> None:
    known = [ORDER, f.contact("2026-02-10", "unacceptable_absence")]
    assert assessed("2026-02-20", *known).findings("AbsenceUndecided") == []


@pytest.mark.parametrize("outcome", ["complied", "rescheduled_by_service", "sent_home_service"])
def test_an_absence_that_was_none_never_was_undecided(outcome: str) -> None:
    told = [f.contact("2026-02-10", said, id="C1") for said in ("failed_to_attend", outcome)]
    assert assessed("2026-02-20", ORDER, *told).findings("AbsenceUndecided") == []


@pytest.mark.parametrize(
    ("facts", "last_open", "first_ended"),
    [
        pytest.param([], "2027-01-14", "2027-01-15", id="an order that runs out: the day after its last"),
        pytest.param([f.revoked("2026-03-01")], "2026-02-28", "2026-03-01", id="revoked: that day"),
        pytest.param([f.died("2026-03-01")], "2026-02-28", "2026-03-01", id="died: that day"),
        pytest.param([f.ended("2026-03-01")], "2026-02-28", "2026-03-01", id="supervision ended: that day"),
    ],
)
def test_an_undecided_absence_ends_with_supervision(facts: Any, last_open: str, first_ended: str) -> None:
    known = [ORDER, f.contact("2026-02-10", "failed_to_attend"), *facts]
    said = assessed(last_open, *known)
    assert [said.ending(f) for f in said.findings("AbsenceUndecided")] == [None]
    said = assessed(first_ended, *known)
    assert [said.ending(f) for f in said.findings("AbsenceUndecided")] == ["ended"]


def test_an_undecided_absence_on_licence_waits_through_post_sentence_supervision() -> None:
    known = [
        f.custodial("2025-01-01"),
        f.released("2025-04-01", "2025-06-30", "2025-09-30"),
        f.contact("2025-05-10", "failed_to_attend", id="C1"),
    ]
    assert [*assessed("2025-09-30", *known).open("AbsenceUndecided")] == ["C1"]
    assert [*assessed("2025-10-01", *known).open("AbsenceUndecided")] == []


def test_where_provider_and_practitioner_recorded_one_contact_the_practitioner_decides() -> None:
    known = [
        ORDER,
        f.scheduled("2026-02-27", id="C1"),
        f.work("2026-02-27", "unacceptable_absence", id="C1"),
        f.contact("2026-03-02", "acceptable_absence", id="C1"),
    ]
    said = assessed("2026-03-10", *known)
    assert [*said.open("ContactMissed")] == []
    assert [*said.open("ContactExcused")] == ["C1"]
