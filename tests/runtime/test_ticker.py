"""The ticker publishes each day once, in order, half an hour after it starts in London."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.runtime.ticker import Days, Ticker, announced, seconds_to_next
from tests.runtime import toy
from tests.runtime.environment import Environment, until


def _day_of(value: bytes) -> date:
    event, _ = toy.Language().read(value, ())
    found: date = event.data.date
    return found


DAYS = Days(write=toy.day, read=_day_of)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-01-05T00:29:59Z", "2026-01-04"),
        ("2026-01-05T00:30:00Z", "2026-01-05"),
        ("2026-07-05T23:29:59Z", "2026-07-05"),  # in summer London is an hour ahead
        ("2026-07-05T23:30:00Z", "2026-07-06"),
        ("2026-03-29T00:30:00Z", "2026-03-29"),  # the clocks go forward at 01:00
        ("2026-10-24T23:30:00Z", "2026-10-25"),  # the clocks go back at 02:00
    ],
)
def test_a_day_is_announced_half_an_hour_after_midnight_in_london(instant: str, day: str) -> None:
    assert announced(datetime.fromisoformat(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize("start", ["2026-03-27T00:30:00Z", "2026-10-23T23:30:00Z", "2026-06-01T12:00:00Z"])
def test_waiting_as_long_as_it_says_reaches_the_next_day_and_no_further(start: str) -> None:
    now = datetime.fromisoformat(start)
    for _ in range(5):
        wait = timedelta(seconds=seconds_to_next(now))
        assert wait > timedelta()
        assert announced(now + wait) == announced(now) + timedelta(days=1)
        assert announced(now + wait - timedelta(seconds=1)) == announced(now)
        now += wait


Tick = Callable[[str], contextlib.AbstractAsyncContextManager[Ticker]]


@pytest.fixture
def tick(env: Environment) -> Tick:
    """Runs a ticker at an instant until it has published the days that are due."""

    @contextlib.asynccontextmanager
    async def run(instant: str) -> AsyncIterator[Ticker]:
        now = datetime.fromisoformat(instant).astimezone(UTC)
        ticker = Ticker(env.settings, env.topic("clock"), DAYS, now=lambda: now)
        task = asyncio.create_task(ticker.run())

        async def has_ticked() -> bool:
            return ticker.trouble is None

        await until(has_ticked)
        yield ticker
        ticker.stop()
        await task

    return run


async def days_published(env: Environment, number: int) -> list[str]:
    """The days on the clock's topic."""
    return [_day_of(record.value or b"").isoformat() for record in await env.read("clock", number)]


async def test_the_first_day_is_today_and_missed_days_follow_one_by_one(env: Environment, tick: Tick) -> None:
    async with tick("2026-01-05T09:00:00Z"):
        pass
    async with tick("2026-01-05T18:00:00Z"):
        pass
    async with tick("2026-01-08T00:10:00Z"):
        pass
    async with tick("2026-01-08T00:40:00Z"):
        pass
    found = await days_published(env, 4)
    assert found == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]


async def test_a_day_that_does_not_follow_the_last_one_is_ignored(env: Environment, tick: Tick) -> None:
    for value in (
        toy.day(date(2026, 1, 5)),
        b"{",
        toy.day(date(2026, 1, 7)),
        toy.day(date(2099, 1, 1)),
        None,
    ):
        await env.send(value, key=b"clock", topic="clock")
    async with tick("2026-01-07T09:00:00Z"):
        pass
    records = await env.read("clock", 7)
    assert [_day_of(r.value or b"") for r in records[5:]] == [date(2026, 1, 6), date(2026, 1, 7)]
