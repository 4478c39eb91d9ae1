"""Contacts that name no sentence: they count for all, and are enforced on one that is live (ENF-32)."""

from __future__ import annotations

from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import EXEMPT, assessed
from tests.table import table

ONE = f.order("2026-03-01", "2026-08-31")
OTHER = f.order("2026-03-01", "2026-08-31", id="S2")
OUTCOMES = {
    "unacceptable_absence": "ContactMissed",
    "acceptable_absence": "ContactExcused",
    "failed_to_attend": "AbsenceUndecided",
}


def nameless(on: str, outcome: str = "complied", mode: str = "face_to_face", **more: Any) -> Any:
    return f.contact(on, outcome, mode=mode, sentence=None, **more)


@table(
    """
    | case                         | missed                             | facts |
    | for the only sentence        | []                                 | 2026-03-01 order ends=2026-08-31; 2026-03-10 contact sentence=null |
    | for both sentences           | []                                 | 2026-03-01 order ends=2026-08-31; 2026-03-01 order S2 ends=2026-08-31; 2026-03-10 contact sentence=null |
    | one named: for that only     | ["S2/2026-03-01"]                  | 2026-03-01 order ends=2026-08-31; 2026-03-01 order S2 ends=2026-08-31; 2026-03-10 contact |
    | after the month: for neither | ["S1/2026-03-01", "S2/2026-03-01"] | 2026-03-01 order ends=2026-08-31; 2026-03-01 order S2 ends=2026-08-31; 2026-04-01 contact sentence=null |
    """,  # noqa: E501
)
def test_a_contact_that_names_no_sentence_counts_for_all(facts: Any, missed: list[str]) -> None:
    assert [
        one.key for one in assessed("2026-04-01", *facts, EXEMPT).findings("ContactStandardMissed")
    ] == missed


def test_it_counts_for_a_sentence_only_while_that_is_live() -> None:
    known = [ONE, f.order("2026-03-20", "2026-08-31", id="S2"), nameless("2026-03-19"), EXEMPT]
    said = assessed("2026-04-20", *known)
    assert [one.key for one in said.findings("ContactStandardMissed")] == ["S2/2026-03-20"]


def test_by_video_it_is_a_share_of_the_contacts_for_each_sentence() -> None:
    known = [ONE, OTHER, nameless("2026-03-10", mode="video"), f.contact("2026-03-11", sentence="S2"), EXEMPT]
    (finding,) = assessed("2026-04-01", *known).findings("VideoShareExceeded")
    assert finding.key == "S1/2026-03-01", "half of those for S2 are face-to-face"


def test_one_that_was_excused_for_all_excuses_the_month_of_each() -> None:
    found = assessed("2026-04-01", ONE, OTHER, nameless("2026-03-10", "acceptable_absence"), EXEMPT)
    assert [finding.event.excused for finding in found.findings("ContactStandardMissed")] == [True, True]


def test_an_appointment_for_all_was_offered_for_each() -> None:
    away = f.contact("2026-03-10", "acceptable_absence")
    found = assessed("2026-04-01", ONE, away, f.scheduled("2026-03-20", sentence=None), EXEMPT)
    assert [finding.event.excused for finding in found.findings("ContactStandardMissed")] == [False]


@pytest.mark.parametrize("outcome", OUTCOMES)
@table(
    """
    | case                                              | linked | facts |
    | one sentence: linked to it                        | ["S1"] | 2026-03-01 order ends=2026-08-31 |
    | two of one day: linked to the first               | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-03-01 order S2 ends=2026-08-31 |
    | two: linked to the one imposed first              | ["S2"] | 2026-03-01 order ends=2026-08-31; 2026-01-01 order S2 ends=2026-08-31 |
    | the other over the day before                     | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-01-01 order S2 ends=2026-03-09 |
    | the other on its last day                         | ["S2"] | 2026-03-01 order ends=2026-08-31; 2026-01-01 order S2 ends=2026-03-10 |
    | the other from the next day                       | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-03-11 order S2 ends=2026-08-31 |
    | the other revoked before                          | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-03-01 order S2 ends=2026-08-31; 2026-03-09 revoked S2 |
    | the other in prison: not live                     | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-03-01 custodial S2 |
    | an order and a licence: the licence               | ["S2"] | 2026-03-01 order ends=2026-08-31; 2026-03-02 custodial S2; 2026-03-10 released S2 ends=2026-08-31 |
    | an order and post-sentence supervision: the order | ["S1"] | 2026-03-01 order ends=2026-08-31; 2026-01-01 custodial S2; 2026-02-01 released S2 ends=2026-03-01 pss=2026-08-31 |
    | no sentence known                                 | []     |       |
    | before the only sentence                          | []     | 2026-04-01 order ends=2026-08-31 |
    """,  # noqa: E501
)
def test_it_is_enforced_once_on_the_closest_sentence_live_that_day(
    outcome: str, facts: Any, linked: list[str]
) -> None:
    said = assessed("2026-03-12", *facts, nameless("2026-03-10", outcome))
    assert [finding.event.sentence_id for finding in said.findings(OUTCOMES[outcome])] == linked


@pytest.mark.parametrize(
    ("facts", "linked"),
    [([ONE], ["S1"]), ([ONE, OTHER], ["S1"])],
    ids=["one sentence", "two: told of one"],
)
def test_one_without_an_outcome_is_overdue_once(facts: Any, linked: list[str]) -> None:
    said = assessed("2026-03-11", *facts, f.scheduled("2026-03-10", sentence=None))
    assert [finding.event.sentence_id for finding in said.findings("OutcomeOverdue")] == linked


def test_a_closer_sentence_learned_late_takes_over_what_was_enforced() -> None:
    failure = nameless("2026-03-10", "unacceptable_absence", id="C1")
    licence = [f.custodial("2026-01-01", id="S2"), f.released("2026-03-01", "2026-08-31", id="S2")]
    for facts, expected in (([ONE], "S1"), ([ONE, *licence], "S2")):
        (finding,) = assessed("2026-03-12", *facts, failure).findings("ContactMissed")
        assert (finding.key, finding.event.sentence_id) == ("C1", expected)
