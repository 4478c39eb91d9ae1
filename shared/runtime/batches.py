"""Passes a batch to the engine until it is committed, given back or refused.

- If the database is down, or two batches deadlock, it waits and retries. It gives the batch back, to be read
  again, before Kafka would revoke the partitions.
- PostgreSQL always refuses some data (error classes 22, 23, 54). If that happens again, the messages are
  processed one at a time, and those refused become dead letters.
- The brake stops all further batches, after what came before the message at which it brakes. So does a newer
  release that is running.
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
from shared.metrics import ServiceMetrics
from shared.runtime.brake import Brake, Braked
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

GIVE_BACK_SECONDS = 60.0
"""How long a batch is retried. Kafka waits five minutes before it revokes partitions."""

REFUSED_DATA = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""Data that PostgreSQL would refuse again: error classes 22, 23 and 54."""


class Batches:
    """Processes batches, one at a time."""

    def __init__(self, engine: Engine, brake: Brake, metrics: ServiceMetrics) -> None:
        self.engine = engine
        self._window = brake
        self.trouble: str | None = None
        """Why batches cannot be committed at the moment; None if they can."""
        self.halted: str | None = None
        """Why no more batches will be processed; None if they will."""
        self.give_back = asyncio.Event()
        """Set while this instance must not retry a batch that fails."""
        self.superseded = asyncio.Event()
        """Set when a newer release is running: this instance must end."""
        self._metrics = metrics
        self._failures = 0

    def halt(self, why: str) -> None:
        """Process no more batches."""
        self.halted = why
        self.give_back.set()

    def supersede(self, why: str) -> None:
        """Stop, because a newer release is running."""
        log.error("this instance is superseded and stops: %s", why)
        self.halt(why)
        self.superseded.set()

    async def take(self, batch: Sequence[Message]) -> bool:
        """Commit the batch. Returns false if it must be given back."""
        until = time.monotonic() + GIVE_BACK_SECONDS
        refused = 0
        braked: Braked | None = None
        while self.halted is None:
            try:
                await (self._take_singly(batch) if refused > 1 else self._handle(batch))
            except Superseded as fault:
                self.supersede(str(fault))
            except Braked as fault:
                braked = fault
                batch = batch[: fault.before]
            except Exception as fault:
                refused += isinstance(fault, REFUSED_DATA)
                if not await self._wait(fault, until):
                    return False
            else:
                self._done()
                if braked is None:
                    return True
                self._brake(braked)
        return False

    async def set_aside(self, letter: DeadLetter, *, read_again_from: int | None = None) -> bool:
        """Commit as a dead letter a message that the engine cannot process. False: it must be read again.

        With `read_again_from`, the partition is to be read again from there, else on after the message.
        """
        until = time.monotonic() + GIVE_BACK_SECONDS
        while self.halted is None:
            try:
                await self._set_aside(letter, read_again_from)
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
        """Process the messages one at a time; those that the database refuses become dead letters."""
        for message in batch:
            try:
                await self._handle([message])
            except REFUSED_DATA as fault:
                explanation = f"PostgreSQL refuses it: {type(fault).__name__} {fault.sqlstate}"
                await self._set_aside(DeadLetter(message, "store_error", explanation))

    async def _set_aside(self, letter: DeadLetter, read_again_from: int | None = None) -> None:
        self._window.judge([letter])
        if read_again_from is None:
            await self.engine.take((), [letter], [letter.message])
        else:
            await self.engine.read_again(letter, read_again_from)
        self._window.accept()
        place = f"{letter.message.topic}/{letter.message.partition}/{letter.message.offset}"
        log.error(
            "a message cannot be processed: %s",
            letter.explanation,
            extra={"place": place, "reason": letter.reason},
        )

    def _brake(self, fault: Braked) -> None:
        log.error("the brake is on: %s", fault)
        self._metrics.braked.set(1)
        self.halt(str(fault))

    def given_back(self) -> None:
        """What was in hand is read again, by this instance or another: it is no trouble here any more."""
        self._done()

    def _done(self) -> None:
        self._failures = 0
        self.trouble = None

    async def _wait(self, fault: Exception, until: float) -> bool:
        """Wait before the next attempt. Returns false if there must be none."""
        self._failures += 1
        what = getattr(fault, "sqlstate", None) or type(fault).__name__
        self._metrics.retries.labels(what).inc()
        if self._failures > 1:  # the first error may be a deadlock that is over by now
            self.trouble = f"a batch cannot be committed: {describe(fault)}"
        seconds = full_jitter(self._failures)
        log.warning("retrying a batch", extra={"fault": describe(fault), "code": what, "seconds": seconds})
        return not await is_set(self.give_back, within=seconds) and time.monotonic() < until
