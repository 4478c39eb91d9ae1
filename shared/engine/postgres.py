"""A service's cases in PostgreSQL: the engine's tables in Python's words. The SQL is in `queries.sql`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from operator import attrgetter
from typing import Any, TypeAlias

import asyncpg
import msgspec

from shared.engine.intake import DeadLetter, Message
from shared.engine.joining import Fact
from shared.engine.publication import Publication
from shared.engine.queries import SQL
from shared.engine.storage import Clock, Entry, Place, Row, SavedCase, SavedMonth

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

SEPARATOR = "\x1f"
_pack_headers = msgspec.msgpack.Encoder().encode
_unpack_headers = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


OutboxRow = tuple[str, bytes, str, bytes | None, bytes]
"""Topic, key, id of the event, value and headers."""


class Postgres:
    """The database of one service."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """A transaction on a connection of its own."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield PostgresTransaction(connection)

    async def begin_release(self, digest: str) -> int:
        """Make the release of that digest the newest, unless it is already; returns its number."""
        number: int = await self._value("begin_release", digest)
        return number

    async def due(self, release: int) -> tuple[bool, bool]:
        """Is there anything to sweep: cases, changed pools?"""
        async with self.pool.acquire() as connection:
            row = await connection.fetchrow(SQL["due"], release)
        assert row is not None
        return row["cases"], row["pools"]

    async def note_unseen(self, pools: Sequence[str], seen: Sequence[str]) -> bool:
        """Did anything else offer itself in these pools than what was seen there?"""
        return await self._value("note_unseen", list(pools), list(seen)) is not None

    async def offsets(self) -> dict[Place, int]:
        """Where to read on, by topic, partition and incarnation."""
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(SQL["load_offsets"])
        return {(r["topic"], r["partition"], r["incarnation"]): r["next_offset"] for r in rows}

    async def quarantined(self) -> dict[str, str]:
        """Why each case in quarantine is there."""
        async with self.pool.acquire() as connection:
            return {row["subject"]: row["why"] for row in await connection.fetch(SQL["quarantined"])}

    async def _value(self, query: str, *arguments: object) -> Any:
        async with self.pool.acquire() as connection:
            return await connection.fetchval(SQL[query], *arguments)


