"""How a referral ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.referrals.completed import completion_of
from services.referrals.facts import ACTIVITIES
from services.referrals.lifecycle.programme import states_of
from services.referrals.lifecycle.referral import End, Referral, attended, recorded
from services.referrals.view import ReferralsView
from shared.engine.case import Record


def end_of(view: ReferralsView, referral: Referral) -> End | None:
    """The first end that came. On one day what was completed goes before what was broken off."""
    if referral.request is not None and referral.made_on is None and not referral.placements:
        ends = []
    else:
        ends = [*_completed(view, referral), *_by_provider(view, referral), *_by_status(view, referral)]
    ends += [*_taken_off(view, referral), *_over(view, referral)]
    return min(ends, key=lambda end: (end.on, end.state != "completed"), default=None)


def _completed(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """Its requirement is completed. One service under a RAR is not the whole of it."""
    if referral.requirement is None or referral.requirement.kind == "rar":
        return
    done = completion_of(view, referral.requirement)
    if done is not None:
        yield End("completed", done.on, done.because, done.ran_out)


def _by_provider(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """DF-15, E53: cancelled if nothing was delivered; prematurely ended if some was and the report is in;
    completed if all sessions are recorded and the report is in."""
    if referral.kind not in ACTIVITIES:
        return
    case, today = view.case, view.today
    concluded = case.conclusions.get(referral.referral_id)
    report = case.reports.get(referral.referral_id)
    plan = case.action_plans.get(referral.referral_id)
    concluded = concluded if concluded is not None and today.reached(concluded.concluded_on) else None
    report = report if report is not None and today.reached(report.submitted_on) else None
    planned = plan.sessions if plan is not None and plan.sessions is not None else None
    if planned is None and referral.placement is not None:
        planned = referral.placement.sessions
    held, on_record = attended(view, referral), recorded(view, referral)
    if planned and held and len(on_record) >= planned and report is not None:
        last = on_record[planned - 1]
        on = concluded.concluded_on if concluded else max(last.held_on, report.submitted_on)
        yield End("completed", on, (last, report))
        return
    over: Record | None = concluded or report
    if over is None:
        return
    on = concluded.concluded_on if concluded else report.submitted_on if report else date.max
    if not held:
        yield End("cancelled", on, (over,))
    elif report is not None:
        yield End("prematurely_ended", on, (held[-1], report))


def _by_status(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """AP-13: the programme is complete, or the referral to it was withdrawn, perhaps by way of the court."""
    if referral.kind != "accredited_programme":
        return
    states = states_of(view, referral.referral_id)
    complete, withdrawn = states.last("complete"), states.last("withdrawn")
    if complete is not None:
        yield End("completed", complete.changed_on, (complete,))
    if withdrawn is not None:
        before = states.stood[-2].status if len(states.stood) > 1 else None
        court = before == "return_to_court"
        yield End("returned_to_court" if court else "withdrawn", withdrawn.changed_on, (withdrawn,))


def _taken_off(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """The court took its requirement off the order. What is asked for afterwards is for something else."""
    if referral.requirement is None:
        return
    day, request = referral.requirement.taken_off_on, referral.request
    if day is None or not view.today.reached(day) or (request is not None and request.requested_on >= day):
        return
    varied = referral.requirement.period.required_on(day).record
    yield End("withdrawn", day, (varied,))


def _over(view: ReferralsView, referral: Referral) -> Iterator[End]:
    """Supervision on its sentence is over."""
    end = view.supervision[referral.sentence.sentence_id].end(view.today)
    if end is not None:
        yield End("withdrawn", end.on, (end.record,), end.over_on > end.on)
