"""One transaction on a service's tables: cases, journal, outbox and offsets. The SQL is in `queries.sql`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

import msgspec

from shared.engine.connections import Connection, Connections, places
from shared.engine.erasing import hashed, hashes_to_keep
from shared.engine.intake import DeadLetter, Message, another_log, digest
from shared.engine.joining import Fact
from shared.engine.lost import Lost
from shared.engine.outbox import (
    NO_HEADERS,
    dead_headers,
    outbox_rows,
    standing,
    stands_no_more,
    warning_headers,
)
from shared.engine.publication import Publication
from shared.engine.queries import SQL
from shared.engine.storage import Altered, Clock, Entry, Place, Row, SavedCase, SavedMonth
from shared.engine.warning import MessageWarning

SEPARATOR = "\x1f"


class PostgresTransaction:
    """One transaction; see `storage.Transaction`. A method takes one statement, or two, whatever its size."""

    def __init__(self, connection: Connection, connections: Connections, erasure_key: bytes | None) -> None:
        self._connection = connection
        self._connections = connections
        self._erasure_key = erasure_key
        self.offsets: dict[Place, int] = {}
        """The offsets that it stores."""

    async def _rows(self, query: str, *arguments: object) -> list[Row]:
        return [Row(*row) for row in await self._connection.fetch(SQL[query], *arguments)]

    # -- clock and cases -------------------------------------------------------------------------

    async def clock(self, people: Collection[str] = ()) -> Clock:
        """The day reached, the newest release, and who of these people was erased."""
        named = hashes(self._erasure_key, people)
        row = await self._connection.fetchrow(SQL["clock"], list(named))
        assert row is not None
        known = dict(row)
        known["notices"] = msgspec.json.decode(known["notices"] or "{}")
        known["erased"] = {named[hash] for hash in known["erased"]}
        return Clock(**known)

    async def set_day(self, day: date) -> None:
        """Let the day after the one reached begin."""
        await self._connection.execute(SQL["set_day"], day)

    async def announce_day(self, day: date) -> None:
        """Keep a day until it begins."""
        await self._connection.execute(SQL["announce_day"], day)

    async def add_cases(self, kinds: Mapping[str, str]) -> None:
        """Make sure that each subject has a row to lock."""
        await self._connection.execute(SQL["add_cases"], list(kinds), list(kinds.values()))

    async def add_cases_of(self, facts: Sequence[tuple[Fact, str]]) -> None:
        """Make sure that the subject of each fact has a row to lock, unless the fact is known already."""
        await self._connection.execute(
            SQL["add_cases_of"],
            [fact.source for fact, _ in facts],
            [fact.id for fact, _ in facts],
            [fact.subject for fact, _ in facts],
            [kind for _, kind in facts],
        )

    async def lock_cases(self, subjects: Collection[str]) -> list[Row]:
        """The cases of these subjects."""
        return await self._rows("lock_cases", list(subjects))

    async def lock_entities(self, subjects: Collection[str], pools: Collection[str]) -> list[Row]:
        """The entities of these names and those that offer themselves in these pools."""
        return await self._rows("lock_entities", list(subjects), list(pools))

    async def lock_due(self, kind: str, release: int, limit: int, *, wait: bool) -> list[Row]:
        """Cases of a kind whose day has come, or that an older release assessed last."""
        statement = SQL["lock_due"] if wait else f"{SQL['lock_due']} skip locked"
        return [Row(*row) for row in await self._connection.fetch(statement, kind, release, limit)]

    async def lock_waiting(self) -> list[Row]:
        """The people's cases that wait for a pool in which something changed."""
        return await self._rows("waiting_cases")

    # -- the journal -----------------------------------------------------------------------------

    async def journal(self, entries: Sequence[Entry], day: date | None) -> set[tuple[str, str]]:
        """Add the facts that are new; returns their (source, id)."""
        facts = [entry.fact for entry in entries]
        known = await self._connection.fetch(
            SQL["journal"],
            [f.source for f in facts],
            [f.id for f in facts],
            [f.subject for f in facts],
            [f.type for f in facts],
            [entry.key for entry in entries],
            [entry.month for entry in entries],
            [f.cause.at for f in facts],
            [f.body for f in facts],
            day,
            [f.origin.place if f.origin else None for f in facts],
        )
        fresh = {(f.source, f.id) for f in facts}
        return fresh.difference([tuple(row) for row in known]) if known else fresh

    async def altered(self, facts: Sequence[Fact]) -> list[Altered]:
        """Those of these duplicates whose bytes differ from those of the fact that was journaled first."""
        rows = await self._connection.fetch(
            SQL["altered"], [f.source for f in facts], [f.id for f in facts], [f.body for f in facts]
        )
        return [Altered(facts[row["n"] - 1], row["body"], row["place"]) for row in rows]

    async def journaled(self, subjects: Sequence[str]) -> list[bytes]:
        """All facts of these subjects, in the order joined."""
        rows = await self._connection.fetch(SQL["known_facts"], list(subjects))
        return [row["body"] for row in rows]

    async def months(
        self,
        wanted: Collection[tuple[str, int]],
        keys: Collection[tuple[str, str]],
        whole: Collection[str],
    ) -> list[tuple[str, int, bytes]]:
        """Months of cases: (subject, month) and their neighbours, those in which a key is known, or all."""
        found = await self._connection.fetch(
            SQL["load_months"],
            [subject for subject, _ in wanted],
            [month for _, month in wanted],
            [subject for subject, _ in keys],
            [key for _, key in keys],
            list(whole),
        )
        return [tuple(row) for row in found]

    # -- lost events -----------------------------------------------------------------------------

    async def lost_events(self, subjects: Sequence[str]) -> list[Lost]:
        """What was published of these subjects, but lost by this database."""
        return [Lost(*row) for row in await self._connection.fetch(SQL["lost_events"], list(subjects))]

    async def take_over_later(self, subjects: Mapping[str, bool]) -> None:
        """Have these cases joined again when the service has caught up."""
        await self._connection.execute(SQL["take_over_later"], list(subjects), list(subjects.values()))

    async def taken_over(self, service: str, subjects: Sequence[str]) -> None:
        """Forget these subjects' lost events; what they change of those that stand is published again."""
        await self._connection.execute(SQL["taken_over"], list(subjects), standing(service), NO_HEADERS)

    # -- merges and claims -----------------------------------------------------------------------

    async def pools_offered(self, asked: Collection[str]) -> list[str] | None:
        """All pools in which entities offer themselves; None if they do in each of those asked for."""
        if await self._connection.fetchval(SQL["all_offered"], list(asked)):
            return None
        return [row["pool"] for row in await self._connection.fetch(SQL["pools_offered"])]

    async def merge_group(self, subjects: Sequence[str]) -> list[str]:
        """Everyone whom merges connect with these subjects."""
        rows = await self._connection.fetch(SQL["merge_group"], list(subjects))
        return [row["subject"] for row in rows]

    async def end_standing(self, service: str, ids: Sequence[str]) -> None:
        """Publish that these events stand no more, without a word."""
        rows = [stands_no_more(service, id) for id in ids]
        if rows:
            await self._connection.execute(SQL["send"], *map(list, zip(*rows, strict=True)))

    async def erased(self, subjects: Collection[str]) -> set[str]:
        """Which of these people were erased."""
        return await erased_people(self._connection, self._erasure_key, subjects)

    async def erase(self, subjects: Collection[str]) -> None:
        """Delete all that is held about these people, and keep a keyed hash of each."""
        hashes = hashes_to_keep(self._erasure_key, subjects)
        await self._connection.execute(SQL["erase"], list(subjects), hashes)

    async def set_merged(self, into: Mapping[str, str | None]) -> None:
        """Say into whose case each was merged."""
        await self._connection.execute(SQL["set_merged"], list(into), list(into.values()))

    async def claimants(self, kind: str, entity: str) -> list[bytes]:
        """The states of the cases of a kind that may claim something of an entity."""
        rows = await self._connection.fetch(SQL["claims"], kind, f"{entity} ".encode())
        return [row["state"] for row in rows]

    # -- putting away ----------------------------------------------------------------------------

    async def save_cases(self, saved: Sequence[SavedCase], release: int) -> None:
        """Put away cases."""
        states = (
            [case.subject for case in saved],
            [case.sequence for case in saved],
            [case.assessed_on for case in saved],
            [case.wake_on for case in saved],
            [case.state for case in saved],
        )
        overviews = [case.overview for case in saved]
        if not any(overviews):
            await self._connection.execute(SQL["save_states"], *states, release)
            return
        await self._connection.execute(
            SQL["save_cases"],
            *states,
            [o.status if o else None for o in overviews],
            [SEPARATOR.join(o.pools) if o else None for o in overviews],
            [o.region if o else None for o in overviews],
            [o.practitioner if o else None for o in overviews],
            [SEPARATOR.join(case.waiting) if case.waiting else None for case in saved],
            [_json(o.shown) if o else None for o in overviews],
            release,
            SEPARATOR,
        )

    async def save_months(self, saved: Sequence[SavedMonth]) -> None:
        """Put away months, and drop those in which nothing is left."""
        kept = [(m.subject, m.month, m.state, m.shown.decode() or None) for m in saved if m.state is not None]
        emptied = [(m.subject, m.month) for m in saved if m.state is None]
        if kept:
            await self._connection.execute(SQL["save_months"], *map(list, zip(*kept, strict=True)))
        if emptied:
            await self._connection.execute(SQL["drop_months"], *map(list, zip(*emptied, strict=True)))

    async def quarantine(self, faults: Mapping[str, str]) -> None:
        """Mark cases that could not be assessed, and why."""
        await self._connection.execute(SQL["quarantine"], list(faults), list(faults.values()))

    async def release_quarantine(self, subjects: Collection[str]) -> None:
        """Cases that were assessed after all are no longer in quarantine."""
        await self._connection.execute(SQL["release_quarantine"], list(subjects))

    async def give_notice(self, notices: Mapping[str, str]) -> int:
        """Keep what entities tell every case from now on; returns the release that this makes."""
        number: int = await self._connection.fetchval(
            SQL["give_notice"], list(notices), list(notices.values())
        )
        return number

    async def note_pools(self, pools: Iterable[str]) -> None:
        """Remember pools in which something changed."""
        await self._connection.execute(SQL["note_pools"], list(pools))

    # -- messages --------------------------------------------------------------------------------

    async def send(self, service: str, publications: Sequence[Publication]) -> None:
        """Put events into the outbox, in order, each with what it changes of the events that stand."""
        rows = [row for publication in publications for row in outbox_rows(service, publication)]
        await self._connection.execute(SQL["send"], *map(list, zip(*rows, strict=True)))

    async def refuse(self, service: str, letters: Sequence[DeadLetter]) -> None:
        """Keep refused messages, and publish them as they came to the dead-letter topic, once each."""
        messages = [letter.message for letter in letters]
        await self._connection.execute(
            SQL["dead_letters"],
            f"{service}.dead-letter",
            [m.topic for m in messages],
            [m.partition for m in messages],
            [m.offset for m in messages],
            [m.incarnation for m in messages],
            [letter.reason for letter in letters],
            [letter.explanation for letter in letters],
            [m.key for m in messages],
            [m.value for m in messages],
            [dead_headers(letter) for letter in letters],
            [m.received for m in messages],
        )

    async def warn(self, service: str, warnings: Sequence[MessageWarning]) -> None:
        """Keep warnings, and publish each once to the service's warning topic."""
        about = [warning.about for warning in warnings]
        doubts = [warning.doubt for warning in warnings]
        await self._connection.execute(
            SQL["warnings"],
            f"{service}.warning",
            [warning.id(service) for warning in warnings],
            [doubt.kind for doubt in doubts],
            [a.source for a in about],
            [a.id for a in about],
            [a.type for a in about],
            [a.subject for a in about],
            [a.origin.topic for a in about],
            [a.origin.partition for a in about],
            [a.origin.offset for a in about],
            [doubt.field for doubt in doubts],
            [doubt.meant for doubt in doubts],
            [doubt.explanation for doubt in doubts],
            [a.origin.received for a in about],
            [warning.value(service) for warning in warnings],
            [warning_headers(service, warning) for warning in warnings],
        )

    async def save_offsets(self, messages: Sequence[Message]) -> None:
        """Remember where to read on, for each partition that these messages came from.

        Raises `WentBack` if the database has less than this service left there.
        """
        in_order = sorted(messages, key=attrgetter("offset"))
        nexts = {(m.topic, m.partition, m.incarnation): m.offset + 1 for m in in_order}
        last = {(m.topic, m.partition): m for m in in_order if m.timestamp is not None}.values()
        before = await self._connection.fetch(
            SQL["save_offsets"],
            *columns(nexts),
            [m.topic for m in last],
            [m.partition for m in last],
            [m.incarnation for m in last],
            [m.offset for m in last],
            [digest(m.timestamp, m.key, m.value) for m in last],
        )
        self._connections.check(places(before), nexts)
        self.offsets |= nexts

    async def go_back(self, message: Message, offset: int) -> None:
        """Read the partition that this message came from again from this offset, as another log."""
        other = another_log(message.incarnation)
        await self._connection.execute(SQL["go_back"], message.topic, message.partition, other, offset)


async def erased_people(connection: Connection, key: bytes | None, subjects: Collection[str]) -> set[str]:
    """Which of these people were erased."""
    named = hashes(key, subjects)
    if not named:
        return set()
    return {named[row["hash"]] for row in await connection.fetch(SQL["erased"], list(named))}


def hashes(key: bytes | None, subjects: Collection[str]) -> dict[bytes, str]:
    """People by the hashes that are kept of the erased; none without a key: then nobody was erased."""
    return {} if key is None else {hashed(key, subject): subject for subject in subjects}


def columns(offsets: Mapping[Place, int]) -> tuple[list[str], list[int], list[str], list[int]]:
    """Offsets as the parameters of a statement."""
    return (
        [topic for topic, _, _ in offsets],
        [partition for _, partition, _ in offsets],
        [incarnation for _, _, incarnation in offsets],
        list(offsets.values()),
    )


def _json(shown: Any) -> str | None:
    return None if shown is None else msgspec.json.encode(shown).decode()
