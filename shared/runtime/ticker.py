"""The ticker: publishes each day once, in order, shortly after it has begun in London.

It keeps nothing: the last record of the clock's topic says which day was the last. Days that it missed
are published one after the other, so that every service goes through each of them. If two tickers run
by mistake, both publish the same event (same id), and the services take it once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from shared import kafka
from shared.aiokafka_internals import stop
from shared.calendar import LONDON
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.settings import KafkaSettings
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

BEGINS = time(0, 30)
"""When a day is announced: half an hour after midnight, so that yesterday's late events are in."""

LONGEST_SLEEP = 60.0
"""Seconds after which it looks at the clock again: a machine may sleep, and clocks are set."""

STOP_SECONDS = 5.0
"""How long its producer may take to stop: each day was acknowledged, or is published again."""


def announced(now: datetime) -> date:
    """The latest day to be announced at that instant."""
    local = now.astimezone(LONDON)
    return local.date() if local.time() >= BEGINS else local.date() - timedelta(days=1)


def seconds_to_next(now: datetime) -> float:
    """Until the next day is to be announced. Counted in UTC, since London's clocks change."""
    following = datetime.combine(announced(now) + timedelta(days=1), BEGINS, LONDON)
    return (following.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


@dataclass(frozen=True)
class Days:
    """How a day is written: `write` makes the message's value, `read` gives the day of one."""

    write: Callable[[date], bytes]
    read: Callable[[bytes], date]


class Ticker:
    """Publishes days to the clock's topic (full name). `run` it; `stop` ends it."""

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        days: Days,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._place = TopicPartition(topic, 0)
        self._days = days
        self._now = now
        self._stop = asyncio.Event()
        self.trouble: str | None = "not started"
        """Why no day can be published, if so."""

    def stop(self) -> None:
        """Let `run` return."""
        self._stop.set()

    async def run(self) -> None:
        """Publish every day that has come, for ever. Waits while Kafka is away."""
        failures = 0
        while not self._stop.is_set():
            try:
                await self._tick()
            except (KafkaError, OSError, TimeoutError) as fault:
                failures = failures + 1 if self.trouble else 1
                self.trouble = f"Kafka cannot be reached: {type(fault).__name__}"
                seconds = full_jitter(failures)
                log.warning("waiting for Kafka", extra={"fault": type(fault).__name__, "seconds": seconds})
                await is_set(self._stop, within=seconds)

    async def _tick(self) -> None:
        """Publish what is due with one producer, until stopped or Kafka is away."""
        producer = kafka.producer(self._settings, "ticker")
        try:
            await producer.start()
            last = await self._last_day()
            while not self._stop.is_set():
                today = announced(self._now())
                day = last + timedelta(days=1) if last else today
                while day <= today and not self._stop.is_set():
                    await self._publish(producer, day)
                    last, day = day, day + timedelta(days=1)
                self.trouble = None
                await is_set(self._stop, within=min(LONGEST_SLEEP, seconds_to_next(self._now())))
        finally:
            await stop(producer, within=STOP_SECONDS)

    async def _publish(self, producer: AIOKafkaProducer, day: date) -> None:
        headers = [("content-type", b"application/cloudevents+json")]
        async with asyncio.timeout(60):
            await producer.send_and_wait(
                self._place.topic, self._days.write(day), partition=self._place.partition, headers=headers
            )
        log.info("a day has begun", extra={"day": day.isoformat()})

    async def _last_day(self) -> date | None:
        """The last day of which the topic tells; None if there is none."""
        consumer = AIOKafkaConsumer(
            **kafka.client_options(self._settings, "ticker"),
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
        )
        try:
            await consumer.start()
            consumer.assign([self._place])
            # From the start, up to what a fetch says is the end: a year has 365 records, and the embedded
            # broker answers wrongly when asked for the end alone.
            consumer.seek(self._place, 0)
            last = None
            async with asyncio.timeout(60):
                while True:
                    for records in (await consumer.getmany(timeout_ms=500)).values():
                        for record in records:
                            last = self._next(last, record.value)
                    end = consumer.highwater(self._place)
                    if end is not None and await consumer.position(self._place) >= end:
                        return last
        finally:
            await consumer.stop()

    def _next(self, last: date | None, value: bytes | None) -> date | None:
        """The last day after this message, as the services judge it: days follow one another."""
        try:
            day = self._days.read(value or b"")
        except Exception:
            return last  # no day of ours
        follows = last is None or day == last + timedelta(days=1)
        return day if follows and day <= announced(self._now()) else last


async def serve(ticker: Ticker, settings: KafkaSettings) -> None:
    """Tick until SIGTERM or SIGINT."""
    begin("ticker", settings, ticker.stop)

    async def publishing() -> str | None:
        return ticker.trouble

    health = Health(CollectorRegistry(), {"clock": publishing}, {})
    async with answering(health, settings.http_host, settings.http_port):
        await ticker.run()
    log.info("stopped")
