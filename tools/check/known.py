"""Keeps what a file has told so far, in an anonymous temporary database on disk, whatever the file's size.

SQLite deletes it when it is closed, and keeps only a part of it in memory.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

import msgspec

from shared.engine.case import Stamp
from shared.engine.joining import Fact
from tools.check.references import Day, Named

_TABLES = """
create table seen (source text, id text, digest blob, primary key (source, id)) without rowid;
create table registers (
    number integer primary key, subject text, type text, key text,
    recorded integer, id text, source text, unique (subject, type, key)
);
create table names (
    register integer, line integer, kind text, id text, subject text, type text, field text,
    day integer, day_field text, introduced integer
);
create index names_register on names (register);
create index names_introduced on names (kind, id) where introduced;
create table sequences (source text, subject text, number integer, line integer);
"""
_MENTIONS = """
select m.rowid, m.line, m.kind, m.subject, m.type, m.field, m.day, m.day_field, i.subject, i.day, i.day_field
from names m left join names i on i.introduced and i.kind = m.kind and i.id = m.id
where not m.introduced order by m.rowid
"""
_GAPS = """
select source, line from (
    select source, number, line,
        lag(number) over (partition by source, subject order by number) as before
    from sequences)
where before is not null and number > before + 1 order by line
"""


class Introduction(NamedTuple):
    """Who introduced something, and when it began."""

    subject: str
    began: Day | None


class Mention(NamedTuple):
    """An event that stands and names something; and who introduced what it names."""

    line: int
    kind: str
    subject: str
    type: str
    field: str
    day: Day | None
    introduced: list[Introduction]


class Gap(NamedTuple):
    """An event before which numbers of its source are missing."""

    line: int
    source: str


class Known:
    """What the events so far have told. Close it at the end."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(f"pragma synchronous = off; pragma journal_mode = off; {_TABLES}")
        self._database.execute("begin")

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def says_the_same(self, source: str, id: str, value: bytes) -> bool | None:
        """Does the event say the same as an earlier one with its id? None if there was none."""
        digest = hashlib.blake2b(_meaning(value), digest_size=16).digest()
        found = self._database.execute(
            "select digest from seen where source = ? and id = ?", (source, id)
        ).fetchone()
        if found is not None:
            return bool(found[0] == digest)
        self._database.execute("insert into seen values (?, ?, ?)", (source, id, digest))
        return None

    def take(self, fact: Fact, line: int, names: list[Named], day: Day | None) -> Stamp | None:
        """Keep a fact if it is the version recorded last. Returns the stamp of the one that stood before."""
        stamp, place = fact.stamp, (fact.subject, fact.type, fact.key)
        found = self._database.execute(
            "select number, recorded, id, source from registers where subject = ? and type = ? and key = ?",
            place,
        ).fetchone()
        before = (found[1], found[2], found[3]) if found else None
        if before is None:
            number = self._database.execute(
                "insert into registers (subject, type, key, recorded, id, source) values (?, ?, ?, ?, ?, ?)",
                (*place, *stamp),
            ).lastrowid
        elif before > stamp:
            return before
        else:
            number = found[0]
            self._database.execute(
                "update registers set recorded = ?, id = ?, source = ? where number = ?", (*stamp, number)
            )
            self._database.execute("delete from names where register = ?", (number,))
        own = (day.day.toordinal(), day.field) if day else (None, None)
        self._database.executemany(
            "insert into names values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, line, one.kind, one.id, fact.subject, fact.type, one.field, *own, one.introduced)
                for one in names
            ],
        )
        return before

    def number(self, source: str, subject: str, number: int, line: int) -> None:
        """Keep the number that a source gave an event."""
        self._database.execute("insert into sequences values (?, ?, ?, ?)", (source, subject, number, line))

    def is_known(self, subject: str) -> bool:
        """Does any event tell of this person, beside those that only say that records are one?"""
        query = "select 1 from registers where subject = ? and type not in ('PersonMerged', 'PersonUnmerged')"
        return self._database.execute(query, (subject,)).fetchone() is not None

    def mentions(self) -> Iterator[Mention]:
        """Everything that the events that stand mention."""
        for _, rows in groupby(self._database.execute(_MENTIONS), key=lambda row: row[0]):
            several = list(rows)
            _, line, kind, subject, type, field, day, day_field, *_ = several[0]
            introduced = [
                Introduction(row[8], _day(row[9], row[10])) for row in several if row[8] is not None
            ]
            yield Mention(line, kind, subject, type, field, _day(day, day_field), introduced)

    def gaps(self) -> Iterator[Gap]:
        """Where numbers of a source are missing."""
        for source, line in self._database.execute(_GAPS):
            yield Gap(line, source)


def _day(ordinal: int | None, field: str | None) -> Day | None:
    return Day(field or "", date.fromordinal(ordinal)) if ordinal is not None else None


def _meaning(value: bytes) -> bytes:
    """The same bytes for every way to write the same event, as far as it can be read so."""
    try:
        return msgspec.json.encode(msgspec.json.decode(value), order="sorted")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return value
