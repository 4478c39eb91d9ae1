"""The system as in production: each service is a process, on the run's Kafka and PostgreSQL.

A test publishes what the feeds and the ticker would, kills and stops programs, waits until nothing is left to
do, and reads what the services published. No wait is for a fixed time: each is for something that can be seen
from outside.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import RecordMetadata

from feeds.postgres import DATABASE as FEEDS
from feeds.registry import topic_of
from schemas import language
from schemas.topics import TOPICS, dead_letter_topic, partitions, standing_topic, topic_name, warning_topic
from services.dashboard.settings import DATABASE as DASHBOARD
from shared import database, kafka
from shared.engine.engine import Engine
from shared.engine.postgres import Postgres
from shared.settings import PREFIX, KafkaSettings
from tests.system.instance import PATIENCE, ROOT, Instance, until
from tools.clock import day_started
from tools.embedded import choose
from tools.services import BY_NAME

Records = list[ConsumerRecord[bytes, bytes]]
Headers = Sequence[tuple[str, bytes]]

OWNERS: dict[str, database.Owner] = {**BY_NAME, FEEDS.name: FEEDS, DASHBOARD.name: DASHBOARD}
"""Whose databases there are."""

PARTITIONS = 4
"""The number of partitions of each topic about people."""

_STATE = """
select (select day from clock) as day,
    (select count(*) from outbox) as outbox,
    (select count(*) from cases where wake_on <= (select day from clock)
        and quarantined is null and merged_into is null) as due,
    (select count(*) from cases where release < (select release from clock) and assessed_on is not null
        and quarantined is null and merged_into is null) as outdated,
    (select count(*) from changed_pools) as pools,
    (select count(*) from catch_up) + (select count(*) from lost_events) as behind,
    (select coalesce(sum(sequence), 0)::bigint from cases) as published,
    (select coalesce(json_object_agg(topic, read), '{}') from
        (select topic, sum(next_offset) as read from offsets group by topic) as topics) as read
