"""Dead letters and cases in quarantine: finds them in the database and processes them again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
from pydantic_core import from_json

from schemas import language
from schemas.envelope import Refused, UnknownType
from shared.database import check
from shared.engine.engine import Engine
from shared.engine.erasing import REASON as ERASED
from shared.engine.erasing import subjects_of
from shared.engine.intake import CLOCK, DeadLetter, Message, Skipped
from shared.engine.outbox import headers_of
from shared.engine.postgres import Postgres
from shared.engine.release import release_digest
from shared.engine.working_set import describe
from shared.runtime.batches import REFUSED_DATA
from shared.runtime.gaps import GAPS
from shared.runtime.service import today_in_london
from tools.cli import errors
from tools.cli.addresses import database_of, erasure_key
from tools.cli.databases import connected
from tools.cli.errors import UserError
from tools.services import BY_NAME

ADDED = "dead-letter-"
"""Headers with this prefix were added when the message became a dead letter."""


@dataclass(frozen=True)
class Letter:
    """A dead letter in a service's database."""

    service: str
    number: int
    topic: str
    partition: int
    offset: int
    reason: str
    explanation: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    received: datetime
    status: str
    closed_because: str | None

    @property
    def where(self) -> str:
        """The topic, partition and offset that it came from."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def event(self) -> tuple[str, str] | None:
        """Source and id of the event, as its sender knows it; None if they cannot be read."""
        attributes = {
            name: value.decode(errors="replace") for name, value in self.headers if value is not None
        }
        source, id = attributes.get("ce_source"), attributes.get("ce_id")
        if source is None or id is None:
            try:
                message = from_json(self.value or b"")
                source, id = message["source"], message["id"]
            except (ValueError, TypeError, KeyError):
                return None
        return (source, id) if isinstance(source, str) and isinstance(id, str) else None

    @property
    def subjects(self) -> set[str]:
        """Whom it may be about."""
        return subjects_of(self.key, self.value, self.headers)

    def about(self) -> dict[str, str]:
        """Its attributes, without its data, which may be personal."""
        status = self.status + (f": {self.closed_because}" if self.closed_because else "")
        about = {
            "number": str(self.number),
            "from": self.where,
            "received": self.received.astimezone(UTC).isoformat(),
            "reason": self.reason,
            "what is wrong": self.explanation,
            "status": status,
            "size": "no value" if self.value is None else f"{len(self.value)} bytes",
            "headers": ", ".join(name for name, _ in self.headers if not name.startswith(ADDED)) or "none",
        }
        try:
            event, _ = language.read(self.value, self.headers)
        except (Refused, UnknownType):
            return about
        return about | {"event": f"{event.type} {event.id} from {event.source} about {event.subject}"}


_FIND = """
select number, topic, partition, "offset", reason, explanation, key, value, headers, received, status,
    closed_because
from dead_letters
where ($1::bigint[] is null or number = any($1)) and ($2::text is null or reason = $2)
    and ($3 or status = 'open')
    and ($4::bytea is null or position($4 in value) > 0 or position($4 in headers) > 0)
