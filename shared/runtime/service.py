"""A service as a process, from start to graceful stop.

Start: if the broker or the database is down, the service waits, says so at `/readyz`, and continues when they
are up. Stop (SIGTERM, SIGINT): finish the current batch, commit, give the partitions back, publish what is in
the outbox, close.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg

from shared import database, kafka
from shared.calendar import LONDON
from shared.connecting import Trouble, Unusable, database_trouble, kafka_trouble
from shared.engine.engine import Engine
from shared.engine.intake import Language
from shared.engine.postgres import Postgres
from shared.engine.queries import load
from shared.engine.relay import Relay
from shared.engine.release import Superseded
from shared.engine.service import Service
from shared.engine.working_set import describe
from shared.observe import Metrics
from shared.policy import Policy
from shared.pooler import check_sessions
from shared.runtime.brake import Brake
from shared.runtime.checks import Checks
from shared.runtime.clock import ClockWatch
from shared.runtime.consumer import Consumer
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.settings import ServiceSettings
from shared.waiting import cancel, full_jitter, is_set

log = logging.getLogger(__name__)

SQL = load(Path(__file__).with_name("monitor.sql"))

SWEEP_SECONDS = 5.0
"""How often the sweep looks for cases that are due: a batch may have locked one when the day started."""

MONITOR_SECONDS = 15.0
"""How often metrics are measured and topics checked for recreation."""

DRAIN_SECONDS = 10.0
"""How long a stopping service publishes the rest of its outbox; another instance does what is left."""


def today_in_london() -> date:
    """Today's date in London: the latest day that the clock may announce."""
    return datetime.now(LONDON).date()


