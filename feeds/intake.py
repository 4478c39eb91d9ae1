"""Takes a message: keeps it, translates it, and publishes what it changes, all in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.adapters import Adapter, Join
from feeds.knowledge import INTERNAL, Knowledge
from feeds.message import Letter, Message, Untranslatable
from feeds.publishing import Effective, FactId, effective, event, said, voided_at
from feeds.resolving import keys_of, people_of, resolve
from feeds.statement import Identifier, Statement
from feeds.store import Settled, Store, Taken, Transaction
from shared.tracing import valid

log = logging.getLogger(__name__)

MOST_ROUNDS = 20
"""How often what changed may cause other messages to be read again. Each round needs a new fact."""

AHEAD = timedelta(days=1)
"""How far ahead of its receipt a message may say that it was recorded: our services refuse more."""

_ERASES = "PersonErased"
_FROM_THE_FUTURE = Untranslatable(
    "the time of recording",
    "is more than a day after the message came",
    "correct the source's clock and send it again",
)
_FAULT = Letter(
    "the message", "the feed's translation failed on it", "report it: the message is kept and is tried again"
)


class Intake:
    """Takes the messages of all feeds. `adapters` are known by the names of their feeds."""

    def __init__(self, store: Store, adapters: Mapping[str, Adapter], joins: Mapping[str, Join]) -> None:
        self._store = store
        self._adapters = adapters
        self._joins = joins

    async def take(self, feed: str, message: Message, now: datetime) -> Taken | None:
        """Take a message that came; None if it is known already."""
        async with self._store.transaction() as transaction:
            number = await transaction.keep(feed, message)
            if number is None:
                return None
            if (url := self.needs(feed, message)) is not None:
                return Taken(number, needs=url)
            return await _Work(transaction, self._adapters, self._joins, now).read(number)

    def needs(self, feed: str, message: Message) -> str | None:
        """The address of the detail that a message still needs; None if it needs none."""
        if message.detail is not None:
            return None
        try:
            return self._adapters[feed].detail(message)
        except Untranslatable:
            return None  # `read` says what is wrong with it

    async def again(self, numbers: Collection[int], now: datetime) -> list[Taken]:
        """Read kept messages again, for example with new tables."""
        taken = []
        for number in numbers:
            async with self._store.transaction() as transaction:
                taken.append(await _Work(transaction, self._adapters, self._joins, now).read(number))
        return taken

    async def add_detail(self, number: int, message: Message, now: datetime) -> Taken:
        """Go on with a message whose detail was fetched meanwhile."""
        async with self._store.transaction() as transaction:
            await transaction.add_detail(number, message)
            return await _Work(transaction, self._adapters, self._joins, now).read(number)

    async def refuse(self, number: int, letter: Letter, now: datetime) -> Taken:
        """Make a dead letter of a kept message."""
        async with self._store.transaction() as transaction:
            await transaction.settle(number, Settled([letter], (), (), ()), now)
        return Taken(number, [letter])

    async def state(self, feed: str, statement: Statement, now: datetime) -> None:
        """Take a statement that no message made: what a person decided."""
        async with self._store.transaction() as transaction:
            work = _Work(transaction, self._adapters, self._joins, now)
            changed = await work.state(feed, statement, Taken(0), set(), set())
            await work.follow(changed)


class _Work:
    """One transaction."""

    def __init__(
        self,
        transaction: Transaction,
        adapters: Mapping[str, Adapter],
        joins: Mapping[str, Join],
        now: datetime,
    ) -> None:
        self._transaction = transaction
        self._adapters = adapters
        self._joins = joins
        self._now = now

    async def read(self, number: int) -> Taken:
        """Read a message, then the others that looked up what it changed."""
        taken, changed = await self._read(number)
        await self.follow(changed)
        return taken

    async def follow(self, changed: set[str]) -> None:
        """Read again what depends on these keys, the same message too, and so on."""
        for _ in range(MOST_ROUNDS):
            numbers = await self._transaction.depending_on(changed)
            changed = set()
            for number in numbers:
                changed |= (await self._read(number))[1]
            if not changed:
                return
        log.error("messages change each other without end", extra={"rounds": MOST_ROUNDS})

    async def _read(self, number: int) -> tuple[Taken, set[str]]:
        feed, message = await self._transaction.message(number)
        taken = Taken(number, traceparent=valid(message.attributes.get("traceparent")))
        depends: set[str] = set()
        subjects: set[str] = set()
        changed: set[str] = set()
        for statement in self._statements(feed, message, taken):
            changed |= await self.state(feed, statement, taken, depends, subjects)
        settled = Settled(taken.letters, taken.waits, depends, subjects)
        await self._transaction.settle(number, settled, self._now)
        return taken, changed

    def _statements(self, feed: str, message: Message, taken: Taken) -> list[Statement]:
        """What the message states; nothing if it cannot be read."""
        try:
            statements = self._adapters[feed].read(message)
            if any(statement.recorded > message.received + AHEAD for statement in statements):
                raise _FROM_THE_FUTURE
            return statements
        except Untranslatable as fault:
            taken.letters.append(fault.letter)
        except Exception as fault:  # a fault of ours must not hold up the messages that follow
            log.exception("a message could not be translated", extra={"feed": feed, "number": taken.number})
            taken.letters.append(replace(_FAULT, code=type(fault).__name__))
        return []

    async def state(
        self, feed: str, statement: Statement, taken: Taken, depends: set[str], subjects: set[str]
    ) -> set[str]:
        """Publish what a statement changes; returns the keys of what changed."""
        transaction = self._transaction
        version = await transaction.version(feed, statement.record, statement.part)
        if version is not None and statement.recorded < version:
            return set()
        knowledge = await self._knowledge(statement)
        resolved = resolve(statement, knowledge)
        people = people_of(statement, knowledge) | {one.subject for one in resolved.stated}
        erased = await transaction.erased(people)
        resolved.stated = [one for one in resolved.stated if one.subject not in erased]
        taken.letters += resolved.letters
        taken.waits += resolved.waits
        depends |= resolved.depends
        subjects |= people
        before = await transaction.stated(feed, statement.record)
        now = said(statement, resolved, before)
        await transaction.replace(feed, statement.record, now)
        if statement.complete:
            await transaction.set_version(feed, statement.record, statement.part, statement.recorded)
        changes = await self._changes({row.id for row in [*before, *now]}, statement.recorded)
        published = [change for change in changes if change.id.type not in INTERNAL]
        await transaction.publish(changes, [event(change, feed, taken.traceparent) for change in published])
        for change in published:
            if change.id.type == _ERASES and change.data is not None:
                await transaction.erase(change.id.subject)
        for type, join in self._joins.items():
            for subject in sorted({change.id.subject for change in changes if change.id.type == type}):
                whole = await self._joined(type, join, subject, statement.recorded)
                await self.state(join.feed, whole, taken, depends, subjects)
        return {
            key for change in changes for key in keys_of(change.id.type, change.id.subject, change.id.key)
        }

    async def _joined(self, type: str, join: Join, subject: str, recorded: datetime) -> Statement:
        """What follows from all parts that hold, also if the one that changed was recorded earlier."""
        facts = (await self._transaction.facts([subject]))[subject]
        whole = join.statement(subject, [fact.data for fact in facts if fact.type == type], recorded)
        version = await self._transaction.version(join.feed, whole.record, whole.part)
        return whole if version is None else replace(whole, recorded=max(recorded, version))

    async def _changes(self, ids: set[FactId], recorded: datetime) -> list[Effective]:
        rows = await self._transaction.rows(ids)
        before = await self._transaction.effective(ids)
        found = []
        for id in sorted(ids):
            change = effective(id, rows.get(id, ()), before.get(id))
            if change is not None:
                found.append(voided_at(change, recorded) if change.data is None else change)
        return sorted(found, key=lambda change: change.data is not None)  # first what is voided

    async def _knowledge(self, statement: Statement) -> Knowledge:
        transaction = self._transaction
        identifiers: set[Identifier] = {one for about in statement.about for one in about.person}
        known, decided = await transaction.people(identifiers)
        subjects = people_of(statement, Knowledge(known, decided))
        facts = await transaction.facts(subjects)
        sentences: set[str] = set()
        for fact in (fact for about in statement.about for fact in about.facts):
            named = (fact.sentence.value if fact.sentence else None, fact.data.get("sentence_id"))
            sentences |= {sentence for sentence in named if sentence}
        for standing in (one for ones in facts.values() for one in ones):
            sentences |= {value for name in ("id", "sentence_id") if (value := standing.data.get(name))}
        holders = await transaction.holders(sentences)
        facts |= await transaction.facts(set(holders.values()) - subjects)
        return Knowledge(known, decided, facts, holders)
