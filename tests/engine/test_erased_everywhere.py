"""Of an erased person no table of any service holds anything: no number and no id that is theirs alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas import language
from schemas.parsing import parse
from schemas.practice import PersonErased
from shared.engine.intake import Message
from tests import facts as f
from tests.engine.running import Office, Told, at, pool_of
from tests.engine.running import office as opened
from tests.replaying import OnDatabases
from tools.services import SERVICES
from tools.simulate import caseload, history

DAYS = 120
OWN_TABLES = {"allocation": {"journal", "cases"}, "contacts": {"journal", "cases", "months"}}
"""Where each service holds facts and what follows from them; the others as allocation."""
NEW = f.order("2025-05-01", "2026-04-30", "rar 20, unpaid_work 100")
NEWS = {
    "allocation": [NEW, f.risk("2025-05-02")],
    "contacts": [NEW, f.contact("2025-05-03", "unacceptable_absence")],
    "enforcement": [NEW, f.missed("2025-05-03")],
    "referrals": [NEW, f.work("2025-05-03", requirement="UPW")],
}
"""What is told last, and waits in the outbox when the person is erased."""

QUEUE = """
insert into outbox (topic, key, event_id, value, headers) values ($1, $2, '', $3, '\\x90')
"""
_TABLES = """
select c.relname as table, array_agg(a.attname::text) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by 1
"""
_REQUIRED = """
select column_name as name, data_type as type from information_schema.columns
where table_schema = 'public' and table_name = $1 and is_nullable = 'NO' and is_identity = 'NO'
    and column_default is null
"""
_SOMETHING: Mapping[str, Any] = {
    "text": "something",
    "integer": 1,
    "bigint": 1,
    "bytea": b"something",
    "boolean": True,
    "date": date(2025, 5, 1),
    "timestamp with time zone": datetime(2025, 5, 1, tzinfo=UTC),
    "jsonb": "{}",
}


@dataclass
class Played:
    """The services after some months, one person with two numbers, and the ids that are theirs alone."""

    offices: list[Office]
    person: list[str]
    other: str
    ids: set[str]

    async def tell(self, office: Office, who: str) -> None:
        """Tell of someone what leads to events that wait, and what is refused."""
        news = NEWS[office.engine.service.name]
        await office.take(
            *(Told(fact.data, who, f"{who}-{n}", at("2025-05-06")) for n, fact in enumerate(news))
        )
        broken = {"specversion": "1.0", "id": f"{who}-bad", "type": "PersonDied", "subject": who, "data": {}}
        await office.engine.handle(
            [
                refused(office, json.dumps(broken).encode(), None),
                refused(office, b"rubbish", who.encode()),
                refused(office, f"rubbish about \xff{who}".encode("latin-1"), None),
            ]
        )
        standing = f"{office.engine.service.name}.standing"
        await office.rows(QUEUE, standing, b"an event's id", f'{{"id":"1","subject":"{who}"}}'.encode())
        for table, columns in (await tables(office)).items():
            if "subject" in columns and not await holds(office, table, [who]):
                await fill(office, table, who)


def refused(office: Office, value: bytes, key: bytes | None) -> Message:
    office.offset += 1
    return Message("practice", 0, office.offset, key, value, (), at("2025-05-06"), "one")


async def tables(office: Office) -> dict[str, list[str]]:
    return {row["table"]: row["columns"] for row in await office.rows(_TABLES)}


async def fill(office: Office, table: str, subject: str) -> None:
    """A row about someone in a table that holds none of its own accord."""
    row = {r["name"]: _SOMETHING[r["type"]] for r in await office.rows(_REQUIRED, table)}
    row["subject"] = subject
    if "id" in row:
        row["id"] = f"something of {subject}"
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    columns = ", ".join(f'"{name}"' for name in row)
    await office.rows(f"insert into {table} ({columns}) values ({places})", *row.values())


async def holds(office: Office, table: str, ids: list[str]) -> set[str]:
    """Which of these are in a table, in whatever column: in text, in JSON, or in bytes."""
    rows = await office.rows(f"select * from {table}")
    # Until it is published, the outbox holds the id of each event that is to go from the compacted topic.
    found = b"\n".join([as_bytes(value) for row in rows if not ends_standing(row) for value in row])
    return {id for id in ids if id.encode() in found}


async def standing_about(office: Office, person: list[str]) -> set[str]:
    """The events in the outbox that stand about a person."""
    events = [json.loads(value) for value in await office.outbox()]
    withdrawn = {event["data"].get("withdraws") for event in events}
    return {e["id"] for e in events if e["subject"] in person and e["type"] != "Withdrawn"} - withdrawn


def ends_standing(row: Mapping[str, Any]) -> bool:
    """Is it a row of the outbox that only says that some event stands no more?"""
    return dict(row).get("topic", "").endswith(".standing") and row["value"] is None


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def rows_without(office: Office, ids: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows in which nothing is of these, but for what is told of practitioners and of the key."""
    found = defaultdict(list)
    for table in set(await tables(office)) - {"erased", "changed_pools"}:
        for row in await office.rows(f"select * from {table}"):
            whole = b"\n".join(map(as_bytes, row))
            if ends_standing(row):
                continue
            if not any(id.encode() in whole for id in ids) and dict(row).get("kind") != "practitioner":
                found[table].append(tuple(row))
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def own_ids(subjects: set[str], values: list[bytes]) -> set[str]:
    """The ids in events about these people that no event about anybody else has."""
    own: set[str] = set()
    others: set[str] = set()
    for value in values:
        event = json.loads(value)
        (own if event.get("subject") in subjects else others).update(ids_in(event))
    return own - others


