"""What victims who asked to be kept informed are to be told of, and from when (VIC-1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

import msgspec

from schemas.words import VictimTrigger
from services.contacts.facts import VictimContact
from services.contacts.outcomes.recorded import recorded_on
from services.contacts.view import ContactsView
from shared.engine.case import Record
from shared.policy import Values
from shared.probation.facts import ReleasePlan, Sentence
from shared.probation.supervision import SupervisionPeriod


class Trigger(msgspec.Struct, frozen=True):
    """Something of which victims are to be told from the day `on` on, by `due_on`.

    `told_from`: what they were told before that day was of something else. `over_on` is the day on which
    there is nothing left to tell, since something else came.
    """

    sentence: Sentence
    what: VictimTrigger
    on: date
    due_on: date
    told_from: date
    over_on: date | None
    because: tuple[Record, ...]


class Asked(msgspec.Struct, frozen=True):
    """A time in which a victim wants to be informed, from `first` up to but not on `until`."""

    first: date
    until: date
    record: Record


def asked(view: ContactsView, sentence_id: str) -> list[Asked]:
    """When victims of a sentence want to be informed: of each, until they no longer do."""
    found = []
    changes: dict[str, list[VictimContact]] = {}
    for change in sorted(view.case.victim_contacts.values(), key=lambda c: (c.effective_on, *c.stamp)):
        if change.sentence_id == sentence_id:
            changes.setdefault(change.victim_contact_id, []).append(change)
    for own in changes.values():
        ends = [*(following.effective_on for following in own[1:]), date.max]
        for change, until in zip(own, ends, strict=True):
            if change.opted_in and change.effective_on < until:
                found.append(Asked(change.effective_on, until, change))
    return sorted(found, key=lambda one: (one.first, one.record.event_id))


def triggers(view: ContactsView) -> Iterator[Trigger]:
    """VIC-1: planned, moved and actual releases, recalls and the ends of orders and licences, in no order.

    Only those of which the day has been reached. Death stops all but the last: that the sentence has ended.
    """
    if not view.case.victim_contacts:
        return
    for sentence_id, period in view.supervision.items():
        victims = asked(view, sentence_id)
        if not victims:
            continue
        ended_on = _ended_on(view, period)
        for trigger in (*_plans(view, period, victims), *_released(view, period), *_recalled(view, period)):
            if ended_on is not None and trigger.on >= ended_on:
                continue
            over = [day for day in (trigger.over_on, ended_on) if day is not None]
            yield msgspec.structs.replace(trigger, over_on=min(over, default=None))
        yield from _ended(view, period, ended_on)


def _due(values: Values, on: date) -> date:
    return values.within(on, "victim_update_days")


def _plans(view: ContactsView, period: SupervisionPeriod, victims: Iterable[Asked]) -> Iterator[Trigger]:
    """A release that is planned, and each time that it is moved, from the day on which that was recorded.

    Who asks to be informed later is told of the plan as it stands then. Of one that was recorded when its day
    had gone by there is nothing to tell.
    """
    sentence, case = period.sentence, view.case
    standing = case.release_plans.get(sentence.sentence_id)
    if standing is None or not sentence.custodial:
        return
    versions = [*case.former_release_plans.get(sentence.sentence_id, ()), standing]
    known = [*{recorded_on(plan): plan for plan in versions}.values()]  # of one day, the last
    said = [known[0], *(new for old, new in pairwise(known) if new.release_on != old.release_on)]
    releases = sorted(r.released_on for r in case.releases.values() if r.sentence_id == sentence.sentence_id)
    days = [recorded_on(plan) for plan in said]
    for n, (plan, recorded) in enumerate(zip(said, days, strict=True)):
        if not view.today.reached(recorded):
            continue
        until = [day for day in releases if day >= recorded][:1] + days[n + 1 : n + 2]
        on = max(recorded, min(_asking(victims, recorded), default=recorded))
        if plan.release_on < on or not view.today.reached(on) or (until and on >= min(until)):
            continue
        yield Trigger(
            sentence=sentence,
            what="release_moved" if n and on == recorded else "release_planned",
            on=on,
            due_on=_due_before(view.values(on, sentence), on, plan),
            told_from=recorded if n else date.min,
            over_on=min(until, default=None),
            because=(sentence, plan),
        )


def _asking(victims: Iterable[Asked], day: date) -> list[date]:
    """The first day from that one on on which each victim wants to be informed."""
    return [max(day, one.first) for one in victims if one.until > max(day, one.first)]


def _due_before(values: Values, on: date, plan: ReleasePlan) -> date:
    """D22: within days of the plan, and days before the release; a plan that comes later leaves its days."""
    before = plan.release_on - timedelta(days=values.integer("victim_told_before_release_days"))
    due_on = _due(values, on)
    return min(due_on, before) if before >= on else due_on


def _released(view: ContactsView, period: SupervisionPeriod) -> Iterator[Trigger]:
    sentence = period.sentence
    for release in view.case.releases.values():
        on = release.released_on
        if sentence.custodial and release.sentence_id == sentence.sentence_id and view.today.reached(on):
            due_on = _due(view.values(on, sentence), on)
            yield Trigger(sentence, "released", on, due_on, on, None, (sentence, release))


def _recalled(view: ContactsView, period: SupervisionPeriod) -> Iterator[Trigger]:
    """A recall, from the day on which it was decided or, if that is not known, of the return to custody.

    Whoever is in custody already, or at large, is recalled by the decision alone. Both are one recall, until
    the person is out again. A return for a recall that names no licence is of each licence of that day.
    """
    sentence, case = period.sentence, view.case
    decided = [one for one in case.recalls.values() if one.sentence_id == sentence.sentence_id]
    returned = [
        taken
        for taken in case.taken.values()
        if taken.reason == "recall" and taken.sentence_id in (None, sentence.sentence_id)
    ]
    known: list[tuple[date, Record]] = [(recall.decided_on, recall) for recall in decided]
    known += [(taken.taken_on, taken) for taken in returned]
    stays = {taken.custody_id for taken in returned}
    out = [left.left_on for left in case.left.values() if left.custody_id in stays]
    first: dict[tuple[date, int], tuple[date, Record]] = {}
    for on, record in sorted(known, key=lambda one: (one[0], *one[1].stamp)):
        stage = period.stage_on(on)
        if stage is not None and stage.kind == "licence" and view.today.reached(on):
            first.setdefault((stage.first, sum(day <= on for day in out)), (on, record))
    for on, record in first.values():
        due_on = _due(view.values(on, sentence), on)
        yield Trigger(sentence, "recalled", on, due_on, on, None, (sentence, record))


def _ended_on(view: ContactsView, period: SupervisionPeriod) -> date | None:
    """The last day of the order, or of the licence for good; None while it is to come.

    Post-sentence supervision may follow a licence, and is no part of it.
    """
    today = view.today
    stages = [stage for stage in period.stages if stage.kind != "post_sentence_supervision"]
    last = stages[-1].last if stages else None
    cut = period.cut_short
    if cut is not None and (last is None or cut.on <= last):
        return cut.on if today.reached(cut.on) else None
    return last if last is not None and today.after(last) else None


def _ended(view: ContactsView, period: SupervisionPeriod, ended_on: date | None) -> Iterator[Trigger]:
    if ended_on is None:
        return
    sentence, cut = period.sentence, period.cut_short
    because = (sentence, cut.record) if cut is not None and cut.on == ended_on else (sentence,)
    due_on = _due(view.values(ended_on, sentence), ended_on)
    yield Trigger(sentence, "ended", ended_on, due_on, ended_on, None, because)
