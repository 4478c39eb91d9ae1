"""Waiting ends when something happens or the time runs out. Each retry waits longer."""

import asyncio

import pytest

from shared.waiting import Abandoned, cancel, full_jitter, is_set, unless_cancelled


async def test_waiting_ends_as_soon_as_the_event_is_set() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(is_set(event, within=60))
    event.set()
    assert await waiting


async def test_waiting_ends_when_the_time_runs_out() -> None:
    assert not await is_set(asyncio.Event(), within=0)


async def test_an_event_that_is_already_set_is_not_waited_for() -> None:
    event = asyncio.Event()
    event.set()
    assert await is_set(event, within=0)


def test_retries_wait_longer_up_to_ten_seconds() -> None:
    for attempt, bound in ((0, 0.1), (1, 0.2), (3, 0.8), (7, 10.0), (10_000, 10.0)):
        assert all(0 <= full_jitter(attempt) <= bound for _ in range(100))
    assert max(full_jitter(7) for _ in range(100)) > 2.0


async def test_cancelled_tasks_have_ended() -> None:
    ended = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    tasks = [asyncio.create_task(work(name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    await cancel(*tasks)
    assert ended == ["a", "b"]


async def test_what_a_library_gives_up_does_not_look_like_the_end_of_the_task() -> None:
    given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    given_up.cancel()
    with pytest.raises(Abandoned):
        await unless_cancelled(given_up)


async def test_a_task_that_is_cancelled_ends() -> None:
    task = asyncio.create_task(unless_cancelled(asyncio.Event().wait()))
    await asyncio.sleep(0)
    await cancel(task)
    assert task.cancelled()


async def test_time_runs_out_while_a_library_is_waited_for() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await unless_cancelled(asyncio.Event().wait())
