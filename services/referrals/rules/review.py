"""Reviews of unfinished requirements, and records that providers made too late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import zip_longest

from schemas.referrals import ProviderRecordLate, RequirementReviewDue
from services.referrals.completed import completion_of
from services.referrals.facts import Session
from services.referrals.requirements import ServedRequirement
from services.referrals.rules.limits import order_ends
from services.referrals.view import ReferralsView
from shared.calendar import earliest, london_date, months_before
from shared.engine.assessment import Finding
from shared.probation.delivery import Work
from shared.probation.facts import Release

ONE_DAY = timedelta(days=1)


def requirement_review_due(view: ReferralsView) -> Iterator[Finding]:
    """AP-10: three months before the end of an order or a licence, provider and practitioner review every
    requirement that is not finished.

    An open item until it is finished; until a court puts off the end, which is reviewed anew, takes the
    requirement off the order, or supervision is over. A shorter sentence is reviewed from its first day.
    """
    for requirement in view.requirements.values():
        first = requirement.imposed_on
        values = view.values(first, requirement.sentence)
        if requirement.on(first) is None or requirement.kind not in values.texts("requirement_reviews"):
            continue
        review = _review(view, requirement, values.integer("review_months"))
        if review is None or requirement.on(review[0]) is None:
            continue
        review_on, put_off_on = review
        done = completion_of(view, requirement)
        if done is not None and done.on < review_on:
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
            resolved_on=done.on if done is not None else None,
            ended_on=earliest(put_off_on, requirement.taken_off_on, requirement.period.over_on),
        )


def _review(
    view: ReferralsView, requirement: ServedRequirement, months: int
) -> tuple[date, date | None] | None:
    """The last day of review that came, and the day on which the end it was for was changed, if it was.

    None while there was no review.
    """
    planned = list(_planned_ends(view, requirement))
    following = (since for since, _ in planned[1:])
    found = None
    for (_, end), changed_on in zip_longest(planned, following):
        review_on = max(requirement.imposed_on, months_before(end, months))
        if view.today.reached(review_on) and (changed_on is None or review_on < changed_on):
            found = review_on, changed_on
    return found


def _planned_ends(view: ReferralsView, requirement: ServedRequirement) -> Iterator[tuple[date, date]]:
    """The last day of the order as first set and each time varied, or of each licence, and since when."""
    last = None
    ends = _licences if requirement.sentence.custodial else order_ends
    for since, end in ends(view, requirement):
        if end is not None and end != last:
            yield since, end
            last = end


def _licences(view: ReferralsView, requirement: ServedRequirement) -> Iterator[tuple[date, date | None]]:
    for stage in requirement.period.stages:
        release = stage.because[-1]
        if stage.kind == "licence" and isinstance(release, Release) and view.today.reached(stage.first):
            yield stage.first, release.licence_ends_on


def provider_record_late(view: ReferralsView) -> Iterator[Finding]:
    """ENF-37, INFO-2, SH-9: a provider records attendance within a business day, in time for enforcement.

    The first record counts: a correction is not late. Days on which the region does no such work do not
    count.
    """
    former = view.case.former_sessions
    for session in view.case.sessions.values():
        recorded_on = first_recorded_on(session, former.get(session.session_id, ()))
        if recorded_on <= session.held_on + ONE_DAY:
            continue  # the common case
        sentence = view.case.sentences.get(session.sentence_id)
        if sentence is None or not view.today.reached(session.held_on):
            continue
        if not view.supervised_on(session.sentence_id, session.held_on):
            continue
        values = view.values(session.held_on, sentence)
        work = _work_of(view, session)
        due_on = view.provider_due_on(session.held_on, "provider_record_days", sentence, work)
        if due_on is not None and recorded_on > due_on:
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


def first_recorded_on(session: Session, former: Sequence[Session]) -> date:
    """The day on which a session was recorded for the first time; `former` are its versions of before."""
    recorded = min(known.recorded for known in (*former, session)) if former else session.recorded
    return _london_date(recorded // 1_000_000)


@lru_cache(maxsize=65_536)
def _london_date(seconds: int) -> date:
    return london_date(datetime.fromtimestamp(seconds, UTC))
