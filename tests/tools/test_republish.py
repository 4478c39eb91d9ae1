"""`probation republish` says what it did and could not do. See also `tests/system/test_kafka_lost.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from schemas import language
from schemas.topics import TOPICS, standing_topic, topic_name
from services.contacts.app import SERVICE
from shared.engine.relay import SQL
from shared.kafka import create_topics
from tests import facts as f
from tests.casebook import event_of
from tests.replaying import on_databases
from tests.tools.conftest import Said, is_one_line
from tools.cli.local import kafka_settings
from tools.embedded import choose
from tools.republish import types_refilled_by
from tools.services import SERVICES

ACall = Callable[..., Awaitable[Said]]
TOLD = [f.order("2026-03-01"), f.contact("2026-03-03", "unacceptable_absence"), f.died("2026-03-05")]


@pytest.fixture
async def lost(database: str, kafka: choose.Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database of a service, known to the commands, whose topics are empty."""
    values = {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}
    for name, value in {**values, "PROBATION_DATABASE_URL": database}.items():
        monkeypatch.setenv(name, value)
    topics = [
        *(topic_name(topic, topic_prefix) for topic in TOPICS),
        standing_topic("contacts", topic_prefix),
    ]
    await create_topics(kafka_settings(values), dict.fromkeys(topics, 1))
    async with on_databases(lambda _: database, services=[SERVICE]) as replay:
        await replay.run([language.render(event_of(fact)) for fact in TOLD])
    return database


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def test_it_says_how_much_was_sent_and_whether_an_event_is_missing(
    lost: str, acall: ACall, elsewhere: Path
) -> None:
    said = await acall("republish", "contacts", "--facts")
    assert said.code == 0, said.err
    assert said.out.startswith("contacts: ")
    assert said.out.endswith("; 1 facts of the feeds\n"), "allocation refills sentences and deaths"
    (elsewhere / "nobody.txt").write_text("X999999\n")
    said = await acall("republish", "contacts", "--only", "nobody.txt")
    assert said.out == "contacts: 0 events, of which 0 stand\n"

    await execute(lost, "delete from published where sequence = 1")
    said = await acall("republish", "contacts")
    assert said.code == 1
    assert "contacts has not kept every event of 1 cases" in said.err


async def test_what_kafka_refused_as_too_large_stays_away(lost: str, acall: ACall) -> None:
    every = (await acall("republish", "contacts")).out
    await execute(
        lost,
        "insert into dead_letters "
        '(topic, partition, "offset", incarnation, reason, explanation, value, headers, received) '
        "select 'contacts', -1, 1, 'outbox', 'refused_by_kafka', '', value, headers, now() "
        "from published where sequence = 1",
    )
    fewer = (await acall("republish", "contacts")).out
    assert int(fewer.split()[1]) == int(every.split()[1]) - 1


async def test_it_does_nothing_while_an_instance_publishes(lost: str, acall: ACall) -> None:
    leader = await asyncpg.connect(lost)
    try:
        assert await leader.fetchval(SQL["lead"])
        refused = await acall("republish", "contacts")
    finally:
        await leader.close()
    is_one_line(refused, "an instance of contacts is publishing: stop all its instances first", code=1)


def test_each_type_of_the_feeds_that_a_service_reads_is_refilled_by_exactly_one() -> None:
    refilled = [type for service in SERVICES for type in types_refilled_by(service)]
    assert len(refilled) == len(set(refilled))
    read = {type for service in SERVICES for model in service.models for type in model.types}
    feeds = {type for type in read if language.topics_of(type)[0] not in {s.name for s in SERVICES}}
    assert feeds <= set(refilled)
