"""What the engine spends on one case: beyond it that case alone is quarantined, and the others go on.

A single message with an implausible date must not hold up a partition: an order that began in the year 1 has
24,000 months. These are limits of the engine, far above what any real case needs, and no policy.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Mapping, Sequence

SECTIONS = 2_400
"""How many sections one assessment takes: two a month, so that of a hundred years."""

PUBLICATIONS = 2_000
"""How many events one assessment publishes."""

EVENT_BYTES = 900_000
"""How large an event may be: Kafka takes 1 MiB, with what surrounds it."""

SECONDS = 2.0
"""How much of the processor one assessment takes; nothing else runs meanwhile."""

TRANSACTION_SECONDS = 20.0
"""How much of the processor one case takes in one transaction, with all facts that come at once."""

BREATH_SECONDS = 0.2
"""After how long the work on many cases lets others run: heartbeats, say, without which Kafka gives the
partitions to another instance."""


class OverBudget(Exception):
    """The case takes more than any real case does. The message says what, without the values of the case."""

    def __init__(self, what: str, found: float, most: float) -> None:
        super().__init__(
            f"it has {found:,.0f} {what}, more than {most:,.0f}: look for an implausible date or "
            "many long ids, have them corrected, then recheck the case"
        )


GRAIN_SECONDS = 0.01
"""How far the processor time may be behind by which an assessment is measured: to read it takes longer than
many an assessment's own parts."""


class _Worked(threading.local):
    """How much of the processor this thread has taken, as it was read not long ago.

    What the garbage collector took does not count. It begins at whatever case is being worked on, and looks
    at what others left.
    """

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._seconds = 0.0
        self._collecting_since = 0.0
        self._collected = 0.0

    def seconds(self) -> float:
        now = time.monotonic()
        if now - self._read_at > min(GRAIN_SECONDS, SECONDS):
            self._read_at, self._seconds = now, time.thread_time() - self._collected
        return self._seconds

    def collect(self, phase: str, info: Mapping[str, int]) -> None:  # noqa: ARG002
        if phase == "start":
            self._collecting_since = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting_since


_worked = _Worked()
gc.callbacks.append(_worked.collect)


class Budget:
    """What is left to spend on one case in one transaction."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._began = 0.0

    def begin(self, sections: int) -> None:
        """An assessment of so many sections begins. Raises `OverBudget` if they are too many."""
        if sections > SECTIONS:
            raise OverBudget("sections to assess", sections, SECTIONS)
        self._began = _worked.seconds()

    def check(self) -> float:
        """How many seconds the assessment has taken. Raises `OverBudget` if these are too many."""
        seconds = _worked.seconds() - self._began
        if seconds > SECONDS:
            raise OverBudget("seconds of work at once", seconds, SECONDS)
        if self._spent + seconds > TRANSACTION_SECONDS:
            raise OverBudget("seconds of work in one transaction", self._spent + seconds, TRANSACTION_SECONDS)
        return seconds

    def end(self, events: Sequence[bytes]) -> None:
        """The assessment publishes these events. Raises `OverBudget` if they are too many or too large."""
        if len(events) > PUBLICATIONS:
            raise OverBudget("events to publish", len(events), PUBLICATIONS)
        if events and (largest := max(map(len, events))) > EVENT_BYTES:
            raise OverBudget("bytes in one event", largest, EVENT_BYTES)
        self._spent += self.check()


class Breath:
    """Lets others run now and then during long work."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    async def take(self) -> None:
        """Let others run if the work has been going on for a while."""
        if time.monotonic() - self._last > BREATH_SECONDS:
            await asyncio.sleep(0)
            self._last = time.monotonic()
