"""Checks whether each part of a service is ready and alive. A check returns what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared import kafka
from shared.engine.relay import Relay
from shared.runtime.clock import ClockWatch
from shared.runtime.consumer import Consumer
from shared.runtime.health import Check

STALLED_SECONDS = 60.0
"""If a partition has not been fetched for this long, a restart helps (aiokafka issue 1154)."""


class Checks:
    """The checks of one service. `starting` returns what it is still waiting for at its start, or None."""

    def __init__(
        self,
        starting: Callable[[], str | None],
        pool: asyncpg.Pool[Any],
        cluster: kafka.Cluster,
        consumer: Consumer,
        relay: Relay,
        clock: ClockWatch,
    ) -> None:
        self._starting = starting
        self._pool = pool
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
        async with self._pool.acquire() as connection:
            await connection.fetchval("select 1")
        return None

    async def _broker(self) -> str | None:
        missing = set(self._consumer.topics) - set(await self._cluster.topics(self._consumer.topics))
        return f"missing topics: {', '.join(sorted(missing))}" if missing else None

    async def _consuming(self) -> str | None:
        return self._consumer.trouble or self._fetching()

    def _fetching(self) -> str | None:
        seconds = self._consumer.stalled_seconds()
        return f"a partition has not been fetched for {seconds:.0f} s" if seconds > STALLED_SECONDS else None

    async def _restart_helps(self) -> str | None:
        wrong = self._fetching()
        if wrong:
            try:
                await self._cluster.topics(self._consumer.topics)
            except (KafkaError, OSError, TimeoutError):
                return None  # the broker is down, and a restart would not help
        return wrong

    async def _telling_time(self) -> str | None:
        return None if self._starting() else await self._clock.trouble()

    async def _relaying(self) -> str | None:
        return self._relay.trouble
