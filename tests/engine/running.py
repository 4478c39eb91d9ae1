"""What the tests of the engine share: facts as messages, what was published, an engine on a database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol

import asyncpg

from schemas.envelope import CloudEvent, Data, render
from shared.calendar import LONDON
from shared.database import migrate
from shared.engine.casebook import Casebook
from shared.engine.engine import TRANSACTION_SIZE, Engine
from shared.engine.intake import Language, Message, fact_of
from shared.engine.joining import Fact
from shared.engine.postgres import Postgres
from shared.engine.publication import Publication
from shared.engine.service import Service
from shared.policy import Policy

ONE_DAY = timedelta(days=1)
ERASURE_KEY = b"a key of the tests"
EMPTIED = (
    "journal, cases, months, outbox, changed_pools, offsets, dead_letters, "
    "announced_days, catch_up, lost_events, erased, notices, published"
)


class Words(Language, Protocol):
    """A published language of which the tests know who says what."""

    def source_of(self, topic: str) -> str:
        """Who publishes on a topic."""


@dataclass(frozen=True)
class Told:
    """Something that a source says of a subject. `topic` where the type alone does not tell it."""

    data: Data
    subject: str | None
    id: str
    recorded: datetime
    topic: str | None = None

    def __repr__(self) -> str:
        said = self.data.model_dump(mode="json", exclude_defaults=True, exclude={"why"})
        return f"{self.id} {self.recorded:%m-%d %H:%M} {self.subject}: {type(self.data).__name__} {said}"

    def body(self, words: Words) -> bytes:
        """The event, as its source would publish it."""
        kind = type(self.data).__name__
        event = CloudEvent[Any](
            specversion="1.0",
            id=self.id,
            source=words.source_of(self.topic or words.topics_of(kind)[0]),
            type=kind,
            subject=self.subject,
            time=self.recorded,
            data=self.data,
        )
        return render(event)

    def fact(self, words: Words) -> Fact:
        """The fact that a service takes it for."""
        event, body = words.read(self.body(words), ())
        return fact_of(event, words.register_key(event), body)

    def message(self, words: Words, offset: int) -> Message:
        """The message that brings it."""
        topic = self.topic or words.topics_of(type(self.data).__name__)[0]
        key = self.subject.encode() if self.subject else None
        received = max(self.recorded, datetime(2026, 1, 1, tzinfo=UTC))
        return Message(topic, 0, offset, key, self.body(words), (), received, "one")


def at(day: str | date, hour: int = 9) -> datetime:
    """An instant on a day."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time(hour), UTC)


def days(first: date, last: date) -> list[date]:
    """Each day from the first to the last."""
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


Said = tuple[str, str, str]
"""Subject, type and data of a published event (without what publication adds)."""


class History:
    """What a service published, in order; reading it checks what holds of every history.

    Each subject's sequence has no gap, no id comes twice, and what is withdrawn stands at that moment.
    """

    def __init__(self, values: Iterable[bytes] = ()) -> None:
        self.events: list[dict[str, Any]] = []
        self._standing: dict[str, dict[str, Any]] = {}
        self._ids: set[str] = set()
        self._last: Counter[str] = Counter()
        self.read(values)

    def read(self, values: Iterable[bytes]) -> None:
        for event in map(json.loads, values):
            self._last[event["subject"]] += 1
            assert event["sequence"] == f"{self._last[event['subject']]:010d}", "a sequence with a gap"
            assert event["id"] not in self._ids, "an id twice"
            self._ids.add(event["id"])
            self.events.append(event)
            if event["type"] == "Withdrawn":
                gone = self._standing.pop(event["data"]["withdraws"], None)
                assert gone is not None, "it withdraws what does not stand"
                assert (gone["type"], gone["subject"]) == (event["data"]["withdrawn_type"], event["subject"])
            else:
                self._standing[event["id"]] = event

    @property
    def standing(self) -> Counter[Said]:
        """What stands now."""
        return Counter(said(event) for event in self._standing.values())

    def of(self, type: str, subject: str | None = None) -> list[dict[str, Any]]:
        """The data of what stands of a type (and a subject), in the order published."""
        return [
            event["data"]
            for event in self._standing.values()
            if event["type"] == type and subject in (None, event["subject"])
        ]

    def told(self, subject: str) -> list[str]:
        """All that was published of a subject, in few words: types, withdrawals with type and reason."""
        return [
            f"-{e['data']['withdrawn_type']} {e['data']['reason']}" if e["type"] == "Withdrawn" else e["type"]
            for e in self.events
            if e["subject"] == subject
        ]


