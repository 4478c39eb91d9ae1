"""Replays a file of events through the engines of the four services, without a broker.

The engines get the bytes as they would from the topics. What they write to their outboxes goes straight to
the services that read that topic, until nothing is left to do. From message to outbox row, this is the code
that runs in production.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused, UnknownType
from shared.calendar import LONDON, london_date
from shared.database import migrate
from shared.engine.engine import Engine
from shared.engine.intake import Message
from shared.engine.postgres import Postgres
from shared.engine.service import Service
from shared.policy import Policy
from shared.policy_file import Value
from shared.settings import DEVELOPMENT_ERASURE_KEY
from tools.clock import day_started
from tools.services import SERVICES, policy_name

BATCH = 500
"""Messages passed to a service at once: few enough for one transaction, so that the order is repeatable."""

_TAKE_OUTBOX = "with taken as (delete from outbox returning *) select * from taken order by id"
_UNREADABLE = "court"
"""The topic for lines that do not even have a type."""


@dataclass(frozen=True)
class RefusedLine:
    """A line that was refused: its number in the file (from 1), the reason, and the line itself."""

    line: int
    reason: str
    explanation: str
    text: str


@dataclass(frozen=True)
class WarnedLine:
    """A line that was taken although something in it is doubtful: its number, and what is doubtful."""

    line: int
    kind: str
    explanation: str


@dataclass
class Outcome:
    """The result of a replay."""

    published: list[bytes] = field(default_factory=list)
    dead_letters: list[RefusedLine] = field(default_factory=list)
    warnings: list[WarnedLine] = field(default_factory=list)
    first: date | None = None
    last: date | None = None
    lines: int = 0
    beyond: int = 0
    """The number of lines recorded after the last day, which therefore never arrived."""
    trial: str | None = None
    """The name under which the policy was tried; None if it is the one in force."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    topic: str
    day: date | None
    value: bytes
    key: bytes | None


class Replay:
    """The four services on temporary databases, with a clock that this object controls."""

    def __init__(
        self,
        engines: Sequence[Engine],
        pools: Mapping[str, asyncpg.Pool[Any]],
        trial: str | None = None,
    ) -> None:
        self._engines = engines
        self._pools = pools
        self._today = date.min
        self._offset = 0
        self._lines: dict[int, _Line] = {}
        self.outcome = Outcome(trial=trial)

    @property
    def today(self) -> date:
        """The current day of the replay."""
        return self._today

    async def run(self, lines: Iterable[bytes], until: date | None = None) -> Outcome:
        """Play each line on its day. Start every day up to `until`, or up to the day of the last line."""
        waiting: list[_Line] = []
        for line in map(_line, range(1, 2**63), lines):
            if not line.value.strip():
                continue
            self.outcome.lines += 1
            if line.day is not None and (self.outcome.first is None or line.day > self._today):
                if until is not None and line.day > until:
                    self.outcome.beyond += 1
                    continue
                await self._deliver(waiting)
                waiting = []
                await self._begin_days(line.day)
            waiting.append(line)
        await self._deliver(waiting)
        if until is not None and self.outcome.first is not None:
            await self._begin_days(until)
        await self._collect_dead_letters()
        await self._collect_warnings()
        return self.outcome

    async def _begin_days(self, until: date) -> None:
        if self.outcome.first is None:
            self.outcome.first = until
            self._today = until - timedelta(days=1)
        while self._today < until:
            self._today += timedelta(days=1)
            await self._spread([self._message("clock", day_started(self._today), None)])
        self.outcome.last = self._today

    async def _deliver(self, lines: Sequence[_Line]) -> None:
        messages = []
        for line in lines:
            message = self._message(line.topic, line.value, line.key)
            self._lines[message.offset] = line
            messages.append(message)
        await self._spread(messages)

    def _message(self, topic: str, value: bytes, key: bytes | None) -> Message:
        self._offset += 1
        received = datetime.combine(self._today, time.max, LONDON).astimezone(UTC)
        return Message(topic, 0, self._offset, key, value, (), received, "replay")

    async def _spread(self, messages: list[Message]) -> None:
        """Pass the messages, and the events that follow, to the services that read their topics."""
        while messages:
            said = await asyncio.gather(*(self._process(engine, messages) for engine in self._engines))
            messages = []
            for rows in said:
                for row in rows:
                    if row["topic"] in CATALOGUE_TOPICS:
                        self.outcome.published.append(row["value"])
                        messages.append(self._message(row["topic"], row["value"], row["key"]))

    async def _process(self, engine: Engine, messages: Sequence[Message]) -> list[asyncpg.Record]:
        mine = [m for m in messages if m.topic in engine.service.reads]
        if not mine:
            return []
        before = engine.tally.published + engine.tally.dead + engine.warned.total()
        for start in range(0, len(mine), BATCH):
            await engine.handle(mine[start : start + BATCH])
        if engine.tally.published + engine.tally.dead + engine.warned.total() == before:
            return []
        return list(await self._pools[engine.service.name].fetch(_TAKE_OUTBOX))

    async def _collect_dead_letters(self) -> None:
        found: dict[int, RefusedLine] = {}
        for pool in self._pools.values():
            for row in await pool.fetch('select "offset", reason, explanation from dead_letters'):
                line = self._lines[row["offset"]]
                text = line.value.decode(errors="backslashreplace")
                found.setdefault(
                    line.number, RefusedLine(line.number, row["reason"], row["explanation"], text)
                )
        self.outcome.dead_letters = [found[number] for number in sorted(found)]

    async def _collect_warnings(self) -> None:
        """Each warning once, whichever services told it."""
        found: dict[WarnedLine, None] = {}
        query = 'select "offset", kind, explanation from warnings order by number'
        for pool in self._pools.values():
            for row in await pool.fetch(query):
                line = self._lines.get(row["offset"])  # none for what a service published
                if line is not None:
                    found[WarnedLine(line.number, row["kind"], row["explanation"])] = None
        self.outcome.warnings = sorted(found, key=lambda warned: warned.line)


