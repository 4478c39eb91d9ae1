"""The topics that a service reads: which they are, where to read on, and whether they still suit it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from aiokafka import TopicPartition

from shared import kafka
from shared.aiokafka_internals import Topic
from shared.engine.intake import another_log
from shared.engine.storage import Storage

_REMEDY = (
    "a person's events may be in two partitions now. Give all topics about people the same number, set "
    "PROBATION_KAFKA_PARTITIONS to it and start all services again; see docs/operations.md"
)


def wrong_number(now: Mapping[str, Topic], before: Mapping[str, Topic], intended: int | None) -> str | None:
    """What is wrong with the numbers of partitions, if anything.

    A topic that is not new must have as many as `before`, or as many as `intended` if people have set that:
    otherwise keys have moved. All topics with more than one must have the same number: otherwise one instance
    does not see all events about a person.
    """
    for name, topic in sorted(now.items()):
        known = before.get(name, topic)
        if known.id == topic.id and topic.partitions not in (known.partitions, intended):
            return f"topic {name} has {topic.partitions} partitions instead of {known.partitions}: {_REMEDY}"
    numbers = {topic.partitions: name for name, topic in sorted(now.items()) if topic.partitions > 1}
    if len(numbers) > 1:
        shown = ", ".join(f"{name} {number}" for number, name in sorted(numbers.items()))
        return f"topics have different numbers of partitions ({shown}): {_REMEDY}"
    return None


class Topics:
    """The topics of one service. `names`: those that it reads, full names with short ones; `own`: its own."""

    def __init__(
        self,
        names: Mapping[str, str],
        own: Collection[str],
        storage: Storage,
        cluster: kafka.Cluster,
        intended_partitions: int | None,
    ) -> None:
        self._names = names
        self._all = (*names, *own)
        self._storage = storage
        self._cluster = cluster
        self._intended = intended_partitions
        self.incarnations: dict[str, str] = {}
        """The ids of the topics being read, by full name."""
        self._logs: dict[TopicPartition, str] = {}
        self._first_seen: dict[str, Topic] = {}

    async def find(self) -> str | None:
        """Look the topics up; returns why they must not be read, if so.

        A topic that is gone is left out. When it is back, `Runtime.monitor` starts the consumer again.
        """
        found = {name: topic for name, topic in (await self._cluster.look(self._all)).items() if topic.exists}
        known = await self._storage.known_topics()
        self._first_seen = found | {name: Topic(id, number) for name, (id, number) in known.items()}
        wrong = self.wrong_number(found)
        now = {name: (topic.id, topic.partitions) for name, topic in found.items()}
        if wrong is None and not now.items() <= known.items():
            await self._storage.know_topics(now)
        self.incarnations = {name: topic.id for name, topic in found.items() if name in self._names}
        return wrong

    def wrong_number(self, now: Mapping[str, Topic]) -> str | None:
        """What is wrong with the numbers of partitions, compared with when the topics were read first."""
        if not self._first_seen:
            return None  # it will be looked at when partitions are assigned
        return wrong_number(now, self._first_seen, self._intended)

    async def positions(self, assigned: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Where to read on in these partitions, as far as their topics were found."""
        full = {short: name for name, short in self._names.items()}
        stored = {
            TopicPartition(full[topic], partition): (incarnation, offset)
            for (topic, partition, incarnation), offset in (await self._storage.offsets()).items()
            if incarnation.rstrip("+") == self.incarnations.get(full.get(topic, ""))
        }
        self._logs = {partition: incarnation for partition, (incarnation, _) in stored.items()}
        return {p: stored[p][1] if p in stored else 0 for p in assigned if p.topic in self.incarnations}

    def incarnation(self, partition: TopicPartition) -> str:
        """Which log of this name the partition has, as in `Message`."""
        return self._logs.get(partition, self.incarnations[partition.topic])

    def went_back(self, partition: TopicPartition) -> None:
        """Note that the partition is being read again as another log."""
        self._logs[partition] = another_log(self.incarnation(partition))
