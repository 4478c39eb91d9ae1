"""Victims who ask to be kept informed about a sentence, and what they are told."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.practice import VictimContactChanged, VictimUpdated
from schemas.words import VictimTrigger
from tools.simulate.recorder import EventRecorder, working_days_after
from tools.simulate.served import Served

ASKS = 0.6
"""The share of victims, where there is one, who ask to be kept informed."""


def inform(served: Served, imposed_on: date, recorder: EventRecorder, chance: Random) -> None:
    """A victim asks in the first weeks, and is told: mostly in time, sometimes late, now and then never."""
    if chance.random() > ASKS:
        return
    asked_on = working_days_after(imposed_on + timedelta(days=chance.randint(2, 20)), 0)
    asks = VictimContactChanged(
        victim_contact_id=f"{served.sentence_id}-V",
        sentence_id=served.sentence_id,
        opted_in=True,
        effective_on=asked_on,
    )
    recorder.record(asks, asked_on)
    for trigger, on in _told_of(served, imposed_on):
        days = chance.choices((1, 3, 5, 9, None), (30, 35, 20, 10, 5))[0]
        if days is None or on < asked_on:
            continue
        told_on = working_days_after(on, days)
        told = VictimUpdated(
            update_id=f"{served.sentence_id}-{trigger}",
            sentence_id=served.sentence_id,
            trigger=trigger,
            told_on=told_on,
        )
        recorder.record(told, told_on)


def _told_of(served: Served, imposed_on: date) -> list[tuple[VictimTrigger, date]]:
    ends_on = served.over_on or served.licence_ends_on or served.ends_on
    if served.licence_ends_on is None:
        return [("ended", ends_on)]
    # The plan is recorded in the first days, and stands when the victim asks.
    planned_on = max(imposed_on + timedelta(days=21), served.starts_on - timedelta(days=30))
    return [("release_planned", planned_on), ("released", served.starts_on), ("ended", ends_on)]
