"""Absences of which the reason is awaited (ENF-11, ENF-12)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.enforcement import AbsenceDecisionOverdue
from services.enforcement.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-01-05", "2027-12-31")
ABSENT = f.undecided("2026-12-21", id="C1")


@table(
    """
    | case                                                 | value | unit          | until      |
    | E22: 5 business days: evidence until Wed 30 Dec 2026 | 5     | business_days | 2026-12-30 |
    | E22: 6 business days: until Thu 31 Dec               | 6     | business_days | 2026-12-31 |
    | E22: 7 calendar days: until Mon 28 Dec               | 7     | calendar_days | 2026-12-28 |
    """,
)
def test_the_evidence_window(value: int, unit: str, until: str, tmp_path: Path) -> None:
    other = changed(SERVICE, tmp_path, evidence_days={"value": str(value), "unit": f'"{unit}"'})
    policy = None if value == 5 else other
    last = date.fromisoformat(until)
    waiting = on(last, SERVICE, ORDER, ABSENT, policy=policy)
    assert waiting.findings("AbsenceDecisionOverdue") == []
    assert waiting.wake_on == last + timedelta(days=1)
    assert on(waiting.wake_on, SERVICE, ORDER, ABSENT, policy=policy).open("AbsenceDecisionOverdue") == {
        "C1": AbsenceDecisionOverdue(**f.PLACE, contact_id="C1", sentence_id="S1", due_on=last)
    }


@pytest.mark.parametrize(("absent", "due"), [("2021-11-22", "2021-11-29"), ("2021-11-23", "2021-11-30")])
def test_until_22_november_2021_the_window_was_seven_calendar_days(absent: str, due: str) -> None:
    order = f.order("2021-10-01", "2022-09-30")
    event = on("2022-01-10", SERVICE, order, f.undecided(absent)).one("AbsenceDecisionOverdue")
    assert str(event.due_on) == due


def test_an_undecided_absence_is_no_failure_and_nothing_decides_it() -> None:
    case = on("2027-06-30", SERVICE, ORDER, f.missed("2026-12-01", id="F1"), ABSENT)
    assert list(case.open("EnforcementActionRequired")) == ["F1"]
    assert case.one("EnforcementActionRequired").failures == 1


@pytest.mark.parametrize("absent", ["2026-02-02", "2026-04-01"], ids=["on the licence", "afterwards"])
def test_the_window_runs_on_a_licence_and_on_post_sentence_supervision_too(absent: str) -> None:
    facts = [f.custodial("2025-01-06"), f.released("2026-01-05", "2026-03-31", "2026-12-31")]
    case = on("2026-04-15", SERVICE, *facts, f.undecided(absent, id="C1"))
    assert list(case.open("AbsenceDecisionOverdue")) == ["C1"]


@pytest.mark.parametrize("decided", [f.missed, f.excused], ids=["a failure", "excused"])
@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        pytest.param(None, False, id="never awaited"),
        pytest.param("2026-03-09", False, id="decided on the due date"),
        pytest.param("2026-03-10", True, id="decided the day after"),
    ],
)
@pytest.mark.parametrize(
    "still", [[], [f.undecided("2026-03-02", id="C1")]], ids=["", "published beside the undecided one"]
)
def test_when_it_was_decided_the_decided_finding_says(
    decided: Any, day: str | None, overdue: bool, still: list[f.Fact]
) -> None:
    finding = decided("2026-03-02", id="C1", decided=day)
    case = on("2026-03-20", SERVICE, ORDER, finding, *still)
    assert case.evidence("AbsenceDecisionOverdue") == ({"C1": [finding.id]} if overdue else {})


@pytest.mark.parametrize(("today", "overdue"), [("2026-03-09", []), ("2026-03-10", ["C1"])])
def test_a_late_decision_is_late_only_when_the_due_date_is_over(today: str, overdue: list[str]) -> None:
    case = on(today, SERVICE, ORDER, f.missed("2026-03-02", id="C1", decided="2026-03-10"))
    assert list(case.open("AbsenceDecisionOverdue")) == overdue
