"""The CloudEvents 1.0 envelope and what all data have in common.

Source: the CloudEvents specification 1.0 and its extensions (partitioning, sequence, correlation, distributed
tracing, data classification, recorded time); ``events.md`` part 1.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import to_json

from schemas.scalars import CONTROL, EventId, Id, Instant

SCHEMA_BASE = "https://schemas.probation.example"
"""Where the JSON Schemas are served: ``<base>/<type>/<major version>``."""

Reason = Literal[
    "unreadable",
    "not_cloudevent",
    "wrong_data",
    "unknown_version",
    "wrong_subject",
    "wrong_source",
    "wrong_topic",
    "from_the_future",
    "clock_refused",
    "store_error",
    "refused_by_kafka",
]
"""Why a message was refused: a closed list, so that dead letters can be counted by it."""


class Refused(Exception):
    """A message that cannot be taken: ``reason`` from the closed list, ``message`` for a person.

    The message names the field and what is wrong with it, never the value: it may be about a person.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason: Reason = reason
        self.message = message


class UnknownType(Exception):
    """A well-formed CloudEvent of a type that this catalogue does not name."""

    def __init__(self, type: str) -> None:
        super().__init__(f"type {type} is not in the catalogue")
        self.type = type


def schema_uri(type: str, version: int) -> str:
    """The ``dataschema`` of an event type in a major version."""
    return f"{SCHEMA_BASE}/{type}/{version}"


class Data(BaseModel):
    """The base of every event's data.

    What a consumer doesn't know it ignores; what a producer of ours sends is only what is declared.
    """

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        # Rule code writes from_=...; parse() turns the names off, so that on the wire it is "from" alone.
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )
    type_version: ClassVar[int] = 1


class Upstream(Data):
    """The base of what the feeds publish. A newer event with the same correction key replaces the older."""

    voided: bool = Field(default=False, description="True says that it never happened.")


class Why(Data):
    """Why a service published an event."""

    rules: list[Annotated[str, StringConstraints(min_length=1, max_length=50)]] = Field(
        description="Ids of the rules that led to it, for example CONT-2."
    )
    policy: str = Field(
        min_length=1, max_length=200, description="Name and date of the policy in force: contacts@2021-06-26."
    )
    evidence: list[EventId] = Field(description="Ids of the events that it rests on.")


def _require_why(schema: dict[str, Any]) -> None:
    """On the wire ``why`` is always there; only between rule and publication it is not."""
    why = schema["properties"]["why"]
    schema["properties"]["why"] = {**why["anyOf"][0], "description": why["description"]}
    schema.setdefault("required", []).append("why")


class Published(Data):
    """The base of what the services publish. It stands until withdrawn.

    Rules leave ``why`` and ``limited`` out: the engine adds them at publication. Neither is part of the
    finding: a change of them alone publishes nothing. A consumer gets no event without ``why``.
    """

    model_config = ConfigDict(json_schema_extra=_require_why)

    why: Why | None = Field(default=None, description="Rules, policy and evidence behind it.")
    limited: bool = Field(
        default=False, description="True for a limited-access case: show its content to those with the grant."
    )


WithdrawalReason = Literal["corrected", "resolved", "ended", "superseded", "merged", "policy"]


class Withdrawn(Published):
    """An event published earlier on this topic no longer stands.

    ``corrected``: it never was so; ``resolved``: it has been dealt with; ``ended``: supervision ended first;
    ``superseded``: a new event under the same key follows; ``merged``: the person's record went into
    another's; ``policy``: assessed again under another policy.
    """

    withdraws: EventId = Field(description="Id of the event that no longer stands.")
    withdrawn_type: Id = Field(description="Type of that event.")
    key: str = Field(max_length=1000, description="Key of that event: what made the finding one thing.")
    reason: WithdrawalReason = Field(description="Why it no longer stands.")


D = TypeVar("D", bound=Data, covariant=True)

_Attribute = Annotated[str, StringConstraints(pattern=rf"^[^{CONTROL}]{{1,255}}$")]


class CloudEvent(BaseModel, Generic[D]):
    """One CloudEvents 1.0 message in structured mode."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"] = Field(description="Version of the CloudEvents specification.")
    id: EventId = Field(description="Unique together with source; the same pair again is a duplicate.")
    source: Annotated[
        str, StringConstraints(pattern=rf'^[^\s{CONTROL}<>"{{}}|\\^`]{{1,255}}$')  # a URI-reference
    ] = Field(description="URI-reference of the producer, for example /feeds/court.")
    type: _Attribute = Field(description="Name of the event, for example SentenceImposed.")
    subject: _Attribute | None = Field(
        default=None,
        description="The person's case reference number; for others the practitioner, provider or region.",
    )
    time: Instant = Field(description="Instant at which it happened.")
    recordedtime: Instant | None = Field(
        default=None, description="Instant at which the source recorded it; time if left out."
    )
    datacontenttype: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z]+/([A-Za-z0-9.-]+\+)?[Jj][Ss][Oo][Nn]\s*(;[ -~]{0,200})?$"),
        ]
        | None
    ) = Field(default=None, description="application/json; the same if left out.")
    dataschema: _Attribute | None = Field(
        default=None, description="Name and major version of the JSON Schema of the data."
    )
    partitionkey: _Attribute | None = Field(
        default=None, description="Equals subject; the key of the Kafka message."
    )
    sequence: _Attribute | None = Field(
        default=None,
        description="0000000001, 0000000002, ... without gaps for each service and subject, on what services "
        "publish.",
    )
    causationid: EventId | None = Field(default=None, description="Id of the event that caused this one.")
    correlationid: EventId | None = Field(default=None, description="Id of the event that began the chain.")
    traceparent: _Attribute | None = Field(default=None, description="W3C trace context.")
    dataclassification: _Attribute | None = Field(
        default=None, description="restricted, on everything about a person."
    )
    dataregulation: _Attribute | None = Field(
        default=None, description="UK-DPA-2018-3, on everything about a person."
    )
    datacategory: _Attribute | None = Field(
        default=None, description="special-category, on everything about a person."
    )
    data: D = Field(description="What happened.")

    @property
    def recorded(self) -> datetime:
        """The instant at which the source recorded it: what decides which of two versions stands."""
        return self.recordedtime or self.time


ATTRIBUTES = tuple(name for name in CloudEvent.model_fields if name != "data")
"""The attributes that are read and written, in the order in which they are written."""


def render(event: CloudEvent[Any]) -> bytes:
    """The event as one JSON object (structured mode), for publishing.

    Attributes come in a fixed order and are left out where None; data keep their nulls. The same event gives
    the same bytes.
    """
    attributes = {name: value for name in ATTRIBUTES if (value := getattr(event, name)) is not None}
    data: Data = event.data
    return to_json(attributes)[:-1] + b',"data":' + data.model_dump_json().encode() + b"}"
