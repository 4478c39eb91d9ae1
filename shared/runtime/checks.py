"""Checks whether each part of a service is ready and alive. A check returns what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared import kafka
from shared.engine.queries import load
from shared.engine.relay import Relay
from shared.runtime.consumer import Consumer
from shared.runtime.gaps import GAPS
from shared.runtime.health import Check

SQL = load(Path(__file__).with_name("monitor.sql"))

STALLED_SECONDS = 60.0
"""If no partition has been fetched for this long, a restart helps (aiokafka issue 1154)."""


class Checks:
    """The checks of one service. `starting` returns what it is still waiting for at its start, or None."""

    def __init__(
        self,
        starting: Callable[[], str | None],
        pool: asyncpg.Pool[Any],
        cluster: kafka.Cluster,
        consumer: Consumer,
        relay: Relay,
    ) -> None:
        self._starting = starting
        self._pool = pool
        self._cluster = cluster
        self._consumer = consumer
        self._relay = relay
        self.ready: Mapping[str, Check] = {
            "service": self._started,
            "database": self._database,
            "broker": self._broker,
            "consumer": self._consuming,
            "relay": self._relaying,
        }
        """All of these must pass for the service to be ready."""
        self.alive: Mapping[str, Check] = {"consumer": self._restart_helps}
        """These fail only if a restart would help."""

    async def _started(self) -> str | None:
        return self._starting()

    async def _database(self) -> str | None:
        async with self._pool.acquire() as connection:
            await connection.fetchval("select 1")
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
        async with self._pool.acquire() as connection:
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

    async def _relaying(self) -> str | None:
        return self._relay.trouble
