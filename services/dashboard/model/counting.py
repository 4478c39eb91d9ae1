"""Keeps the numbers of what was done and what was late, as events come.

What a person, a practitioner or a region contributes follows from the events about them alone, so the order
of arrival does not matter. The sums change by the difference, so that no page need add up a nation.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from schemas import language
from schemas.envelope import CloudEvent
from services.dashboard.model.faults import fault_words
from services.dashboard.model.people import linked, together
from services.dashboard.model.writing import UNITS
from shared.answers.listed import MEASURES, NOW
from shared.answers.measures import contributions, types_counted
from shared.answers.standing import FACTS, MERGED, Standing
from shared.probation.names import name_key

log = logging.getLogger(__name__)

AT_ONCE = 500
"""How many subjects are counted in one transaction when all has been read."""
WHOLE = "*"
"""In place of a delivery unit: the whole region."""

_COUNTED = (*MEASURES, *NOW)
_TYPES = types_counted(_COUNTED)
_STANDING = sorted({*_TYPES.standing, *FACTS, MERGED})
_CLOSED = sorted(_TYPES.closed)

Place = tuple[str, str]
"""A region and the key of a delivery unit."""
Row = tuple[str, str, str, str, str, str, str, int, int, str]


async def changed(connection: Any, subjects: Collection[str]) -> set[Place]:
    """Count these subjects again; in a model that is being built later, when all has been read.

    Returns the regions and delivery units whose numbers changed.
    """
    if await connection.fetchval("select counted from state"):
        return await recount(connection, subjects)
    await connection.execute(_LATER, list(subjects))
    return set()


async def count_later(connection: Any) -> None:
    """From now on count only when all has been read, so that each subject is counted once."""
    await connection.execute("update state set counted = false")


async def count_waiting(connection: Any) -> bool:
    """Count some of those who wait for it. False: nobody does, and from now on all are counted at once."""
    rows = await connection.fetch(_WAITING, AT_ONCE)
    await recount(connection, [row["subject"] for row in rows])
    if not rows:
        await connection.execute("update state set counted = true where not counted")
    return bool(rows)


async def forget(connection: Any, subjects: Collection[str]) -> None:
    """Let these subjects have contributed nothing."""
    await replace(connection, subjects, [])
    await connection.execute("delete from uncounted where subject = any($1::text[])", list(subjects))


async def recount(connection: Any, subjects: Collection[str]) -> set[Place]:
    """Count again what these subjects contribute, each person as one. Returns where numbers changed."""
    if not subjects:
        return set()
    people = together(await linked(connection, subjects))
    events: dict[str, list[CloudEvent[Any]]] = {number: [] for person in people for number in person}
    for row in await connection.fetch(_EVENTS, list(events), _STANDING, _CLOSED):
        events[row["subject"]].append(language.read(row["body"], ())[0])
    rows: list[Row] = []
    faults: list[tuple[str, str]] = []
    for person in people:
        try:
            rows += rows_of(person[0], (event for number in person for event in events[number]))
        except Exception as fault:
            log.error("what counts cannot be told", extra={"subject": person[0], "fault": fault_words(fault)})
            faults.append((person[0], fault_words(fault)))
    await connection.executemany("update subjects set fault = $2 where subject = $1", faults)
    return await replace(connection, events, rows)


def rows_of(subject: str, events: Iterable[CloudEvent[Any]]) -> list[Row]:
    """The contributions of a subject: one row for each measure, place, month, kind and set of groups."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for one in contributions(Standing(events), _COUNTED):
        place = one.place
        key = (
            one.measure,
            place.region,
            name_key(place.pdu),
            one.month,
            one.kind,
            ",".join(sorted(one.groups)),
        )
        known = found.setdefault(key, [place.pdu, 0, 0])
        known[0] = min(known[0], place.pdu)
        known[1] += one.achieved
        known[2] += one.total
    return [
        (subject, measure, region, pdu_key, pdu, month, kind, achieved, total, groups)
        for (measure, region, pdu_key, month, kind, groups), (pdu, achieved, total) in found.items()
    ]


async def replace(connection: Any, subjects: Collection[str], rows: Sequence[Row]) -> set[Place]:
    """Let these rows take the place of all that the subjects have contributed so far.

    Returns the regions and delivery units whose numbers changed.
    """
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(10)]
    differ = await connection.fetch(_REPLACE, list(subjects), *columns)
    await connection.execute("delete from sums where cases = 0")
    named = [row for row in rows if row[2] and row[3]]
    await connection.execute(UNITS, *([row[n] for row in named] for n in (2, 3, 4)))
    return {(row["region"], row["pdu_key"]) for row in differ if row["pdu_key"] != WHOLE}


_LATER = "insert into uncounted select unnest($1::text[]) on conflict do nothing"
_WAITING = """
delete from uncounted where subject in (select subject from uncounted order by subject limit $1)
returning subject
"""

_EVENTS = """
select e.subject, e.body from events e
where e.subject = any($1::text[]) and e.type = any($2::text[])
  and not exists (select from events w where w.source = e.source and w.withdraws = e.id)
union all
select e.subject, told.body
from events e
join events w on w.source = e.source and w.withdraws = e.id
cross join lateral (values (e.body), (w.body)) as told (body)
where e.subject = any($1::text[]) and e.type = any($3::text[])
"""

_REPLACE = """
with gone as (
    delete from contributions where subject = any($1::text[])
    returning measure, region, pdu_key, month, kind, achieved, total, groups
), came as (
    insert into contributions
    select subject, measure, region, pdu_key, pdu, month, kind, achieved, total, string_to_array(names, ',')
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::bigint[], $10::bigint[], $11::text[])
      as new (subject, measure, region, pdu_key, pdu, month, kind, achieved, total, names)
    returning measure, region, pdu_key, month, kind, achieved, total, groups
), changed as (
    select -1 as sign, * from gone union all select 1, * from came
), difference as (
    select name, region, unit, month, measure, case when name = '' then kind else '' end as kind,
           sum(sign * achieved)::bigint as achieved, sum(sign * total)::bigint as total,
           sum(sign)::bigint as cases
    from changed
    cross join unnest(groups || ''::text) as name
    cross join unnest(array[pdu_key, '*']) as unit
    group by 1, 2, 3, 4, 5, 6
)
insert into sums as s
select * from difference where achieved <> 0 or total <> 0 or cases <> 0
on conflict ("group", region, pdu_key, month, measure, kind) do update
set achieved = s.achieved + excluded.achieved, total = s.total + excluded.total,
    cases = s.cases + excluded.cases
returning region, pdu_key
"""
