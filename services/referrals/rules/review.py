"""Reviews of unfinished requirements, and records that providers made too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from schemas.referrals import ProviderRecordLate, RequirementReviewDue
from services.referrals.completed import completion_of
from services.referrals.facts import Session
from services.referrals.requirements import ServedRequirement
from services.referrals.rules.limits import order_ends_on
from services.referrals.view import ReferralsView
from shared.calendar import london_date, months_before
from shared.engine.assessment import Finding
from shared.probation.delivery import Work
from shared.probation.facts import Release

ONE_DAY = timedelta(days=1)


def requirement_review_due(view: ReferralsView) -> Iterator[Finding]:
    """AP-10: three months before the end of an order or a licence, provider and practitioner review every
    requirement that is not finished.

    An open item until it is finished or supervision is over. The end is the one planned by then; a shorter
    sentence is reviewed from its first day.
    """
    for requirement in view.requirements.values():
        end = _planned_end(view, requirement)
        first = requirement.imposed_on
        if end is None or requirement.on(first) is None:
            continue
        values = view.values(first, requirement.sentence)
        if requirement.kind not in values.texts("requirement_reviews"):
            continue
        review_on = max(first, months_before(end, values.integer("review_months")))
        if requirement.on(review_on) is None or not view.today.reached(review_on):
            continue
        done = completion_of(view, requirement)
        taken_off = [version.until for version in requirement.versions[-1:] if version.until < date.max]
        closed = [*taken_off, *([done.on] if done is not None else [])]
        if closed and min(closed) < review_on:
            continue
        yield Finding(
            event=RequirementReviewDue(
                requirement_id=requirement.requirement_id,
                sentence_id=requirement.sentence.sentence_id,
                review_on=review_on,
                due_on=review_on,
            ),
            key=requirement.key,
            rules=("AP-10",),
            because=(requirement.versions[0].record,),
            policy=values.version,
            resolved_on=min(closed, default=None),
            ended_on=requirement.period.over_on,
        )


def _planned_end(view: ReferralsView, requirement: ServedRequirement) -> date | None:
    """The last day of the order as varied so far, or of the licence; None before a release."""
    if not requirement.sentence.custodial:
        return order_ends_on(view, requirement)
    licence = None
    for stage in requirement.period.stages:
        release = stage.because[-1]
        if stage.kind == "licence" and isinstance(release, Release) and view.today.reached(stage.first):
            licence = release.licence_ends_on
    return licence


def provider_record_late(view: ReferralsView) -> Iterator[Finding]:
    """ENF-37, INFO-2, SH-9: a provider records attendance within a business day, in time for enforcement.

    The first record counts: a correction is not late. Days on which the region does no such work do not
    count.
    """
    for session in view.case.sessions.values():
        if first_recorded_on(view, session) <= session.held_on + ONE_DAY:
            continue  # the common case
        sentence = view.case.sentences.get(session.sentence_id)
        if sentence is None or not view.today.reached(session.held_on):
            continue
        if not view.supervised_on(session.sentence_id, session.held_on):
            continue
        values = view.values(session.held_on, sentence)
        work = _work_of(view, session)
        due_on = view.provider_due_on(session.held_on, "provider_record_days", sentence, work)
        if due_on is not None and first_recorded_on(view, session) > due_on:
            yield Finding(
                event=ProviderRecordLate(
                    session_id=session.session_id,
                    sentence_id=session.sentence_id,
                    referral_id=session.referral_id,
                    requirement_id=session.requirement_id,
                    due_on=due_on,
                ),
                key=session.session_id,
                rules=("ENF-37", "INFO-2"),
                because=(session,),
                policy=values.version,
            )


def _work_of(view: ReferralsView, session: Session) -> Work:
    """SH-9: the kind of work that a session was."""
    if session.activity != "session":
        return "unpaid_work"
    _, requirement_id = view.place_of(session)
    requirement = view.requirement(session.sentence_id, requirement_id)
    programme = requirement is not None and requirement.kind == "accredited_programme"
    return "accredited_programme" if programme else "other"


def first_recorded_on(view: ReferralsView, session: Session) -> date:
    """The day on which a session was recorded for the first time."""
    former = view.case.former_sessions.get(session.session_id, ())
    recorded = min(known.recorded for known in (*former, session)) if former else session.recorded
    return _london_date(recorded // 1_000_000)


@lru_cache(maxsize=65_536)
def _london_date(seconds: int) -> date:
    return london_date(datetime.fromtimestamp(seconds, UTC))
