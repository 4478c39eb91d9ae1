"""A clock that is wrong at one midnight, the ticker's or a service's: time goes on by itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.metrics import DAY_SECONDS
from shared.runtime import clock as clocks
from shared.runtime import service as services
from shared.runtime import ticker as tickers
from shared.runtime.service import Runtime
from shared.runtime.ticker import Ticker
from tests.runtime import toy
from tests.runtime.environment import Environment, until
from tests.runtime.test_ticker import DAYS


@pytest.fixture(autouse=True)
def _short_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(tickers, "LONGEST_SLEEP", 0.02)


async def begun(env: Environment, day: date) -> None:
    """Wait until the service has reached the day."""

    async def has_begun() -> bool:
        return bool(await env.fetch("select 1 from clock where day = $1", day))

    await until(has_begun)


async def announce(env: Environment, *days: date) -> None:
    for day in days:
        await env.send(toy.day(day), topic="clock")


async def kept(env: Environment, day: date) -> None:
    """Wait until the service has kept the day until it begins."""

    async def is_kept() -> bool:
        return bool(await env.fetch("select 1 from announced_days where day = $1", day))

    await until(is_kept)


async def value(runtime: Runtime, name: str) -> float | None:
    await runtime.measure()
    return runtime.metrics.registry.get_sample_value(name)


async def test_an_early_day_begins_by_itself_when_london_reaches_it(env: Environment) -> None:
    env.london = date(2026, 5, 3)
    runtime = await env.run()
    await announce(env, date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 5))
    await kept(env, date(2026, 5, 5))
    await begun(env, date(2026, 5, 3))
    assert await value(runtime, "probation_clock_waiting") == 2
    assert await runtime.health.readiness() == {}
    for env.london in (date(2026, 5, 4), date(2026, 5, 5)):
        await begun(env, env.london)
    assert await value(runtime, "probation_clock_waiting") == 0
    assert await env.fetch("select 1 from dead_letters") == []


async def test_an_early_day_survives_a_restart(env: Environment) -> None:
    env.london = date(2026, 5, 3)
    runtime = await env.run()
    await announce(env, date(2026, 5, 3), date(2026, 5, 4))
    await kept(env, date(2026, 5, 4))
    await env.crash(runtime)
    env.london = date(2026, 5, 4)
    await env.run()
    await begun(env, date(2026, 5, 4))


async def test_a_ticker_that_was_ahead_and_is_put_right_stops_nothing(env: Environment) -> None:
    env.london = date(2026, 5, 3)
    ahead = timedelta(days=1)
    ticker = Ticker(
        env.settings,
        env.topic("clock"),
        DAYS,
        now=lambda: datetime.combine(env.london, time(12), UTC) + ahead,
    )
    await env.run()
    await announce(env, date(2026, 5, 3))
    async with ticking(ticker):
        await kept(env, date(2026, 5, 4))
        ahead = timedelta()
        for _ in range(3):
            env.london += timedelta(days=1)
            await begun(env, env.london)
    assert await env.fetch("select 1 from dead_letters") == []


@contextlib.asynccontextmanager
async def ticking(ticker: Ticker) -> AsyncIterator[None]:
    task = asyncio.create_task(ticker.run())
    try:
        yield
    finally:
        ticker.stop()
        await task


async def test_a_clock_that_stands_still_is_told(env: Environment) -> None:
    env.london = date(2026, 5, 3)
    runtime = await env.run()
    assert await runtime.health.readiness() == {}  # before the first day nothing is late
    await announce(env, date(2026, 5, 3))
    await begun(env, date(2026, 5, 3))
    assert await value(runtime, "probation_clock_age_seconds") == 0
    env.london = date(2026, 5, 5)
    assert await value(runtime, "probation_clock_age_seconds") == 2 * DAY_SECONDS
    wrong = await runtime.health.readiness()
    assert set(wrong) == {"clock"}
    assert wrong["clock"].startswith("the clock is at 3 May 2026, London is at 5 May 2026")
    assert "probation ticker --repeat-from 2026-05-04" in wrong["clock"]
    assert await runtime.health.liveness() == {}  # a restart would not help
    await announce(env, date(2026, 5, 4), date(2026, 5, 5))
    await begun(env, date(2026, 5, 5))
    assert await runtime.health.readiness() == {}


async def test_a_new_day_has_some_time_to_begin(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    env.london = date(2026, 5, 3)
    runtime = await env.run()
    await announce(env, date(2026, 5, 3))
    await begun(env, date(2026, 5, 3))
    env.london = date(2026, 5, 4)
    assert await runtime.health.readiness() == {}
    assert await value(runtime, "probation_clock_age_seconds") == DAY_SECONDS
    monkeypatch.setattr(clocks, "LATE_SECONDS", 0.0)
    assert "the clock is at 3 May 2026" in (await runtime.health.readiness())["clock"]


async def test_days_behind_a_gap_begin_when_it_closes(env: Environment) -> None:
    env.london = date(2026, 5, 9)
    await env.run()
    await announce(env, date(2026, 5, 3), date(2026, 5, 8), date(2026, 5, 9))
    await kept(env, date(2026, 5, 9))
    letters = await env.fetch("select reason, explanation from dead_letters order by number")
    assert [row["reason"] for row in letters] == ["clock_refused", "clock_refused"]
    assert "2026-05-08 does not follow 2026-05-03" in letters[0]["explanation"]
    assert "probation ticker --repeat-from 2026-05-04" in letters[0]["explanation"]
    await announce(env, *(date(2026, 5, day) for day in range(4, 8)))
    await begun(env, date(2026, 5, 9))
