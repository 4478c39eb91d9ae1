"""When a requirement was completed, by the unit of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from services.referrals.lifecycle.programme import states_of
from services.referrals.progress import Completion, Step, amount_ordered, completion
from services.referrals.requirements import ServedRequirement
from services.referrals.view import ReferralsView
from shared.engine.assessment import once_a_day


def completion_of(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    """When a requirement was completed; None while it is not."""
    return completions(view)[requirement.key]


@once_a_day
def completions(view: ReferralsView) -> Mapping[str, Completion | None]:
    """When each requirement was completed, by its key."""
    return {key: _completion(view, requirement) for key, requirement in view.requirements.items()}


def _completion(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    """RAR-6: when a requirement was completed, by the unit that the policy gives for its kind."""
    values = view.values(requirement.imposed_on, requirement.sentence)
    unit = values.table("requirement_units")[requirement.kind]
    if unit == "hours":
        return view.worked(requirement)
    if unit == "days":
        return _all_days(view, requirement)
    if unit == "sessions" and requirement.versions[-1].requirement.amount is not None:
        return _all_sessions(view, requirement)
    return _said_complete(view, requirement) or _term(view, requirement)


def _all_days(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    days = view.rar_days[requirement.key]
    steps = [Step(day.date, day.used, day.activities[0]) for day in days if day.used is not None]
    return completion(requirement, steps, amount_ordered, view.today.reached)


def _all_sessions(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    attended = view.attended[requirement.key]
    steps = [Step(session.held_on, number, session) for number, (session, _) in enumerate(attended, 1)]
    return completion(requirement, steps, amount_ordered, view.today.reached)


def _said_complete(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    """AP-13: when a programme without a number of sessions was complete, as its provider said."""
    ids = {requirement.referral_id} | {
        request.referral_id
        for request in view.case.requests.values()
        if request.kind == "accredited_programme"
        and (request.sentence_id, request.requirement_id)
        == (requirement.sentence.sentence_id, requirement.requirement_id)
    }
    changes = [states_of(view, id).last("complete") for id in ids]
    done = [change for change in changes if change is not None and requirement.on(change.changed_on)]
    first = min(done, key=lambda change: (change.changed_on, change.referral_id), default=None)
    if first is None or requirement.kind != "accredited_programme":
        return None
    return Completion(first.changed_on, 0, (first, requirement.versions[0].record))


def _term(view: ReferralsView, requirement: ServedRequirement) -> Completion | None:
    """The last day of an order that ran out with the requirement in it.

    Not of one that was revoked or ended early: its term was never reached. Nor of a licence, which is no term
    of a requirement: its conditions end with it.
    """
    end = requirement.period.end(view.today)
    if requirement.sentence.custodial or end is None or end.reason != "expired":
        return None
    version = requirement.on(end.on)
    return Completion(end.on, 0, (version.record,), ran_out=True) if version is not None else None
