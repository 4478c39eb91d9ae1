"""Waiting, backoff and cancellation, the same in all parts of a program."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any


async def is_set(event: asyncio.Event, within: float) -> bool:
    """Wait up to `within` seconds for the event, and return whether it is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()
    return event.is_set()


def full_jitter(attempt: int) -> float:
    """Seconds to wait before a retry: random, up to a limit that doubles from 0.1 to 10 s."""
    return random.uniform(0, min(10.0, 0.1 * 2 ** min(attempt, 10)))  # noqa: S311 - not a secret


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until they have ended.

    A library may swallow a cancellation (asyncpg, while it closes a connection): it is then repeated.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)
