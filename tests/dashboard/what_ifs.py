"""A trial of another policy, made of what was published: one finding vanishes, one appears, one changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from schemas.envelope import CloudEvent
from services.dashboard.model.what_ifs import Result
from shared.answers.comparison import compare, counted
from shared.answers.standing import Standing

NAME = "what-if-1a2b3c4d"
TRIED = "enforcement.evidence_days = 7 business days, at all times instead of 5 business days, at all times"
Event = CloudEvent[Any]


@dataclass(frozen=True)
class Trial:
    """The result, and the findings that differ in it."""

    result: Result
    vanishes: Event
    appears: Event
    changes: Event


def trial(published: Iterable[Event]) -> Trial:
    """A trial in which three findings about different people differ."""
    events = list(published)
    dated = {
        event.subject: event for event in Standing(events).events() if getattr(event.data, "due_on", None)
    }
    vanishes, appears, changes = [event for event in dated.values() if (event.subject or "").startswith("X")][
        :3
    ]
    later = changes.data.model_copy(update={"due_on": changes.data.due_on + timedelta(days=2)})
    before = Standing(event for event in events if event is not appears)
    after = Standing(
        changes.model_copy(update={"data": later}) if event is changes else event
        for event in events
        if event is not vanishes
    )
    days = date(2025, 1, 6), date(2025, 5, 6)
    counts = counted(before), counted(after)
    result = Result(NAME, [TRIED], *days, len(events), *counts, compare(before, after))
    return Trial(result, vanishes, appears, changes)
