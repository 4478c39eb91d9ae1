"""Apache Kafka and PostgreSQL as processes on this machine, databases to measure with, and processor time.

Always uses its own servers, whatever the environment names, because processor time can be measured only for
processes on this machine.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas import language
from services.contacts.app import SERVICE
from shared import kafka
from shared.database import address, create, migrate
from shared.engine.engine import Engine
from shared.engine.postgres import Postgres
from shared.engine.service import Service
from shared.settings import ServiceSettings
from tools.bench.events import Event
from tools.embedded.choose import client_settings
from tools.embedded.database import EmbeddedPostgres, machine_binaries
from tools.embedded.kafka import ApacheKafka
from tools.embedded.process import Process

ROOT = Path(__file__).parents[2]
PARTITIONS = 12
POLL_SECONDS = 0.1
EMPTY = "bench"
"""The database that all others are copied from: its tables are empty."""

Connected: TypeAlias = "Callable[[asyncpg.Connection[Any]], Awaitable[None]]"

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """Seconds of processor time."""

    client: float = 0.0
    postgres: float = 0.0
    broker: float = 0.0

    @property
    def total(self) -> float:
        return self.client + self.postgres + self.broker

    def __sub__(self, other: Cpu) -> Cpu:
        return Cpu(self.client - other.client, self.postgres - other.postgres, self.broker - other.broker)

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(self.client + other.client, self.postgres + other.postgres, self.broker + other.broker)


@dataclass
class World:
    """The servers, the folder for logs, and the superuser's password."""

    broker: ApacheKafka
    postgres: EmbeddedPostgres
    folder: Path
    password: str

    def variables(self, prefix: str, database: str, owner: str = EMPTY) -> dict[str, str]:
        """The environment of a service that reads the topics of this prefix; `owner` as in `dsn`."""
        return {
            **client_settings(self.broker.bootstrap, embedded=False),
            "PROBATION_TOPIC_PREFIX": prefix,
            "PROBATION_KAFKA_PARTITIONS": str(PARTITIONS),
            "PROBATION_DATABASE_URL": self.dsn(database, owner),
            "PROBATION_HTTP_PORT": "0",
        }

    def settings(self, prefix: str) -> ServiceSettings:
        """The same, as settings for this process."""
        given = {
            name.removeprefix("PROBATION_").lower(): value
            for name, value in self.variables(prefix, EMPTY).items()
        }
        return ServiceSettings(**given)  # type: ignore[arg-type]

    def dsn(self, database: str, owner: str = EMPTY) -> str:
        """The DSN of a database for a service, with only the rights of the service that `owner` is of."""
        return address(self.postgres.dsn(), database, f"{owner}_app", self.password)

    def start(
        self, name: str, module: Sequence[str], variables: Mapping[str, str], *, checkout: Path = ROOT
    ) -> Process:
        """Start a program of this project, or of another checkout of it, in its own process."""
        command = ["env", "--chdir", str(checkout), python_of(checkout), "-m", *module]
        return Process(
            name, command, log=self.log(name), grace_seconds=30, environment={**os.environ, **variables}
        )

    def log(self, name: str) -> Path:
        """The log file of the program of that name."""
        return self.folder / f"{name}.log"

    def cpu(self, programs: Iterable[Process] = ()) -> Cpu:
        """The processor time used so far by these programs and by the servers."""
        parents = _processes()
        client = sum(_used(program.pid, parents) for program in programs)
        if not programs:
            times = os.times()
            client = times.user + times.system
        postgres, broker = self.postgres.pid, self.broker.pid
        assert postgres is not None
        assert broker is not None
        return Cpu(client, _used(postgres, parents), _used(broker, parents))

    async def make_topics(self, prefix: str) -> None:
        """Create all topics of the contacts service with this prefix."""
        wanted = {prefix + topic: 1 if topic == "clock" else PARTITIONS for topic in SERVICE.reads}
        await kafka.create_topics(self.settings(prefix), wanted | _own_topics(prefix))

    async def empty_own_topics(self, prefix: str) -> None:
        """Make the topics that contacts writes anew. It would take what is there for lost by its database."""
        own = _own_topics(prefix)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.bootstrap)
        await admin.start()
        try:
            await admin.delete_topics(list(own))
            while not own.keys().isdisjoint(await admin.list_topics()):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await admin.close()
        await kafka.create_topics(self.settings(prefix), own)

    async def publish(self, topic: str, events: Iterable[Event]) -> None:
        """Publish events to a topic (full name), and wait until the broker has them."""
        producer = kafka.producer(self.settings(""), "bench")
        await producer.start()
        try:
            for event in events:
                await producer.send(topic, event.value, event.key.encode(), headers=HEADERS)
            await producer.flush()
        finally:
            await producer.stop()

    async def count(self, topic: str) -> int:
        """The number of messages ever published on a topic (full name)."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker.bootstrap)
        await consumer.start()
        try:
            ends = await consumer.end_offsets([TopicPartition(topic, p) for p in range(PARTITIONS)])
        finally:
            await consumer.stop()
        return sum(ends.values())

    @asynccontextmanager
    async def database(self, name: str, copy_of: str = EMPTY) -> AsyncIterator[str]:
        """A separate database for a measurement, dropped at the end. Yields its name."""
        await self.admin(f"create database {name} template {copy_of}")
        try:
            await self.admin("checkpoint")  # so that none happens during the measurement
            yield name
        finally:
            await self.admin(f"drop database {name} with (force)")

    @asynccontextmanager
    async def database_of(self, service: Service, name: str) -> AsyncIterator[None]:
        """A database of another service for a measurement, dropped at the end."""
        await create(self.postgres.dsn(), service, {"app": self.password}, database=name)
        try:
            await migrate(self.postgres.dsn(name), service)
            yield
        finally:
            await self.admin(f"drop database {name} with (force)")

    async def admin(self, statement: str, database: str = "postgres") -> Any:
        """Run one statement as the superuser, outside any transaction."""
        connection = await asyncpg.connect(self.postgres.dsn(database))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    @asynccontextmanager
    async def engine(
        self, database: str, init: Connected | None = None, *, service: Service = SERVICE
    ) -> AsyncIterator[Engine]:
        """A service's engine in this process, without Kafka. `init` gets each of its connections."""
        async with asyncpg.create_pool(
            self.dsn(database, EMPTY if service is SERVICE else database),
            min_size=1,
            max_size=6,  # as in the service
            init=init,  # type: ignore[arg-type]
            server_settings={"jit": "off"},
        ) as pool:
            engine = Engine(service, language, Postgres(pool), latest_day=lambda: date.max)
            await engine.start()
            yield engine


