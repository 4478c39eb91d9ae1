"""The whole system on this machine: broker, databases, topics, and each service as its own process.

Everything listens on 127.0.0.1 and ends with this program, however it ends. The embedded broker stores
nothing, so the embedded databases also start empty each time, to match, unless they are to be kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from feeds.postgres import DATABASE as FEED_TABLES
from feeds.registry import ADAPTERS as FEEDS
from services.dashboard.settings import DATABASE as DASHBOARD
from shared.database import Owner, address, create, migrate
from shared.engine.days import ONE_DAY
from shared.kafka import create_topics
from shared.settings import SECRETS_FOLDER, KafkaSettings, load
from tools.cli import errors
from tools.cli.addresses import DATABASE, ENVIRONMENT, KAFKA
from tools.clock import the_ticker
from tools.embedded.broker import EmbeddedBroker
from tools.embedded.choose import client_settings
from tools.embedded.database import EmbeddedPostgres
from tools.embedded.process import Process, free_port, is_free
from tools.republish import republish
from tools.services import SERVICES
from tools.topics import all_topics

READY_SECONDS = 90.0
GRACE_SECONDS = 30.0
"""How long a program may take to finish its current work."""
FEW_PARTITIONS = "3"
"""For the embedded broker: one machine does not need twelve."""

DASHBOARD_PORT = 8000
"""Where the dashboard answers, if the port is free."""

STEADY_SECONDS = 60.0
"""A program that ran for so long is started again after a second, any other after twice as long as before."""
LONGEST_WAIT_SECONDS = 30.0

Say = Callable[[str], None]


@dataclass
class Child:
    """One of our programs, with its log and the port for health checks. `launch` starts its process."""

    name: str
    launch: Callable[[], Process]
    log: Path
    port: int
    process: Process = field(init=False)
    _started: float = field(init=False)
    _start_again_at: float | None = None
    _wait_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.process = self.launch()
        self._started = time.monotonic()

    def wait_until_ready(self) -> None:
        """Wait until it is ready. If it ends, raises `EmbeddedError` with the last lines of its log."""
        self.process.wait_until(self._is_ready, seconds=READY_SECONDS)

    def look_after(self) -> str | None:
        """Start it again a while after it has ended. Returns what to say: when it ends."""
        now = time.monotonic()
        if self._start_again_at is not None:
            if now >= self._start_again_at:
                self._start_again_at = None
                self._start()
            return None
        if (code := self.process.exit_code) is None:
            return None
        steady = now - self._started > STEADY_SECONDS
        self._wait_seconds = 1.0 if steady else min(2 * self._wait_seconds or 1.0, LONGEST_WAIT_SECONDS)
        self._start_again_at = now + self._wait_seconds
        return f"{self.name} ended with {code}: it is started again in {self._wait_seconds:.0f} s"

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=3):
                return True
        except OSError:
            time.sleep(0.1)
            return False


@dataclass
class Local:
    """The running system. `kafka` has the environment variables for any program that uses the broker."""

    folder: Path
    kafka: Mapping[str, str]
    databases: Mapping[str, str]
    dashboard_database: str
    feeds_database: str
    broker_name: str
    database_name: str
    children: list[Child] = field(default_factory=list)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], port: int | None = None
    ) -> Child:
        """Start one of our programs. It ends with this program, or with `stop`."""
        log, port = self.folder / f"{name}.log", port or free_port()

        def launch() -> Process:
            return Process(
                name,
                [sys.executable, "-m", "tools.cli", *command],
                log=log,
                grace_seconds=GRACE_SECONDS,
                environment={
                    **os.environ,
                    **self.kafka,
                    **environment,
                    ENVIRONMENT: "development",
                    "PROBATION_HTTP_HOST": "127.0.0.1",
                    "PROBATION_HTTP_PORT": str(port),
                },
            )

        child = Child(name, launch, log, port)
        self.children.append(child)
        return child

    def serve(self) -> None:
        """Start the four services and wait until they are ready."""
        for name, dsn in self.databases.items():
            self.start(name, ["serve", name], self._secret(name, dsn))
        self.wait_until_ready()

    def translate(self) -> None:
        """Start the feeds, each of which reads the topic of its source."""
        for name in FEEDS:
            self.start(f"feed-{name}", ["feed", name], self._secret("feeds", self.feeds_database))

    def wait_until_ready(self) -> None:
        """Wait until all programs are ready. If one ends, raises `EmbeddedError` as `Child` does."""
        for child in self.children:
            child.wait_until_ready()

    def show(self) -> str:
        """Start the dashboard, and return its address."""
        port = DASHBOARD_PORT if is_free(DASHBOARD_PORT) else None
        secret = self._secret("dashboard", self.dashboard_database)
        child = self.start("dashboard", ["serve", "dashboard"], secret, port)
        child.wait_until_ready()
        return f"http://127.0.0.1:{child.port}"

    def _secret(self, name: str, dsn: str) -> dict[str, str]:
        """Write the address, which has a password, where only our programs look: not in their environment."""
        folder = self.folder / "secrets" / name
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / DATABASE.lower()
        file.touch(mode=0o600)
        file.write_text(dsn, "utf-8")
        return {SECRETS_FOLDER: str(folder)}

    def fill_topics(self) -> None:
        """Fill the topics of the embedded broker, which has forgotten them, from the databases.

        The days since the databases were used last are announced too.
        """
        if self.kafka:
            asyncio.run(_fill_topics(kafka_settings(self.kafka), self.databases))
        asyncio.run(_announce_missed_days(kafka_settings(self.kafka), self.databases))

    def stop(self) -> None:
        """Stop all programs gracefully and concurrently."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.children))) as pool:
            list(pool.map(lambda child: child.process.end("stop"), self.children))


