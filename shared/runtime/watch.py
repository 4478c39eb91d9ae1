"""Watches a consumer: how far it has read, and whether it gets on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.aiokafka_internals import Record
from shared.metrics import ServiceMetrics
from shared.runtime.day_order import readable_to
from shared.runtime.progress import Progress, Seen
from shared.runtime.reading import Reader


class Watch:
    """What is seen of a consumer at intervals. `topics` are their full names with their short ones."""

    def __init__(self, topics: Mapping[str, str], metrics: ServiceMetrics) -> None:
        self._topics = topics
        self._metrics = metrics
        self._progress = Progress()
        self.taken = 0
        """The messages processed since the start."""
        self._written: dict[TopicPartition, float] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Note what has been processed and committed, each partition's records in their order."""
        for record in records:
            self.taken += 1
            if record.timestamp >= 0:
                self._written[TopicPartition(record.topic, record.partition)] = record.timestamp / 1_000

    @property
    def trouble(self) -> list[str]:
        """Why reading does not get on, if so."""
        return self._progress.trouble(time.time())

    def look(
        self, consumer: AIOKafkaConsumer, reader: Reader, next: Mapping[TopicPartition, int], *, busy: bool
    ) -> None:
        """Note how far it is, and update the metrics. `busy`: a batch is being processed."""
        now = time.time()
        seen = {}
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            readable = readable_to(consumer, partition)
            if end is not None and readable is not None and partition in next:
                # Control records and aborted transactions are passed over, so they are no lag.
                position = max(next[partition], reader.read_to.get(partition, 0))
                seen[partition] = Seen(position, readable, end, self._written.get(partition))
        self._written = {partition: at for partition, at in self._written.items() if partition in seen}
        self._progress.observe(seen, self.taken, now)
        metrics = self._metrics
        metrics.lag.clear()
        metrics.unfinished.clear()
        for partition, place in seen.items():
            labels = (self._topics[partition.topic], str(partition.partition))
            metrics.lag.labels(*labels).set(place.lag)
            metrics.unfinished.labels(*labels).set(place.unfinished)
        metrics.late.clear()
        for topic, seconds in self._progress.seconds_behind(now).items():
            metrics.late.labels(self._topics[topic]).set(seconds)
        metrics.no_progress.set(self._progress.seconds_without(now))
        metrics.unreadable.set(len(reader.faults))
        stalled = {} if busy else reader.stalled(consumer.assignment() - consumer.paused())
        metrics.fetch_age.set(max(stalled.values(), default=0.0))