class PostgresTransaction:
    """One transaction; see `storage.Transaction`. A method takes one statement, or two, whatever its size."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def _rows(self, query: str, *arguments: object) -> list[Row]:
        return [Row(*row) for row in await self._connection.fetch(SQL[query], *arguments)]

    # -- clock and cases -------------------------------------------------------------------------

    async def clock(self) -> Clock:
        """The day reached and the newest release."""
        row = await self._connection.fetchrow(SQL["clock"])
        assert row is not None
        return Clock(row["day"], row["release"])

    async def set_day(self, day: date) -> None:
        """Let the day after the one reached begin."""
        await self._connection.execute(SQL["set_day"], day)

    async def announced_days(self) -> set[date]:
        """The days that were announced and have not begun."""
        return {row["day"] for row in await self._connection.fetch(SQL["announced_days"])}

    async def announce_day(self, day: date) -> None:
        """Keep a day until it begins."""
        await self._connection.execute(SQL["announce_day"], day)

    async def add_cases(self, kinds: Mapping[str, str]) -> None:
        """Make sure that each subject has a row to lock."""
        await self._connection.execute(SQL["add_cases"], list(kinds), list(kinds.values()))

    async def lock_cases(self, subjects: Collection[str]) -> list[Row]:
        """The cases of these subjects."""
        return await self._rows("lock_cases", list(subjects))

    async def lock_entities(self, subjects: Collection[str], pools: Collection[str]) -> list[Row]:
        """The entities of these names and those that offer themselves in these pools."""
        return await self._rows("lock_entities", list(subjects), list(pools))

    async def lock_due(self, kind: str, release: int, limit: int, *, wait: bool) -> list[Row]:
        """Cases of a kind whose day has come, or that an older release assessed last."""
        return await self._rows("wait_for_due" if wait else "lock_due", [kind], release, limit)

    async def lock_waiting(self) -> list[Row]:
        """The people's cases that wait for a pool in which something changed."""
        return await self._rows("waiting_cases")

    # -- the journal -----------------------------------------------------------------------------

    async def journal(self, entries: Sequence[Entry], day: date | None) -> set[tuple[str, str]]:
        """Add the facts that are new; returns their (source, id)."""
        facts = [entry.fact for entry in entries]
        known = await self._connection.fetch(
            SQL["journal"],
            [f.source for f in facts],
            [f.id for f in facts],
            [f.subject for f in facts],
            [f.type for f in facts],
            [entry.key for entry in entries],
            [entry.month for entry in entries],
            [f.cause.at for f in facts],
            [f.body for f in facts],
            day,
        )
        fresh = {(f.source, f.id) for f in facts}
        return fresh.difference([tuple(row) for row in known]) if known else fresh

    async def altered(self, facts: Sequence[Fact]) -> int:
        """How many of these duplicates have another body than the fact that was journaled first."""
        count: int = await self._connection.fetchval(
            SQL["altered"], [f.source for f in facts], [f.id for f in facts], [f.body for f in facts]
        )
        return count

    async def journaled(self, subjects: Sequence[str]) -> list[bytes]:
        """All facts of these subjects, in the order joined."""
        rows = await self._connection.fetch(SQL["known_facts"], list(subjects))
        return [row["body"] for row in rows]

    async def months(
        self,
        wanted: Collection[tuple[str, int]],
        keys: Collection[tuple[str, str]],
        whole: Collection[str],
    ) -> list[tuple[str, int, bytes]]:
        """Months of cases: (subject, month) and their neighbours, those in which a key is known, or all."""
        found = await self._connection.fetch(
            SQL["load_months"],
            [subject for subject, _ in wanted],
            [month for _, month in wanted],
            [subject for subject, _ in keys],
            [key for _, key in keys],
            list(whole),
        )
        return [tuple(row) for row in found]

    # -- merges and claims -----------------------------------------------------------------------

    async def merge_group(self, subjects: Sequence[str]) -> list[str]:
        """Everyone whom merges connect with these subjects."""
        rows = await self._connection.fetch(SQL["merge_group"], list(subjects))
        return [row["subject"] for row in rows]

    async def set_merged(self, into: Mapping[str, str | None]) -> None:
        """Say into whose case each was merged."""
        await self._connection.execute(SQL["set_merged"], list(into), list(into.values()))

    async def claimants(self, kind: str, entity: str) -> list[bytes]:
        """The states of the cases of a kind that may claim something of an entity."""
        rows = await self._connection.fetch(SQL["claims"], kind, f"{entity} ".encode())
        return [row["state"] for row in rows]

    # -- putting away ----------------------------------------------------------------------------

    async def save_cases(self, saved: Sequence[SavedCase], release: int) -> None:
        """Put away cases."""
        states = (
            [case.subject for case in saved],
            [case.sequence for case in saved],
            [case.assessed_on for case in saved],
            [case.wake_on for case in saved],
            [case.state for case in saved],
        )
        overviews = [case.overview for case in saved]
        if not any(overviews):
            await self._connection.execute(SQL["save_states"], *states, release)
            return
        await self._connection.execute(
            SQL["save_cases"],
            *states,
            [o.status if o else None for o in overviews],
            [SEPARATOR.join(o.pools) if o else None for o in overviews],
            [o.region if o else None for o in overviews],
            [o.practitioner if o else None for o in overviews],
            [SEPARATOR.join(case.waiting) if case.waiting else None for case in saved],
            [_json(o.shown) if o else None for o in overviews],
            release,
            SEPARATOR,
        )

    async def save_months(self, saved: Sequence[SavedMonth]) -> None:
        """Put away months, and drop those in which nothing is left."""
        kept = [(m.subject, m.month, m.state, m.shown.decode() or None) for m in saved if m.state is not None]
        emptied = [(m.subject, m.month) for m in saved if m.state is None]
        if kept:
            await self._connection.execute(SQL["save_months"], *map(list, zip(*kept, strict=True)))
        if emptied:
            await self._connection.execute(SQL["drop_months"], *map(list, zip(*emptied, strict=True)))

    async def quarantine(self, faults: Mapping[str, str]) -> None:
        """Mark cases that could not be assessed, and why."""
        await self._connection.execute(SQL["quarantine"], list(faults), list(faults.values()))

    async def release_quarantine(self, subjects: Collection[str]) -> None:
        """Cases that were assessed after all are no longer in quarantine."""
        await self._connection.execute(SQL["release_quarantine"], list(subjects))

    async def note_pools(self, pools: Iterable[str]) -> None:
        """Remember pools in which something changed."""
        await self._connection.execute(SQL["note_pools"], list(pools))

    # -- messages --------------------------------------------------------------------------------

    async def send(self, service: str, publications: Sequence[Publication]) -> None:
        """Put events into the outbox, in order, each with what it changes of the events that stand."""
        rows = [row for publication in publications for row in _outbox_rows(service, publication)]
        await self._connection.execute(SQL["send"], *map(list, zip(*rows, strict=True)))

    async def refuse(self, service: str, letters: Sequence[DeadLetter]) -> None:
        """Keep refused messages, and publish them as they came to the dead-letter topic, once each."""
        messages = [letter.message for letter in letters]
        await self._connection.execute(
            SQL["dead_letters"],
            f"{service}.dead-letter",
            [m.topic for m in messages],
            [m.partition for m in messages],
            [m.offset for m in messages],
            [m.incarnation for m in messages],
            [letter.reason for letter in letters],
            [letter.explanation for letter in letters],
            [m.key for m in messages],
            [m.value for m in messages],
            [_dead_headers(letter) for letter in letters],
            [m.received for m in messages],
        )

    async def save_offsets(self, messages: Sequence[Message]) -> None:
        """Remember where to read on, for each partition that these messages came from."""
        in_order = sorted(messages, key=attrgetter("offset"))
        nexts = {(m.topic, m.partition, m.incarnation): m.offset + 1 for m in in_order}
        await self._connection.execute(
            SQL["save_offsets"],
            [topic for topic, _, _ in nexts],
            [partition for _, partition, _ in nexts],
            [incarnation for _, _, incarnation in nexts],
            list(nexts.values()),
        )


