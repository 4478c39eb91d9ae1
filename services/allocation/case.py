"""What the allocation service knows: the facts about a person, about a practitioner and about a region."""

from collections.abc import Sequence

import msgspec

from services.allocation.early_end import early_end
from services.allocation.facts import (
    Allocation,
    ContactPause,
    Cover,
    Practitioner,
    Preference,
    Reduction,
    ReductionEnd,
    RequirementDone,
    RiskAssessment,
    SentencePlan,
    TaskDone,
    UnitChange,
)
from shared.engine.case import Case, Register, Registers
from shared.policy import Policy
from shared.probation.case import SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import (
    ManagerDecision,
    PractitionerChange,
    RegistrationChange,
    ReleasePlan,
    Sentence,
    SupervisionEnd,
    TemporaryRelease,
)
from shared.probation.supervision import SupervisionPeriod


class AllocationCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as allocation sees them."""

    assessments: dict[str, RiskAssessment] = msgspec.field(default_factory=dict)
    registrations: dict[str, RegistrationChange] = msgspec.field(default_factory=dict)
    allocations: dict[str, Allocation] = msgspec.field(default_factory=dict)
    changes: dict[str, PractitionerChange] = msgspec.field(default_factory=dict)
    decisions: dict[str, ManagerDecision] = msgspec.field(default_factory=dict)
    preferences: dict[str, Preference] = msgspec.field(default_factory=dict)
    covers: dict[str, Cover] = msgspec.field(default_factory=dict)
    release_plans: dict[str, ReleasePlan] = msgspec.field(default_factory=dict)
    former_release_plans: dict[str, list[ReleasePlan]] = msgspec.field(default_factory=dict)
    temporary_releases: dict[str, TemporaryRelease] = msgspec.field(default_factory=dict)
    tasks_done: dict[str, TaskDone] = msgspec.field(default_factory=dict)
    sentence_plans: dict[str, SentencePlan] = msgspec.field(default_factory=dict)
    requirements_done: dict[str, RequirementDone] = msgspec.field(default_factory=dict)
    suspensions: dict[str, ContactPause] = msgspec.field(default_factory=dict)
    resumptions: dict[str, ContactPause] = msgspec.field(default_factory=dict)
    former_sentences: dict[str, list[Sentence]] = msgspec.field(default_factory=dict)

    def supervision(
        self, sentence: Sentence, policy: Policy, more_ends: Sequence[SupervisionEnd] = ()
    ) -> SupervisionPeriod:
        """Supervision on a sentence, from its start to its end: early if all that it asked for is done."""
        # Not by super(): rules look at a case through something that has its methods but is none.
        period = SupervisedCase.supervision(self, sentence, policy, more_ends)
        if not (self.requirements_done and self.sentence_plans):
            return period  # the common case
        early = early_end(period, self.sentence_plans.values(), self.requirements_done.values(), policy)
        return (
            period
            if early is None
            else SupervisedCase.supervision(self, sentence, policy, (*more_ends, early))
        )


PERSON: Registers = SUPERVISION_REGISTERS | {
    "SentenceImposed": Register("sentences", Sentence, former="former_sentences"),
    "RiskAssessed": Register("assessments", RiskAssessment),
    "RegistrationChanged": Register("registrations", RegistrationChange),
    "CaseAllocated": Register("allocations", Allocation),
    "PractitionerChangeRequested": Register("changes", PractitionerChange),
    "ManagerDecisionRecorded": Register("decisions", ManagerDecision),
    "PractitionerPreferenceRecorded": Register("preferences", Preference),
    "CoverArranged": Register("covers", Cover),
    "ReleasePlanned": Register("release_plans", ReleasePlan, former="former_release_plans"),
    "TemporaryReleaseGranted": Register("temporary_releases", TemporaryRelease),
    "PreReleaseTaskCompleted": Register("tasks_done", TaskDone),
    "SentencePlanCompleted": Register("sentence_plans", SentencePlan),
    "RequirementCompleted": Register("requirements_done", RequirementDone),
    "ContactSuspended": Register("suspensions", ContactPause),
    "ContactResumed": Register("resumptions", ContactPause),
}


class PractitionerCase(Case, kw_only=True):
    """A practitioner. `used` has the points of the cases held and their number, kept by the engine."""

    updates: dict[str, Practitioner] = msgspec.field(default_factory=dict)
    reductions: dict[str, Reduction] = msgspec.field(default_factory=dict)
    reduction_ends: dict[str, ReductionEnd] = msgspec.field(default_factory=dict)

    @property
    def points(self) -> int:
        """Workload points of the cases held."""
        return self.used.get("points", 0)


PRACTITIONER: Registers = {
    "PractitionerUpdated": Register("updates", Practitioner),
    "ReductionAgreed": Register("reductions", Reduction),
    "ReductionEnded": Register("reduction_ends", ReductionEnd),
}


class RegionCase(Case, kw_only=True):
    """A region. `used` has what its practitioners hold and offer, by team (`teams`), kept by the engine."""

    unit_changes: dict[str, UnitChange] = msgspec.field(default_factory=dict)


REGION: Registers = {"DeliveryUnitChanged": Register("unit_changes", UnitChange)}
