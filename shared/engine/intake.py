"""From a message to a fact: what a service takes, what it skips and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from schemas.envelope import CloudEvent, Refused, UnknownType, WarningKind
from shared.calendar import london_date
from shared.engine.joining import Fact, microseconds
from shared.engine.publication import Cause
from shared.engine.service import Service
from shared.engine.warning import About, Doubt, MessageWarning, Origin

AHEAD = timedelta(days=1)
"""How far ahead of its receipt an event may claim to have been recorded."""

Headers = Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Message:
    """A message as it came from a topic (`topic` by its name in the catalogue, without prefix).

    `incarnation` is the id of the topic, with a `+` for each time that the partition's log went back.
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

    @property
    def origin(self) -> Origin:
        """Where it came from, and when."""
        return Origin(self.topic, self.partition, self.offset, self.incarnation, self.received)


def another_log(incarnation: str) -> str:
    """The incarnation of a partition whose log went back: its offsets are given out a second time."""
    return f"{incarnation}+"


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
    warnings: tuple[MessageWarning, ...] = ()


class UnknownName(Protocol):
    """A name in a message that nobody reads, and the one that was probably meant; with its path."""

    @property
    def path(self) -> str: ...

    @property
    def meant(self) -> str | None: ...

    @property
    def is_attribute(self) -> bool: ...


class Language(Protocol):
    """The published language, as the engine needs it; `schemas.language` speaks it."""

    def read(self, value: bytes | None, headers: Headers) -> tuple[CloudEvent[Any], bytes]:
        """The event of a message, and its structured JSON. Raises `Refused` or `UnknownType` only."""

    def examine(
        self, value: bytes | None, headers: Headers
    ) -> tuple[CloudEvent[Any], bytes, Sequence[UnknownName]]:
        """The same, with the names in it that nobody reads."""

    def topics_of(self, type: str) -> tuple[str, ...]:
        """The topics on which events of that type belong."""

    def source_of(self, topic: str) -> str:
        """Who publishes on a topic."""

    def owner_of(self, source: str) -> str | None:
        """The topic on which a source publishes; None if it is of no topic."""

    def is_feed(self, topic: str) -> bool:
        """Do others than these services publish on it?"""

    def nearest_type(self, type: str) -> str | None:
        """The type that was probably meant by an unknown one."""

    def not_read_yet(self, type: str) -> str | None:
        """Why no service reads events of that type yet; None if one does."""

    def register_key(self, event: CloudEvent[Any]) -> str:
        """What identifies the register of a fact within its type."""


def take(message: Message, service: Service, language: Language) -> Fact | DeadLetter | Skipped:
    """Read one message. Never raises, whatever it holds."""
    try:
        event, body, unknown = language.examine(message.value, message.headers)
        _check_place(message, event, language)
        if event.type == service.erased_by and _erases_later(event, message):
            raise Refused("from_the_future", "erased_on is a day to come: send it again on that day")
        concerns = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
        if event.type != CLOCK and service.model_of(concerns) is None:
            return Skipped(event.type, _not_read(message, event, language))
        if concerns != event.type and message.topic not in language.topics_of(concerns):
            # Only who published an event withdraws it; what a feed says, the feed corrects.
            raise Refused(
                "wrong_topic",
                f"{concerns} is not published on {message.topic}: whoever publishes it takes it back there",
            )
    except UnknownType as unknown_type:
        return _unknown_type(message, unknown_type.type, language)
    except Refused as refused:
        return DeadLetter(message, refused.reason, refused.message)
    fact = fact_of(event, language.register_key(event), body)
    fact.origin = message.origin
    if language.is_feed(message.topic):
        # A service of a newer release may say more than this one knows: that is no mistake.
        fact.doubts += _unknown_names(unknown)
        fact.doubts += _unknown_source(event, message.topic, language)
    return fact


def _check_place(message: Message, event: CloudEvent[Any], language: Language) -> None:
    """Raises `Refused` for an event that does not belong here: its topic, source, key or time is wrong."""
    if message.topic not in language.topics_of(event.type):
        raise Refused(
            "wrong_topic",
            f"{event.type} belongs on {' or '.join(language.topics_of(event.type))}, "
            f"not on {message.topic}: publish it there",
        )
    owner = language.owner_of(event.source)
    if owner != message.topic and (owner is not None or not language.is_feed(message.topic)):
        own = language.source_of(message.topic)
        raise Refused(
            "wrong_source",
            f"source is not {own}, which publishes on {message.topic}"
            + (f", but that of {owner}" if owner is not None else "")
            + f": give the source {own}, or one below it",
        )
    if message.key is not None and event.subject is not None and message.key != event.subject.encode():
        raise Refused("wrong_subject", "the message's key is not the event's subject: use the subject as key")
    if event.recorded > message.received + AHEAD:
        name = "recordedtime" if event.recordedtime is not None else "time"
        raise Refused(
            "from_the_future",
            f"{name} is more than a day ahead of receipt: set the sender's clock and send it again",
        )


def _unknown_type(message: Message, type: str, language: Language) -> DeadLetter | Skipped:
    """On a feed's topic a mistake; on a service's own what a newer release may say."""
    if not language.is_feed(message.topic):
        return Skipped(type)
    meant = language.nearest_type(type)
    advice = f"{meant} was probably meant" if meant else "use a type from the catalogue (schemas/json)"
    return DeadLetter(message, "unknown_type", f"no event has this type: {advice}")


def _not_read(message: Message, event: CloudEvent[Any], language: Language) -> tuple[MessageWarning, ...]:
    why = language.not_read_yet(event.type)
    if why is None:
        return ()
    about = About(event.source, event.id, event.type, event.subject, message.origin)
    explanation = f"no service reads {event.type} yet, so it has no effect: {why}"
    return (MessageWarning(about, Doubt("not_read_yet", explanation)),)


def _unknown_names(unknown: Iterable[UnknownName]) -> Iterator[Doubt]:
    for name in unknown:
        kind: WarningKind = "unknown_attribute" if name.is_attribute else "unknown_field"
        what = "an attribute" if name.is_attribute else "a field"
        meant = f": {name.meant} was probably meant" if name.meant else ""
        yield Doubt(
            kind, f"{name.path} is not {what} of this event and has no effect{meant}", name.path, name.meant
        )


def _unknown_source(event: CloudEvent[Any], topic: str, language: Language) -> Iterator[Doubt]:
    if language.owner_of(event.source) is None:
        own = language.source_of(topic)
        yield Doubt("unknown_source", f"source is neither {own} nor below it", "source", own)


def _erases_later(event: CloudEvent[Any], message: Message) -> bool:
    """Is a person to be erased only after the message's day? What was deleted too soon is lost."""
    later: bool = not event.data.voided and event.data.erased_on > london_date(message.received)
    return later


CLOCK = "DayStarted"
"""The event by which time reaches a service."""


def fact_of(event: CloudEvent[Any], key: str, body: bytes) -> Fact:
    """The fact of an event."""
    cause = Cause(
        event.id,
        event.recorded.astimezone(UTC),
        event.correlationid or event.id,
        event.traceparent,
        event.source,
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
