"""Whether reading gets on: what waits in each partition, and for how long nothing has been taken.

Pure: the caller says what it sees and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition

NO_PROGRESS_SECONDS = 60.0
"""Messages wait, and none has been taken for this long: something is wrong."""

UNFINISHED_SECONDS = 120.0
"""How long a producer's transaction may be open. Producers ask Kafka to end theirs after 60 s by default."""


@dataclass(frozen=True)
class Seen:
    """A partition: the next offset to process, up to which offset it can be read, and where it ends."""

    position: int
    readable: int
    end: int
    written: float | None = None
    """When the last message that was taken from it was written, by its time in Kafka."""

    @property
    def lag(self) -> int:
        """How many offsets can be read and are not processed."""
        return max(0, self.readable - self.position)

    @property
    def unfinished(self) -> int:
        """How many offsets cannot be read, because a transaction before them is open."""
        return max(0, self.end - self.readable)


class Progress:
    """What was seen at intervals. Times are in seconds, all of the same clock."""

    def __init__(self) -> None:
        self.seen: Mapping[TopicPartition, Seen] = {}
        self._taken = 0
        self._waiting_since: float | None = None
        self._open_since: dict[TopicPartition, tuple[int, float]] = {}
        self._after: dict[TopicPartition, tuple[float, bool]] = {}
        """After when that was written which waits; not certain while it is only when it was seen first."""

    def observe(self, seen: Mapping[TopicPartition, Seen], taken: int, now: float) -> None:
        """Note what is seen now; `taken` counts the messages processed since the start."""
        self.seen = seen
        if not any(place.lag for place in seen.values()):
            self._waiting_since = None
        elif self._waiting_since is None or taken != self._taken:
            self._waiting_since = now
        self._taken = taken
        open_since = {}
        for partition, place in seen.items():
            if place.unfinished:
                before, since = self._open_since.get(partition, (place.readable, now))
                open_since[partition] = (place.readable, since if before == place.readable else now)
        self._open_since = open_since
        # What waits was written after what was taken last, and after the last time that nothing waited.
        after = {partition: self._after.get(partition, (now, False)) for partition in seen}
        for partition, place in seen.items():
            if not place.lag:
                after[partition] = (now, True)
            elif place.written is not None:
                at, certain = after[partition]
                after[partition] = (max(at, place.written) if certain else place.written, True)
        self._after = after

    def seconds_behind(self, now: float) -> dict[str, float]:
        """For how long, at most, a message of each topic that is read has waited; 0 if none waits."""
        behind = dict.fromkeys((partition.topic for partition in self.seen), 0.0)
        for partition, place in self.seen.items():
            if place.lag:
                behind[partition.topic] = max(behind[partition.topic], now - self._after[partition][0])
        return behind

    def seconds_without(self, now: float) -> float:
        """For how long messages have waited without one being taken; 0 if none waits."""
        return 0.0 if self._waiting_since is None else now - self._waiting_since

    def trouble(self, now: float) -> list[str]:
        """What is wrong, in words."""
        wrong = [
            f"{partition.topic}/{partition.partition} at offset {offset}: a producer's transaction has been "
            f"open for {now - since:.0f} s, and nothing behind it can be read: stop that producer, or abort "
            "the transaction with kafka-transactions.sh"
            for partition, (offset, since) in sorted(self._open_since.items())
            if now - since >= UNFINISHED_SECONDS
        ]
        seconds = self.seconds_without(now)
        if seconds >= NO_PROGRESS_SECONDS:
            lags = {partition: place.lag for partition, place in self.seen.items() if place.lag}
            longest = max(lags, key=lambda partition: lags[partition])
            wrong.append(
                f"no message has been taken for {seconds:.0f} s, although {sum(lags.values())} can be read, "
                f"most in {longest.topic}/{longest.partition}"
            )
        return wrong
