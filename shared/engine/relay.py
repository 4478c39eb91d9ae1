"""From the outbox to the broker, in order, at least once.

What holds, and why:

- **One relay per service publishes**, the one whose connection holds the advisory lock; the others ask
  again each second. Two would publish rows of one key out of order.
- **The lowest rows that exist, never a cursor.** Outbox ids are given under the lock of the case, so
  that for one key their order is the order of commits; across keys they are committed out of order.
- **Delete after the broker has acknowledged.** A crash between the two publishes the same rows again,
  in the same order, with the same ids: first occurrences stay in order, subscribers drop the rest.
- **The lock, the reads and the deletes use one connection.** If it breaks, so does leadership: a relay
  that does not know yet that it lost the lead can no longer delete, and what it has sent comes again.
- **Leadership ends by time.** The leader shows a sign of life each second, also while it waits for Kafka. Who
  waits for the lead ends the connection of a leader that shows none (it was paused, say). Before each request
  to Kafka, the leader makes sure that its own last sign is fresh, so that it sends nothing when it wakes up.
- **No transaction is open while the broker is asked**: it may take as long as it likes.
- **A record that is refused for ever** (too large) is moved to the dead letters, and the rest goes on.
  A batch that holds one fails as a whole, so each of its records is tried once more alone.
- **Up to where the own topic is known** is stored in the statement that deletes the rows: what lies
  beyond in a database that went back is read again from the topic (`runtime/recovery.py`).
- **After any failure the producer is made anew**: an idempotent producer has lost count and would fail
  for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError
from aiokafka.structs import RecordMetadata

from shared.aiokafka_internals import ask_before_sending, stop
from shared.engine.connections import FAULTS, WentBack
from shared.engine.outbox import headers_of
from shared.engine.queries import load
from shared.waiting import full_jitter, is_set, unless_cancelled

log = logging.getLogger(__name__)

SQL = load(Path(__file__).with_name("relay.sql"))

ROUND = 1_000
"""How many rows one round publishes."""

POLL_SECONDS = 0.25
"""How often it looks for rows of which nobody told it: those that other instances wrote."""

LEAD_SECONDS = 1.0
"""How often it tries to become the leader."""

BEAT_SECONDS = 1.0
"""How often a leader shows a sign of life at least."""

FRESH_SECONDS = 2.5
"""A leader whose last sign of life is older sends nothing before the next one."""

DEPOSE_SECONDS = 5.0
"""A leader whose last sign of life is older loses the lead, once another instance wants it."""

STOP_SECONDS = 2.0
"""How long a producer may take to stop: what it has not sent is still in the outbox."""

FOR_EVER = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)
"""What no second try will change."""


class NotLeading(KafkaError):  # type: ignore[misc]
    """This instance does not publish any more: what it was about to send is for another one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox."""

    id: int
    topic: str
    key: bytes | None
    value: bytes | None
    headers: bytes


class Relay:
    """Publishes a service's outbox. `run` it as a task, `wake` it after each commit, `stop` it at the end.

    `connect` opens a database connection of its own, `make_producer` makes a producer that is not
    started yet; `topic_prefix` goes before each row's topic; `own_topic` is that of the service's events.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection[Any]]],
        make_producer: Callable[[], AIOKafkaProducer],
        topic_prefix: str,
        own_topic: str = "",
    ) -> None:
        self._connect = connect
        self._make_producer = make_producer
        self._prefix = topic_prefix
        self._own_topic = topic_prefix + own_topic
        self._producer: AIOKafkaProducer | None = None
        self._awake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._stop_by = float("inf")
        self._last_sign = 0.0
        self._showing = asyncio.Lock()
        self.leading = False
        self.published = 0
        self.refused = 0
        self.trouble: str | None = None
        """Why nothing can be published at the moment, if so."""

    def wake(self) -> None:
        """Say that there are new rows."""
        self._awake.set()

    def stop(self, seconds: float) -> None:
        """Let `run` return once the outbox is empty, or after this time."""
        self._stop_by = time.monotonic() + seconds
        self._stopping.set()
        self._awake.set()

    async def run(self) -> None:
        """Lead when possible and publish, until stopped. Waits out every trouble."""
        failures = 0
        while True:
            try:
                await unless_cancelled(self._lead())
                return
            except (KafkaError, WentBack, *FAULTS) as fault:
                failures = failures + 1 if self.trouble else 1
                kind = type(fault).__name__
                self.trouble = f"{kind}: {fault}" if isinstance(fault, KafkaError) else kind
                seconds = full_jitter(failures)
                log.warning("the relay waits", extra={"why": self.trouble, "seconds": seconds})
            finally:
                self.leading = False
                await self._drop_producer()
            if await is_set(self._stopping, within=seconds):
                return

    async def _lead(self) -> None:
        connection = await self._connect()
        try:
            while not await connection.fetchval(SQL["lead"]):
                self.trouble = None
                if await connection.fetchval(SQL["depose"], DEPOSE_SECONDS):
                    log.warning("a leader without a sign of life was deposed")
                if await is_set(self._stopping, within=LEAD_SECONDS):
                    return
            self.leading = True
            log.info("this instance publishes the outbox")
            while True:
                self._awake.clear()
                rows = [Row(*row) for row in await connection.fetch(SQL["next"], ROUND)]
                self._last_sign = _now()
                if rows:
                    await self._publish(connection, rows)
                if self._stopping.is_set() and (not rows or time.monotonic() > self._stop_by):
                    return
                self.trouble = None
                if len(rows) < ROUND:
                    await is_set(self._awake, within=POLL_SECONDS)
        finally:
            self.leading = False
            await _close(connection)

    async def _show_life(self, connection: asyncpg.Connection[Any]) -> None:
        """Show a sign of life. Raises one of `FAULTS` if this relay does not lead any more."""
        async with self._showing:
            before = _now()
            await connection.execute(SQL["alive"])
            self._last_sign = before

    async def _make_sure(self, connection: asyncpg.Connection[Any]) -> None:
        """Raise `NotLeading` unless this relay leads now."""
        leading = self.leading and not connection.is_closed()
        try:
            if leading and _now() - self._last_sign > FRESH_SECONDS:
                await self._show_life(connection)
        except FAULTS:
            leading = False
        if not leading:
            raise NotLeading("this instance has lost the lead")

    async def _publish(self, connection: asyncpg.Connection[Any], rows: list[Row]) -> None:
        sent, faults = await self._send(connection, rows)
        if sent:
            await self._delete(connection, sent)
        if not faults:
            return
        await self._drop_producer()
        for row in rows:
            if isinstance(faults.get(row.id), FOR_EVER):
                await self._publish_alone(connection, row)
        waiting = [fault for fault in faults.values() if not isinstance(fault, FOR_EVER)]
        if waiting:
            raise waiting[0]

    async def _publish_alone(self, connection: asyncpg.Connection[Any], row: Row) -> None:
        sent, faults = await self._send(connection, [row])
        if sent:
            await self._delete(connection, sent)
            return
        fault = faults[row.id]
        await self._drop_producer()
        if not isinstance(fault, FOR_EVER):
            raise fault
        explanation = f"Kafka refused it ({type(fault).__name__}): {len(row.value or b'')} bytes"
        await connection.execute(SQL["refuse"], row.id, explanation)
        self.refused += 1
        log.error("Kafka refused an event for ever", extra={"topic": row.topic, "outbox_id": row.id})

    async def _delete(self, connection: asyncpg.Connection[Any], sent: Mapping[int, RecordMetadata]) -> None:
        """Delete rows that the broker has, and note up to where the service's own topic is known."""
        known: dict[int, tuple[int, int]] = {}
        for at in sent.values():
            if at.topic == self._own_topic:
                last, first = known.get(at.partition, (at.offset, at.offset))
                known[at.partition] = (max(last, at.offset), min(first, at.offset))
        lasts, firsts = zip(*known.values(), strict=True) if known else ((), ())
        await connection.execute(SQL["published"], list(sent), list(known), list(lasts), list(firsts))
        self.published += len(sent)

    async def _send(
        self, connection: asyncpg.Connection[Any], rows: Iterable[Row]
    ) -> tuple[dict[int, RecordMetadata], dict[int, BaseException]]:
        """Send all and wait for their acknowledgements; returns what was sent and what failed, by row id."""
        producer = await self._started(connection)
        futures: dict[int, asyncio.Future[RecordMetadata]] = {}
        faults: dict[int, BaseException] = {}
        stopped = False
        for row in rows:
            if stopped:
                faults[row.id] = KafkaError("not tried")  # it could overtake the one that failed
                continue
            try:
                value = b"" if row.value is None and row.key is None else row.value  # aiokafka asks for one
                futures[row.id] = await producer.send(
                    self._prefix + row.topic, value, row.key, headers=headers_of(row.headers)
                )
            except KafkaError as fault:
                faults[row.id] = fault
                stopped = not isinstance(fault, FOR_EVER)
        sent: dict[int, RecordMetadata] = {}
        waiting = set(futures.values())
        while waiting:
            _, waiting = await asyncio.wait(waiting, timeout=BEAT_SECONDS)
            if waiting:
                await self._show_life(connection)
        for id, future in futures.items():
            failed = future.exception()
            if failed is None:
                sent[id] = future.result()
            else:
                faults[id] = failed
        return sent, faults

    async def _started(self, connection: asyncpg.Connection[Any]) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._make_producer()
            try:
                await producer.start()
            except BaseException:
                await stop(producer, within=STOP_SECONDS)
                raise
            ask_before_sending(producer, lambda: self._make_sure(connection))
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop(producer, within=STOP_SECONDS)


def _now() -> float:
    """Seconds by a clock that goes on while the program, or its machine, is stopped."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


async def _close(connection: asyncpg.Connection[Any]) -> None:
    with contextlib.suppress(*FAULTS):
        await connection.close(timeout=5)
