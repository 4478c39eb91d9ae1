"""SH-12: until when what is held about a person is kept, and the command that erases those who are due."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from schemas import language
from schemas.topics import topic_name
from services.allocation.app import SERVICE
from shared import kafka as clients
from shared.calendar import add_months
from shared.engine.intake import Message
from tests import facts as f
from tests.engine.running import Office, Told, at, office
from tests.tools.conftest import Said, acall, call, elsewhere
from tools.cli.local import kafka_settings
from tools.embedded import choose
from tools.retention import SOURCE, Due, due, erasure

__all__ = ["acall", "call", "elsewhere"]  # the fixtures of the command line

TODAY = date(2026, 6, 3)
OVER = date(2018, 3, 2)
YEARS = SERVICE.load_policy().on(OVER, None).table("retention_after_end")
ORDER = f.order("2017-03-01", "2018-03-01")


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Office]:
    async with office(database, SERVICE, language) as made:
        await made.day(TODAY)
        yield made


async def tell(office: Office, *facts: f.Fact, subject: str = f.PERSON) -> None:
    await office.take(*(Told(x.data, subject, f"{x.id}-{subject}", at(TODAY)) for x in facts))


async def retained(office: Office) -> list[tuple[date, date, str]]:
    rows = await office.rows("select ended_on, retained_until, retained_as from retained order by subject")
    return [tuple(row) for row in rows]


def kept(kind: str, over: date = OVER) -> tuple[date, date, str]:
    return over, add_months(over, 12 * int(YEARS[kind])), kind


async def test_it_is_kept_for_years_after_the_last_supervision_has_ended(opened: Office) -> None:
    later = f.order("2017-06-01", "2018-05-31", id="S2")
    await tell(opened, ORDER, later)
    assert await retained(opened) == [kept("other", date(2018, 6, 1))]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ([f.order("2017-03-01", "2018-03-01", sexual_offence=True)], "sexual_offence"),
        ([f.order("2017-03-01", "2018-03-01", partner_violence=True)], "partner_violence"),
        ([f.order("2017-03-01", "2018-03-01", extremism_offence=True)], "extremism_offence"),
        ([ORDER, f.risk("2017-04-01", "high", mappa=2), f.risk("2017-09-01", "low")], "mappa"),
        ([ORDER, f.registered("2017-04-01", "mappa")], "mappa"),
    ],
)
async def test_the_longest_time_counts_of_all_that_was_ever_so(
    opened: Office, facts: list[f.Fact], kind: str
) -> None:
    await tell(opened, *facts)
    assert await retained(opened) == [kept(kind)]


async def test_nobody_is_due_whose_sentence_is_not_over(opened: Office) -> None:
    await tell(opened, ORDER, f.order("2026-01-05", "2027-01-04", id="S2"))
    await tell(opened, ORDER, f.custodial("2018-01-05", id="S3"), subject="X2")
    assert await retained(opened) == []


async def test_who_comes_back_is_not_due_any_more(opened: Office) -> None:
    await tell(opened, ORDER)
    assert len(await retained(opened)) == 1
    await tell(opened, f.order("2026-06-01", "2027-05-31", id="S2"))
    assert await retained(opened) == []


async def test_the_command_lists_who_is_due_and_erases_them_everywhere(
    opened: Office,
    database: str,
    kafka: choose.Kafka,
    topic_prefix: str,
    acall: Callable[..., Awaitable[Said]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await tell(opened, ORDER, subject="X100001")
    await tell(opened, f.order("2025-03-01", "2026-03-01"), subject="X100002")
    topic = topic_name("practice", topic_prefix)
    values = {**kafka.client_settings, "PROBATION_TOPIC_PREFIX": topic_prefix}
    settings = kafka_settings(values)
    await clients.create_topics(settings, {topic: 1})
    for name, value in {**values, "PROBATION_DATABASE_URL": database}.items():
        monkeypatch.setenv(name, value)

    said = await acall("retention")
    assert said.code == 0, said.err
    assert "1 people are due: 1 other" in said.out
    assert "X100001" in said.out
    assert "X100002" not in said.out
    await tell(opened, ORDER, subject="X100003")
    refused = await acall("retention", "--erase", "--at-most", "1")
    assert refused.code == 1
    assert "nobody was erased: 2 people are due, more than 1" in refused.err
    said = await acall("retention", "--erase")
    assert said.code == 0, said.err

    consumer = AIOKafkaConsumer(
        topic, **clients.client_options(settings, "test"), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        told = [await consumer.getone() for _ in range(2)]
    finally:
        await consumer.stop()
    events = [json.loads(record.value or b"") for record in told]
    assert {event["source"] for event in events} == {SOURCE}
    assert [event["subject"] for event in events] == ["X100001", "X100003"]
    opened.latest = TODAY + timedelta(days=400)
    await opened.engine.handle([message(opened, record.key, record.value) for record in told])
    connection = await asyncpg.connect(database)
    try:
        assert await due(connection, date.max) != []
        assert await due(connection, TODAY) == []
        assert await opened.count("erased") == 3  # with the one of no name
    finally:
        await connection.close()
    assert (
        await opened.rows("select 1 from journal where subject like 'X10000%' and subject <> 'X100002'") == []
    )


def message(office: Office, key: bytes | None, value: bytes | None) -> Message:
    office.offset += 1
    return Message("practice", 0, office.offset, key, value, (), datetime.now(UTC), "one")


def test_an_erasure_that_is_told_again_has_the_same_id() -> None:
    person = Due("X1", OVER, date(2024, 3, 2), "other")
    first, again = (erasure(person, datetime(2026, 6, day, tzinfo=UTC)) for day in (3, 4))
    assert first.id == again.id
    assert first.data.erased_on == date(2026, 6, 3)
