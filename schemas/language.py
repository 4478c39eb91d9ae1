"""What a service needs from the published language: read a message, find its topic, write a message."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from schemas import parsing
from schemas.catalogue import CATALOGUE, NOT_READ_YET, correction_key
from schemas.envelope import CloudEvent, Published, Withdrawn, render
from schemas.nearest import nearest
from schemas.parsing import parse, structured
from schemas.topics import SOURCES
from schemas.unknown import Unknown

__all__ = [
    "examine",
    "is_feed",
    "nearest_type",
    "not_read_yet",
    "owner_of",
    "read",
    "register_key",
    "render",
    "source_of",
    "topics_of",
]


def read(value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> tuple[CloudEvent[Any], bytes]:
    """The event in a Kafka message, in either content mode, and the event as structured JSON.

    Raises only ``Refused`` or ``UnknownType``, whatever the bytes.
    """
    body = structured(headers, value)
    return parse(body), body


def examine(
    value: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> tuple[CloudEvent[Any], bytes, Sequence[Unknown]]:
    """The same as `read`, with the names in the message that nobody reads. Raises the same."""
    body = structured(headers, value)
    event, unknown = parsing.examine(body)
    return event, body, unknown


def nearest_type(type: str) -> str | None:
    """The type of the catalogue that was probably meant; None if none is close."""
    return nearest(type, CATALOGUE)


def topics_of(type: str) -> tuple[str, ...]:
    """Short names of the topics that a type belongs on. Raises ``KeyError`` for an unknown type."""
    return CATALOGUE[type].topics


def source_of(topic: str) -> str:
    """Who publishes on a topic (short name). Raises ``KeyError`` for an unknown topic."""
    return SOURCES[topic]


@lru_cache(maxsize=4_096)  # there are a few hundred senders, and each message names one
def owner_of(source: str) -> str | None:
    """The topic (short name) on which a source publishes; None if it is of no topic.

    A feed's sources may be below its own, one for each sender: ``/feeds/providers/acme``.
    """
    for topic, own in SOURCES.items():
        if source == own or (is_feed(topic) and source.startswith(f"{own}/")):
            return topic
    return None


def is_feed(topic: str) -> bool:
    """Do others than our services publish on a topic (short name)?"""
    return source_of(topic).startswith("/feeds/")


def not_read_yet(type: str) -> str | None:
    """Why no service reads events of that type yet; None if one does."""
    return NOT_READ_YET.get(type)


def register_key(event: CloudEvent[Any]) -> str:
    """What identifies the register of a fact, together with its subject and type.

    For an event from a feed: its correction key. For an event that a service publishes, which is never
    corrected: its own id. For a ``Withdrawn``: the id of the event that it withdraws, so that the two may
    arrive in any order.
    """
    data = event.data
    if isinstance(data, Withdrawn):
        return data.withdraws
    return event.id if isinstance(data, Published) else correction_key(event.type, data)