def _json(shown: Any) -> str | None:
    return None if shown is None else msgspec.json.encode(shown).decode()


def _outbox_rows(service: str, event: Publication) -> tuple[OutboxRow, OutboxRow]:
    """An event for the service's topic, and for that of what stands: there a withdrawal leaves nothing."""
    headers = _event_headers(service, event)
    stands = (event.id, event.value) if event.withdraws is None else (event.withdraws, None)
    return (
        (service, event.subject.encode(), event.id, event.value, headers),
        (f"{service}.standing", stands[0].encode(), event.id, stands[1], headers),
    )


def _event_headers(service: str, publication: Publication) -> bytes:
    # What consumers can filter by without parsing; without the `ce_` prefix, which would say binary mode.
    headers = [
        ("content-type", b"application/cloudevents+json"),
        ("id", publication.id.encode()),
        ("type", publication.type.encode()),
        ("source", f"/services/{service}".encode()),
    ]
    if publication.traceparent:
        headers.append(("traceparent", publication.traceparent.encode()))
    return _pack_headers(headers)


def _dead_headers(letter: DeadLetter) -> bytes:
    message = letter.message
    where = f"{message.topic}/{message.partition}/{message.offset}"
    added = [
        ("dead-letter-reason", letter.reason.encode()),
        ("dead-letter-explanation", letter.explanation.encode()),
        ("dead-letter-from", where.encode()),
    ]
    return _pack_headers([*added, *((name, value or b"") for name, value in message.headers)])


def headers_of(packed: bytes) -> list[tuple[str, bytes]]:
    """The headers of an outbox row or a dead letter."""
    return _unpack_headers(packed)
