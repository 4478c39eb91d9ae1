"""Runs a feed: takes its messages, fetches their details, and publishes what they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg

from feeds.adapters import Adapter
from feeds.client import Details, Unavailable
from feeds.codes import release
from feeds.intake import Intake
from feeds.message import Message, Untranslatable
from feeds.policy import policy
from feeds.postgres import DATABASE, SQL, Postgres
from feeds.registry import ADAPTERS, JOINS
from feeds.settings import FeedSettings
from feeds.store import Taken
from shared import kafka
from shared.calendar import london_date
from shared.connecting import Trouble, Unusable, database_trouble
from shared.database import check
from shared.engine.erasing import check_key, hash_of_key
from shared.engine.relay import Relay
from shared.waiting import cancel

log = logging.getLogger(__name__)

PAGE = 500
"""How many messages are read again in one go."""

DRAIN_SECONDS = 60.0
"""How long a feed that ends goes on publishing. What is left is published by the next one that runs."""


class Feed:
    """One feed with its store. `now` is the clock of receipt."""

    def __init__(
        self,
        adapter: Adapter,
        store: Postgres,
        details: Details,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.adapter = adapter
        self.pool = store.pool
        self._store = store
        self._details = details
        self._wake = wake
        self._now = now
        self._started = False
        self.intake = Intake(store, ADAPTERS, JOINS)

    async def take(self, message: Message) -> Taken | None:
        """Take one message, with its detail if it needs one; None if it is known already.

        If the detail cannot be fetched now the message is kept, and `tend` tries again.
        """
        taken = await self.intake.take(self.adapter.name, message, self._now())
        if taken is not None and taken.needs is not None:
            taken = await self._with_detail(taken.number, message, taken.needs) or taken
        self._wake()
        return taken

    async def _with_detail(self, number: int, message: Message, url: str) -> Taken | None:
        try:
            detail = await self._details.fetch(url)
        except Unavailable as fault:
            log.warning("a detail cannot be fetched yet", extra={"why": str(fault)})
            return None
        except Untranslatable as fault:
            return await self.intake.refuse(number, fault.letter, self._now())
        fetched = self._now()
        complete = Message(
            message.body, message.attributes, message.received, message.origin, detail, fetched
        )
        return await self.intake.add_detail(number, complete, fetched)

    async def tend(self) -> None:
        """Read again what was never read, or was read by other tables; alarm what waits for too long.

        The first time also what was refused for the address of its detail: settings may have changed.
        """
        last, started = 0, self._started
        self._started = True
        while numbers := await self._outdated(last, other_settings=not started):
            for number in numbers:
                last = number
                async with self._store.transaction() as transaction:
                    _, message = await transaction.message(number)
                url = self.intake.needs(self.adapter.name, message)
                if url is not None:
                    await self._with_detail(number, message, url)
                else:
                    await self.intake.again([number], self._now())
        self._wake()
        await self.alarm()

    async def _outdated(self, after: int, *, other_settings: bool) -> list[int]:
        which = (self.adapter.name, release(), after, PAGE, other_settings)
        rows = await self._store.pool.fetch(SQL["outdated"], *which)
        return [row["number"] for row in rows]

    async def alarm(self) -> list[int]:
        """Alarm, once each, the messages that have waited for longer than policy says."""
        hours = policy(london_date(self._now())).integer("alarm_after_hours")
        rows = await self._store.pool.fetch(SQL["late"], self._now(), hours)
        for row in rows:
            log.error("a message waits for too long", extra={"feed": row["feed"], "number": row["number"]})
        return [row["number"] for row in rows]


async def run_once(feed: Feed, messages: Iterable[Message]) -> list[Taken]:
    """Take messages until there are no more; returns what became of the new ones in the end."""
    await feed.tend()
    taken = [one for message in messages if (one := await feed.take(message)) is not None]
    left = {row["number"] for row in await feed.pool.fetch(SQL["open"], feed.adapter.name)}
    return [one if one.number in left else Taken(one.number) for one in taken]


@asynccontextmanager
async def opened(
    adapter: Adapter, settings: FeedSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[tuple[Feed, Relay]]:
    """A feed whose events are published while the block runs and, when it ends, until none is left.

    Raises `Unusable` if the database cannot be used.
    """
    if (trouble := await unusable(settings)) is not None:
        raise Unusable(trouble.what)
    address = settings.database_url.get_secret_value()
    pool = await asyncpg.create_pool(address, min_size=0, max_size=4, command_timeout=60)
    relay = Relay(
        lambda: asyncpg.connect(address),
        lambda: kafka.producer(settings, f"feed-{adapter.name}"),
        settings.topic_prefix,
    )
    token = settings.feed_token.get_secret_value() if settings.feed_token else None
    details = Details([url for url in settings.feed_detail_urls.split(",") if url], token)
    publishing = asyncio.create_task(relay.run())
    try:
        yield Feed(adapter, Postgres(pool, settings.hashing_key), details, relay.wake, now), relay
    finally:
        relay.stop(DRAIN_SECONDS)
        try:
            async with asyncio.timeout(DRAIN_SECONDS + 5):
                await publishing
        except TimeoutError:
            await cancel(publishing)
        await details.close()
        await pool.close()


async def unusable(settings: FeedSettings) -> Trouble | None:
    """What keeps a feed from using its database; None if nothing does. Raises `ErasureKeyError`."""
    address = settings.database_url.get_secret_value()
    try:
        connection = await asyncpg.connect(address, command_timeout=60)
        try:
            await check(connection, DATABASE)
            await _check_key(connection, settings.hashing_key)
        finally:
            await connection.close()
    except Exception as fault:
        if (trouble := database_trouble(fault, address)) is not None:
            return trouble
        raise
    return None


async def _check_key(connection: Any, key: bytes | None) -> None:
    hashes = {row["hash"] for row in await connection.fetch("select hash from erased limit 2")}
    known = bool(await connection.fetchval("select 1 from erased where hash = $1", hash_of_key(key)))
    check_key(key, used=bool(hashes), known=known)
