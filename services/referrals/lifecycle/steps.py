"""The steps of a referral: each has a day by which it is due, is chased before and escalated after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.referrals import ReferralChased, ReferralEscalated, Step
from services.referrals.facts import ACTIVITIES
from services.referrals.lifecycle.referral import Referral, attended
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.calendar import business_days_before, earliest
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record

REPORT: Step = "end_of_service_report"
STEPS: tuple[Step, ...] = ("acceptance", "initial_assessment", "action_plan", "start", REPORT)
"""The steps in their order; what comes after shows that one was done, but for the report."""


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step, the day by which it is due, and when it was done.

    `key` names it and the place that it belongs to; `ended_on` is the first day from which it is awaited no
    longer, or not for the time being. `because` says since when it was awaited.
    """

    step: Step
    key: str
    due_on: date
    done_on: date | None
    ended_on: date | None
    because: tuple[Record, ...]


@once_a_day
def steps(view: ReferralsView) -> list[tuple[Referral, DueStep]]:
    """DF-10, DF-14: the steps of all referrals at each place that they took, as far as known to be due.

    Each counts from the one before; custody stops the days (ENF-35), and so does a region that does no such
    work (SH-9). What follows shows that a step was done. What was late at one place stays late when the
    referral has gone to another.
    """
    return [
        (referral, step)
        for referral in referrals(view).values()
        for n in range(1, len(referral.placements) + 1)
        for step in _steps(view, referral, n)
    ]


def _steps(view: ReferralsView, referral: Referral, n: int) -> Iterator[DueStep]:
    """The steps at the n-th place; of an earlier one, with what had been done when it was left."""
    placement, left_on = referral.placements[n - 1], referral.left_on(n)
    is_last = n == len(referral.placements)
    case, id = view.case, referral.referral_id
    providers = (placement.provider_id, referral.provider) if is_last else (placement.provider_id,)
    accepted = [a.accepted_on for a in referral.acceptances if a.provider_id in providers]
    declined = [d.declined_on for d in referral.declines if d.provider_id == placement.provider_id]
    assessed, plan = case.initial_assessments.get(id), case.action_plans.get(id)
    concluded, report = case.conclusions.get(id), case.reports.get(id)
    held = attended(view, referral)
    done: dict[Step, list[date]] = {
        "acceptance": [*accepted, *declined],
        "initial_assessment": [assessed.delivered_on] if assessed else [],
        "action_plan": [plan.submitted_on] if plan else [],
        "start": [held[0].held_on] if held else [],
        "end_of_service_report": [report.submitted_on] if report else [],
    }
    since: dict[Step, tuple[date, Record] | None] = {
        "acceptance": (placement.made_on, placement),
        "initial_assessment": (placement.made_on, placement),
        "action_plan": (assessed.delivered_on, assessed) if assessed else None,
        "start": (plan.submitted_on, plan) if plan else None,
        "end_of_service_report": (concluded.concluded_on, concluded) if concluded else None,
    }
    until = date.max if is_last or left_on is None else left_on
    for at, step in enumerate(STEPS):
        follow = (REPORT,) if step == REPORT else STEPS[at:-1]
        # What an earlier provider did shows nothing of whether this one accepted.
        shown_from = placement.made_on if step == "acceptance" else date.min
        shown = [day for following in follow if following != step for day in done[following]]
        days = [day for day in (*done[step], *(on for on in shown if on >= shown_from)) if day <= until]
        begun = since[step]
        if step not in view.values(placement.made_on, referral.sentence).texts(f"steps_{referral.kind}"):
            continue
        if begun is None or begun[0] > until or not view.today.reached(begun[0]):
            continue
        clock = view.clock(begun[0], f"{step}_days", referral.sentence, referral.work)
        if clock is not None:
            due_on, stopped_on = clock
            done_on = min(days, default=None)
            yield DueStep(
                step=step,
                key=f"{referral.key_of(n)}/{step}",
                due_on=due_on,
                done_on=done_on if done_on is not None and view.today.reached(done_on) else None,
                ended_on=earliest(_ended_on(view, referral, step, left_on), stopped_on),
                because=(begun[1],),
            )


