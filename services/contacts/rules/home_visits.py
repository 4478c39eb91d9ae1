"""Home visits for domestic abuse and child protection, at every level of risk (CONT-7, CONT-8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from schemas.contacts import HomeVisitOverdue, HomeVisitRequired
from services.contacts.case import Visit
from services.contacts.summary import first_home_visit
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import Sentence
from shared.probation.risk import Registration
from shared.probation.supervision import ONE_DAY, Stage, SupervisionPeriod


class NeededVisit(msgspec.Struct, frozen=True):
    """A home visit for which a registration calls on a sentence, from `start` on.

    The visit is to be made within days of `since`; `due_on` is the last of them, None while the person is
    held or the region offers no contact (SH-9). `made` is the first one made from `start` on. It is no longer
    needed from `dropped_on` on, if that day comes before the end: the registration is lifted, or nothing but
    unpaid work is left of the order.
    """

    key: str
    sentence: Sentence
    registration_id: str
    over_on: date
    start: date
    since: date
    due_on: date | None
    values: Values
    made: Visit | None
    dropped_on: date | None
    because: tuple[Record, ...]


def home_visit_required(view: ContactsView) -> Iterator[Finding]:
    """CONT-7: a home visit is mandatory when domestic abuse or child protection is registered (an open item).

    CONT-8 gives its last day. A visit resolves it, as does the lifting of the registration. While the person
    is held nobody can visit them at home: it is resolved, and raised again with the new day when they leave.
    """
    held = view.held_today()
    for needed in _needed_visits(view):
        if held is not None and held.start <= needed.start:
            continue
        made_on = needed.made.on if needed.made else None
        resolving = (made_on, needed.dropped_on, held.start if held else None)
        yield Finding(
            event=HomeVisitRequired(
                sentence_id=needed.sentence.sentence_id,
                registration=needed.registration_id,
                due_on=needed.due_on or needed.values.within(needed.since, "home_visit_days"),
            ),
            key=needed.key,
            rules=("CONT-7", "CONT-8"),
            because=needed.because,
            policy=needed.values.version,
            resolved_on=min((day for day in resolving if day is not None), default=None),
            ended_on=needed.over_on,
        )


def home_visit_overdue(view: ContactsView) -> Iterator[Finding]:
    """CONT-7, CONT-8: a home visit is made within 20 business days of registration or allocation.

    Whichever is later. The finding stands when the visit is made late, and when the registration is lifted
    late.
    """
    for needed in _needed_visits(view):
        due_on, dropped_on = needed.due_on, needed.dropped_on
        if due_on is None or due_on >= needed.over_on or (dropped_on is not None and due_on >= dropped_on):
            continue
        if not view.today.after(due_on) or (needed.made is not None and needed.made.on <= due_on):
            continue
        yield Finding(
            event=HomeVisitOverdue(
                sentence_id=needed.sentence.sentence_id,
                registration=needed.registration_id,
                due_on=due_on,
            ),
            key=needed.key,
            rules=("CONT-7", "CONT-8"),
            because=needed.because,
            policy=needed.values.version,
        )


@once_a_day
def _needed_visits(view: ContactsView) -> list[NeededVisit]:
    """The visits that are needed, or were: on each sentence for each time that a registration was in force.

    Each is needed once, on however many releases; in post-sentence supervision as well.
    """
    known: set[str] = set()
    found = []
    for registration in view.registrations:
        again = registration.registration_id in known
        known.add(registration.registration_id)
        for period in view.supervision.values():
            needed = _needed_visit(view, period, registration, again=again)
            if needed is not None:
                found.append(needed)
    return found


def _needed_visit(
    view: ContactsView, period: SupervisionPeriod, registration: Registration, *, again: bool
) -> NeededVisit | None:
    """The visit for one registration on one sentence; `again` if it was in force before."""
    started = _start(registration, period)
    if started is None or period.over_on is None:
        return None
    start, stage = started
    sentence, today = period.sentence, view.today
    kinds = view.values(start, sentence).texts("home_visit_registrations")
    if registration.kind not in kinds or not today.reached(start):
        return None
    allocation = next(iter(view.allocations_of(sentence.sentence_id)), None)
    if allocation is not None and not today.reached(allocation.allocated_on):
        allocation = None
    since = max(start, allocation.allocated_on) if allocation else start
    key = f"{sentence.sentence_id}/{registration.registration_id}"
    return NeededVisit(
        key=f"{key}/{registration.first.isoformat()}" if again else key,
        sentence=sentence,
        registration_id=registration.registration_id,
        over_on=period.over_on,
        start=start,
        since=since,
        due_on=view.due_on(since, "home_visit_days", sentence, "contact"),
        values=view.values(since, sentence),
        made=first_home_visit(view, sentence.sentence_id, start),
        dropped_on=_dropped_on(registration, stage, start),
        because=(*registration.because, *((allocation,) if allocation else ()), *stage.because),
    )


def _start(registration: Registration, period: SupervisionPeriod) -> tuple[date, Stage] | None:
    """The first day under supervision on which the registration is in force, and the stage it falls in."""
    for stage in period.stages:
        day = max(registration.first, stage.first)
        for first, last in stage.unpaid_work_only:
            if first <= day <= last:
                day = last + ONE_DAY
        if (
            day <= stage.last
            and registration.on(day)
            and period.over_on is not None
            and day <= period.over_on
        ):
            return day, stage
    return None


def _dropped_on(registration: Registration, stage: Stage, start: date) -> date | None:
    """The day from which the visit is no longer needed, whether made or not."""
    days = [first for first, _ in stage.unpaid_work_only if first > start]
    return min([*days, *([registration.until] if registration.until else [])], default=None)
