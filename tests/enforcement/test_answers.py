"""What must be done about a failure (ENF-1, ENF-2, ENF-6, ENF-14), and by when (ENF-10)."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from schemas.enforcement import EnforcementActionRequired, WarningLetterOverdue
from shared.engine.assessment import evidence
from tests.enforcement.facts import (
    Said,
    action,
    custodial,
    day,
    excused,
    initiated,
    missed,
    released,
    sentence,
    warned,
)

ORDER = sentence()
Options = list[Literal["warn", "refer"]]
BOTH: Options = ["warn", "refer"]
REFER: Options = ["refer"]


@pytest.mark.parametrize("kind", ["community_order", "suspended_sentence_order"])
def test_on_a_first_failure_the_officer_may_warn_or_refer(kind: str) -> None:
    said = Said(sentence(kind), missed("2026-03-05", "C1"), on="2026-03-05")
    assert said.open(EnforcementActionRequired) == {
        "C1": EnforcementActionRequired(contact_id="C1", sentence_id="S1", options=BOTH, failures=1)
    }


@pytest.mark.parametrize(
    ("kind", "rule"), [("community_order", "ENF-1"), ("suspended_sentence_order", "ENF-2")]
)
def test_each_kind_of_order_has_its_own_rule(kind: str, rule: str) -> None:
    (finding,) = Said(sentence(kind), missed("2026-03-05"), on="2026-03-05").findings(
        EnforcementActionRequired
    )
    assert rule in finding.rules
    assert evidence(finding.because) == ["E1"]


@pytest.mark.parametrize(
    ("failed", "options"),
    [
        pytest.param(
            "2026-01-13", BOTH, id="a failure before the warning was given may still be warned about"
        ),
        pytest.param("2026-01-14", REFER, id="the 12 months begin with the day of the warning"),
        pytest.param("2027-01-13", REFER, id="E24: 13 Jan 2027, warned 14 Jan 2026: must refer"),
        pytest.param("2027-01-14", BOTH, id="E24: 14 Jan 2027, warned 14 Jan 2026: may warn again"),
    ],
)
def test_a_warning_binds_for_twelve_months(failed: str, options: Options) -> None:
    facts = [ORDER, missed("2026-01-12", "C1"), warned("2026-01-14", "C1"), missed(failed, "C2")]
    assert (
        Said(*facts, on=failed if failed > "2026-01-14" else "2026-01-14")
        .open(EnforcementActionRequired)["C2"]
        .options
        == options
    )


def test_twelve_months_beginning_with_29_february_end_on_28_february() -> None:
    order = sentence(imposed="2028-01-03", ends="2030-01-02")
    facts = [order, missed("2028-02-28", "C1"), warned("2028-02-29", "C1")]
    within = Said(*facts, missed("2029-02-28", "C2"), on="2029-02-28")
    after = Said(*facts, missed("2029-03-01", "C2"), on="2029-03-01")
    assert within.open(EnforcementActionRequired)["C2"].options == REFER
    assert after.open(EnforcementActionRequired)["C2"].options == BOTH


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("warning", REFER),
        ("second_warning", REFER),
        ("final_warning", REFER),
        ("letter_sent", BOTH),
        ("compliance_letter", BOTH),
        ("no_further_action", BOTH),
        ("breach_withdrawn", BOTH),
    ],
)
def test_only_warnings_bind(what: str, options: Options) -> None:
    said = Said(
        ORDER,
        missed("2026-03-02", "C1"),
        action(what, "2026-03-03", "C1"),
        missed("2026-04-01", "C2"),
        on="2026-04-01",
    )
    assert said.open(EnforcementActionRequired)["C2"].options == options


def test_the_warning_date_is_the_date_in_london() -> None:
    # 23:30 UTC on 13 July is half past midnight on 14 July in London.
    facts = [
        sentence(imposed="2026-01-05", ends="2028-01-04"),
        missed("2026-07-10", "C1"),
        warned("2026-07-14T00:30", "C1"),
    ]
    on_its_last_day = Said(*facts, missed("2027-07-13", "C2"), on="2027-07-13")
    a_day_later = Said(*facts, missed("2027-07-14", "C2"), on="2027-07-14")
    assert on_its_last_day.open(EnforcementActionRequired)["C2"].options == REFER
    assert a_day_later.open(EnforcementActionRequired)["C2"].options == BOTH


def test_the_failure_date_decides_not_when_it_became_known() -> None:
    # The failure of 2 March was recorded after the warning of 10 March: nobody had been warned before it.
    said = Said(
        ORDER,
        missed("2026-03-09", "C2"),
        warned("2026-03-10", "C2"),
        missed("2026-03-02", "C1"),
        on="2026-03-20",
    )
    assert said.open(EnforcementActionRequired)["C1"].options == BOTH


def test_a_warning_on_the_order_that_names_no_contact_binds() -> None:
    said = Said(ORDER, warned("2026-03-03"), missed("2026-04-01", "C2"), on="2026-04-01")
    assert said.open(EnforcementActionRequired)["C2"].options == REFER


def test_a_warning_that_names_no_contact_may_be_for_the_failure_of_its_day() -> None:
    said = Said(ORDER, missed("2026-03-02", "C1"), warned("2026-03-02"), on="2026-03-02")
    (finding,) = said.findings(EnforcementActionRequired)
    assert (finding.event.options, said.assessment.closed(finding)) == (BOTH, "resolved")


def test_a_warning_for_an_absence_excused_since_does_not_bind() -> None:
    said = Said(
        ORDER,
        excused("2026-03-02", "C1"),
        warned("2026-03-03", "C1"),
        missed("2026-04-01", "C2"),
        on="2026-04-01",
    )
    assert said.open(EnforcementActionRequired)["C2"].options == BOTH


def test_two_contacts_failed_on_one_day_are_one_failure_for_the_warning() -> None:
    said = Said(
        ORDER,
        missed("2026-03-02", "C1"),
        warned("2026-03-02", "C1"),
        missed("2026-03-02", "C2"),
        on="2026-03-02",
    )
    assert said.open(EnforcementActionRequired)["C2"].options == BOTH


@pytest.mark.parametrize(
    "what", ["warning", "letter_sent", "no_further_action", "breach_initiated", "breach_pack_completed"]
)
def test_any_action_for_the_contact_answers_the_failure(what: str) -> None:
    said = Said(ORDER, missed("2026-03-02", "C1"), action(what, "2026-03-03", "C1"), on="2026-03-03")
    assert said.closed(EnforcementActionRequired) == {"C1": "resolved"}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(warned("2026-03-03", "C9"), id="an action for another contact"),
        pytest.param(warned("2026-03-01"), id="a warning on the order before it"),
        pytest.param(warned("2026-03-03", sentence="S2"), id="a warning on another order"),
        pytest.param(initiated("2026-03-01", "C9"), id="a breach initiated before it"),
        pytest.param(warned("2026-03-05", "C1"), id="an action of a later day"),
        pytest.param(warned("2026-03-03", "C1", sentence="S2"), id="an action on another sentence"),
    ],
)
def test_what_does_not_answer_a_failure(other: Any) -> None:
    said = Said(ORDER, missed("2026-03-02", "C1"), other, on="2026-03-04")
    assert list(said.open(EnforcementActionRequired)) == ["C1"]


def test_a_breach_answers_all_failures_so_far() -> None:
    said = Said(
        ORDER,
        missed("2026-03-02"),
        missed("2026-03-20"),
        initiated("2026-03-20"),
        missed("2026-03-21"),
        on="2026-03-21",
    )
    assert said.closed(EnforcementActionRequired) == {"C-2026-03-02": "resolved", "C-2026-03-20": "resolved"}
    assert list(said.open(EnforcementActionRequired)) == ["C-2026-03-21"]


@pytest.mark.parametrize("what", ["warning", "letter_sent", "no_further_action"])
def test_an_action_that_names_no_contact_answers_all_failures_so_far(what: str) -> None:
    said = Said(
        ORDER,
        missed("2026-03-02", "C1"),
        action("breach_pack_completed", "2026-03-03", "C1"),
        missed("2026-03-09", "C2"),
        missed("2026-03-10", "C3"),
        action(what, "2026-03-10"),
        missed("2026-03-11", "C4"),
        on="2026-03-11",
    )
    assert said.closed(EnforcementActionRequired) == dict.fromkeys(("C1", "C2", "C3"), "resolved")
    assert list(said.open(EnforcementActionRequired)) == ["C4"]


@pytest.mark.parametrize("newer", ["2026-03-03", "2026-03-09"], ids=["another day", "the day of the other"])
def test_the_newer_of_two_findings_about_one_contact_counts(newer: str) -> None:
    other = missed("2026-03-09")
    said = Said(ORDER, missed("2026-03-02", "C1"), missed(newer, "C1"), other, on="2026-03-10")
    failures = [finding.event.failures for finding in said.findings(EnforcementActionRequired)]
    assert failures == ([1, 2] if newer == "2026-03-03" else [1, 1])


def test_an_action_on_the_last_day_of_the_order_answers_a_failure() -> None:
    facts = [sentence(ends="2026-03-03"), missed("2026-03-02", "C1")]
    assert Said(*facts, warned("2026-03-03", "C1"), on="2026-03-04").closed(EnforcementActionRequired) == {
        "C1": "resolved"
    }
    assert Said(*facts, warned("2026-03-04", "C1"), on="2026-03-04").closed(EnforcementActionRequired) == {
        "C1": "ended"
    }


def test_a_warning_dated_before_the_order_does_not_bind() -> None:
    said = Said(ORDER, warned("2026-01-04"), missed("2026-03-02", "C1"), on="2026-03-02")
    assert said.open(EnforcementActionRequired)["C1"].options == BOTH


def test_a_failure_of_the_future_waits_for_its_day() -> None:
    facts = [ORDER, missed("2026-03-09", "C1")]
    assert Said(*facts, on="2026-03-08").findings(EnforcementActionRequired) == []
    assert Said(*facts, on="2026-03-08").wake_on == day("2026-03-09")
    assert list(Said(*facts, on="2026-03-09").open(EnforcementActionRequired)) == ["C1"]


def test_a_licence_has_no_duty_to_warn_or_refer() -> None:
    said = Said(
        custodial(),
        released("2026-01-05", "2026-12-31"),
        missed("2026-03-02", sentence="L1"),
        on="2026-03-02",
    )
    assert said.findings(EnforcementActionRequired) == []


# ENF-10. Monday 2 March 2026: within two business days is Wednesday 4 March.


@pytest.mark.parametrize(
    ("failed", "due"),
    [
        ("2026-03-02", "2026-03-04"),
        ("2026-03-06", "2026-03-10"),
        ("2026-03-07", "2026-03-10"),
        ("2026-04-02", "2026-04-08"),
    ],
    ids=["from Monday", "over a weekend", "from Saturday", "over Easter"],
)
def test_the_letter_is_due_within_two_business_days(failed: str, due: str) -> None:
    facts = [ORDER, missed(failed, "C1")]
    in_time, late = Said(*facts, on=due), Said(*facts, on=day(due).replace(day=day(due).day + 1))
    assert in_time.open(WarningLetterOverdue) == {}
    assert in_time.wake_on == day(due).replace(day=day(due).day + 1)
    assert late.open(WarningLetterOverdue) == {
        "C1": WarningLetterOverdue(contact_id="C1", sentence_id="S1", due_on=day(due))
    }


@pytest.mark.parametrize(
    ("answer", "overdue"),
    [
        pytest.param(
            warned("2026-03-04T23:59", "C1"), False, id="a warning on the last minute of the last day"
        ),
        pytest.param(warned("2026-03-05T00:00", "C1"), True, id="a warning a minute later"),
        pytest.param(action("letter_sent", "2026-03-03", "C1"), False, id="a letter"),
        pytest.param(action("no_further_action", "2026-03-03", "C1"), False, id="no letter needed"),
        pytest.param(initiated("2026-03-03"), False, id="a breach of the order"),
        pytest.param(
            action("breach_pack_completed", "2026-03-03", "C1"), True, id="a breach pack is no letter"
        ),
        pytest.param(warned("2026-03-03", "C2"), True, id="a letter for another contact"),
        pytest.param(warned("2026-03-03"), False, id="a letter that names no contact"),
        pytest.param(warned("2026-03-02"), False, id="a letter that names no contact, on the day"),
        pytest.param(warned("2026-03-01"), True, id="a letter that names no contact, the day before"),
        pytest.param(warned("2026-03-05"), True, id="a letter that names no contact, too late"),
        pytest.param(
            action("breach_pack_completed", "2026-03-03"), True, id="a breach pack for the order is none"
        ),
    ],
)
def test_what_counts_as_a_letter_in_time(answer: Any, overdue: bool) -> None:
    said = Said(ORDER, missed("2026-03-02", "C1"), answer, on="2026-03-20")
    assert list(said.open(WarningLetterOverdue)) == ["C1"] * overdue


def test_a_licence_holder_gets_a_letter_in_time_as_well() -> None:
    facts = [custodial(), released("2026-01-05", "2026-12-31"), missed("2026-03-02", "C1", "L1")]
    assert list(Said(*facts, on="2026-03-05").open(WarningLetterOverdue)) == ["C1"]
