"""Rows of the outbox: what goes to which topic, under which key and with which headers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shared.engine.intake import DeadLetter
from shared.engine.publication import Publication
from shared.engine.warning import TYPE as WARNING_TYPE
from shared.engine.warning import MessageWarning

_pack_headers = msgspec.msgpack.Encoder().encode
_unpack_headers = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode
NO_HEADERS = _pack_headers([])

OutboxRow = tuple[str, bytes, str, bytes | None, bytes]
"""Topic, key, id of the event, value and headers."""


def standing(service: str) -> str:
    """The short name of the topic with the events of a service that stand."""
    return f"{service}.standing"


def outbox_rows(service: str, event: Publication) -> tuple[OutboxRow, OutboxRow]:
    """An event for the service's topic, and for that of what stands: there a withdrawal leaves nothing."""
    headers = _event_headers(service, event)
    stands = (
        (standing(service), event.id.encode(), event.id, event.value, headers)
        if event.withdraws is None
        else stands_no_more(service, event.withdraws)
    )
    return (service, event.subject.encode(), event.id, event.value, headers), stands


def stands_no_more(service: str, id: str) -> OutboxRow:
    """The tombstone of an event in the topic of what stands."""
    return standing(service), id.encode(), "", None, NO_HEADERS


def _event_headers(service: str, publication: Publication) -> bytes:
    # What consumers can filter by without parsing; without the `ce_` prefix, which would say binary mode.
    headers = [
        ("content-type", b"application/cloudevents+json"),
        ("id", publication.id.encode()),
        ("type", publication.type.encode()),
        ("source", f"/services/{service}".encode()),
    ]
    # What identifies it beside its id: the service itself reads it, if its database has lost the event.
    if publication.key is not None:
        headers.append(("key", publication.key.encode()))
    if publication.decision:
        headers.append(("decision", publication.decision.encode()))
    if publication.traceparent:
        headers.append(("traceparent", publication.traceparent.encode()))
    return _pack_headers(headers)


def as_published(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """The headers of an event on the service's own topic, as its database keeps them."""
    return _pack_headers(list(headers))


def warning_headers(service: str, warning: MessageWarning) -> bytes:
    """The headers of a warning."""
    return _pack_headers(
        [
            ("content-type", b"application/cloudevents+json"),
            ("id", warning.id(service).encode()),
            ("type", WARNING_TYPE.encode()),
            ("source", f"/services/{service}".encode()),
        ]
    )


def dead_headers(letter: DeadLetter) -> bytes:
    """The headers of a refused message: why and where from, and those that it came with."""
    message = letter.message
    where = f"{message.topic}/{message.partition}/{message.offset}"
    added = [
        ("dead-letter-reason", letter.reason.encode()),
        ("dead-letter-explanation", letter.explanation.encode()),
        ("dead-letter-from", where.encode()),
    ]
    return _pack_headers([*added, *((name, value or b"") for name, value in message.headers)])


def headers_of(packed: bytes) -> list[tuple[str, bytes]]:
    """The headers of an outbox row or a dead letter."""
    return _unpack_headers(packed)
