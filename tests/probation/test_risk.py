"""The risk assessment and the registrations in force on a day."""

from __future__ import annotations

from datetime import date

import pytest

from shared.probation.facts import RegistrationChange, RiskAssessment
from shared.probation.risk import assessments_in_order, registrations, risk_on
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import records


@pytest.mark.parametrize(
    ("day", "rosh"),
    [
        pytest.param("2026-02-28", None, id="before the first: unknown"),
        pytest.param("2026-03-01", "medium", id="from its day"),
        pytest.param("2026-05-01", "low", id="of two on one day the one recorded later"),
    ],
)
def test_the_latest_assessment_is_in_force(day: str, rosh: str | None) -> None:
    facts = [
        f.risk("2026-05-01", "low", id="A3", recorded="2026-05-03"),
        f.risk("2026-05-01", "high", id="A2", recorded="2026-05-02"),
        f.risk("2026-03-01", "medium", id="A1"),
    ]
    found = risk_on(assessments_in_order(records(RiskAssessment, *facts)), date.fromisoformat(day))
    assert (found.rosh if found else None) == rosh


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([f.registered("2026-03-01")], [("2026-03-01", None)], id="set"),
        pytest.param(
            [f.registered("2026-03-01"), f.lifted("2026-05-01")], [("2026-03-01", "2026-05-01")], id="lifted"
        ),
        pytest.param(
            [f.lifted("2026-05-01"), f.registered("2026-03-01")],
            [("2026-03-01", "2026-05-01")],
            id="in the other order of arrival",
        ),
        pytest.param(
            [f.registered("2026-03-01"), f.registered("2026-04-01"), f.lifted("2026-05-01")],
            [("2026-03-01", "2026-05-01")],
            id="adding an active one again changes nothing",
        ),
        pytest.param(
            [f.registered("2026-03-01"), f.lifted("2026-05-01"), f.registered("2026-06-01")],
            [("2026-03-01", "2026-05-01"), ("2026-06-01", None)],
            id="added again",
        ),
        pytest.param([f.lifted("2026-05-01")], [], id="removed, never added"),
    ],
)
def test_when_a_registration_is_in_force(facts: list[Fact], expected: object) -> None:
    found = registrations(records(RegistrationChange, *facts))
    assert [(r.first.isoformat(), r.until.isoformat() if r.until else None) for r in found] == expected


def test_a_registration_is_not_in_force_on_the_day_it_is_removed() -> None:
    (found,) = registrations(records(RegistrationChange, f.registered("2026-03-01"), f.lifted("2026-05-01")))
    assert [found.on(date(2026, 3, 1)), found.on(date(2026, 4, 30)), found.on(date(2026, 5, 1))] == [
        True,
        True,
        False,
    ]
