"""Victims who asked to be kept informed are told what happens in a sentence (VIC-1). No event names them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.contacts import VictimUpdateDue, VictimUpdateOverdue
from services.contacts.victims.triggers import Asked, Trigger, asked, triggers
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding
from shared.engine.case import Record


def victim_update_due(view: ContactsView) -> Iterator[Finding]:
    """VIC-1: victims are told of a release planned, moved or made, of a recall and of the end (an open item).

    One item, however many victims asked. It is resolved when they were told, and ended when none wants to be
    informed any more or something else came to tell: a plan moved again, the release, the sentence's end.
    """
    for trigger in triggers(view):
        asking = _asking(view, trigger)
        if not asking:
            continue
        told, told_on = _told(view, trigger)
        over = [day for day in (trigger.over_on, _none_asks_from(asking)) if day is not None]
        yield Finding(
            event=VictimUpdateDue(
                sentence_id=trigger.sentence.sentence_id, trigger=trigger.what, due_on=trigger.due_on
            ),
            key=_key(trigger),
            rules=("VIC-1",),
            because=(*trigger.because, *(one.record for one in asking), *told),
            policy=view.values(trigger.on, trigger.sentence).version,
            resolved_on=max(told_on, trigger.on) if told_on is not None else None,
            ended_on=min(over, default=None),
        )


def victim_update_overdue(view: ContactsView) -> Iterator[Finding]:
    """VIC-1: they are told within five business days, and of a planned release 28 days before it (D22).

    The finding stands when they are told late. Nothing is overdue after the person's death.
    """
    died_on = min((death.died_on for death in view.case.deaths.values()), default=None)
    for trigger in triggers(view):
        asking = _asking(view, trigger)
        _, told_on = _told(view, trigger)
        over = [day for day in (trigger.over_on, died_on, _none_asks_from(asking)) if day is not None]
        if not asking or any(day <= trigger.due_on for day in over):
            continue
        if (told_on is not None and told_on <= trigger.due_on) or not view.today.after(trigger.due_on):
            continue
        yield Finding(
            event=VictimUpdateOverdue(
                sentence_id=trigger.sentence.sentence_id, trigger=trigger.what, due_on=trigger.due_on
            ),
            key=_key(trigger),
            rules=("VIC-1",),
            because=(*trigger.because, *(one.record for one in asking)),
            policy=view.values(trigger.on, trigger.sentence).version,
        )


def _asking(view: ContactsView, trigger: Trigger) -> list[Asked]:
    """The victims who wanted to be informed on the day of a trigger."""
    victims = asked(view, trigger.sentence.sentence_id)
    return [one for one in victims if one.first <= trigger.on < one.until]


def _none_asks_from(asking: list[Asked]) -> date | None:
    """The day from which none of them wants to be informed any more; None if one still does."""
    until = max((one.until for one in asking), default=date.max)
    return until if until < date.max else None


def _told(view: ContactsView, trigger: Trigger) -> tuple[tuple[Record, ...], date | None]:
    """What tells that they were told, and the first day of it; it may be recorded as of a day to come."""
    updates = [
        update
        for update in view.case.victim_updates.values()
        if (update.sentence_id, update.trigger) == (trigger.sentence.sentence_id, trigger.what)
        and update.told_on >= trigger.told_from
    ]
    first = min(updates, key=lambda update: (update.told_on, update.event_id), default=None)
    return ((first,), first.told_on) if first is not None else ((), None)


def _key(trigger: Trigger) -> str:
    """The sentence, what is to be told, and its day."""
    return f"{trigger.sentence.sentence_id}/{trigger.what}/{trigger.on.isoformat()}"
