"""The relay publishes the outbox in order for each key, at least once, and by one relay only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from shared import kafka as kafka_clients
from shared.engine import relay as relays
from shared.engine.outbox import _pack_headers
from shared.engine.relay import Relay
from tests.conftest import needs
from tests.runtime.environment import PATIENCE, Environment, until
from tools.embedded import choose

Start = Callable[..., Relay]

END_THE_LEADER = """
select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())
"""


class Breaking:
    """A connection that is lost at its first delete, when the broker already has what was sent."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, query: str, *arguments: Any) -> Any:
        """Lose the connection instead of deleting."""
        if query == relays.SQL["published"]:
            self._connection.terminate()
        return await self._connection.execute(query, *arguments)


@pytest.fixture
async def start(env: Environment) -> AsyncIterator[Start]:
    """Starts relays that run until the end of the test."""
    running: list[tuple[Relay, asyncio.Task[None]]] = []

    def start(connect: Any = None) -> Relay:
        relay = Relay(
            connect or (lambda: asyncpg.connect(env.database)),
            lambda: kafka_clients.producer(env.settings, "relay"),
            env.settings.topic_prefix,
        )
        running.append((relay, asyncio.create_task(relay.run())))
        return relay

    yield start
    for relay, task in running:
        relay.stop(5)
        async with asyncio.timeout(PATIENCE):
            await task


async def fill(
    env: Environment, rows: Sequence[tuple[bytes | None, bytes | None]], topic: str = "porter"
) -> None:
    """Put rows into the outbox."""
    headers = _pack_headers([("n", b"1")])
    connection = await asyncpg.connect(env.database)
    try:
        await connection.executemany(
            "insert into outbox (topic, key, event_id, value, headers) values ($1, $2, '', $3, $4)",
            [(topic, key, value, headers) for key, value in rows],
        )
    finally:
        await connection.close()


def numbered(keys: int, each: int) -> list[tuple[bytes | None, bytes | None]]:
    """Rows of several keys, each numbered from 0."""
    return [(b"k%d" % key, b"%d" % number) for number in range(each) for key in range(keys)]


def by_key(records: Sequence[ConsumerRecord[bytes, bytes]]) -> dict[bytes, list[int]]:
    """The numbers of each key, in the order read."""
    found: dict[bytes, list[int]] = {}
    for record in records:
        found.setdefault(record.key or b"", []).append(int(record.value or b"-1"))
    return found


async def empty(env: Environment) -> bool:
    """Whether the outbox is empty."""
    return not await env.fetch("select 1 from outbox limit 1")


async def test_rows_are_published_in_order_for_each_key(env: Environment, start: Start) -> None:
    await fill(env, numbered(7, 400))
    start()
    found = by_key(await env.read("porter", 2_800))
    assert found == {b"k%d" % key: list(range(400)) for key in range(7)}
    await until(lambda: empty(env))


async def test_a_crash_between_publishing_and_deleting_only_causes_duplicates(
    env: Environment, start: Start
) -> None:
    await fill(env, numbered(5, 50))
    first = True

    async def connect() -> Any:
        nonlocal first
        connection = await asyncpg.connect(env.database)
        if first:
            first = False
            return Breaking(connection)
        return connection

    start(connect)
    await until(lambda: empty(env))
    found = by_key(await env.read("porter", 500))
    assert all(list(dict.fromkeys(numbers)) == list(range(50)) for numbers in found.values())
    assert all(len(numbers) == 100 for numbers in found.values())


async def test_of_two_relays_one_leads_and_the_other_takes_over(
    env: Environment, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "LEAD_SECONDS", 0.05)
    first, second = start(), start()

    async def one_leads() -> bool:
        return first.leading or second.leading

    await until(one_leads)
    await fill(env, numbered(3, 10))
    await until(lambda: empty(env))
    assert first.leading != second.leading
    leader, other = (first, second) if first.leading else (second, first)
    assert other.published == 0
    leader.stop(1)

    async def other_leads() -> bool:
        return other.leading

    await until(other_leads)
    await fill(env, numbered(3, 10))
    assert by_key(await env.read("porter", 60)) == {
        b"k%d" % key: [*range(10), *range(10)] for key in range(3)
    }
    assert leader.published == 30


