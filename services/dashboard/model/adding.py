"""Adds events to a read model, each once, and what they say about sequences and practitioners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.clock import DayStarted
from schemas.envelope import CloudEvent, Withdrawn
from schemas.topics import SERVICES
from services.dashboard.model.writing import Changed
from shared.calendar import london_date
from shared.probation.names import name_key

PUBLISHED = tuple(f"/services/{service}" for service in SERVICES)
"""The sources whose events are numbered."""


@dataclass(frozen=True, slots=True)
class Message:
    """A record of a topic. `numbered` is false for a compacted topic, which has only what stands.

    `at` is when it was published, if that is known.
    """

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    numbered: bool = True
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A message with the event that it contains."""

    message: Message
    event: CloudEvent[Any]
    body: bytes


async def add(connection: Any, read: Sequence[Read], changed: Changed) -> set[str]:
    """Add the events that are new. Returns the subjects about which something new is known."""
    rows = [_row(r) for r in read if not isinstance(r.event.data, DayStarted)]
    if not rows:
        return set()
    fresh = await connection.fetch(_EVENTS, *(list(column) for column in zip(*rows, strict=True)))
    counted = [r for r in fresh if r["sequence"] is not None and r["heard"]]
    if counted:
        await connection.execute(
            _SEQUENCES,
            [r["source"] for r in counted],
            [r["subject"] for r in counted],
            [r["partition"] for r in counted],
            [r["sequence"] for r in counted],
        )
    await hold(connection, Counter(r["source"] for r in fresh if r["added"]), 1)
    new = {(r["source"], r["id"]) for r in fresh}
    told = [row for r in read if (r.event.source, r.event.id) in new for row in _workloads(r.event)]
    names = sorted({row[0] for row in told})
    changed.practitioners |= set(names)
    # A practitioner who moves leaves a team, and takes the items about them along.
    changed.teams |= {tuple(row) for row in await connection.fetch(_WORKPLACES, names)}
    await connection.executemany(_PRACTITIONER, told)
    known = await connection.fetch("select subject from subjects where subject = any($1::text[])", names)
    return {row["subject"] for row in (*fresh, *known)}


def _row(read: Read) -> tuple[Any, ...]:
    event, message = read.event, read.message
    data = event.data
    number = event.sequence if event.source in PUBLISHED else None
    return (
        event.source,
        event.id,
        event.type,
        event.subject or "",
        event.time,
        london_date(event.recorded),
        int(number) if number else None,
        data.withdraws if isinstance(data, Withdrawn) else None,
        message.numbered,
        message.partition,
        message.offset,
        read.body,
    )


def _workloads(event: CloudEvent[Any]) -> list[tuple[Any, ...]]:
    """What an allocation says about the workloads and places of practitioners."""
    if event.type != "CaseAllocated":
        return []
    data = event.data
    place = (data.manager_id, data.team, data.region, data.pdu, name_key(data.pdu), event.time)
    rows = [(data.practitioner_id, data.workload_percent_after, event.time, *place)]
    for one in data.candidates or ():
        if one.practitioner_id != data.practitioner_id:
            rows.append((one.practitioner_id, one.workload_percent_before, event.time, *([None] * 6)))
    return rows


async def hold(connection: Any, numbers: Counter[str], sign: int) -> None:
    """Count the events held."""
    await connection.executemany(_HELD, [(source, sign * number) for source, number in numbers.items()])


_EVENTS = """
insert into events
    (source, id, type, subject, at, known_on, sequence, withdraws, heard, partition, "offset", body)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::date[], $7::int[],
                     $8::text[], $9::bool[], $10::int[], $11::bigint[], $12::bytea[])
on conflict (source, id) do update
set heard = true, partition = excluded.partition, "offset" = excluded."offset"
where excluded.heard and not events.heard
returning source, id, subject, sequence, heard, partition, xmax = 0 as added
"""

_SEQUENCES = """
insert into sequences as s (source, subject, partition, first, last, held)
select source, subject, max(partition), min(number), max(number), count(distinct number)
from unnest($1::text[], $2::text[], $3::int[], $4::int[]) as new (source, subject, partition, number)
group by source, subject
on conflict (source, subject) do update
set first = least(s.first, excluded.first), last = greatest(s.last, excluded.last),
    held = s.held + excluded.held, partition = excluded.partition
"""

_PRACTITIONER = """
insert into practitioners as p
    (practitioner_id, percent, percent_at, manager_id, team, region, pdu, pdu_key, place_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (practitioner_id) do update set
    percent = case when excluded.percent_at >= p.percent_at then excluded.percent else p.percent end,
    percent_at = greatest(excluded.percent_at, p.percent_at),
    (manager_id, team, region, pdu, pdu_key) = (
        select n.manager_id, n.team, n.region, n.pdu, n.pdu_key from (values
            (excluded.manager_id, excluded.team, excluded.region, excluded.pdu, excluded.pdu_key,
             excluded.place_at),
            (p.manager_id, p.team, p.region, p.pdu, p.pdu_key, p.place_at)
        ) as n (manager_id, team, region, pdu, pdu_key, at)
        order by n.at desc nulls last limit 1),
    place_at = greatest(excluded.place_at, p.place_at)
"""

_HELD = """
insert into held as h values ($1, $2) on conflict (source) do update set number = h.number + excluded.number
"""

_WORKPLACES = """
select region, pdu_key, team from practitioners where practitioner_id = any($1::text[]) and region is not null
"""
