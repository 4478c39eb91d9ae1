"""What pages ask of the read model that serves. Each page sees one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import asyncpg

from services.dashboard.model.taking import token
from services.dashboard.web.access import Viewer
from services.dashboard.web.translation import day_words, gettext
from shared.calendar import LONDON

STALE_SECONDS = 60
"""After this time without having read everything, pages say that they are not current."""


class NotReady(Exception):
    """No read model is complete yet."""


class Version(NamedTuple):
    """Which read model served, and how many batches it had taken."""

    model: int
    number: int

    def __str__(self) -> str:
        return f"{self.model}.{self.number}"


def version_of(text: str) -> Version | None:
    """The version that was written so; None if it is none."""
    model, _, number = text.partition(".")
    if len(text) > 40 or not (model.isascii() and model.isdigit() and number.isascii() and number.isdigit()):
        return None
    return Version(int(model), int(number))


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current and complete a page is: when all that was on the topics had been read, and the day reached.

    `gaps` is how many histories lack events, `unreadable` how many messages could not be read, `faults` of
    how many people it cannot be told what is open.
    """

    up_to: datetime | None
    day: date
    gaps: int
    unreadable: int
    faults: int
    now: datetime
    version: Version

    @property
    def seconds(self) -> int:
        """For how many seconds it has not been complete."""
        return int((self.now - self.up_to).total_seconds()) if self.up_to else 0

    @property
    def stale(self) -> bool:
        """Is it behind?"""
        return self.up_to is None or self.seconds > STALE_SECONDS

    @property
    def clock(self) -> str:
        """The time in London up to which facts are in; with the date if that was not today."""
        if self.up_to is None:
            return gettext("an unknown time")
        at, now = self.up_to.astimezone(LONDON), self.now.astimezone(LONDON)
        return f"{at:%H:%M}" if at.date() == now.date() else f"{day_words(at.date())}, {at:%H:%M}"


class Where:
    """The conditions of a query on a table `i`, with their values.

    It has only those that are asked for, so that the database can choose the index for them.
    """

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self._values: list[Any] = []

    def value(self, value: Any) -> str:
        """What stands for a value in the query."""
        self._values.append(value)
        return f"${len(self._values)}"

    def add(self, condition: str, value: Any) -> None:
        """Add a condition about a value, which stands at {}; none if the value is empty."""
        if value:
            self.conditions.append(condition.format(self.value(value)))

    def within(self, viewer: Viewer, own: str = "") -> None:
        """Add that it is where the viewer may look, or theirs by the column `own`, wherever it is."""
        regions, pdu_key = viewer.scope
        place = f"i.region = any({self.value(regions)}::text[])"
        if pdu_key is not None:
            place += f" and i.pdu_key = {self.value(pdu_key)}"
        self.conditions.append(f"({place} or {own} = {self.value(viewer.name)})" if own else place)

    async def fetch(self, asked: Snapshot, query: str, *more: Any) -> Sequence[Any]:
        """The rows of a query. It has {} for the conditions, and for each value more."""
        return await asked.fetch(*self.of(query, *more))

    def of(self, query: str, *more: Any) -> tuple[Any, ...]:
        """The query with its conditions, and all values."""
        values = [*self._values, *more]
        places = [f"${number}" for number in range(len(self._values) + 1, len(values) + 1)]
        return query.format(" and ".join(self.conditions), *places), *values


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The read model at one moment."""

    connection: Any
    freshness: Freshness

    async def fetch(self, query: str, *values: Any) -> Sequence[Any]:
        """The rows of a query."""
        rows: Sequence[Any] = await self.connection.fetch(query, *values)
        return rows

    async def each(self, query: str, *values: Any) -> AsyncIterator[Any]:
        """The rows of a query that has very many, one by one."""
        async for row in self.connection.cursor(query, *values, prefetch=1000):
            yield row

    async def one(self, query: str, *values: Any) -> Any:
        """The first row of a query; None if there is none."""
        return await self.connection.fetchrow(query, *values)


class Questions:
    """Asks the read model that serves."""

    def __init__(self, pool: Any, key: bytes) -> None:
        self._pool = pool
        self._key = key

    @property
    def pool(self) -> Any:
        """Connections to the database."""
        return self._pool

    def token(self, crn: str) -> str:
        """What stands for a person in addresses."""
        return token(self._key, crn)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """The read model as it is now. Raises `NotReady`."""
        async with self._pool.acquire() as connection:
            # One moment for all queries of a page.
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            try:
                id = await connection.fetchval("select id from public.models where state = 'serving'")
                if id is None:
                    raise NotReady
                await connection.execute(f"set local search_path to model_{id}")
                state = await connection.fetchrow(
                    "select day, up_to, unreadable, version, (select count(*) from gaps) as gaps, "
                    "(select count(*) from subjects where fault is not null) as faults from state"
                )
                now = datetime.now(UTC)
                day = state["day"] or now.astimezone(LONDON).date()
                counts = (state["gaps"], state["unreadable"], state["faults"])
                fresh = Freshness(state["up_to"], day, *counts, now, Version(id, state["version"]))
                yield Snapshot(connection, fresh)
            finally:
                await transaction.rollback()

    async def log_view(self, viewer: Viewer, person: str, page: str, *, shown: bool) -> None:
        """Write down who looks at which case, before they see it."""
        await self._pool.execute(
            "insert into public.case_views (viewer, role, person, page, shown) values ($1, $2, $3, $4, $5)",
            *(viewer.name, viewer.role, person, page, shown),
        )


FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What a database raises that cannot answer now."""