async def test_a_leader_that_loses_its_connection_is_no_longer_the_leader(
    env: Environment, start: Start
) -> None:
    relay = start()

    async def leads() -> bool:
        return relay.leading

    await until(leads)
    await env.fetch(END_THE_LEADER)
    await fill(env, numbered(2, 5))
    await until(lambda: empty(env))
    assert by_key(await env.read("porter", 10)) == {b"k0": list(range(5)), b"k1": list(range(5))}


async def test_a_leader_that_is_paused_with_rows_on_the_way_does_not_send_them_when_it_wakes(
    env: Environment, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused, on_the_way = 0.0, False
    now, make = relays._now, kafka_clients.producer
    monkeypatch.setattr(relays, "_now", lambda: now() + paused)

    def producer(*settings: Any) -> AIOKafkaProducer:
        made = make(*settings)
        send, connect = made.send, made.client.ready

        async def sending(*record: Any, **options: Any) -> Any:
            nonlocal on_the_way
            on_the_way = True
            return await send(*record, **options)

        async def connecting(*node: Any, **options: Any) -> Any:
            nonlocal paused
            if on_the_way and not paused:
                paused = 60.0
                await env.fetch(END_THE_LEADER)  # as another instance would meanwhile
            return await connect(*node, **options)

        made.send, made.client.ready = sending, connecting
        return made

    monkeypatch.setattr(kafka_clients, "producer", producer)
    start()
    await fill(env, numbered(2, 5))
    await until(lambda: empty(env))
    assert paused
    await fill(env, [(b"last", b"0")])
    assert by_key(await env.read("porter", 11)) == {
        b"k0": list(range(5)),
        b"k1": list(range(5)),
        b"last": [0],
    }


async def test_a_row_that_kafka_always_refuses_becomes_a_dead_letter_and_the_rest_continues(
    kafka: choose.Kafka, env: Environment, start: Start
) -> None:
    needs(kafka, "real_kafka")
    rows = numbered(3, 20)
    rows.insert(10, (b"k0", b"x" * 3_000_000))
    rows.insert(30, (b"k1", b"x" * 20_000_000))  # larger than a client would send
    await fill(env, rows)
    relay = start()
    found = by_key(await env.read("porter", 60))
    assert {key: sorted(set(numbers)) for key, numbers in found.items()} == {
        b"k%d" % key: list(range(20)) for key in range(3)
    }
    await until(lambda: empty(env))
    dead = await env.fetch(
        "select reason, topic, key, length(value) as size from dead_letters order by number"
    )
    assert [tuple(row) for row in dead] == [
        ("refused_by_kafka", "porter", b"k0", 3_000_000),
        ("refused_by_kafka", "porter", b"k1", 20_000_000),
    ]
    assert relay.refused == 2


async def test_a_refused_dead_letter_does_not_become_another_dead_letter(
    kafka: choose.Kafka, env: Environment, start: Start
) -> None:
    needs(kafka, "real_kafka")
    await fill(env, [(b"k", b"x" * 3_000_000)], topic="porter.dead-letter")
    start()
    await until(lambda: empty(env))
    assert await env.fetch("select 1 from dead_letters") == []


async def test_a_dead_letter_without_key_and_value_is_published(env: Environment, start: Start) -> None:
    await fill(env, [(None, None), (b"k", None)], topic="porter.dead-letter")
    start()
    found = await env.read("porter.dead-letter", 2)
    assert sorted((r.key or b"", r.value) for r in found) == [(b"", b""), (b"k", None)]


async def test_stopping_publishes_the_rest_of_the_outbox(env: Environment, start: Start) -> None:
    relay = start()

    async def leads() -> bool:
        return relay.leading

    await until(leads)
    await fill(env, numbered(2, 1_500))
    relay.stop(20)
    await until(lambda: empty(env))


async def test_the_wait_is_short_again_after_a_success(
    env: Environment, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []

    def no_time(attempt: int) -> float:
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr(relays, "full_jitter", no_time)
    connections: list[Any] = []

    async def connect() -> Any:
        if len(attempts) < 3:
            raise OSError
        connections.append(await asyncpg.connect(env.database))
        return connections[-1]

    relay = start(connect)

    async def publishes() -> bool:
        return relay.leading and relay.trouble is None

    await until(publishes)
    connections[0].terminate()

    async def failed_again() -> bool:
        return len(attempts) == 4

    await until(failed_again)
    assert attempts == [1, 2, 3, 1]
