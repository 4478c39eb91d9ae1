"""Rehabilitation activity requirements: days used, and the court's maximum."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.referrals import (
    AllocatedDays,
    RarDaysAllocated,
    RarDayUsed,
    RarLimitReached,
    RequirementInvalid,
)
from services.referrals.facts import Session
from services.referrals.progress import amount_ordered
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding


def rar_invalid(view: ReferralsView) -> Iterator[Finding]:
    """RAR-3: the court sets a maximum of at least one day.

    What the court ordered stays on record as it was, even when a variation puts it right.
    """
    for rar in view.of_kind("rar"):
        for version in view.versions_so_far(rar):
            values = view.values(version.since, rar.sentence)
            if amount_ordered(version) < values.integer("rar_least_days"):
                yield Finding(
                    event=RequirementInvalid(
                        requirement_id=rar.requirement_id,
                        sentence_id=rar.sentence.sentence_id,
                        reason="rar_below_1",
                        ordered_on=version.since,
                    ),
                    key=rar.key,
                    rules=("RAR-3",),
                    because=(version.record,),
                    policy=values.version,
                )
                break


def rar_days_allocated(view: ReferralsView) -> Iterator[Finding]:
    """RAR-2, RAR-3: after sentence the practitioner allocates the days by individual need, in the plan.

    Never more than the court's maximum: what a plan allocates beyond it is cut, from the last need on.
    """
    for rar in view.of_kind("rar"):
        plans = [
            plan
            for plan in view.plans_of(rar.sentence.sentence_id)
            if view.today.reached(plan.completed_on)
            and rar.on(plan.completed_on) is not None
            and any(a.requirement_id == rar.requirement_id for a in plan.rar_allocations)
        ]
        version = next(view.versions_so_far(rar), None)
        if not plans or version is None:
            continue
        left = amount_ordered(version)
        allocations: list[AllocatedDays] = []
        for allocation in plans[-1].rar_allocations:
            days = min(allocation.days, left)
            if allocation.requirement_id == rar.requirement_id and days:
                allocations.append(AllocatedDays(need=allocation.need, days=days))
                left -= days
        yield Finding(
            event=RarDaysAllocated(
                requirement_id=rar.requirement_id,
                sentence_id=rar.sentence.sentence_id,
                allocations=allocations,
                ordered=amount_ordered(version),
                allocated_on=plans[-1].completed_on,
            ),
            key=rar.key,
            rules=("RAR-2", "RAR-3"),
            because=(plans[-1], version.record),
            policy=view.values(version.since, rar.sentence).version,
        )


def rar_day_used(view: ReferralsView) -> Iterator[Finding]:
    """RAR-3, RAR-4: a date with an activity uses one day, whatever the number of activities.

    Supervision appointments use none. A record that is corrected to a failure gives its day back (ENF-19).
    """
    for rar in view.of_kind("rar"):
        for day in view.rar_days[rar.key]:
            if day.used is not None:
                yield Finding(
                    event=RarDayUsed(
                        requirement_id=rar.requirement_id,
                        sentence_id=rar.sentence.sentence_id,
                        date=day.date,
                        used=day.used,
                        ordered=amount_ordered(day.version),
                    ),
                    key=f"{rar.key}/{day.date}",
                    rules=("RAR-3", "RAR-4"),
                    because=(*day.activities, day.version.record),
                    policy=day.policy,
                )


def rar_limit_reached(view: ReferralsView) -> Iterator[Finding]:
    """RAR-3: days cannot exceed the maximum that the court set; the first activity of a further date does."""
    for rar in view.of_kind("rar"):
        for day in view.rar_days[rar.key]:
            if day.used is None:
                activity = day.activities[0]
                provided = isinstance(activity, Session)
                activity_id = activity.session_id if isinstance(activity, Session) else activity.contact_id
                yield Finding(
                    event=RarLimitReached(
                        requirement_id=rar.requirement_id,
                        sentence_id=rar.sentence.sentence_id,
                        session_id=activity_id,
                        held_on=day.date,
                    ),
                    key=activity_id if provided else f"contact/{activity_id}",
                    rules=("RAR-3",),
                    because=(*day.activities, day.version.record),
                    policy=day.policy,
                )
