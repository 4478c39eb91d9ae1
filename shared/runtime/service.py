"""A service as a process, from start to graceful stop.

Start: if the broker or the database is down, the service waits, says so at `/readyz`, and continues when they
are up. Stop (SIGTERM, SIGINT): finish the current batch, commit, give the partitions back, publish what is in
the outbox, close.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared import database, kafka
from shared.calendar import LONDON
from shared.connecting import Trouble, Unusable, database_trouble, kafka_trouble
from shared.engine.connections import Connection, WentBack
from shared.engine.engine import Engine
from shared.engine.erasing import ErasureKeyError
from shared.engine.intake import Language
from shared.engine.kept_open import look_for_garbage_seldom
from shared.engine.postgres import Postgres
from shared.engine.queries import load
from shared.engine.relay import Relay
from shared.engine.release import Superseded
from shared.engine.service import Service
from shared.engine.working_set import describe
from shared.metrics import DAY_SECONDS, ServiceMetrics
from shared.policy import Policy
from shared.pooler import check_sessions
from shared.runtime.brake import Brake
from shared.runtime.certificates import watched
from shared.runtime.checks import Checks
from shared.runtime.clock import ClockWatch
from shared.runtime.consumer import Consumer
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.runtime.recovery import Recovery
from shared.settings import ServiceSettings
from shared.tracing import tracing
from shared.waiting import cancel, full_jitter, is_set, unless_cancelled

log = logging.getLogger(__name__)

SQL = load(Path(__file__).with_name("monitor.sql"))

SWEEP_SECONDS = 5.0
"""How often the sweep looks for cases that are due: a batch may have locked one when the day started."""

WATCH_SECONDS = 2.0
"""How often it looks whether the database went back, and how far it has caught up."""

COMMIT_SECONDS = 1.0
"""How often it shows Kafka how far it has read."""

OWN_TOPIC_SECONDS = 300.0
"""How often the relay's leader makes sure that all on the own topic is known."""

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
        self._address = settings.database_url.get_secret_value()
        self._options: dict[str, Any] = {
            "command_timeout": 60,
            # Of several hosts, and behind an address that moves: never one that only reads.
            "target_session_attrs": "read-write",
            # JIT compilation of our short statements takes longer than running them.
            "server_settings": {"application_name": service.name, "jit": "off"},
        }
        # Four connections for a batch's transactions, one for health checks, one spare; opened on demand.
        self.pool = asyncpg.create_pool(
            self._address, min_size=0, max_size=6, init=self._look, reset=_leave_as_it_is, **self._options
        )
        self.storage = Postgres(self.pool, erasure_key=settings.hashing_key)
        brake = Brake(service.name, settings.brake_share, settings.brake_window)
        self.engine = Engine(
            service, language, self.storage, policy=policy, latest_day=latest_day, inspect=brake.judge
        )
        self.metrics = ServiceMetrics(service.name, self.engine.policy.digest[:12])
        for outcome in vars(self.engine.tally):
            self.metrics.outcomes.labels(outcome)  # from 0: Prometheus sees no increase to a first value
        self.cluster = kafka.Cluster(settings, service.name)
        self.relay = Relay(
            self._connect, lambda: kafka.producer(settings, service.name), settings.topic_prefix, service.name
        )
        self.consumer = Consumer(
            self.engine,
            brake,
            settings,
            self.cluster,
            self.metrics,
            self.relay.wake,
            tracing(service.name),
        )
        self.recovery = Recovery(
            service.name, self.storage, settings, self.cluster, self.consumer.topics, service.person.kind
        )
        self.metrics.relay_leader.set_function(lambda: self.relay.leading)
        self._sweeping = asyncio.Lock()
        self._stop = asyncio.Event()
        self._starting: str | None = "waiting for the database"
        self.clock = ClockWatch(self.storage.connections, latest_day)
        checks = Checks(
            self._not_serving,
            self.storage,
            self.cluster,
            self.consumer,
            self.relay,
            self.clock,
        )
        self.health = Health(self.metrics.registry, checks.ready, checks.alive)

    async def _connect(self) -> asyncpg.Connection[Any]:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(self._address, **self._options)
        try:
            await self._look(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _look(self, connection: Connection) -> None:
        await self.storage.connections.look(connection)

    def stop(self) -> None:
        """Make `run` end gracefully."""
        self._stop.set()

    def _not_serving(self) -> str | None:
        return "stopping" if self._stop.is_set() else self._starting

    async def run(self) -> None:
        """Serve until stopped. Raises `Unusable` if it cannot start and waiting does not help."""
        async with (
            answering(self.health, self.settings.http_host, self.settings.http_port),
            watched(self.settings, self.metrics.certificate_ends),
        ):
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
            and await self._eventually("its own topic", self.recovery.run, self._trouble)
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
                await unless_cancelled(act())
            except ErasureKeyError as fault:
                raise Unusable(str(fault)) from None
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

    def _trouble(self, fault: Exception) -> Trouble | None:
        of_kafka = isinstance(fault, KafkaError | LookupError)
        return self._kafka_trouble(fault) if of_kafka else self._database_trouble(fault)

    def _kafka_trouble(self, fault: Exception) -> Trouble | None:
        return kafka_trouble(fault, self.settings)

    async def _open_database(self) -> None:
        # On any server and as any user, to tell a user who may only read from a standby.
        options = {**self._options, "target_session_attrs": "any"}
        await check_sessions(self._address, options)
        connection = await asyncpg.connect(self._address, **options)
        try:
            await database.check(connection, self.service)
            if not await connection.fetchval("select has_table_privilege('journal', 'insert')"):
                raise asyncpg.InsufficientPrivilegeError("its user may not add to the journal")
        finally:
            await connection.close()
        await self.engine.start()

    async def _find_topics(self) -> None:
        unusable = await self.cluster.unusable([*self.consumer.topics, *self.consumer.own_topics])
        if unusable:
            raise LookupError("; ".join(f"topic {name}: {why}" for name, why in unusable.items()))

    # -- work --------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        log.info("serving", extra={"reads": list(self.service.reads)})
        if self.engine.storage.erasure_key is None:
            log.info("nobody can be erased", extra={"why": "PROBATION_ERASURE_KEY is missing"})
        relay = asyncio.create_task(self.relay.run())
        loops = [
            asyncio.create_task(self._repeat(self._sweep, SWEEP_SECONDS)),
            asyncio.create_task(self._repeat(self._watch, WATCH_SECONDS)),
            asyncio.create_task(self._repeat(self.consumer.commit, COMMIT_SECONDS)),
            asyncio.create_task(self._repeat(self._check_own_topic, OWN_TOPIC_SECONDS)),
            asyncio.create_task(self._repeat(self.monitor, MONITOR_SECONDS)),
            asyncio.create_task(self._read_again()),
        ]
        superseded = self.consumer.batches.superseded
        ends = [asyncio.create_task(self._stop.wait()), asyncio.create_task(superseded.wait())]
        try:
            ended, _ = await asyncio.wait([relay, *ends, *loops], return_when=asyncio.FIRST_COMPLETED)
            assert not any(task.cancelled() for task in ended), "not by this program"
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
        for task in (relay, *loops):
            if not task.cancelled():
                task.result()  # what ended the relay or a loop ends the service too

    async def _repeat(self, act: Callable[[], Awaitable[None]], seconds: float) -> None:
        while not self._stop.is_set():
            try:
                await unless_cancelled(act())
            except Superseded as fault:
                self.consumer.batches.supersede(str(fault))
            except WentBack:
                pass  # `_read_again` is at work
            except Exception as fault:
                log.warning("will be retried later", extra={"what": act.__name__, "fault": describe(fault)})
            await is_set(self._stop, within=seconds)

    async def _sweep(self) -> None:
        async with self._sweeping:
            await self.engine.begin_days()
        self.relay.wake()

    async def _watch(self) -> None:
        if await self.recovery.watch(self.consumer.fetched()):
            log.warning("the service has caught up after the database went back")
            await self._sweep()

    async def _check_own_topic(self) -> None:
        if self.relay.leading:
            await self.recovery.run()

    async def _read_again(self) -> None:
        """Whenever the database went back: know what was published, and read on from the stored offsets."""
        while True:
            await self.storage.connections.went_back.wait()
            log.error("the database went back (a fail-over or a restore): reading again what it lost")
            self.metrics.went_back.inc()
            await self._eventually("the consumer to stop", self.consumer.stop, self._kafka_trouble)
            async with self._sweeping:
                await self._eventually("its own topic", self._recover, self._trouble)
            await self._eventually("Kafka", self.consumer.start, self._kafka_trouble)

    async def _recover(self) -> None:
        # Each time: who asked before the last time may have noticed only now, and it may go back again.
        await self.storage.connections.forget()
        await self.recovery.run(went_back=True)

    async def monitor(self) -> None:
        """Check whether topics were changed or recreated, and update the metrics."""
        await self.consumer.look()
        consumer, known = self.consumer, self.consumer.incarnations
        found = await self.cluster.topics([*self.consumer.topics, *self.consumer.own_topics])
        self.consumer.check_partitions(found)
        recreated = [
            name
            for name, topic in found.items()
            if known and name in consumer.topics and (known.get(name) != topic.id or not consumer.sees(name))
        ]
        if recreated:
            log.warning("topics were recreated: reading them from the start", extra={"topics": recreated})
        if recreated or self.consumer.must_start_again:
            await self.consumer.stop()
            await self._eventually("Kafka", self.consumer.start, self._kafka_trouble)
        await self.measure()

    async def measure(self) -> None:
        """Update the metrics that are measured at intervals."""
        metrics = self.metrics
        for outcome, number in vars(self.engine.tally).items():
            metrics.count_to(metrics.outcomes.labels(outcome), number, outcome)
        for kind, number in self.engine.warned.items():
            metrics.count_to(metrics.warnings.labels(kind), number, f"warning {kind}")
        metrics.count_to(metrics.relay_published, self.relay.published, "relay_published")
        if clock := await self.clock.state():
            metrics.clock_age.set(clock.age * DAY_SECONDS)
            metrics.clock_waiting.set(clock.waiting)
        async with self.storage.connections.one() as connection:
            metrics.outbox_oldest.set(await connection.fetchval(SQL["outbox_oldest"]) or 0)
            metrics.outbox_rows.set(await connection.fetchval(SQL["outbox_rows"]))
            metrics.backup.set(await connection.fetchval(SQL["backup"]))
            metrics.quarantined.set(await connection.fetchval(SQL["quarantined"]))
            metrics.overdue.set(await connection.fetchval(SQL["overdue"]) * DAY_SECONDS)
            metrics.dead_letters.clear()
            for row in await connection.fetch(SQL["dead_letters"]):
                metrics.dead_letters.labels(row["reason"]).set(row["number"])

    async def _close_pool(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self.pool.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.pool.terminate()


async def _leave_as_it_is(connection: Connection) -> None:
    """A connection goes back to the pool without a statement: none that it runs changes its session."""


async def serve(
    service: Service,
    language: Language,
    settings: ServiceSettings,
    *,
    policy: Policy | None = None,
    latest_day: Callable[[], date] = today_in_london,
) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully."""
    look_for_garbage_seldom()
    runtime = Runtime(service, language, settings, policy=policy, latest_day=latest_day)
    begin(service.name, settings, runtime.stop)
    await runtime.run()
