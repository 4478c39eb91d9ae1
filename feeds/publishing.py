"""What is published when a record of a source says something else than before. Pure.

A fact is identified by person, type and correction key, and may be stated by several records: the version
recorded last holds. When it changes it is published; when no record states it any more it is voided. The id
of an event follows from the fact and the time of recording, so the same messages give the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from feeds.resolving import Resolved
from feeds.statement import Statement, own_id
from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, render, schema_uri
from schemas.topics import SOURCES
from schemas.voiding import needed, voided

PERSONAL = {
    "dataclassification": "restricted",
    "dataregulation": "UK-DPA-2018-3",
    "datacategory": "special-category",
}
_TICK = timedelta(microseconds=1)


class FactId(NamedTuple):
    """What identifies a fact."""

    subject: str
    type: str
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact as one record states it."""

    record: str
    part: str
    group: str
    id: FactId
    data: str
    at: datetime
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Effective:
    """A fact as it holds, from all records: `data` is None once no record states it any more."""

    id: FactId
    data: str | None
    at: datetime
    recorded: datetime


class Event(NamedTuple):
    """A CloudEvent, rendered, with where it goes."""

    topic: str
    subject: str
    id: str
    type: str
    source: str
    body: bytes
    traceparent: str | None


def said(statement: Statement, resolved: Resolved, before: Sequence[Kept]) -> list[Kept]:
    """What the record states from now on: all of its facts, those that this statement leaves alone too."""
    now = {
        FactId(one.subject, one.type, one.key): Kept(
            statement.record,
            statement.part or "",
            one.group,
            FactId(one.subject, one.type, one.key),
            one.data,
            one.at,
            statement.recorded,
        )
        for one in resolved.stated
    }
    kept = []
    for old in before:
        mine = statement.part is None or old.part == statement.part
        if not mine:
            kept.append(old)
        elif old.id in now:
            if old.recorded > statement.recorded:
                now[old.id] = old  # a later statement has said it already
        elif not statement.complete or old.group in resolved.incomplete or old.recorded > statement.recorded:
            kept.append(old)
    return [*kept, *now.values()]


def effective(id: FactId, rows: Iterable[Kept], before: Effective | None) -> Effective | None:
    """How a fact holds now, if that differs from before; None if nothing changes."""
    best = max(rows, key=lambda row: (row.recorded, row.record), default=None)
    if best is None:
        if before is None or before.data is None:
            return None
        return Effective(id, None, before.at, before.recorded + _TICK)
    if before is not None and before.data == best.data:
        return None
    recorded = best.recorded if before is None else max(best.recorded, before.recorded + _TICK)
    return Effective(id, best.data, best.at, recorded)


def voided_at(changed: Effective, recorded: datetime) -> Effective:
    """A fact that is voided, recorded not before the statement that leaves it out."""
    return Effective(changed.id, None, changed.at, max(changed.recorded, recorded))


def event(changed: Effective, feed: str, traceparent: str | None) -> Event:
    """The event that says how a fact holds now. `feed` names the source below that of its topic.

    `traceparent` is that of the message from which it follows.
    """
    subject, type, key = changed.id
    entry = CATALOGUE[type]
    topic = entry.topics[0]
    source = f"{SOURCES[topic]}/{feed}"
    recorded = changed.recorded.isoformat(timespec="microseconds")
    id = own_id(source, type, subject, key, recorded)
    written = CloudEvent[Any](
        specversion="1.0",
        id=id,
        source=source,
        type=type,
        subject=subject,
        time=min(changed.at, changed.recorded),
        recordedtime=changed.recorded,
        datacontenttype="application/json",
        dataschema=schema_uri(type, entry.version),
        partitionkey=subject,
        traceparent=traceparent,
        **PERSONAL,
        data=_voided(changed) if changed.data is None else entry.model.model_validate_json(changed.data),
    )
    return Event(topic, subject, id, type, source, render(written), traceparent)


def _voided(changed: Effective) -> Any:
    entry = CATALOGUE[changed.id.type]
    keys = needed(entry)
    values = changed.id.key.split("/") if entry.key else []
    by_field: Mapping[str, str] = dict(zip(entry.key, values, strict=True))
    body = {"voided": True} | {name: by_field[name] for name in keys if name in by_field}
    return voided(CATALOGUE[changed.id.type]).model_validate_json(to_json(body), by_alias=True)


def standing(fact: Effective) -> Any:
    """The data of a fact that holds."""
    assert fact.data is not None
    return from_json(fact.data)
