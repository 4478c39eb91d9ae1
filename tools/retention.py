"""Erases the people whose retention has ended. Until when each is kept is decided in the allocation service.

It is told as any other erasure is: by `PersonErased` on the topic of case management, which every service and
subscriber reads. The id names the person and the day, so that it counts once however often it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import asyncpg

from schemas import language
from schemas.envelope import CloudEvent
from schemas.practice import PersonErased
from schemas.topics import SOURCES, topic_name
from shared import kafka
from shared.settings import KafkaSettings

TOPIC = "practice"
SOURCE = f"{SOURCES[TOPIC]}/retention"
"""Beside case management, so that everyone can tell by whom a person was erased."""

_DUE = """
select subject, ended_on, retained_until, retained_as from retained where retained_until < $1
order by retained_until, subject
"""


class Due(NamedTuple):
    """A person whose retention has ended: when supervision did, the last day of retention, and for what."""

    subject: str
    ended_on: date
    retained_until: date
    retained_as: str


async def due(connection: asyncpg.Connection[Any], today: date) -> list[Due]:
    """Everyone whose retention ended before this day. `connection` is to the allocation database."""
    return [Due(*row) for row in await connection.fetch(_DUE, today)]


def erasure(person: Due, now: datetime) -> CloudEvent[PersonErased]:
    """The event that erases a person."""
    return CloudEvent[PersonErased](
        specversion="1.0",
        id=f"retention-{person.subject}-{person.retained_until}",
        source=SOURCE,
        type="PersonErased",
        subject=person.subject,
        time=now,
        data=PersonErased(erased_on=now.date()),
    )


async def erase(settings: KafkaSettings, people: Sequence[Due]) -> None:
    """Publish that these people are to be erased. Raises `KafkaError`."""
    now = datetime.now(UTC)
    producer = kafka.producer(settings, "retention")
    try:
        await producer.start()
        sent = [
            await producer.send(
                topic_name(TOPIC, settings.topic_prefix),
                language.render(erasure(person, now)),
                person.subject.encode(),
                headers=[("content-type", b"application/cloudevents+json")],
            )
            for person in people
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
