"""The first steps of supervision: a first appointment, a sentence plan, and what other agencies are asked.

Each order and each release has its own clocks (ALLOC-22, CONT-25 to CONT-27). Post-sentence supervision and
unpaid work alone have no first appointment and no plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from schemas.contacts import InitialAppointmentOverdue, PartnerCheckDue, SentencePlanOverdue
from schemas.words import PartnerCheckKind
from services.contacts.case import MonthSummary, Occasion
from services.contacts.sentence_plans import is_complete, plans_by
from services.contacts.summary import first_appointment_due
from services.contacts.supervision import Course, Supervision
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.engine.case import month_of


def initial_appointment(of: ContactsView) -> Iterator[Finding]:
    """ALLOC-22: the first appointment is offered within 5 business days of sentence, 1 of release.

    Offered is what the person was told of or what has an outcome, unless the service moved it or held it
    back; whether the person came is another matter. It stands when an appointment is offered late.
    """
    today = of.today
    for _, course, stretch in of.stretches():
        if stretch.stage == "post_sentence_supervision":
            continue
        due = first_appointment_due(of, stretch)
        if due is None or not _falls_in(due, stretch.first, stretch, course):
            continue
        if not today.after(due) or _first(of, lambda kept: kept.offered, stretch, due):
            continue
        sentence = stretch.sentence
        yield Finding(
            event=InitialAppointmentOverdue(sentence_id=sentence.sentence_id, due_on=due),
            key=_key(stretch, course),
            rules=("ALLOC-22",),
            because=stretch.because,
            policy=of.values(stretch.first, sentence).version,
        )


def sentence_plan(of: ContactsView) -> Iterator[Finding]:
    """CONT-25: a sentence plan exists within 15 business days of the first appointment that was attended.

    CONT-26: it is complete only with the person's own assessment, or with their refusal of one. A plan made
    before the first appointment will do; on a new release one made since the person was last taken into
    custody, since a recall calls for a review.
    """
    today = of.today
    for sentence_id, course, stretch in of.stretches():
        if stretch.stage == "post_sentence_supervision":
            continue
        first = _first(of, lambda kept: kept.attended, stretch, stretch.last)
        if first is None:
            continue
        sentence = stretch.sentence
        due = of.due_on(first.on, "sentence_plan_days", sentence)
        if due is None or not _falls_in(due, first.on, stretch, course) or not today.after(due):
            continue
        plans = plans_by(of, stretch, due)
        if any(is_complete(of, stretch, plan) for plan in plans):
            continue
        yield Finding(
            event=SentencePlanOverdue(sentence_id=sentence_id, due_on=due),
            key=_key(stretch, course),
            rules=("CONT-25", "CONT-26"),
            because=(first, *plans, *stretch.because),
            policy=of.values(first.on, sentence).version,
        )


def partner_checks(of: ContactsView) -> Iterator[Finding]:
    """CONT-27: youth offending services, safeguarding and domestic-abuse checks, and health are asked.

    An item each, from the first allocation under supervision, resolved by the answer. Other agencies can be
    asked while the person is held, so that custody stops no clock here.
    """
    today = of.today
    for sentence_id, course in of.courses.items():
        if course.over_on is None or not course.stretches:
            continue  # supervision never began
        allocation = of.first_allocation(sentence_id)
        if allocation is None:
            continue
        stretch = course.stretches[0]
        start = max(allocation.allocated_on, stretch.first)
        if start > course.over_on or not today.reached(start):
            continue
        sentence = stretch.sentence
        values = of.values(start, sentence)
        due = values.within(start, "partner_check_days")
        for check, who in values.table("partner_checks").items():
            if who != "all" and who not in sentence.person.cohorts:
                continue
            answers = [
                answer
                for answer in of.case.partner_checks.values()
                if (answer.sentence_id, answer.check) == (sentence_id, check)
            ]
            answered_on = min((answer.completed_on for answer in answers), default=None)
            if answered_on is not None and answered_on < start:
                continue  # there was nothing left to ask
            yield Finding(
                event=PartnerCheckDue(
                    sentence_id=sentence_id, check=cast(PartnerCheckKind, check), due_on=due
                ),
                key=f"{sentence_id}/{check}",
                rules=("CONT-27",),
                because=(allocation, *answers, *stretch.because),
                policy=values.version,
                resolved_on=answered_on,
                ended_on=course.over_on,
            )


def _falls_in(due: date, since: date, stretch: Supervision, course: Course) -> bool:
    """Does a deadline fall in its own stretch, before the end, with more than unpaid work until then?"""
    over_on = course.over_on
    return (
        due <= stretch.last
        and (over_on is None or due < over_on)
        and stretch.supervised_throughout(since, due)
    )


def _first(
    of: ContactsView,
    kept: Callable[[MonthSummary], Mapping[str, Sequence[Occasion]]],
    stretch: Supervision,
    last: date,
) -> Occasion | None:
    """The first occasion of a stretch up to a day, of those that are kept of the months."""
    summaries = of.case.month_summaries
    if not summaries:
        return None
    for month in range(month_of(stretch.first), min(month_of(last), max(summaries)) + 1):
        if month in summaries:
            for occasion in kept(summaries[month]).get(stretch.sentence.sentence_id, ()):
                if stretch.first <= occasion.on <= last:
                    return occasion
    return None


def _key(stretch: Supervision, course: Course) -> str:
    """The sentence; for a release after the first, with its day."""
    id = stretch.sentence.sentence_id
    return id if stretch is course.stretches[0] else f"{id}/{stretch.first.isoformat()}"
