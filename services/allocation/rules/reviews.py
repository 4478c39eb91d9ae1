"""When an allocation must be looked at again (ALLOC-13), and orders that could end early (END-1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from schemas.allocation import AllocationReviewRequired, EarlyEndEligible
from services.allocation.early_end import all_done
from services.allocation.facts import Allocation
from services.allocation.managed import ManagedSentence
from services.allocation.rules.tier import Tier, tiers
from services.allocation.view import AllocationView
from shared.engine.assessment import Finding
from shared.probation.facts import ManagerDecision


@dataclass(frozen=True, slots=True)
class Review:
    """An assessment after which an allocation is to be looked at again, and the day on which it was."""

    holder: Allocation
    tier: Tier
    reason: str
    resolved_on: date | None


def allocation_review_required(view: AllocationView) -> Iterator[Finding]:
    """ALLOC-13, ALLOC-5, MGR-1: an assessment gives another tier than the allocation was made, or kept, with.

    The first one after a provisional allocation is looked at in any case. The practitioner stays (ALLOC-2).
    Resolved by a manager's decision about the practitioner, another allocation, or the next assessment.
    """
    for managed in view.managed:
        for review in _reviews(view, managed):
            holder, assessment, end = review.holder, review.tier.assessment, managed.end
            yield Finding(
                event=AllocationReviewRequired(
                    sentence_id=managed.sentence_id,
                    practitioner_id=holder.practitioner_id,
                    reason=review.reason,
                    manager_id=holder.manager_id,
                ),
                key=f"{managed.sentence_id}/{assessment.assessment_id}",
                rules=("ALLOC-13", *(("ALLOC-5",) if review.reason == "provisional" else ()), "MGR-1"),
                because=(assessment, holder),
                policy=review.tier.policy,
                resolved_on=review.resolved_on,
                ended_on=end.over_on if end else None,
            )


def early_end_eligible(view: AllocationView) -> Iterator[Finding]:
    """END-1: all requirements are done and the plan's objectives met before the end of an order.

    An item for the practitioner while it takes a court to end the order early; since the change of 2026 the
    order ends of right (C16), and the item with it. It ends as well when the court adds a requirement.
    """
    plans, done = view.case.sentence_plans.values(), view.case.requirements_done.values()
    for managed in view.managed:
        times = [one for one in all_done(managed.period, plans, done) if view.today.reached(one.since)]
        if not times:
            continue
        found, end = times[-1], managed.end
        ends = [*([end.over_on] if end else []), *([found.until] if found.until < date.max else [])]
        yield Finding(
            event=EarlyEndEligible(sentence_id=managed.sentence_id, since=found.since),
            key=managed.sentence_id,
            rules=("END-1",),
            because=found.because,
            policy=view.values(found.since, managed.sentence).version,
            ended_on=min(ends, default=None),
        )


def _reviews(view: AllocationView, managed: ManagedSentence) -> Iterator[Review]:
    """The reviews of a sentence's allocations, in order of the assessments."""
    known = tiers(view)
    kept: Tier | None = None
    for tier, following in zip_longest(known, known[1:]):
        day = tier.assessment.assessed_on
        holder = next((a for a in reversed(managed.allocations) if _precedes(a, tier)), None)
        over = managed.end is not None and managed.end.over_on <= day
        if holder is None or over or (kept is None and not holder.provisional):
            kept = tier
            continue
        if kept is not None and not _differ(kept, tier):
            kept = (
                tier  # of the later generation, once there is one: its changes of letter count from then on
            )
            continue
        settled = [on for on in _settled(view, managed, tier) if on is not None]
        next_on = following.assessment.assessed_on if following is not None else date.max
        yield Review(
            holder,
            tier,
            "provisional" if kept is None else "tier_changed",
            min((on for on in (*settled, next_on) if on < date.max), default=None),
        )
        if any(on <= next_on for on in settled):
            kept = tier


def _precedes(made: Allocation, tier: Tier) -> bool:
    """Was the allocation made before the assessment? On the same day only if it was made without one."""
    if made.allocated_on == tier.assessment.assessed_on:
        return bool(made.provisional)
    return made.allocated_on < tier.assessment.assessed_on


def _differ(one: Tier, other: Tier) -> bool:
    """Are the tiers different? Of two generations, by the one that both have."""
    if one.generation == other.generation:
        return one.letters != other.letters
    return one.workload != other.workload


def _settled(view: AllocationView, managed: ManagedSentence, tier: Tier) -> Sequence[date | None]:
    """The days of a manager's decision about the practitioner and of the next allocation."""
    decision = next(iter(_decisions(view, managed, tier)), None)
    later = next((a for a in managed.allocations if not _precedes(a, tier)), None)
    return decision.decided_on if decision else None, later.allocated_on if later else None


def _decisions(view: AllocationView, managed: ManagedSentence, tier: Tier) -> list[ManagerDecision]:
    """A manager's decisions about the practitioner since the assessment, or about that very assessment."""
    assessment = tier.assessment
    found = [
        d
        for d in view.case.decisions.values()
        if d.about == "practitioner_change"
        and d.sentence_id == managed.sentence_id
        and d.decided_on >= assessment.assessed_on
        and d.about_id in (None, assessment.assessment_id)
    ]
    return sorted(found, key=lambda d: (d.decided_on, *d.stamp))
