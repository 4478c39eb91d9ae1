"""The engine's tables, in Python's words. The statements are in `queries.sql`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypeAlias

import asyncpg
import msgspec

from shared.engine.batch import Batch
from shared.engine.case import Register
from shared.engine.casefile import CaseFile
from shared.engine.intake import DeadLetter, Message
from shared.engine.joining import Fact
from shared.engine.publication import Publication
from shared.engine.queries import SQL
from shared.engine.service import CaseModel, Service
from shared.engine.stored import form_of

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

SEPARATOR = "\x1f"
_pack_headers = msgspec.msgpack.Encoder().encode
_unpack_headers = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


class Row(msgspec.Struct, frozen=True):
    """A case as the database holds it, locked."""

    subject: str
    kind: str
    sequence: int
    release: int
    assessed_on: date | None
    wake_on: date | None
    merged_into: str | None
    pools: list[str]
    quarantined: str | None
    state: bytes | None


def open_case(model: CaseModel, row: Row) -> CaseFile | None:
    """The case of a row; None if its state is of another form than this code's."""
    if row.state is not None and not form_of(model).knows(row.state):
        return None
    return CaseFile(
        model,
        row.subject,
        state=row.state,
        sequence=row.sequence,
        assessed_on=row.assessed_on,
        pools=tuple(row.pools),
    )


async def rows(connection: Connection, query: str, *arguments: object) -> list[Row]:
    """The cases that one of the locking queries gives."""
    return [Row(*row) for row in await connection.fetch(SQL[query], *arguments)]


async def journal(
    connection: Connection, service: Service, facts: Sequence[Fact], day: date | None
) -> set[tuple[str, str]]:
    """Add the facts that are new to the journal; returns their (source, id).

    Facts of one subject get their numbers in the order given, since the subject's case is locked.
    """
    places = [journal_place(service, f) for f in facts]
    known = await connection.fetch(
        SQL["journal"],
        [f.source for f in facts],
        [f.id for f in facts],
        [f.subject for f in facts],
        [f.type for f in facts],
        [key for key, _ in places],
        [month for _, month in places],
        [f.cause.at for f in facts],
        [f.body for f in facts],
        day,
    )
    fresh = {(f.source, f.id) for f in facts}
    return fresh.difference([tuple(row) for row in known]) if known else fresh


async def altered(connection: Connection, facts: Sequence[Fact]) -> int:
    """How many of these duplicates have another body than the fact that was journaled first."""
    count: int = await connection.fetchval(
        SQL["altered"], [f.source for f in facts], [f.id for f in facts], [f.body for f in facts]
    )
    return count


def journal_place(service: Service, fact: Fact) -> tuple[str, int | None]:
    """What the fact is about, and the month of its own date if it is kept by month and can be read.

    Facts that concern one register, or one thing, share the first.
    """
    if fact.place is None:
        register = service.person.monthly(fact.type)
        if fact.type == service.merged_by:
            fact.place = f"merged/{fact.key}", None
        elif register is None:
            fact.place = f"{fact.type}/{fact.key}", None
        else:
            fact.place = f"{register.identifies or fact.type}/{fact.key}", _month(register, fact)
    return fact.place


def _month(register: Register, fact: Fact) -> int | None:
    try:
        return register.month(fact.record(register))
    except Exception:
        return None  # the fault will show when the fact is joined, and concern its own case only


async def load_months(
    connection: Connection,
    wanted: Collection[tuple[str, int]],
    things: Collection[tuple[str, str]],
    whole: Collection[str],
) -> list[tuple[str, int, bytes]]:
    """Months of cases: (subject, month) and their neighbours, those in which a thing is known, or all.

    `things` are (subject, journal key): a correction may have moved a thing to another month.
    """
    found = await connection.fetch(
        SQL["load_months"],
        [subject for subject, _ in wanted],
        [month for _, month in wanted],
        [subject for subject, _ in things],
        [key for _, key in things],
        list(whole),
    )
    return [tuple(row) for row in found]


