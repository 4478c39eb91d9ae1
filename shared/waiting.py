"""Waiting, backoff and cancellation, the same in all parts of a program."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from typing import Any, TypeVar

_Found = TypeVar("_Found")


class Abandoned(ConnectionError):
    """A library cancelled what was waited for, though nobody cancelled the task that waits."""

    def __init__(self) -> None:
        super().__init__("a library gave up what was waited for")


async def unless_cancelled(act: Awaitable[_Found]) -> _Found:
    """Wait for it. Raises `Abandoned` in place of a `CancelledError` that this task was not meant to get.

    Without this, a task in which a library cancels a task of its own would end as if it had been told to.
    """
    task = asyncio.current_task()
    try:
        return await act
    except asyncio.CancelledError:
        if task is None or task.cancelling():
            raise
        raise Abandoned from None


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
