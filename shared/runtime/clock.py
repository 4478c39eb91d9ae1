"""Compares the day that a service has reached with the date in London: while it stands, no deadline fires."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from shared.engine.connections import Connections

LATE_SECONDS = 2 * 60 * 60.0
"""How long a day may take to begin: the ticker announces it half an hour after midnight."""

_STATE = """
select day as reached, (select count(*) from announced_days) as waiting from clock where day is not null
"""


class ClockState(NamedTuple):
    """The day reached, London's date, and how many announced days cannot begin yet."""

    reached: date
    london: date
    waiting: int

    @property
    def age(self) -> int:
        """How many days the day reached is behind London's date."""
        return (self.london - self.reached).days


class ClockWatch:
    """Watches the clock of a service. `latest_day` is London's date."""

    def __init__(self, connections: Connections, latest_day: Callable[[], date]) -> None:
        self._connections = connections
        self._latest_day = latest_day
        self._late_since: float | None = None

    async def state(self) -> ClockState | None:
        """Where the clock stands; None before the first day."""
        async with self._connections.one() as connection:
            row = await connection.fetchrow(_STATE)
        return row and ClockState(row["reached"], self._latest_day(), row["waiting"])

    async def trouble(self) -> str | None:
        """What is wrong with the clock: it is two days behind, or one day for longer than a day takes."""
        state = await self.state()
        if state is None or state.age < 1:
            self._late_since = None
            return None
        now = time.monotonic()
        self._late_since = self._late_since or now
        if state.age == 1 and now - self._late_since < LATE_SECONDS:
            return None
        missing = state.reached + timedelta(days=1)
        return (
            f"the clock is at {_words(state.reached)}, London is at {_words(state.london)}: "
            f"is the ticker running? If it is, run `probation ticker --repeat-from {missing}`"
        )


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