class Runtime:
    """A running service. `run` starts it, `stop` ends it gracefully, `health` reports its state."""

    def __init__(
        self,
        service: Service,
        language: Language,
        settings: ServiceSettings,
        *,
        policy: Policy | None = None,
        latest_day: Callable[[], date] = today_in_london,
    ) -> None:
        self.service = service
        self.settings = settings
        self.metrics = Metrics()
        self._address = settings.database_url.get_secret_value()
        self._options: dict[str, Any] = {
            "command_timeout": 60,
            # JIT compilation of our short statements takes longer than running them.
            "server_settings": {"application_name": service.name, "jit": "off"},
        }
        # Four connections for a batch's transactions, one for health checks, one spare; opened on demand.
        self.pool = asyncpg.create_pool(self._address, min_size=0, max_size=6, **self._options)
        brake = Brake(service.name, settings.brake_share, settings.brake_window)
        self.engine = Engine(
            service, language, Postgres(self.pool), policy=policy, latest_day=latest_day, inspect=brake.judge
        )
        self.cluster = kafka.Cluster(settings, service.name)
        self.relay = Relay(
            self._connect, lambda: kafka.producer(settings, service.name), settings.topic_prefix
        )
        self.consumer = Consumer(self.engine, brake, settings, self.cluster, self.metrics, self.relay.wake)
        self._stop = asyncio.Event()
        self._starting: str | None = "waiting for the database"
        self.clock = ClockWatch(self.pool, latest_day)
        checks = Checks(self._not_serving, self.pool, self.cluster, self.consumer, self.relay, self.clock)
        self.health = Health(self.metrics.registry, checks.ready, checks.alive)

    async def _connect(self) -> asyncpg.Connection[Any]:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(self._address, **self._options)
        return connection

    def stop(self) -> None:
        """Make `run` end gracefully."""
        self._stop.set()

    def _not_serving(self) -> str | None:
        return "stopping" if self._stop.is_set() else self._starting

    async def run(self) -> None:
        """Serve until stopped. Raises `Unusable` if it cannot start and waiting does not help."""
        async with answering(self.health, self.settings.http_host, self.settings.http_port):
            await self.pool
            try:
                if await self._prepare():
                    await self._serve()
            finally:
                await self.consumer.stop()
                await self.cluster.close()
                await self._close_pool()
        log.info("stopped")

    # -- start -------------------------------------------------------------------------------------

    async def _prepare(self) -> bool:
        """Wait for the database, the topics and the group. Returns false if stopped meanwhile."""
        return (
            await self._eventually("the database", self._open_database, self._database_trouble)
            and await self._eventually("the topics", self._find_topics, self._kafka_trouble)
            and await self._eventually("Kafka", self.consumer.start, self._kafka_trouble)
        )

    async def _eventually(
        self, what: str, act: Callable[[], Awaitable[None]], explain: Callable[[Exception], Trouble | None]
    ) -> bool:
        """Do it as soon as it can be done. Raises `Unusable` if waiting does not help; false if stopped."""
        attempt = 0
        self._starting = f"waiting for {what}"
        while not self._stop.is_set():
            try:
                await act()
            except Exception as fault:
                attempt += 1
                trouble = explain(fault) or Trouble(describe(fault), lasting=False)
                if trouble.lasting:
                    raise Unusable(trouble.what) from None
                why = trouble.what
                self._starting = f"waiting for {what}: {why}"
                log.warning("waiting", extra={"for": what, "why": why})
                await is_set(self._stop, within=full_jitter(attempt))
            else:
                self._starting = None
                return True
        return False

    def _database_trouble(self, fault: Exception) -> Trouble | None:
        return database_trouble(fault, self._address)

    def _kafka_trouble(self, fault: Exception) -> Trouble | None:
        return kafka_trouble(fault, self.settings)

    async def _open_database(self) -> None:
        await check_sessions(self._address, self._options)
        connection = await self._connect()
        try:
            await database.check(connection, self.service)
        finally:
            await connection.close()
        await self.engine.start()

    async def _find_topics(self) -> None:
        prefix = self.settings.topic_prefix
        own = {f"{prefix}{self.service.name}{kind}" for kind in ("", ".standing", ".dead-letter")}
        wanted = {*self.consumer.topics, *own}
        missing = wanted - set(await self.cluster.topics(wanted))
        if missing:
            raise LookupError(f"create {', '.join(sorted(missing))} with `topics create`")

    # -- work --------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        log.info("serving", extra={"reads": list(self.service.reads)})
        relay = asyncio.create_task(self.relay.run())
        loops = [
            asyncio.create_task(self._repeat(self._sweep, SWEEP_SECONDS)),
            asyncio.create_task(self._repeat(self.monitor, MONITOR_SECONDS)),
        ]
        superseded = self.consumer.batches.superseded
        ends = [asyncio.create_task(self._stop.wait()), asyncio.create_task(superseded.wait())]
        try:
            await asyncio.wait([relay, *ends, *loops], return_when=asyncio.FIRST_COMPLETED)
            await cancel(*loops)
            await self.consumer.stop()  # also if superseded, so that the newer release can read
            if superseded.is_set():
                await self._stop.wait()
        finally:
            await cancel(*loops, *ends)
            await self.consumer.stop()
            self.relay.stop(DRAIN_SECONDS)
            await asyncio.wait([relay], timeout=DRAIN_SECONDS + 2)
            await cancel(relay)
        if not relay.cancelled():
            relay.result()  # if a bug ended the relay, it ends the service too

    async def _repeat(self, act: Callable[[], Awaitable[None]], seconds: float) -> None:
        while not self._stop.is_set():
            try:
                await act()
            except Superseded as fault:
                self.consumer.batches.supersede(str(fault))
            except Exception as fault:
                log.warning("will be retried later", extra={"what": act.__name__, "fault": describe(fault)})
            await is_set(self._stop, within=seconds)

    async def _sweep(self) -> None:
        await self.engine.begin_days()
        self.relay.wake()

    async def monitor(self) -> None:
        """Check whether topics were recreated, and update the metrics."""
        known = self.consumer.incarnations
        found = await self.cluster.topics(self.consumer.topics)
        recreated = [name for name, topic in found.items() if known and known.get(name) != topic.id]
        if recreated:
            log.warning("topics were recreated: reading them from the start", extra={"topics": recreated})
            await self.consumer.stop()
            await self._eventually("Kafka", self.consumer.start, self._kafka_trouble)
        await self.measure()

    async def measure(self) -> None:
        """Update the metrics that are measured at intervals."""
        metrics = self.metrics
        for outcome, number in vars(self.engine.tally).items():
            metrics.outcomes.labels(outcome).set(number)
        metrics.lag.clear()
        for (topic, partition), lag in self.consumer.lags().items():
            metrics.lag.labels(topic, str(partition)).set(lag)
        metrics.fetch_age.set(self.consumer.stalled_seconds())
        metrics.relay_leader.set(self.relay.leading)
        metrics.relay_published.set(self.relay.published)
        metrics.outbox_oldest.set(self.relay.oldest_seconds)
        if clock := await self.clock.state():
            metrics.clock_age.set(clock.age)
            metrics.clock_waiting.set(clock.waiting)
        async with self.pool.acquire() as connection:
            metrics.outbox_rows.set(await connection.fetchval(SQL["outbox_rows"]))
            metrics.quarantined.set(await connection.fetchval(SQL["quarantined"]))
            metrics.overdue.set(await connection.fetchval(SQL["overdue"]))
            metrics.dead_letters.clear()
            for row in await connection.fetch(SQL["dead_letters"]):
                metrics.dead_letters.labels(row["reason"]).set(row["number"])

    async def _close_pool(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self.pool.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.pool.terminate()


async def serve(
    service: Service,
    language: Language,
    settings: ServiceSettings,
    *,
    policy: Policy | None = None,
    latest_day: Callable[[], date] = today_in_london,
) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully."""
    # Imported objects live as long as the process, so the garbage collector need not check them repeatedly.
    # A batch creates tens of thousands of objects, all of which are freed at its end.
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 20)
    runtime = Runtime(service, language, settings, policy=policy, latest_day=latest_day)
    begin(service.name, settings, runtime.stop)
    await runtime.run()
