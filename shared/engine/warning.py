"""Warnings: a message was taken, but something in it has no effect or can hardly be right.

What cannot be taken at all is a dead letter (`intake`). A warning says ids, names of fields, and what was
probably meant; never a value, which may be personal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from schemas.envelope import WarningKind, schema_uri
from shared.engine.publication import PERSONAL, event_id

TYPE = "MessageWarned"
"""The type of the event that tells a warning."""

_encode = msgspec.json.Encoder().encode


class Origin(NamedTuple):
    """Where a message came from, and when it was received."""

    topic: str
    partition: int
    offset: int
    incarnation: str
    received: datetime

    @property
    def place(self) -> str:
        """The topic, partition and offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class About(NamedTuple):
    """The event that a warning is about."""

    source: str
    id: str
    type: str
    subject: str | None
    origin: Origin


class Doubt(NamedTuple):
    """What is doubtful: its kind, the field and what was probably meant, and all of it in words."""

    kind: WarningKind
    explanation: str
    field: str | None = None
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class MessageWarning:
    """A doubt about a message."""

    about: About
    doubt: Doubt

    def id(self, service: str) -> str:
        """The id of the event that tells it: the same warning has the same id."""
        about, doubt = self.about, self.doubt
        place = (about.origin.place, about.origin.incarnation)
        return event_id(service, TYPE, doubt.kind, doubt.field or "", about.source, about.id, *place)

    def value(self, service: str) -> bytes:
        """The event that tells it, for the service's warning topic."""
        about, doubt = self.about, self.doubt
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": self.id(service),
            "source": f"/services/{service}",
            "type": TYPE,
        }
        if about.subject:
            envelope |= {"subject": about.subject, "partitionkey": about.subject}
        envelope |= {
            "time": about.origin.received.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "datacontenttype": "application/json",
            "dataschema": schema_uri(TYPE, 1),
            **PERSONAL,
            "data": {
                "kind": doubt.kind,
                "event_source": about.source,
                "event_id": about.id,
                "event_type": about.type,
                "topic": about.origin.topic,
                "partition": about.origin.partition,
                "offset": about.origin.offset,
                "field": doubt.field,
                "meant": doubt.meant,
                "explanation": doubt.explanation,
            },
        }
        return _encode(envelope)


def warnings(about: About, doubts: Iterable[Doubt]) -> list[MessageWarning]:
    """The doubts about one message."""
    return [MessageWarning(about, doubt) for doubt in doubts]
