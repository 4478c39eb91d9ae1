"""Takes a batch of messages into a read model, in one transaction with the offsets to read on from.

A batch that is taken again changes nothing. What a subject's rows say follows from its events alone, so the
order of arrival does not matter.
"""

from __future__ import annotations

import base64
import hmac
import logging
import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas import language
from schemas.catalogue import SERVICES
from schemas.clock import DayStarted
from schemas.envelope import CloudEvent, Refused, UnknownType, Withdrawn
from schemas.practice import PersonErased
from services.dashboard.model import letters
from services.dashboard.model.rows import TYPES, Rows, rows_of
from shared.calendar import LONDON, london_date
from shared.probation.names import name_key

log = logging.getLogger(__name__)

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
class Position:
    """Where reading goes on in a partition; `began` is the first offset that its log had."""

    topic: str
    partition: int
    topic_id: str
    next_offset: int
    began: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A message with the event that it contains."""

    message: Message
    event: CloudEvent[Any]
    body: bytes


class Taker:
    """Takes messages into the read model of one schema. `key` hashes the numbers of people."""

    def __init__(self, schema: str, key: bytes) -> None:
        self._schema = schema
        self._key = key

    async def take(
        self, connection: Any, messages: Iterable[Message], positions: Iterable[Position] = ()
    ) -> None:
        """Take the messages, and store from where reading goes on."""
        refused, others = letters.parted(messages)
        read, unreadable = _read(others)
        async with connection.transaction():
            await connection.execute(f"set local search_path to {self._schema}")
            before: date | None = await connection.fetchval("select day from state for update")
            today = datetime.now(LONDON).date()
            days = [r.event.data.date for r in read if isinstance(r.event.data, DayStarted)]
            days = [day for day in days if day <= today]  # no day begins before its time
            day = max([*days, *([before] if before else [])], default=None)
            wanted = await self._without_erased(
                connection, {(r.event.source, r.event.id): r for r in _numbered_last(read)}.values()
            )
            touched = await _insert(connection, wanted)
            if day != before:
                touched |= await _limited_sometime(connection)
            await self._write_rows(connection, touched, day or date.max)
            gone = [r.event.subject for r in wanted if _erases(r.event) and r.event.subject in touched]
            await self._erase(connection, gone)
            await letters.insert(connection, refused)
            await _store(connection, positions)
            await connection.execute(
                "update state set day = $1, unreadable = unreadable + $2", day, unreadable
            )

    async def _without_erased(self, connection: Any, read: Iterable[_Read]) -> list[_Read]:
        every = list(read)
        hashes = {name: erased_hash(self._key, name) for name in {r.event.subject or "" for r in every}}
        rows = await connection.fetch(
            "select hash from erased where hash = any($1::bytea[])", list(hashes.values())
        )
        erased = {row["hash"] for row in rows}
        return [r for r in every if hashes[r.event.subject or ""] not in erased]

    async def _erase(self, connection: Any, people: Collection[str | None]) -> None:
        """Delete all that is held about these people, under all their numbers; keep only keyed hashes."""
        if not people:
            return
        rows = await connection.fetch(_GROUP, list(people))
        group = {row["subject"] for row in rows}
        for table in ("events", "items", "responsible", "sequences", "subjects"):
            await connection.execute(_DELETE.format(table), list(group))
        await connection.executemany(
            "insert into erased (hash) values ($1) on conflict do nothing",
            [(erased_hash(self._key, name),) for name in group],
        )

    async def _write_rows(self, connection: Any, subjects: Collection[str], day: date) -> None:
        names = sorted(subjects)
        events: dict[str, list[CloudEvent[Any]]] = {name: [] for name in names}
        for row in await connection.fetch(_STANDING, names, list(TYPES)):
            events[row["subject"]].append(language.read(row["body"], ())[0])
        found = {name: _rows_or_fault(name, events[name], day) for name in names}
        for table in ("items", "responsible"):
            await connection.execute(_DELETE.format(table), names)
        await _copy(connection, "items", [row for rows in found.values() for row in rows.items])
        await _copy(connection, "responsible", [row for rows in found.values() for row in rows.responsible])
        await connection.executemany(_SUBJECT, [self._subject(name, rows) for name, rows in found.items()])

    def _subject(self, name: str, rows: Rows) -> tuple[Any, ...]:
        return name, token(self._key, name), rows.limited, rows.merged_into, rows.fault


def erased_hash(key: bytes, subject: str) -> bytes:
    """What is kept of an erased person."""
    return hmac.digest(key, subject.encode(errors="surrogatepass"), "sha256")


def token(key: bytes, subject: str) -> str:
    """What stands for a person in addresses: a keyed hash of the case reference number."""
    digest = hmac.digest(key, b"page:" + subject.encode(errors="surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest[:15]).decode()


def _rows_or_fault(subject: str, events: Sequence[CloudEvent[Any]], day: date) -> Rows:
    """The rows of a subject. If they cannot be worked out, that is shown, and holds up nobody else's."""
    try:
        return rows_of(subject, events, day)
    except Exception as fault:
        where = traceback.extract_tb(fault.__traceback__)[-1]
        words = f"{type(fault).__name__} in {where.name}, line {where.lineno}"  # its text may name people
        log.error("what is open cannot be told", extra={"subject": subject, "fault": words})
        return Rows([], [], limited=True, merged_into=None, fault=words)


