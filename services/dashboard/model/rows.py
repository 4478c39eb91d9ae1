"""What follows from the events about one subject: a person, a practitioner or a region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent
from schemas.practice import CaseAccessChanged
from schemas.published import OpenItem
from shared.answers.describing import details
from shared.answers.open_items import Waiting, waiting
from shared.answers.responsible import Responsible, of_sentence, responsible
from shared.answers.standing import Standing, merged_into
from shared.probation.names import name_key

Event = CloudEvent[Any]

FACTS = ("CaseAccessChanged", "PersonMerged")
"""The feeds' types that decide who may see a case, and under which number it is."""
TYPES = (
    *(type for type, entry in CATALOGUE.items() if issubclass(entry.model, OpenItem)),
    *("CaseAllocated", "SupervisionEnded", "ReferralMade", *FACTS),
)
"""The types of events that the rows of a subject depend on, while they stand."""

SHOWN_BESIDE = frozenset({"region", "pdu", "due_on", "practitioner_id", "manager_id", "team"})
"""What is shown beside an open item anyway."""


class Home(NamedTuple):
    """Where a practitioner works."""

    team: str
    region: str
    pdu: str


@dataclass(frozen=True)
class Rows:
    """The rows of one subject in each table, in the order of their columns."""

    items: list[tuple[Any, ...]]
    responsible: list[tuple[Any, ...]]
    limited: bool
    merged_into: str | None
    fault: str | None = None
    """Why there are no rows although there should be."""


def rows_of(subject: str, events: Iterable[Event], day: date, home: Home | None = None) -> Rows:
    """The rows of a subject. `events` are those of `TYPES` that stand; `day` is the day reached.

    `home` is given for a practitioner whose place is known.
    """
    known = list(events)
    found = Standing(event for event in known if event.source.startswith("/services/"))
    theirs = responsible(found).get(subject, [])
    limited = is_limited(known, day)
    return Rows(
        items=[(*_item(subject, item, theirs, home), limited) for item in waiting(found, day)],
        responsible=[_responsible(subject, one) for one in theirs],
        limited=limited,
        merged_into=merged_into(known),
    )


def is_limited(events: Iterable[Event], day: date) -> bool:
    """Is access to the case limited on that day?

    Of each restriction the change that took effect last counts, and of each change the version recorded last.
    Without any, what is published says so.
    """
    known = list(events)
    versions: dict[tuple[str, date], Event] = {}
    for event in sorted((e for e in known if isinstance(e.data, CaseAccessChanged)), key=_stamp):
        versions[event.data.access_id, event.data.effective_on] = event
    if not versions:
        return any(getattr(event.data, "limited", False) for event in known)
    latest: dict[str, bool] = {}
    for (access_id, effective_on), event in sorted(versions.items(), key=lambda item: item[0][1]):
        if effective_on <= day and not event.data.voided:
            latest[access_id] = event.data.limited
    return any(latest.values())


def _stamp(event: Event) -> tuple[datetime, str, str]:
    return event.recorded, event.id, event.source


def _item(subject: str, item: Waiting, theirs: Sequence[Responsible], home: Home | None) -> tuple[Any, ...]:
    data = item.event.data
    region, pdu = (home.region, home.pdu) if home and not item.place.region else item.place
    mine = of_sentence(theirs, getattr(data, "sentence_id", None)) or of_sentence(theirs, None)
    return (
        item.event.id,
        subject,
        CATALOGUE[item.event.type].subject,
        item.event.type,
        item.task.title,
        msgspec.json.encode(details(item.event, SHOWN_BESIDE)).decode(),
        item.task.step,
        item.task.role,
        item.who,
        mine.practitioner_id if mine else getattr(data, "practitioner_id", None),
        mine.team if mine else getattr(data, "team", home.team if home else ""),
        region,
        pdu,
        name_key(pdu),
        item.due_on,
        list(item.rules),
    )


def _responsible(subject: str, one: Responsible) -> tuple[Any, ...]:
    return (
        subject,
        one.sentence_id,
        one.practitioner_id,
        one.manager_id,
        one.team,
        one.region,
        one.pdu,
        name_key(one.pdu),
        one.since,
        one.provisional,
        one.ended_on,
    )
