"""Fills the topics of a service again from its database, when Kafka has lost them.

The database keeps each event as it was published (`published`), so that the topic gets the same ids, bytes,
sequences and order per person. What stands follows from them. The facts of the feeds are in the services'
journals: each type is taken from one of them (`types_refilled_by`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaProducer

from schemas import language
from schemas.catalogue import entries
from schemas.topics import SOURCES, standing_topic, topic_name
from shared import kafka
from shared.database import check
from shared.engine.outbox import headers_of
from shared.engine.relay import SQL
from shared.engine.service import Service
from shared.settings import KafkaSettings
from tools.services import SERVICES

ROUND = 1_000
"""How many records are sent before their acknowledgements are awaited."""

_PUBLISHED = """
select subject, value, headers from published
where ($1::text[] is null or subject = any ($1))
    -- What Kafka refused as too large never was on the topic.
    and not exists (select from dead_letters d
        where d.reason = 'refused_by_kafka' and d.status <> 'redriven' and d.value = published.value)
order by subject, sequence
"""
_FACTS = """
select subject, type, body from journal
where type = any ($2::text[]) and ($1::text[] is null or subject = any ($1)) order by number
"""
_MISSING = """
select count(*) from cases where ($1::text[] is null or subject = any ($1))
    and sequence > (select count(*) from published where published.subject = cases.subject)
"""
_STRUCTURED = [("content-type", b"application/cloudevents+json")]


class InUse(Exception):
    """An instance of the service publishes at the same time."""


@dataclass
class Republished:
    """How much was sent, and of how many people the database has not kept every event."""

    events: int = 0
    standing: int = 0
    facts: int = 0
    incomplete: int = 0


class _Withdrawal(msgspec.Struct):
    withdraws: str | None = None


class _Event(msgspec.Struct):
    id: str
    data: _Withdrawal


_event = msgspec.json.Decoder(_Event).decode


def types_refilled_by(service: Service) -> list[str]:
    """The types of the feeds that are republished from this service's journal: no other service refills them.

    Several journals may hold a type. The first service that reads it refills it.
    """
    feeds = [topic for topic, source in SOURCES.items() if source.startswith("/feeds/")]
    types = [entry.type for topic in feeds for entry in entries(topic)]
    return [type for type in types if next((s for s in SERVICES if s.model_of(type)), None) is service]


async def republish(
    service: Service,
    dsn: str,
    settings: KafkaSettings,
    *,
    facts: bool,
    only: Collection[str] | None = None,
) -> Republished:
    """Send what the service published, what of it stands and, if `facts`, the feeds' facts that it refills.

    `only` are the subjects whose events and facts are sent; None: all. What waits in the outbox is sent too,
    and by the service once more. Raises `InUse` if an instance of the service publishes, `MigrationError` if
    the database is another's, and what Kafka or the database raise.
    """
    done = Republished()
    connection = await asyncpg.connect(dsn, server_settings={"statement_timeout": "0"})
    producer = kafka.producer(settings, "republish")
    try:
        await check(connection, service)
        if not await connection.fetchval(SQL["lead"]):
            raise InUse
        await producer.start()
        chosen = None if only is None else list(only)
        done.incomplete = await connection.fetchval(_MISSING, chosen)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if facts:
                types = types_refilled_by(service)
                rows = connection.cursor(_FACTS, chosen, types, prefetch=ROUND)
                done.facts = await _send_facts(rows, producer, settings.topic_prefix)
            rows = connection.cursor(_PUBLISHED, chosen, prefetch=ROUND)
            await _send_published(rows, producer, service.name, settings.topic_prefix, done)
    finally:
        await producer.stop()
        await connection.close()
    return done


async def _send_facts(rows: AsyncIterable[Any], producer: AIOKafkaProducer, prefix: str) -> int:
    number = 0
    async with _sending(producer) as send:
        async for row in rows:
            topic = topic_name(language.topics_of(row["type"])[0], prefix)
            await send(topic, row["subject"], row["body"], _STRUCTURED)
            number += 1
    return number


async def _send_published(
    rows: AsyncIterable[Any], producer: AIOKafkaProducer, service: str, prefix: str, done: Republished
) -> None:
    own, stands = topic_name(service, prefix), standing_topic(service, prefix)
    async with _sending(producer) as send:
        person, standing = "", dict[str, tuple[bytes, list[tuple[str, bytes]]]]()

        async def send_standing() -> None:
            for id, (value, headers) in standing.items():
                await send(stands, id, value, headers)
            done.standing += len(standing)
            standing.clear()

        async for row in rows:
            if row["subject"] != person:  # nobody's event withdraws another's
                await send_standing()
                person = row["subject"]
            headers = headers_of(row["headers"])
            await send(own, person, row["value"], headers)
            done.events += 1
            event = _event(row["value"])
            if event.data.withdraws is None:
                standing[event.id] = row["value"], headers
            else:
                standing.pop(event.data.withdraws, None)
        await send_standing()


@asynccontextmanager
async def _sending(producer: AIOKafkaProducer) -> AsyncIterator[Any]:
    """A function that sends a record. At the end, Kafka has all of them."""
    waiting: list[asyncio.Future[Any]] = []

    async def send(topic: str, key: str, value: bytes, headers: Sequence[tuple[str, bytes]]) -> None:
        waiting.append(await producer.send(topic, value, key.encode(), headers=headers))
        if len(waiting) == ROUND:
            await _acknowledged(waiting)

    yield send
    await _acknowledged(waiting)


async def _acknowledged(waiting: list[asyncio.Future[Any]]) -> None:
    await asyncio.gather(*waiting)
    waiting.clear()
