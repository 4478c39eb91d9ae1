"""The engine alone, in this process and without Kafka: its SQL statements per batch, and what it writes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import asyncpg

from shared.engine.queries import SQL
from tools.bench.events import Event, batches, by_partition
from tools.bench.floors import Published
from tools.bench.world import PARTITIONS, Cpu, World

NOT_COUNTED = ("BEGIN", "COMMIT", "SELECT pg_advisory_unlock_all()")
"""Prefixes of statements that belong to the transaction, or to the pool's reset of a connection."""


class Shape(Published):
    """What the engine writes besides the journal: average sizes in bytes, and rows per event."""

    case_bytes: int
    month_bytes: int
    cases_per_event: float


ROWS_PER_EVENT = 2
"""An event is a row of the outbox for the service's topic, and one for that of what stands."""


@dataclass(frozen=True)
class Statements:
    """The results of one run of the engine."""

    events: int
    batches: int
    total: int
    most: int
    seconds: float
    cpu: Cpu
    shape: Shape

    @property
    def per_batch(self) -> float:
        return self.total / self.batches


class _Counter:
    """Counts statements and adds up the sizes of their arguments."""

    def __init__(self) -> None:
        self.statements = 0
        self._rows: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    async def watch(self, connection: asyncpg.Connection[Any]) -> None:
        connection.add_query_logger(self._see)

    def _see(self, query: Any) -> None:
        text: str = query.query
        if text.startswith(NOT_COUNTED):
            return
        self.statements += 1
        for name, statement, position in (
            ("cases", "save_cases", 4),
            ("cases", "save_states", 4),
            ("months", "save_months", 2),
            ("values", "send", 3),
            ("headers", "send", 4),
        ):
            if text == SQL[statement]:
                values: list[bytes] = [value for value in query.args[position] if value is not None]
                self._rows[name] = self._rows.get(name, 0) + len(values)
                self._bytes[name] = self._bytes.get(name, 0) + sum(map(len, values))

    def shape(self, events: int) -> Shape:
        mean = {name: round(self._bytes[name] / rows) for name, rows in self._rows.items()}
        return Shape(
            published_per_event=self._rows["headers"] / ROWS_PER_EVENT / events,
            value_bytes=mean["values"],
            header_bytes=mean["headers"],
            case_bytes=mean["cases"],
            month_bytes=mean["months"],
            cases_per_event=self._rows["cases"] / events,
        )


async def statements(world: World, database: str, events: list[Event]) -> Statements:
    """Pass the events to an engine on this database, in batches as a consumer that is behind gets them."""
    seen = _Counter()
    counts: list[int] = []
    async with world.engine(database, seen.watch) as engine:
        before, begin = world.cpu(), time.monotonic()
        for batch in batches("practice", by_partition(events, PARTITIONS)):
            already = seen.statements
            await engine.handle(batch)
            counts.append(seen.statements - already)
        seconds, cpu = time.monotonic() - begin, world.cpu() - before
    return Statements(
        len(events), len(counts), seen.statements, max(counts), seconds, cpu, seen.shape(len(events))
    )
