"""A batch into the engine: tried until it is committed, given back, or refused for good.

- While the database is away, or two batches wait for each other, it waits and tries again; before
  Kafka would take the partitions away it gives the batch back, to be read again.
- PostgreSQL refuses some data for ever (class 22, 23, 54). When that repeats, the messages are taken
  one by one, and the one that is refused becomes a dead letter.
- The brake, and a newer release at work, end it: no batch is taken any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import asyncpg

from shared.engine.engine import Engine
from shared.engine.intake import DeadLetter, Message
from shared.engine.release import Superseded
from shared.engine.working_set import describe
from shared.observe import Metrics
from shared.runtime.brake import Brake, Braked
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

GIVE_BACK_SECONDS = 60.0
"""How long a batch is tried; Kafka waits five minutes before it takes partitions away."""

REFUSED_DATA = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What PostgreSQL will refuse again: classes 22, 23 and 54."""


class Batches:
    """Takes batches, one at a time."""

    def __init__(self, engine: Engine, brake: Brake, metrics: Metrics) -> None:
        self.engine = engine
        self._window = brake
        self.trouble: str | None = None
        """Why no batch can be committed at the moment, if so."""
        self.halted: str | None = None
        """Why no batch will be taken any more, if so."""
        self.give_back = asyncio.Event()
        """Set while a batch that fails shall not be tried again here."""
        self.superseded = asyncio.Event()
        """Set when a newer release is at work: this instance must end."""
        self._metrics = metrics
        self._failures = 0

    def halt(self, why: str) -> None:
        """Take no more batches, for good."""
        self.halted = why
        self.give_back.set()

    def supersede(self, why: str) -> None:
        """A newer release is at work."""
        log.error("this instance is superseded and stops: %s", why)
        self.halt(why)
        self.superseded.set()

    async def take(self, batch: Sequence[Message]) -> bool:
        """Commit the batch; false if it must be given back."""
        until = time.monotonic() + GIVE_BACK_SECONDS
        refused = 0
        while self.halted is None:
            try:
                await (self._take_singly(batch) if refused > 1 else self._handle(batch))
            except Superseded as fault:
                self.supersede(str(fault))
            except Braked as fault:
                self._brake(fault)
            except Exception as fault:
                refused += isinstance(fault, REFUSED_DATA)
                if not await self._wait(fault, until):
                    return False
            else:
                self._done()
                return True
        return False

    async def set_aside(self, letter: DeadLetter) -> bool:
        """Commit a message as a dead letter, since the engine cannot be given it; false: read it again."""
        until = time.monotonic() + GIVE_BACK_SECONDS
        while self.halted is None:
            try:
                await self._set_aside(letter)
            except Braked as fault:
                self._brake(fault)
            except Exception as fault:
                if not await self._wait(fault, until):
                    return False
            else:
                self._done()
                return True
        return False

    async def _handle(self, batch: Sequence[Message]) -> None:
        await self.engine.handle(batch)
        self._window.accept()

    async def _take_singly(self, batch: Sequence[Message]) -> None:
        """Take the messages one by one; what the database refuses becomes a dead letter."""
        for message in batch:
            try:
                await self._handle([message])
            except REFUSED_DATA as fault:
                explanation = f"PostgreSQL refuses it: {type(fault).__name__} {fault.sqlstate}"
                await self._set_aside(DeadLetter(message, "store_error", explanation))

    async def _set_aside(self, letter: DeadLetter) -> None:
        self._window.judge(0, 1)
        await self.engine.take((), [letter], [letter.message])
        self._window.accept()
        log.error("a message cannot be taken", extra={"topic": letter.message.topic, "reason": letter.reason})

    def _brake(self, fault: Braked) -> None:
        log.error("the brake is on: %s", fault)
        self._metrics.braked.set(1)
        self.halt(str(fault))

    def _done(self) -> None:
        self._failures = 0
        self.trouble = None

    async def _wait(self, fault: Exception, until: float) -> bool:
        """Wait before the next attempt; false if there shall be none."""
        self._failures += 1
        what = getattr(fault, "sqlstate", None) or type(fault).__name__
        self._metrics.retries.labels(what).inc()
        if self._failures > 1:  # the first may be a deadlock that is gone by now
            self.trouble = f"a batch cannot be committed: {describe(fault)}"
        seconds = full_jitter(self._failures)
        log.warning(
            "a batch is tried again", extra={"fault": describe(fault), "code": what, "seconds": seconds}
        )
        return not await is_set(self.give_back, within=seconds) and time.monotonic() < until
