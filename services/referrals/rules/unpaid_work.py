"""Unpaid work: how many hours, when it starts, what counts, the need for education, and placements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Literal

from schemas.referrals import (
    EmploymentAssessmentDue,
    EmploymentCapExceeded,
    InterventionStarted,
    PlacementRejected,
    RequirementInvalid,
    UnpaidWorkCredited,
    UnpaidWorkDiscount,
    UnpaidWorkStartOverdue,
)
from services.referrals.lifecycle.referrals import referrals
from services.referrals.progress import Credit, amount_ordered
from services.referrals.requirements import ServedRequirement, concurrent_groups
from services.referrals.view import ReferralsView
from shared.calendar import earliest
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
        first = view.first_worked(work.key)
        if first is not None and view.referral_kind(work) is not None:
            yield Finding(
                event=InterventionStarted(
                    referral_id=_referral_id(view, work),
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

    Days in custody do not count, the day of leaving does (ENF-35), nor do days on which the region offers no
    unpaid work (SH-9); a requirement added by a variation has its
    days from then. What was not done in time stays late, even when it is done later.
    """
    for work in view.of_kind("unpaid_work"):
        if work.sentence.custodial:
            continue
        due_on = view.due_on(work.imposed_on, "unpaid_work_start_days", work.sentence, "unpaid_work")
        if due_on is None or not work.falls_due(due_on):
            continue
        first = view.first_worked(work.key)
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


def unpaid_work_discount(view: ReferralsView) -> Iterator[Finding]:
    """UPW-20: after a quarter worked without a failure, each further hour gives half an hour off.

    At most a quarter of the hours; a failure ends it, and what was earned stays. In force by the policy's
    dates only.
    """
    for work in view.of_kind("unpaid_work"):
        earned = [credit for credit in view.credits[work.key] if credit.discount]
        if earned:
            last, failure = earned[-1], earned[-1].disqualified_by
            yield Finding(
                event=UnpaidWorkDiscount(
                    requirement_id=work.requirement_id,
                    sentence_id=work.sentence.sentence_id,
                    minutes=last.discount,
                    earned_on=last.session.held_on,
                    disqualified_on=failure.held_on if failure else None,
                ),
                key=work.key,
                rules=("UPW-20",),
                because=(last.session, last.version.record, *((failure,) if failure else ())),
                policy=last.policy,
            )


def employment_assessment_due(view: ReferralsView) -> Iterator[Finding]:
    """UPW-5, SH-9: everyone with unpaid work is assessed for a need for education, training and employment.

    An open item until the assessment; until a court takes the unpaid work off the order, or supervision is
    over. The practitioner assesses, so days without contacts in the region do not count. While the days stand
    still without an end, nobody waits for it.
    """
    for work in view.of_kind("unpaid_work"):
        since = work.imposed_on
        if work.on(since) is None or not view.today.reached(since):
            continue
        clock = view.clock(since, "employment_assessment_days", work.sentence, "contact")
        assessed = [
            known.assessed_on
            for known in view.case.employment.values()
            if known.sentence_id == work.sentence.sentence_id
        ]
        if clock is not None:
            due_on, stopped_on = clock
            yield Finding(
                event=EmploymentAssessmentDue(
                    sentence_id=work.sentence.sentence_id,
                    requirement_id=work.requirement_id,
                    due_on=due_on,
                ),
                key=work.key,
                rules=("UPW-5",),
                because=(work.versions[0].record,),
                policy=view.values(since, work.sentence).version,
                resolved_on=earliest(*assessed),
                ended_on=earliest(work.taken_off_on, work.period.over_on, stopped_on),
            )


def placement_rejected(view: ReferralsView) -> Iterator[Finding]:
    """UPW-3, UPW-10: a placement is at most 90 minutes' travel each way, and for a woman suitable for women.

    It says nothing about the person: a placement that cannot be used is not refused by them. One that is
    offered while no work is required is not looked at.
    """
    for offer in sorted(view.case.placement_offers.values(), key=lambda o: o.placement_id):
        known = (w for w in view.of_kind("unpaid_work") if w.requirement_id == offer.requirement_id)
        work = next((w for w in known if w.on(offer.offered_on) is not None), None)
        if work is None or not view.today.reached(offer.offered_on):
            continue
        values = view.values(offer.offered_on, work.sentence)
        reason: Literal["too_far", "not_suitable_for_women"] | None = None
        if offer.travel_minutes > values.integer("most_travel_minutes"):
            reason = "too_far"
        elif work.sentence.person.sex == "female" and not offer.suits_women:
            reason = "not_suitable_for_women"
        if reason is not None:
            yield Finding(
                event=PlacementRejected(
                    placement_id=offer.placement_id,
                    requirement_id=offer.requirement_id,
                    sentence_id=work.sentence.sentence_id,
                    offered_on=offer.offered_on,
                    reason=reason,
                ),
                key=offer.placement_id,
                rules=("UPW-3",) if reason == "too_far" else ("UPW-10",),
                because=(offer, work.versions[0].record),
                policy=values.version,
            )


def _referral_id(view: ReferralsView, work: ServedRequirement) -> str:
    """The referral under which it is done: that which was asked for, or its own."""
    asked = (r for r in referrals(view).values() if r.requirement == work and r.kind == "unpaid_work")
    return next((referral.referral_id for referral in asked), work.referral_id)


def _session_key(view: ReferralsView, work: ServedRequirement, credit: Credit) -> str:
    session = credit.session
    named = view.place_of(session) == (work.sentence.sentence_id, work.requirement_id)
    return session.session_id if named else f"{session.session_id}/{work.key}"


def _hours_fault(
    view: ReferralsView, work: ServedRequirement, version: RequirementVersion
) -> HoursFault | None:
    if work.sentence.kind == "supervision_default_order":
        return None  # its hours are fewer (ENF-33), and no limit of an order's applies
    values = view.values(version.since, work.sentence)
    hours = amount_ordered(version)
    if hours < values.integer("unpaid_work_least_hours"):
        return "hours_below_40"
    most = values.integer("unpaid_work_most_hours")
    if hours > most:
        return "hours_above_300"
    by_sentence = version.record == work.sentence and not work.sentence.custodial
    return "hours_above_300" if by_sentence and _hours_imposed_on(view, version.since) > most else None


def _hours_imposed_on(view: ReferralsView, day: date) -> int:
    """The hours of unpaid work in all orders made on a day; of concurrent ones only the longest counts."""
    same_day = {
        work.key: work
        for work in view.of_kind("unpaid_work")
        if not work.sentence.custodial and work.imposed_on == day and work.versions[0].record == work.sentence
    }
    groups = concurrent_groups(same_day.values())
    longest: dict[frozenset[str], int] = defaultdict(int)
    for key, work in same_day.items():
        longest[groups[key]] = max(longest[groups[key]], amount_ordered(work.versions[0]))
    return sum(longest.values())
