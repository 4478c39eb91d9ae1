"""When a requirement is completed."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.referrals import RequirementCompleted
from services.referrals.progress import Completion, Step, amount_ordered, completion
from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding


def requirement_completed(view: ReferralsView) -> Iterator[Finding]:
    """RAR-6: every requirement is completed once its hours, days, sessions or term are reached."""
    for requirement in view.requirements.values():
        values = view.values(requirement.imposed_on, requirement.sentence)
        unit = values.table("requirement_units")[requirement.kind]
        if unit == "hours":
            done = view.worked(requirement)
        elif unit == "days":
            done = _all_days(view, requirement)
        elif unit == "sessions" and requirement.versions[-1].requirement.amount is not None:
            done = _all_sessions(view, requirement)
        else:
            done = _term(view, requirement)
        if done is not None:
            yield Finding(
                event=RequirementCompleted(
                    requirement_id=requirement.requirement_id,
                    sentence_id=requirement.sentence.sentence_id,
                    kind=requirement.kind,
                    completed_on=done.on,
                    amount=done.amount or None,
                ),
                key=requirement.key,
                rules=("RAR-6",),
                because=done.because,
                policy=values.version,
            )


def _all_days(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    days = view.rar_days[requirement.key]
    steps = [Step(day.date, day.used, day.activities[0]) for day in days if day.used is not None]
    return completion(requirement, steps, amount_ordered, view.today.reached)


def _all_sessions(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    attended = view.attended[requirement.key]
    steps = [Step(session.held_on, number, session) for number, (session, _) in enumerate(attended, 1)]
    return completion(requirement, steps, amount_ordered, view.today.reached)


def _term(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    """The last day of an order that ran out with the requirement in it.

    Not of one that was revoked or ended early: its term was never reached. Nor of a licence, which is no term
    of a requirement: its conditions end with it.
    """
    end = requirement.period.end(view.today)
    if requirement.sentence.custodial or end is None or end.reason != "expired":
        return None
    version = requirement.on(end.on)
    return Completion(end.on, 0, (version.record,)) if version is not None else None
