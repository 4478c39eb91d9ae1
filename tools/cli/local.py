"""The whole system on this machine: broker, databases, topics, services as processes of their own.

Everything listens on 127.0.0.1 and ends with this program, whatever ends it. The embedded broker keeps
nothing, so the embedded databases start empty each time too: the two must agree.
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

from shared.database import address, create, migrate
from shared.kafka import create_topics
from shared.settings import KafkaSettings, load
from tools.cli import mistakes
from tools.cli.places import DATABASE, KAFKA
from tools.embedded.broker import EmbeddedBroker
from tools.embedded.choose import client_settings
from tools.embedded.database import EmbeddedPostgres
from tools.embedded.process import Process, free_port
from tools.services import SERVICES
from tools.topics import all_topics

READY_SECONDS = 90.0
GRACE_SECONDS = 30.0
"""How long a program may take to finish what it has in hand."""
FEW_PARTITIONS = "3"
"""For the embedded broker: one machine has no use for twelve."""

Say = Callable[[str], None]


@dataclass
class Child:
    """One of our programs at work, with its log and the port at which it tells how it is."""

    name: str
    process: Process
    log: Path
    port: int

    def wait_until_ready(self) -> None:
        """Return when it says that it is ready. Raises `EmbeddedError` with its last words if it ends."""
        self.process.wait_until(self._is_ready, seconds=READY_SECONDS)

    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        try:
            os.kill(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=3):
                return True
        except OSError:
            time.sleep(0.1)
            return False


@dataclass
class Local:
    """Where everything is. `kafka` are environment variables for any program that speaks with the broker."""

    folder: Path
    kafka: Mapping[str, str]
    databases: Mapping[str, str]
    broker_name: str
    database_name: str
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start one of our programs; it ends with this one, or by `stop`."""
        log, port = self.folder / f"{name}.log", free_port()
        process = Process(
            name,
            [sys.executable, "-m", "tools.cli", *command],
            log=log,
            grace_seconds=GRACE_SECONDS,
            environment={
                **os.environ,
                **self.kafka,
                **environment,
                "PROBATION_ENVIRONMENT": "development",
                "PROBATION_HTTP_HOST": "127.0.0.1",
                "PROBATION_HTTP_PORT": str(port),
            },
        )
        child = Child(name, process, log, port)
        self.children.append(child)
        return child

    def serve(self) -> None:
        """Start the four services, and return when they are ready."""
        for name, dsn in self.databases.items():
            self.start(name, ["serve", name], {DATABASE: dsn})
        for child in self.children:
            child.wait_until_ready()

    def stop(self) -> None:
        """Stop all programs in order, at the same time."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.children))) as pool:
            list(pool.map(lambda child: child.process.end("stop"), self.children))


@contextmanager
def local(
    say: Say, *, fsync: bool = True, port: int | None = None, given: Mapping[str, str] = os.environ
) -> Iterator[Local]:
    """Broker and databases on this machine, or those that `given` names, with topics and tables.

    PROBATION_KAFKA_BOOTSTRAP_SERVERS names a Kafka, PROBATION_DATABASE_URL a PostgreSQL in which its user may
    create databases and roles. `port` is the embedded broker's, if it is free.
    """
    folder = Path(tempfile.mkdtemp(prefix="probation-logs-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        given_kafka, given_database = given.get(KAFKA), given.get(DATABASE)
        if given_kafka:
            kafka: Mapping[str, str] = {}
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
            server = stack.enter_context(EmbeddedPostgres(fsync=fsync))
            admin = server.dsn()
            database_name = f"embedded PostgreSQL at 127.0.0.1:{server.port}"
        say("making topics and tables")
        databases = asyncio.run(_set_up(kafka, admin))
        system = Local(folder, kafka, databases, broker_name, database_name)
        stack.callback(system.stop)
        yield system


async def _set_up(kafka: Mapping[str, str], admin: str) -> dict[str, str]:
    await create_topics(kafka_settings(kafka), all_topics(kafka_settings(kafka)))
    databases = {}
    for service in SERVICES:
        password = secrets.token_urlsafe(18)
        with mistakes.database(admin):
            await create(admin, service, {"app": password})
            await migrate(address(admin, service.name), service)
        databases[service.name] = address(admin, service.name, f"{service.name}_app", password)
    return databases


def kafka_settings(variables: Mapping[str, str]) -> KafkaSettings:
    """The settings that these environment variables make."""
    given = {name.removeprefix("PROBATION_").lower(): value for name, value in variables.items()}
    return load(KafkaSettings, **given)


class Tail:
    """Reads on in a growing log."""

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
