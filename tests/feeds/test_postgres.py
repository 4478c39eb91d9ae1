"""The database keeps what memory keeps, and nothing of a message is done unless all of it is."""

from __future__ import annotations

import json
import secrets
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from feeds.client import Details
from feeds.message import Message
from feeds.postgres import DATABASE, SQL, Postgres
from feeds.registry import ADAPTERS
from feeds.runner import Feed
from shared import database as databases
from shared.engine.relay import SQL as RELAY
from tests.feeds.conftest import KEY
from tests.feeds.hearings import PNC, application, by_cjs, defendant, hearing, order, unpaid_work
from tests.feeds.world import CRN, NOON, World, waits
from tools.embedded import choose

COURT = "common-platform"


async def outbox(store: Postgres) -> list[tuple[str, str, bytes]]:
    """What is to be published."""
    rows = await store.pool.fetch("select topic, event_id, value from outbox order by id")
    return [(row["topic"], row["event_id"], row["value"]) for row in rows]


async def story(world: World) -> None:
    """Somebody new is sentenced, corrected, varied, and confused with another person."""
    await world.take(COURT, hearing(defendant(order(), unpaid_work())))
    await world.known(CRN, ("pnc", PNC))
    await world.take(
        COURT, hearing(defendant(order(), unpaid_work("90 Hours")), shared="2026-03-02T11:30:00Z")
    )
    await world.take(
        COURT, hearing(defendant(order(), unpaid_work("90 Hours")), shared="2026-03-02T11:30:00Z")
    )
    world.now = world.now.replace(month=6)
    varied = application("CJ03513", by_cjs("V1", "1030", newEndDate="01/09/2027"))
    share = hearing(applications=(varied,), id="H2", shared="2026-06-01T12:00:00Z")
    share["hearing"]["hearingDays"] = [{"sittingDay": "2026-06-01T09:00:00Z"}]
    await world.take(COURT, share)
    await world.known("X000002", ("pnc", PNC))
    await world.identify("master_defendant:M1", "X000002")
    await world.take(COURT, b"not JSON")


async def test_the_database_publishes_the_same_as_memory(store: Postgres) -> None:
    in_memory, in_database = World(), World(store)
    await story(in_memory)
    await story(in_database)
    assert in_memory.store.events
    assert await outbox(store) == [(e.topic, e.id, e.body) for e in in_memory.store.events]


async def test_what_waits_and_what_is_dead_is_listed_with_the_cure(store: Postgres) -> None:
    world = World(store)
    await world.take(COURT, hearing(defendant(order())))
    await world.take(COURT, b"not JSON")
    rows = await store.pool.fetch(SQL["open"], None)
    assert [row["status"] for row in rows] == ["waiting", "dead"]
    assert json.loads(rows[0]["waits"])[0]["key"] == "identity:defendant:D1"
    assert json.loads(rows[1]["letters"])[0]["remedy"] == "ask the source to send it again"


async def test_the_raw_message_is_kept_as_it_came(store: Postgres) -> None:
    world = World(store)
    raw = json.dumps(hearing(defendant(order())), indent=3).encode()
    await world.take(COURT, raw, messageType="COMMON_PLATFORM_HEARING")
    [row] = await store.pool.fetch("select body, attributes from messages")
    assert (row["body"], json.loads(row["attributes"])) == (raw, {"messageType": "COMMON_PLATFORM_HEARING"})


class _FailingWork:
    """A unit of work that loses the database when it publishes."""

    def __init__(self, work: Any) -> None:
        self._work = work

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    async def publish(self, *_: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError("lost")


async def test_a_message_is_taken_whole_or_not_at_all(
    store: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(store)
    await world.known(CRN, ("pnc", PNC))
    whole = store.transaction

    @asynccontextmanager
    async def failing() -> Any:
        async with whole() as work:
            yield _FailingWork(work)

    share = hearing(defendant(order()))
    monkeypatch.setattr(store, "transaction", failing)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await world.take(COURT, share)
    monkeypatch.setattr(store, "transaction", whole)
    assert await store.pool.fetchval("select count(*) from messages") == 0
    await world.take(COURT, share)
    assert len(await outbox(store)) == 1


async def test_a_message_that_waits_longer_than_a_day_is_alarmed_once(store: Postgres) -> None:
    world = World(store)
    taken = await world.take(COURT, hearing(defendant(order())))
    assert waits(taken)
    clock = NOON
    feed = Feed(ADAPTERS[COURT], store, Details([]), now=lambda: clock)
    clock = NOON + timedelta(hours=23)
    assert await feed.alarm() == []
    clock = NOON + timedelta(hours=25)
    assert await feed.alarm() == [taken and taken.number]
    assert await feed.alarm() == []


async def test_new_tables_are_tried_on_what_was_dead(
    store: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(store)
    await world.known(CRN, ("pnc", PNC))
    body = json.dumps(hearing(defendant(order(end="some day")))).encode()
    feed = Feed(ADAPTERS[COURT], store, Details([]), now=lambda: NOON)
    await feed.take(Message(body, {}, NOON, "a test"))
    read: list[bytes] = []
    translate = ADAPTERS[COURT].read

    def noting(message: Message) -> Any:
        read.append(message.body)
        return translate(message)

    monkeypatch.setattr(ADAPTERS[COURT], "read", noting)
    await feed.tend()
    assert read == []
    monkeypatch.setattr("feeds.runner.release", lambda: "another")
    await feed.tend()
    assert read == [body]


async def test_the_feeds_role_may_do_what_the_feeds_do_and_no_more(postgres: choose.Postgres) -> None:
    name, password = f"feeds_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    passwords: dict[databases.Role, str] = {"migrate": password, "app": password}
    await databases.create(postgres.dsn(), DATABASE, passwords, database=name)
    try:
        as_migrate = databases.address(postgres.dsn(), name, f"{name}_migrate", password)
        assert await databases.migrate(as_migrate, DATABASE)
        as_app = databases.address(postgres.dsn(), name, f"{name}_app", password)
        async with asyncpg.create_pool(as_app, min_size=0, max_size=2) as pool:
            await story(World(Postgres(pool, KEY)))
            async with pool.acquire() as connection:
                for statement in (*SQL.values(), *RELAY.values()):
                    parameters = (await connection.prepare(statement)).get_parameters()
                    await connection.fetch(f"explain {statement}", *(None for _ in parameters))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute("delete from erased")
    finally:
        admin = await asyncpg.connect(postgres.dsn())
        await admin.execute(f'drop database "{name}" with (force)')
        for role in ("app", "migrate", "read", "owner"):
            await admin.execute(f'drop role "{name}_{role}"')
        await admin.close()


async def test_how_long_the_first_event_has_waited_and_when_the_last_backup_was_made_can_be_asked(
    store: Postgres,
) -> None:
    assert await store.pool.fetchval(SQL["outbox_oldest"]) is None
    assert await store.pool.fetchval(SQL["backup"]) == 0
    world = World(store)
    await world.known(CRN, ("pnc", PNC))
    await world.take(COURT, hearing(defendant(order())))
    await store.pool.execute("update outbox set written = now() - interval '90 seconds'")
    assert await store.pool.fetchval(SQL["outbox_oldest"]) >= 90
    await store.pool.execute("insert into backups values ('2026-03-02T10:00:00Z'), ('2026-03-01T10:00:00Z')")
    assert await store.pool.fetchval(SQL["backup"]) == datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()
