"""Unpaid work: how many hours, when it starts, what counts, and the twelve months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from schemas.referrals import (
    EmploymentCapExceeded,
    InterventionStarted,
    RequirementInvalid,
    ReturnToCourtRequired,
    UnpaidWorkCredited,
    UnpaidWorkStartOverdue,
)
from services.referrals.progress import Credit, amount_ordered
from services.referrals.requirements import ServedRequirement, concurrent_groups
from services.referrals.view import ReferralsView
from shared.calendar import year_beginning
from shared.engine.assessment import Finding
from shared.probation.requirements import RequirementVersion

HoursFault = Literal["hours_below_40", "hours_above_300"]


def hours_invalid(view: ReferralsView) -> Iterator[Finding]:
    """UPW-14: unpaid work is 40 to 300 hours.

    Of several requirements imposed on one day 300 hours at most, concurrent ones counted once. What the court
    ordered stays on record as it was, even when a variation puts it right.
    """
    for work in view.of_kind("unpaid_work"):
        for version in view.versions_so_far(work):
            fault = _hours_fault(view, work, version)
            if fault is not None:
                yield Finding(
                    event=RequirementInvalid(
                        requirement_id=work.requirement_id,
                        sentence_id=work.sentence.sentence_id,
                        reason=fault,
                        ordered_on=version.since,
                    ),
                    key=work.key,
                    rules=("UPW-14",),
                    because=(version.record,),
                    policy=view.values(version.since, work.sentence).version,
                )
                break


def unpaid_work_started(view: ReferralsView) -> Iterator[Finding]:
    """UPW-1: unpaid work starts with the first session worked, not with a course of education or training."""
    for work in view.of_kind("unpaid_work"):
        first = view.first_worked(work)
        if first is not None and view.referral_kind(work) is not None:
            yield Finding(
                event=InterventionStarted(
                    referral_id=work.referral_id,
                    requirement_id=work.requirement_id,
                    sentence_id=work.sentence.sentence_id,
                    started_on=first.session.held_on,
                ),
                key=work.key,
                rules=("UPW-1",),
                because=(first.session, first.version.record),
                policy=first.policy,
            )


def unpaid_work_start_overdue(view: ReferralsView) -> Iterator[Finding]:
    """UPW-1: unpaid work under an order starts within 20 business days of sentence.

    Days in custody do not count, the day of leaving does (ENF-35); a requirement added by a variation has its
    days from then. What was not done in time stays late, even when it is done later.
    """
    for work in view.of_kind("unpaid_work"):
        if work.sentence.custodial:
            continue
        due_on = view.due_on(work.imposed_on, "unpaid_work_start_days", work.sentence)
        if due_on is None or not work.falls_due(due_on):
            continue
        first = view.first_worked(work)
        if first is not None and first.session.held_on <= due_on:
            continue
        if view.today.after(due_on):
            yield Finding(
                event=UnpaidWorkStartOverdue(
                    sentence_id=work.sentence.sentence_id,
                    requirement_id=work.requirement_id,
                    due_on=due_on,
                ),
                key=work.key,
                rules=("UPW-1",),
                because=(work.versions[0].record,),
                policy=view.values(work.imposed_on, work.sentence).version,
            )


def unpaid_work_credited(view: ReferralsView) -> Iterator[Finding]:
    """UPW-12, UPW-13, UPW-18: a session credits the minutes attended, at most what remains.

    A stand-down credits nothing and is no failure. Concurrent hours count for each of the requirements: the
    credit of the one that the session names is keyed by the session, the others by requirement as well.
    """
    for work in view.of_kind("unpaid_work"):
        for credit in view.credits[work.key]:
            if credit.minutes:
                yield Finding(
                    event=UnpaidWorkCredited(
                        requirement_id=work.requirement_id,
                        sentence_id=work.sentence.sentence_id,
                        session_id=credit.session.session_id,
                        held_on=credit.session.held_on,
                        minutes=credit.minutes,
                        as_="work" if credit.is_work else "employment_training_education",
                        worked_minutes=credit.total,
                        ordered_minutes=credit.ordered,
                    ),
                    key=_session_key(view, work, credit),
                    rules=("UPW-12", "UPW-13", "UPW-18"),
                    because=(credit.session, credit.version.record),
                    policy=credit.policy,
                )


def employment_cap_exceeded(view: ReferralsView) -> Iterator[Finding]:
    """UPW-6, UPW-7: education, training and employment count up to their share of the hours ordered.

    The share is that of the day of the session: 20 %, from May 2024 30 %. Work remains to be done (UPW-9).
    """
    for work in view.of_kind("unpaid_work"):
        for credit in view.credits[work.key]:
            if credit.cap is not None:
                yield Finding(
                    event=EmploymentCapExceeded(
                        requirement_id=work.requirement_id,
                        sentence_id=work.sentence.sentence_id,
                        session_id=credit.session.session_id,
                        held_on=credit.session.held_on,
                        cap_minutes=credit.cap,
                    ),
                    key=_session_key(view, work, credit),
                    rules=("UPW-6", "UPW-7"),
                    because=(credit.session, credit.version.record),
                    policy=credit.policy,
                )


def return_to_court_required(view: ReferralsView) -> Iterator[Finding]:
    """UPW-2: unpaid work not completed within 12 months of sentence must go back to the court.

    An open item until the hours are worked, the court varies the order or supervision ends. Once the limit is
    repealed the work has the whole order, and nobody returns any more (UPW-19).
    """
    for work in view.of_kind("unpaid_work"):
        due_on = year_beginning(work.imposed_on)
        values = view.values(due_on, work.sentence)
        if work.sentence.custodial or values.text("unpaid_work_period") != "12_months":
            continue
        if not work.falls_due(due_on):
            continue
        done = view.worked(work)
        if (done is not None and done.on <= due_on) or not view.today.after(due_on):
            continue
        dealt_with = [known.since for known in work.period.ordered if known.since > due_on]
        if done is not None:
            dealt_with.append(done.on)
        yield Finding(
            event=ReturnToCourtRequired(
                requirement_id=work.requirement_id,
                sentence_id=work.sentence.sentence_id,
                options=[
                    cast(Literal["revoke_and_resentence", "extend"], option)
                    for option in values.texts("unpaid_work_return_options")
                ],
            ),
            key=work.key,
            rules=("UPW-2",),
            because=(work.versions[0].record,),
            policy=values.version,
            resolved_on=min(dealt_with, default=None),
            ended_on=work.period.over_on,
        )


def _session_key(view: ReferralsView, work: ServedRequirement, credit: Credit) -> str:
    session = credit.session
    named = view.place_of(session) == (work.sentence.sentence_id, work.requirement_id)
    return session.session_id if named else f"{session.session_id}/{work.key}"


def _hours_fault(
    view: ReferralsView, work: ServedRequirement, version: RequirementVersion
) -> HoursFault | None:
    values = view.values(version.since, work.sentence)
    hours = amount_ordered(version)
    if hours < values.integer("unpaid_work_least_hours"):
        return "hours_below_40"
    most = values.integer("unpaid_work_most_hours")
    if hours > most:
        return "hours_above_300"
    by_sentence = version.record is work.sentence and not work.sentence.custodial
    return "hours_above_300" if by_sentence and _hours_imposed_on(view, version.since) > most else None


def _hours_imposed_on(view: ReferralsView, day: date) -> int:
    """The hours of unpaid work in all orders made on a day; of concurrent ones only the longest counts."""
    same_day = {
        work.key: work
        for work in view.of_kind("unpaid_work")
        if not work.sentence.custodial and work.imposed_on == day and work.versions[0].record is work.sentence
    }
    groups = concurrent_groups(same_day.values())
    longest: dict[frozenset[str], int] = defaultdict(int)
    for key, work in same_day.items():
        longest[groups[key]] = max(longest[groups[key]], amount_ordered(work.versions[0]))
    return sum(longest.values())
