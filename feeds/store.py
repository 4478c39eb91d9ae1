"""Where the feeds keep what they were told; `postgres.py` keeps it in a database, `Memory` for a dry run."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from feeds.knowledge import HOLDER, IDENTITY, Standing
from feeds.message import Letter, Message
from feeds.publishing import Effective, Event, FactId, Kept, standing
from feeds.resolving import Wait
from feeds.statement import Identifier

WHOLE = "*"
"""The part under which the version of a statement about a whole record is kept."""


def digest(message: Message) -> bytes:
    """What tells a message that is sent again."""
    attributes = "\x1f".join(f"{name}={value}" for name, value in sorted(message.attributes.items()))
    return hashlib.sha256(attributes.encode() + b"\x1e" + message.body).digest()


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message: complete, or what it waits for and what could not be translated."""

    letters: Sequence[Letter]
    waits: Sequence[Wait]
    depends: Collection[str]
    subjects: Collection[str]


@dataclass(slots=True)
class Taken:
    """What became of a message that was taken."""

    number: int
    letters: list[Letter] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    needs: str | None = None
    """The address of the detail that must be fetched first, if so: nothing else has been done yet."""
    traceparent: str | None = None
    """The trace that the message belongs to, and so the events that follow from it."""


class Transaction(Protocol):
    """What a unit of work asks of the store. One runs at a time."""

    async def keep(self, feed: str, message: Message) -> int | None:
        """Keep a message and return its number; None if it is known already."""

    async def message(self, number: int) -> tuple[str, Message]:
        """A kept message, with its feed."""

    async def add_detail(self, number: int, message: Message) -> None:
        """Keep the detail that was fetched for a message."""

    async def settle(self, number: int, settled: Settled, now: datetime) -> None:
        """Note what became of a message."""

    async def depending_on(self, keys: Collection[str]) -> list[int]:
        """The numbers of the messages that looked one of these keys up."""

    async def people(
        self, identifiers: Collection[Identifier]
    ) -> tuple[dict[Identifier, set[str]], dict[Identifier, str]]:
        """Whom each identifier belongs to, and what people have decided of it."""

    async def facts(self, subjects: Collection[str]) -> dict[str, list[Standing]]:
        """The facts that hold of each person."""

    async def holders(self, sentences: Collection[str]) -> dict[str, str]:
        """Who holds sentences that were moved."""

    async def erased(self, subjects: Collection[str]) -> set[str]:
        """Those of the people who were erased."""

    async def version(self, feed: str, record: str, part: str | None) -> datetime | None:
        """When the last complete statement about a part of a record was made."""

    async def stated(self, feed: str, record: str) -> list[Kept]:
        """What a record states."""

    async def replace(self, feed: str, record: str, rows: Sequence[Kept]) -> None:
        """Replace what a record states."""

    async def set_version(self, feed: str, record: str, part: str | None, recorded: datetime) -> None:
        """Note that a complete statement was made."""

    async def rows(self, ids: Collection[FactId]) -> dict[FactId, list[Kept]]:
        """How each fact is stated, by all records."""

    async def effective(self, ids: Collection[FactId]) -> dict[FactId, Effective]:
        """How each fact held last."""

    async def publish(self, changed: Sequence[Effective], events: Sequence[Event]) -> None:
        """Note how facts hold now, and put the events into the outbox."""

    async def erase(self, subject: str) -> None:
        """Delete all that is held about a person, and keep the hash by which they are known again."""


class Store(Protocol):
    """Gives transactions."""

    def transaction(self) -> Any:
        """An asynchronous context manager with a `Transaction`; an exception undoes it."""


@dataclass
class _Kept:
    feed: str
    message: Message
    settled: Settled | None = None


