"""What a service publishes: deterministic ids, gapless sequences, the CloudEvents envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import msgspec
from pydantic_core import to_json

from schemas.envelope import schema_uri
from shared.calendar import LONDON
from shared.engine.assessment import Finding, Reason, evidence_with_sources
from shared.engine.packing import Raised

NAMESPACE = UUID("a01f902a-a322-5ff5-91c9-15cf80e245a8")
"""The namespace of every id that is published: fixed for ever."""

PERSONAL = {
    "dataclassification": "restricted",
    "dataregulation": "UK-DPA-2018-3",
    "datacategory": "special-category",
}
"""CloudEvents data-classification attributes of everything keyed by a person."""

_NAMESPACE_DIGEST = hashlib.sha1(NAMESPACE.bytes, usedforsecurity=False)
_encode = msgspec.json.Encoder().encode
_ADDED = {"why", "limited"}


def event_id(*names: str) -> str:
    """The UUIDv5 of the names. The same bytes as `uuid.uuid5`, in a quarter of its time."""
    digest = _NAMESPACE_DIGEST.copy()
    digest.update("/".join(names).encode())
    id = bytearray(digest.digest()[:16])
    id[6] = id[6] & 0x0F | 0x50  # version 5
    id[8] = id[8] & 0x3F | 0x80  # the variant of RFC 4122
    text = id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def finding_data(event: Any) -> bytes:
    """The data of a finding as JSON, without what publication adds: two findings differ if these do."""
    return to_json(event, exclude=_ADDED)


class Cause(msgspec.Struct, frozen=True):
    """What made a case change: a fact, a day, or a new release of rules and policy."""

    id: str
    at: datetime
    correlation: str
    traceparent: str | None = None
    source: str = ""
    """The source of that fact; empty for a day and a release."""


class Publication(msgspec.Struct, frozen=True):
    """One event as it goes to the outbox; `withdraws` is the id of the event that it withdraws, if any."""

    id: str
    type: str
    subject: str
    at: datetime
    value: bytes
    traceparent: str | None
    withdraws: str | None = None
    key: str | None = None
    """The key of the finding or the decision; None for `Withdrawn`, whose data have it."""
    decision: Literal["taken", "moved"] | None = None
    """Whether a decision is taken with it, or stands under this name since a merge."""


@lru_cache(maxsize=64)
def day_cause(day: date) -> Cause:
    """The cause of what follows from a day alone."""
    name = f"day-{day.isoformat()}"
    return Cause(name, _beginning(day), name)


@lru_cache(maxsize=64)
def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


class Publisher(msgspec.Struct, frozen=True):
    """Words the events of one service about one subject, concluded on one day from one cause.

    `limited` marks them: access to the case is limited.
    """

    service: str
    subject: str
    personal: bool
    day: date
    cause: Cause
    limited: bool = False

    def finding(self, finding: Finding, data: bytes, n: int, sequence: int) -> Publication:
        """The event that raises a finding for the n-th time; `data` is `finding_data` of its event.

        One that rests on no record, only on what other cases claim, names what changed that.
        """
        kind = type(finding.event).__name__
        because = evidence_with_sources(finding.because) or [(self.cause.id, self.cause.source)]
        why = self._why(finding.rules, finding.policy, because)
        id = self.id(kind, finding.key, n)
        published = self._publication(id, kind, type(finding.event).type_version, data, why, sequence)
        return msgspec.structs.replace(published, key=finding.key)

    def repetition(self, event: type[Any], key: str, was: Raised, sequence: int) -> Publication:
        """The event that raises again, for the n-th time, what was closed: to be withdrawn for good."""
        kind = event.__name__
        why = self._why(was.rules, was.policy, [(self.cause.id, self.cause.source)])
        id = self.id(kind, key, was.n)
        published = self._publication(id, kind, event.type_version, was.data, why, sequence)
        return msgspec.structs.replace(published, key=key)

    def withdrawal(
        self,
        kind: str,
        key: str,
        was: Raised,
        reason: Reason,
        sequence: int,
        closed_on: date | None = None,
        *,
        undoes: bool = False,
        withdraws: str | None = None,
    ) -> Publication:
        """The event that withdraws what was raised.

        `closed_on` is the day on which an open item ended; `undoes`: how the one raised before it under this
        key ended no longer holds. `withdraws` is its id, if it was published under another name.
        """
        withdraws = withdraws or self.id(kind, key, was.n)
        said: dict[str, object] = {
            "withdraws": withdraws,
            "withdrawn_type": kind,
            "key": key,
            "reason": reason,
        }
        if closed_on is not None:
            said["closed_on"] = closed_on
        if undoes:
            said["undoes"] = self.id(kind, key, was.n - 1)
        why = self._why(was.rules, was.policy, [(self.cause.id, self.cause.source)])
        id = event_id("Withdrawn", withdraws)
        published = self._publication(id, "Withdrawn", 1, _encode(said), why, sequence)
        return msgspec.structs.replace(published, withdraws=withdraws)

    def id(self, kind: str, key: str, n: int) -> str:
        """The id of the event that raises a finding for the n-th time."""
        return event_id(self.service, kind, self.subject, key, str(n))

    def _why(self, rules: Sequence[str], policy: str, because: Sequence[tuple[str, str]]) -> bytes:
        why: dict[str, object] = {"rules": rules, "policy": policy, "evidence": [id for id, _ in because]}
        if because and all(source for _, source in because):
            why["sources"] = [source for _, source in because]
        return _encode(why)

    def _publication(
        self, id: str, kind: str, version: int, data: bytes, why: bytes, sequence: int
    ) -> Publication:
        # Concluded when its cause was recorded, but not before the day that the case was assessed on.
        at = max(self.cause.at, _beginning(self.day)).astimezone(UTC)
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": id,
            "source": f"/services/{self.service}",
            "type": kind,
            "subject": self.subject,
            "time": at.isoformat(timespec="microseconds")[:-6] + "Z",
            "datacontenttype": "application/json",
            "dataschema": schema_uri(kind, version),
            "partitionkey": self.subject,
            "causationid": self.cause.id,
            "correlationid": self.cause.correlation,
            "sequence": f"{sequence:010d}",
        }
        if self.cause.traceparent:
            envelope["traceparent"] = self.cause.traceparent
        if self.personal:
            envelope |= PERSONAL
        separator = b"" if data == b"{}" else b","
        mark = b'"limited":true,' if self.limited else b""
        envelope["data"] = msgspec.Raw(data[:-1] + separator + mark + b'"why":' + why + b"}")
        return Publication(id, kind, self.subject, at, _encode(envelope), self.cause.traceparent)
