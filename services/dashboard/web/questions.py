"""What pages ask of the read model that serves. Each page sees one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from services.dashboard.model.taking import token
from services.dashboard.web.access import Viewer
from services.dashboard.web.translation import day_words, gettext
from shared.calendar import LONDON

STALE_SECONDS = 60
"""After this time without having read everything, pages say that they are not current."""


class NotReady(Exception):
    """No read model is complete yet."""


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The read model at one moment."""

    connection: Any
    freshness: Freshness

    async def fetch(self, query: str, *values: Any) -> Sequence[Any]:
        """The rows of a query."""
        rows: Sequence[Any] = await self.connection.fetch(query, *values)
        return rows

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
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            try:
                id = await connection.fetchval("select id from public.models where state = 'serving'")
                if id is None:
                    raise NotReady
                await connection.execute(f"set local search_path to model_{id}")
                state = await connection.fetchrow(
                    "select day, up_to, unreadable, (select count(*) from gaps) as gaps, "
                    "(select count(*) from subjects where fault is not null) as faults from state"
                )
                now = datetime.now(UTC)
                day = state["day"] or now.astimezone(LONDON).date()
                counts = (state["gaps"], state["unreadable"], state["faults"])
                fresh = Freshness(state["up_to"], day, *counts, now)
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