class Memory:
    """Keeps everything in memory, for a dry run and for tests. What fails is not undone."""

    def __init__(self) -> None:
        self.messages: dict[int, _Kept] = {}
        self.events: list[Event] = []
        self._digests: set[tuple[str, bytes]] = set()
        self._records: dict[tuple[str, str], list[Kept]] = {}
        self._versions: dict[tuple[str, str, str], datetime] = {}
        self._effective: dict[FactId, Effective] = {}
        self._by_subject: dict[str, set[FactId]] = defaultdict(set)
        self._by_key: dict[tuple[str, str], set[FactId]] = defaultdict(set)
        self._stating: dict[FactId, dict[tuple[str, str], list[Kept]]] = defaultdict(dict)
        self._depending: dict[str, set[int]] = defaultdict(set)
        self._erased: set[str] = set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Memory]:
        """This store itself."""
        yield self

    async def keep(self, feed: str, message: Message) -> int | None:
        if (feed, digest(message)) in self._digests:
            return None
        self._digests.add((feed, digest(message)))
        number = len(self._digests)
        self.messages[number] = _Kept(feed, message)
        return number

    async def message(self, number: int) -> tuple[str, Message]:
        kept = self.messages[number]
        return kept.feed, kept.message

    async def add_detail(self, number: int, message: Message) -> None:
        self.messages[number].message = message

    async def settle(self, number: int, settled: Settled, now: datetime) -> None:  # noqa: ARG002
        old = self.messages[number].settled
        for key in old.depends if old else ():
            self._depending[key].discard(number)
        for key in settled.depends:
            self._depending[key].add(number)
        self.messages[number].settled = settled

    async def depending_on(self, keys: Collection[str]) -> list[int]:
        return sorted({number for key in keys for number in self._depending.get(key, ())})

    async def people(
        self, identifiers: Collection[Identifier]
    ) -> tuple[dict[Identifier, set[str]], dict[Identifier, str]]:
        known: dict[Identifier, set[str]] = {}
        decided: dict[Identifier, str] = {}
        for identifier in identifiers:
            for fact in self._holding(IDENTITY, identifier.key):
                known.setdefault(identifier, set()).add(fact.id.subject)
                if standing(fact).get("decided"):
                    decided[identifier] = fact.id.subject
        return known, decided

    async def facts(self, subjects: Collection[str]) -> dict[str, list[Standing]]:
        return {
            subject: [
                Standing(*id, standing(self._effective[id]))
                for id in sorted(self._by_subject.get(subject, ()))
                if self._effective[id].data is not None
            ]
            for subject in subjects
        }

    async def holders(self, sentences: Collection[str]) -> dict[str, str]:
        found = {sentence: self._holding(HOLDER, sentence) for sentence in sentences}
        latest = {s: max(facts, key=lambda fact: fact.recorded) for s, facts in found.items() if facts}
        return {sentence: fact.id.subject for sentence, fact in latest.items()}

    def _holding(self, type: str, key: str) -> list[Effective]:
        facts = [self._effective[id] for id in self._by_key.get((type, key), ())]
        return [fact for fact in facts if fact.data is not None]

    async def erased(self, subjects: Collection[str]) -> set[str]:
        return self._erased & set(subjects)

    async def version(self, feed: str, record: str, part: str | None) -> datetime | None:
        parts = {part or "", WHOLE}
        found = [at for (f, r, p), at in self._versions.items() if (f, r) == (feed, record) and p in parts]
        return max(found, default=None)

    async def stated(self, feed: str, record: str) -> list[Kept]:
        return list(self._records.get((feed, record), ()))

    async def replace(self, feed: str, record: str, rows: Sequence[Kept]) -> None:
        for old in self._records.get((feed, record), ()):
            self._stating[old.id].pop((feed, record), None)
        self._records[feed, record] = list(rows)
        for row in rows:
            self._stating[row.id].setdefault((feed, record), []).append(row)

    async def set_version(self, feed: str, record: str, part: str | None, recorded: datetime) -> None:
        self._versions[feed, record, WHOLE if part is None else part] = recorded

    async def rows(self, ids: Collection[FactId]) -> dict[FactId, list[Kept]]:
        return {id: [row for rows in self._stating[id].values() for row in rows] for id in ids}

    async def effective(self, ids: Collection[FactId]) -> dict[FactId, Effective]:
        return {id: self._effective[id] for id in ids if id in self._effective}

    async def publish(self, changed: Sequence[Effective], events: Sequence[Event]) -> None:
        for fact in changed:
            self._effective[fact.id] = fact
            self._by_subject[fact.id.subject].add(fact.id)
            self._by_key[fact.id.type, fact.id.key].add(fact.id)
        self.events += events

    def latest(self, taken: Sequence[Taken]) -> list[Taken]:
        """What became of messages in the end: what one waited for may have come after it."""
        found = []
        for one in taken:
            settled = self.messages[one.number].settled
            found.append(
                replace(one, letters=list(settled.letters), waits=list(settled.waits)) if settled else one
            )
        return found

    async def erase(self, subject: str) -> None:
        self._erased.add(subject)
        for place, rows in list(self._records.items()):
            if any(row.id.subject == subject for row in rows):
                await self.replace(*place, [row for row in rows if row.id.subject != subject])
        for id in self._by_subject.pop(subject, set()):
            self._effective.pop(id)
            self._by_key[id.type, id.key].discard(id)
        for kept in self.messages.values():
            if kept.settled is not None and subject in kept.settled.subjects and not kept.settled.waits:
                kept.message = replace(kept.message, body=b"", detail=None)
