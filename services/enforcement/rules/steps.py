"""The steps of a breach, each with a deadline (ENF-9): the breach pack, and the information laid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.enforcement import BreachInformationOverdue, BreachPackOverdue
from services.enforcement.episodes import Breach, BreachHistory
from services.enforcement.lost_ground import lost_ground
from services.enforcement.sentences import EnforcedSentence
from services.enforcement.view import EnforcementView
from shared.engine.assessment import Finding


def breach_pack_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-9, ENF-13: the breach pack is ready within 10 business days of the failure that triggers it.

    So it is if an information was laid by then, and none is needed if the breach was over, or not to be
    brought any more, by then. This is a record: a pack completed late does not undo it.
    """
    for history in view.with_breaches:
        order = history.order
        for breach in history.breaches:
            due_on = order.deadline(breach.since, "breach_pack_days", view.policy)
            values = view.values(breach.since, order.sentence)
            if due_on is None or not order.missed(due_on, view.today):
                continue
            if _taken_on(order, breach, values.texts("breach_pack_actions"), due_on):
                continue
            if _not_to_be_brought(view, history, breach, due_on):
                continue
            yield Finding(
                event=BreachPackOverdue(sentence_id=order.sentence.sentence_id, due_on=due_on),
                key=breach.key,
                rules=("ENF-9", "ENF-13"),
                because=breach.because,
                policy=values.version,
            )


def breach_information_overdue(view: EnforcementView) -> Iterator[Finding]:
    """ENF-7, ENF-9: an information is laid within 5 business days of the breach pack, before the court that
    made the order: a justice of the peace for a magistrates' order, the Crown Court for one of its own.

    A hearing shows that it was laid. None is needed if the breach was over, or not to be brought any more, by
    then. This is a record.
    """
    for history in view.with_breaches:
        order = history.order
        for breach in history.breaches:
            packed_on = _taken_on(order, breach, ("breach_pack_completed",), date.max)
            if packed_on is None:
                continue
            due_on = order.deadline(packed_on, "breach_information_days", view.policy)
            if due_on is None or not order.missed(due_on, view.today):
                continue
            heard = any(breach.since <= hearing.heard_on <= due_on for hearing in order.hearings)
            laid = _taken_on(order, breach, ("breach_information_laid",), due_on)
            if heard or laid is not None or _not_to_be_brought(view, history, breach, due_on):
                continue
            yield Finding(
                event=BreachInformationOverdue(
                    sentence_id=order.sentence.sentence_id,
                    due_on=due_on,
                    court_level=order.court_level,
                ),
                key=breach.key,
                rules=("ENF-7", "ENF-9"),
                because=breach.because,
                policy=view.values(packed_on, order.sentence).version,
            )


def _taken_on(order: EnforcedSentence, breach: Breach, actions: tuple[str, ...], by: date) -> date | None:
    """The first day on which one of these actions was taken for a breach, up to `by`; None if none was."""
    last = by if breach.closed_on is None else min(by, breach.closed_on)
    taken = (a.taken_on for a in order.actions if a.action in actions and breach.since <= a.taken_on <= last)
    return next(taken, None)


def _not_to_be_brought(view: EnforcementView, history: BreachHistory, breach: Breach, day: date) -> bool:
    """Was the breach over by that day, refused by a manager, or to be withdrawn (ENF-18)?"""
    if breach.closed_on is not None and breach.closed_on <= day:
        return True
    lost = lost_ground(view, history, breach)
    return lost is not None and lost.since <= day
