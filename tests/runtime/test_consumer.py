"""Every message from Kafka is processed exactly once and from the right offset, whatever happens."""

import asyncio
import json
from datetime import date
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.structs import OffsetAndMetadata

from shared import kafka as kafka_clients
from shared.runtime.faststream_internals import consumer_of
from tests.runtime import toy
from tests.runtime.environment import PATIENCE, UNDECODABLE, Environment, send_undecodable_name, until


async def test_unreadable_messages_do_not_affect_the_messages_around_them(env: Environment) -> None:
    oddities: list[list[tuple[str, Any]]] = [
        [],
        [("h", b"\xff\xfe")],
        [("h", None)],
        [("content-type", b"application/json")],
    ]
    for number, headers in enumerate(oddities):
        await env.weigh(f"before-{number}", 5, partition=0)
        await env.send(b"{ no json", key=b"k", partition=0, headers=headers)
    await env.send(None, key=b"k", partition=0)
    await env.send(b"", partition=0)
    await env.weigh("after", 5, partition=0)
    runtime = await env.run()
    await env.knows("after", *(f"before-{n}" for n in range(4)))
    dead = await env.read("porter.dead-letter", 6)
    assert [r.value for r in dead] == [b"{ no json"] * 4 + [None, b""]
    assert ("h", b"\xff\xfe") in dead[1].headers
    assert dict(dead[0].headers)["dead-letter-reason"] == b"unreadable"
    assert runtime.engine.tally.dead == 6


async def test_a_header_name_that_is_not_utf_8_does_not_block_its_partition(env: Environment) -> None:
    await env.weigh("before", 5, partition=0)
    for number in range(2):
        await send_undecodable_name(env, partition=0)
        await env.weigh(f"between-{number}", 5, partition=0)
    await env.weigh("elsewhere", 5, partition=1)
    runtime = await env.run()
    await env.knows("before", "between-0", "between-1", "elsewhere")
    dead = await env.read("porter.dead-letter", 2)
    assert [dict(r.headers)["dead-letter-from"] for r in dead] == [b"scale/0/1", b"scale/0/3"]
    assert b"not UTF-8" in dict(dead[0].headers)["dead-letter-explanation"]
    assert dead[0].value == UNDECODABLE
    await env.stop(runtime)
    await env.weigh("after", 5, partition=0)
    await env.run()
    await env.knows("after")


async def test_such_a_message_takes_no_other_of_its_batch_with_it(env: Environment) -> None:
    await env.weigh("before", 5, partition=0)
    good = [toy.weighed(f"p{number}", 5) for number in range(7)]
    values = [good[0], UNDECODABLE, good[1], good[2], UNDECODABLE, UNDECODABLE, *good[3:]]
    await send_undecodable_name(env, *values, partition=0)
    runtime = await env.run()
    await env.knows(*(f"p{number}" for number in range(7)))
    dead = await env.read("porter.dead-letter", 3)
    assert [dict(r.headers)["dead-letter-from"] for r in dead] == [b"scale/0/2", b"scale/0/5", b"scale/0/6"]
    assert runtime.engine.tally.duplicates == 0


async def test_it_continues_from_the_databases_offsets_even_if_kafkas_are_ahead(env: Environment) -> None:
    runtime = await env.run()
    await env.weigh("read", 5, partition=1)
    await env.knows("read")
    await env.stop(runtime)
    for number in range(5):
        await env.weigh(f"passed-over-{number}", 5, partition=1)
    await _commit(env, runtime.consumer.group, {TopicPartition(env.topic("scale"), 1): 6})
    again = await env.run()
    await env.knows(*(f"passed-over-{n}" for n in range(5)))
    assert again.engine.tally.duplicates == 0  # nor from the start


