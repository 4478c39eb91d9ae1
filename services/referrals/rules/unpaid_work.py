"""Unpaid work: a late start, hours, the share of education and employment, the twelve months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from schemas.referrals import (
    EmploymentCapExceeded,
    ReturnToCourtRequired,
    UnpaidWorkCredited,
    UnpaidWorkStartOverdue,
)
from services.referrals.case import Stay
from services.referrals.ordered import Ordered
from services.referrals.progress import Credit
from services.referrals.rules.view import RequirementsView
from shared.calendar import DayUnit, within, year_beginning
from shared.engine.assessment import ONE_DAY, Finding


def start_overdue(view: RequirementsView) -> Iterator[Finding]:
    """UPW-1: unpaid work under an order starts within 20 business days of sentence.

    Days in custody do not count, the day of leaving does; a requirement added by a variation has its days
    from then. What was not done in time stays so, when done late as well.
    """
    stays = view.case.stays()
    for ordered in view.of_kind("unpaid_work"):
        if not ordered.sentence.is_order:
            continue
        values = view.values(ordered, ordered.imposed_on)
        unit = values.day_unit("unpaid_work_start_days")
        days = values.integer("unpaid_work_start_days")
        due_on = _start_due_on(view, ordered.imposed_on, days, unit, stays)
        if due_on is None or not _falls_due(ordered, due_on):
            continue
        first = view.first_worked(ordered)
        if first is not None and first.session.held_on <= due_on:
            continue
        if view.today.after(due_on):
            yield Finding(
                event=UnpaidWorkStartOverdue(
                    sentence_id=ordered.sentence.sentence_id,
                    requirement_id=ordered.requirement_id,
                    due_on=due_on,
                ),
                key=ordered.key,
                rules=("UPW-1",),
                because=(ordered.versions[0].record,),
                policy=values.version,
            )


def credited(view: RequirementsView) -> Iterator[Finding]:
    """UPW-12, UPW-13, UPW-18: a session credits the minutes attended, at most what remains.

    A stand-down credits nothing and is no failure. Concurrent hours count for each of the requirements: the
    credit of the one that the session names is keyed by the session, the others by requirement as well.
    """
    for ordered in view.of_kind("unpaid_work"):
        for credit in view.credits[ordered.key]:
            if credit.minutes:
                yield Finding(
                    event=UnpaidWorkCredited(
                        requirement_id=ordered.requirement_id,
                        session_id=credit.session.session_id,
                        minutes=credit.minutes,
                        as_="work" if credit.is_work else "employment_training_education",
                        worked_minutes=credit.total,
                        ordered_minutes=credit.ordered,
                    ),
                    key=_session_key(view, ordered, credit),
                    rules=("UPW-12", "UPW-13", "UPW-18"),
                    because=(credit.session, credit.version.record),
                    policy=credit.policy,
                )


def cap_exceeded(view: RequirementsView) -> Iterator[Finding]:
    """UPW-6, UPW-7: education, training and employment count up to their share of the hours ordered.

    The share is that of the day of the session: 20 %, from May 2024 30 %. UPW-9: work remains to be done.
    """
    for ordered in view.of_kind("unpaid_work"):
        for credit in view.credits[ordered.key]:
            if credit.cap is not None:
                yield Finding(
                    event=EmploymentCapExceeded(
                        requirement_id=ordered.requirement_id,
                        session_id=credit.session.session_id,
                        cap_minutes=credit.cap,
                    ),
                    key=_session_key(view, ordered, credit),
                    rules=("UPW-6", "UPW-7"),
                    because=(credit.session, credit.version.record),
                    policy=credit.policy,
                )


def return_to_court(view: RequirementsView) -> Iterator[Finding]:
    """UPW-2: unpaid work not completed within 12 months of sentence must go back to the court.

    An open item until the hours are worked, the court varies the order or supervision ends. UPW-19: once the
    limit is repealed, the work has the whole order, and after that nobody returns.
    """
    for ordered in view.of_kind("unpaid_work"):
        due_on = year_beginning(ordered.imposed_on)
        values = view.values(ordered, due_on)
        if not ordered.sentence.is_order or values.text("unpaid_work_period") != "12_months":
            continue
        if not _falls_due(ordered, due_on):
            continue
        done = view.worked(ordered)
        if (done is not None and done.on <= due_on) or not view.today.after(due_on):
            continue
        varied = (v.varied_on for v in view.case.variations_of(ordered.sentence))
        dealt_with = [day for day in varied if due_on < day <= ordered.life.last]
        if done is not None:
            dealt_with.append(done.on)
        yield Finding(
            event=ReturnToCourtRequired(
                requirement_id=ordered.requirement_id,
                sentence_id=ordered.sentence.sentence_id,
                options=[
                    cast(Literal["revoke_and_resentence", "extend"], option)
                    for option in values.texts("unpaid_work_return_options")
                ],
            ),
            key=ordered.key,
            rules=("UPW-2",),
            because=(ordered.versions[0].record,),
            policy=values.version,
            resolved_on=min(dealt_with, default=None),
            ended_on=ordered.life.over_on,
        )


def _falls_due(ordered: Ordered, due_on: date) -> bool:
    """Is the requirement in force on that day, and the day over before the sentence is?"""
    return ordered.on(due_on) is not None and ordered.life.outlives(due_on)


def _session_key(view: RequirementsView, ordered: Ordered, credit: Credit) -> str:
    session = credit.session
    named = (session.sentence_id, view.case.requirement_of(session))
    if named == (ordered.sentence.sentence_id, ordered.requirement_id):
        return session.session_id
    return f"{session.session_id}/{ordered.key}"


def _start_due_on(
    view: RequirementsView, since: date, days: int, unit: DayUnit, stays: list[Stay]
) -> date | None:
    """ENF-35: the last day in time, days in custody left out; None while the person is still held.

    Of one who is held on the day `since`, the days begin with the leaving.
    """
    if not view.today.reached(since):
        return None
    begins = since
    for stay in stays:
        if stay.holds(begins):
            if stay.until is None or not view.today.reached(stay.until):
                return None
            begins = stay.until
    day = begins
    for _ in range(days):
        day = within(day, 1, unit)
        for stay in stays:
            if stay.holds(day):
                if stay.until is None or not view.today.reached(stay.until):
                    return None
                day = within(stay.until - ONE_DAY, 1, unit)
    return day