order by number
"""
_PLAIN = re.compile(r"[A-Za-z0-9._:@+-]+")
_CLOSE = "update dead_letters set status = $2, closed_because = $3 where number = $1 and status = 'open'"
_LEAVE = "update dead_letters set reason = $2, explanation = $3 where number = $1 and status = 'open'"
_INCARNATION = "select incarnation from offsets where topic = $1 and partition = $2"
_KNOWN = "select 1 from cases where subject = $1"


@asynccontextmanager
async def _engine(service: str) -> AsyncIterator[Engine]:
    """The service's engine, run in this process on the service's database."""
    dsn = database_of(service)
    with errors.database(dsn):
        async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
            async with pool.acquire() as connection:
                await check(connection, BY_NAME[service])
            storage = Postgres(pool, erasure_key=erasure_key())
            engine = Engine(BY_NAME[service], language, storage, latest_day=today_in_london)
            at_work = await pool.fetchval("select digest from clock")
            if at_work not in ("", release_digest(engine.service, engine.policy)):
                raise UserError(
                    f"{service} runs other rules or another policy than this program, which would stop it: "
                    "run this command from the release that the service runs"
                )
            await engine.start()
            yield engine


async def find(
    service: str,
    numbers: Sequence[int] | None,
    reason: str | None = None,
    *,
    closed: bool = False,
    event: str | None = None,
) -> list[Letter]:
    """The dead letters with these numbers (None: all) and this reason. `closed`: closed ones too.

    `event` leaves out most that do not have this id: those that do not hold it anywhere.
    """
    # A sender may write other ids in more than one way.
    id = event.encode() if event is not None and _PLAIN.fullmatch(event) else None
    async with connected(service) as connection:
        rows = await connection.fetch(_FIND, list(numbers) if numbers else None, reason, closed, id)
    found = [Letter(service, **{**row, "headers": headers_of(row["headers"])}) for row in rows]
    missing = sorted(set(numbers or ()) - {letter.number for letter in found})
    if missing:
        kind = "dead letter" if closed else "open dead letter"
        raise UserError(
            f"{service} has no {kind} {missing[0]}: see `probation dead-letters list {service} --all`"
        )
    return found


def of_event(letters: Sequence[Letter], id: str | None, source: str | None) -> list[Letter]:
    """The letters whose sender gave the event this id (None: any) and this source (None: any)."""
    return [
        letter
        for letter in letters
        if (id is None or (letter.event is not None and letter.event[1] == id))
        and (source is None or (letter.event is not None and letter.event[0] == source))
    ]


@dataclass(frozen=True)
class Mistake:
    """One message that services refused: the same mistake, told by each of them."""

    letters: list[Letter]

    @property
    def name(self) -> str:
        """What the sender calls it; where it came from if that cannot be read."""
        first = self.letters[0]
        return f"{first.event[1]} from {first.event[0]}" if first.event else f"at {first.where}"

    @property
    def services(self) -> list[str]:
        """The services that refused it, each with the number of its letter."""
        return [f"{letter.service} {letter.number}" for letter in self.letters]


def mistakes(letters: Sequence[Letter]) -> list[Mistake]:
    """The letters of all services, together where they are about the same message, in order of receipt."""
    found: dict[object, list[Letter]] = {}
    for letter in sorted(letters, key=lambda letter: (letter.received, letter.where)):
        found.setdefault(letter.event or letter.where, []).append(letter)
    return [Mistake(each) for each in found.values()]


@dataclass(frozen=True)
class Redriven:
    """The result for a letter. `left_open` is the reason why it stays open; None if it is closed."""

    letter: Letter
    left_open: str | None
    why: str


async def redrive(service: str, letters: Sequence[Letter], *, dry_run: bool) -> AsyncIterator[Redriven]:
    """Process letters again, one at a time."""
    async with _engine(service) as engine, connected(service) as connection:
        for letter in letters:
            if letter.reason == ERASED:
                yield Redriven(letter, ERASED, "its content was not kept: discard it")
                continue
            if letter.reason in GAPS:
                yield Redriven(
                    letter, letter.reason, "its messages are not here: have them sent again, discard it"
                )
                continue
            message = await _message(connection, letter)
            taken = engine.read(message)
            if isinstance(taken, DeadLetter):
                if not dry_run:
                    await connection.execute(_LEAVE, letter.number, taken.reason, taken.explanation)
                yield Redriven(letter, taken.reason, f"still {taken.reason}: {taken.explanation}")
                continue
            if isinstance(taken, Skipped):
                why = f"{taken.type} is valid, but this service does not use it"
            elif taken.type == CLOCK:
                why = "only the ticker may announce a day, and a refused one begins by itself: discard it"
                yield Redriven(letter, CLOCK, why)
                continue
            else:
                why = f"{taken.type} {taken.id}"
                late = engine.tally.erased
                try:
                    if not dry_run:
                        await engine.handle([message])
                except REFUSED_DATA as fault:
                    await connection.execute(_LEAVE, letter.number, "store_error", describe(fault))
                    yield Redriven(letter, "store_error", f"still store_error: {describe(fault)}")
                    continue
                if engine.tally.erased > late:
                    yield Redriven(letter, ERASED, "the person was erased: the letter is deleted")
                    continue
            if not dry_run:
                await connection.execute(_CLOSE, letter.number, "redriven", why)
            yield Redriven(letter, None, why)


async def _message(connection: Any, letter: Letter) -> Message:
    # Before the first offset of the current topic, so that the stored offset does not change.
    incarnation = await connection.fetchval(_INCARNATION, letter.topic, letter.partition)
    return Message(
        topic=letter.topic,
        partition=letter.partition,
        offset=-1,
        key=letter.key,
        value=letter.value,
        headers=[(name, value) for name, value in letter.headers if not name.startswith(ADDED)],
        received=datetime.now(UTC),
        incarnation=incarnation or "",
    )


async def discard(service: str, letters: Sequence[Letter], because: str) -> None:
    """Close letters, with the reason why they can be discarded."""
    async with connected(service) as connection:
        for letter in letters:
            await connection.execute(_CLOSE, letter.number, "discarded", because)


async def recheck(service: str, crn: str | None) -> dict[str, str | None]:
    """Rebuild and assess a case, or all in quarantine. Returns the remaining errors by subject."""
    async with _engine(service) as engine, connected(service) as connection:
        if crn is not None and not await connection.fetchval(_KNOWN, crn):
            async with engine.storage.transaction() as transaction:
                erased = await transaction.erased([crn])
            raise UserError(
                f"{crn} was erased: {service} holds nothing about this person"
                if erased
                else f"{service} has no case {crn}: check the number"
            )
        subjects = [crn] if crn is not None else await engine.quarantined()
        return {subject: await engine.recheck(subject) for subject in subjects}
