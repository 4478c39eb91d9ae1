"""What the allocation service knows: the facts about a person, and those about a practitioner."""

import msgspec

from services.allocation.facts import Practitioner
from shared.engine.case import Case, Register, Registers
from shared.probation.case import SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import Allocation, ManagerDecision, PractitionerChange, RiskAssessment


class AllocationCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as allocation sees them."""

    assessments: dict[str, RiskAssessment] = msgspec.field(default_factory=dict)
    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    changes: dict[str, PractitionerChange] = msgspec.field(default_factory=dict)
    decisions: dict[str, ManagerDecision] = msgspec.field(default_factory=dict)


PERSON: Registers = SUPERVISION_REGISTERS | {
    "RiskAssessed": Register("assessments", RiskAssessment),
    "CaseAllocated": Register("allocations", Allocation),
    "PractitionerChangeRequested": Register("changes", PractitionerChange),
    "ManagerDecisionRecorded": Register("decisions", ManagerDecision),
}


class PractitionerCase(Case, kw_only=True):
    """A practitioner. `used["points"]` is the workload of the cases held, kept by the engine."""

    updates: dict[str, Practitioner] = msgspec.field(default_factory=dict)

    @property
    def points(self) -> int:
        """Workload points of the cases held."""
        return self.used.get("points", 0)


PRACTITIONER: Registers = {"PractitionerUpdated": Register("updates", Practitioner)}
