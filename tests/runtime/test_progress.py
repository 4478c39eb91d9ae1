"""Readiness and metrics rest on what is read, not on being there."""

from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.aiokafka_internals import Topic
from shared.runtime import progress
from shared.runtime.progress import NO_PROGRESS_SECONDS, UNFINISHED_SECONDS, Progress, Seen
from shared.runtime.topics import wrong_number
from tests.conftest import needs
from tests.runtime import admin, toy
from tests.runtime.environment import Environment, readiness_says, until
from tools.embedded import choose

PLACE = TopicPartition("t.scale", 4)


def test_a_service_that_takes_no_message_although_some_wait_does_not_get_on() -> None:
    watched = Progress()
    watched.observe({PLACE: Seen(3, 10, 10)}, taken=3, now=0)
    watched.observe({PLACE: Seen(4, 10, 10)}, taken=4, now=50)
    assert watched.trouble(50 + NO_PROGRESS_SECONDS - 1) == []
    [said] = watched.trouble(50 + NO_PROGRESS_SECONDS)
    assert said == "no message has been taken for 60 s, although 6 can be read, most in t.scale/4"
    watched.observe({PLACE: Seen(10, 10, 10)}, taken=10, now=200)
    assert watched.trouble(1_000) == []


def test_a_service_for_which_no_message_waits_gets_on() -> None:
    watched = Progress()
    watched.observe({PLACE: Seen(10, 10, 10)}, taken=0, now=0)
    assert (watched.trouble(1_000), watched.seconds_without(1_000)) == ([], 0.0)


def test_an_open_transaction_is_told_of_only_when_it_lasts() -> None:
    watched = Progress()
    watched.observe({PLACE: Seen(5, 5, 9)}, taken=0, now=0)
    watched.observe({PLACE: Seen(7, 7, 12)}, taken=2, now=100)
    assert watched.trouble(100 + UNFINISHED_SECONDS - 1) == []
    [said] = watched.trouble(100 + UNFINISHED_SECONDS)
    assert said.startswith("t.scale/4 at offset 7: a producer's transaction has been open for 120 s")
    watched.observe({PLACE: Seen(12, 12, 12)}, taken=7, now=300)
    assert watched.trouble(1_000) == []


@pytest.mark.parametrize(
    ("situation", "seen", "seconds"),
    [
        ("nothing waits", [(0, Seen(3, 3, 3, written=-500))], 0),
        ("it waits since the start, and more is not known", [(0, Seen(3, 9, 9)), (10, Seen(3, 9, 9))], 10),
        (
            "what was taken last is a day old",
            [(0, Seen(3, 9, 9)), (10, Seen(4, 9, 9, written=-86_400))],
            86_410,
        ),
        (
            "nothing waited a while ago",
            [(0, Seen(3, 3, 3, written=-900)), (10, Seen(3, 9, 9, written=-900))],
            10,
        ),
        ("it gets on", [(0, Seen(3, 9, 9, written=-90)), (10, Seen(8, 9, 9, written=-40))], 50),
    ],
)
def test_lag_is_told_in_seconds_too(situation: str, seen: list[tuple[float, Seen]], seconds: float) -> None:
    watched = Progress()
    for now, place in seen:
        watched.observe({PLACE: place}, taken=0, now=now)
    assert watched.seconds_behind(seen[-1][0]) == {"t.scale": seconds}, situation


async def _lag(runtime: Any) -> tuple[float, float]:
    """The sums of lag and of what is behind open transactions, as the metrics say."""
    await runtime.monitor()
    metrics = runtime.metrics
    lag, unfinished = (
        sum(sample.value for metric in gauge.collect() for sample in metric.samples)
        for gauge in (metrics.lag, metrics.unfinished)
    )
    return lag, unfinished


@pytest.mark.parametrize("outcome", ["commit_transaction", "abort_transaction"])
async def test_the_end_of_a_transaction_is_no_lag_and_no_message(
    kafka: choose.Kafka, env: Environment, outcome: str
) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    await env.weigh("before", 5, partition=0)
    await _transaction(env, outcome)
    await env.weigh("elsewhere", 5, partition=1)
    await env.knows("before", "elsewhere", *(["inside"] if outcome == "commit_transaction" else []))

    async def no_lag() -> bool:
        return await _lag(runtime) == (0, 0)

    async def stored() -> bool:
        await runtime.monitor()
        row = await env.fetch("select next_offset from offsets where topic = 'scale' and partition = 0")
        return bool(row) and row[0][0] == 3

    await until(no_lag)
    await until(stored)
    # Retention removes the control record too: it was no message.
    await env.stop(runtime)
    await admin.remove_before(env, "scale", 0, 3)
    await env.run()
    assert await env.fetch("select 1 from dead_letters") == []


