"""What the enforcement service knows about a person: sentences, failures, actions and breach hearings.

Everything belongs to a sentence by its id. Facts of a sentence that is not known yet lead to nothing.
"""

from __future__ import annotations

import msgspec

from services.enforcement.facts import (
    Absence,
    Action,
    Allocation,
    Assessment,
    Hearing,
    Recall,
    Recognition,
    Sentence,
    TakenBack,
    read_action,
)
from shared.engine.case import Register, Registers, Resolution
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import AppealLodging, ManagerDecision


class EnforcementCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as enforcement sees them."""

    sentences: dict[str, Sentence] = msgspec.field(default_factory=dict)  # type: ignore[assignment]
    hearings: dict[str, Hearing] = msgspec.field(default_factory=dict)
    appeals: dict[str, AppealLodging] = msgspec.field(default_factory=dict)
    actions: dict[str, Action] = msgspec.field(default_factory=dict)
    decisions: dict[str, ManagerDecision] = msgspec.field(default_factory=dict)
    failures: dict[str, Absence] = msgspec.field(default_factory=dict)
    taken_back: dict[str, TakenBack] = msgspec.field(default_factory=dict)
    excused: dict[str, Absence] = msgspec.field(default_factory=dict)
    undecided: dict[str, Absence] = msgspec.field(default_factory=dict)
    resolutions: dict[str, Resolution] = msgspec.field(default_factory=dict)
    """When and how absences in `undecided` ceased to be so, by event id."""
    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    assessments: dict[str, Assessment] = msgspec.field(default_factory=dict)
    recalls: dict[str, Recall] = msgspec.field(default_factory=dict)
    recognitions: dict[str, Recognition] = msgspec.field(default_factory=dict)


REGISTERS: Registers = (
    SUPERVISION_REGISTERS
    | END_REGISTER
    | {
        "SentenceImposed": Register("sentences", Sentence),
        "BreachHearingResulted": Register("hearings", Hearing),
        "AppealLodged": Register("appeals", AppealLodging),
        "EnforcementActionTaken": Register("actions", read_action),
        "ManagerDecisionRecorded": Register("decisions", ManagerDecision),
        "ContactMissed": Register("failures", Absence),
        "FailureTakenBack": Register("taken_back", TakenBack),
        "ContactExcused": Register("excused", Absence),
        "AbsenceUndecided": Register("undecided", Absence, resolutions="resolutions"),
        "CaseAllocated": Register("allocations", Allocation),
        "RiskAssessed": Register("assessments", Assessment),
        "RecallDecided": Register("recalls", Recall),
        "ProgressRecognised": Register("recognitions", Recognition),
    }
)
