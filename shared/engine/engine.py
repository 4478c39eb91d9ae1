"""A service at work: batches of messages, days, and repair, each in a transaction of its own.

Order of locks, always: people in sorted order, then what is shared in sorted order. A deadlock is
still possible where a decision frees something that was not foreseen; PostgreSQL then ends one of
the two transactions, and `handle` is simply called again with the same messages: the journal makes
every repeat a no-op.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

from shared.engine import merging, store
from shared.engine.batch import Batch, day_cause
from shared.engine.intake import CLOCK, DeadLetter, Language, Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.publication import Cause
from shared.engine.queries import SQL
from shared.engine.release import release_digest
from shared.engine.service import CaseModel, Service
from shared.engine.store import Connection, Row
from shared.policy import Policy

log = logging.getLogger(__name__)

SWEEP_LIMIT = 1000
"""How many cases one transaction of a sweep takes."""


class Superseded(Exception):
    """A newer release of rules and policy is at work on this database; this one must stop."""


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
        self.policy = policy or Policy.load(service.policy, service.name)
        self.tally = Tally()
        self._latest_day = latest_day
        self._inspect = inspect
        self._release = 0
        self._known: set[str] = set()
        self._pools_changed = False
        self._waits: list[tuple[list[str], list[str]]] = []

    async def start(self) -> None:
        """Make this release the newest, and assess the cases that an older one assessed last."""
        async with self.pool.acquire() as connection:
            digest = release_digest(self.service, self.policy)
            self._release = await connection.fetchval(SQL["begin_release"], digest)

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
        await self._look_again()
        if self._pools_changed:
            await self.sweep()
        for message, fact in days:
            await self._begin_day(message, fact)

    async def _take_facts(
        self, facts: Iterable[Fact], letters: Sequence[DeadLetter], messages: Sequence[Message]
    ) -> None:
        """Take facts in their order; a merge of two people's records is a transaction of its own."""
        run: list[Fact] = []
        for fact in facts:
            if self._merges(fact):
                await self._transact(run, (), ())
                run = []
                await self._transact([fact], (), ())
            else:
                run.append(fact)
        await self._transact(run, letters, messages)

    def _merges(self, fact: Fact) -> bool:
        return fact.type == self.service.merged_by or (
            fact.type == "Withdrawn" and fact.data.withdrawn_type == self.service.merged_by
        )

    async def _transact(
        self, facts: Sequence[Fact], letters: Sequence[DeadLetter], messages: Sequence[Message]
    ) -> None:
        if not facts and not messages:
            return
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
            self._known.clear()  # the rows that it added are gone again
            raise
        tally.dead = len(letters)
        self._count(tally)

    async def _join(self, connection: Connection, facts: Sequence[Fact], tally: Tally) -> None:
        unique = list({(f.source, f.id): f for f in reversed(facts)}.values())[::-1]
        people = [f for f in unique if self._model(f) is self.service.person]
        things = [f for f in unique if self._model(f) is not self.service.person]
        if people and self._merges(people[0]):
            batch, fresh = await merging.merge(self, connection, people[0])
        else:
            batch, fresh = await self._join_people(connection, people)
        fresh |= await self._share(connection, batch, things)
        await self._save(connection, batch)
        repeated = [f for f in unique if (f.source, f.id) not in fresh]
        if repeated:
            tally.altered = await store.altered(connection, repeated)
        tally.applied = len(fresh)
        tally.duplicates = len(facts) - len(fresh)
        tally.published = len(batch.publications)
        tally.quarantined = len(batch.failures)

    def _model(self, fact: Fact) -> CaseModel:
        kind = fact.data.withdrawn_type if fact.type == "Withdrawn" else fact.type
        model = self.service.model_of(kind)
        assert model is not None
        return model

    # -- people ----------------------------------------------------------------------------------

    async def _join_people(
        self, connection: Connection, facts: Sequence[Fact]
    ) -> tuple[Batch, set[tuple[str, str]]]:
        person = self.service.person
        await self.add_cases(connection, {f.subject: person.kind for f in facts})
        rows = await self._lock_people(connection, {f.subject for f in facts})
        day = await self.read_clock(connection)
        fresh = await store.journal(connection, self.service, facts, day) if facts else set()
        new = [f for f in facts if (f.source, f.id) in fresh]
        into = {row.subject: row.merged_into or row.subject for row in rows}
        wanted = {into[f.subject] for f in new}
        batch = await self._open(connection, [r for r in rows if r.subject in wanted], day, new, into)
        for fact in new:
            if into[fact.subject] in batch.files:
                batch.join(fact, into[fact.subject])
        return batch, fresh

    async def add_cases(self, connection: Connection, kinds: dict[str, str]) -> None:
        """Make sure that each subject has a row to lock."""
        unknown = {s: kind for s, kind in kinds.items() if s not in self._known}
        if unknown:
            await connection.execute(SQL["add_cases"], list(unknown), list(unknown.values()))
            self._known.update(unknown)

    async def _lock_people(self, connection: Connection, subjects: set[str]) -> list[Row]:
        rows = await store.rows(connection, "lock_cases", list(subjects)) if subjects else []
        into = {row.merged_into for row in rows if row.merged_into} - {row.subject for row in rows}
        if into:
            rows += await store.rows(connection, "lock_cases", list(into))
        return rows

    async def read_clock(self, connection: Connection) -> date | None:
        """The day reached. Raises `Superseded` if a newer release is at work."""
        row = await connection.fetchrow(SQL["clock"])
        assert row is not None
        if row["release"] > self._release:
            raise Superseded(f"release {row['release']} of rules and policy is newer than {self._release}")
        day: date | None = row["day"]
        return day

    async def _open(
        self,
        connection: Connection,
        rows: Sequence[Row],
        day: date | None,
        facts: Sequence[Fact] = (),
        into: dict[str, str] | None = None,
    ) -> Batch:
        """Open the cases of these rows with the months that facts and time will touch."""
        into = into or {}
        batch = Batch(self.service, self.policy, day)
        whole: set[str] = set()
        wanted: list[tuple[str, int]] = []
        lost: list[Row] = []
        for row in rows:
            if row.quarantined:
                continue
            if row.kind != self.service.person.kind:
                log.error("a person has the name of a shared thing", extra={"subject": row.subject})
                continue
            file = store.open_case(self.service.person, row)
            if file is None:
                lost.append(row)
                continue
            batch.files[row.subject] = file
            if row.release != self._release or row.assessed_on is None or self.service.decide is not None:
                # A decision is a fact of the case's own registers: all months are assessed after it.
                whole.add(row.subject)
            elif day is not None:
                wanted += [(row.subject, month) for month in file.months_due(day)]
        if self.service.person.months is not None:
            things = []
            for fact in facts:
                month = store.journal_month(self.service, fact)
                if month is None:
                    whole.add(into[fact.subject])
                else:
                    wanted.append((into[fact.subject], month))
                    things.append((into[fact.subject], store.journal_key(self.service, fact)))
            for subject, month, state in await store.load_months(connection, wanted, things, whole):
                if subject in batch.files:
                    batch.files[subject].open_month(month, state)
        for row in lost:
            try:
                batch.files[row.subject] = await merging.rejoin(self, connection, row)
            except Exception as fault:
                batch.failures[row.subject] = fault
        for row in rows:
            if row.subject in batch.files and row.release != self._release and row.assessed_on and day:
                batch.assess(row.subject, self.release_cause(day), "policy", whole=True)
        return batch

    def release_cause(self, day: date) -> Cause:
        """The cause of what follows from a change of rules or policy alone."""
        return Cause(f"release-{self._release}", day_cause(day).at, f"release-{self._release}")

    # -- what is shared --------------------------------------------------------------------------

    async def _share(
        self, connection: Connection, batch: Batch, facts: Sequence[Fact]
    ) -> set[tuple[str, str]]:
        """Join facts about shared things, tell them what is claimed of them, and decide wishes."""
        fresh: set[tuple[str, str]] = set()
        pools = {pool for _, wish in batch.wishes for pool in wish.pools}
        things = batch.things_claimed | {f.subject for f in facts}
        if not things and not pools:
            return fresh
        await self.add_cases(connection, {f.subject: self._model(f).kind for f in facts})
        rows = await store.rows(connection, "lock_shared", list(things), list(pools))
        await self._open_shared(connection, batch, rows)
        if facts:
            fresh = await store.journal(connection, self.service, facts, batch.day)
        for fact in facts:
            if (fact.source, fact.id) in fresh and fact.subject in batch.shared:
                batch.join(fact)
        batch.settle()
        batch.decide()
        if batch.things_claimed:
            more = await store.rows(connection, "lock_shared", list(batch.things_claimed), [])
            await self._open_shared(connection, batch, more)
            batch.settle()
        if batch.decisions:
            await store.journal(connection, self.service, batch.decisions, batch.day)
        return fresh

    async def _open_shared(self, connection: Connection, batch: Batch, rows: Sequence[Row]) -> None:
        models = {model.kind: model for model in self.service.shared}
        for row in rows:
            if row.kind not in models or row.quarantined or row.subject in batch.shared:
                continue
            file = store.open_case(models[row.kind], row)
            try:
                batch.shared[row.subject] = file or await merging.rejoin(self, connection, row)
            except Exception as fault:
                batch.failures[row.subject] = fault

    async def _save(self, connection: Connection, batch: Batch) -> None:
        if batch.files or batch.shared:
            await store.save_cases(connection, batch, self._release)
            await store.save_months(connection, batch)
        if batch.failures:
            await store.quarantine(connection, batch.failures)
            for subject, fault in batch.failures.items():
                log.error(
                    "a case was quarantined", extra={"subject": subject, "fault": store.describe(fault)}
                )
        if batch.changed_pools:
            await connection.execute(SQL["note_pools"], sorted(batch.changed_pools))
            self._pools_changed = True
        if batch.publications:
            await store.send(connection, self.service, batch.publications)
        if batch.wishes:
            pools = {pool for _, wish in batch.wishes for pool in wish.pools}
            self._waits.append((sorted(pools), list(batch.shared)))

    async def _look_again(self) -> None:
        """Was something offered to a wish while its transaction could not see it, nor be seen to wait?

        What it saw was locked until the commit: only what came into its pools meanwhile could miss it.
        """
        waits, self._waits = self._waits, []
        for pools, seen in waits:
            async with self.pool.acquire() as connection:
                if await connection.fetch(SQL["note_unseen"], pools, seen):
                    self._pools_changed = True

    # -- time ------------------------------------------------------------------------------------

    async def _begin_day(self, message: Message, fact: Fact) -> None:
        day: date = fact.data.date
        async with self.pool.acquire() as connection, connection.transaction():
            reached = await self.read_clock(connection)
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
            await self._look_again()
            async with self.pool.acquire() as connection:
                due = await connection.fetchrow(SQL["due"], self._release)
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
            rows = await store.rows(connection, query, [model.kind], self._release, SWEEP_LIMIT)
            return await self._assess_rows(connection, model, rows)

    async def _wake_waiting(self) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            self._pools_changed = False
            rows = await store.rows(connection, "waiting_cases")
            await self._assess_rows(connection, self.service.person, rows)

    async def _assess_rows(self, connection: Connection, model: CaseModel, rows: list[Row]) -> bool:
        day = await self.read_clock(connection)
        if not rows or day is None:
            return False
        if model is self.service.person:
            batch = await self._open(connection, rows, day)
        else:
            batch = Batch(self.service, self.policy, day)
            await self._open_shared(connection, batch, rows)
        for row in rows:
            if row.subject in batch.files or row.subject in batch.shared:
                batch.assess(row.subject, day_cause(day))
        await self._share(connection, batch, ())
        await self._save(connection, batch)
        self._count(
            Tally(swept=len(rows), published=len(batch.publications), quarantined=len(batch.failures))
        )
        return True

    # -- repair ----------------------------------------------------------------------------------

    async def recheck(self, subject: str) -> str | None:
        """Join a case again from the journal and assess it; returns what is still wrong, if anything."""
        async with self.pool.acquire() as connection, connection.transaction():
            batch = await merging.recheck(self, connection, subject)
            await self._share(connection, batch, ())
            await self._save(connection, batch)
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
