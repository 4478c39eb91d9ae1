"""The forms of contact that a plan suggests (CONT-32)."""

from __future__ import annotations

from typing import cast

from schemas.words import Mode
from shared.policy import Values
from shared.probation.facts import RiskAssessment

SEVERITIES = ("severe", "standard", "none")
"""How severe a need may be, the worst first."""


def suggested_modes(risk: RiskAssessment | None, values: Values) -> tuple[Mode, ...]:
    """CONT-32: the forms that the policy of a day suggests for the risk and for the need, the best first.

    ALLOC-12: a risk that is not known is not low. The need is the most severe that was scored.
    """
    by_risk = _row(values, "plan_modes_by_risk", risk.rosh if risk else "unknown")
    by_need = _row(values, "plan_modes_by_need", _worst_need(risk) if risk else "none")
    return tuple(mode for mode in by_risk if mode in by_need)


def modes_of(values: Values, name: str) -> tuple[Mode, ...]:
    """The forms of contact in a list of the policy."""
    return cast(tuple[Mode, ...], values.texts(name))


def _row(values: Values, name: str, row: str) -> tuple[Mode, ...]:
    return cast(tuple[Mode, ...], tuple(str(values.table(name)[row]).split()))


def _worst_need(risk: RiskAssessment) -> str:
    scored = {need.severity for need in risk.needs}
    return next((severity for severity in SEVERITIES if severity in scored), "none")
