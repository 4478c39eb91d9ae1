"""Publishes the caseload day by day, and waits until every service has processed each day.

The progress of a service is in its database, committed together with what it has read. The final findings do
not depend on the waiting, because facts may arrive late. But it gives each event of the demo its proper day.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import asyncpg

from schemas.language import topics_of
from schemas.parsing import parse
from schemas.topics import topic_name
from shared.kafka import producer
from shared.settings import KafkaSettings
from tools.cli.errors import UserError
from tools.clock import day_started
from tools.demo.follow import Follower
from tools.published import FEEDS
from tools.services import BY_NAME
from tools.simulate import by_day

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.02

_WHERE = """
select (select day from clock) as day,
    (select count(*) from outbox) as waiting,
    (select coalesce(sum(sequence), 0)::bigint from cases) as published,
    (select coalesce(json_object_agg(topic, n), '{}')
        from (select topic, sum(next_offset) as n from offsets group by topic) as t) as read
"""


@dataclass(frozen=True)
class Progress:
    """A service's progress: `read` counts messages by topic, `waiting` the rows in its outbox."""

    day: date | None
    waiting: int
    published: int
    read: Mapping[str, int]


async def play(
    settings: KafkaSettings,
    databases: Mapping[str, str],
    lines: Sequence[bytes],
    first: date,
    days: int,
    advance: Callable[[date, int, int], None],
) -> Follower:
    """Play the lines, one day at a time. Returns what the services published, and the facts used."""
    arriving = dict(by_day(lines))
    follower = Follower()
    sent: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        sender = producer(settings, "demo")
        await sender.start()
        stack.push_async_callback(sender.stop)
        services = {}
        for name, dsn in databases.items():
            services[name] = await asyncpg.connect(dsn)
            stack.push_async_callback(services[name].close)
        following = asyncio.create_task(follower.follow(settings))
        stack.push_async_callback(_end, following)
        for day in (first + timedelta(days=n) for n in range(days)):
            for messages in ([("clock", None, day_started(day))], [*map(_message, arriving.get(day, ()))]):
                for topic, key, value in messages:
                    await sender.send(topic_name(topic, settings.topic_prefix), value, key)
                    if topic in FEEDS:
                        follower.take(value)
                    sent[topic] += 1
                await sender.flush()
                if messages:
                    await _until(services, following, partial(_quiet, day, sent))
            advance(day, sent.total() - sent["clock"], len(follower.standing.published))
        await _until(services, following, partial(_complete, follower))
    return follower


def _quiet(day: date, sent: Mapping[str, int], progress: Mapping[str, Progress]) -> bool:
    """Whether all services have read everything on their topics, both what was sent and what was published.

    Sequences are gapless, so their sum over the cases is the number of events published.
    """
    topics = {**sent, **{name: at.published for name, at in progress.items()}}
    return all(
        at.day is not None
        and at.day >= day
        and at.waiting == 0
        and all(at.read.get(topic, 0) >= topics.get(topic, 0) for topic in BY_NAME[name].reads)
        for name, at in progress.items()
    )


def _complete(follower: Follower, progress: Mapping[str, Progress]) -> bool:
    """Whether the subscriber has seen everything that was published."""
    return all(follower.count[name] >= at.published for name, at in progress.items())


async def _until(
    services: Mapping[str, Any],
    following: asyncio.Task[None],
    reached: Callable[[Mapping[str, Progress]], bool],
) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_SECONDS
    while True:
        if following.done():
            following.result()
        progress = {name: await _progress(connection) for name, connection in services.items()}
        if reached(progress):
            return
        if loop.time() > end:
            days = ", ".join(f"{name} is at {at.day}" for name, at in progress.items())
            raise UserError(
                f"the services make no progress ({days}): is the machine very busy? Try fewer --people"
            )
        await asyncio.sleep(POLL_SECONDS)


async def _progress(connection: asyncpg.Connection[Any]) -> Progress:
    row = await connection.fetchrow(_WHERE)
    assert row is not None
    return Progress(row["day"], row["waiting"], row["published"], json.loads(row["read"]))


def _message(line: bytes) -> tuple[str, bytes | None, bytes]:
    event = parse(line)
    return topics_of(event.type)[0], event.subject.encode() if event.subject else None, line


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