def _read(messages: Iterable[Message]) -> tuple[list[_Read], int]:
    """The events in the messages, and how many could not be read. Types of a newer release are left out."""
    read, unreadable = [], 0
    for message in messages:
        if message.value is None:
            continue  # it no longer stands: its `Withdrawn` says so
        try:
            event, body = language.read(message.value, message.headers)
        except UnknownType:
            continue
        except Refused:
            unreadable += 1
            continue
        if language.owner_of(event.source) == message.topic.partition(".")[0]:
            read.append(_Read(message, event, body))
        else:
            unreadable += 1
    return read, unreadable


def _numbered_last(read: Iterable[_Read]) -> list[_Read]:
    return sorted(read, key=lambda r: r.message.numbered)


def _erases(event: CloudEvent[Any]) -> bool:
    return isinstance(event.data, PersonErased) and not event.data.voided


async def _insert(connection: Any, read: Sequence[_Read]) -> set[str]:
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
    new = {(r["source"], r["id"]) for r in fresh}
    await connection.executemany(
        _PRACTITIONER,
        [row for r in read if (r.event.source, r.event.id) in new for row in _workloads(r.event)],
    )
    return {row["subject"] for row in fresh}


def _row(read: _Read) -> tuple[Any, ...]:
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


async def _limited_sometime(connection: Any) -> set[str]:
    rows = await connection.fetch("select distinct subject from events where type = 'CaseAccessChanged'")
    return {row["subject"] for row in rows}


async def _copy(connection: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        places = ", ".join(f"${n + 1}" for n in range(len(rows[0])))
        await connection.executemany(f"insert into {table} values ({places})", rows)  # noqa: S608


async def _store(connection: Any, positions: Iterable[Position]) -> None:
    await connection.executemany(
        """
        insert into offsets values ($1, $2, $3, $4, $5) on conflict (topic, partition) do update
        set topic_id = excluded.topic_id, next_offset = excluded.next_offset, began = excluded.began
        """,
        [(p.topic, p.partition, p.topic_id, p.next_offset, p.began) for p in positions],
    )


async def positions(connection: Any, schema: str) -> Mapping[tuple[str, int], Position]:
    """From where reading goes on, by topic and partition."""
    rows = await connection.fetch(f"select * from {schema}.offsets")  # noqa: S608
    return {(row["topic"], row["partition"]): Position(*row) for row in rows}


_DELETE = "delete from {} where subject = any($1::text[])"

_EVENTS = """
insert into events
    (source, id, type, subject, at, known_on, sequence, withdraws, heard, partition, "offset", body)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::date[], $7::int[],
                     $8::text[], $9::bool[], $10::int[], $11::bigint[], $12::bytea[])
on conflict (source, id) do update
set heard = true, partition = excluded.partition, "offset" = excluded."offset"
where excluded.heard and not events.heard
returning source, id, subject, sequence, heard, partition
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

_STANDING = """
select e.subject, e.body from events e
where e.subject = any($1::text[]) and e.type = any($2::text[])
  and not exists (select from events w where w.source = e.source and w.withdraws = e.id)
order by e.subject, e.at, e.sequence
"""

_SUBJECT = """
insert into subjects (subject, token, limited, merged_into, fault) values ($1, $2, $3, $4, $5)
on conflict (subject) do update
set limited = excluded.limited, merged_into = excluded.merged_into, fault = excluded.fault
"""

_PRACTITIONER = """
insert into practitioners as p values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
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

_GROUP = """
with recursive linked (subject) as (
    select unnest($1::text[])
    union
    select case when s.subject = l.subject then s.merged_into else s.subject end
    from linked l join subjects s on s.merged_into is not null and l.subject in (s.subject, s.merged_into)
)
select subject from linked
"""
