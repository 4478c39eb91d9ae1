"""When failures count and a breach must follow (ENF-5, ENF-15, ENF-16, ENF-17), and how it runs."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from schemas.enforcement import BreachConcluded, BreachRequired, BreachStarted
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import Assessed, on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-01-05", "2027-12-31")
F1, F2 = f.missed("2026-03-01", id="F1"), f.missed("2026-03-20", id="F2")
WARNED = f.action("2026-03-03", contact="F1")
TWICE = (ORDER, F1, F2)
LATE = "2026-12-01"


def initiated(at: str, contact: str | None = None) -> f.Fact:
    """An officer initiates a breach."""
    return f.action(at, "breach_initiated", contact)


BREACH = (*TWICE, initiated("2026-03-21"))
"""Two failures, and a breach initiated the day after the second."""


def counts(case: Assessed) -> dict[str, int]:
    """The count with each failure, whether it has been answered or not."""
    return {found.key: found.event.failures for found in case.findings("EnforcementActionRequired")}


# -- required ----------------------------------------------------------------------------------------


def test_one_failure_requires_no_breach() -> None:
    assert on(LATE, SERVICE, ORDER, F1, WARNED).findings("BreachRequired") == []


def test_the_second_failure_requires_a_breach() -> None:
    case = on("2026-03-20", SERVICE, *TWICE)
    assert case.open("BreachRequired") == {
        "S1/F2": BreachRequired(
            **f.PLACE,
            sentence_id="S1",
            contact_id="F2",
            failures=2,
            warned_on=None,
            pack_due_on=date(2026, 4, 7),  # 10 business days, Good Friday and Easter Monday left out
            court_level="magistrates",
            due_on=date(2026, 4, 7),
        )
    }
    assert case.evidence("BreachRequired") == {"S1/F2": [F1.id, F2.id, ORDER.id]}


def test_the_breach_says_when_the_person_was_warned_and_which_court_it_goes_to() -> None:
    order = f.order("2026-01-05", "2027-12-31", kind="suspended_sentence_order", level="crown")
    event = on(LATE, SERVICE, order, F1, WARNED, F2).one("BreachRequired")
    assert (str(event.warned_on), event.court_level) == ("2026-03-03", "crown")


ALWAYS, BY_COUNT = {"ENF-13", "ENF-15", "ENF-16"}, {"ENF-5", "ENF-17"}


@pytest.mark.parametrize(
    ("kind", "duty"), [("community_order", "ENF-1"), ("suspended_sentence_order", "ENF-2")]
)
def test_a_breach_names_the_rules_it_rests_on(kind: str, duty: str) -> None:
    def rules(*facts: f.Fact) -> set[str]:
        order = f.order("2026-01-05", "2027-12-31", kind=kind)
        (finding,) = on("2027-06-01", SERVICE, order, F1, *facts).findings("BreachRequired")
        return set(finding.rules)

    assert rules(F2) == ALWAYS | BY_COUNT
    assert rules(WARNED, F2) == ALWAYS | BY_COUNT | {duty, "ENF-6"}
    assert rules(WARNED, f.missed("2027-03-01")) == ALWAYS | {duty, "ENF-6"}


def test_an_action_required_rests_on_all_failures_that_count_and_on_the_warning() -> None:
    during = f.missed("2026-04-02", id="F3")
    case = on(LATE, SERVICE, *BREACH, WARNED, during, f.missed("2027-03-21"), f.heard("2026-04-30"))
    evidence = case.evidence("EnforcementActionRequired")
    assert {key: set(ids) for key, ids in evidence.items()} == {
        "F1": {F1.id},
        "F2": {F2.id, F1.id, WARNED.id},
    }


def test_the_last_warning_in_force_is_told() -> None:
    again = f.action("2026-03-05", contact="F1")
    event = on(LATE, SERVICE, ORDER, F1, WARNED, again, F2).one("BreachRequired")
    assert str(event.warned_on) == "2026-03-05"


@table(
    """
    | case                          | first      | second     | failures           | required  |
    | two contacts of one date      | 2026-03-01 | 2026-03-01 | {"F1": 1, "F2": 1} | []        |
    | two dates                     | 2026-03-01 | 2026-03-02 | {"F1": 1, "F2": 2} | ["S1/F2"] |
    | the last day of the 12 months | 2026-01-14 | 2027-01-13 | {"F1": 1, "F2": 2} | ["S1/F2"] |
    | a year to the day afterwards  | 2026-01-14 | 2027-01-14 | {"F1": 1, "F2": 1} | []        |
    """,
)
def test_failures_are_counted_by_distinct_date_within_twelve_months(
    first: str, second: str, failures: dict[str, int], required: list[str]
) -> None:
    case = on(second, SERVICE, ORDER, f.missed(first, id="F1"), f.missed(second, id="F2"))
    assert counts(case) == failures
    assert list(case.open("BreachRequired")) == required


@pytest.mark.parametrize(
    ("second", "required"), [("2027-01-13", [(1, "2026-01-14", True)]), ("2027-01-14", [])]
)
def test_a_failure_within_twelve_months_of_the_warning_must_be_referred_even_if_the_first_is_older(
    second: str, required: list[tuple[int, str, bool]]
) -> None:
    # E24: the failure of 12 January is more than a year ago, the warning of 14 January is not.
    facts = [ORDER, f.missed("2026-01-12", id="F1"), f.action("2026-01-14", contact="F1"), f.missed(second)]
    found = on(second, SERVICE, *facts).findings("BreachRequired")
    assert [(e.event.failures, str(e.event.warned_on), "ENF-1" in e.rules) for e in found] == required


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_breach_is_required_when_the_count_reaches_the_limit_of_the_policy(
    limit: int, tmp_path: Path
) -> None:
    policy = changed(SERVICE, tmp_path, failures_before_breach=str(limit))
    failures = [f.missed(f"2026-03-0{n}", id=f"F{n}") for n in (1, 2, 3, 4)]
    assert list(on(LATE, SERVICE, ORDER, *failures, policy=policy).open("BreachRequired")) == [f"S1/F{limit}"]


def test_no_failure_counts_while_a_breach_is_required_and_nothing_is_demanded_for_it() -> None:
    case = on(LATE, SERVICE, *TWICE, f.missed("2026-03-25", id="F3"))
    assert counts(case) == {"F1": 1, "F2": 2}
    assert "F3" not in case.open("WarningLetterOverdue")
    assert list(case.open("BreachRequired")) == ["S1/F2"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_e32_the_order_of_arrival_does_not_matter(order: tuple[int, ...]) -> None:
    failures = [f.missed("2026-03-05", id="F1"), F2, f.missed("2026-03-05", id="F1", event="again")]
    event = on("2026-03-25", SERVICE, ORDER, *(failures[n] for n in order)).one("BreachRequired")
    assert (event.contact_id, event.failures, str(event.pack_due_on)) == ("F2", 2, "2026-04-07")


# -- started and concluded ---------------------------------------------------------------------------


def test_a_breach_initiated_resolves_that_it_is_required() -> None:
    case = on(LATE, SERVICE, *BREACH)
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}
    assert case.open("BreachStarted") == {
        "S1/F2": BreachStarted(**f.PLACE, sentence_id="S1", started_on=date(2026, 3, 21))
    }
    assert case.findings("BreachConcluded") == []


def test_e27_a_failure_during_a_live_breach_never_counts() -> None:
    during = [*BREACH, f.missed("2026-04-02", id="F3")]
    assert counts(on("2026-04-02", SERVICE, *during)) == {"F1": 1, "F2": 2}
    resolved = [*during, f.heard("2026-04-30", "not_proven"), f.missed("2026-05-11", id="F4")]
    after = on(LATE, SERVICE, *resolved)
    assert counts(after) == {"F1": 1, "F2": 2, "F4": 1}
    assert after.open("BreachRequired") == {}
    assert after.open("BreachConcluded") == {
        "S1/F2": BreachConcluded(
            **f.PLACE, sentence_id="S1", concluded_on=date(2026, 4, 30), outcome="not_proven"
        )
    }
    again = on(LATE, SERVICE, *resolved, f.missed("2026-05-18", id="F5")).open("BreachRequired")
    assert {key: event.failures for key, event in again.items()} == {"S1/F5": 2}


def test_failures_on_the_day_a_breach_starts_or_ends() -> None:
    # What happened on the day of the initiation came before it; on the day of the hearing, after it.
    breach = [initiated("2026-03-20"), f.heard("2026-04-30"), f.missed("2026-04-30", id="F3")]
    case = on(LATE, SERVICE, *TWICE, *breach)
    assert counts(case) == {"F1": 1, "F2": 2, "F3": 1}
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}


@pytest.mark.parametrize(
    ("outcome", "resolves"),
    [
        ("not_proven", True),
        ("proven_continued", True),
        ("proven_varied", True),
        ("revoked_and_resentenced", True),
        ("withdrawn", True),
        ("default_order", True),
        ("committed_to_crown", False),
        ("warrant_issued", False),
        ("warrant_executed", False),
        ("adjourned", False),
    ],
)
def test_which_results_resolve_a_breach(outcome: str, resolves: bool) -> None:
    case = on(LATE, SERVICE, *BREACH, f.heard("2026-04-30", outcome), f.missed("2026-05-11", id="F3"))
    assert [event.outcome for event in case.open("BreachConcluded").values()] == [outcome] * resolves
    assert counts(case).get("F3") == (1 if resolves else None)


def test_a_breach_that_is_withdrawn_is_over() -> None:
    withdrawal = f.action("2026-04-02", "breach_withdrawn")
    case = on(LATE, SERVICE, *BREACH, withdrawal, f.missed("2026-04-03", id="F3"))
    concluded = case.one("BreachConcluded")
    assert (str(concluded.concluded_on), concluded.outcome) == ("2026-04-02", "withdrawn")
    assert counts(case)["F3"] == 1


def test_an_officer_may_initiate_a_breach_on_the_first_failure() -> None:
    case = on(LATE, SERVICE, *TWICE, initiated("2026-03-02", "F1"))
    assert list(case.open("BreachStarted")) == ["S1/F1"]
    assert case.findings("BreachRequired") == []
    assert counts(case) == {"F1": 1}


@pytest.mark.parametrize(
    ("failures", "key"),
    [
        pytest.param([F1], "S1/F1", id="the last failure, where no contact is named"),
        pytest.param([], "S1/A-breach_initiated-2026-03-02", id="the action, where no contact failed"),
    ],
)
def test_what_opened_a_breach_is_its_key(failures: list[f.Fact], key: str) -> None:
    assert list(on(LATE, SERVICE, ORDER, *failures, initiated("2026-03-02")).open("BreachStarted")) == [key]


def test_a_second_initiation_of_a_live_breach_changes_nothing() -> None:
    assert str(on(LATE, SERVICE, *BREACH, initiated("2026-03-28")).one("BreachStarted").started_on) == (
        "2026-03-21"
    )


def test_two_breaches_on_one_contact_are_two() -> None:
    steps = [
        initiated("2026-03-02T09:00", "F1"),
        f.action("2026-03-02T10:00", "breach_withdrawn", "F1"),
        initiated("2026-03-02T11:00", "F1"),
        f.heard("2026-04-30"),
    ]
    case = on(LATE, SERVICE, ORDER, F1, *steps)
    first, second = case.open("BreachStarted")
    assert first == "S1/F1"
    assert second.startswith("S1/F1/A-")
    assert [e.outcome for e in case.open("BreachConcluded").values()] == ["withdrawn", "not_proven"]


def test_a_hearing_on_the_day_of_the_initiation_resolves_that_breach() -> None:
    assert list(on(LATE, SERVICE, *BREACH, f.heard("2026-03-21")).open("BreachConcluded")) == ["S1/F2"]


def test_a_result_of_a_breach_of_unknown_beginning_resets_the_count() -> None:
    result = f.heard("2026-04-30", "proven_continued")
    case = on(LATE, SERVICE, *TWICE, result, f.missed("2026-05-11", id="F3"))
    assert case.closed("BreachRequired") == {"S1/F2": "resolved"}
    assert case.findings("BreachConcluded") == []
    assert counts(case)["F3"] == 1


def test_a_hearing_of_the_future_has_not_resolved_anything() -> None:
    facts = [*BREACH, f.heard("2026-04-30")]
    before = on("2026-04-29", SERVICE, *facts)
    assert before.findings("BreachConcluded") == []
    assert str(before.wake_on) == "2026-04-30"
    assert list(on("2026-04-30", SERVICE, *facts).open("BreachConcluded")) == ["S1/F2"]


def test_after_a_breach_earlier_warnings_still_bind_but_do_not_require_another_breach() -> None:
    during = [f.missed("2026-04-02", id="F3"), f.action("2026-04-03", contact="F3"), f.heard("2026-04-30")]
    case = on("2026-05-11", SERVICE, *BREACH, WARNED, *during, f.missed("2026-05-11", id="F4"))
    last = case.open("EnforcementActionRequired")["F4"]
    assert (last.options, last.failures) == (["refer"], 1)
    assert case.open("BreachRequired") == {}


# -- for the people who query the cases --------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        ("", [F1]),
        ("supervised", [ORDER]),
        ("breach_required", TWICE),
        ("in_breach", BREACH),
        ("ended", [f.order("2026-01-05", "2026-04-30")]),
        ("supervised", [f.order("2026-01-05", "2026-05-01")]),
    ],
)
def test_the_case_says_where_enforcement_stands(status: str, facts: list[f.Fact]) -> None:
    assert on("2026-05-01", SERVICE, *facts).status == status
