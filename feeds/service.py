"""A feed as a process, from start to graceful stop.

Start: if Kafka or the database is down, the feed waits, says so at `/readyz`, and continues when they are up.
Stop (SIGTERM, SIGINT): finish the current message, publish what is in the outbox, close.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import asyncpg
from aiokafka.errors import KafkaError

from feeds.adapters import Adapter
from feeds.postgres import SQL
from feeds.runner import Feed, opened, unusable
from feeds.settings import FeedSettings
from feeds.topic import TopicReader
from shared import kafka
from shared.connecting import Unusable, database_trouble
from shared.engine.connections import FAULTS
from shared.engine.relay import Relay
from shared.metrics import FeedMetrics
from shared.runtime.certificates import watched
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.waiting import cancel, full_jitter, is_set

log = logging.getLogger(__name__)

MEASURE_SECONDS = 15.0
"""How often the metrics are measured."""


class Service:
    """A running feed. `run` starts it, `stop` ends it gracefully, `health` reports its state."""

    def __init__(self, adapter: Adapter, settings: FeedSettings, topic: str) -> None:
        self._adapter = adapter
        self._settings = settings
        self._topic = topic
        self._stop = asyncio.Event()
        self._metrics = FeedMetrics(f"feed-{adapter.name}")
        self._cluster = kafka.Cluster(settings, f"feed-{adapter.name}")
        self._starting: str | None = "waiting for the database"
        self._running: tuple[Feed, Relay, TopicReader] | None = None
        ready = {
            "database": self._database,
            "broker": self._broker,
            "reading": self._reading,
            "publishing": self._publishing,
        }
        self.health = Health(self._metrics.registry, ready, {})

    def stop(self) -> None:
        """Make `run` end gracefully."""
        self._stop.set()
        if self._running is not None:
            self._running[2].stop()

    async def run(self) -> None:
        """Take messages until stopped. Raises `Unusable` if it cannot start and waiting does not help."""
        async with (
            answering(self.health, self._settings.http_host, self._settings.http_port),
            watched(self._settings, self._metrics.certificate_ends),
        ):
            try:
                if await self._database_is_usable():
                    await self._serve()
            finally:
                await self._cluster.close()
        log.info("stopped")

    async def _database_is_usable(self) -> bool:
        """Wait until it is; false if stopped meanwhile."""
        attempt = 0
        while not self._stop.is_set():
            trouble = await unusable(self._settings)
            if trouble is None:
                self._starting = None
                return True
            if trouble.lasting:
                raise Unusable(trouble.what)
            attempt += 1
            self._starting = f"waiting for the database: {trouble.what}"
            log.warning("waiting", extra={"for": "the database", "why": trouble.what})
            await is_set(self._stop, within=full_jitter(attempt))
        return False

    async def _serve(self) -> None:
        async with opened(self._adapter, self._settings) as (feed, relay):
            reader = TopicReader(feed, self._settings, self._topic)
            self._running = feed, relay, reader
            if self._stop.is_set():
                return
            log.info("serving", extra={"reads": self._topic})
            measuring = asyncio.create_task(self._measure(feed, relay, reader))
            try:
                await reader.run()
            finally:
                await cancel(measuring)

    async def _database(self) -> str | None:
        if self._running is None:
            return self._starting
        try:
            await self._running[0].pool.fetchval("select 1")
        except FAULTS as fault:
            trouble = database_trouble(fault, self._settings.database_url.get_secret_value())
            return trouble.what if trouble else type(fault).__name__
        return None

    async def _broker(self) -> str | None:
        try:
            wrong = await self._cluster.unusable([self._topic])
        except (KafkaError, OSError, TimeoutError) as fault:
            kind = type(fault).__name__
            return f"no broker answers ({kind}): is Kafka up, and are its address, user and password right?"
        return "; ".join(f"topic {name}: {why}" for name, why in wrong.items()) or None

    async def _reading(self) -> str | None:
        return self._running[2].trouble if self._running else self._starting

    async def _publishing(self) -> str | None:
        return self._running[1].trouble if self._running else self._starting

    async def _measure(self, feed: Feed, relay: Relay, reader: TopicReader) -> None:
        """Keep the metrics up to date."""
        metrics, taken, published = self._metrics, 0, 0
        metrics.relay_leader.set_function(lambda: relay.leading)
        while True:
            metrics.taken.inc(reader.taken - taken)
            metrics.relay_published.inc(relay.published - published)
            taken, published = reader.taken, relay.published
            for place, seen in reader.progress.seen.items():
                metrics.lag.labels(self._topic, place.partition).set(seen.lag)
            for topic, seconds in reader.progress.seconds_behind(time.time()).items():
                metrics.late.labels(topic).set(seconds)
            try:
                metrics.outbox_rows.set(await feed.pool.fetchval(SQL["outbox_rows"]))
                metrics.outbox_oldest.set(await feed.pool.fetchval(SQL["outbox_oldest"]) or 0)
                metrics.backup.set(await feed.pool.fetchval(SQL["backup"]))
                self._show(await feed.pool.fetch(SQL["counts"]))
            except FAULTS as fault:
                log.warning("will be measured later", extra={"fault": type(fault).__name__})
            await asyncio.sleep(MEASURE_SECONDS)

    def _show(self, counts: Sequence[asyncpg.Record]) -> None:
        self._metrics.messages.clear()
        for row in counts:
            self._metrics.messages.labels(row["feed"], row["status"]).set(row["count"])


async def serve(adapter: Adapter, settings: FeedSettings, topic: str) -> None:
    """Read a feed's topic until SIGTERM or SIGINT."""
    service = Service(adapter, settings, topic)
    begin(f"feed-{adapter.name}", settings, service.stop)
    await service.run()
