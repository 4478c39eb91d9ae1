"""What comes from Kafka is taken whatever happens: once, from the right place, in any company."""

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
from tests.runtime import toy
from tests.runtime.house import PATIENCE, House, send_odd_name, until


async def test_odd_messages_lose_nothing_around_them(house: House) -> None:
    oddities: list[list[tuple[str, Any]]] = [
        [],
        [("h", b"\xff\xfe")],
        [("h", None)],
        [("content-type", b"application/json")],
    ]
    for number, headers in enumerate(oddities):
        await house.weigh(f"before-{number}", 5, partition=0)
        await house.send(b"{ no json", key=b"k", partition=0, headers=headers)
    await house.send(None, key=b"k", partition=0)
    await house.send(b"", partition=0)
    await house.weigh("after", 5, partition=0)
    runtime = await house.run()
    await house.knows("after", *(f"before-{n}" for n in range(4)))
    dead = await house.read("porter.dead-letter", 6)
    assert [r.value for r in dead] == [b"{ no json"] * 4 + [None, b""]
    assert ("h", b"\xff\xfe") in dead[1].headers
    assert dict(dead[0].headers)["dead-letter-reason"] == b"unreadable"
    assert runtime.engine.tally.dead == 6


async def test_a_header_whose_name_is_not_text_does_not_stop_its_partition(house: House) -> None:
    await house.weigh("before", 5, partition=0)
    for number in range(2):
        await send_odd_name(house, partition=0)
        await house.weigh(f"between-{number}", 5, partition=0)
    await house.weigh("elsewhere", 5, partition=1)
    runtime = await house.run()
    await house.knows("before", "between-0", "between-1", "elsewhere")
    dead = await house.read("porter.dead-letter", 2)
    assert [dict(r.headers)["dead-letter-from"] for r in dead] == [b"scale/0/1", b"scale/0/3"]
    assert b"not UTF-8" in dict(dead[0].headers)["dead-letter-explanation"]
    await house.stop(runtime)
    await house.weigh("after", 5, partition=0)
    await house.run()
    await house.knows("after")


async def test_reads_on_from_the_databases_offsets_though_kafkas_are_ahead(house: House) -> None:
    runtime = await house.run()
    await house.weigh("read", 5, partition=1)
    await house.knows("read")
    await house.stop(runtime)
    for number in range(5):
        await house.weigh(f"passed-over-{number}", 5, partition=1)
    await _commit(house, runtime.consumer.group, {TopicPartition(house.topic("scale"), 1): 6})
    again = await house.run()
    await house.knows(*(f"passed-over-{n}" for n in range(5)))
    assert again.engine.tally.duplicates == 0  # nor from the start


async def test_a_database_restored_to_an_earlier_day_reads_again(house: House) -> None:
    runtime = await house.run()
    for number in range(4):
        await house.weigh(f"p{number}", 5, partition=1)
    await house.knows("p0", "p1", "p2", "p3")
    await house.stop(runtime)
    await house.fetch("delete from journal where subject in ('p2', 'p3')")
    await house.fetch("update offsets set next_offset = 2 where partition = 1 and topic = 'scale'")
    await house.run()
    await house.knows("p2", "p3")


async def test_kafka_gets_its_commit_after_the_database(house: House) -> None:
    runtime = await house.run()
    connection = await asyncpg.connect(house.database)
    await connection.execute("begin; lock table offsets in exclusive mode")
    await house.weigh("p1", 5, partition=2)
    await _batch_waits(house)
    place = TopicPartition(house.topic("scale"), 2)
    assert await _committed(house, runtime.consumer.group, place) is None
    await connection.close()
    await house.knows("p1")

    async def committed() -> bool:
        return await _committed(house, runtime.consumer.group, place) == 1

    await until(committed)


async def test_a_stop_finishes_the_batch_in_hand_and_publishes_its_findings(house: House) -> None:
    runtime = await house.run()
    await house.send(toy.day(date(2026, 1, 5)), topic="clock")
    connection = await asyncpg.connect(house.database)
    await until(lambda: _day_begun(house))
    await connection.execute("begin; lock table offsets in exclusive mode")
    await house.weigh("p1", 50)
    await _batch_waits(house)
    stopping = asyncio.create_task(house.stop(runtime))
    await until(lambda: _says(runtime, "service", "stopping"))
    await connection.close()
    await stopping
    assert await house.known() == {"p1"}
    [heavy] = await house.read("porter", 1)
    assert json.loads(heavy.value or b"")["type"] == "ParcelHeavy"
    assert await house.fetch("select 1 from outbox") == []


