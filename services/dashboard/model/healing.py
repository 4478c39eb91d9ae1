"""Reads again where the sequence of the events about a subject has a gap."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

from aiokafka import TopicPartition

from schemas.topics import topic_name
from services.dashboard.model.reader import consumer, message
from services.dashboard.model.taking import Taker
from shared.settings import KafkaSettings

log = logging.getLogger(__name__)

MOST = 200
"""How many gaps it looks after at once."""

_UNTRIED = """
select source, subject, partition,
       coalesce((select max(e."offset") from events e
                 where e.source = g.source and e.subject = g.subject and e.heard and e.sequence <= (
                     select min(a.sequence) from events a
                     where a.source = g.source and a.subject = g.subject and a.heard
                       and not exists (
                           select from events b where b.source = a.source and b.subject = a.subject
                           and b.heard and b.sequence = a.sequence + 1))), 0) as after,
       (select min(a.sequence) from events a
        where a.source = g.source and a.subject = g.subject and a.heard) as first
from gaps g
where tried_at is null or tried_at < now() - interval '5 minutes'
limit $1
"""


async def heal(pool: Any, schema: str, taker: Taker, settings: KafkaSettings) -> None:
    """Read the parts of the topics again in which events are missing.

    A gap that stays is tried again five minutes later.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"set local search_path to {schema}")
        untried = await connection.fetch(_UNTRIED, MOST)
    places: defaultdict[tuple[str, int], int] = defaultdict(lambda: 2**62)
    for gap in untried:
        place = gap["source"].rpartition("/")[2], gap["partition"]
        # What comes before the first number is anywhere before it.
        places[place] = min(places[place], gap["after"] if gap["first"] == 1 else 0)
    for (short, partition), start in places.items():
        log.warning("a sequence has a gap: reading again", extra={"topic": short, "partition": partition})
        await _read_again(pool, taker, settings, short, partition, start)
    async with pool.acquire() as connection:
        await connection.execute(
            f"update {schema}.sequences s set tried_at = now() "  # noqa: S608
            "from unnest($1::text[], $2::text[]) as g (source, subject) "
            "where s.source = g.source and s.subject = g.subject",
            [gap["source"] for gap in untried],
            [gap["subject"] for gap in untried],
        )


async def gaps(connection: Any, schema: str) -> int:
    """How many subjects have a gap in the sequence of their events."""
    number: int = await connection.fetchval(f"select count(*) from {schema}.gaps")  # noqa: S608
    return number


async def _read_again(
    pool: Any, taker: Taker, settings: KafkaSettings, short: str, partition: int, start: int
) -> None:
    place = TopicPartition(topic_name(short, settings.topic_prefix), partition)
    client = consumer(settings, "dashboard-healing")
    await client.start()
    try:
        client.assign([place])
        first = (await client.beginning_offsets([place]))[place]
        end = (await client.end_offsets([place]))[place]
        client.seek(place, start if first <= start < end else first)
        while await client.position(place) < end:
            found = await client.getmany(place, timeout_ms=1_000)
            messages = [message(record, short) for records in found.values() for record in records]
            async with pool.acquire() as connection:
                await taker.take(connection, messages)
    finally:
        await client.stop()
