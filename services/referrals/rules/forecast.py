"""Whether unpaid work will be done in time: at risk while something can still be done, else back to court."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, cast

from schemas.referrals import RequirementAtRisk, ReturnToCourtRequired
from services.referrals.completed import completion_of
from services.referrals.progress import MINUTES_AN_HOUR, Completion, minutes_ordered
from services.referrals.requirements import ServedRequirement
from services.referrals.rules.limits import Limit, bound, limits
from services.referrals.view import ReferralsView
from shared.calendar import business_days_before
from shared.engine.assessment import Finding, once_a_day
from shared.policy import Values
from shared.probation.delivery import DeliveryGap, days_without, put_off

ONE_DAY = timedelta(days=1)
WEEK = 7 * ONE_DAY


@dataclass(frozen=True, slots=True)
class Forecast:
    """How unpaid work stands today, in minutes; `weeks` are whole weeks left, `pace` is a week's minutes.

    The pace is exact: rounded, work that will be done to the minute would seem to be at risk.
    """

    left: int
    weeks: int
    pace: Fraction
    accepted: int

    @property
    def at_risk(self) -> bool:
        """Will it not be done at this pace?"""
        return self.weeks * self.pace < self.left

    def impossible(self, full_pace: int) -> bool:
        """Will it not be done even at full pace?"""
        return self.weeks * full_pace < self.left

    def done_on(self, due_on: date, pace: Fraction) -> date:
        """When it would be done at that pace: whole weeks after the last day for it."""
        return due_on + -(-(self.left - self.weeks * self.pace) // pace) * WEEK


def requirement_at_risk(view: ReferralsView) -> Iterator[Finding]:
    """UPW-4, UPW-16, UPW-19: unpaid work that will not be done in time at its present pace, and still could.

    Pace (D7): what was credited in the last twelve weeks; the minimum weekly hours while fewer have passed
    since the start. SH-9: days without unpaid work in the region count in neither. An open item, resolved
    when the pace is enough; it ends when the work must go back to the court, or with the time limit (D9).
    """
    for work, limit, forecast, values in _forecasts(view):
        pace = forecast.pace or Fraction(values.integer("least_weekly_hours") * MINUTES_AN_HOUR)
        court = _back_to_court(view, limit, forecast, values)
        resolved_on, ended_on = _closing(view, work, limit, forecast.at_risk)
        yield Finding(
            event=RequirementAtRisk(
                requirement_id=work.requirement_id,
                sentence_id=work.sentence.sentence_id,
                forecast_on=max(limit.due_on, forecast.done_on(limit.due_on, pace)),
                due_on=limit.due_on,
            ),
            key=work.key,
            rules=("UPW-4", "UPW-16", "UPW-19"),
            because=limit.because,
            policy=values.version,
            resolved_on=resolved_on,
            ended_on=ended_on or (view.today.waited_for if court else None),
        )


def return_to_court_required(view: ReferralsView) -> Iterator[Finding]:
    """UPW-2, UPW-4, UPW-19: unpaid work that cannot be done in time must go back to the court.

    Still at risk shortly before the last day, or not to be done even at full pace (D7), or not done by then.
    An open item until the hours are worked or can be, the court varies the order or supervision ends; it
    shows what was offered and what accepted. Once the limit is repealed the work has the whole order (D9).
    """
    for work, limit, day, forecast, values, resolved_on, ended_on in (*_due_back(view), *_not_done(view)):
        yield Finding(
            event=ReturnToCourtRequired(
                requirement_id=work.requirement_id,
                sentence_id=work.sentence.sentence_id,
                options=[
                    cast(Literal["revoke_and_resentence", "extend"], option)
                    for option in values.texts("unpaid_work_return_options")
                ],
                due_on=limit.due_on,
                offered_minutes=_offered(view, work, day),
                accepted_minutes=forecast.accepted,
            ),
            key=work.key,
            rules=("UPW-2", "UPW-4", "UPW-19"),
            because=limit.because,
            policy=values.version,
            resolved_on=resolved_on,
            ended_on=ended_on,
        )


Return = tuple[ServedRequirement, Limit, date, Forecast, Values, date | None, date | None]
"""Work that must go back to the court, as it stood on a day, and when that was resolved and ended."""


def _due_back(view: ReferralsView) -> Iterator[Return]:
    """Work that cannot be done by its last day, which is still to come."""
    for work, limit, forecast, values in _forecasts(view):
        court = _back_to_court(view, limit, forecast, values)
        was_due = _is_near(view, limit, values) or limit.repealed_on is not None or _varied(view, work)
        if court or was_due:
            today = view.today.waited_for
            yield work, limit, today, forecast, values, *_closing(view, work, limit, court)


def _not_done(view: ReferralsView) -> Iterator[Return]:
    """Work that was not done by its last day, which is over; done late or varied, that is resolved."""
    for work in bound(view):
        limit = limits(view)[work.key]
        if not view.today.after(limit.due_on) or not work.falls_due(limit.due_on):
            continue
        done = completion_of(view, work)
        if done is None or done.on > limit.due_on:
            values = view.values(limit.due_on, work.sentence)
            forecast = _forecast(view, work, limit.due_on, values)
            resolved_on = _dealt_with(work, limit.due_on, done)
            yield work, limit, limit.due_on, forecast, values, resolved_on, work.period.over_on


def _varied(view: ReferralsView, work: ServedRequirement) -> bool:
    """Has the court varied the order since? It may then have dealt with work that had to go back to it."""
    return any(
        known.since > work.imposed_on and view.today.reached(known.since) for known in work.period.ordered
    )


def _closing(
    view: ReferralsView, work: ServedRequirement, limit: Limit, standing: bool
) -> tuple[date | None, date | None]:
    """When what is forecast was resolved, and when it ended; neither while it stands.

    Facts do not tell since when the pace has been enough, so it is then resolved today.
    """
    over_on = work.period.over_on
    if over_on is not None and view.today.reached(over_on):
        return None, over_on
    if standing and work.on(view.today.date) is not None:
        return None, None
    if limit.repealed_on is not None:
        return None, limit.repealed_on
    return view.today.waited_for, None


def _dealt_with(work: ServedRequirement, due_on: date, done: Completion | None) -> date | None:
    """When work that was not done in time was dealt with: done late, or the order varied."""
    days = [known.since for known in work.period.ordered if known.since > due_on]
    return min([*days, *([done.on] if done is not None else [])], default=None)


@once_a_day
def _forecasts(view: ReferralsView) -> list[tuple[ServedRequirement, Limit, Forecast, Values]]:
    """The unpaid work whose last day is not over yet, or was not when supervision ended."""
    found = []
    for work in bound(view):
        limit = limits(view)[work.key]
        if not view.today.reached(work.imposed_on) or view.today.after(limit.due_on):
            continue
        today = view.today.waited_for
        values = view.values(today, work.sentence)
        forecast = _forecast(view, work, today, values)
        _wait(view, work, limit, forecast, values)
        found.append((work, limit, forecast, values))
    return found


def _forecast(view: ReferralsView, work: ServedRequirement, day: date, values: Values) -> Forecast:
    """How the work stands on a day."""
    credits = [credit for credit in view.credits[work.key] if credit.session.held_on <= day]
    version = work.on(day) or work.versions[-1]
    last = credits[-1] if credits else None
    accepted = last.total if last else 0
    left = max(0, minutes_ordered(version) - accepted - (last.discount if last else 0))
    window = values.integer("pace_weeks") * WEEK
    first, begins = view.first_worked(work), _window(view, work, day, window)
    if first is None or first.session.held_on > begins:
        pace = Fraction(values.integer("least_weekly_hours") * MINUTES_AN_HOUR)
    else:
        recent = sum(c.minutes for c in credits if begins <= c.session.held_on < day)
        pace = Fraction(recent, values.integer("pace_weeks"))
    due_on = limits(view)[work.key].due_on
    weeks = max(0, _days_left(view.gaps_in("unpaid_work", work.sentence), day, due_on)) // 7
    return Forecast(left, weeks, pace, accepted)


def _days_left(gaps: Sequence[DeliveryGap], day: date, due_on: date) -> int:
    """The days from one up to the last day for the work, without those on which none is offered.

    A suspension without an end may end any day: only those with one take from the days to come.
    """
    known = [gap for gap in gaps if gap.until is not None]
    return (due_on - day).days - days_without(known, day, due_on)


def _window(view: ReferralsView, work: ServedRequirement, day: date, window: timedelta) -> date:
    """The first of the days before that one from which the pace is worked out.

    SH-9: days on which the region offers no unpaid work are not among them.
    """
    gaps = view.gaps_in("unpaid_work", work.sentence)
    begins = day - window
    while work.imposed_on <= begins and begins > (first := day - window - _idle(gaps, begins, day)):
        begins = first
    return begins


def _idle(gaps: Sequence[DeliveryGap], first: date, until: date) -> timedelta:
    return days_without(gaps, first, until) * ONE_DAY


def _offered(view: ReferralsView, work: ServedRequirement, day: date) -> int:
    """The minutes offered by a day: those attended, and a usual day where the person did not come."""
    offered = 0
    for session in view.sessions_of(work.key):
        if session.held_on > day:
            break
        values = view.values(session.held_on, work.sentence)
        if session.activity == "session" or session.outcome in values.texts("work_not_offered_outcomes"):
            continue
        stood_down = session.acceptable_reason == "stood_down" or not view.unpaid_work_on(
            work.sentence, session.held_on
        )
        offered += session.minutes or (0 if stood_down else values.integer("usual_session_minutes"))
    return offered


def _back_to_court(view: ReferralsView, limit: Limit, forecast: Forecast, values: Values) -> bool:
    """D7: is it still at risk shortly before the last day, or not to be done even at full pace?"""
    full_pace = values.integer("full_pace_hours") * MINUTES_AN_HOUR
    near = _is_near(view, limit, values)
    return (near and forecast.at_risk) or forecast.impossible(full_pace)


def _is_near(view: ReferralsView, limit: Limit, values: Values) -> bool:
    return view.today.reached(business_days_before(limit.due_on, values.integer("back_to_court_days")))


def _wait(
    view: ReferralsView, work: ServedRequirement, limit: Limit, forecast: Forecast, values: Values
) -> None:
    """Wait for the next day on which the forecast changes by itself: a week less, a session too long ago.

    SH-9: both come later by the days on which the region offers no unpaid work.
    """
    today, day = view.today, view.today.waited_for
    gaps = view.gaps_in("unpaid_work", work.sentence)
    over = _days_left(gaps, day, limit.due_on) % 7
    _wait_until_after(
        view, put_off(day, day + over * ONE_DAY, [gap for gap in gaps if gap.until is not None])
    )
    change = view.policy.next_change(day)
    if change is not None and change <= limit.due_on:
        today.reached(change)
    if not forecast.left:
        return  # at whatever pace it was done
    window = values.integer("pace_weeks") * WEEK
    first = view.first_worked(work)
    if first is not None:
        on = first.session.held_on
        _wait_until_after(view, put_off(on, on + window - ONE_DAY, gaps))
    for credit in view.credits[work.key][-1:]:
        today.after(credit.session.held_on)  # then it counts
    for credit in view.credits[work.key]:
        on = credit.session.held_on
        if not _wait_until_after(view, put_off(on + ONE_DAY, on + window, gaps)):
            break  # then it counts no more


def _wait_until_after(view: ReferralsView, day: date | None) -> bool:
    """Is that day over? It never is while it is put off without an end."""
    return day is not None and view.today.after(day)
