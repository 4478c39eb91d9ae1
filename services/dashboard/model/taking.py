"""Takes a batch of messages into a read model, in one transaction with the offsets to read on from.

A batch that is taken again changes nothing. What a subject's rows say follows from its events alone, so the
order of arrival does not matter.
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas import language
from schemas.clock import DayStarted
from schemas.envelope import CloudEvent, Refused, UnknownType
from schemas.practice import PersonErased
from services.dashboard.model import counting
from services.dashboard.model.adding import Message, Read, add, hold
from services.dashboard.model.faults import fault_words
from services.dashboard.model.people import linked
from services.dashboard.model.rows import TYPES, Home, Rows, rows_of
from services.dashboard.model.writing import Changed
from shared.calendar import LONDON

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on in a partition; `began` is the first offset that its log had."""

    topic: str
    partition: int
    topic_id: str
    next_offset: int
    began: int


class Taker:
    """Takes messages into the read model of one schema. `key` hashes the numbers of people."""

    def __init__(self, schema: str, key: bytes) -> None:
        self._schema = schema
        self._key = key

    async def take(
        self, connection: Any, messages: Iterable[Message], positions: Iterable[Position] = ()
    ) -> None:
        """Take the messages, and store from where reading goes on."""
        read, unreadable = _read(messages)
        async with connection.transaction():
            await connection.execute(f"set local search_path to {self._schema}")
            state = await connection.fetchrow("select day, version from state for update")
            before, version = state["day"], state["version"] + 1
            today = datetime.now(LONDON).date()
            days = [r.event.data.date for r in read if isinstance(r.event.data, DayStarted)]
            days = [day for day in days if day <= today]  # no day begins before its time
            day = max([*days, *([before] if before else [])], default=None)
            wanted = await self._without_erased(
                connection, {(r.event.source, r.event.id): r for r in _numbered_last(read)}.values()
            )
            changed = Changed()
            touched = await add(connection, wanted, changed)
            if day != before:
                touched |= await _limited_sometime(connection)
            people = await linked(connection, touched)  # before a merge is taken apart
            await self._write_rows(connection, touched, day or date.max, changed, version)
            changed.counted |= await counting.changed(connection, people)
            gone = [r.event.subject for r in wanted if _erases(r.event) and r.event.subject in touched]
            await self._erase(connection, gone, changed)
            await changed.sum_up(connection, before or today, day or today, version)
            await _store(connection, positions)
            await connection.execute(
                "update state set day = $1, unreadable = unreadable + $2, version = $3",
                *(day, unreadable, version if touched or day != before else version - 1),
            )

    async def count_later(self, connection: Any) -> None:
        """Keep no numbers until all has been read: then count them with `count_waiting`."""
        async with connection.transaction():
            await connection.execute(f"set local search_path to {self._schema}")
            await counting.count_later(connection)

    async def count_waiting(self, connection: Any) -> bool:
        """Count some of those whose numbers wait. False: none wait, and from now on they are kept."""
        async with connection.transaction():
            await connection.execute(f"set local search_path to {self._schema}")
            return await counting.count_waiting(connection)

    async def _without_erased(self, connection: Any, read: Iterable[Read]) -> list[Read]:
        every = list(read)
        hashes = {name: self._hash(name) for name in {r.event.subject or "" for r in every}}
        rows = await connection.fetch(
            "select hash from erased where hash = any($1::bytea[])", list(hashes.values())
        )
        erased = {row["hash"] for row in rows}
        return [r for r in every if hashes[r.event.subject or ""] not in erased]

    async def _erase(self, connection: Any, people: Collection[str | None], changed: Changed) -> None:
        """Delete all that is held about these people, under all their numbers; keep only keyed hashes."""
        if not people:
            return
        group = await linked(connection, [name for name in people if name])
        await counting.forget(connection, group)
        for table in ("items", "responsible"):
            await changed.replace(connection, table, group, ())
        sources = await connection.fetch(_DELETE.format("events") + " returning source", list(group))
        await hold(connection, Counter(row["source"] for row in sources), -1)
        for table in ("sequences", "subjects"):
            await connection.execute(_DELETE.format(table), list(group))
        await connection.executemany(
            "insert into erased (hash) values ($1) on conflict do nothing",
            [(self._hash(name),) for name in group],
        )

    async def _write_rows(
        self, connection: Any, subjects: Collection[str], day: date, changed: Changed, version: int
    ) -> None:
        names = sorted(subjects)
        events: dict[str, list[CloudEvent[Any]]] = {name: [] for name in names}
        for row in await connection.fetch(_STANDING, names, list(TYPES)):
            events[row["subject"]].append(language.read(row["body"], ())[0])
        homes = {row["practitioner_id"]: Home(*row[1:]) for row in await connection.fetch(_HOMES, names)}
        found = {name: _rows_or_fault(name, events[name], day, homes.get(name)) for name in names}
        items = [row for rows in found.values() for row in rows.items]
        await changed.replace(connection, "items", names, items)
        theirs = [row for rows in found.values() for row in rows.responsible]
        await changed.replace(connection, "responsible", names, theirs)
        known = [self._subject(name, rows, version) for name, rows in found.items()]
        await connection.executemany(_SUBJECT, known)

    def _subject(self, name: str, rows: Rows, version: int) -> tuple[Any, ...]:
        return name, token(self._key, name), rows.limited, rows.merged_into, rows.fault, version

    def _hash(self, subject: str) -> bytes:
        return hmac.digest(self._key, subject.encode(errors="surrogatepass"), "sha256")


def token(key: bytes, subject: str) -> str:
    """What stands for a person in addresses: a keyed hash of the case reference number."""
    digest = hmac.digest(key, b"page:" + subject.encode(errors="surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest[:15]).decode()


def _rows_or_fault(subject: str, events: Sequence[CloudEvent[Any]], day: date, home: Home | None) -> Rows:
    """The rows of a subject. If they cannot be worked out, that is shown, and holds up nobody else's."""
    try:
        return rows_of(subject, events, day, home)
    except Exception as fault:
        words = fault_words(fault)
        log.error("what is open cannot be told", extra={"subject": subject, "fault": words})
        return Rows([], [], limited=True, merged_into=None, fault=words)


def _read(messages: Iterable[Message]) -> tuple[list[Read], int]:
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
            read.append(Read(message, event, body))
        else:
            unreadable += 1
    return read, unreadable


def _numbered_last(read: Iterable[Read]) -> list[Read]:
    return sorted(read, key=lambda r: r.message.numbered)


def _erases(event: CloudEvent[Any]) -> bool:
    return isinstance(event.data, PersonErased) and not event.data.voided


async def _limited_sometime(connection: Any) -> set[str]:
    rows = await connection.fetch("select distinct subject from events where type = 'CaseAccessChanged'")
    return {row["subject"] for row in rows}


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

_STANDING = """
select e.subject, e.body from events e
where e.subject = any($1::text[]) and e.type = any($2::text[])
  and not exists (select from events w where w.source = e.source and w.withdraws = e.id)
order by e.subject, e.at, e.sequence
"""

_SUBJECT = """
insert into subjects (subject, token, limited, merged_into, fault, version) values ($1, $2, $3, $4, $5, $6)
on conflict (subject) do update
set limited = excluded.limited, merged_into = excluded.merged_into, fault = excluded.fault,
    version = excluded.version
"""

_HOMES = """
select practitioner_id, team, region, pdu from practitioners
where practitioner_id = any($1::text[]) and region is not null
"""
