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
from shared.engine.doubts import doubt_bodies, doubt_pools, doubt_values
from shared.engine.entries import gives_notice
from shared.engine.erasing import erases, letter_of, subjects_of
from shared.engine.intake import CLOCK, DeadLetter, Language, Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.kept_open import KeptOpen
from shared.engine.planning import plan
from shared.engine.release import Release, release_digest
from shared.engine.service import CaseModel, Service
from shared.engine.storage import Storage, Transaction
from shared.engine.unit_of_work import UnitOfWork
from shared.engine.warning import MessageWarning
from shared.engine.working_set import describe
from shared.policy import Policy

log = logging.getLogger(__name__)

TRANSACTION_SIZE = 1_000
"""About how many facts a transaction takes, where a batch has more."""

NO_ERASURE_KEY = "nobody can be erased without PROBATION_ERASURE_KEY: set it, then redrive this message"

CASES_OPEN = 2_000
"""How many cases are kept open from one transaction to the next: 0.04 to 0.12 MB each, after a year."""

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
    erased: int = 0
    """Facts refused because they are about erased people."""


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
        cases_open: int = CASES_OPEN,
    ) -> None:
        self.service = service
        self.language = language
        self.storage = storage
        self.policy = policy or service.load_policy()
        self.release = Release(service, language, self.policy)
        self.tally = Tally()
        self.warned: Counter[str] = Counter()
        """How many warnings there were since the start, by kind."""
        self._latest_day = latest_day
        self._inspect = inspect
        self._transaction_size = transaction_size
        self._kept = KeptOpen(cases_open)

    async def start(self) -> None:
        """Make this release the newest, and assess the cases that an older one assessed last."""
        await self.storage.check_erasure_key()
        self.release.digest = release_digest(self.service, self.policy)
        self.release.number = await self.storage.begin_release(self.release.digest)

    # -- messages --------------------------------------------------------------------------------

    async def handle(self, messages: Sequence[Message]) -> None:
        """Take a batch of messages: facts first, then the clock. Repeatable at any point."""
        letters: list[DeadLetter] = []
        warnings: list[MessageWarning] = []
        facts: list[Fact] = []
        others: list[Message] = []
        days: list[tuple[Message, date]] = []
        read = [self.read(message) for message in messages]
        if self._inspect is not None:
            self._inspect([taken if isinstance(taken, DeadLetter) else None for taken in read])
        for message, taken in zip(messages, read, strict=True):
            if isinstance(taken, Skipped):
                self.tally.skipped += 1
                warnings += taken.warnings
            elif isinstance(taken, DeadLetter):
                letters.append(taken)
            elif taken.type == CLOCK:
                days.append((message, taken.data.date))
                continue
            else:
                doubt_values(self.service, self.policy, taken)
                facts.append(taken)
            others.append(message)
        before = self.warned.copy()
        await self.take(facts, letters, others, warnings)
        if kinds := self.warned - before:
            log.warning("messages were taken with warnings", extra={"kinds": dict(kinds)})
        for message, day in days:
            if await self._announce(message, day):
                await self.begin_days()
            else:
                await self.sweep()

    def read(self, message: Message) -> Fact | DeadLetter | Skipped:
        """What is to become of a message, as far as that can be told without its case. Never raises."""
        taken = take(message, self.service, self.language)
        if isinstance(taken, Fact) and erases(self.service, taken) and self.storage.erasure_key is None:
            return DeadLetter(message, "no_erasure_key", NO_ERASURE_KEY)
        return taken

    async def take(
        self,
        facts: Sequence[Fact],
        letters: Sequence[DeadLetter] = (),
        messages: Sequence[Message] = (),
        warnings: Sequence[MessageWarning] = (),
    ) -> None:
        """Take facts in their order, with the messages from which they, dead letters and warnings came.

        The offsets follow when all else is committed: should something not be, the batch comes again, and the
        journal knows the rest.
        """
        steps = plan(facts, self.service, self._transaction_size)
        last = steps.pop()[0] if steps and len(steps[-1]) == 1 else []
        pools_changed = False
        refused: list[Fact] = []
        for step in steps:
            pools_changed |= await self._commit_at_once(step, refused)
            if gives_notice(self.service, step[0][0]):
                await self.sweep()  # what follows is told to cases that know of it
        if last or messages:
            pools_changed |= await self._commit(last, refused, letters, messages, warnings)
        if pools_changed:
            await self.sweep()

    async def _commit_at_once(self, transactions: Sequence[Sequence[Fact]], refused: list[Fact]) -> bool:
        """Commit several transactions that concern different people: one computes while others wait.

        `refused` is given the facts about erased people.
        """

        async def commit(facts: Sequence[Fact]) -> bool:
            for _ in transactions:
                try:
                    return await self._commit(facts, refused)
                except asyncpg.DeadlockDetectedError:
                    pass  # two met at merged records; the other is through
            return await self._commit(facts, refused)

        if len(transactions) == 1:
            return await self._commit(transactions[0], refused)
        ends = await asyncio.gather(*map(commit, transactions), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return any(ends)

    async def _commit(
        self,
        facts: Sequence[Fact],
        refused: list[Fact],
        letters: Sequence[DeadLetter] = (),
        messages: Sequence[Message] = (),
        warnings: Sequence[MessageWarning] = (),
    ) -> bool:
        """One transaction; whether those who wait for pools must be woken."""
        first = {(f.source, f.id): f for f in reversed(facts)}
        unique = list(first.values())[::-1]
        told = list(warnings)
        tally = Tally()
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction, self._kept)
            if unique:
                fresh = await unit.take(unique)
                await unit.save()
                tally.applied = len(fresh)
                tally.erased = len(unit.refused)
                tally.duplicates = len(facts) - len(fresh) - len(unit.refused)
                if len(fresh) < len(facts):
                    altered = await doubt_bodies(transaction, facts, first, fresh)
                    tally.altered = len(altered)
                    told += [warning for fact in altered for warning in fact.warnings]
                new = [f for f in unique if (f.source, f.id) in fresh]
                await doubt_pools(self.service, transaction, new)
                told += [warning for fact in new for warning in fact.warnings]
            letters = await _without_content(transaction, letters)
            letters += _letters_of([*refused, *unit.refused])
            tally.dead = len(letters)
            told = await _not_about_erased(transaction, told)
            if letters:
                await transaction.refuse(self.service.name, letters)
            if told:
                await transaction.warn(self.service.name, told)
            if messages:
                await transaction.save_offsets(messages)
        self.warned.update(warning.doubt.kind for warning in told)
        if letters:
            where = letters[0].message.origin.place
            reasons = dict(Counter(letter.reason for letter in letters))
            log.warning("messages were refused", extra={"reasons": reasons, "first": where})
        refused += unit.refused
        return await self._committed(unit, tally)

    async def _committed(self, unit: UnitOfWork, tally: Tally) -> bool:
        """Count what was done; whether those who wait for pools, or all, must be assessed.

        What a request saw was locked until the commit. What came into its pools meanwhile could neither be
        seen nor see that the case waits.
        """
        cases = unit.cases
        tally.published = len(cases.publications)
        tally.quarantined = len(cases.failures)
        for name, value in vars(tally).items():
            if value:
                setattr(self.tally, name, getattr(self.tally, name) + value)
        pools = cases.pools_asked
        self._kept.keep(cases)  # only now: a case that is put by says no more what it requests
        unseen = bool(pools) and await self.storage.note_unseen(sorted(pools), list(cases.entities))
        if unit.noticed is not None:
            self.release.number = max(unit.noticed, self.release.number)
        return unseen or bool(cases.changed_pools) or unit.noticed is not None

    async def read_again(self, letter: DeadLetter, offset: int) -> None:
        """Read the partition of a message again from this offset, and keep the letter that says why."""
        async with self.storage.transaction() as transaction:
            await transaction.refuse(self.service.name, [letter])
            await transaction.go_back(letter.message, offset)
        self.tally.dead += 1

    # -- time ------------------------------------------------------------------------------------

    async def _announce(self, message: Message, day: date) -> bool:
        """Let a day begin that follows, and keep another until it does; whether any day waits for that.

        One that does not follow is also refused, the first time it comes.
        """
        latest = self._latest_day()
        async with self.storage.transaction() as transaction:
            clock = await self.release.clock(transaction)
            reached, announced = clock.day, clock.announced
            refused = None
            begins = next_day(reached, {*announced, day}, latest) == day
            if begins:
                await transaction.set_day(day)
            elif day not in announced and (reached is None or day > reached):
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
        return not begins or not {day}.issuperset(announced)

    async def begin_days(self) -> None:
        """Assess what is due; let announced days begin whose time has come, one by one, and assess again."""
        await self.sweep()
        while await self._begin_next_day():
            await self.sweep()

    async def _begin_next_day(self) -> bool:
        async with self.storage.transaction() as transaction:
            clock = await self.release.clock(transaction)
            day = next_day(clock.day, clock.announced, self._latest_day())
            if day is not None:
                await transaction.set_day(day)
        return day is not None

    async def sweep(self) -> None:
        """Assess every case whose day has come, until none is left, and those whose pools changed.

        After the database went back, cases first take over what was published of them and lost.
        """
        self._kept.drop_unused()
        last = {subject for model in self.service.entities for subject in model.subjects}
        kinds = [model.kind for model in self.service.models]
        while True:
            lost, personal, cases, pools = await self.storage.due(self.release.number, last, kinds)
            if lost is not None:
                await self._take_over(lost, personal=bool(personal))
            elif cases:
                for model in (model for model in self.service.models if model.kind in cases):
                    # First those that nobody holds; then wait for the others.
                    if not await self._sweep_once(model, wait=False):
                        await self._sweep_once(model, wait=True)
            elif pools:
                await self._wake_waiting()
            else:
                return

    async def _sweep_once(self, model: CaseModel, *, wait: bool) -> bool:
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction, self._kept)
            rows = await transaction.lock_due(model.kind, self.release.number, SWEEP_SIZE, wait=wait)
            if rows:
                await unit.assess(model, rows)
                await unit.save()
        await self._committed(unit, Tally(swept=len(rows)))
        return bool(rows)

    async def _take_over(self, subject: str, *, personal: bool) -> None:
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction, self._kept)
            await unit.take_over(subject, personal=personal)
            await unit.save()
        await self._committed(unit, Tally())

    async def _wake_waiting(self) -> None:
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction, self._kept)
            rows = await transaction.lock_waiting()
            await unit.assess(self.service.person, rows)
            await unit.save()
        await self._committed(unit, Tally(swept=len(rows)))

    # -- repair ----------------------------------------------------------------------------------

    async def recheck(self, subject: str) -> str | None:
        """Join a case again from the journal and assess it; returns what is still wrong, if anything."""
        async with self.storage.transaction() as transaction:
            unit = UnitOfWork(self.release, transaction, self._kept)
            await unit.recheck(subject)
            await unit.save()
        if await self._committed(unit, Tally()):
            await self.sweep()
        return "; ".join(describe(fault) for fault in unit.cases.failures.values()) or None

    async def quarantined(self) -> list[str]:
        """The subjects of the cases in quarantine."""
        return list(await self.storage.quarantined())


async def _without_content(transaction: Transaction, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """The dead letters, those about erased people without what they said."""
    about = [subjects_of(m.key, m.value, m.headers) for m in (letter.message for letter in letters)]
    erased = await transaction.erased(set().union(*about)) if letters else set()
    return [
        letter if erased.isdisjoint(subjects) else letter_of(letter.message.origin)
        for letter, subjects in zip(letters, about, strict=True)
    ]


async def _not_about_erased(
    transaction: Transaction, warnings: Sequence[MessageWarning]
) -> list[MessageWarning]:
    """The warnings, without those about erased people."""
    about = {warning.about.subject for warning in warnings if warning.about.subject}
    erased = await transaction.erased(about) if about else set()
    return [warning for warning in warnings if warning.about.subject not in erased]


def _letters_of(refused: Sequence[Fact]) -> list[DeadLetter]:
    """The dead letters of facts about erased people.

    What services say of them is counted only: each learns of the erasure by itself.
    """
    return [letter_of(f.origin) for f in refused if f.origin and not f.source.startswith("/services/")]