async def _transaction(env: Environment, outcome: str | None) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=env.settings.kafka_bootstrap_servers, transactional_id=env.topic("feed")
    )
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(env.topic("scale"), toy.weighed("inside", 5), b"inside", partition=0)
    if outcome:
        await getattr(producer, outcome)()
        await producer.stop()
    return producer


async def test_a_transaction_that_hangs_is_told_apart_from_lag(
    kafka: choose.Kafka, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    producer = await _transaction(env, None)
    await env.weigh("behind", 5, partition=0)

    async def told_apart() -> bool:
        return await _lag(runtime) == (0, 2)

    await until(told_apart)
    assert await runtime.health.readiness() == {}
    monkeypatch.setattr(progress, "UNFINISHED_SECONDS", 0.0)
    await readiness_says(runtime, "consumer", f"{env.topic('scale')}/0 at offset 0", "transaction")
    await producer.commit_transaction()
    await producer.stop()
    await env.knows("inside", "behind")

    async def ended() -> bool:
        return await _lag(runtime) == (0, 0)

    await until(ended)
    await env.ready(runtime)


async def test_messages_that_wait_while_nothing_is_taken_make_the_service_unready(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = await env.run()
    connection = await asyncpg.connect(env.database)
    await connection.execute("begin; lock table offsets in exclusive mode")
    await env.weigh("held", 5, partition=0)

    async def waits() -> bool:
        return (await _lag(runtime))[0] == 1

    await until(waits)
    monkeypatch.setattr(progress, "NO_PROGRESS_SECONDS", 0.001)
    await readiness_says(runtime, "consumer", "no message has been taken", "1 can be read", "scale/0")
    await connection.close()
    await env.knows("held")

    async def gone() -> bool:
        return (await _lag(runtime))[0] == 0

    await until(gone)
    await env.ready(runtime)


async def test_more_partitions_than_before_stop_the_reading(kafka: choose.Kafka, env: Environment) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    await env.weigh("before", 5, partition=0)
    await env.knows("before")
    await admin.set_partitions(env, "scale", 6)
    await runtime.monitor()
    await readiness_says(runtime, "consumer", "scale has 6 partitions instead of 3", "KAFKA_PARTITIONS")
    assert await runtime.health.liveness() == {}
    await env.new_producer()
    await env.weigh("moved", 5, partition=5)
    await env.stop(runtime)
    different = await env.run(ready=False)
    await readiness_says(different, "consumer", "scale has 6 partitions instead of 3")
    await env.stop(different)
    await admin.set_partitions(env, "porter", 6)
    still = await env.run(ready=False)
    await readiness_says(still, "consumer", "has 6 partitions instead of 3")
    await env.stop(still)
    await admin.set_partitions(env, "porter.standing", 6)
    await env.run(kafka_partitions=6)
    await env.knows("moved")


@pytest.mark.parametrize("topic", ["porter", "porter.dead-letter", "scale"])
async def test_a_topic_that_is_gone_is_named_and_used_again_when_it_is_back(
    kafka: choose.Kafka, env: Environment, topic: str
) -> None:
    needs(kafka, "real_kafka")
    runtime = await env.run()
    await admin.delete(env, topic)
    await readiness_says(runtime, "broker", env.topic(topic), "does not exist", "topics create")
    assert await runtime.health.liveness() == {}
    await admin.create(env, topic)
    await env.weigh("after", 5, partition=0)
    await env.knows("after")
    await env.ready(runtime)


def test_topics_about_people_must_have_equal_numbers_of_partitions() -> None:
    said = wrong_number({"clock": Topic("a", 1), "court": Topic("b", 12), "prison": Topic("c", 24)}, {}, None)
    assert said is not None
    assert said.startswith("topics have different numbers of partitions (court 12, prison 24)")
    assert wrong_number({"clock": Topic("a", 1), "court": Topic("b", 12)}, {}, None) is None


def test_a_topic_that_was_created_anew_may_have_another_number_of_partitions() -> None:
    assert wrong_number({"court": Topic("new", 24)}, {"court": Topic("old", 12)}, None) is None