async def save_cases(connection: Connection, batch: Batch, release: int) -> None:
    """Write back those of the cases in hand that could be assessed and are no longer as they were."""
    files: list[CaseFile] = []
    packed: list[bytes] = []
    for file in (*batch.files.values(), *batch.shared.values()):
        if file.subject not in batch.failures:
            state = file.pack()
            if not file.is_as_loaded(state):
                files.append(file)
                packed.append(state)
    if not files:
        return
    said = [f.overview for f in files]
    states = (
        [f.subject for f in files],
        [f.sequence for f in files],
        [f.assessed_on for f in files],
        [f.wake_on if f.assessed_on else date.min for f in files],
        packed,
    )
    if not any(said):
        await connection.execute(SQL["save_states"], *states, release)
        return
    waiting = [batch.waiting(f) for f in files]
    await connection.execute(
        SQL["save_cases"],
        *states,
        [a.status if a else None for a in said],
        [SEPARATOR.join(a.pools) if a else None for a in said],
        [a.region if a else None for a in said],
        [a.practitioner if a else None for a in said],
        [SEPARATOR.join(w) if w else None for w in waiting],
        [_json(a.shown) if a else None for a in said],
        release,
        SEPARATOR,
    )


def _json(shown: Any) -> str | None:
    return None if shown is None else msgspec.json.encode(shown).decode()


async def save_months(connection: Connection, batch: Batch) -> None:
    """Write back the months that changed; drop those in which nothing is left."""
    kept: list[tuple[str, int, bytes, str | None]] = []
    emptied: list[tuple[str, int]] = []
    for file in batch.files.values():
        if file.subject in batch.failures or file.months is None:
            continue
        for month in sorted(file.months.changed):
            state = file.months.pack(month)
            if state is None:
                emptied.append((file.subject, month))
            else:
                kept.append((file.subject, month, state, file.months.shown(month).decode() or None))
    if kept:
        await connection.execute(SQL["save_months"], *map(list, zip(*kept, strict=True)))
    if emptied:
        await connection.execute(SQL["drop_months"], *map(list, zip(*emptied, strict=True)))


async def quarantine(connection: Connection, failures: dict[str, Exception]) -> None:
    """Mark cases that could not be assessed."""
    await connection.execute(SQL["quarantine"], list(failures), [describe(f) for f in failures.values()])


def describe(fault: Exception) -> str:
    """Which fault and where, without the values that its text may speak of."""
    place = fault.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {place.tb_frame.f_code.co_name}, line {place.tb_lineno}" if place else ""
    return f"{type(fault).__name__}{where}"


async def send(connection: Connection, service: Service, publications: Sequence[Publication]) -> None:
    """Put events into the outbox, in order."""
    await connection.execute(
        SQL["send"],
        service.name,
        [p.subject.encode() for p in publications],
        [p.id for p in publications],
        [p.value for p in publications],
        [_event_headers(service, p) for p in publications],
    )


def _event_headers(service: Service, publication: Publication) -> bytes:
    # What consumers can filter by without parsing; without the `ce_` prefix, which would say binary mode.
    headers = [
        ("content-type", b"application/cloudevents+json"),
        ("id", publication.id.encode()),
        ("type", publication.type.encode()),
        ("source", service.source.encode()),
    ]
    if publication.traceparent:
        headers.append(("traceparent", publication.traceparent.encode()))
    return _pack_headers(headers)


async def bury(connection: Connection, service: Service, letters: Sequence[DeadLetter]) -> None:
    """Keep refused messages, and publish them as they came to the dead-letter topic, once each."""
    messages = [letter.message for letter in letters]
    await connection.execute(
        SQL["bury"],
        f"{service.name}.dead-letter",
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


async def save_offsets(connection: Connection, messages: Iterable[Message]) -> None:
    """Remember where to read on, for each partition that these messages came from."""
    in_order = sorted(messages, key=attrgetter("offset"))
    nexts = {(m.topic, m.partition, m.incarnation): m.offset + 1 for m in in_order}
    await connection.execute(
        SQL["save_offsets"],
        [topic for topic, _, _ in nexts],
        [partition for _, partition, _ in nexts],
        [incarnation for _, _, incarnation in nexts],
        list(nexts.values()),
    )
