"""Failures on licence: warnings by judgement, and when recall must be considered (ENF-26, ENF-35, ENF-39)."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.enforcement import BreachedCondition, EnforcementActionRequired, RecallConsidered
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.table import table

CONDITIONS = [
    {"condition_id": "C-CONTACT", "kind": "supervision"},
    {"condition_id": "C-HOME", "kind": "residence"},
]
SENTENCE = f.custodial("2025-01-06", days=730)
LICENCE = (SENTENCE, f.released("2026-01-05", "2026-12-31", conditions=CONDITIONS))
F1 = f.missed("2026-03-02", id="F1")
FINAL = f.action("2026-03-03", "final_warning", "F1")
F2 = f.missed("2026-04-01", id="F2")
LATE = "2026-12-01"


# -- an action is required ---------------------------------------------------------------------------


def test_a_failure_on_licence_calls_for_a_warning_or_a_recall() -> None:
    case = on("2026-03-02", SERVICE, *LICENCE, F1)
    assert case.open("EnforcementActionRequired") == {
        "F1": EnforcementActionRequired(
            **f.PLACE,
            contact_id="F1",
            sentence_id="S1",
            options=["warn", "recall"],
            failures=1,
            due_on=date(2026, 3, 4),
        )
    }
    assert case.findings("BreachRequired") == []
    assert case.findings("RecallConsidered") == []


def test_no_number_of_failures_requires_anything_more() -> None:
    failures = [f.missed(f"2026-03-0{n}", id=f"F{n}") for n in range(1, 6)]
    case = on("2026-03-05", SERVICE, *LICENCE, *failures)
    assert [e.failures for e in case.open("EnforcementActionRequired").values()] == [1, 2, 3, 4, 5]
    assert all(e.options == ["warn", "recall"] for e in case.open("EnforcementActionRequired").values())
    assert case.findings("BreachRequired") == case.findings("RecallConsidered") == []


@pytest.mark.parametrize(
    ("second", "failures"), [("2027-01-13", 2), ("2027-01-14", 1)], ids=["within 12 months", "a year later"]
)
def test_failures_on_licence_are_told_by_distinct_date_within_twelve_months(
    second: str, failures: int
) -> None:
    licence = (SENTENCE, f.released("2026-01-05", "2027-12-31"))
    first = [f.missed("2026-01-14", id="F1"), f.missed("2026-01-14", id="F2")]
    case = on(second, SERVICE, *licence, *first, f.missed(second, id="F3"))
    assert case.open("EnforcementActionRequired")["F3"].failures == failures


@table(
    """
    | case                                        | facts                                          | answered |
    | a warning                                   | 2026-03-03 action warning contact=F1           | True     |
    | a compliance letter                         | 2026-03-03 action compliance_letter contact=F1 | True     |
    | a step towards recall about another contact | 2026-03-03 action recall_recommended contact=X | True     |
    | the recall                                  | 2026-03-03 recall decided                      | True     |
    | an action about another contact             | 2026-03-03 action warning contact=X            | False    |
    | an action from before, for the licence      | 2026-03-01 action letter_sent                  | False    |
    """,  # noqa: E501
)
def test_what_answers_a_failure_on_licence(facts: list[f.Fact], answered: bool) -> None:
    case = on("2026-03-03", SERVICE, *LICENCE, F1, *facts)
    assert case.closed("EnforcementActionRequired") == ({"F1": "resolved"} if answered else {})


@table(
    """
    | case                         | day        | facts                               |
    | the licence runs out         | 2027-01-01 |                                     |
    | the person dies              | 2026-03-31 | 2026-03-31 died                     |
    | the sentence is quashed      | 2026-03-31 | 2026-03-31 revoked quashed          |
    | the person is released again | 2026-06-01 | 2026-06-01 released ends=2026-12-31 |
    """
)
def test_nothing_is_required_once_the_licence_is_over(day: str, facts: list[f.Fact]) -> None:
    failures = [F1, FINAL, f.missed("2026-03-30", id="F2")]
    case = on(day, SERVICE, *LICENCE, *failures, *facts)
    assert case.closed("EnforcementActionRequired") == {"F1": "resolved", "F2": "ended"}
    assert case.closed("RecallConsidered") == {"S1/F2": "ended"}


def test_a_failure_in_custody_or_after_the_recall_calls_for_nothing() -> None:
    held = [f.taken("2026-03-02"), f.missed("2026-03-10", id="H1"), f.left("2026-03-16")]
    assert on(LATE, SERVICE, *LICENCE, *held).findings("EnforcementActionRequired") == []
    at_large = [f.recall_decided("2026-03-02"), f.missed("2026-03-10", id="H1")]
    assert on(LATE, SERVICE, *LICENCE, *at_large).findings("EnforcementActionRequired") == []


@table(
    """
    | case                      | facts                                          | overdue |
    | nothing                   |                                                | True    |
    | recall is recommended     | 2026-03-04 action recall_recommended           | False   |
    | recommended a day too late | 2026-03-05 action recall_recommended          | True    |
    | recall is decided         | 2026-03-04 recall decided                      | False   |
    | a letter                  | 2026-03-04 action compliance_letter contact=F1 | False   |
    """
)
def test_a_letter_is_due_unless_the_person_is_to_be_recalled(facts: list[f.Fact], overdue: bool) -> None:
    case = on(LATE, SERVICE, *LICENCE, F1, *facts)
    assert bool(case.open("WarningLetterOverdue")) is overdue
    assert bool(case.open("EnforcementActionOverdue")) is overdue


def test_a_recall_that_never_was_brings_the_failure_back() -> None:
    recall = f.recall_decided("2026-03-09")
    facts = [*LICENCE, F1, recall, f.missed("2026-03-10", id="F2"), recall.voided()]
    assert list(on("2026-03-10", SERVICE, *facts).open("EnforcementActionRequired")) == ["F1", "F2"]


# -- recall is considered ----------------------------------------------------------------------------


def test_recall_is_considered_at_a_failure_after_a_final_warning() -> None:
    case = on("2026-04-01", SERVICE, *LICENCE, F1, FINAL, F2)
    assert case.open("RecallConsidered") == {
        "S1/F2": RecallConsidered(
            **f.PLACE,
            sentence_id="S1",
            contact_id="F2",
            conditions=[BreachedCondition(condition_id="C-CONTACT", kind="supervision")],
        )
    }
    assert case.evidence("RecallConsidered") == {"S1/F2": [F2.id, FINAL.id, LICENCE[1].id]}


@pytest.mark.parametrize("what", ["warning", "second_warning", "compliance_letter", "letter_sent"])
def test_it_is_not_considered_after_a_lesser_step(what: str) -> None:
    step = f.action("2026-03-03", what, "F1")
    assert on("2026-04-01", SERVICE, *LICENCE, F1, step, F2).findings("RecallConsidered") == []


@pytest.mark.parametrize(("day", "considered"), [("2027-01-13", True), ("2027-01-14", False)])
def test_a_final_warning_is_in_force_for_twelve_months(day: str, considered: bool) -> None:
    licence = (SENTENCE, f.released("2026-01-05", "2027-12-31"))
    warned = [f.missed("2026-01-13", id="F1"), f.action("2026-01-14", "final_warning", "F1")]
    case = on(day, SERVICE, *licence, *warned, f.missed(day, id="F2"))
    assert bool(case.open("RecallConsidered")) is considered


def test_a_final_warning_for_a_contact_that_was_excused_later_leads_to_nothing() -> None:
    excused = f.excused("2026-03-02", id="F1")
    assert on("2026-04-01", SERVICE, *LICENCE, excused, FINAL, F2).findings("RecallConsidered") == []


@pytest.mark.parametrize(
    ("requirement", "conditions"),
    [
        pytest.param("C-HOME", ["C-HOME"], id="the one that the contact was for"),
        pytest.param(None, ["C-CONTACT"], id="else the one to keep contacts"),
        pytest.param("RAR", ["C-CONTACT"], id="also if it was for something else"),
    ],
)
def test_the_condition_breached_is_named(requirement: str | None, conditions: list[str]) -> None:
    failure = f.missed("2026-04-01", id="F2", requirement_id=requirement)
    event = on("2026-04-01", SERVICE, *LICENCE, F1, FINAL, failure).one("RecallConsidered")
    assert [condition.condition_id for condition in event.conditions] == conditions


def test_no_condition_is_named_if_none_was_recorded() -> None:
    licence = (SENTENCE, f.released("2026-01-05", "2026-12-31"))
    assert on("2026-04-01", SERVICE, *licence, F1, FINAL, F2).one("RecallConsidered").conditions == []


@table(
    """
    | case                                  | facts                                           | considered |
    | recall is recommended                 | 2026-04-02 action recall_recommended contact=F2 | True       |
    | nothing further is done about it      | 2026-04-02 action no_further_action contact=F2  | True       |
    | the person is warned again            | 2026-04-02 action final_warning contact=F2      | True       |
    | recall is decided                     | 2026-04-02 recall decided                       | True       |
    | back in prison on recall              | 2026-04-02 taken recall sentence=S1             | True       |
    | a letter goes out                     | 2026-04-02 action letter_sent contact=F2        | False      |
    | nothing is done about another contact | 2026-04-02 action no_further_action contact=F1  | False      |
    """
)
def test_somebody_considered_recall(facts: list[f.Fact], considered: bool) -> None:
    case = on("2026-04-02", SERVICE, *LICENCE, F1, FINAL, F2, *facts)
    assert case.closed("RecallConsidered") == ({"S1/F2": "resolved"} if considered else {})


def test_while_a_recall_is_in_progress_no_other_is_considered() -> None:
    begun = [F1, FINAL, f.action("2026-03-20", "recall_recommended", "F1")]
    assert on("2026-04-01", SERVICE, *LICENCE, *begun, F2).findings("RecallConsidered") == []
    dropped = f.action("2026-03-23", "no_further_action", "F1")
    assert list(on("2026-04-01", SERVICE, *LICENCE, *begun, dropped, F2).open("RecallConsidered")) == [
        "S1/F2"
    ]


def test_a_final_warning_from_before_a_recall_leads_to_no_other() -> None:
    again = [f.recall_decided("2026-03-09"), f.released("2026-04-20", "2026-12-31")]
    case = on("2026-05-05", SERVICE, *LICENCE, F1, FINAL, *again, f.missed("2026-05-05", id="F3"))
    assert case.findings("RecallConsidered") == []
    assert case.open("EnforcementActionRequired")["F3"].failures == 1


# -- custody -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["remand", "new_sentence"])
def test_enf_35_recall_is_considered_when_somebody_on_licence_is_taken_into_custody(reason: str) -> None:
    taken = f.taken("2026-03-02", reason, id="K1")
    case = on("2026-03-02", SERVICE, *LICENCE, taken)
    assert case.open("RecallConsidered") == {
        "S1/K1": RecallConsidered(**f.PLACE, sentence_id="S1", contact_id=None, custody_id="K1")
    }
    assert case.evidence("RecallConsidered") == {"S1/K1": [taken.id, LICENCE[1].id]}


@table(
    """
    | case                             | facts                                       | considered |
    | on remand before the release     | 2026-01-04 taken                            | []         |
    | on the day of the release        | 2026-01-05 taken                            | ["S1/K1"]  |
    | on the last day of the licence   | 2026-12-31 taken                            | ["S1/K1"]  |
    | after the licence                | 2027-01-01 taken                            | []         |
    | on recall                        | 2026-03-02 taken recall sentence=S1         | []         |
    | on recall, of which is not known | 2026-03-02 taken recall                     | []         |
    | recalled on another licence      | 2026-03-02 taken recall sentence=S2         | ["S1/K1"]  |
    | after the recall was decided     | 2026-03-01 recall decided; 2026-03-02 taken | []         |
    """
)
def test_when_custody_leads_to_recall_being_considered(facts: list[f.Fact], considered: list[str]) -> None:
    case = on("2026-12-31", SERVICE, *LICENCE, *facts)
    assert list(case.open("RecallConsidered")) == considered


@table(
    """
    | case                            | facts                                          | closed     |
    | recall is recommended           | 2026-03-03 action recall_recommended           | "resolved" |
    | nothing further is done         | 2026-03-03 action no_further_action            | "resolved" |
    | nothing is done about a contact | 2026-03-03 action no_further_action contact=F1 | None       |
    | the person leaves custody       | 2026-03-03 left                                | None       |
    | the person dies                 | 2026-03-03 died                                | "ended"    |
    """
)
def test_recall_on_custody_is_open_until_somebody_considers_it(
    facts: list[f.Fact], closed: str | None
) -> None:
    case = on("2026-03-03", SERVICE, *LICENCE, f.taken("2026-03-02"), *facts)
    assert case.closed("RecallConsidered") == ({"S1/K1": closed} if closed else {})


def test_custody_that_never_was_takes_it_back() -> None:
    taken = f.taken("2026-03-02")
    assert on("2026-03-03", SERVICE, *LICENCE, taken, taken.voided()).findings("RecallConsidered") == []


def test_enf_32_recall_is_considered_on_the_licence_beside_an_order() -> None:
    order = f.order("2026-01-05", "2026-12-31", id="S2")
    case = on("2026-03-04", SERVICE, *LICENCE, order, f.taken("2026-03-04"))
    assert list(case.open("RecallConsidered")) == ["S1/K1"]
