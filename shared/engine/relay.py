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
- **No transaction is open while the broker is asked**: it may take as long as it likes.
- **A record that is refused for ever** (too large) is moved to the dead letters, and the rest goes on.
  A batch that holds one fails as a whole, so each of its records is tried once more alone.
- **After any failure the producer is made anew**: an idempotent producer has lost count and would fail
  for good.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError

from shared.aiokafka_internals import stop
from shared.engine.postgres import headers_of
from shared.engine.queries import load
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

SQL = load(Path(__file__).with_name("relay.sql"))

ROUND = 1_000
"""How many rows one round publishes."""

POLL_SECONDS = 0.25
"""How often it looks for rows of which nobody told it: those that other instances wrote."""

LEAD_SECONDS = 1.0
"""How often it tries to become the leader."""

STOP_SECONDS = 2.0
"""How long a producer may take to stop: what it has not sent is still in the outbox."""

FOR_EVER = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)
"""What no second try will change."""


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
    started yet; `topic_prefix` goes before each row's topic.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection[Any]]],
        make_producer: Callable[[], AIOKafkaProducer],
        topic_prefix: str,
    ) -> None:
        self._connect = connect
        self._make_producer = make_producer
        self._prefix = topic_prefix
        self._producer: AIOKafkaProducer | None = None
        self._awake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._stop_by = float("inf")
        self._head: tuple[int, float] | None = None
        self.leading = False
        self.published = 0
        self.refused = 0
        self.trouble: str | None = None
        """Why nothing can be published at the moment, if so."""

    @property
    def oldest_seconds(self) -> float:
        """For how long the first row has been waiting, as far as this leader has seen."""
        return time.monotonic() - self._head[1] if self._head else 0.0

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
                await self._lead()
                return
            except (
                KafkaError,
                OSError,
                TimeoutError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,  # asyncpg's own, if the connection is cut between two steps
            ) as fault:
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
                if await is_set(self._stopping, within=LEAD_SECONDS):
                    return
            self.leading = True
            log.info("this instance publishes the outbox")
            while True:
                self._awake.clear()
                rows = [Row(*row) for row in await connection.fetch(SQL["next"], ROUND)]
                self._note_head(rows)
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

    def _note_head(self, rows: list[Row]) -> None:
        if not rows:
            self._head = None
        elif self._head is None or self._head[0] != rows[0].id:
            self._head = (rows[0].id, time.monotonic())

    async def _publish(self, connection: asyncpg.Connection[Any], rows: list[Row]) -> None:
        faults = await self._send(rows)
        done = [row.id for row in rows if row.id not in faults]
        if done:
            await connection.execute(SQL["published"], done)
            self.published += len(done)
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
        fault = (await self._send([row])).get(row.id)
        if fault is None:
            await connection.execute(SQL["published"], [row.id])
            self.published += 1
            return
        await self._drop_producer()
        if not isinstance(fault, FOR_EVER):
            raise fault
        explanation = f"Kafka refused it ({type(fault).__name__}): {len(row.value or b'')} bytes"
        await connection.execute(SQL["refuse"], row.id, explanation)
        self.refused += 1
        log.error("Kafka refused an event for ever", extra={"topic": row.topic, "outbox_id": row.id})

    async def _send(self, rows: Iterable[Row]) -> dict[int, BaseException]:
        """Send all and wait for their acknowledgements; returns what failed, by row id."""
        producer = await self._started()
        sent: list[tuple[int, Awaitable[Any]]] = []
        faults: dict[int, BaseException] = {}
        for row in rows:
            try:
                value = b"" if row.value is None and row.key is None else row.value  # aiokafka asks for one
                future = await producer.send(
                    self._prefix + row.topic, value, row.key, headers=headers_of(row.headers)
                )
            except FOR_EVER as fault:
                faults[row.id] = fault
            except KafkaError as fault:
                # What comes after it could overtake it: the round ends here.
                faults[row.id] = fault
                break
            else:
                sent.append((row.id, future))
        answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        for (id, _), answer in zip(sent, answers, strict=True):
            if isinstance(answer, BaseException):
                faults[id] = answer
        tried = {id for id, _ in sent} | set(faults)
        for row in rows:
            if row.id not in tried:
                faults[row.id] = KafkaError("not tried")
        return faults

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._make_producer()
            try:
                await producer.start()
            except BaseException:
                await stop(producer, within=STOP_SECONDS)
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop(producer, within=STOP_SECONDS)


async def _close(connection: asyncpg.Connection[Any]) -> None:
    try:
        await connection.close(timeout=5)
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
    ):
        connection.terminate()
