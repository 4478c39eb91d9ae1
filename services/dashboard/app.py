"""The dashboard as a process: one reader of the topics among all instances, and the pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import asyncpg
import uvicorn
from aiokafka.errors import KafkaConnectionError, KafkaError

from services.dashboard.model import generations
from services.dashboard.model.faults import fault_words
from services.dashboard.model.generations import Model
from services.dashboard.model.healing import gaps, heal
from services.dashboard.model.publishing import publish
from services.dashboard.model.reader import ModelReader
from services.dashboard.model.taking import Taker
from services.dashboard.model.what_ifs import forget_erased
from services.dashboard.settings import DATABASE, DashboardSettings
from services.dashboard.web.app import web
from services.dashboard.web.changes import Changes
from services.dashboard.web.questions import Questions
from shared import database
from shared.answers.rule_code import implementations
from shared.connecting import Unusable, database_trouble, kafka_trouble
from shared.metrics import DashboardMetrics
from shared.runtime.certificates import watched
from shared.runtime.health import Health, Server
from shared.runtime.program import begin
from shared.waiting import cancel, full_jitter, is_set

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
"""How often it looks which models there are."""
HEAL_SECONDS = 15.0
"""How often it looks for gaps, and for tables by group that are due."""
LOCK = 0x64617368
"""An arbitrary number: the instance that holds this advisory lock reads the topics."""

LAST_BACKUP = "select coalesce(extract(epoch from max(finished)), 0)::float8 from backups"
"""In seconds since the epoch; 0 if none was recorded."""


class Dashboard:
    """A running dashboard. `run` starts it, `stop` ends it gracefully."""

    def __init__(self, settings: DashboardSettings) -> None:
        self._settings = settings
        self._address = settings.database_url.get_secret_value()
        options: dict[str, Any] = {"command_timeout": 60, "server_settings": {"jit": "off"}}
        self.pool = asyncpg.create_pool(self._address, min_size=0, max_size=12, **options)
        self._stop = asyncio.Event()
        self._readers: dict[int, tuple[ModelReader, asyncio.Task[None]]] = {}
        self._questions = Questions(self.pool, settings.key)
        self._changes = Changes(self._questions)
        self._metrics = DashboardMetrics()
        self._trouble: str | None = None
        ready = {"database": self._database_answers, "reading": self._reading}
        self._health = Health(self._metrics.registry, ready, {})

    def stop(self) -> None:
        """Make `run` end gracefully."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until stopped. Raises `Unusable` if it cannot start and waiting does not help."""
        await asyncio.to_thread(implementations)  # read once, before somebody waits for a case
        await self._wait_for_database()
        server = Server(
            uvicorn.Config(
                web(self._questions, self._changes, self._settings, self._health),
                host=self._settings.http_host,
                port=self._settings.http_port,
                lifespan="off",
                log_config=None,
                access_log=False,
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        serving = asyncio.create_task(server.serve())
        reading = asyncio.create_task(self._read())
        stopped = asyncio.create_task(self._stop.wait())
        try:
            async with watched(self._settings, self._metrics.certificate_ends):
                await asyncio.wait([serving, reading, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel(reading, stopped)
            await self._changes.close()  # or the server would wait for the streams
            server.should_exit = True
            await serving
            self.pool.terminate()
        if not reading.cancelled():
            reading.result()

    async def _wait_for_database(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            try:
                await self.pool
                async with self.pool.acquire() as connection:
                    await database.check(connection, DATABASE)
            except Exception as fault:
                trouble = database_trouble(fault, self._address)
                if trouble is None or trouble.lasting:
                    raise (fault if trouble is None else Unusable(trouble.what)) from None
                attempt += 1
                log.warning("waiting for the database", extra={"why": trouble.what})
                await is_set(self._stop, within=full_jitter(attempt))
            else:
                return

    async def _database_answers(self) -> str | None:
        async with self.pool.acquire() as connection:
            await connection.fetchval("select 1")
        return None

    async def _reading(self) -> str | None:
        """What somebody must mend before this instance can read.

        If only no broker answers, it goes on showing what it knows, and each page says how old that is.
        """
        readers = (reader.trouble for reader, _ in self._readers.values())
        return self._trouble or next((trouble for trouble in readers if trouble), None)

    # -- reading -----------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Read while holding the lock. Whatever goes wrong, begin again from the stored offsets."""
        attempt = 0
        while True:
            try:
                connection = await asyncpg.connect(self._address)
                try:
                    # Polled, so that no statement stays open.
                    while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):
                        self._trouble = None  # another instance reads
                        await asyncio.sleep(WATCH_SECONDS)
                    await self._follow(connection)
                finally:
                    await cancel(*(task for _, task in self._readers.values()))
                    self._readers.clear()
                    connection.terminate()
            except (KafkaError, LookupError) as fault:
                attempt += 1
                trouble = kafka_trouble(fault, self._settings)
                if trouble is not None and trouble.lasting:
                    raise Unusable(trouble.what) from None
                if trouble is not None and not isinstance(fault, KafkaConnectionError):
                    self._trouble = trouble.what
                log.warning("reading begins again", extra={"why": trouble and trouble.what})
            except (OSError, TimeoutError, asyncpg.PostgresError) as fault:
                attempt += 1
                why = type(fault).__name__
                log.warning("reading begins again", extra={"why": why})
            except asyncpg.InterfaceError as fault:
                log.warning("the database connection was lost", extra={"why": type(fault).__name__})
            await asyncio.sleep(full_jitter(attempt))

    async def _follow(self, connection: Any) -> None:
        healed = 0.0
        clock = asyncio.get_running_loop().time
        while True:
            models = await generations.prepare(connection)
            for model in models:
                if model.id not in self._readers:
                    self._start(model)
            for id, (reader, task) in list(self._readers.items()):
                if task.done():
                    task.result()
                mine = next((model for model in models if model.id == id), None)
                if mine is None:
                    await cancel(task)
                    del self._readers[id]
                elif reader.complete and not mine.serving:
                    await self._serve(connection, mine)
                if reader.begun:
                    self._trouble = None
            if clock() - healed > HEAL_SECONDS:
                healed = clock()
                await self._heal([model for model in models if model.id in self._readers])
            await asyncio.sleep(WATCH_SECONDS)

    def _start(self, model: Model) -> None:
        reader = ModelReader(self.pool, model.schema, self._taker(model), self._settings)
        self._readers[model.id] = reader, asyncio.create_task(reader.run())
        log.info("reading", extra={"model": model.schema})

    async def _serve(self, connection: Any, model: Model) -> None:
        for id in [id for id in self._readers if id < model.id]:
            await cancel(self._readers.pop(id)[1])
        await generations.serve(connection, model)
        log.info("a read model is complete and serves", extra={"model": model.schema})

    async def _heal(self, models: Iterable[Model]) -> None:
        for model in models:
            reader, _ = self._readers[model.id]
            if reader.complete:
                await heal(self.pool, model.schema, self._taker(model), self._settings)
            async with self.pool.acquire() as connection:
                self._metrics.gaps.set(await gaps(connection, model.schema))
                self._metrics.backup.set(await connection.fetchval(LAST_BACKUP))
                await forget_erased(connection, model.schema, self._settings.key)
                if model.serving:
                    await _publish(connection, model)

    def _taker(self, model: Model) -> Taker:
        return Taker(model.schema, self._settings.key)


async def _publish(connection: Any, model: Model) -> None:
    """Make the tables by group that are due. If that fails, reading goes on, and it is tried again."""
    try:
        await publish(connection, model.schema)
    except Exception as fault:
        log.error("the tables by group could not be made", extra={"fault": fault_words(fault)})


async def serve(settings: DashboardSettings) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully."""
    dashboard = Dashboard(settings)
    begin("dashboard", settings, dashboard.stop)
    await dashboard.run()
