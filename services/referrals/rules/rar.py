"""Rehabilitation activity requirements: days used, and the court's maximum."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.referrals import RarDayUsed, RarLimitReached
from services.referrals.case import Session
from services.referrals.rules.view import RequirementsView
from shared.engine.assessment import Finding


def day_used(view: RequirementsView) -> Iterator[Finding]:
    """RAR-3, RAR-4: a date with an activity uses one day, whatever the number of activities.

    Supervision appointments use none. ENF-19: a record that is corrected to a failure gives its day back.
    """
    for ordered in view.of_kind("rar"):
        for day in view.rar_days[ordered.key]:
            if day.used is not None:
                yield Finding(
                    event=RarDayUsed(
                        requirement_id=ordered.requirement_id,
                        date=day.date,
                        used=day.used,
                        ordered=day.version.requirement.amount or 0,
                    ),
                    key=f"{ordered.key}/{day.date}",
                    rules=("RAR-3", "RAR-4"),
                    because=(*day.activities, day.version.record),
                    policy=day.policy,
                )


def limit_reached(view: RequirementsView) -> Iterator[Finding]:
    """RAR-3: days cannot exceed the maximum that the court set; the first activity of a further date does."""
    for ordered in view.of_kind("rar"):
        for day in view.rar_days[ordered.key]:
            if day.used is None:
                activity = day.activities[0]
                provided = isinstance(activity, Session)
                activity_id = activity.session_id if isinstance(activity, Session) else activity.contact_id
                yield Finding(
                    event=RarLimitReached(requirement_id=ordered.requirement_id, session_id=activity_id),
                    key=activity_id if provided else f"contact/{activity_id}",
                    rules=("RAR-3",),
                    because=(*day.activities, day.version.record),
                    policy=day.policy,
                )