def _own_topics(prefix: str) -> dict[str, int]:
    """The partitions of each topic that contacts writes."""
    kinds = ("", ".standing", ".dead-letter", ".warning")
    return {f"{prefix}{SERVICE.name}{kind}": PARTITIONS for kind in kinds}


HEADERS = [("content-type", b"application/cloudevents+json")]


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Servers with their data in a temporary folder. Everything is removed at the end."""
    with ExitStack() as stack:
        broker = stack.enter_context(ApacheKafka(heap="1g", runs_long=True))
        postgres = stack.enter_context(EmbeddedPostgres(binaries=machine_binaries(), fsync=True))
        folder = Path(tempfile.mkdtemp(prefix="probation-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        here = World(broker, postgres, folder, secrets.token_urlsafe(18))
        await create(postgres.dsn(), SERVICE, {"app": here.password}, database=EMPTY)
        await migrate(postgres.dsn(EMPTY), SERVICE)
        yield here


def python_of(checkout: Path) -> str:
    """The interpreter of a checkout with its own environment."""
    return sys.executable if checkout == ROOT else str(checkout / ".venv/bin/python")


def memory(pid: int, which: str = "VmRSS") -> float:
    """The memory of a process in MB: now, or the most that it ever had (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{which}:"))


def used(pid: int) -> float:
    """The processor time in seconds that a process and its children have used so far."""
    return _used(pid, _processes())


def _processes() -> dict[int, tuple[int, float]]:
    """The parent and processor time of every process. Ended children count for their parent."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        found[int(folder.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    return found


def _used(pid: int, processes: Mapping[int, tuple[int, float]]) -> float:
    own = processes[pid][1] if pid in processes else 0.0
    return own + sum(_used(child, processes) for child, (parent, _) in processes.items() if parent == pid)
