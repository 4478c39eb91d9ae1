"""How every part of a program waits, tries again and ends."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any


async def is_set(event: asyncio.Event, within: float) -> bool:
    """Wait until the event is set, for so many seconds at the most; whether it is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()
    return event.is_set()


def full_jitter(attempt: int) -> float:
    """Seconds to wait before trying again: anything up to a bound that doubles from 0.1 to 10 s."""
    return random.uniform(0, min(10.0, 0.1 * 2 ** min(attempt, 10)))  # noqa: S311 - no secret


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks, and return when they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
