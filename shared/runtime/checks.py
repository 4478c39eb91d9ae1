"""Whether a service is ready and alive, part by part. Each check says what is wrong, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared import kafka
from shared.engine.relay import Relay
from shared.runtime.consumer import Consumer
from shared.runtime.health import Check

STALLED_SECONDS = 60.0
"""A partition not fetched for so long: a restart is the cure (aiokafka issue 1154)."""


class Checks:
    """The checks of one service; `starting` says what it still waits for before it serves, if so."""

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
        """What must hold for it to be ready."""
        self.alive: Mapping[str, Check] = {"consumer": self._restart_helps}
        """What only a restart would mend."""

    async def _started(self) -> str | None:
        return self._starting()

    async def _database(self) -> str | None:
        async with self._pool.acquire() as connection:
            await connection.fetchval("select 1")
        return None

    async def _broker(self) -> str | None:
        missing = set(self._consumer.topics) - set(await self._cluster.topics(self._consumer.topics))
        return f"not there: {', '.join(sorted(missing))}" if missing else None

    async def _consuming(self) -> str | None:
        return self._consumer.trouble or self._fetching()

    def _fetching(self) -> str | None:
        seconds = self._consumer.stalled_seconds()
        return f"a partition was not fetched for {seconds:.0f} s" if seconds > STALLED_SECONDS else None

    async def _restart_helps(self) -> str | None:
        wrong = self._fetching()
        if wrong:
            try:
                await self._cluster.topics(self._consumer.topics)
            except (KafkaError, OSError, TimeoutError):
                return None  # the broker is away, and a restart would not bring it back
        return wrong

    async def _relaying(self) -> str | None:
        return self._relay.trouble
