"""Keeps what the feeds were told in their own PostgreSQL database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from feeds.codes import release
from feeds.knowledge import LINK, OF_SENTENCES, OF_STAYS, PLACE, RISK, Standing
from feeds.message import Message
from feeds.publishing import Effective, Event, FactId, Kept
from feeds.statement import Identifier
from feeds.store import WHOLE, Settled, digest
from shared.database import Program
from shared.engine.erasing import hashed, hashes_to_keep
from shared.engine.queries import load

SQL = load(Path(__file__).with_name("queries.sql"))

DATABASE = Program(
    name="feeds",
    migrations=Path(__file__).parent / "migrations",
    grants="""
grant insert, update, delete on messages, stated, facts, outbox to {app};
grant insert, update on versions, offsets, own_offsets to {app};
grant insert on erased, dead_letters to {app};
""",
)
"""The feeds' database."""

LOOKED_UP = (PLACE, LINK, RISK, *OF_SENTENCES, *OF_STAYS)
_headers = msgspec.msgpack.Encoder().encode


class Postgres:
    """Gives transactions in the feeds' database. `key` hashes the names of erased people."""

    def __init__(self, pool: asyncpg.Pool[Any], key: bytes | None) -> None:
        self.pool = pool
        self._key = key

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Work]:
        """One transaction; the next begins when it has ended."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["one_at_a_time"])
            yield Work(connection, self._key)


class Work:
    """One transaction. See `store.Transaction` for what each function is for."""

    def __init__(self, connection: Any, key: bytes | None) -> None:
        self._connection = connection
        self._key = key

    async def keep(self, feed: str, message: Message) -> int | None:
        if message.position is not None:
            await self._connection.execute(SQL["set_offset"], *message.position)
        number: int | None = await self._connection.fetchval(
            SQL["keep"],
            feed,
            digest(message),
            message.origin,
            message.received,
            json.dumps(dict(message.attributes)),
            message.body,
            message.detail,
            message.fetched,
        )
        return number

    async def message(self, number: int) -> tuple[str, Message]:
        row = await self._connection.fetchrow(SQL["message"], number)
        message = Message(
            row["body"],
            json.loads(row["attributes"]),
            row["received"],
            row["origin"],
            row["detail"],
            row["fetched"],
        )
        return row["feed"], message

    async def add_detail(self, number: int, message: Message) -> None:
        await self._connection.execute(SQL["add_detail"], number, message.detail, message.fetched)

    async def settle(self, number: int, settled: Settled, now: datetime) -> None:
        status = "waiting" if settled.waits else "dead" if settled.letters else "done"
        await self._connection.execute(
            SQL["settle"],
            number,
            status,
            _as_json(settled.waits),
            _as_json(settled.letters),
            release(),
            sorted(settled.depends),
            sorted(settled.subjects),
            now,
        )
        for subject in await self.erased(settled.subjects):
            await self._connection.execute(SQL["empty_erased"], subject)

    async def depending_on(self, keys: Collection[str]) -> list[int]:
        if not keys:
            return []
        return [row["number"] for row in await self._connection.fetch(SQL["depending_on"], sorted(keys))]

    async def people(
        self, identifiers: Collection[Identifier]
    ) -> tuple[dict[Identifier, set[str]], dict[Identifier, str]]:
        by_key = {one.key: one for one in identifiers}
        known: dict[Identifier, set[str]] = {}
        decided: dict[Identifier, str] = {}
        for row in await self._connection.fetch(SQL["known"], sorted(by_key)):
            identifier = by_key[row["key"]]
            known.setdefault(identifier, set()).add(row["subject"])
            if json.loads(row["data"]).get("decided"):
                decided[identifier] = row["subject"]
        return known, decided

    async def facts(self, subjects: Collection[str]) -> dict[str, list[Standing]]:
        found: dict[str, list[Standing]] = {subject: [] for subject in subjects}
        if subjects:
            for row in await self._connection.fetch(SQL["facts"], sorted(subjects), list(LOOKED_UP)):
                subject, type, key, data = row
                found[subject].append(Standing(subject, type, key, json.loads(data)))
        return found

    async def holders(self, sentences: Collection[str]) -> dict[str, str]:
        rows = await self._connection.fetch(SQL["holders"], sorted(sentences)) if sentences else ()
        return {row["key"]: row["subject"] for row in rows}

    async def erased(self, subjects: Collection[str]) -> set[str]:
        if self._key is None or not subjects:
            return set()
        by_hash = {hashed(self._key, subject): subject for subject in subjects}
        rows = await self._connection.fetch(SQL["erased"], list(by_hash))
        return {by_hash[row["hash"]] for row in rows}

    async def version(self, feed: str, record: str, part: str | None) -> datetime | None:
        found: datetime | None = await self._connection.fetchval(SQL["version"], feed, record, part or "")
        return found

    async def stated(self, feed: str, record: str) -> list[Kept]:
        rows = await self._connection.fetch(SQL["stated"], feed, record)
        return [
            Kept(record, part, about, FactId(subject, type, key), data, happened, recorded)
            for part, about, subject, type, key, data, happened, recorded in rows
        ]

    async def replace(self, feed: str, record: str, rows: Sequence[Kept]) -> None:
        await self._connection.execute(SQL["clear_record"], feed, record)
        columns: list[list[Any]] = [
            [row.part for row in rows],
            [row.group for row in rows],
            *_ids(row.id for row in rows),
            [row.data for row in rows],
            [row.at for row in rows],
            [row.recorded for row in rows],
        ]
        await self._connection.execute(SQL["add_stated"], feed, record, *columns)

    async def set_version(self, feed: str, record: str, part: str | None, recorded: datetime) -> None:
        name = WHOLE if part is None else part
        await self._connection.execute(SQL["set_version"], feed, record, name, recorded)

    async def rows(self, ids: Collection[FactId]) -> dict[FactId, list[Kept]]:
        found: dict[FactId, list[Kept]] = {}
        for row in await self._connection.fetch(SQL["rows"], *_ids(ids)):
            record, part, about, subject, type, key, data, happened, recorded = row
            id = FactId(subject, type, key)
            found.setdefault(id, []).append(Kept(record, part, about, id, data, happened, recorded))
        return found

    async def effective(self, ids: Collection[FactId]) -> dict[FactId, Effective]:
        return {
            FactId(subject, type, key): Effective(FactId(subject, type, key), data, happened, recorded)
            for subject, type, key, data, happened, recorded in await self._connection.fetch(
                SQL["effective"], *_ids(ids)
            )
        }

    async def publish(self, changed: Sequence[Effective], events: Sequence[Event]) -> None:
        await self._connection.execute(
            SQL["save_facts"],
            *_ids(fact.id for fact in changed),
            [fact.data for fact in changed],
            [fact.at for fact in changed],
            [fact.recorded for fact in changed],
        )
        await self._connection.execute(
            SQL["add_events"],
            [event.topic for event in events],
            [event.subject.encode() for event in events],
            [event.id for event in events],
            [event.body for event in events],
            [_headers(headers_of(event)) for event in events],
        )

    async def erase(self, subject: str) -> None:
        last = await self._connection.fetchval(SQL["last_event"], subject.encode())
        for name in ("erase_facts", "erase_messages", "empty_erased"):
            await self._connection.execute(SQL[name], subject)
        await self._connection.execute(SQL["erase_events"], subject.encode(), last or "")
        await self._connection.execute(SQL["add_erased"], hashes_to_keep(self._key, [subject]))


def _ids(ids: Iterable[FactId]) -> list[list[str]]:
    listed = list(ids)
    return [[id.subject for id in listed], [id.type for id in listed], [id.key for id in listed]]


def _as_json(found: Sequence[Any]) -> str:
    return json.dumps([asdict(one) for one in found])


def headers_of(event: Event) -> list[tuple[str, bytes]]:
    """The headers of an event's message: what consumers can filter by without parsing it."""
    named: dict[str, str] = {"id": event.id, "type": event.type, "source": event.source}
    if event.traceparent:
        named["traceparent"] = event.traceparent
    content = ("content-type", b"application/cloudevents+json")
    return [content, *((name, value.encode()) for name, value in named.items())]
