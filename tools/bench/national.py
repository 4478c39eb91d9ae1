"""A read model of the dashboard with a national caseload, made from a simulated one.

Some hundred people are simulated, and the four services publish about them. The model takes all of it. Then
people, practitioners and delivery units are copied, set-based, until there are as many as in the country.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from schemas import language
from schemas.parsing import parse
from services.dashboard.model import generations
from services.dashboard.model.adding import Message
from services.dashboard.model.generations import Model
from services.dashboard.model.publishing import publish
from services.dashboard.model.taking import Taker
from services.dashboard.model.writing import Changed
from services.dashboard.settings import DATABASE
from services.dashboard.web.access import REGIONS
from shared.calendar import london_date
from shared.database import migrate
from tools.clock import day_started
from tools.embedded.database import EmbeddedPostgres
from tools.players import replay
from tools.simulate import caseload

BASE = 300
"""People simulated."""
DAYS = 180
UNITS = 37
"""Copies of each simulated delivery unit: with three of them, as many as there are in England and Wales."""
HISTORIES = 8
"""Every eighth copy has its people's events too. A case's page reads those of its own person only."""
DATABASE_NAME = "bench_dashboard"


@dataclass(frozen=True)
class National:
    """What the read model holds."""

    schema: str
    people: int
    events: int
    items: int
    practitioners: int
    day: date


async def national(
    postgres: EmbeddedPostgres, people: int, key: bytes, say: Callable[[str], None]
) -> National:
    """Make the database, and a read model in it that serves. `people` is rounded to a multiple of `BASE`."""
    say(f"simulating {BASE} people")
    lines, published, day = _simulated()
    await _database(postgres, DATABASE_NAME)
    await migrate(postgres.dsn(DATABASE_NAME), DATABASE)
    connection = await asyncpg.connect(postgres.dsn(DATABASE_NAME), command_timeout=None)
    try:
        model = await generations.build(connection)
        taker = Taker(model.schema, key)
        messages = [message(line) for line in [*lines, *published, day_started(day)]]
        for start in range(0, len(messages), 2_000):
            await taker.take(connection, messages[start : start + 2_000])
        return await _copied(connection, model, people, day, say)
    finally:
        await connection.close()


async def _copied(
    connection: asyncpg.Connection[Any], model: Model, people: int, day: date, say: Callable[[str], None]
) -> National:
    """Copy what the model holds until there are so many people, and let it serve."""
    await connection.execute(f"set search_path to {model.schema}, public")
    copies = max(1, people // BASE)
    say(f"copying them {copies:,} times")
    async with _without_indexes(connection, model.schema):
        for statement in _COPIES:
            await connection.execute(statement, *_values(statement, copies))
    await Changed().sum_up_all(connection, day)
    await connection.execute(
        "insert into units select distinct region, pdu_key, pdu from items "
        "where region <> '' and pdu_key <> '' on conflict do nothing"
    )
    await connection.execute(_CHANGES)
    await connection.execute(_HELD)
    await connection.execute("update state set up_to = now() + interval '1 day'")
    await publish(connection, model.schema)
    for statement in _TRIAL:
        await connection.execute(statement)
    await generations.serve(connection, model)
    say("vacuum analyze")
    await connection.execute("vacuum analyze")
    [counts] = await connection.fetch(_COUNTS)
    return National(schema=model.schema, day=day, **counts)


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection[Any], schema: str) -> AsyncIterator[None]:
    """Make the indexes, except those of keys, after the block: that is several times faster."""
    found = await connection.fetch(_INDEXES, schema)
    for index in found:
        await connection.execute(f"drop index {index['name']}")
    yield
    await connection.execute("set maintenance_work_mem = '512MB'")
    for index in found:
        await connection.execute(index["definition"])


def _simulated() -> tuple[list[bytes], list[bytes], date]:
    lines, published = caseload(people=BASE, days=DAYS), list[bytes]()
    replay(lines, published.append)
    return lines, published, max(london_date(parse(line).recorded) for line in lines)


async def _database(postgres: EmbeddedPostgres, name: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute(f"create database {name}")
    await connection.close()


def message(line: bytes) -> Message:
    """An event as a message on its topic."""
    topic = language.owner_of(parse(line).source)
    assert topic is not None
    return Message(topic, 0, 0, line, ())


def _values(statement: str, copies: int) -> tuple[Any, ...]:
    return (copies, list(REGIONS), UNITS)[: max(n for n in (0, 1, 2, 3) if not n or f"${n}" in statement)]


_REGION = "($2::text[])[1 + (coalesce(array_position($2, {0}), 1) + k % $3) % 12]"
"""Where a copy is: the regions take turns, each unit is in one."""
_UNIT = "{0} || ' ' || (k % $3)"
_FROM = "from {0} cross join generate_series(1, $1::int - 1) as k"

_COPIES = (
    f"""
    insert into events
    select source, id || '.' || k, type, subject || '.' || k, at, known_on, sequence, withdraws || '.' || k,
           heard, partition, "offset", body
    {_FROM.format("events")} where subject ~ '^X' and k % {HISTORIES} = 1
    """,
    f"""
    insert into subjects
    select subject || '.' || k, token || k, limited, null, fault, version
    {_FROM.format("subjects")} where subject ~ '^X'
    """,
    f"""
    insert into sequences
    select source, subject || '.' || k, partition, first, last, held, tried_at
    {_FROM.format("sequences")} where subject ~ '^X'
    """,
    f"""
    insert into items
    select event_id || '.' || k, subject || '.' || k, about, type, title, details, step, role,
           who || '.' || k, practitioner_id || '.' || k, team, {_REGION.format("region")},
           {_UNIT.format("pdu")}, {_UNIT.format("pdu_key")}, due_on, rules, limited
    {_FROM.format("items")} where about = 'person' and region <> '' and $3::int > 0
    """,
    f"""
    insert into responsible
    select subject || '.' || k, sentence_id || '.' || k, practitioner_id || '.' || k, manager_id, team,
           {_REGION.format("region")}, {_UNIT.format("pdu")}, {_UNIT.format("pdu_key")}, since, provisional,
           ended_on
    {_FROM.format("responsible")} where $3::int > 0
    """,
    f"""
    insert into practitioners
    select practitioner_id || '.' || k, percent, percent_at, manager_id, team, {_REGION.format("region")},
           {_UNIT.format("pdu")}, {_UNIT.format("pdu_key")}, place_at, people
    {_FROM.format("practitioners")} where region is not null and $3::int > 0
    """,
    f"""
    insert into contributions
    select subject || '.' || k, measure, {_REGION.format("region")}, {_UNIT.format("pdu_key")},
           {_UNIT.format("pdu")}, month, kind, achieved, total, groups
    {_FROM.format("contributions")} where subject ~ '^X' and region <> '' and $3::int > 0
    """,
    "delete from sums",
    """
    insert into sums
    select name, region, unit, month, measure, case when name = '' then kind else '' end,
           sum(achieved), sum(total), count(*)
    from contributions
    cross join unnest(groups || ''::text) as name
    cross join unnest(array[pdu_key, '*']) as unit
    group by 1, 2, 3, 4, 5, 6
    """,
)

TRIAL = "what-if-bench"
"""The id of a result of what-if in which every open item changes."""
_TRIAL = (
    """
    insert into what_ifs (id, policy, tried, first_day, last_day, lines, types, rules, months)
    select 'what-if-bench', 'what-if-bench', array['every open item is due two days later'],
           min(due_on), max(due_on), 0, array_agg(distinct type), array_agg(distinct rules[1]),
           array_agg(distinct to_char(due_on, 'YYYY-MM'))
    from items where due_on is not null
    """,
    """
    insert into what_if_findings (what_if, n, kind, type, about, subject, limited, rules, region, pdu,
                                  pdu_key, month, day, words, in_force, tried)
    select 'what-if-bench', row_number() over (), 'changes', type, about, subject, false, rules, region, pdu,
           pdu_key, to_char(due_on, 'YYYY-MM'), due_on, '', 'due on ' || due_on, 'due on ' || due_on + 2
    from items where due_on is not null
    """,
    """
    insert into what_if_counts (what_if, n, type, rules, region, pdu_key, month, in_force, tried, appears,
                                vanishes, changes)
    select 'what-if-bench', row_number() over (), type, rules, region, unit, month, count(*), count(*), 0, 0,
           count(*)
    from what_if_findings cross join unnest(array[pdu_key, '*']) as unit
    group by type, rules, region, unit, month
    """,
)

_CHANGES = """
insert into changes select distinct region, pdu_key, coalesce(practitioner_id, ''), 0 from items
on conflict do nothing
"""

_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i join pg_class c on c.oid = i.indexrelid
where c.relnamespace = $1::regnamespace and not i.indisunique
"""

_HELD = """
insert into held select source, count(*) from events group by source
on conflict (source) do update set number = excluded.number
"""

_COUNTS = """
select (select count(*)::int from subjects where subject ~ '^X') as people,
       (select sum(number)::int from held) as events, (select count(*)::int from items) as items,
       (select count(*)::int from practitioners) as practitioners
"""
