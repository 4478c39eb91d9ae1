"""A service at work: batches of messages, days, and repair, each in a transaction of its own.

`handle` may be repeated at any point with the same messages: the journal makes every repeat a no-op.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

from shared.engine import merging, store
from shared.engine.batch import Batch, day_cause
from shared.engine.desk import Desk
from shared.engine.intake import CLOCK, DeadLetter, Language, Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.queries import SQL
from shared.engine.release import release_digest
from shared.engine.service import CaseModel, Service
from shared.engine.store import Connection, Row
from shared.policy import Policy

log = logging.getLogger(__name__)

SHARE = 1_000
"""About how many facts a transaction takes, where a batch has more. They are all under way at once: one
computes while others wait for PostgreSQL. Where people share something, they follow each other."""

SWEEP_LIMIT = 1000
"""How many cases one transaction of a sweep takes."""


@dataclass
class Tally:
    """What became of the messages and cases of one call."""

    applied: int = 0
    duplicates: int = 0
    altered: int = 0
    skipped: int = 0
    dead: int = 0
    published: int = 0
    quarantined: int = 0
    swept: int = 0


class Engine:
    """One instance of a service on its database.

    `latest_day` says which day may have begun by now: a `DayStarted` beyond it is refused. `inspect` is
    told how many messages of a batch are good and how many bad, before anything of it is committed; what it
    raises stops the batch.
    """

    def __init__(
        self,
        service: Service,
        language: Language,
        pool: asyncpg.Pool[Any],
        *,
        policy: Policy | None = None,
        latest_day: Callable[[], date],
        inspect: Callable[[int, int], None] | None = None,
    ) -> None:
        self.service = service
        self.language = language
        self.pool = pool
        self.policy = policy or service.load_policy()
        self.tally = Tally()
        self._latest_day = latest_day
        self._inspect = inspect
        self._desk = Desk(service, language, self.policy)

    async def start(self) -> None:
        """Make this release the newest, and assess the cases that an older one assessed last."""
        async with self.pool.acquire() as connection:
            digest = release_digest(self.service, self.policy)
            self._desk.release = await connection.fetchval(SQL["begin_release"], digest)

    # -- messages --------------------------------------------------------------------------------

    async def handle(self, messages: Sequence[Message]) -> None:
        """Take a batch of messages: facts first, then the clock. Repeatable at any point."""
        letters: list[DeadLetter] = []
        facts: list[Fact] = []
        days: list[tuple[Message, Fact]] = []
        for message in messages:
            taken = take(message, self.service, self.language)
            if isinstance(taken, DeadLetter):
                letters.append(taken)
            elif isinstance(taken, Skipped):
                self.tally.skipped += 1
            elif taken.type == CLOCK:
                days.append((message, taken))
            else:
                facts.append(taken)
        plain = [m for m in messages if not any(m is day for day, _ in days)]
        if self._inspect is not None:
            self._inspect(len(plain) - len(letters), len(letters))
        await self._take_facts(facts, letters, plain)
        await self._desk.look_again(self.pool)
        if self._desk.pools_changed:
            await self.sweep()
        for message, fact in days:
            await self._begin_day(message, fact)

    async def _take_facts(
        self, facts: Iterable[Fact], letters: Sequence[DeadLetter], messages: Sequence[Message]
    ) -> None:
        """Take facts in their order; a merge of two people's records is a transaction of its own."""
        run: list[Fact] = []
        for fact in facts:
            if self._desk.merges(fact):
                await self._transact(run, (), ())
                run = []
                await self._transact([fact], (), ())
            else:
                run.append(fact)
        await self._transact(run, letters, messages)

    async def _transact(
        self, facts: Sequence[Fact], letters: Sequence[DeadLetter], messages: Sequence[Message]
    ) -> None:
        if len(facts) > SHARE and self.service.entities:
            # Two at once would only wait for each other, and other instances for both.
            for first in range(0, len(facts), SHARE):
                await self._commit(facts[first : first + SHARE], (), ())
            facts = ()
        elif len(facts) > SHARE:
            await self._commit_shares(facts)
            facts = ()
        if facts or messages:
            await self._commit(facts, letters, messages)

    async def _commit_shares(self, facts: Sequence[Fact]) -> None:
        """Take facts in several transactions at once, all facts of one person in the same.

        The offsets follow when all are committed: should one not be, the batch comes again, and the journal
        knows the others.
        """
        # What comes again under another name stays with the first: that one counts, as in a small batch.
        first: dict[tuple[str, str], str] = {}
        people: dict[str, list[Fact]] = {}
        for fact in facts:
            subject = first.setdefault((fact.source, fact.id), fact.subject)
            people.setdefault(subject, []).append(fact)
        # One person after the other, whose case then is at hand in the processor's cache.
        shares: list[list[Fact]] = [[] for _ in range(-(-len(facts) // SHARE))]
        for number, own in enumerate(people.values()):
            shares[number % len(shares)] += own

        async def commit(share: list[Fact]) -> None:
            for _ in shares:
                try:
                    await self._commit(share, (), ())
                    return
                except asyncpg.DeadlockDetectedError:
                    pass  # two met at merged records; the other is through
            await self._commit(share, (), ())

        for end in await asyncio.gather(*map(commit, shares), return_exceptions=True):
            if isinstance(end, BaseException):
                raise end

    async def _commit(
        self, facts: Sequence[Fact], letters: Sequence[DeadLetter], messages: Sequence[Message]
    ) -> None:
        tally = Tally()
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                if facts:
                    await self._join(connection, facts, tally)
                if letters:
                    await store.bury(connection, self.service, letters)
                if messages:
                    await store.save_offsets(connection, messages)
        except BaseException:
            self._desk.forget()
            raise
        if letters:
            first = letters[0].message
            where = f"{first.topic}/{first.partition}/{first.offset}"
            reasons = dict(Counter(letter.reason for letter in letters))
            log.warning("messages were refused", extra={"reasons": reasons, "first": where})
        tally.dead = len(letters)
        self._count(tally)

    async def _join(self, connection: Connection, facts: Sequence[Fact], tally: Tally) -> None:
        unique = list({(f.source, f.id): f for f in reversed(facts)}.values())[::-1]
        people = [f for f in unique if self._desk.model(f) is self.service.person]
        things = [f for f in unique if self._desk.model(f) is not self.service.person]
        if people and self._desk.merges(people[0]):
            batch, fresh = await merging.merge(self._desk, connection, people[0])
        else:
            batch, fresh = await self._desk.join_people(connection, people)
        fresh |= await self._desk.share(connection, batch, things)
        await self._desk.save(connection, batch)
        repeated = [f for f in unique if (f.source, f.id) not in fresh]
        if repeated:
            tally.altered = await store.altered(connection, repeated)
        tally.applied = len(fresh)
        tally.duplicates = len(facts) - len(fresh)
        tally.published = len(batch.publications)
        tally.quarantined = len(batch.failures)

    # -- time ------------------------------------------------------------------------------------

    async def _begin_day(self, message: Message, fact: Fact) -> None:
        day: date = fact.data.date
        async with self.pool.acquire() as connection, connection.transaction():
            reached = await self._desk.read_clock(connection)
            refused = self._refuse_day(day, reached)
            if refused:
                letter = DeadLetter(message, "clock_refused", refused)
                await store.bury(connection, self.service, [letter])
                self._count(Tally(dead=1))
                log.error("the clock was refused", extra={"explanation": refused})
            elif reached is None or day > reached:
                await connection.execute(SQL["set_day"], day)
            await store.save_offsets(connection, [message])
        await self.sweep()

    def _refuse_day(self, day: date, reached: date | None) -> str | None:
        if day > self._latest_day():
            return f"{day} has not begun in London yet: correct the ticker's clock"
        if reached is not None and day > reached + timedelta(days=1):
            return f"{day} does not follow {reached}: let the ticker publish each day"
        return None

    async def sweep(self) -> None:
        """Assess every case whose day has come, until none is left, and those whose pools changed."""
        while True:
            await self._desk.look_again(self.pool)
            async with self.pool.acquire() as connection:
                due = await connection.fetchrow(SQL["due"], self._desk.release)
            assert due is not None
            if due["cases"]:
                for model in self.service.models:
                    # First those that nobody holds; then wait for the others.
                    if not await self._sweep_once(model, "lock_due"):
                        await self._sweep_once(model, "wait_for_due")
            elif due["pools"]:
                await self._wake_waiting()
            else:
                return

    async def _sweep_once(self, model: CaseModel, query: str) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await store.rows(connection, query, [model.kind], self._desk.release, SWEEP_LIMIT)
            return await self._assess_rows(connection, model, rows)

    async def _wake_waiting(self) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            self._desk.pools_changed = False
            rows = await store.rows(connection, "waiting_cases")
            await self._assess_rows(connection, self.service.person, rows)

    async def _assess_rows(self, connection: Connection, model: CaseModel, rows: list[Row]) -> bool:
        day = await self._desk.read_clock(connection)
        if not rows or day is None:
            return False
        if model is self.service.person:
            batch = await self._desk.open(connection, rows, day)
        else:
            batch = Batch(self.service, self.policy, day)
            await self._desk.open_shared(connection, batch, rows)
        for row in rows:
            if row.subject in batch.files or row.subject in batch.shared:
                batch.assess(row.subject, day_cause(day))
        await self._desk.share(connection, batch, ())
        await self._desk.save(connection, batch)
        self._count(
            Tally(swept=len(rows), published=len(batch.publications), quarantined=len(batch.failures))
        )
        return True

    # -- repair ----------------------------------------------------------------------------------

    async def recheck(self, subject: str) -> str | None:
        """Join a case again from the journal and assess it; returns what is still wrong, if anything."""
        async with self.pool.acquire() as connection, connection.transaction():
            batch = await merging.recheck(self._desk, connection, subject)
            await self._desk.share(connection, batch, ())
            await self._desk.save(connection, batch)
            done = [s for s in (*batch.files, *batch.shared) if s not in batch.failures]
            await connection.execute(SQL["release_quarantine"], done)
        self._count(Tally(published=len(batch.publications), quarantined=len(batch.failures)))
        return "; ".join(store.describe(fault) for fault in batch.failures.values()) or None

    async def quarantined(self) -> list[str]:
        """The subjects of the cases in quarantine."""
        async with self.pool.acquire() as connection:
            return [row["subject"] for row in await connection.fetch(SQL["quarantined"])]

    def _count(self, tally: Tally) -> None:
        for name, value in vars(tally).items():
            setattr(self.tally, name, getattr(self.tally, name) + value)
