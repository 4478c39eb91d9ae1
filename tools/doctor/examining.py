"""Looks at all parts, in the order of the page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from schemas.topics import SERVICES
from shared.settings import KafkaSettings
from tools.cli.errors import UserError
from tools.doctor import expected, others, services, topics
from tools.doctor.part import Part


async def examine(
    settings: KafkaSettings | None, now: datetime, lines: Sequence[expected.Line] = ()
) -> list[Part]:
    """All parts as of now. `settings` are Kafka's, None if none is known; `lines` are what is expected."""
    parts = [await services.service(name, now) for name in SERVICES]
    feeds, read_by_feeds = await others.feeds()
    parts += await _topics(settings, read_by_feeds)
    parts += [await services.sequences(), await others.sequences_of_services(), feeds]
    if lines:
        parts.append(await expected.compare(lines))
    return parts


async def _topics(settings: KafkaSettings | None, read_by_feeds: services.Offsets | None) -> list[Part]:
    if settings is None:
        what = "no Kafka is known: start `probation up`, or set PROBATION_KAFKA_BOOTSTRAP_SERVERS"
        return [Part("topics", troubles=[what])]
    try:
        found = await topics.look(settings)
    except UserError as fault:
        return [Part("topics", troubles=[str(fault)])]

    async def readers() -> dict[str, services.Offsets]:
        known = await services.offsets()
        return known | ({"feeds": read_by_feeds} if read_by_feeds is not None else {})

    reading = await readers()
    behind = topics.lags(found, reading, settings)
    now = behind
    if behind:
        await asyncio.sleep(topics.PAUSE_SECONDS)
        _, read_by_feeds = await others.feeds()
        now = topics.lags(found, await readers(), settings)
    return [topics.usable(found), topics.unread(found, reading, settings), topics.lagging(behind, now)]