@contextmanager
def local(
    say: Say,
    *,
    fsync: bool = True,
    port: int | None = None,
    data: Path | None = None,
    given: Mapping[str, str] = os.environ,
) -> Iterator[Local]:
    """A broker and databases on this machine, or those named in `given`, with topics and tables.

    PROBATION_KAFKA_BOOTSTRAP_SERVERS names a Kafka. PROBATION_DATABASE_URL names a PostgreSQL whose user may
    create databases and roles. `port` is the embedded broker's port, if it is free. `data` is the folder for
    the embedded databases; without it they are removed at the end.
    """
    folder = Path(tempfile.mkdtemp(prefix="probation-logs-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        given_kafka, given_database = given.get(KAFKA), given.get(DATABASE)
        if given_kafka:
            kafka: Mapping[str, str] = {ENVIRONMENT: "development"}
            broker_name = f"Kafka at {given_kafka}"
        else:
            say("starting the embedded broker")
            bootstrap = stack.enter_context(EmbeddedBroker(port)).bootstrap
            kafka = {
                **client_settings(bootstrap, embedded=True),
                "PROBATION_KAFKA_FETCH_MAX_WAIT_MS": "50",
                "PROBATION_KAFKA_PARTITIONS": given.get("PROBATION_KAFKA_PARTITIONS", FEW_PARTITIONS),
            }
            broker_name = f"embedded broker at {bootstrap}"
        if given_database:
            admin = given_database
            database_name = "PostgreSQL at " + given_database.rpartition("@")[2].partition("/")[0]
        else:
            say("starting the embedded PostgreSQL")
            server = stack.enter_context(EmbeddedPostgres(data, fsync=fsync))
            admin = server.dsn()
            database_name = f"embedded PostgreSQL at 127.0.0.1:{server.port}"
        say("creating topics and tables")
        databases, dashboard, feeds = asyncio.run(_set_up(kafka, admin))
        system = Local(folder, kafka, databases, dashboard, feeds, broker_name, database_name)
        stack.callback(system.stop)
        yield system


async def _fill_topics(settings: KafkaSettings, databases: Mapping[str, str]) -> None:
    for service in SERVICES:
        await republish(service, databases[service.name], settings, facts=True)


async def _announce_missed_days(settings: KafkaSettings, databases: Mapping[str, str]) -> None:
    reached = []
    for dsn in databases.values():
        connection = await asyncpg.connect(dsn)
        try:
            reached.append(await connection.fetchval("select day from clock"))
        finally:
            await connection.close()
    if days := [day for day in reached if day is not None]:
        await the_ticker(settings).repeat(min(days) + ONE_DAY)


async def _set_up(kafka: Mapping[str, str], admin: str) -> tuple[dict[str, str], str, str]:
    """Create topics and databases. Returns the addresses: the services', the dashboard's and the feeds'."""
    await create_topics(kafka_settings(kafka), all_topics(kafka_settings(kafka)))
    databases = {service.name: await _set_up_database(admin, service) for service in SERVICES}
    dashboard, feeds = [await _set_up_database(admin, owner) for owner in (DASHBOARD, FEED_TABLES)]
    return databases, dashboard, feeds


async def _set_up_database(admin: str, owner: Owner) -> str:
    password = secrets.token_urlsafe(18)
    with errors.database(admin):
        await create(admin, owner, {"app": password})
        await migrate(address(admin, owner.name), owner)
    return address(admin, owner.name, f"{owner.name}_app", password)


def kafka_settings(variables: Mapping[str, str]) -> KafkaSettings:
    """The settings from these environment variables."""
    given = {name.removeprefix("PROBATION_").lower(): value for name, value in variables.items()}
    return load(KafkaSettings, **given)


class Tail:
    """Reads the new lines of a growing log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._position = 0
        self._rest = b""

    def lines(self) -> list[str]:
        """The lines that were added since the last call."""
        with contextlib.suppress(FileNotFoundError), self._log.open("rb") as file:
            file.seek(self._position)
            added = file.read()
            self._position += len(added)
            *lines, self._rest = (self._rest + added).split(b"\n")
            return [line.decode(errors="replace") for line in lines]
        return []
