"""Checks whether each part of a service is ready and alive. A check returns what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError

from shared import kafka
from shared.engine.connections import WentBack
from shared.engine.postgres import Postgres
from shared.engine.queries import load
from shared.engine.relay import Relay
from shared.runtime.clock import ClockWatch
from shared.runtime.consumer import Consumer
from shared.runtime.gaps import GAPS
from shared.runtime.health import Check

STALLED_SECONDS = 60.0
"""If no partition has been fetched for this long, a restart helps (aiokafka issue 1154)."""

WAITING_SECONDS = 60.0
"""If the first event of the outbox has been waiting for this long, nobody publishes."""

SQL = load(Path(__file__).with_name("monitor.sql"))


class Checks:
    """The checks of one service. `starting` returns what it is still waiting for at its start, or None."""

    def __init__(
        self,
        starting: Callable[[], str | None],
        storage: Postgres,
        cluster: kafka.Cluster,
        consumer: Consumer,
        relay: Relay,
        clock: ClockWatch,
    ) -> None:
        self._starting = starting
        self._connections = storage.connections
        self._cluster = cluster
        self._consumer = consumer
        self._relay = relay
        self._clock = clock
        self.ready: Mapping[str, Check] = {
            "service": self._started,
            "database": self._database,
            "broker": self._broker,
            "consumer": self._consuming,
            "relay": self._relaying,
            "clock": self._telling_time,
        }
        """All of these must pass for the service to be ready."""
        self.alive: Mapping[str, Check] = {"consumer": self._restart_helps}
        """These fail only if a restart would help."""

    async def _started(self) -> str | None:
        return self._starting()

    async def _database(self) -> str | None:
        try:
            async with self._connections.one() as connection:
                if not await connection.fetchval(SQL["writable"]):
                    await self._connections.pool.expire_connections()
                    return "it only reads: the address leads to a standby"
                (behind,) = await connection.fetch(SQL["behind"])
        except WentBack as fault:
            return str(fault)
        except asyncpg.exceptions.TargetServerAttributeNotMatched:
            return "it only reads: no address leads to a server that can write"
        if any(behind):
            return (
                f"the database went back: {behind['partitions']} partitions are still to be read, and "
                f"{behind['cases']} cases have lost events to take over"
            )
        return None

    async def _broker(self) -> str | None:
        try:
            unusable = await self._cluster.unusable([*self._consumer.topics, *self._consumer.own_topics])
        except (KafkaError, OSError, TimeoutError) as fault:
            kind = type(fault).__name__
            return f"no broker answers ({kind}): is Kafka up, and are its address, user and password right?"
        return "; ".join(f"topic {name}: {why}" for name, why in unusable.items()) or None

    async def _consuming(self) -> str | None:
        return self._consumer.trouble or self._fetching() or await self._gaps()

    def _fetching(self) -> str | None:
        stalled = {p: s for p, s in self._consumer.stalled().items() if s > STALLED_SECONDS}
        if not stalled:
            return None
        longest = max(stalled, key=lambda p: stalled[p])
        others = f" (nor have {len(stalled) - 1} others)" if len(stalled) > 1 else ""
        return (
            f"{longest.topic}/{longest.partition} has not been fetched for {stalled[longest]:.0f} s{others}: "
            "are all brokers up, and is the partition's log undamaged?"
        )

    async def _gaps(self) -> str | None:
        async with self._connections.one() as connection:
            gaps = await connection.fetch(SQL["gaps"], GAPS)
        return "; ".join(f"dead letter {g['number']}, {g['place']}: {g['explanation']}" for g in gaps) or None

    async def _restart_helps(self) -> str | None:
        # If some partitions are still fetched, the client works, and a restart would not help the others.
        stalled = self._consumer.stalled().values()
        wrong = self._fetching() if stalled and min(stalled) > STALLED_SECONDS else None
        if wrong:
            try:
                await self._cluster.topics(self._consumer.topics)
            except (KafkaError, OSError, TimeoutError):
                return None  # the broker is down, and a restart would not help
        return wrong

    async def _telling_time(self) -> str | None:
        late = None if self._starting() else await self._clock.trouble()
        return late and (self._consumer.day_waits or late)

    async def _relaying(self) -> str | None:
        if self._relay.trouble:
            return self._relay.trouble
        async with self._connections.one() as connection:
            seconds = await connection.fetchval(SQL["outbox_oldest"]) or 0
        if seconds > WAITING_SECONDS:
            return f"an event has been waiting for {seconds:.0f} s: does any instance lead the relay?"
        return None