"""
"""A snapshot of what a service has read and what it still has to do."""


@dataclass
class System:
    """The topics, and the services' databases and processes."""

    kafka: choose.Kafka
    postgres: choose.Postgres
    prefix: str
    folder: Path
    settings: KafkaSettings = field(init=False)
    program: str = "tools.cli"
    """The command line whose `serve` is a service."""
    checkout: Path = ROOT
    """The release that is run: where its code is."""
    databases: dict[str, str] = field(default_factory=dict)
    """The address of each service's database, with the service's own role."""
    instances: list[Instance] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """The number of messages that the test has published on each topic (short name)."""
    _names: dict[str, str] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: dict[str, asyncpg.Connection[Any]] = field(default_factory=dict)

    async def __aenter__(self) -> System:
        given: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): value for name, value in self.kafka.client_settings.items()
        }
        self.settings = KafkaSettings(**given, topic_prefix=self.prefix, kafka_partitions=PARTITIONS)
        topics = {topic_name(short, self.prefix): partitions(short, PARTITIONS) for short in TOPICS}
        for about in (dead_letter_topic, standing_topic, warning_topic):
            topics |= {about(name, self.prefix): PARTITIONS for name in BY_NAME}
        await kafka.create_topics(self.settings, topics)
        self._producer = kafka.producer(self.settings, "feeds")
        self._reader = AIOKafkaConsumer(
            **kafka.client_options(self.settings, "reader"), max_partition_fetch_bytes=8_000_000
        )
        await self._producer.start()
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(instance.kill() for instance in self.instances if instance.alive))
        await self._reader.stop()
        await self._producer.stop()
        await self.hang_up()
        for name in self._names.values():
            await self.manage(f"drop database if exists {name} with (force)")
            for role in ("app", "read", "migrate", "owner"):
                await self.manage(f"drop role if exists {name}_{role}")

    def on(self, kafka: choose.Kafka) -> System:
        """The same databases on another Kafka."""
        other = System(kafka, self.postgres, self.prefix, self.folder)
        other.databases, other._names = self.databases, self._names
        return other

    # -- processes ---------------------------------------------------------------------------------

    async def start(self, service: str, *, ready: bool = True, **settings: str) -> Instance:
        """Start a process of a service and, by default, wait until it is ready."""
        environment = await self._environment(service) | settings
        instance = await Instance.start(
            service, environment, self.folder, self.program, checkout=self.checkout
        )
        self.instances.append(instance)
        if ready:
            await instance.ready()
        return instance

    async def start_feed(self, name: str, **settings: str) -> Instance:
        """Start a process of a feed, with a topic of its own, and wait until it is ready."""
        topic = self.prefix + topic_of(name)
        await kafka.create_topics(self.settings, {topic: 1})
        environment = await self._environment(FEEDS.name) | settings
        words = ("feed", name, "--from", topic)
        instance = await Instance.start(f"feed-{name}", environment, self.folder, words=words)
        self.instances.append(instance)
        await instance.ready()
        return instance

    async def _environment(self, owner: str) -> dict[str, str]:
        session = 2_000 if "restart" in self.kafka.features else 6_000  # our own brokers allow short ones
        return {
            **self.kafka.client_settings,
            "PROBATION_TOPIC_PREFIX": self.prefix,
            "PROBATION_DATABASE_URL": await self.database(owner),
            "PROBATION_KAFKA_SESSION_TIMEOUT_MS": str(session),
            "PROBATION_ERASURE_KEY": "a key of the tests, the same for ever",
        }

    async def start_ticker(self) -> Instance:
        """Start a process of the ticker and wait until it is ready."""
        environment = {**self.kafka.client_settings, "PROBATION_TOPIC_PREFIX": self.prefix}
        instance = await Instance.start("ticker", environment, self.folder, words=("ticker",))
        self.instances.append(instance)
        await instance.ready()
        return instance

    async def start_all(self, *services: str) -> list[Instance]:
        """Start a process of each service and wait until all are ready."""
        started = [await self.start(service, ready=False) for service in services]
        await asyncio.gather(*(instance.ready() for instance in started))
        return started

    # -- databases ---------------------------------------------------------------------------------

    async def database(self, service: str) -> str:
        """The address of a service's database, with the service's own role. Created on first use."""
        async with self._making:
            if service not in self.databases:
                await self._make_database(service)
        return self.databases[service]

    async def _make_database(self, service: str) -> None:
        name, password = f"test_{secrets.token_hex(6)}", secrets.token_urlsafe(12)
        self._names[service] = name
        await database.create(self.postgres.dsn(), OWNERS[service], {"app": password}, database=name)
        await self.migrate(service)
        self.databases[service] = database.address(self.postgres.dsn(name), name, f"{name}_app", password)

    async def replace_database(self, service: str) -> str:
        """Give a service another database, which is empty. Returns the superuser's address of the other."""
        await self.hang_up()
        before = self._names.pop(service)
        del self.databases[service]
        self._names[f"{service} before"] = before
        await self.database(service)
        return self.postgres.dsn(before)

    async def migrate(self, service: str) -> None:
        """Migrate its database to the release that is run."""
        dsn = self.postgres.dsn(self._names[service])
        if self.checkout == ROOT:
            await database.migrate(dsn, OWNERS[service])
        else:
            await self.run("db", "migrate", service, PROBATION_DATABASE_URL=dsn)

    async def superusers_database(self, service: str) -> str:
        """The address of a service's database for the superuser."""
        await self.database(service)
        return self.postgres.dsn(self._names[service])

    def database_name(self, service: str) -> str:
        """The name of its database on the server."""
        return self._names[service]

    async def run(self, *words: str, **settings: str) -> str:
        """Run `probation` with these words on this Kafka; returns what it prints."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tools.cli", *words),
            env={
                **os.environ,
                **self.kafka.client_settings,
                "PROBATION_TOPIC_PREFIX": self.prefix,
                **settings,
            },
            cwd=self.checkout,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def connect(self, service: str) -> asyncpg.Connection[Any]:
        """A connection to its database as the superuser, for what the service may not do."""
        return await asyncpg.connect(self.postgres.dsn(self._names[service]))

    async def fetch(self, service: str, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Query a service's database. The connection is kept, because logging in is slow."""
        connection = self._asking.pop(service, None)
        if connection is None or connection.is_closed():
            connection = await self.connect(service)
        rows = list(await connection.fetch(query, *arguments))
        self._asking[service] = connection
        return rows

    async def hang_up(self) -> None:
        """Close the connections of `fetch`, because a database with connections cannot be copied."""
        while self._asking:
            await self._asking.popitem()[1].close()

    async def manage(self, statement: str) -> None:
        """Run a statement on the database server."""
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def recheck(self, service: str, subject: str) -> str | None:
        """Join a case again from the journal and assess it, as `probation recheck` does."""
        async with asyncpg.create_pool(await self.database(service), min_size=1, max_size=2) as pool:
            engine = Engine(BY_NAME[service], language, Postgres(pool), latest_day=lambda: date.max)
            await engine.start()
            return await engine.recheck(subject)

    # -- what comes in -----------------------------------------------------------------------------

    async def publish(self, lines: Iterable[bytes]) -> None:
        """Publish events as their feeds would, keyed by subject, and wait until the broker has them."""
        for line in lines:
            event, _ = language.read(line, ())
            key = event.subject.encode() if event.subject else None
            await self.send(language.topics_of(event.type)[0], line, key)
        await self._producer.flush()

    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, headers: Headers = ()
    ) -> asyncio.Future[RecordMetadata]:
        """Publish a message. The future returns where the broker has stored it."""
        self.sent[topic] += 1
        sent: asyncio.Future[RecordMetadata] = await self._producer.send(
            self.prefix + topic, value, key, headers=list(headers)
        )
        return sent

    async def begin(self, *days: date) -> None:
        """Start these days, as the ticker would."""
        await self.publish(map(day_started, days))

    # -- what can be seen --------------------------------------------------------------------------

    async def quiet(self, *services: str, seconds: float = PATIENCE) -> None:
        """Wait until these services have nothing left to do.

        This is correct if only the test and these services publish. Between two equal counts of all topics,
        each service had, at one moment, read, swept and published everything. No topic has grown since, so
        no new work can have appeared.
        """
        names = services or tuple(self._names)
        await until(lambda: self.unquiet(names), seconds=seconds)

    async def unquiet(self, services: Sequence[str]) -> str | None:
        """What these services have left to do; None if nothing (see `quiet`)."""
        topics = {topic for service in services for topic in BY_NAME[service].reads}
        before = await self._ends(topics)
        for service in services:
            state = (await self.fetch(service, _STATE))[0]
            read = {topic: int(n) for topic, n in json.loads(state["read"]).items()}
            reads = BY_NAME[service].reads
            behind = {t: before[t] - read.get(t, 0) for t in reads if read.get(t, 0) != before[t]}
            left = {x: state[x] for x in ("outbox", "due", "outdated", "pools", "behind") if state[x]}
            if behind or left:
                return f"{service} has read all but {behind}, and has left {left}; {self._processes(service)}"
        return None if await self._ends(topics) == before else "topics are still growing"

    def _processes(self, service: str) -> str:
        """The number of running processes of a service, and how the others ended."""
        mine = [instance for instance in self.instances if instance.service == service]
        alive = sum(instance.alive for instance in mine)
        return "\n".join([f"{alive} of its processes live", *(i.fault for i in mine if i.fault)])

    async def _ends(self, topics: Iterable[str]) -> dict[str, int]:
        """The number of messages on each topic (short names)."""
        if "real_kafka" in self.kafka.features:
            places = [place for topic in topics for place in self.places(topic)]
            ends = await self._reader.end_offsets(places)
            return {t: sum(ends[place] for place in self.places(t)) for t in topics}
        # The embedded broker gives wrong end offsets. But no process is killed on it, so nothing is repeated.
        ends = dict(self.sent)
        for service in self._names:
            ends[service] = ends.get(service, 0) + (await self.fetch(service, _STATE))[0]["published"]
        return {topic: ends.get(topic, 0) for topic in topics}

    def places(self, topic: str) -> list[TopicPartition]:
        """The partitions of a topic (short name)."""
        number = PARTITIONS if "." in topic else partitions(topic, PARTITIONS)
        return [TopicPartition(self.prefix + topic, n) for n in range(number)]

    async def reached(self, service: str, day: date) -> None:
        """Wait until the day has started for the service and it has assessed every case that was due."""

        async def wrong() -> str | None:
            state = (await self.fetch(service, _STATE))[0]
            return None if state["day"] == day and not state["due"] else f"{service}: {dict(state)}"

        await until(wrong)

    async def known(self, service: str, number: int) -> None:
        """Wait until this many facts are in the service's journal."""

        async def wrong() -> str | None:
            found = (await self.fetch(service, "select count(*) from journal"))[0][0]
            return None if found >= number else f"knows {found} facts of {number}; {self._processes(service)}"

        await until(wrong)

    async def read(self, topic: str, number: int | None = None) -> Records:
        """All messages of a topic from its start, by partition. Optionally waits for a number of them."""
        places = self.places(topic)
        if number is None:
            number = (await self._ends([topic]))[topic]
        self._reader.assign(places)
        for place in places:
            self._reader.seek(place, 0)
        found: Records = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < number:
                for records in (await self._reader.getmany(timeout_ms=200)).values():
                    found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def topic_configs(self, topic: str) -> dict[str, str]:
        """The configuration of a topic (short name)."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        await admin.start()
        try:
            asked = ConfigResource(ConfigResourceType.TOPIC, self.prefix + topic)
            [answer] = await admin.describe_configs([asked])
            return {name: value for name, value, *_ in answer.resources[0][4]}
        finally:
            await admin.close()

    async def alter_topic(self, name: str, **configs: str) -> None:
        """Change the configuration of a topic (full name)."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        await admin.start()
        try:
            values = {option.replace("_", "."): value for option, value in configs.items()}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, values)])
        finally:
            await admin.close()
