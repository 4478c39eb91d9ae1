"""The sentences of a case, with their requirements and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.catalogue import correction_key
from schemas.court import Requirement
from schemas.envelope import CloudEvent
from services.dashboard.web.translation import N_
from services.dashboard.web.why import is_fact
from shared.answers.standing import Standing

Event = CloudEvent[Any]
MINUTES = 60
"""Minutes of an hour."""


@dataclass(frozen=True)
class Progress:
    """A requirement and how far it is. `done` and `ordered` are in `unit`; None if it isn't counted."""

    requirement_id: str
    kind: str
    unit: str
    ordered: float | None
    done: float | None
    completed_on: date | None


@dataclass(frozen=True)
class Sentence:
    """A sentence with its requirements."""

    sentence_id: str
    kind: str
    imposed_on: date
    ends_on: date | None
    requirements: tuple[Progress, ...]


def sentences_of(events: Iterable[Event], found: Standing, day: date) -> list[Sentence]:
    """The sentences imposed up to a day, with their requirements as varied, the latest first."""
    facts: dict[tuple[str, str], Event] = {}
    for event in sorted(filter(is_fact, events), key=lambda e: (e.recorded, e.id, e.source)):
        facts[event.type, correction_key(event.type, event.data)] = event
    stands = [event for event in facts.values() if not event.data.voided]
    varied = sorted(
        (e.data for e in stands if e.type == "SentenceVaried" and e.data.varied_on <= day),
        key=lambda data: data.varied_on,
    )
    sentences = []
    for data in (e.data for e in stands if e.type == "SentenceImposed" and e.data.imposed_on <= day):
        last = next((v for v in reversed(varied) if v.sentence_id == data.sentence_id), data)
        progress = tuple(_progress(requirement, found) for requirement in last.requirements)
        ends_on = last.ends_on or data.ends_on
        sentences.append(Sentence(data.sentence_id, data.kind, data.imposed_on, ends_on, progress))
    return sorted(sentences, key=lambda sentence: sentence.imposed_on, reverse=True)


def _progress(requirement: Requirement, found: Standing) -> Progress:
    """How far a requirement is, as the referrals service has published."""
    id = requirement.requirement_id
    amount = float(requirement.amount) if requirement.amount is not None else None
    unit, done = "", None
    if requirement.kind == "unpaid_work":
        unit, credited = N_("hours"), [e.data for e in found.events("UnpaidWorkCredited")]
        done = sum(data.minutes for data in credited if data.requirement_id == id) / MINUTES
    elif requirement.kind == "rar":
        unit = N_("days")
        done = float(sum(e.data.requirement_id == id for e in found.events("RarDayUsed")))
    completed = [e.data for e in found.events("RequirementCompleted") if e.data.requirement_id == id]
    return Progress(
        id, requirement.kind, unit, amount, done, completed[-1].completed_on if completed else None
    )