def said(event: dict[str, Any]) -> Said:
    """What an event says, without what publication adds."""
    data = {name: value for name, value in event["data"].items() if name not in ("why", "limited")}
    return event["subject"], event["type"], json.dumps(data, sort_keys=True)


class Office:
    """An engine on a database, and what the tests ask of both."""

    def __init__(self, engine: Engine, words: Words) -> None:
        self.engine = engine
        self.words = words
        self.offset = 0
        self.latest = date.max
        self.statements: list[str] = []

    async def take(self, *told: Told) -> None:
        """One batch of messages."""
        await self.engine.handle([self.message(fact) for fact in told])

    def message(self, told: Told) -> Message:
        self.offset += 1
        return told.message(self.words, self.offset)

    async def day(self, day: str | date) -> None:
        """One day begins."""
        await self.engine.handle([self.morning(day)])

    def morning(self, day: str | date) -> Message:
        """The message that a day has begun."""
        on = date.fromisoformat(day) if isinstance(day, str) else day
        # The language's own: the real one and the library's have the same name and field.
        started = self.words.topics_of("DayStarted")[0]
        self.offset += 1
        instant = datetime.combine(on, time(), LONDON).astimezone(UTC)
        body = {
            "specversion": "1.0",
            "id": f"day-{on}",
            "source": self.words.source_of(started),
            "type": "DayStarted",
            "time": instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {"date": on.isoformat()},
        }
        return Message(started, 0, self.offset, None, json.dumps(body).encode(), (), instant, "one")

    async def until(self, last: str | date) -> None:
        """Let each day begin, from the day after the one reached."""
        to = date.fromisoformat(last) if isinstance(last, str) else last
        reached: date = await self.value("select day from clock")
        for on in days(reached + ONE_DAY, to):
            await self.day(on)

    async def until_from_nothing(self, first: str, last: str) -> None:
        """The first day, and each one to the last."""
        await self.day(first)
        await self.until(last)

    async def value(self, query: str, *arguments: object) -> Any:
        async with pool_of(self.engine).acquire() as connection:
            return await connection.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: object) -> list[Any]:
        async with pool_of(self.engine).acquire() as connection:
            return list(await connection.fetch(query, *arguments))

    async def outbox(self) -> list[bytes]:
        """All that was published."""
        topic = self.engine.service.name
        rows = await self.rows("select value from outbox where topic = $1 order by id", topic)
        return [row["value"] for row in rows]

    async def history(self) -> History:
        return History(await self.outbox())

    async def standing(self) -> Counter[Said]:
        return (await self.history()).standing

    async def wakes_on(self, subject: str) -> date | None:
        """The day for which a case waits."""
        found: date | None = await self.value("select wake_on from cases where subject = $1", subject)
        return found

    async def months_shown(self) -> dict[int, Any]:
        """What is shown of each month of which anything is."""
        rows = await self.rows("select month, shown from months where shown is not null order by month")
        return {row["month"]: json.loads(row["shown"]) for row in rows}

    async def count(self, table: str) -> int:
        found: int = await self.value(f"select count(*) from {table}")
        return found

    async def empty(self) -> None:
        """Start again as on a new database."""
        async with pool_of(self.engine).acquire() as connection:
            for table in EMPTIED.split(", "):
                await connection.execute(f"delete from {table}")
            await connection.execute("update clock set day = null")
        self.engine = again(self.engine)
        await self.engine.start()


