"""A file of events as the four services get it: each line on its day, and what they publish on it.

Nothing here plays a service: `Replay.rounds` says what they get, and is told what they publish. Whoever
plays them (`tools/players.py`, in memory) gives each its messages as they would come from the topics.

The order is that of the rounds: a day begins; then its lines arrive; what the services publish on them they
get in the next round, and so on until nothing is published any more. In a round the services publish in the
order of `tools/services.py`, and each in the order of its messages. It depends on nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused, UnknownType
from shared.calendar import LONDON, london_date
from shared.engine.intake import Language, Message
from tools.clock import day_started

LINES, OTHERS = 0, 1
"""The partitions of messages: the offset of a line is its number in the file (from 1)."""
_UNREADABLE = "court"
"""The topic for lines that do not even have a type."""


@dataclass(frozen=True)
class RefusedLine:
    """A line that was refused: its number in the file (from 1), the reason, and the line itself."""

    line: int
    reason: str
    explanation: str
    text: str


@dataclass(frozen=True)
class WarnedLine:
    """A line that was taken although something in it is doubtful: its number, and what is doubtful."""

    line: int
    kind: str
    explanation: str


class Failed(NamedTuple):
    """A case that could not be assessed, in which service, and why."""

    service: str
    case: str
    fault: str


@dataclass
class Outcome:
    """The result of a replay, but what was published."""

    published: int = 0
    dead_letters: list[RefusedLine] = field(default_factory=list)
    warnings: list[WarnedLine] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    first: date | None = None
    last: date | None = None
    lines: int = 0
    beyond: int = 0
    """The number of lines recorded after the last day, which therefore never arrived."""
    trial: str | None = None
    """The name under which the policy was tried; None if it is the one in force."""


class Said(NamedTuple):
    """What a service published in a round (keys and values), and the numbers of the lines that it refused."""

    published: Sequence[tuple[bytes, bytes]]
    refused: Sequence[int]


class Letter(NamedTuple):
    """What a service keeps of a line that it refused."""

    line: int
    reason: str
    explanation: str


class Remembered(NamedTuple):
    """What a service keeps until the end: refused lines, doubtful ones, and its cases that failed."""

    letters: Sequence[Letter]
    warnings: Sequence[WarnedLine]
    failed: Sequence[Failed]


Round = list[Message]
"""The messages that the services get at once, each those of its topics."""


class _Line(NamedTuple):
    number: int
    topic: str
    day: date | None
    value: bytes
    key: bytes | None


class Replay:
    """One replay of some services (by name): give the rounds to the services, and `end` it."""

    def __init__(
        self,
        services: Sequence[str],
        language: Language,
        publish: Callable[[bytes], object],
        trial: str | None = None,
    ) -> None:
        self._services = services
        self._language = language
        self._publish = publish
        self._today = date.min
        self._received = _end_of(self._today)
        """When messages of today are received: at its end."""
        self._offset = 0
        self._texts: dict[int, str] = {}
        self.outcome = Outcome(trial=trial)

    def rounds(
        self, lines: Iterable[bytes], until: date | None = None
    ) -> Generator[Round, Sequence[Said], None]:
        """What the services get, round by round; takes what each said in it, in their order.

        Every day begins up to `until`, or up to the day of the last line.
        """
        waiting: list[_Line] = []
        for number, value in enumerate(lines, 1):
            if not value.strip():
                continue
            self.outcome.lines += 1
            line = self._read(number, value)
            if line.day is not None and (self.outcome.first is None or line.day > self._today):
                if until is not None and line.day > until:
                    self.outcome.beyond += 1
                    continue
                yield from self._deliver(waiting)
                waiting = []
                yield from self._begin_days(line.day)
            waiting.append(line)
        yield from self._deliver(waiting)
        if until is not None and self.outcome.first is not None:
            yield from self._begin_days(until)

    def end(self, remembered: Sequence[Remembered]) -> Outcome:
        """Take what each service kept until the end, in their order. The outcome has each thing once."""
        letters: dict[int, RefusedLine] = {}
        warnings: dict[WarnedLine, None] = {}
        for kept in remembered:
            for line, reason, explanation in kept.letters:
                letters.setdefault(line, RefusedLine(line, reason, explanation, self._texts[line]))
            warnings |= dict.fromkeys(kept.warnings)
            self.outcome.failed += kept.failed
        self.outcome.dead_letters = [letters[line] for line in sorted(letters)]
        self.outcome.warnings = sorted(warnings, key=lambda warned: warned.line)
        return self.outcome

    def _begin_days(self, until: date) -> Generator[Round, Sequence[Said], None]:
        if self.outcome.first is None:
            self.outcome.first = until
            self._today = until - timedelta(days=1)
        while self._today < until:
            self._today += timedelta(days=1)
            self._received = _end_of(self._today)
            yield from self._spread([self._other("clock", day_started(self._today), None)])
        self.outcome.last = self._today

    def _deliver(self, lines: Sequence[_Line]) -> Generator[Round, Sequence[Said], None]:
        values = {line.number: line.value for line in lines}
        messages = [self._message(line.topic, LINES, line.number, line.value, line.key) for line in lines]
        yield from self._spread(messages, values)

    def _spread(
        self, messages: Round, values: dict[int, bytes] | None = None
    ) -> Generator[Round, Sequence[Said], None]:
        """Give messages to the services, and the events that follow."""
        while messages:
            said = yield messages
            messages = []
            for service, (published, refused) in zip(self._services, said, strict=True):
                for key, value in published:
                    self.outcome.published += 1
                    self._publish(value)
                    messages.append(self._other(service, value, key))
                for line in refused:
                    if values and line in values:
                        self._texts[line] = values[line].decode(errors="backslashreplace")

    def _other(self, topic: str, value: bytes, key: bytes | None) -> Message:
        self._offset += 1
        return self._message(topic, OTHERS, self._offset, value, key)

    def _message(self, topic: str, partition: int, offset: int, value: bytes, key: bytes | None) -> Message:
        return Message(topic, partition, offset, key, value, (), self._received, "replay")

    def _read(self, number: int, value: bytes) -> _Line:
        """A line with its topic and the day in London on which it was recorded."""
        try:
            event, _ = self._language.read(value, ())
        except (Refused, UnknownType):
            return _Line(number, *_guess(value), value, None)
        topic = self._language.topics_of(event.type)[0]
        if event.type == "Withdrawn":
            topic = event.source.rpartition("/")[2]
        key = event.subject.encode() if event.subject else None
        return _Line(number, topic, london_date(event.recorded), value, key)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, LONDON).astimezone(UTC)


def _guess(value: bytes) -> tuple[str, date | None]:
    """The topic and day of a line that is not an event in the catalogue, as far as they can be found."""
    try:
        broken = json.loads(value)
        entry = CATALOGUE.get(broken.get("type"))
        recorded = broken.get("recordedtime") or broken.get("time")
    except (ValueError, AttributeError, TypeError, RecursionError):
        return _UNREADABLE, None
    topic = entry.topics[0] if entry else _UNREADABLE
    try:
        return topic, london_date(datetime.fromisoformat(recorded))
    except (ValueError, TypeError):
        return topic, None
