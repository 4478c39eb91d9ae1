"""The ticker publishes each day in order, half an hour after it starts in London."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from shared.runtime import ticker as tickers
from shared.runtime.ticker import (
    REPEATED_DAYS,
    Days,
    Published,
    Ticker,
    announced,
    days_from,
    due,
    seconds_to_next,
)
from tests.conftest import needs
from tests.runtime import toy
from tests.runtime.environment import Environment, until
from tools.embedded import choose
from tools.embedded.process import free_port


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


async def published_until(env: Environment, last: str) -> list[str]:
    """The days on the clock's topic, up to the first time that this one comes."""
    found: list[str] = []
    while last not in found:
        found = await days_published(env, len(found) + 1)
    return found


def some_days(first: str, last: str) -> list[date]:
    return days_from(date.fromisoformat(first), date.fromisoformat(last))


async def test_the_first_day_is_today_and_missed_days_follow_one_by_one(env: Environment, tick: Tick) -> None:
    async with tick("2026-01-05T09:00:00Z"):
        pass
    async with tick("2026-01-05T18:00:00Z"):
        pass
    async with tick("2026-01-08T00:10:00Z"):
        pass
    async with tick("2026-01-08T00:40:00Z"):
        pass
    found = await published_until(env, "2026-01-08")
    assert found[0] == "2026-01-05"
    assert list(dict.fromkeys(found)) == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]


@pytest.mark.parametrize(
    ("published", "today", "first"),
    [
        (None, "2026-05-20", "2026-05-20"),  # time begins today
        (("2026-01-01", "2026-05-19"), "2026-05-20", "2026-05-07"),
        (("2026-01-01", "2026-05-20"), "2026-05-20", "2026-05-07"),  # it was started again
        (("2026-05-18", "2026-05-19"), "2026-05-20", "2026-05-18"),  # never a day before the first
        (("2026-01-01", "2026-03-31"), "2026-05-20", "2026-04-01"),  # all that were missed
        (("2026-01-01", "2026-05-22"), "2026-05-20", "2026-05-07"),  # its clock was ahead
    ],
)
def test_it_publishes_what_was_missed_and_the_last_days_again(
    published: tuple[str, str] | None, today: str, first: str
) -> None:
    known = published and Published(*map(date.fromisoformat, published))
    assert due(known, date.fromisoformat(today)) == some_days(first, today)


def test_a_ticker_that_was_put_back_before_its_first_day_publishes_nothing() -> None:
    assert due(Published(date(2026, 5, 20), date(2026, 5, 20)), date(2026, 5, 19)) == []


async def test_a_ticker_whose_clock_was_ahead_goes_on_when_it_is_put_right(
    env: Environment, tick: Tick
) -> None:
    for instant in ("2026-01-05T09:00:00Z", "2026-01-08T09:00:00Z", "2026-01-06T09:00:00Z"):
        async with tick(instant):
            pass
    async with tick("2026-01-07T09:00:00Z"):
        pass
    found = await days_published(env, 1 + 4 + 2 + 3)
    assert found[5:] == ["2026-01-05", "2026-01-06", "2026-01-05", "2026-01-06", "2026-01-07"]


async def test_each_new_day_brings_the_last_days_again(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickers, "LONGEST_SLEEP", 0.01)
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    ticker = Ticker(env.settings, env.topic("clock"), DAYS, now=lambda: now)
    task = asyncio.create_task(ticker.run())
    assert await days_published(env, 1) == ["2026-01-05"]
    now += timedelta(days=1)
    assert (await days_published(env, 3))[1:] == ["2026-01-05", "2026-01-06"]
    ticker.stop()
    await task


async def test_days_before_those_that_the_topic_still_has_are_published_again(
    kafka: choose.Kafka, env: Environment, tick: Tick
) -> None:
    """A service may have been down for longer than the topic keeps its days."""
    needs(kafka, "real_kafka")
    async with tick("2026-01-05T09:00:00Z"):
        pass
    async with tick("2026-01-20T09:00:00Z"):
        pass
    place = TopicPartition(env.topic("clock"), 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=env.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_records({place: RecordsToDelete(before_offset=14)})
    finally:
        await admin.close()
    assert await days_published(env, 2) == ["2026-01-19", "2026-01-20"]
    async with tick("2026-01-20T18:00:00Z"):
        pass
    again = await days_published(env, 2 + REPEATED_DAYS)
    assert again[2:] == [day.isoformat() for day in some_days("2026-01-07", "2026-01-20")]


async def test_days_can_be_published_again_from_any_day(env: Environment, tick: Tick) -> None:
    async with tick("2026-03-05T09:00:00Z") as ticker:
        assert await ticker.repeat(date(2026, 1, 5)) == some_days("2026-01-05", "2026-03-05")
        assert await ticker.repeat(date(2026, 3, 6)) == []
    found = await days_published(env, 61)
    assert found == ["2026-03-05", *(day.isoformat() for day in some_days("2026-01-05", "2026-03-05"))]


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
    records = await env.read("clock", 8)
    assert [_day_of(r.value or b"") for r in records[5:]] == some_days("2026-01-05", "2026-01-07")


async def test_it_says_what_it_waits_for(env: Environment) -> None:
    place = f"127.0.0.1:{free_port()}"
    away = env.settings.model_copy(update={"kafka_bootstrap_servers": place})
    for settings, topic, told in (
        (env.settings, env.topic("nowhere"), f"topic {env.topic('nowhere')}: it does not exist: create it"),
        (away, env.topic("clock"), f"no Kafka answers at {place}: start it"),
    ):
        ticker = Ticker(settings, topic, DAYS)
        task = asyncio.create_task(ticker.run())

        async def says(ticker: Ticker = ticker, told: str = told) -> bool:
            return told in (ticker.trouble or "")

        await until(says)
        ticker.stop()
        await task