async def test_a_service_with_a_restored_database_reads_again(env: Environment) -> None:
    runtime = await env.run()
    for number in range(4):
        await env.weigh(f"p{number}", 5, partition=1)
    await env.knows("p0", "p1", "p2", "p3")
    await env.stop(runtime)
    await env.fetch("delete from journal where subject in ('p2', 'p3')")
    await env.fetch("update offsets set next_offset = 2 where partition = 1 and topic = 'scale'")
    await env.run()
    await env.knows("p2", "p3")


async def test_offsets_are_committed_to_kafka_after_the_database(env: Environment) -> None:
    runtime = await env.run()
    connection = await asyncpg.connect(env.database)
    await connection.execute("begin; lock table offsets in exclusive mode")
    await env.weigh("p1", 5, partition=2)
    await _batch_waits(env)
    place = TopicPartition(env.topic("scale"), 2)
    assert await _committed(env, runtime.consumer.group, place) is None
    await connection.close()
    await env.knows("p1")

    async def committed() -> bool:
        return await _committed(env, runtime.consumer.group, place) == 1

    await until(committed)


async def test_stopping_finishes_the_current_batch_and_publishes_its_findings(env: Environment) -> None:
    runtime = await env.run()
    await env.send(toy.day(date(2026, 1, 5)), topic="clock")
    connection = await asyncpg.connect(env.database)
    await until(lambda: _day_started(env))
    await connection.execute("begin; lock table offsets in exclusive mode")
    await env.weigh("p1", 50)
    await _batch_waits(env)
    stopping = asyncio.create_task(env.stop(runtime))
    await until(lambda: _says(runtime, "service", "stopping"))
    await connection.close()
    await stopping
    assert await env.known() == {"p1"}
    [heavy] = await env.read("porter", 1)
    assert json.loads(heavy.value or b"")["type"] == "ParcelHeavy"
    assert await env.fetch("select 1 from outbox") == []


async def test_a_message_that_the_database_always_refuses_becomes_a_dead_letter(env: Environment) -> None:
    for subject in ("a", "b"):
        await env.weigh(subject, 5, partition=0)
    await env.weigh("refused", toy.REFUSED, partition=0)
    await env.weigh("c", 5, partition=0)
    runtime = await env.run()
    await env.knows("a", "b", "c")
    [dead] = await env.read("porter.dead-letter", 1)
    assert dict(dead.headers)["dead-letter-reason"] == b"store_error"
    assert await env.known() == {"a", "b", "c"}
    await env.ready(runtime)


async def test_it_waits_while_the_database_is_down_and_then_continues(env: Environment) -> None:
    runtime = await env.run()
    await env.weigh("before", 5)
    await env.knows("before")
    name = (await env.fetch("select current_database()"))[0][0]
    admin = await asyncpg.connect(env.admin)
    try:
        await admin.execute(f"alter database {name} with allow_connections false")
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        await env.weigh("meanwhile", 5)

        async def unready() -> bool:
            return {"database", "consumer"} <= set(await runtime.health.readiness())

        await until(unready)
        assert await runtime.health.liveness() == {}
    finally:
        await admin.execute(f"alter database {name} with allow_connections true")
        await admin.close()
    await env.knows("meanwhile")
    await env.ready(runtime)


async def test_it_starts_without_database_and_topics_and_continues_when_they_exist(env: Environment) -> None:
    runtime = env.runtime(topic_prefix=env.settings.topic_prefix + "late-")
    await env.run(runtime, ready=False)
    await until(lambda: _says(runtime, "service", "topics create"))
    prefix = runtime.settings.topic_prefix
    await kafka_clients.create_topics(runtime.settings, {prefix + t: n for t, n in toy.PARTITIONS.items()})
    await env.ready(runtime)


async def test_a_recreated_topic_is_read_from_its_start(env: Environment) -> None:
    runtime = await env.run()
    for number in range(3):
        await env.weigh(f"old-{number}", 5, partition=0)
    await env.knows("old-0", "old-1", "old-2")
    await env.stop(runtime)
    await _recreate(env, "scale")
    for number in range(5):
        await env.weigh(f"new-{number}", 5, partition=0)
    runtime = await env.run()
    await env.knows(*(f"new-{n}" for n in range(5)))
    await _recreate(env, "scale")
    await env.weigh("newest", 5, partition=0)
    await runtime.monitor()
    await env.knows("newest")
    await env.ready(runtime)