async def test_what_the_database_refuses_for_ever_becomes_a_dead_letter(house: House) -> None:
    for subject in ("a", "b"):
        await house.weigh(subject, 5, partition=0)
    await house.weigh("refused", toy.REFUSED, partition=0)
    await house.weigh("c", 5, partition=0)
    runtime = await house.run()
    await house.knows("a", "b", "c")
    [dead] = await house.read("porter.dead-letter", 1)
    assert dict(dead.headers)["dead-letter-reason"] == b"store_error"
    assert await house.known() == {"a", "b", "c"}
    await house.ready(runtime)


async def test_waits_for_a_database_that_is_away_and_goes_on(house: House) -> None:
    runtime = await house.run()
    await house.weigh("before", 5)
    await house.knows("before")
    name = (await house.fetch("select current_database()"))[0][0]
    admin = await asyncpg.connect(house.admin)
    try:
        await admin.execute(f"alter database {name} with allow_connections false")
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        await house.weigh("meanwhile", 5)

        async def unready() -> bool:
            return {"database", "consumer"} <= set(await runtime.health.readiness())

        await until(unready)
        assert await runtime.health.liveness() == {}
    finally:
        await admin.execute(f"alter database {name} with allow_connections true")
        await admin.close()
    await house.knows("meanwhile")
    await house.ready(runtime)


async def test_starts_without_database_and_topics_and_goes_on_when_they_come(house: House) -> None:
    runtime = house.runtime(topic_prefix=house.settings.topic_prefix + "late-")
    await house.run(runtime, ready=False)
    await until(lambda: _says(runtime, "service", "topics create"))
    prefix = runtime.settings.topic_prefix
    await kafka_clients.create_topics(runtime.settings, {prefix + t: n for t, n in toy.PARTITIONS.items()})
    await house.ready(runtime)


async def test_a_topic_made_anew_is_read_from_its_start(house: House) -> None:
    runtime = await house.run()
    for number in range(3):
        await house.weigh(f"old-{number}", 5, partition=0)
    await house.knows("old-0", "old-1", "old-2")
    await house.stop(runtime)
    await _make_anew(house, "scale")
    for number in range(5):
        await house.weigh(f"new-{number}", 5, partition=0)
    runtime = await house.run()
    await house.knows(*(f"new-{n}" for n in range(5)))
    await _make_anew(house, "scale")
    await house.weigh("newest", 5, partition=0)
    await runtime.monitor()
    await house.knows("newest")
    await house.ready(runtime)


async def test_two_instances_share_the_work_and_one_takes_over(house: House) -> None:
    first, second = await house.run(), await house.run()
    await until(lambda: _both_read(first, second))
    for runtime in (first, second):
        mine = {topic: {p for t, p in runtime.consumer.positions if t == topic} for topic in ("scale",)}
        assert 0 < len(mine["scale"]) < 3
    for number in range(9):
        await house.weigh(f"p{number}", 5, partition=number % 3)
    await house.knows(*(f"p{n}" for n in range(9)))
    assert first.engine.tally.applied > 0
    assert second.engine.tally.applied > 0
    await house.stop(first)
    for number in range(9, 18):
        await house.weigh(f"p{number}", 5, partition=number % 3)
    await house.knows(*(f"p{n}" for n in range(18)))


async def _both_read(first: Any, second: Any) -> bool:
    places = [{p for t, p in r.consumer.positions if t == "scale"} for r in (first, second)]
    return all(places) and places[0] | places[1] == {0, 1, 2} and not places[0] & places[1]


async def _says(runtime: Any, part: str, words: str) -> bool:
    return words in (await runtime.health.readiness()).get(part, "")


async def _day_begun(house: House) -> bool:
    return (await house.fetch("select day from clock"))[0][0] is not None


async def _batch_waits(house: House) -> None:
    async def waits() -> bool:
        query = (
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'porter'"
        )
        return bool(await house.fetch(query))

    await until(waits)


async def _commit(house: House, group: str, offsets: dict[TopicPartition, int]) -> None:
    """Commit as a member of the group: the embedded broker takes it from nobody else."""
    consumer = AIOKafkaConsumer(
        *{place.topic for place in offsets},
        bootstrap_servers=house.settings.kafka_bootstrap_servers,
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


async def _committed(house: House, group: str, place: TopicPartition) -> int | None:
    admin = AIOKafkaAdminClient(bootstrap_servers=house.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group, partitions=[place])
    finally:
        await admin.close()
    offset = found[place].offset if place in found else -1
    return offset if offset >= 0 else None


async def _make_anew(house: House, short: str) -> None:
    name = house.topic(short)
    admin = AIOKafkaAdminClient(bootstrap_servers=house.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([name])

        async def gone() -> bool:
            return name not in await admin.list_topics()

        await until(gone)
    finally:
        await admin.close()
    await kafka_clients.create_topics(house.settings, {name: toy.PARTITIONS[short]})
    if house.producer is not None:  # its idea of the topic is old
        await house.producer.stop()
        house.producer = None