def _ended_on(view: ReferralsView, referral: Referral, step: Step, left_on: date | None) -> date | None:
    """The first day from which a step is awaited no longer; the report is awaited after the end as well."""
    days = [left_on, view.supervision[referral.sentence.sentence_id].over_on]
    if step != REPORT and referral.end is not None:
        days.append(referral.end.over_on)
    return earliest(*days)


def referral_chased(view: ReferralsView) -> Iterator[Finding]:
    """DF-10, DF-14: a step that is due soon is chased, until it is done or no longer awaited."""
    for referral, step in steps(view):
        values = view.values(step.due_on, referral.sentence)
        chased_on = business_days_before(step.due_on, values.integer("chase_days"))
        before = [day for day in (step.done_on, step.ended_on) if day is not None]
        if (before and min(before) < chased_on) or not view.today.reached(chased_on):
            continue
        yield Finding(
            event=ReferralChased(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                step=step.step,
                due_on=step.due_on,
            ),
            key=step.key,
            rules=("DF-10", "DF-14"),
            because=step.because,
            policy=values.version,
            resolved_on=step.done_on,
            ended_on=step.ended_on,
        )


def referral_escalated(view: ReferralsView) -> Iterator[Finding]:
    """DF-10, DF-14: a step that was not done when it was due is escalated, and stays so if done late."""
    for referral, step in steps(view):
        ended = step.ended_on
        late = step.done_on is None or step.done_on > step.due_on
        if not late or (ended is not None and ended <= step.due_on) or not view.today.after(step.due_on):
            continue
        yield Finding(
            event=ReferralEscalated(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                step=step.step,
                due_on=step.due_on,
            ),
            key=step.key,
            rules=("DF-10", "DF-14"),
            because=step.because,
            policy=view.values(step.due_on, referral.sentence).version,
        )


def referral_declined(view: ReferralsView) -> Iterator[Finding]:
    """DF-10: a referral that its provider declined is escalated at once; the person is not in default.

    Once the referral has ended there is nothing left to decline.
    """
    for referral in referrals(view).values():
        ended_on = referral.end.over_on if referral.end is not None else date.max
        for n, decline in enumerate(referral.declines):
            if referral.made_on is None or decline.declined_on >= ended_on:
                continue
            yield Finding(
                event=ReferralEscalated(
                    referral_id=referral.referral_id,
                    sentence_id=referral.sentence.sentence_id,
                    step="declined",
                    due_on=decline.declined_on,
                ),
                key=f"{referral.referral_id}/declined" + (f"/{decline.provider_id}" if n else ""),
                rules=("DF-10",),
                because=(decline, *referral.because),
                policy=view.values(decline.declined_on, referral.sentence).version,
            )


def outcomes_missing(view: ReferralsView) -> Iterator[Finding]:
    """OUT-1: a service that concluded without one result for each desired outcome is escalated.

    When the report comes without it, or when the report was due and did not come: results that come late
    leave it so. A report that ends the referral by itself is its conclusion. After supervision nobody waits
    for either.
    """
    for referral in referrals(view).values():
        report = view.case.reports.get(referral.referral_id)
        concluded = _conclusion(view, referral)
        if referral.kind not in ACTIVITIES or referral.placement is None or concluded is None:
            continue
        concluded_on, record = concluded
        clock = view.clock(concluded_on, "end_of_service_report_days", referral.sentence, referral.work)
        if clock is None:
            continue
        due_on, stopped_on = clock
        in_time = report if report is not None and report.submitted_on <= due_on else None
        results = [reported.outcome for reported in in_time.outcomes] if in_time is not None else []
        if all(results.count(outcome) == 1 for outcome in referral.desired_outcomes):
            continue
        lacked_on = in_time.submitted_on if in_time is not None else due_on
        over_on = view.supervision[referral.sentence.sentence_id].over_on
        ended_on = earliest(over_on, stopped_on if in_time is None else None)
        if ended_on is not None and ended_on <= lacked_on:
            continue
        told = view.today.reached(lacked_on) if in_time is not None else view.today.after(due_on)
        if told:
            yield Finding(
                event=ReferralEscalated(
                    referral_id=referral.referral_id,
                    sentence_id=referral.sentence.sentence_id,
                    step="outcomes",
                    due_on=due_on,
                ),
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