async def test_a_topic_that_was_missing_when_partitions_were_shared_out_is_read_when_it_is_back(
    env: Environment,
) -> None:
    runtime = await env.run()
    await _delete(env, "scale")
    await consumer_of(runtime.consumer._subscriber)._client.force_metadata_update()
    await until(lambda: _reads_no(runtime, "scale"))
    await _create(env, "scale")
    await runtime.consumer._logs.find()  # as if it had come back just before the offsets were looked up
    await env.weigh("newest", 5, partition=0)
    await runtime.monitor()
    await env.knows("newest")


async def _reads_no(runtime: Any, short: str) -> bool:
    return bool(runtime.consumer.positions) and short not in {
        topic for topic, _ in runtime.consumer.positions
    }


async def test_two_instances_share_the_work_and_one_takes_over(env: Environment) -> None:
    first, second = await env.run(), await env.run()
    await until(lambda: _both_read(first, second))
    for runtime in (first, second):
        mine = {topic: {p for t, p in runtime.consumer.positions if t == topic} for topic in ("scale",)}
        assert 0 < len(mine["scale"]) < 3
    for number in range(9):
        await env.weigh(f"p{number}", 5, partition=number % 3)
    await env.knows(*(f"p{n}" for n in range(9)))
    assert first.engine.tally.applied > 0
    assert second.engine.tally.applied > 0
    await env.stop(first)
    for number in range(9, 18):
        await env.weigh(f"p{number}", 5, partition=number % 3)
    await env.knows(*(f"p{n}" for n in range(18)))


async def _both_read(first: Any, second: Any) -> bool:
    places = [{p for t, p in r.consumer.positions if t == "scale"} for r in (first, second)]
    return all(places) and places[0] | places[1] == {0, 1, 2} and not places[0] & places[1]


async def _says(runtime: Any, part: str, words: str) -> bool:
    return words in (await runtime.health.readiness()).get(part, "")


async def _day_started(env: Environment) -> bool:
    return (await env.fetch("select day from clock"))[0][0] is not None


async def _batch_waits(env: Environment) -> None:
    async def waits() -> bool:
        query = (
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'porter'"
        )
        return bool(await env.fetch(query))

    await until(waits)


async def _commit(env: Environment, group: str, offsets: dict[TopicPartition, int]) -> None:
    """Commit as a member of the group: the embedded broker accepts commits from nobody else."""
    consumer = AIOKafkaConsumer(
        *{place.topic for place in offsets},
        bootstrap_servers=env.settings.kafka_bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
        partition_assignment_strategy=(RangePartitionAssignor,),
    )
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE):
            while not consumer.assignment() >= set(offsets):
                await consumer.getmany(timeout_ms=100)
        await consumer.commit({place: OffsetAndMetadata(offset, "") for place, offset in offsets.items()})
    finally:
        await consumer.stop()


async def _committed(env: Environment, group: str, place: TopicPartition) -> int | None:
    admin = AIOKafkaAdminClient(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group, partitions=[place])
    finally:
        await admin.close()
    offset = found[place].offset if place in found else -1
    return offset if offset >= 0 else None


async def _recreate(env: Environment, short: str) -> None:
    await _delete(env, short)
    await _create(env, short)


async def _delete(env: Environment, short: str) -> None:
    name = env.topic(short)
    admin = AIOKafkaAdminClient(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([name])

        async def gone() -> bool:
            return name not in await admin.list_topics()

        await until(gone)
    finally:
        await admin.close()


async def _create(env: Environment, short: str) -> None:
    await kafka_clients.create_topics(env.settings, {env.topic(short): toy.PARTITIONS[short]})
    await env.new_producer()
