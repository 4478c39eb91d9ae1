"""The tier of a case from each risk assessment, of the generation that held when it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.allocation import TierCalculated
from schemas.scalars import MOST_COUNTED
from services.allocation.facts import RiskAssessment
from services.allocation.tiers.basis import Basis, bases
from services.allocation.tiers.second import second_tier
from services.allocation.tiers.third import third_tier
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier from one assessment. `letters` is what it is called, `workload` what sets the points.

    `because` are the assessment and what else it rests on.
    """

    assessment: RiskAssessment
    generation: str
    letters: str
    workload: str
    decided_by: str | None
    protect_points: int
    change_points: int
    provisional: bool
    because: tuple[Record, ...]
    policy: str


def tier_calculated(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-9, ALLOC-10, ALLOC-11: every calculation is kept, one for each assessment."""
    for tier in tiers(view):
        third = tier.generation == "v3"
        yield Finding(
            event=TierCalculated.model_validate(
                {
                    "tier": tier.letters,
                    "protect_points": min(tier.protect_points, MOST_COUNTED),
                    "change_points": tier.change_points,
                    "provisional": tier.provisional,
                    "generation": tier.generation,
                    "workload_tier": tier.workload,
                    "decided_by": tier.decided_by,
                }
            ),
            key=tier.assessment.assessment_id,
            rules=("ALLOC-11", "ALLOC-9", "ALLOC-10") if third else ("ALLOC-9", "ALLOC-10"),
            because=tier.because,
            policy=tier.policy,
        )


def current_tier(view: AllocationView) -> Tier | None:
    """The tier from the latest assessment that gives one."""
    return next(reversed(tiers(view)), None)


@once_a_day
def tiers(view: AllocationView) -> list[Tier]:
    """The tier of every assessment made by today, in order of their date."""
    return [_tier(view, basis) for basis in bases(view)]


def _tier(view: AllocationView, basis: Basis) -> Tier:
    """C12: of the generation that the policy names for the day of the assessment; the second always too."""
    values = view.policy.on(basis.assessment.assessed_on)
    second = second_tier(basis, values)
    generation = values.text("tier_generation")
    letters, decided_by, provisional = second.letters, None, second.provisional
    because: tuple[Record, ...] = (basis.assessment, *second.because)
    if generation == "v3":
        third = third_tier(view, basis, values)
        letters, decided_by, provisional = third.letter, third.decided_by, third.provisional
        because = (*because, *(record for one in basis.registrations for record in one.because))
    return Tier(
        assessment=basis.assessment,
        generation=generation,
        letters=letters,
        workload=second.letters,
        decided_by=decided_by,
        protect_points=second.protect_points,
        change_points=second.change_points,
        provisional=provisional,
        because=because,
        policy=values.version,
    )