class InMemory(Office):
    """The same without a database: a casebook in place of the engine's messages."""

    def __init__(self, service: Service, words: Words) -> None:
        self.book = Casebook(service, words)
        super().__init__(self.book.engine, words)
        self._published: list[bytes] = []

    async def take(self, *told: Told) -> None:
        self._keep(self.book.take([fact.fact(self.words) for fact in told]))

    async def day(self, day: str | date) -> None:
        self._keep(self.book.begin_day(date.fromisoformat(day) if isinstance(day, str) else day))

    async def until(self, last: str | date) -> None:
        assert self.book.day is not None
        to = date.fromisoformat(last) if isinstance(last, str) else last
        for on in days(self.book.day + ONE_DAY, to):
            await self.day(on)

    async def outbox(self) -> list[bytes]:
        return self._published

    async def wakes_on(self, subject: str) -> date | None:
        return self.book.file(subject).wake_on

    async def months_shown(self) -> dict[int, Any]:
        months = [
            month
            for subject in self.book.subjects
            for month in self.book.storage.parts.get(subject, {}).values()
        ]
        return {month.month: json.loads(month.shown) for month in months if month.shown}

    async def empty(self) -> None:
        self.book = Casebook(self.engine.service, self.words)
        self._published = []

    def _keep(self, published: Iterable[Publication]) -> None:
        self._published += [publication.value for publication in published]


def pool_of(engine: Engine) -> asyncpg.Pool[Any]:
    """The connections to the database on which an engine works."""
    assert isinstance(engine.storage, Postgres)
    return engine.storage.pool


def again(
    engine: Engine,
    service: Service | None = None,
    policy: Policy | None = None,
    transaction_size: int = TRANSACTION_SIZE,
) -> Engine:
    """Another instance on the same database: of the same service and policy, or of another release."""
    return Engine(
        service or engine.service,
        engine.language,
        engine.storage,
        policy=policy or engine.policy,
        latest_day=lambda: date.max,
        transaction_size=transaction_size,
    )


@asynccontextmanager
async def office(
    dsn: str, service: Service, words: Words, *, policy: Policy | None = None, size: int = 8
) -> AsyncIterator[Office]:
    """A service at work on a database, which is brought to this release if it is new."""
    await migrate(dsn, service)

    def log(record: Any) -> None:
        made.statements.append(record.query)

    async def listen(connection: Any) -> None:
        connection.add_query_logger(log)

    async with asyncpg.create_pool(dsn, min_size=1, max_size=size, init=listen) as pool:
        engine = Engine(
            service,
            words,
            Postgres(pool, erasure_key=ERASURE_KEY),
            policy=policy,
            latest_day=lambda: made.latest,
        )
        made = Office(engine, words)
        await engine.start()
        yield made


async def until(condition: Callable[[], Any]) -> None:
    """Ask again until it is so; each question is a round trip to the database, so nothing spins."""
    while not await condition():
        pass


async def waiting(office: Office, count: int = 1) -> bool:
    """Do so many transactions on the office's database wait for a lock?"""
    query = """select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'"""
    found: int = await office.value(query)
    return found >= count


def policy_with(service: Service, folder: Any, old: str, new: str) -> Policy:
    """The service's policy with one text of its file replaced."""
    text = service.policy.read_text("utf-8")
    assert old in text
    file = folder / "policy.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return service.load_policy(file)


def cut(told: Sequence[Told], cuts: Iterable[int]) -> list[list[Told]]:
    """The facts in batches, cut at these places."""
    places = sorted({0, len(told), *(place for place in cuts if place < len(told))})
    return [list(told[a:b]) for a, b in pairwise(places)]
