"""Reads one event of a file as the services would, and says what they would say about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import msgspec

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.topics import TOPICS
from shared.engine.doubts import doubt_values
from shared.engine.intake import DeadLetter, Message, Skipped, take
from shared.engine.joining import Fact
from shared.engine.service import Service
from shared.policy import Policy
from tools.check.findings import DOUBTFUL, REFUSED, Finding, Mistake
from tools.services import BY_NAME, SERVICES

_NO_TOPIC = "court"
"""The topic for lines that say neither type nor source."""


class Head(msgspec.Struct):
    """What is needed of the envelope before the services' code reads the event."""

    type: str = ""
    source: str = ""
    id: str = ""
    subject: str = ""
    sequence: str = ""
    time: str = ""
    recordedtime: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One line, read. `fact` is None if it is refused, or if no service has a use for it."""

    line: int
    value: bytes
    head: Head
    fact: Fact | None
    refused: bool
    findings: list[Finding]


class Reader:
    """Reads lines as of `received`, when they would be published."""

    def __init__(self, received: datetime) -> None:
        self._received = received

    def read(self, line: int, value: bytes) -> Read:
        """The event on a line, and what is wrong with it by itself. Never raises, whatever it holds."""
        head = _head(value)
        service = _reader(head.type)
        message = Message(_topic(head), 0, line, None, value, (), self._received)
        taken = take(message, service, language)
        match taken:
            case DeadLetter():
                mistake = Mistake(REFUSED, taken.reason, head.type or None, None, taken.explanation)
                return Read(line, value, head, None, True, [Finding(line, mistake)])
            case Skipped():
                doubts = [warning.doubt for warning in taken.warnings]
                fact = None
            case Fact():
                doubt_values(service, _policy(service.name), taken)
                doubts, fact = taken.doubts, taken
        findings = [
            Finding(line, Mistake(DOUBTFUL, doubt.kind, head.type, doubt.field, doubt.explanation))
            for doubt in doubts
        ]
        return Read(line, value, head, fact, False, [*findings, *_times(line, head)])


@cache
def _policy(service: str) -> Policy:
    return BY_NAME[service].load_policy()


def _reader(type: str) -> Service:
    """A service that has a use for events of that type, if there is one."""
    return next((service for service in SERVICES if service.model_of(type) is not None), SERVICES[0])


def _head(value: bytes) -> Head:
    try:
        return msgspec.json.decode(value, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Head()


def _topic(head: Head) -> str:
    """Where the event belongs: by its type, or by its source if the type does not say it."""
    if head.type == "Withdrawn":
        topic = head.source.rpartition("/")[2]
        return topic if topic in TOPICS else CATALOGUE[head.type].topics[0]
    if head.type in CATALOGUE:
        return CATALOGUE[head.type].topics[0]
    return language.owner_of(head.source) or _NO_TOPIC


def _times(line: int, head: Head) -> Iterator[Finding]:
    if head.recordedtime and datetime.fromisoformat(head.time) > datetime.fromisoformat(head.recordedtime):
        explanation = "time is after recordedtime: nothing is recorded before it happens; correct the clocks"
        yield Finding(line, Mistake(DOUBTFUL, "clock", head.type, "time", explanation))
