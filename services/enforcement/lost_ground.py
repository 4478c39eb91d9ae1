"""When later evidence leaves a breach that was initiated no ground (ENF-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.enforcement.breaches import required_as_known
from services.enforcement.episodes import Breach, BreachHistory
from services.enforcement.facts import Absence, TakenBack
from services.enforcement.view import EnforcementView


@dataclass(frozen=True, slots=True)
class LostGround:
    """Why a breach has no ground left, from which day on, and the evidence."""

    reason: str
    since: date
    because: tuple[Absence | TakenBack, ...]


def lost_ground(view: EnforcementView, history: BreachHistory, breach: Breach) -> LostGround | None:
    """ENF-18: what left a breach that was initiated without ground; None if it has some, or is required.

    It has none left if no breach is required any more, and either the failure that it was brought for was
    none, or what was known on the day of its initiation required one.
    """
    order, started = history.order, breach.started
    if started is None or breach.review is not None:
        return None
    back = [b for b in order.taken_back.values() if b.missed_on <= started.taken_on <= b.taken_back_on]
    accepted = [a for a in order.excused if a.contact_id == started.contact_id not in order.failed_on]
    named = [b for b in order.taken_back.values() if b.contact_id == started.contact_id]
    if named or accepted:
        return _lost("no_failure", *(named or accepted))
    if not back:
        return None
    counted = next(episode.counted for episode in history.episodes if episode.started == started)
    if not counted and started.contact_id is None:
        return _lost("no_failure", *back)
    return _lost("not_required", *back) if required_as_known(order, started, view.policy) else None


def _lost(reason: str, *because: Absence | TakenBack) -> LostGround:
    return LostGround(reason, min(map(_told_on, because)), because)


def _told_on(one: Absence | TakenBack) -> date:
    return one.taken_back_on if isinstance(one, TakenBack) else one.decided_on or one.missed_on
