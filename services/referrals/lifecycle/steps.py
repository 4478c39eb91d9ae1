"""The steps of a referral: each has a day by which it is due, is chased before and escalated after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.referrals import ReferralChased, ReferralEscalated, Step
from services.referrals.lifecycle.referral import Referral, attended
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.calendar import business_days_before
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step, the day by which it is due, and when it was done; `because` says since when it was awaited."""

    step: Step
    due_on: date
    done_on: date | None
    because: tuple[Record, ...]


@once_a_day
def steps(view: ReferralsView) -> list[tuple[Referral, DueStep]]:
    """DF-10, DF-14: the steps of all referrals that have a place, as far as they are known to be due.

    Each counts from the one before; custody stops the days (ENF-35), and so does a region that does no such
    work (SH-9). What follows shows that a step was done.
    """
    return [
        (referral, step)
        for referral in referrals(view).values()
        if referral.placement is not None
        for step in _steps(view, referral)
    ]


def _steps(view: ReferralsView, referral: Referral) -> Iterator[DueStep]:
    placement = referral.placement
    assert placement is not None
    case, id = view.case, referral.referral_id
    accepted = case.acceptances.get(id)
    if accepted is not None and accepted.provider_id not in (placement.provider_id, referral.provider):
        accepted = None
    assessed, plan = case.initial_assessments.get(id), case.action_plans.get(id)
    concluded, report = case.conclusions.get(id), case.reports.get(id)
    held = attended(view, referral)
    started_on = held[0].held_on if held else None
    awaited = view.values(placement.made_on, referral.sentence).texts(f"steps_{referral.kind}")
    declines = [d for d in referral.declines if d.provider_id == placement.provider_id]
    done: dict[Step, list[date | None]] = {
        "acceptance": [
            accepted.accepted_on if accepted else None,
            *(decline.declined_on for decline in declines),
        ],
        "initial_assessment": [assessed.delivered_on if assessed else None],
        "action_plan": [plan.submitted_on if plan else None],
        "start": [started_on],
        "end_of_service_report": [report.submitted_on if report else None],
    }
    since: dict[Step, tuple[date | None, Record | None]] = {
        "acceptance": (placement.made_on, placement),
        "initial_assessment": (placement.made_on, placement),
        "action_plan": (assessed.delivered_on, assessed) if assessed else (None, None),
        "start": (plan.submitted_on, plan) if plan else (None, None),
        "end_of_service_report": (concluded.concluded_on, concluded) if concluded else (None, None),
    }
    order: tuple[Step, ...] = ("acceptance", "initial_assessment", "action_plan", "start")
    for n, step in enumerate(order):
        later = [day for following in order[n:] for day in done[following] if day is not None]
        yield from _due(view, referral, step, since[step], min(later, default=None), awaited)
    reported = done["end_of_service_report"][0]
    yield from _due(
        view, referral, "end_of_service_report", since["end_of_service_report"], reported, awaited
    )


def _due(
    view: ReferralsView,
    referral: Referral,
    step: Step,
    since: tuple[date | None, Record | None],
    done_on: date | None,
    awaited: tuple[str, ...],
) -> Iterator[DueStep]:
    day, record = since
    if step not in awaited or day is None or record is None or not view.today.reached(day):
        return
    due_on = view.due_on(day, f"{step}_days", referral.sentence, referral.work)
    if due_on is not None:
        known = done_on if done_on is not None and view.today.reached(done_on) else None
        yield DueStep(step, due_on, known, (record,))


def ended_on(view: ReferralsView, referral: Referral, step: Step) -> date | None:
    """The first day from which a step is awaited no longer; the report is awaited after the end as well."""
    over_on = view.supervision[referral.sentence.sentence_id].over_on
    if step == "end_of_service_report" or referral.end is None:
        return over_on
    return referral.end.on if over_on is None else min(referral.end.on, over_on)


def referral_chased(view: ReferralsView) -> Iterator[Finding]:
    """DF-10, DF-14: a step that is due soon is chased, until it is done or no longer awaited."""
    for referral, step in steps(view):
        values = view.values(step.due_on, referral.sentence)
        chased_on = business_days_before(step.due_on, values.integer("chase_days"))
        ended = ended_on(view, referral, step.step)
        before = [day for day in (step.done_on, ended) if day is not None]
        if (before and min(before) <= chased_on) or not view.today.reached(chased_on):
            continue
        yield Finding(
            event=ReferralChased(referral_id=referral.referral_id, step=step.step, due_on=step.due_on),
            key=f"{referral.placement_key}/{step.step}",
            rules=("DF-10", "DF-14"),
            because=step.because,
            policy=values.version,
            resolved_on=step.done_on,
            ended_on=ended,
        )


def referral_escalated(view: ReferralsView) -> Iterator[Finding]:
    """DF-10, DF-14: a step that was not done when it was due is escalated, and stays so if done late."""
    for referral, step in steps(view):
        ended = ended_on(view, referral, step.step)
        late = step.done_on is None or step.done_on > step.due_on
        if not late or (ended is not None and ended <= step.due_on) or not view.today.after(step.due_on):
            continue
        yield Finding(
            event=ReferralEscalated(referral_id=referral.referral_id, step=step.step, due_on=step.due_on),
            key=f"{referral.placement_key}/{step.step}",
            rules=("DF-10", "DF-14"),
            because=step.because,
            policy=view.values(step.due_on, referral.sentence).version,
        )


def referral_declined(view: ReferralsView) -> Iterator[Finding]:
    """DF-10: a referral that its provider declined is escalated at once; the person is not in default."""
    for referral in referrals(view).values():
        for n, decline in enumerate(referral.declines):
            yield Finding(
                event=ReferralEscalated(
                    referral_id=referral.referral_id, step="declined", due_on=decline.declined_on
                ),
                key=f"{referral.referral_id}/declined" + (f"/{decline.provider_id}" if n else ""),
                rules=("DF-10",),
                because=(decline, *referral.because),
                policy=view.values(decline.declined_on, referral.sentence).version,
            )


def outcomes_missing(view: ReferralsView) -> Iterator[Finding]:
    """OUT-1: a service that concluded without one result for each desired outcome is escalated.

    When the report comes without it, or when the report was due and did not come. A report that ends the
    referral by itself is its conclusion.
    """
    for referral in referrals(view).values():
        report = view.case.reports.get(referral.referral_id)
        concluded = _conclusion(view, referral)
        if referral.placement is None or concluded is None:
            continue
        concluded_on, record = concluded
        due_on = view.due_on(concluded_on, "end_of_service_report_days", referral.sentence, referral.work)
        results = [reported.outcome for reported in report.outcomes] if report else []
        if due_on is None or all(results.count(outcome) == 1 for outcome in referral.desired_outcomes):
            continue
        if (report is not None and view.today.reached(report.submitted_on)) or view.today.after(due_on):
            yield Finding(
                event=ReferralEscalated(referral_id=referral.referral_id, step="outcomes", due_on=due_on),
                key=f"{referral.placement_key}/outcomes",
                rules=("OUT-1",),
                because=(record,),
                policy=view.values(due_on, referral.sentence).version,
            )


def _conclusion(view: ReferralsView, referral: Referral) -> tuple[date, Record] | None:
    """When the provider concluded a referral, and what says so; None while it has not."""
    concluded = view.case.conclusions.get(referral.referral_id)
    if concluded is not None:
        return (concluded.concluded_on, concluded) if view.today.reached(concluded.concluded_on) else None
    report, end = view.case.reports.get(referral.referral_id), referral.end
    return (end.on, report) if report is not None and end is not None and report in end.because else None
