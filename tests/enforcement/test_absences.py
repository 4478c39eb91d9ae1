"""Absences of which the reason is awaited (ENF-11, ENF-12)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.enforcement import AbsenceDecisionOverdue, EnforcementActionRequired
from services.enforcement.app import SERVICE
from shared.policy import Policy
from tests.enforcement.facts import (
    POLICY,
    Said,
    custodial,
    day,
    excused,
    missed,
    released,
    sentence,
    undecided,
)

ORDER = sentence()
DEFAULT = 'value = 5\neffective_from = 2021-11-23\nunit = "business_days"'


def variant(folder: Path, value: int, unit: str) -> Policy:
    text = SERVICE.policy.read_text(encoding="utf-8")
    assert DEFAULT in text
    file = folder / "policy.toml"
    file.write_text(
        text.replace(DEFAULT, f'value = {value}\neffective_from = 2021-11-23\nunit = "{unit}"'),
        encoding="utf-8",
    )
    return SERVICE.load_policy(file)


@pytest.mark.parametrize(
    ("value", "unit", "until"),
    [
        pytest.param(
            5, "business_days", "2026-12-30", id="E22: 5 business days: evidence until Wed 30 Dec 2026"
        ),
        pytest.param(6, "business_days", "2026-12-31", id="E22: 6 business days: until Thu 31 Dec"),
        pytest.param(7, "calendar_days", "2026-12-28", id="E22: 7 calendar days: until Mon 28 Dec"),
    ],
)
def test_the_evidence_window(value: int, unit: str, until: str, tmp_path: Path) -> None:
    policy = POLICY if value == 5 else variant(tmp_path, value, unit)
    facts = [ORDER, undecided("2026-12-21", "C1")]
    last = day(until)
    waiting = Said(*facts, on=last, policy=policy)
    assert waiting.findings(AbsenceDecisionOverdue) == []
    assert waiting.wake_on is not None
    assert (waiting.wake_on - last).days == 1
    assert Said(*facts, on=waiting.wake_on, policy=policy).open(AbsenceDecisionOverdue) == {
        "C1": AbsenceDecisionOverdue(contact_id="C1", sentence_id="S1", due_on=last)
    }


def test_until_22_november_2021_the_window_was_seven_calendar_days() -> None:
    order = sentence(imposed="2021-10-01", ends="2022-09-30")
    before = Said(order, undecided("2021-11-22", "C1"), on="2022-01-10").open(AbsenceDecisionOverdue)["C1"]
    after = Said(order, undecided("2021-11-23", "C1"), on="2022-01-10").open(AbsenceDecisionOverdue)["C1"]
    assert (before.due_on, after.due_on) == (day("2021-11-29"), day("2021-11-30"))


def test_an_undecided_absence_is_no_failure_and_nothing_decides_it() -> None:
    said = Said(ORDER, missed("2026-12-01", "F1"), undecided("2026-12-21", "C1"), on="2027-06-30")
    assert list(said.open(EnforcementActionRequired)) == ["F1"]
    assert said.open(EnforcementActionRequired)["F1"].failures == 1


def test_the_window_runs_on_a_licence_too() -> None:
    facts = [
        custodial(),
        released("2026-01-05", "2026-12-31", "2027-12-31"),
        undecided("2027-02-01", "C1", "L1"),
    ]
    assert list(Said(*facts, on="2027-02-09").open(AbsenceDecisionOverdue)) == ["C1"]


@pytest.mark.parametrize("decided", [missed, excused], ids=["a failure", "excused"])
@pytest.mark.parametrize(
    ("on", "overdue"),
    [
        pytest.param(None, False, id="never awaited"),
        pytest.param("2026-03-09", False, id="decided on the due date"),
        pytest.param("2026-03-10", True, id="decided the day after"),
    ],
)
@pytest.mark.parametrize("still", [[], [undecided("2026-03-02", "C1")]], ids=["", "told of both"])
def test_when_it_was_decided_the_decided_finding_says(
    decided: Any, on: str | None, overdue: bool, still: list[Any]
) -> None:
    said = Said(ORDER, decided("2026-03-02", "C1", decided=on), *still, on="2026-03-20")
    assert list(said.open(AbsenceDecisionOverdue)) == ["C1"] * overdue
    if overdue:
        (finding,) = said.findings(AbsenceDecisionOverdue)
        assert [record.event_id for record in finding.because] == ["E1"]


def test_a_decision_that_is_late_is_so_only_when_the_due_date_is_over() -> None:
    facts = [ORDER, missed("2026-03-02", "C1", decided="2026-03-10")]
    assert Said(*facts, on="2026-03-09").open(AbsenceDecisionOverdue) == {}
    assert list(Said(*facts, on="2026-03-10").open(AbsenceDecisionOverdue)) == ["C1"]
