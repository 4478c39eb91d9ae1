"""The risk assessment and the registrations in force on a day."""

from __future__ import annotations

from datetime import date

import pytest

from shared.probation.facts import RegistrationChange, RiskAssessment
from shared.probation.risk import assessments_in_order, registrations, risk_on
from tests import facts as f
from tests.facts import Fact
from tests.probation.joined import records
from tests.table import table


@pytest.mark.parametrize(
    ("day", "rosh"),
    [
        pytest.param("2026-02-28", None, id="before the first: unknown"),
        pytest.param("2026-03-01", "medium", id="from its day on"),
        pytest.param("2026-05-01", "low", id="of two of one day the one recorded later"),
    ],
)
def test_the_latest_assessment_holds(day: str, rosh: str | None) -> None:
    facts = [
        f.risk("2026-05-01", "low", id="A3", recorded="2026-05-03"),
        f.risk("2026-05-01", "high", id="A2", recorded="2026-05-02"),
        f.risk("2026-03-01", "medium", id="A1"),
    ]
    found = risk_on(assessments_in_order(records(RiskAssessment, *facts)), date.fromisoformat(day))
    assert (found.rosh if found else None) == rosh


@table(
    """
    | case                                | expected                                             | facts |
    | set                                 | [("2026-03-01", None)]                               | 2026-03-01 registered |
    | lifted                              | [("2026-03-01", "2026-05-01")]                       | 2026-03-01 registered; 2026-05-01 lifted |
    | told the other way round            | [("2026-03-01", "2026-05-01")]                       | 2026-05-01 lifted; 2026-03-01 registered |
    | setting what is set changes nothing | [("2026-03-01", "2026-05-01")]                       | 2026-03-01, 2026-04-01 registered; 2026-05-01 lifted |
    | set again                           | [("2026-03-01", "2026-05-01"), ("2026-06-01", None)] | 2026-03-01 registered; 2026-05-01 lifted; 2026-06-01 registered |
    | lifted, never set                   | []                                                   | 2026-05-01 lifted |
    """,  # noqa: E501
)
def test_when_a_registration_is_in_force(facts: list[Fact], expected: object) -> None:
    found = registrations(records(RegistrationChange, *facts))
    assert [(r.first.isoformat(), r.until.isoformat() if r.until else None) for r in found] == expected


def test_a_registration_lifted_on_a_day_is_not_in_force_on_it() -> None:
    (found,) = registrations(records(RegistrationChange, f.registered("2026-03-01"), f.lifted("2026-05-01")))
    assert [found.on(date(2026, 3, 1)), found.on(date(2026, 4, 30)), found.on(date(2026, 5, 1))] == [
        True,
        True,
        False,
    ]
