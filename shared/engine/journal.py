"""The journal of a service whose cases are in memory: SQLite keeps it, on disk where it may grow large."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from shared.engine.joining import Fact
from shared.engine.merging import other_record
from shared.engine.storage import Altered, Entry

IN_MEMORY = ":memory:"
ON_DISK = ""
"""A file that nobody else sees, and that is gone with the journal."""

_MERGED = "merged/"
_SCHEMA = """
pragma journal_mode = off;
pragma synchronous = off;
create table journal (
    number integer primary key,
    source text not null,
    id text not null,
    subject text not null,
    other_record text,
    place text,
    body blob not null,
    unique (source, id));
create index journal_subject on journal (subject);
create index journal_merges on journal (subject, other_record) where other_record is not null;
begin;
"""
_ADD = (
    "insert or ignore into journal (source, id, subject, other_record, place, body) values (?, ?, ?, ?, ?, ?)"
)


class Journal:
    """Every fact once, in the order joined. Nothing is ever committed: it ends with the program."""

    def __init__(self, file: str = IN_MEMORY) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.executescript(_SCHEMA)

    def add(self, entries: Sequence[Entry]) -> set[tuple[str, str]]:
        """Add the facts that are new; returns their (source, id)."""
        (last,) = self._db.execute("select coalesce(max(number), 0) from journal").fetchone()
        added = self._db.executemany(_ADD, map(_row, entries)).rowcount
        if added == len(entries):
            return {(entry.fact.source, entry.fact.id) for entry in entries}
        return {*self._db.execute("select source, id from journal where number > ?", (last,))}

    def knows(self, source: str, id: str) -> bool:
        """Is there a fact of that name?"""
        return self._find("1", source, id) is not None

    def altered(self, facts: Iterable[Fact]) -> list[Altered]:
        """Those of these facts whose bytes differ from those of the fact that came first with their name."""
        known = [(fact, self._find("body, place", fact.source, fact.id)) for fact in facts]
        return [Altered(fact, *first) for fact, first in known if first is not None and first[0] != fact.body]

    def _find(self, columns: str, source: str, id: str) -> tuple[bytes, str | None] | None:
        query = f"select {columns} from journal where source = ? and id = ?"  # noqa: S608 - the columns are ours
        found: tuple[bytes, str | None] | None = self._db.execute(query, (source, id)).fetchone()
        return found

    def of(self, subjects: Collection[str]) -> list[bytes]:
        """All facts of these subjects, in the order joined."""
        found = self._db.execute(
            f"select body from journal where subject in ({_places(subjects)}) order by number",  # noqa: S608
            [*subjects],
        )
        return [body for (body,) in found]

    def merges(self) -> list[tuple[str, str]]:
        """Of which pairs of records it is said that they are one, or are not."""
        return [
            *self._db.execute(
                "select subject, other_record from journal where other_record is not null order by 1, 2"
            )
        ]

    def erase(self, subjects: Collection[str]) -> None:
        """Delete all facts that name these subjects."""
        places = _places(subjects)
        self._db.execute(
            f"delete from journal where subject in ({places}) or other_record in ({places})",  # noqa: S608
            [*subjects, *subjects],
        )


def _places(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _row(entry: Entry) -> tuple[str, str, str, str | None, str | None, bytes]:
    fact = entry.fact
    other = other_record(fact) if entry.key.startswith(_MERGED) else None
    place = fact.origin.place if fact.origin else None
    return fact.source, fact.id, fact.subject, other, place, fact.body
