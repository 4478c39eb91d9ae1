"""When failures count and a breach must follow (ENF-5, ENF-15, ENF-16, ENF-17), and how it runs."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from schemas.enforcement import BreachConcluded, BreachRequired, BreachStarted, EnforcementActionRequired
from services.enforcement.app import SERVICE
from tests.enforcement.facts import (
    Said,
    action,
    day,
    heard,
    initiated,
    missed,
    sentence,
    warned,
)

ORDER = sentence()
TWICE = [ORDER, missed("2026-03-01", "F1"), missed("2026-03-20", "F2")]
LATE = "2026-12-01"


def counts(said: Said) -> dict[str, int]:
    """The count with each failure, whether it has been answered or not."""
    return {f.key: f.event.failures for f in said.findings(EnforcementActionRequired)}


def test_one_failure_requires_no_breach() -> None:
    said = Said(ORDER, missed("2026-03-01", "F1"), warned("2026-03-02", "F1"), on=LATE)
    assert said.findings(BreachRequired) == []


def test_the_second_failure_requires_a_breach() -> None:
    said = Said(*TWICE, on="2026-03-20")
    assert said.open(BreachRequired) == {
        "S1/F2": BreachRequired(
            sentence_id="S1",
            contact_id="F2",
            failures=2,
            warned_on=None,
            pack_due_on=day("2026-04-07"),  # 10 business days, Good Friday and Easter Monday left out
            court_level="magistrates",
        )
    }
    assert [record.event_id for record in said.findings(BreachRequired)[0].because] == ["E1", "E2", "E0"]


def test_the_breach_says_when_the_person_was_warned_and_which_court_it_goes_to() -> None:
    order = sentence("suspended_sentence_order", level="crown")
    said = Said(order, missed("2026-03-01", "F1"), warned("2026-03-03", "F1"), missed("2026-03-20"), on=LATE)
    (required,) = said.open(BreachRequired).values()
    assert (required.warned_on, required.court_level) == (day("2026-03-03"), "crown")


@pytest.mark.parametrize(
    ("kind", "duty"), [("community_order", "ENF-1"), ("suspended_sentence_order", "ENF-2")]
)
def test_a_breach_names_the_rules_it_rests_on(kind: str, duty: str) -> None:
    def rules(*facts: Any) -> set[str]:
        (finding,) = Said(sentence(kind), *facts, on="2027-06-01").findings(BreachRequired)
        return set(finding.rules)

    always = {"ENF-13", "ENF-15", "ENF-16"}
    by_count, by_warning = {"ENF-5", "ENF-17"}, {duty, "ENF-6"}
    first, warning = missed("2026-03-01", "F1"), warned("2026-03-03", "F1")
    assert rules(first, missed("2026-03-20")) == always | by_count
    assert rules(first, warning, missed("2026-03-20")) == always | by_count | by_warning
    assert rules(first, warning, missed("2027-03-01")) == always | by_warning


def test_an_action_required_rests_on_all_failures_that_count_and_on_the_warning() -> None:
    facts = [ORDER, missed("2026-03-01", "F1"), warned("2026-03-03", "F1"), missed("2026-03-20", "F2")]
    during = [initiated("2026-03-21"), missed("2026-04-02", "F3")]
    said = Said(*facts, *during, missed("2027-03-21", "F4"), heard("2026-04-30"), on=LATE)
    because = {
        finding.key: {record.event_id for record in finding.because}
        for finding in said.findings(EnforcementActionRequired)
    }
    assert because == {
        "F1": {"E1"},
        "F2": {"E3", "E1", "E2"},
        "F3": {"E5", "E1", "E3", "E2"},
    }


def test_the_last_warning_in_force_is_told() -> None:
    facts = [ORDER, missed("2026-03-01", "F1"), warned("2026-03-03", "F1"), warned("2026-03-05", "F1")]
    (required,) = Said(*facts, missed("2026-03-20"), on=LATE).open(BreachRequired).values()
    assert required.warned_on == day("2026-03-05")


def test_failures_are_counted_by_distinct_date() -> None:
    same_day = Said(ORDER, missed("2026-03-01", "C1"), missed("2026-03-01", "C2"), on=LATE)
    next_day = Said(ORDER, missed("2026-03-01", "C1"), missed("2026-03-02", "C2"), on=LATE)
    assert counts(same_day) == {"C1": 1, "C2": 1}
    assert same_day.findings(BreachRequired) == []
    assert list(next_day.open(BreachRequired)) == ["S1/C2"]


@pytest.mark.parametrize(
    ("second", "failures", "required"),
    [
        pytest.param(
            "2027-01-13", 2, True, id="the last day of the 12 months beginning with the first failure"
        ),
        pytest.param("2027-01-14", 1, False, id="a year to the day after the first failure"),
    ],
)
def test_two_failures_in_twelve_months(second: str, failures: int, required: bool) -> None:
    said = Said(ORDER, missed("2026-01-14", "F1"), missed(second, "F2"), on=second)
    assert counts(said) == {"F1": 1, "F2": failures}
    assert list(said.open(BreachRequired)) == ["S1/F2"] * required


def test_a_failure_within_twelve_months_of_the_warning_must_be_referred_even_if_the_first_is_older() -> None:
    # E24: the failure of 12 January is more than a year ago, the warning of 14 January is not.
    facts = [ORDER, missed("2026-01-12", "F1"), warned("2026-01-14", "F1")]
    within = Said(*facts, missed("2027-01-13", "F2"), on="2027-01-13")
    after = Said(*facts, missed("2027-01-14", "F2"), on="2027-01-14")
    (required,) = within.open(BreachRequired).values()
    assert (required.failures, required.warned_on) == (1, day("2026-01-14"))
    assert "ENF-1" in within.findings(BreachRequired)[0].rules
    assert after.findings(BreachRequired) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_breach_is_required_when_the_count_reaches_the_limit_of_the_policy(
    limit: int, tmp_path: Path
) -> None:
    text = SERVICE.policy.read_text(encoding="utf-8")
    changed = tmp_path / "policy.toml"
    changed.write_text(
        text.replace('"failures_before_breach"\nvalue = 2', f'"failures_before_breach"\nvalue = {limit}'),
        encoding="utf-8",
    )
    facts = [ORDER, *(missed(f"2026-03-0{n}", f"F{n}") for n in (2, 3, 4, 5))]
    said = Said(*facts, on=LATE, policy=SERVICE.load_policy(changed))
    assert list(said.open(BreachRequired)) == [f"S1/F{limit + 1}"]


def test_no_failure_counts_while_a_breach_is_required() -> None:
    said = Said(*TWICE, missed("2026-03-25", "F3"), on=LATE)
    assert counts(said) == {"F1": 1, "F2": 2, "F3": 2}
    assert list(said.open(BreachRequired)) == ["S1/F2"]


def test_a_breach_initiated_resolves_that_it_is_required() -> None:
    said = Said(*TWICE, initiated("2026-03-21"), on=LATE)
    assert said.closed(BreachRequired) == {"S1/F2": "resolved"}
    assert said.open(BreachStarted) == {
        "S1/F2": BreachStarted(sentence_id="S1", started_on=day("2026-03-21"))
    }
    assert said.findings(BreachConcluded) == []


def test_e27_a_failure_during_a_live_breach_never_counts() -> None:
    facts = [*TWICE, initiated("2026-03-21"), missed("2026-04-02", "F3")]
    during = Said(*facts, on="2026-04-02")
    assert counts(during) == {"F1": 1, "F2": 2, "F3": 2}
    resolved = [*facts, heard("2026-04-30", "not_proven")]
    after = Said(*resolved, missed("2026-05-11", "F4"), on=LATE)
    assert counts(after) == {"F1": 1, "F2": 2, "F3": 2, "F4": 1}
    assert after.open(BreachRequired) == {}
    assert after.open(BreachConcluded) == {
        "S1/F2": BreachConcluded(sentence_id="S1", concluded_on=day("2026-04-30"), outcome="not_proven")
    }
    again = Said(*resolved, missed("2026-05-11", "F4"), missed("2026-05-18", "F5"), on=LATE)
    assert list(again.open(BreachRequired)) == ["S1/F5"]
    assert again.open(BreachRequired)["S1/F5"].failures == 2


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_e32_the_order_of_arrival_does_not_matter(order: tuple[int, ...]) -> None:
    failures = [missed("2026-03-05", "F1"), missed("2026-03-20", "F2"), missed("2026-03-05", "F1")]
    said = Said(ORDER, *(failures[n] for n in order), on="2026-03-25")
    (required,) = said.open(BreachRequired).values()
    assert (required.contact_id, required.failures, required.pack_due_on) == ("F2", 2, day("2026-04-07"))


def test_failures_on_the_day_a_breach_starts_or_ends() -> None:
    # What happened on the day of the initiation came before it; on the day of the hearing, after it.
    facts = [ORDER, missed("2026-03-01", "F1"), missed("2026-03-20", "F2"), initiated("2026-03-20")]
    said = Said(*facts, heard("2026-04-30"), missed("2026-04-30", "F3"), on=LATE)
    assert counts(said) == {"F1": 1, "F2": 2, "F3": 1}
    assert said.closed(BreachRequired) == {"S1/F2": "resolved"}


@pytest.mark.parametrize(
    ("outcome", "resolves"),
    [
        ("not_proven", True),
        ("proven_continued", True),
        ("proven_varied", True),
        ("revoked_and_resentenced", True),
        ("withdrawn", True),
        ("committed_to_crown", False),
        ("warrant_issued", False),
        ("adjourned", False),
    ],
)
def test_which_results_resolve_a_breach(outcome: Any, resolves: bool) -> None:
    said = Said(*TWICE, initiated("2026-03-21"), heard("2026-04-30", outcome), missed("2026-05-11"), on=LATE)
    assert [e.outcome for e in said.open(BreachConcluded).values()] == [outcome] * resolves
    assert counts(said)["C-2026-05-11"] == (1 if resolves else 2)


def test_a_breach_that_is_withdrawn_is_over() -> None:
    said = Said(
        *TWICE,
        initiated("2026-03-21"),
        action("breach_withdrawn", "2026-04-02"),
        missed("2026-04-03"),
        on=LATE,
    )
    (concluded,) = said.open(BreachConcluded).values()
    assert (concluded.concluded_on, concluded.outcome) == (day("2026-04-02"), "withdrawn")
    assert counts(said)["C-2026-04-03"] == 1


def test_an_officer_may_initiate_a_breach_on_the_first_failure() -> None:
    facts = [ORDER, missed("2026-03-01", "F1"), initiated("2026-03-02", "F1")]
    said = Said(*facts, missed("2026-03-20", "F2"), on=LATE)
    assert list(said.open(BreachStarted)) == ["S1/F1"]
    assert said.findings(BreachRequired) == []
    assert counts(said) == {"F1": 1, "F2": 1}


def test_without_a_contact_named_the_last_failure_opened_the_breach() -> None:
    said = Said(ORDER, missed("2026-03-01", "F1"), initiated("2026-03-02"), on=LATE)
    assert list(said.open(BreachStarted)) == ["S1/F1"]


def test_a_breach_that_no_contact_opened_goes_by_its_action() -> None:
    said = Said(ORDER, initiated("2026-03-02"), on=LATE)
    assert list(said.open(BreachStarted)) == ["S1/A-breach_initiated-2026-03-02"]


def test_a_second_initiation_of_a_live_breach_changes_nothing() -> None:
    said = Said(*TWICE, initiated("2026-03-21"), initiated("2026-03-28"), on=LATE)
    assert [e.started_on for e in said.open(BreachStarted).values()] == [day("2026-03-21")]


def test_two_breaches_on_one_contact_are_two() -> None:
    facts = [ORDER, missed("2026-03-01", "F1")]
    day_of = "2026-03-02"
    said = Said(
        *facts,
        initiated(f"{day_of}T09:00", "F1"),
        action("breach_withdrawn", f"{day_of}T10:00", "F1"),
        initiated(f"{day_of}T11:00", "F1"),
        heard("2026-04-30"),
        on=LATE,
    )
    first, second = said.open(BreachStarted)
    assert first == "S1/F1"
    assert second.startswith("S1/F1/A-")
    assert [e.outcome for e in said.open(BreachConcluded).values()] == ["withdrawn", "not_proven"]


def test_a_hearing_on_the_day_of_the_initiation_resolves_that_breach() -> None:
    said = Said(*TWICE, initiated("2026-03-21"), heard("2026-03-21"), on=LATE)
    assert list(said.open(BreachConcluded)) == ["S1/F2"]


def test_a_result_of_a_breach_of_unknown_beginning_resets_the_count() -> None:
    said = Said(*TWICE, heard("2026-04-30", "proven_continued"), missed("2026-05-11", "F3"), on=LATE)
    assert said.closed(BreachRequired) == {"S1/F2": "resolved"}
    assert said.findings(BreachConcluded) == []
    assert counts(said)["F3"] == 1


def test_a_hearing_of_the_future_has_not_resolved_anything() -> None:
    facts = [*TWICE, initiated("2026-03-21"), heard("2026-04-30")]
    assert Said(*facts, on="2026-04-29").findings(BreachConcluded) == []
    assert Said(*facts, on="2026-04-29").wake_on == day("2026-04-30")
    assert list(Said(*facts, on="2026-04-30").open(BreachConcluded)) == ["S1/F2"]


def test_after_a_breach_earlier_warnings_still_bind_but_do_not_require_another_breach() -> None:
    facts = [ORDER, missed("2026-03-01", "F1"), warned("2026-03-02", "F1"), missed("2026-03-20", "F2")]
    facts += [
        initiated("2026-03-21"),
        missed("2026-04-02", "F3"),
        warned("2026-04-03", "F3"),
        heard("2026-04-30"),
    ]
    said = Said(*facts, missed("2026-05-11", "F4"), on="2026-05-11")
    assert said.open(EnforcementActionRequired)["F4"].options == ["refer"]
    assert said.open(EnforcementActionRequired)["F4"].failures == 1
    assert said.open(BreachRequired) == {}


def test_the_case_says_where_enforcement_stands() -> None:
    def status(*facts: Any) -> str:
        return Said(*facts, on="2026-05-01").assessment.overview.status

    assert status(missed("2026-03-01")) == ""
    assert status(ORDER) == "supervised"
    assert status(*TWICE) == "breach_required"
    assert status(*TWICE, initiated("2026-03-21")) == "in_breach"
    assert status(sentence(ends="2026-04-30")) == "ended"
    assert status(sentence(ends="2026-05-01")) == "supervised"
