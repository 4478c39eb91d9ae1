"""Whether unpaid work will be done in time: at risk while something can still be done, else back to court."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from schemas.referrals import RequirementAtRisk, ReturnToCourtRequired
from schemas.scalars import LAST_DAY
from services.referrals.completed import completion_of
from services.referrals.progress import MINUTES_AN_HOUR, Completion, Credit, minutes_ordered
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
    """Whether unpaid work will be done in time, by how it stands today.

    `done_on` is the last day for it, or the later day on which it would be done at its present pace.
    `possible`: it would be done in time at full pace. It says no more than that, so that few sessions change
    what is forecast.
    """

    done_on: date
    at_risk: bool
    possible: bool


def requirement_at_risk(view: ReferralsView) -> Iterator[Finding]:
    """UPW-4, UPW-16, UPW-19: unpaid work that will not be done in time at its present pace, and still could.

    Pace (D7): what was credited in the last twelve weeks; the minimum weekly hours while fewer have passed
    since the start. SH-9: days without unpaid work in the region count in neither. An open item, resolved
    when the pace is enough; it ends when the work must go back to the court, or with the time limit (D9).
    """
    for work, limit, forecast, values in _forecasts(view):
        court = _back_to_court(view, limit, forecast, values)
        resolved_on, ended_on = _closing(view, work, limit, forecast.at_risk)
        yield Finding(
            event=RequirementAtRisk(
                requirement_id=work.requirement_id,
                sentence_id=work.sentence.sentence_id,
                forecast_on=forecast.done_on,
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
    for work, limit, day, values, resolved_on, ended_on in (*_due_back(view), *_not_done(view)):
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
                accepted_minutes=_accepted(view, work, day),
            ),
            key=work.key,
            rules=("UPW-2", "UPW-4", "UPW-19"),
            because=limit.because,
            policy=values.version,
            resolved_on=resolved_on,
            ended_on=ended_on,
        )


Return = tuple[ServedRequirement, Limit, date, Values, date | None, date | None]
"""Work that must go back to the court, as it stood on a day, and when that was resolved and ended."""


def _due_back(view: ReferralsView) -> Iterator[Return]:
    """Work that cannot be done by its last day, which is still to come."""
    for work, limit, forecast, values in _forecasts(view):
        court = _back_to_court(view, limit, forecast, values)
        was_due = _is_near(view, limit, values) or limit.repealed_on is not None or _varied(view, work)
        if court or was_due or _was_impossible(view, work.key):
            today = view.today.waited_for
            yield work, limit, today, values, *_closing(view, work, limit, court)


def _not_done(view: ReferralsView) -> Iterator[Return]:
    """Work that was not done by its last day, which is over; done late or varied, that is resolved."""
    for work in bound(view):
        limit = limits(view)[work.key]
        if not view.today.after(limit.due_on) or not work.falls_due(limit.due_on):
            continue
        done = completion_of(view, work)
        if done is None or done.on > limit.due_on:
            values = view.values(limit.due_on, work.sentence)
            resolved_on = _dealt_with(work, limit.due_on, done)
            yield work, limit, limit.due_on, values, resolved_on, work.period.over_on


def _varied(view: ReferralsView, work: ServedRequirement) -> bool:
    """Has the court varied the order since? It may then have dealt with work that had to go back to it."""
    return any(
        known.since > work.imposed_on and view.today.reached(known.since) for known in work.period.ordered
    )


@once_a_day
def _was_impossible(view: ReferralsView, key: str) -> bool:
    """Was too much left for full pace on a day on which some of it was then worked?"""
    work, due_on, done = view.requirements[key], limits(view)[key].due_on, 0
    gaps = view.gaps_in("unpaid_work", work.sentence)
    for credit in view.credits[key]:
        day = credit.session.held_on
        full_pace = view.values(day, work.sentence).integer("full_pace_hours") * MINUTES_AN_HOUR
        if credit.ordered - done > max(0, _days_left(gaps, day, due_on)) // 7 * full_pace:
            return True
        done = credit.total + credit.discount
    return False


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
        values = view.values(view.today.waited_for, work.sentence)
        found.append((work, limit, _forecast(view, work, limit.due_on, values), values))
    return found


def _forecast(view: ReferralsView, work: ServedRequirement, due_on: date, values: Values) -> Forecast:
    """How the work stands today, for the case to wait until that changes by itself.

    The pace is exact, as `minutes` done `in_weeks`: rounded, work that will be done to the minute would seem
    to be at risk.
    """
    day, credits, first = view.today.waited_for, view.credits[work.key], view.first_worked(work.key)
    gaps = view.gaps_in("unpaid_work", work.sentence)
    done = credits[-1].total + credits[-1].discount if credits else 0
    left = max(0, minutes_ordered(work.on(day) or work.versions[-1]) - done)
    days_left = _days_left(gaps, day, due_on)
    weeks = max(0, days_left) // 7
    begins = _window(gaps, work, day, values)
    recent = [credit for credit in credits if credit.session.held_on >= begins]
    window = values.integer("pace_weeks") * WEEK

    least = values.integer("least_weekly_hours") * MINUTES_AN_HOUR
    minutes, in_weeks = least, 1
    counted: list[Credit] = []
    if first is not None and first.session.held_on <= begins:
        counted = [credit for credit in recent if credit.session.held_on < day]
        minutes = sum(credit.minutes for credit in counted)
        in_weeks = values.integer("pace_weeks")
    missing = left * in_weeks - weeks * minutes  # in minutes and as many parts of one as there are weeks
    late = -(-missing // (minutes or least * in_weeks)) if missing > 0 else 0
    full_pace = values.integer("full_pace_hours") * MINUTES_AN_HOUR

    def suffices(weeks: int, until: date) -> bool:
        """Would it be done in time with so many weeks left, if nothing more were worked up to that day?"""
        lost = sum(credit.minutes for credit in counted if credit.session.held_on < until - window)
        return left * in_weeks <= weeks * (minutes - lost) and left <= weeks * full_pace

    _wait_for_change(view, work, due_on)
    if left and not _wait_until_short(view, days_left, suffices):
        _wait_for_time(view, gaps, days_left)
        _wait_for_pace(view, gaps, window, recent)
    if left and first is not None:
        begun = first.session.held_on
        _wait_until_after(view, put_off(begun, begun + window - ONE_DAY, gaps))  # then there is a pace
    done_on = due_on + min(late * WEEK, LAST_DAY - due_on)  # a few minutes in weeks are a pace of centuries
    return Forecast(done_on, missing > 0, weeks * full_pace >= left)


def _days_left(gaps: Sequence[DeliveryGap], day: date, due_on: date) -> int:
    """The days from one up to the last day for the work, without those on which none is offered.

    A suspension without an end may end any day: only those with one take from the days to come.
    """
    known = [gap for gap in gaps if gap.until is not None]
    return (due_on - day).days - days_without(known, day, due_on)


def _window(gaps: Sequence[DeliveryGap], work: ServedRequirement, day: date, values: Values) -> date:
    """The first of the days before that one from which the pace is worked out.

    SH-9: days on which the region offers no unpaid work are not among them.
    """
    begins = since = day - values.integer("pace_weeks") * WEEK
    while work.imposed_on <= begins and begins > (first := since - _idle(gaps, begins, day)):
        begins = first
    return begins


def _idle(gaps: Sequence[DeliveryGap], first: date, until: date) -> timedelta:
    return days_without(gaps, first, until) * ONE_DAY


def _accepted(view: ReferralsView, work: ServedRequirement, day: date) -> int:
    """The minutes credited by a day."""
    credits = (credit for credit in reversed(view.credits[work.key]) if credit.session.held_on <= day)
    return next((credit.total for credit in credits), 0)


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
    return (_is_near(view, limit, values) and forecast.at_risk) or not forecast.possible


def _is_near(view: ReferralsView, limit: Limit, values: Values) -> bool:
    return view.today.reached(business_days_before(limit.due_on, values.integer("back_to_court_days")))


def _wait_for_change(view: ReferralsView, work: ServedRequirement, due_on: date) -> None:
    """Wait for the days on which other hours are ordered, or another policy begins."""
    for version in work.versions:
        view.today.reached(version.since)
    change = view.policy.next_change(view.today.waited_for)
    if change is not None and change <= due_on:
        view.today.reached(change)


def _wait_until_short(view: ReferralsView, days_left: int, suffices: Callable[[int, date], bool]) -> bool:
    """Wait for the first week in which the work may not be done in time any more; whether that is to come.

    Until then nothing changes, since sessions to come only add to the pace. It may come later, by days
    without unpaid work (SH-9).
    """
    weeks = max(0, days_left) // 7
    begins, last = None, view.today.waited_for + days_left % 7 * ONE_DAY
    while suffices(weeks, last):
        weeks, begins, last = weeks - 1, last + ONE_DAY, last + WEEK
    return begins is not None and not view.today.reached(begins)


def _wait_for_time(view: ReferralsView, gaps: Sequence[DeliveryGap], days_left: int) -> None:
    """Wait for the day on which there is a week less.

    SH-9: it comes later by the days on which the region offers no unpaid work.
    """
    day = view.today.waited_for
    known = [gap for gap in gaps if gap.until is not None]
    _wait_until_after(view, put_off(day, day + days_left % 7 * ONE_DAY, known))


def _wait_for_pace(
    view: ReferralsView, gaps: Sequence[DeliveryGap], window: timedelta, recent: Sequence[Credit]
) -> None:
    """Wait for the next day on which the pace changes: a session counts, or is too long ago (SH-9)."""
    for credit in recent[-1:]:
        view.today.after(credit.session.held_on)  # then it counts
    for credit in recent:
        on = credit.session.held_on
        if not _wait_until_after(view, put_off(on + ONE_DAY, on + window, gaps)):
            break  # then it counts no more


def _wait_until_after(view: ReferralsView, day: date | None) -> bool:
    """Is that day over? It never is while it is put off without an end."""
    return day is not None and view.today.after(day)
