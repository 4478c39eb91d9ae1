"""The ticker: publishes each day in order, shortly after it has started in London.

It stores nothing: the clock's topic says which days were published. It publishes missed days one by one, so
that every service processes each of them. At its start and with each new day it also publishes the last days
again, so that one that was lost, or that a service could not take, comes again. An event that is published
twice, by one ticker or by two, has the same id, and the services process it once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared import kafka
from shared.aiokafka_internals import stop
from shared.calendar import LONDON
from shared.connecting import Unusable, kafka_trouble
from shared.engine.days import ONE_DAY
from shared.metrics import TickerMetrics
from shared.runtime.certificates import watched
from shared.runtime.health import Health, answering
from shared.runtime.program import begin
from shared.settings import KafkaSettings
from shared.waiting import full_jitter, is_set

log = logging.getLogger(__name__)

BEGINS = time(0, 30)
"""When a day is announced: half an hour after midnight, so that late events of the day before arrive."""

REPEATED_DAYS = 14
"""How many days it publishes at its start and with each new day, today included. Twice as many as a topic
keeps by default, so that they are there for a service that was down for a fortnight."""

LONGEST_SLEEP = 60.0
"""Seconds after which it checks the time again: machines may sleep, and clocks may be adjusted."""

STOP_SECONDS = 5.0
"""How long its producer may take to stop. A day that was not acknowledged is published again."""


def announced(now: datetime) -> date:
    """The latest day that is due to be announced at that instant."""
    local = now.astimezone(LONDON)
    return local.date() if local.time() >= BEGINS else local.date() - ONE_DAY


def seconds_to_next(now: datetime) -> float:
    """Seconds until the next announcement, calculated in UTC because London's clocks change."""
    following = datetime.combine(announced(now) + ONE_DAY, BEGINS, LONDON)
    return (following.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


def _start(day: date) -> float:
    """When a day starts in London, as a Unix timestamp."""
    return datetime.combine(day, time(), LONDON).timestamp()


class Published(NamedTuple):
    """What the clock's topic says: the first and the last day published."""

    first: date
    last: date


def due(published: Published | None, today: date) -> list[date]:
    """The days to publish at its start and with each new day: those missed, and the last ones again.

    If none was published yet, time begins today.
    """
    if published is None:
        return [today]
    first = min(published.last + ONE_DAY, max(published.first, today - (REPEATED_DAYS - 1) * ONE_DAY))
    return days_from(first, today)


def days_from(first: date, last: date) -> list[date]:
    """Each day from the first to the last."""
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


@dataclass(frozen=True)
class Days:
    """The format of a day: `write` makes the value of a message, `read` returns the day in one."""

    write: Callable[[date], bytes]
    read: Callable[[bytes], date]


class Ticker:
    """Publishes days to the clock's topic (full name). `run` starts it, `stop` ends it."""

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        days: Days,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._partition = TopicPartition(topic, 0)
        self._days = days
        self._now = now
        self._stop = asyncio.Event()
        self.trouble: str | None = "not started"
        """Why days cannot be published; None if they can."""
        self.metrics = TickerMetrics()

    def stop(self) -> None:
        """Make `run` return."""
        self._stop.set()

    async def run(self) -> None:
        """Publish each day when it is due, until stopped. Waits while Kafka is down.

        Raises `Unusable` if waiting does not help.
        """
        failures = 0
        while not self._stop.is_set():
            try:
                await self._tick()
            except (KafkaError, LookupError, OSError, TimeoutError) as fault:
                failures = failures + 1 if self.trouble else 1
                trouble = kafka_trouble(fault, self._settings)
                if trouble and trouble.lasting:
                    raise Unusable(trouble.what) from None
                why = trouble.what if trouble else type(fault).__name__
                self.metrics.failures.inc()
                self.trouble = f"waiting for Kafka: {why}"
                seconds = full_jitter(failures)
                log.warning("waiting for Kafka", extra={"why": why, "seconds": seconds})
                await is_set(self._stop, within=seconds)

    async def repeat(self, first: date) -> list[date]:
        """Publish the days from this one to today again, and return them. Raises `KafkaError`."""
        producer = await self._producer()
        try:
            again = days_from(first, announced(self._now()))
            for day in again:
                await self._publish(producer, day)
            return again
        finally:
            await stop(producer, within=STOP_SECONDS)

    async def _tick(self) -> None:
        """Publish days that are due with one producer, until stopped or Kafka is down."""
        producer = await self._producer()
        try:
            published = await self._published()
            told: date | None = None
            while not self._stop.is_set():
                today = announced(self._now())
                if today != told:
                    for day in due(published, today):
                        if self._stop.is_set():
                            return
                        await self._publish(producer, day)
                        published = Published(published.first if published else day, day)
                    if published is not None:
                        self.metrics.day.set(_start(published.last))
                    told = today
                self.trouble = None
                await is_set(self._stop, within=min(LONGEST_SLEEP, seconds_to_next(self._now())))
        finally:
            await stop(producer, within=STOP_SECONDS)

    async def _producer(self) -> AIOKafkaProducer:
        """A started producer. Raises `LookupError` if the topic cannot be used: Kafka would only time out."""
        cluster = kafka.Cluster(self._settings, "ticker")
        try:
            for topic, wrong in (await cluster.unusable([self._partition.topic])).items():
                raise LookupError(f"topic {topic}: {wrong}")
        finally:
            await cluster.close()
        producer = kafka.producer(self._settings, "ticker")
        try:
            await producer.start()
        except BaseException:
            await stop(producer, within=STOP_SECONDS)
            raise
        return producer

    async def _publish(self, producer: AIOKafkaProducer, day: date) -> None:
        headers = [("content-type", b"application/cloudevents+json")]
        async with asyncio.timeout(60):
            await producer.send_and_wait(
                self._partition.topic,
                self._days.write(day),
                partition=self._partition.partition,
                headers=headers,
            )
        self.metrics.announced.inc()
        log.info("a day has started", extra={"day": day.isoformat()})

    async def _published(self) -> Published | None:
        """The days in the topic; None if there is none."""
        consumer = AIOKafkaConsumer(
            **kafka.client_options(self._settings, "ticker"),
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=self._settings.kafka_fetch_max_wait_ms,
        )
        try:
            await consumer.start()
            consumer.assign([self._partition])
            # Reads from the start to the end that a fetch reports: it is short, and the embedded broker gives
            # a wrong answer if asked only for the end.
            consumer.seek(self._partition, 0)
            published = None
            async with asyncio.timeout(60):
                while True:
                    for records in (await consumer.getmany(timeout_ms=500)).values():
                        for record in records:
                            published = self._after(published, record)
                    end = consumer.highwater(self._partition)
                    if end is not None and await consumer.position(self._partition) >= end:
                        return published
        finally:
            await consumer.stop()

    def _after(self, published: Published | None, record: ConsumerRecord[bytes, bytes]) -> Published | None:
        """The days published, with this record. Like the services, it accepts only consecutive days."""
        try:
            day = self._days.read(record.value or b"")
        except Exception:
            return published  # not a day that we published
        if day > announced(self._now()):
            return published
        if published is None:
            # If the topic no longer has its first record, there were days before this one.
            return Published(day if record.offset == 0 else date.min, day)
        return published._replace(last=day) if day == published.last + ONE_DAY else published


async def serve(ticker: Ticker, settings: KafkaSettings) -> None:
    """Publish days until SIGTERM or SIGINT."""
    begin("ticker", settings, ticker.stop)

    async def publishing() -> str | None:
        return ticker.trouble

    health = Health(ticker.metrics.registry, {"clock": publishing}, {})
    async with (
        answering(health, settings.http_host, settings.http_port),
        watched(settings, ticker.metrics.certificate_ends),
    ):
        await ticker.run()
    log.info("stopped")
