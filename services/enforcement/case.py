"""What the enforcement service knows about a person: sentences, failures, actions and breach hearings.

Everything belongs to a sentence by its id. Facts of a sentence that is not known yet lead to nothing.
"""

from __future__ import annotations

import msgspec

from services.enforcement.facts import Absence, Action, Hearing, RecallDecision, read_action
from shared.engine.case import Register, Registers, Resolution
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import RiskAssessment


class EnforcementCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as enforcement sees them."""

    hearings: dict[str, Hearing] = msgspec.field(default_factory=dict)
    actions: dict[str, Action] = msgspec.field(default_factory=dict)
    failures: dict[str, Absence] = msgspec.field(default_factory=dict)
    excused: dict[str, Absence] = msgspec.field(default_factory=dict)
    undecided: dict[str, Absence] = msgspec.field(default_factory=dict)
    resolutions: dict[str, Resolution] = msgspec.field(default_factory=dict)
    """When and how absences in `undecided` ceased to be so, by event id."""
    recall_decisions: dict[str, RecallDecision] = msgspec.field(default_factory=dict)
    assessments: dict[str, RiskAssessment] = msgspec.field(default_factory=dict)


REGISTERS: Registers = (
    SUPERVISION_REGISTERS
    | END_REGISTER
    | {
        "BreachHearingResulted": Register("hearings", Hearing),
        "EnforcementActionTaken": Register("actions", read_action),
        "RecallDecided": Register("recall_decisions", RecallDecision),
        "RiskAssessed": Register("assessments", RiskAssessment),
        "ContactMissed": Register("failures", Absence),
        "ContactExcused": Register("excused", Absence),
        "AbsenceUndecided": Register("undecided", Absence, resolutions="resolutions"),
    }
)
