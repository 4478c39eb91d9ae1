"""Writes the rows of subjects, and keeps what is summed over them.

So a page of the whole country is as quick as that of a team, and open pages can be told where something
changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.dashboard.model.parts import part_of

Row = Mapping[str, Any]
Place = tuple[str, str, str]
"""A region, the key of a delivery unit, and a team or a practitioner."""

_KEYS = {"items": "event_id", "responsible": "sentence_id"}
"""The tables, and the column that with the subject names a row."""


@dataclass
class Changed:
    """What a batch changed: rows that went and that came, and the practitioners and teams concerned."""

    gone: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in _KEYS})
    come: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in _KEYS})
    practitioners: set[str] = field(default_factory=set)
    teams: set[Place] = field(default_factory=set)
    counted: set[tuple[str, str]] = field(default_factory=set)
    """The regions and delivery units whose numbers of what was done changed."""

    async def replace(
        self, connection: Any, table: str, subjects: Collection[str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        """Let these be the rows of the subjects. Rows that are there already stay as they are."""
        held = await connection.prepare(f"select * from {table} where subject = any($1::text[])")  # noqa: S608
        names = [attribute.name for attribute in held.get_attributes()]
        before = {_comparable(row): dict(row) for row in await held.fetch(list(subjects))}
        after = {_comparable(row): dict(zip(names, row, strict=True)) for row in rows}
        gone = [row for content, row in before.items() if content not in after]
        come = [row for content, row in after.items() if content not in before]
        if gone:
            await connection.execute(
                _DELETE.format(table=table, key=_KEYS[table]), *_columns(gone, "subject", _KEYS[table])
            )
        if come:
            places = ", ".join(f"${n + 1}" for n in range(len(names)))
            insert = f"insert into {table} values ({places})"  # noqa: S608
            await connection.executemany(insert, [tuple(row.values()) for row in come])
        self.gone[table] += gone
        self.come[table] += come

    async def sum_up(self, connection: Any, before: date, day: date, version: int) -> None:
        """Bring the sums up to date. `before` is the day that they are of, `day` that which is reached."""
        if day == before:
            await self._count(connection, day)
        else:
            await _recount(connection, day)
            self._of(await connection.fetch(_ENDED, min(before, day), max(before, day)))
        self._of(self.gone["responsible"])
        self._of(self.come["responsible"])
        await self._name_units(connection)
        await self._sum_staff(connection, day)
        await self._note(connection, version)
        if day != before:
            await connection.execute("update changes set version = $1", version)

    async def sum_up_all(self, connection: Any, day: date) -> None:
        """Work all sums out anew from the rows."""
        await _recount(connection, day)
        rows = await connection.fetch("select practitioner_id from practitioners")
        self.practitioners = {row["practitioner_id"] for row in rows}
        await connection.execute("delete from teams")
        await self._sum_staff(connection, day)

    async def _count(self, connection: Any, day: date) -> None:
        gone, come = self.gone["items"], self.come["items"]
        if gone or come:
            columns = _columns([*gone, *come], "region", "pdu_key", "team", "type", "due_on", "limited")
            await connection.execute(_COUNT, day, *columns, [-1] * len(gone) + [1] * len(come))

    def _of(self, rows: Iterable[Row]) -> None:
        """These rows of `responsible` concern their practitioners and teams."""
        for row in rows:
            self.practitioners.add(row["practitioner_id"])
            self.teams.add((row["region"], row["pdu_key"], row["team"]))

    async def _name_units(self, connection: Any) -> None:
        rows = [row for table in _KEYS for row in self.come[table] if row["region"] and row["pdu_key"]]
        if rows:
            await connection.execute(UNITS, *_columns(rows, "region", "pdu_key", "pdu"))

    async def _sum_staff(self, connection: Any, day: date) -> None:
        if self.practitioners:
            rows = await connection.fetch(_PEOPLE, day, sorted(self.practitioners))
            self.teams |= {(row["region"], row["pdu_key"], row["team"]) for row in rows if row["region"]}
        if self.teams:
            columns = [list(column) for column in zip(*sorted(self.teams), strict=True)]
            await connection.execute(_NO_TEAMS, *columns)
            await connection.execute(_TEAMS, day, *columns)

    async def _note(self, connection: Any, version: int) -> None:
        """Note where something changed, for pages that are open."""
        places = {(region, pdu_key, "") for region, pdu_key, _ in self.teams}
        places |= {(region, pdu_key, "") for region, pdu_key in self.counted}
        for rows in (self.gone, self.come):
            for row in (row for table in _KEYS for row in rows[table]):
                places.add((row["region"], row["pdu_key"], row["practitioner_id"] or ""))
        if places:
            columns = [list(column) for column in zip(*sorted(places), strict=True)]
            await connection.execute(_CHANGES, version, *columns)


async def _recount(connection: Any, day: date) -> None:
    await connection.execute("delete from open_counts")
    await connection.execute(_RECOUNT, day)


def _comparable(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def _columns(rows: Sequence[Row], *names: str) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in names]


_DELETE = """
delete from {table} t using unnest($1::text[], $2::text[]) as g (subject, key)
where t.subject = g.subject and t.{key} = g.key
"""

_COUNT = f"""
insert into open_counts as c (region, pdu_key, team, type, part, number, limited)
select i.region, i.pdu_key, i.team, i.type, {part_of("$1")},
       sum(i.delta), coalesce(sum(i.delta) filter (where i.limited), 0)
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bool[], $8::int[])
    as i (region, pdu_key, team, type, due_on, limited, delta)