CATALOGUE_TOPICS = {topic for entry in CATALOGUE.values() for topic in entry.topics}


@asynccontextmanager
async def replaying(
    create_database: Callable[[str], str],
    policy: Path | None = None,
    services: Sequence[Service] = SERVICES,
    changes: Mapping[tuple[Path, str], Value] | None = None,
) -> AsyncIterator[Replay]:
    """A replay on new databases. `create_database` creates an empty one with a name and returns its DSN.

    `policy` is a folder with files to use instead of the services' own `<service>.toml` and the common
    `probation.toml`. `changes` are other values, by policy file and name. With either, every event names its
    policy as one that is tried.
    """
    policies, trial = _policies(services, policy, changes or {})
    async with AsyncExitStack() as stack:
        engines: list[Engine] = []
        pools: dict[str, asyncpg.Pool[Any]] = {}
        for service in services:
            dsn = create_database(service.name)
            await migrate(dsn, service)
            pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=1, max_size=2))
            pools[service.name] = pool
            engines.append(
                Engine(
                    service,
                    language,
                    Postgres(pool, erasure_key=DEVELOPMENT_ERASURE_KEY),
                    policy=policies[service.name],
                    latest_day=lambda: replay.today,
                )
            )
        replay = Replay(engines, pools, trial)
        for engine in engines:
            await engine.start()
        yield replay


def _policies(
    services: Sequence[Service], folder: Path | None, changes: Mapping[tuple[Path, str], Value]
) -> tuple[dict[str, Policy], str | None]:
    """The policy of each service, and the name of the trial if it isn't the one in force."""

    def chosen(own: Path) -> Path:
        given = folder / policy_name(own) if folder else own
        return given if given.exists() else own

    policies = {
        service.name: Policy.load(
            chosen(service.policy), service.name, *map(chosen, service.common_policy)
        ).changed(changes)
        for service in services
    }
    if folder is None and not changes:
        return policies, None
    digests = "".join(policy.digest for policy in policies.values())
    trial = hashlib.sha256(digests.encode()).hexdigest()[:8]
    return {name: policy.trying(trial) for name, policy in policies.items()}, trial


def _line(number: int, value: bytes) -> _Line:
    """A line with its topic and the day in London on which it was recorded."""
    try:
        event, _ = language.read(value, ())
        topic = language.topics_of(event.type)[0]
        if event.type == "Withdrawn":
            topic = event.source.rpartition("/")[2]
        key = event.subject.encode() if event.subject else None
        return _Line(number, topic, london_date(event.recorded), value, key)
    except (Refused, UnknownType):
        return _Line(number, *_guess(value), value, None)


def _guess(value: bytes) -> tuple[str, date | None]:
    """The topic and day of a line that is not an event in the catalogue, as far as they can be found."""
    try:
        broken = json.loads(value)
        entry = CATALOGUE.get(broken.get("type"))
        recorded = broken.get("recordedtime") or broken.get("time")
    except (ValueError, AttributeError, TypeError, RecursionError):
        return _UNREADABLE, None
    topic = entry.topics[0] if entry else _UNREADABLE
    try:
        return topic, london_date(datetime.fromisoformat(recorded))
    except (ValueError, TypeError):
        return topic, None