def ids_in(value: Any, name: str = "") -> Iterator[str]:
    """The ids in an event: its own, and whatever a field names."""
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from ids_in(inner, field)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner, name)
    elif isinstance(value, str) and (name == "id" or name.endswith("_id")):
        yield value


@pytest.fixture
async def played(create_database: Callable[[], Awaitable[str]]) -> AsyncIterator[Played]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "TWO_NUMBERS", 0.4)
        lines = caseload(seed=3, people=10, days=DAYS)
    async with AsyncExitStack() as stack:
        offices = [
            await stack.enter_async_context(opened(await create_database(), service, language))
            for service in SERVICES
        ]
        replay = OnDatabases(
            [o.engine for o in offices], {o.engine.service.name: pool_of(o.engine) for o in offices}
        )
        outcome = await replay.run(lines)
        assert outcome.dead_letters == []
        events = [parse(line) for line in lines]
        merge = next(event for event in events if event.type == "PersonMerged")
        person = [merge.data.into, str(merge.subject)]
        sentenced = {e.subject for e in events if e.type == "SentenceImposed"}
        other = next(s for s in sorted(filter(None, sentenced)) if s not in person)
        ids = own_ids(set(person), [*lines, *outcome.published])
        assert len(ids) > 50
        yield Played(offices, person, other, ids | set(person))


async def test_no_table_holds_anything_of_an_erased_person_and_all_of_others(played: Played) -> None:
    crn, ids = played.person[0], sorted(played.ids)
    for office in played.offices:
        await played.tell(office, crn)
        await played.tell(office, played.other)
        name = office.engine.service.name
        filled = {table for table in await tables(office) if await holds(office, table, ids)}
        assert filled >= OWN_TABLES.get(name, {"journal", "cases"}) | {"outbox", "dead_letters"}, name
        before = await rows_without(office, ids)
        standing_before = await standing_about(office, played.person)

        erased = Told(PersonErased(erased_on=date(2025, 5, 7)), crn, f"{crn}-erased", at("2025-05-07"))
        await office.take(erased)

        ended = {
            row["key"].decode() for row in await office.rows("select * from outbox") if ends_standing(row)
        }
        assert standing_before <= ended, name

        left = {table: found for table in await tables(office) if (found := await holds(office, table, ids))}
        assert left == {}, name
        after = await rows_without(office, ids)
        del before["offsets"], after["offsets"]
        assert after == before, name


async def test_a_late_fact_is_told_by_its_place_alone(played: Played) -> None:
    crn = played.person[1]
    for office in played.offices:
        await office.take(Told(PersonErased(erased_on=date(2025, 5, 7)), crn, "erased", at("2025-05-07")))
        before = await rows_without(office, [])
        late = json.loads(Told(NEW.data, crn, f"{crn}-late", at("2025-05-08")).body(language))
        late["data"]["requirement"] = []  # which would be a warning
        await office.engine.handle([replace(refused(office, json.dumps(late).encode(), None), topic="court")])
        await office.engine.handle([refused(office, f'{{"subject":"{crn}"}}'.encode(), None)])
        rows = await office.rows("select topic, key, value, reason, status from dead_letters order by number")
        assert [tuple(row) for row in rows] == [
            ("court", None, None, "person_erased", "open"),
            ("practice", None, None, "person_erased", "open"),
        ]
        told = await office.rows("select key, value from outbox where topic like '%dead-letter'")
        assert [tuple(row) for row in told] == [(None, None)] * 2
        for table in await tables(office):
            assert await holds(office, table, sorted(played.ids)) == set()
        after = await rows_without(office, [])
        assert {t for t in after if after[t] != before.get(t)} == {"dead_letters", "offsets", "outbox"}
