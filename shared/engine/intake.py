"""From a message to a fact: what a service takes, what it skips and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from schemas.envelope import CloudEvent, Refused, UnknownType
from shared.engine.joining import Fact, microseconds
from shared.engine.publication import Cause
from shared.engine.service import Service

AHEAD = timedelta(days=1)
"""How far ahead of its receipt an event may claim to have been recorded."""

Headers = Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Message:
    """A message as it came from a topic (`topic` by its name in the catalogue, without prefix).

    `timestamp` is Kafka's, in milliseconds; None if this does not stand at that place in the log.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    received: datetime
    incarnation: str = ""
    timestamp: int | None = None


def digest(timestamp: int | None, key: bytes | None, value: bytes | None) -> bytes:
    """What tells a message from another at the same place in a log."""
    return hashlib.blake2b(repr((timestamp, key, value)).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was refused, and why."""

    message: Message
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that is in order and that this service has no use for."""

    type: str


class Language(Protocol):
    """The published language, as the engine needs it; `schemas.catalogue` speaks it."""

    def read(self, value: bytes | None, headers: Headers) -> tuple[CloudEvent[Any], bytes]:
        """The event of a message, and its structured JSON. Raises `Refused` or `UnknownType` only."""

    def topics_of(self, type: str) -> tuple[str, ...]:
        """The topics on which events of that type belong."""

    def register_key(self, event: CloudEvent[Any]) -> str:
        """What identifies the register of a fact within its type."""


def take(message: Message, service: Service, language: Language) -> Fact | DeadLetter | Skipped:
    """Read one message. Never raises, whatever it holds."""
    try:
        event, body = language.read(message.value, message.headers)
        if message.topic not in language.topics_of(event.type):
            raise Refused(
                "wrong_topic",
                f"{event.type} belongs on {' or '.join(language.topics_of(event.type))}, "
                f"not on {message.topic}: publish it there",
            )
        if message.key is not None and event.subject is not None and message.key != event.subject.encode():
            raise Refused(
                "wrong_subject", "the message's key is not the event's subject: use the subject as key"
            )
        if event.recorded > message.received + AHEAD:
            raise Refused(
                "from_the_future",
                "recordedtime is more than a day ahead of receipt: set the sender's clock and send it again",
            )
        concerns = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
        if event.type != CLOCK and service.model_of(concerns) is None:
            return Skipped(event.type)
        if message.topic not in language.topics_of(concerns):
            # Only who published an event withdraws it; what a feed says, the feed corrects.
            raise Refused(
                "wrong_topic",
                f"{concerns} is not published on {message.topic}: whoever publishes it takes it back there",
            )
    except UnknownType as unknown:
        return Skipped(unknown.type)
    except Refused as refused:
        return DeadLetter(message, refused.reason, refused.message)
    return fact_of(event, language.register_key(event), body)


CLOCK = "DayStarted"
"""The event by which time reaches a service."""


def fact_of(event: CloudEvent[Any], key: str, body: bytes) -> Fact:
    """The fact of an event."""
    cause = Cause(
        event.id, event.recorded.astimezone(UTC), event.correlationid or event.id, event.traceparent
    )
    return Fact(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject or "",
        recorded=microseconds(event.recorded),
        data=event.data,
        key=key,
        cause=cause,
        body=body,
    )
