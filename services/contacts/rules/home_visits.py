"""Home visits for domestic abuse and child protection, at every level of risk (CONT-7, CONT-8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import msgspec

from schemas.contacts import HomeVisitOverdue, HomeVisitRequired
from services.contacts.case import Visit
from services.contacts.supervision import DAY, Course, Supervision
from services.contacts.view import ContactsView, Registered
from shared.engine.assessment import Day, Finding
from shared.engine.case import Record
from shared.policy import Values


class Need(msgspec.Struct, frozen=True):
    """That a registration calls for a home visit on a sentence, from `start` on.

    `since` is the day from which its time is counted, `visit` the first one made from `start` on. It is no
    longer needed from `dropped_on` on, if that day comes before the end: the registration is lifted, or
    nothing but unpaid work is left of the order.
    """

    key: str
    registered: Registered
    supervision: Supervision
    over_on: date
    start: date
    since: date
    values: Values
    visit: Visit | None
    dropped_on: date | None
    because: tuple[Record, ...]


def home_visit_required(of: ContactsView) -> Iterator[Finding]:
    """CONT-7: a home visit is mandatory when domestic abuse or child protection is registered.

    An item that a visit resolves, as does the registration's being lifted. While the person is held nobody
    can visit them at home: it is withdrawn, and raised again with the new day when they leave.
    """
    today = of.today
    for need in _needs(of, today):
        visited_on = need.visit.on if need.visit else None
        required = Finding(
            event=HomeVisitRequired(
                sentence_id=need.supervision.sentence.sentence_id,
                registration=need.registered.registration_id,
                due_on=_due(of, need) or _due_unless_held(need),
            ),
            key=need.key,
            rules=("CONT-7", "CONT-8"),
            because=need.because,
            policy=need.values.version,
            resolved_on=min([day for day in (visited_on, need.dropped_on) if day], default=None),
            ended_on=need.over_on,
        )
        held = of.held_since(today)
        if held is None or required.closed(today):
            yield required
        elif held > need.start:
            yield replace(required, resolved_on=held)


def home_visit_overdue(of: ContactsView) -> Iterator[Finding]:
    """CONT-8: the visit is made within 20 business days of the registration or of allocation, whichever is
    later.

    It stands when the visit is made late, and when the registration is lifted late.
    """
    today = of.today
    for need in _needs(of, today):
        due = _due(of, need)
        if due is None or due >= need.over_on or (need.dropped_on is not None and due >= need.dropped_on):
            continue
        if not today.after(due) or (need.visit is not None and need.visit.on <= due):
            continue
        yield Finding(
            event=HomeVisitOverdue(
                sentence_id=need.supervision.sentence.sentence_id,
                registration=need.registered.registration_id,
                due_on=due,
            ),
            key=need.key,
            rules=("CONT-7", "CONT-8"),
            because=need.because,
            policy=need.values.version,
        )


def _needs(of: ContactsView, today: Day) -> Iterator[Need]:
    """The visits that are needed, or were: on each sentence for each time that a registration was in force.

    Each is needed once, on however many releases; in post-sentence supervision as well.
    """
    known: set[str] = set()
    for registered in of.registrations:
        again = registered.registration_id in known
        known.add(registered.registration_id)
        for sentence_id, course in of.courses.items():
            found = _start(registered, course)
            if found is None or course.over_on is None:
                continue
            start, stretch = found
            values = of.values(start, stretch.sentence)
            if registered.kind not in values.texts("home_visit_registrations") or not today.reached(start):
                continue
            key = f"{sentence_id}/{registered.registration_id}"
            allocation = of.first_allocation(sentence_id)
            if allocation is not None and not today.reached(allocation.allocated_on):
                allocation = None
            since = max(start, allocation.allocated_on) if allocation else start
            visit = _first_visit(of, sentence_id, start)
            because = (*registered.because, *((allocation,) if allocation else ()), *stretch.because)
            yield Need(
                key=f"{key}/{registered.first.isoformat()}" if again else key,
                registered=registered,
                supervision=stretch,
                over_on=course.over_on,
                start=start,
                since=since,
                values=of.values(since, stretch.sentence),
                visit=visit,
                dropped_on=_dropped_on(registered, stretch, start),
                because=because,
            )


def _start(registered: Registered, course: Course) -> tuple[date, Supervision] | None:
    """The first day under supervision on which the registration is in force, and the stretch it falls in."""
    for stretch in course.stretches:
        day = max(registered.first, stretch.first)
        for first, last in stretch.unpaid_work_only:
            if first <= day <= last:
                day = last + DAY
        if (
            day <= stretch.last
            and registered.on(day)
            and course.over_on is not None
            and day <= course.over_on
        ):
            return day, stretch
    return None


def _first_visit(of: ContactsView, sentence_id: str, start: date) -> Visit | None:
    """The first home visit for that sentence, or for all, from that day on."""
    visits = [
        visit
        for kept in of.case.month_summaries.values()
        for visit in kept.home_visits
        if visit.on >= start and visit.sentence_id in (None, sentence_id)
    ]
    return min(visits, key=lambda visit: (visit.on, visit.event_id), default=None)


def _dropped_on(registered: Registered, stretch: Supervision, start: date) -> date | None:
    days = [first for first, _ in stretch.unpaid_work_only if first > start]
    return min([*days, *([registered.until] if registered.until else [])], default=None)


def _due(of: ContactsView, need: Need) -> date | None:
    return of.due_on(need.since, "home_visit_days", need.supervision.sentence)


def _due_unless_held(need: Need) -> date:
    return need.values.within(need.since, "home_visit_days")
