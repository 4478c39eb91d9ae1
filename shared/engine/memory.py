"""A service's cases in memory, as `postgres` holds them in a database. Nobody else is there to wait for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

import msgspec

from shared.engine.assessment import Overview
from shared.engine.due import DueCases
from shared.engine.erasing import check_key, hash_of_key, hashed, hashes_to_keep, subjects_of
from shared.engine.intake import DeadLetter, Message, another_log
from shared.engine.joining import Fact
from shared.engine.journal import IN_MEMORY, Journal
from shared.engine.lost import Lost
from shared.engine.pools import Pools
from shared.engine.publication import Publication
from shared.engine.storage import Altered, Clock, Due, Entry, Place, Row, SavedCase, SavedMonth
from shared.engine.warning import MessageWarning


class Memory:
    """All that a service keeps; it is its own only transaction.

    What is asked of all cases is kept by its answer, so that no question takes longer the more cases there
    are. `journal` may be on disk: it alone grows with every fact.
    """

    def __init__(self, journal: str = IN_MEMORY) -> None:
        self.erasure_key: bytes | None = b"in memory only"
        self.announced: set[date] = set()
        self.release = 0
        self.rows: dict[str, Row] = {}
        self.overviews: dict[str, Overview] = {}
        self.parts: dict[str, dict[int, SavedMonth]] = {}
        self.sent: list[Publication] = []
        self.dead_letters: list[DeadLetter] = []
        self.warnings: list[MessageWarning] = []
        self.next_offsets: dict[Place, int] = {}
        self._digest = ""
        self._rules_since = 0
        self._notices: dict[str, str] = {}
        self._erased: set[bytes] = set()
        self._changed_pools: set[str] = set()
        self._journal = Journal(journal)
        self._due = DueCases(self.rows)
        self._offered = Pools()
        self._waiting = Pools()

    @property
    def day(self) -> date | None:
        """The day reached; None before the first."""
        return self._due.day

    @property
    def next_due(self) -> date | None:
        """The next day for which a case waits."""
        return self._due.next

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Memory]:
        """Nothing is rolled back: what fails here is no case's fault but the program's."""
        yield self

    async def begin_release(self, digest: str) -> int:
        """Make the release of that digest the newest, unless it is already; returns its number."""
        if digest != self._digest:
            self.release, self._digest = self.release + 1, digest
            self._rules_since = self.release
            self._due.begin_release(self.release)
        return self.release

    async def check_erasure_key(self) -> None:
        """Raise `ErasureKeyError` if the erased people would not be known again by the key."""
        known = hash_of_key(self.erasure_key) in self._erased
        check_key(self.erasure_key, used=bool(self._erased), known=known)

    async def due(self, release: int, last: Collection[str], kinds: Collection[str]) -> Due:
        """Is there anything to sweep: cases, changed pools?"""
        del release, last  # nobody else begins one
        return Due(None, None, kinds if self._due else (), bool(self._changed_pools))

    async def note_unseen(self, pools: Sequence[str], seen: Sequence[str]) -> bool:
        """Nothing offers itself while a transaction is under way: all was seen."""
        del pools, seen
        return False

    async def known_topics(self) -> dict[str, tuple[str, int]]:
        """None: what is in memory reads no topics."""
        return {}

    async def know_topics(self, topics: Mapping[str, tuple[str, int]]) -> None:
        """Nothing needs to be remembered."""

    async def last_read(self) -> dict[Place, tuple[int, bytes]]:
        """Nothing: what is in memory reads no log again."""
        return {}

    async def offsets(self) -> dict[Place, int]:
        """Where to read on, by topic, partition and incarnation."""
        return self.next_offsets

    async def quarantined(self) -> dict[str, str]:
        """Why each case in quarantine is there."""
        return {s: row.quarantined for s, row in sorted(self.rows.items()) if row.quarantined}

    # -- clock and cases -------------------------------------------------------------------------

    async def clock(self, people: Collection[str] = ()) -> Clock:
        """The day reached, the newest release, and who of these people was erased."""
        return Clock(
            self.day,
            self.release,
            digest=self._digest,
            rules_since=self._rules_since,
            notices=dict(self._notices),
            announced=self.announced,
            erased=await self.erased(people),
        )

    async def set_day(self, day: date) -> None:
        """Let a day begin."""
        self._due.begin(day)
        self.announced = {later for later in self.announced if later > day}

    async def announce_day(self, day: date) -> None:
        """Keep a day until it begins."""
        self.announced = {*self.announced, day}

    async def add_cases(self, kinds: Mapping[str, str]) -> None:
        """Make sure that each subject has a case."""
        for subject, kind in kinds.items():
            if subject not in self.rows:
                self.rows[subject] = Row(subject, kind, 0, 0, None, None, None, [], None, None)

    async def add_cases_of(self, facts: Sequence[tuple[Fact, str]]) -> None:
        """Make sure that the subject of each fact has a case, unless the fact is known already."""
        await self.add_cases(
            {
                fact.subject: kind
                for fact, kind in facts
                if fact.subject not in self.rows and not self._journal.knows(fact.source, fact.id)
            }
        )

    async def lock_cases(self, subjects: Collection[str]) -> list[Row]:
        """The cases of these subjects."""
        return [self.rows[subject] for subject in sorted(subjects) if subject in self.rows]

    async def lock_entities(self, subjects: Collection[str], pools: Collection[str]) -> list[Row]:
        """The entities of these names and those that offer themselves in these pools."""
        return await self.lock_cases({*subjects, *self._offered.of(pools)})

    async def lock_due(self, kind: str, release: int, limit: int, *, wait: bool) -> list[Row]:
        """Cases of a kind whose day has come, or that an older release assessed last."""
        del release, wait
        return self._due.of_kind(kind, limit)

    async def lock_waiting(self) -> list[Row]:
        """The people's cases that wait for a pool in which something changed."""
        changed, self._changed_pools = self._changed_pools, set()
        rows = await self.lock_cases(self._waiting.of(changed))
        return [row for row in rows if not row.quarantined]

    # -- the journal -----------------------------------------------------------------------------

    async def journal(self, entries: Sequence[Entry], day: date | None) -> set[tuple[str, str]]:
        """Add the facts that are new; returns their (source, id)."""
        del day
        return self._journal.add(entries)

    async def altered(self, facts: Sequence[Fact]) -> list[Altered]:
        """Those of these duplicates whose bytes differ from those of the fact that was journaled first."""
        return self._journal.altered(facts)

    async def journaled(self, subjects: Sequence[str]) -> list[bytes]:
        """All facts of these subjects, in the order joined."""
        return self._journal.of(subjects)

    async def months(
        self,
        wanted: Collection[tuple[str, int]],
        keys: Collection[tuple[str, str]],
        whole: Collection[str],
    ) -> list[tuple[str, int, bytes]]:
        """All months of these cases: here none is dear."""
        subjects = {*whole, *(subject for subject, _ in (*wanted, *keys))}
        return [
            (subject, month, saved.state)
            for subject in sorted(subjects)
            for month, saved in self.parts.get(subject, {}).items()
            if saved.state is not None
        ]

    # -- lost events: memory loses none ----------------------------------------------------------

    async def lost_events(self, subjects: Sequence[str]) -> list[Lost]:
        """None: memory never goes back."""
        del subjects
        return []

    async def take_over_later(self, subjects: Mapping[str, bool]) -> None:
        """Memory never has to catch up."""

    async def taken_over(self, service: str, subjects: Sequence[str]) -> None:
        """Nothing is lost."""

    # -- merges and claims -----------------------------------------------------------------------

    async def pools_offered(self, asked: Collection[str]) -> list[str] | None:
        """All pools in which entities offer themselves; None if they do in each of those asked for."""
        offered = self._offered.names
        return None if offered >= {*asked} else sorted(offered)

    async def merge_group(self, subjects: Sequence[str]) -> list[str]:
        """Everyone whom merges connect with these subjects."""
        merges = self._journal.merges()
        group = set(subjects)
        while more := {name for pair in merges if not group.isdisjoint(pair) for name in pair} - group:
            group |= more
        return sorted(group)

    async def erased(self, subjects: Collection[str]) -> set[str]:
        """Which of these people were erased."""
        key = self.erasure_key
        if key is None or not self._erased:
            return set()  # the common case
        return {subject for subject in subjects if hashed(key, subject) in self._erased}

    async def end_standing(self, service: str, ids: Sequence[str]) -> None:
        """There is no such topic in memory."""

    async def erase(self, subjects: Collection[str]) -> None:
        """Delete all that is held about these people, and keep a keyed hash of each."""
        self._erased.update(hashes_to_keep(self.erasure_key, subjects))
        for subject in subjects:
            self._offered.put(subject, ())
            self._waiting.put(subject, ())
            for of_subjects in (self.rows, self.overviews, self.parts):
                of_subjects.pop(subject, None)
            self._due.look(subject)
        self._journal.erase(subjects)
        self.sent = [publication for publication in self.sent if publication.subject not in subjects]
        self.dead_letters = [
            letter
            for letter in self.dead_letters
            if subjects_of(letter.message.key, letter.message.value, letter.message.headers).isdisjoint(
                subjects
            )
        ]
        self.warnings = [warning for warning in self.warnings if warning.about.subject not in subjects]

    async def set_merged(self, into: Mapping[str, str | None]) -> None:
        """Say into whose case each was merged."""
        for subject, root in into.items():
            self._change(subject, merged_into=root)

    async def claimants(self, kind: str, entity: str) -> list[bytes]:
        """The states of the cases of a kind."""
        del entity
        return [row.state for row in self.rows.values() if row.kind == kind and row.state is not None]

    # -- putting away ----------------------------------------------------------------------------

    async def save_cases(self, saved: Sequence[SavedCase], release: int) -> None:
        """Put away cases."""
        for case in saved:
            subject, before = case.subject, self.rows[case.subject]
            if case.overview is not None:
                self._offered.put(subject, case.overview.pools)
                self._waiting.put(subject, case.waiting or ())
                self.overviews[subject] = case.overview
            self.rows[subject] = Row(
                subject,
                before.kind,
                case.sequence,
                release,
                case.assessed_on,
                case.wake_on,
                before.merged_into,
                [*self._offered.by(subject)],
                before.quarantined,
                case.state,
            )
            self._due.look(subject)

    async def save_months(self, saved: Sequence[SavedMonth]) -> None:
        """Put away months, and drop those in which nothing is left."""
        for month in saved:
            months = self.parts.setdefault(month.subject, {})
            if month.state is None:
                months.pop(month.month, None)
            else:
                months[month.month] = month

    async def quarantine(self, faults: Mapping[str, str]) -> None:
        """Mark cases that could not be assessed, and why."""
        for subject, why in faults.items():
            self._change(subject, quarantined=why)

    async def release_quarantine(self, subjects: Collection[str]) -> None:
        """Cases that were assessed after all are no longer in quarantine."""
        for subject in subjects:
            self._change(subject, quarantined=None)

    def _change(self, subject: str, **changes: object) -> None:
        self.rows[subject] = msgspec.structs.replace(self.rows[subject], **changes)
        self._due.look(subject)

    async def give_notice(self, notices: Mapping[str, str]) -> int:
        """Keep what entities tell every case from now on; returns the release that this makes."""
        self._notices.update(notices)
        self.release += 1
        self._due.begin_release(self.release)
        return self.release

    async def note_pools(self, pools: Iterable[str]) -> None:
        """Remember pools in which something changed."""
        self._changed_pools.update(pools)

    # -- messages --------------------------------------------------------------------------------

    async def send(self, service: str, publications: Sequence[Publication]) -> None:
        """Keep events in order, until somebody takes them."""
        del service
        self.sent += publications

    async def refuse(self, service: str, letters: Sequence[DeadLetter]) -> None:
        """Keep refused messages."""
        del service
        self.dead_letters += letters

    async def warn(self, service: str, warnings: Sequence[MessageWarning]) -> None:
        """Keep warnings."""
        del service
        self.warnings += warnings

    async def save_offsets(self, messages: Sequence[Message]) -> None:
        """Remember where to read on."""
        for message in messages:
            self.next_offsets[message.topic, message.partition, message.incarnation] = message.offset + 1

    async def go_back(self, message: Message, offset: int) -> None:
        """Read the partition that this message came from again from this offset, as another log."""
        self.next_offsets[message.topic, message.partition, another_log(message.incarnation)] = offset
