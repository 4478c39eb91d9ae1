"""A service at work: batches of messages, days, and repair, each in units of work of their own.

`handle` may be repeated at any point with the same messages: the journal makes every repeat a no-op.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.engine.days import next_day, why_refused
from shared.engine.intake import CLOCK, DeadLetter, Language, Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.planning import plan
from shared.engine.release import Release, release_digest
from shared.engine.service import CaseModel, Service
from shared.engine.storage import Storage
from shared.engine.unit_of_work import UnitOfWork
from shared.engine.working_set import describe
from shared.policy import Policy

log = logging.getLogger(__name__)

TRANSACTION_SIZE = 1_000
"""About how many facts a transaction takes, where a batch has more."""

SWEEP_SIZE = 1_000
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
    """One instance of a service on what holds its cases.

    `latest_day` says which day may have begun by now: a `DayStarted` beyond it waits. `inspect` gets, for
    each message of a batch, its dead letter if it is bad, before anything of it is committed; what it raises
    stops the batch.
    """

    def __init__(
        self,
        service: Service,
        language: Language,
        storage: Storage,
        *,
        policy: Policy | None = None,
        latest_day: Callable[[], date],
        inspect: Callable[[Sequence[DeadLetter | None]], None] | None = None,
        transaction_size: int = TRANSACTION_SIZE,
    ) -> None:
        self.service = service
        self.language = language
        self.storage = storage
        self.policy = policy or service.load_policy()
        self.release = Release(service, language, self.policy)
        self.tally = Tally()
        self._latest_day = latest_day
        self._inspect = inspect
        self._transaction_size = transaction_size

    async def start(self) -> None:
        """Make this release the newest, and assess the cases that an older one assessed last."""
        self.release.number = await self.storage.begin_release(release_digest(self.service, self.policy))

    # -- messages --------------------------------------------------------------------------------

    async def handle(self, messages: Sequence[Message]) -> None:
        """Take a batch of messages: facts first, then the clock. Repeatable at any point."""
        letters: list[DeadLetter] = []
        facts: list[Fact] = []
        others: list[Message] = []
        days: list[tuple[Message, date]] = []
        read = [take(message, self.service, self.language) for message in messages]
        if self._inspect is not None:
            self._inspect([taken if isinstance(taken, DeadLetter) else None for taken in read])
        for message, taken in zip(messages, read, strict=True):
            if isinstance(taken, Fact) and taken.type == CLOCK:
                days.append((message, taken.data.date))
                continue
            others.append(message)
            if isinstance(taken, Fact):
                facts.append(taken)
            elif isinstance(taken, DeadLetter):
                letters.append(taken)
            elif isinstance(taken, Skipped):
                self.tally.skipped += 1
        await self.take(facts, letters, others)
        for message, day in days:
            await self._announce(message, day)
            await self.begin_days()

    async def take(
        self, facts: Sequence[Fact], letters: Sequence[DeadLetter] = (), messages: Sequence[Message] = ()
    ) -> None:
        """Take facts in their order, with the messages from which they and the dead letters came.

        The offsets follow when all else is committed: should something not be, the batch comes again, and the
        journal knows the rest.
        """
        steps = plan(facts, self.service, self._transaction_size)
        last = steps.pop()[0] if steps and len(steps[-1]) == 1 else []
        pools_changed = False
        for step in steps:
            pools_changed |= await self._commit_at_once(step)
        if last or messages:
            pools_changed |= await self._commit(last, letters, messages)
        if pools_changed:
            await self.sweep()

    async def _commit_at_once(self, transactions: Sequence[Sequence[Fact]]) -> bool:
        """Commit several transactions that concern different people: one computes while others wait."""

        async def commit(facts: Sequence[Fact]) -> bool:
            for _ in transactions:
                try:
                    return await self._commit(facts)
                except asyncpg.DeadlockDetectedError:
                    pass  # two met at merged records; the other is through
            return await self._commit(facts)

        if len(transactions) == 1:
            return await self._commit(transactions[0])
        ends = await asyncio.gather(*map(commit, transactions), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return any(ends)

    async def _commit(
        self, facts: Sequence[Fact], letters: Sequence[DeadLetter] = (), messages: Sequence[Message] = ()
    ) -> bool:
        """One transaction; whether those who wait for pools must be woken."""
        unique = list({(f.source, f.id): f for f in reversed(facts)}.values())[::-1]
        tally = Tally(dead=len(letters))
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction)
            if unique:
                fresh = await unit.take(unique)
                await unit.save()
                tally.applied = len(fresh)
                tally.duplicates = len(facts) - len(fresh)
                if len(fresh) < len(unique):
                    repeated = [f for f in unique if (f.source, f.id) not in fresh]
                    tally.altered = await transaction.altered(repeated)
            if letters:
                await transaction.refuse(self.service.name, letters)
            if messages:
                await transaction.save_offsets(messages)
        if letters:
            first = letters[0].message
            where = f"{first.topic}/{first.partition}/{first.offset}"
            reasons = dict(Counter(letter.reason for letter in letters))
            log.warning("messages were refused", extra={"reasons": reasons, "first": where})
        return await self._committed(unit, tally)

    async def _committed(self, unit: UnitOfWork, tally: Tally) -> bool:
        """Count what was done; whether those who wait for pools must be woken.

        What a request saw was locked until the commit. What came into its pools meanwhile could neither be
        seen nor see that the case waits.
        """
        cases = unit.cases
        tally.published = len(cases.publications)
        tally.quarantined = len(cases.failures)
        for name, value in vars(tally).items():
            setattr(self.tally, name, getattr(self.tally, name) + value)
        pools = cases.pools_asked
        unseen = bool(pools) and await self.storage.note_unseen(sorted(pools), list(cases.entities))
        return unseen or bool(cases.changed_pools)

    # -- time ------------------------------------------------------------------------------------

    async def _announce(self, message: Message, day: date) -> None:
        """Keep a day until it begins. One that does not follow is also refused, the first time it comes."""
        latest = self._latest_day()
        async with self.storage.transaction() as transaction:
            announced = await transaction.announced_days()
            reached = await self.release.day_reached(transaction)  # later: a day may have begun in between
            refused = None
            if day not in announced and (reached is None or day > reached):
                await transaction.announce_day(day)
                refused = why_refused(day, reached, announced, latest)
                if refused:
                    letter = DeadLetter(message, "clock_refused", refused)
                    await transaction.refuse(self.service.name, [letter])
                    log.error("the clock was refused", extra={"explanation": refused})
                elif day > latest:
                    about = {"day": day.isoformat(), "london": latest.isoformat()}
                    log.error("a day was announced early: it waits until it begins in London", extra=about)
            await transaction.save_offsets([message])
        self.tally.dead += refused is not None

    async def begin_days(self) -> None:
        """Let the announced days begin whose time has come, one by one, and assess what is due on each."""
        begun = True
        while begun:
            begun = await self._begin_next_day()
            await self.sweep()

    async def _begin_next_day(self) -> bool:
        async with self.storage.transaction() as transaction:
            announced = await transaction.announced_days()
            reached = await self.release.day_reached(transaction)
            day = next_day(reached, announced, self._latest_day())
            if day is not None:
                await transaction.set_day(day)
        return day is not None

    async def sweep(self) -> None:
        """Assess every case whose day has come, until none is left, and those whose pools changed."""
        while True:
            cases, pools = await self.storage.due(self.release.number)
            if cases:
                for model in self.service.models:
                    # First those that nobody holds; then wait for the others.
                    if not await self._sweep_once(model, wait=False):
                        await self._sweep_once(model, wait=True)
            elif pools:
                await self._wake_waiting()
            else:
                return

    async def _sweep_once(self, model: CaseModel, *, wait: bool) -> bool:
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction)
            rows = await transaction.lock_due(model.kind, self.release.number, SWEEP_SIZE, wait=wait)
            if rows:
                await unit.assess(model, rows)
                await unit.save()
        await self._committed(unit, Tally(swept=len(rows)))
        return bool(rows)

    async def _wake_waiting(self) -> None:
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction)
            rows = await transaction.lock_waiting()
            await unit.assess(self.service.person, rows)
            await unit.save()
        await self._committed(unit, Tally(swept=len(rows)))

    # -- repair ----------------------------------------------------------------------------------

    async def recheck(self, subject: str) -> str | None:
        """Join a case again from the journal and assess it; returns what is still wrong, if anything."""
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction)
            await unit.recheck(subject)
            await unit.save()
        await self._committed(unit, Tally())
        return "; ".join(describe(fault) for fault in unit.cases.failures.values()) or None

    async def quarantined(self) -> list[str]:
        """The subjects of the cases in quarantine."""
        return list(await self.storage.quarantined())