group by 1, 2, 3, 4, 5
on conflict (region, pdu_key, team, type, part) do update
set number = c.number + excluded.number, limited = c.limited + excluded.limited
"""  # noqa: S608

_RECOUNT = f"""
insert into open_counts (region, pdu_key, team, type, part, number, limited)
select i.region, i.pdu_key, i.team, i.type, {part_of("$1")}, count(*), count(*) filter (where i.limited)
from items i
group by 1, 2, 3, 4, 5
"""  # noqa: S608

_ENDED = "select * from responsible where ended_on between $1 and $2"

UNITS = """
insert into units as u
select region, pdu_key, min(pdu) from unnest($1::text[], $2::text[], $3::text[]) as n (region, pdu_key, pdu)
group by 1, 2
on conflict (region, pdu_key) do update set pdu = excluded.pdu where excluded.pdu < u.pdu
"""

_PEOPLE = """
update practitioners p
set people = (select count(distinct r.subject) from responsible r
              where r.practitioner_id = p.practitioner_id and (r.ended_on is null or r.ended_on >= $1))
where p.practitioner_id = any($2::text[])
returning p.region, p.pdu_key, p.team
"""

_NO_TEAMS = """
delete from teams t using unnest($1::text[], $2::text[], $3::text[]) as g (region, pdu_key, team)
where (t.region, t.pdu_key, t.team) = (g.region, g.pdu_key, g.team)
"""

_TEAMS = """
insert into teams (region, pdu_key, team, pdu, practitioners, percent, people)
select p.region, p.pdu_key, p.team, min(p.pdu), count(*), avg(p.percent),
       (select count(distinct r.subject) from responsible r join practitioners m using (practitioner_id)
        where (m.region, m.pdu_key, m.team) = (p.region, p.pdu_key, p.team)
          and (r.ended_on is null or r.ended_on >= $1))
from practitioners p
join unnest($2::text[], $3::text[], $4::text[]) as g (region, pdu_key, team)
    on (p.region, p.pdu_key, p.team) = (g.region, g.pdu_key, g.team)
group by p.region, p.pdu_key, p.team
"""

_CHANGES = """
insert into changes select *, $1 from unnest($2::text[], $3::text[], $4::text[])
on conflict (region, pdu_key, practitioner_id) do update set version = excluded.version
"""
