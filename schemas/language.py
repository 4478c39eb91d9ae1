"""The published language as a service needs it: read a message, know where it belongs, write one."""

from collections.abc import Sequence
from typing import Any

from schemas.catalogue import CATALOGUE, SOURCES, correction_key
from schemas.envelope import CloudEvent, Published, Withdrawn, render
from schemas.parsing import parse, structured

__all__ = ["read", "register_key", "render", "source_of", "topics_of"]


def read(value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> tuple[CloudEvent[Any], bytes]:
    """The event of a Kafka message in either mode, and its structured JSON.

    Raises ``Refused`` or ``UnknownType`` and nothing else, whatever the bytes.
    """
    body = structured(headers, value)
    return parse(body), body


def topics_of(type: str) -> tuple[str, ...]:
    """Short names of the topics that a type belongs on. Raises ``KeyError`` for an unknown type."""
    return CATALOGUE[type].topics


def source_of(topic: str) -> str:
    """Who publishes on a topic (short name). Raises ``KeyError`` for an unknown topic."""
    return SOURCES[topic]


def register_key(event: CloudEvent[Any]) -> str:
    """What identifies the register of a fact, with its subject and type.

    For a feed's event the correction key. What a service publishes is never corrected: the event's own id.
    A ``Withdrawn`` is kept under the id of the event that it withdraws, so that the two may come in any
    order.
    """
    data = event.data
    if isinstance(data, Withdrawn):
        return data.withdraws
    return event.id if isinstance(data, Published) else correction_key(event.type, data)
