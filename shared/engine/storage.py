"""What a unit of work asks of what holds a service's cases: PostgreSQL (`postgres`) or memory (`memory`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import NamedTuple, Protocol

import msgspec

from shared.engine.assessment import Overview
from shared.engine.intake import DeadLetter, Message
from shared.engine.joining import Fact
from shared.engine.lost import Lost
from shared.engine.publication import Publication
from shared.engine.warning import MessageWarning

Place = tuple[str, int, str]
"""A partition of a topic: its name in the catalogue, the partition's number, the topic's incarnation."""


class Row(msgspec.Struct, frozen=True):
    """A case as it is held, locked."""

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


class Clock(NamedTuple):
    """The day reached (None before the first), and the newest release.

    A release is what makes it necessary to assess every case again: other rules or another policy (`digest`,
    at work since the release `rules_since`), or other notices of entities (`notices`, by subject).
    `behind`: the database went back, and the service has not yet caught up with what it read and published.
    `announced`: the days that were announced and have not begun. `erased`: who of those asked for was erased.
    """

    day: date | None
    release: int
    behind: bool = False
    digest: str = ""
    rules_since: int = 0
    notices: Mapping[str, str] = {}
    announced: Collection[date] = ()
    erased: Set[str] = frozenset()


class Due(NamedTuple):
    """What there is to sweep: a case with lost events to take over (a person's?), kinds of cases, pools."""

    lost: str | None
    personal: bool | None
    cases: Collection[str]
    pools: bool


class Entry(NamedTuple):
    """A fact as it goes to the journal.

    `key` says what the fact is about: facts of one register, or of registers that identify the same, share
    it. `month` is that of its own date, if it is kept by month and can be read.
    """

    fact: Fact
    key: str
    month: int | None


class Altered(NamedTuple):
    """A fact whose id was known, and the body and place of the fact that came first with it."""

    fact: Fact
    body: bytes
    place: str | None


class SavedCase(NamedTuple):
    """A case to be put away, with the pools that it waits for; no `overview` if only months were assessed."""

    subject: str
    sequence: int
    assessed_on: date | None
    wake_on: date | None
    state: bytes
    overview: Overview | None
    waiting: list[str] | None


class SavedMonth(NamedTuple):
    """A month to be put away; `state` is None if nothing is left in it, `shown` JSON or empty."""

    subject: str
    month: int
    state: bytes | None
    shown: bytes


class Transaction(Protocol):
    """One transaction. All cases that it gives out are locked until its end; keys and subjects are sorted."""

    async def clock(self, people: Collection[str] = ()) -> Clock:
        """The day reached, the newest release, and who of these people was erased.

        Read it after locking cases: a sweep may come between, and whoever erases locks them too.
        """

    async def set_day(self, day: date) -> None:
        """Let the day after the one reached begin; what was announced up to it waits no longer."""

    async def announce_day(self, day: date) -> None:
        """Keep a day that was announced until it begins."""

    async def add_cases(self, kinds: Mapping[str, str]) -> None:
        """Make sure that each subject has a case, of its kind."""

    async def add_cases_of(self, facts: Sequence[tuple[Fact, str]]) -> None:
        """Make sure that the subject of each fact has a case, of that kind, unless the fact is known already.

        What comes again under another name makes no case there.
        """

    async def lock_cases(self, subjects: Collection[str]) -> list[Row]:
        """The cases of these subjects."""

    async def lock_entities(self, subjects: Collection[str], pools: Collection[str]) -> list[Row]:
        """The entities of these names and those that offer themselves in these pools."""

    async def lock_due(self, kind: str, release: int, limit: int, *, wait: bool) -> list[Row]:
        """Cases of a kind whose day has come, or that an older release assessed last.

        Passes over those that others hold, unless it is to `wait` for them.
        """

    async def lock_waiting(self) -> list[Row]:
        """The people's cases that wait for a pool in which something changed; forgets those pools."""

    async def journal(self, entries: Sequence[Entry], day: date | None) -> set[tuple[str, str]]:
        """Add the facts that are new; returns their (source, id). The only deduplication there is.

        Facts of one subject get their numbers in the order given, since the subject's case is locked.
        """

    async def altered(self, facts: Sequence[Fact]) -> list[Altered]:
        """Those of these duplicates whose bytes differ from those of the fact that was journaled first."""

    async def journaled(self, subjects: Sequence[str]) -> list[bytes]:
        """All facts of these subjects, in the order joined."""

    async def months(
        self,
        wanted: Collection[tuple[str, int]],
        keys: Collection[tuple[str, str]],
        whole: Collection[str],
    ) -> list[tuple[str, int, bytes]]:
        """Months of cases: (subject, month) and their neighbours, those in which a key is known, or all.

        `keys` are (subject, journal key): a correction may have moved its facts to another month.
        """

    async def pools_offered(self, asked: Collection[str]) -> list[str] | None:
        """All pools in which entities offer themselves; None if they do in each of those asked for."""

    async def lost_events(self, subjects: Sequence[str]) -> list[Lost]:
        """What was published of these subjects, but lost by this database: by subject, in order."""

    async def take_over_later(self, subjects: Mapping[str, bool]) -> None:
        """Have these cases joined again when the service has caught up, as those with lost events are.

        Each with whether it is a person's.
        """

    async def taken_over(self, service: str, subjects: Sequence[str]) -> None:
        """Forget the lost events of these subjects, which their cases have taken over.

        What they change of the events that stand is published again.
        """

    async def merge_group(self, subjects: Sequence[str]) -> list[str]:
        """Everyone whom merges connect with these subjects, directly or through others."""

    async def erased(self, subjects: Collection[str]) -> set[str]:
        """Which of these people were erased. Ask after locking their cases: whoever erases locks them too."""

    async def end_standing(self, service: str, ids: Sequence[str]) -> None:
        """Publish on the topic of what stands that these events stand no more, without a word."""

    async def erase(self, subjects: Collection[str]) -> None:
        """Delete all that is held about these people, and keep a keyed hash of each."""

    async def set_merged(self, into: Mapping[str, str | None]) -> None:
        """Say into whose case each was merged (None: into nobody's)."""

    async def claimants(self, kind: str, entity: str) -> list[bytes]:
        """The states of the cases of a kind that may claim something of an entity."""

    async def save_cases(self, saved: Sequence[SavedCase], release: int) -> None:
        """Put away cases."""

    async def save_months(self, saved: Sequence[SavedMonth]) -> None:
        """Put away months, and drop those in which nothing is left."""

    async def quarantine(self, faults: Mapping[str, str]) -> None:
        """Mark cases that could not be assessed, and why."""

    async def release_quarantine(self, subjects: Collection[str]) -> None:
        """Cases that were assessed after all are no longer in quarantine."""

    async def give_notice(self, notices: Mapping[str, str]) -> int:
        """Keep what entities tell every case from now on; returns the release that this makes."""

    async def note_pools(self, pools: Iterable[str]) -> None:
        """Remember pools in which something changed, until those who wait for them are woken."""

    async def send(self, service: str, publications: Sequence[Publication]) -> None:
        """Put events of a service into the outbox, in order."""

    async def refuse(self, service: str, letters: Sequence[DeadLetter]) -> None:
        """Keep refused messages, and publish each once, as it came, to the service's dead-letter topic."""

    async def warn(self, service: str, warnings: Sequence[MessageWarning]) -> None:
        """Keep warnings, and publish each once to the service's warning topic."""

    async def save_offsets(self, messages: Sequence[Message]) -> None:
        """Remember where to read on, for each partition that these messages came from."""

    async def go_back(self, message: Message, offset: int) -> None:
        """Read the partition that this message came from again from this offset, as another log."""


class Storage(Protocol):
    """Holds a service's cases. Without an `erasure_key` nobody can be erased."""

    erasure_key: bytes | None

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction: all of it or nothing."""

    async def begin_release(self, digest: str) -> int:
        """Make the release of that digest the newest, unless it is already; returns its number."""

    async def check_erasure_key(self) -> None:
        """Raise `ErasureKeyError` if the erased people would not be known again by the key."""

    async def due(self, release: int, last: Collection[str], kinds: Collection[str]) -> Due:
        """Is there anything to sweep: cases of these kinds that are due or of an older release, pools?"""

    async def note_unseen(self, pools: Sequence[str], seen: Sequence[str]) -> bool:
        """Did anything else offer itself in these pools than what was seen there? Then they have changed."""

    async def offsets(self) -> dict[Place, int]:
        """Where to read on, by topic, partition and incarnation."""

    async def known_topics(self) -> dict[str, tuple[str, int]]:
        """The incarnation and the number of partitions of each topic (full name) when it was read first."""

    async def know_topics(self, topics: Mapping[str, tuple[str, int]]) -> None:
        """Remember these topics (full names)."""

    async def last_read(self) -> dict[Place, tuple[int, bytes]]:
        """The offset and the digest of the last message read of each partition."""

    async def quarantined(self) -> dict[str, str]:
        """Why each case in quarantine is there, by subject."""
