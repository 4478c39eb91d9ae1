"""The CloudEvents 1.0 envelope, and what the data of all events have in common.

Source: the CloudEvents specification 1.0 and its extensions (partitioning, sequence, correlation, distributed
tracing, data classification, recorded time); ``events.md`` part 1.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)
from pydantic_core import to_json

from schemas.scalars import JSON_TYPE_PATTERN, LINE_255_PATTERN, URI_PATTERN, Date, EventId, Id, Instant

SCHEMA_BASE = "https://schemas.probation.example"
"""Where the JSON Schemas are served: ``<base>/<type>/<major version>``."""

Reason = Literal[
    "unreadable",
    "not_cloudevent",
    "unknown_type",
    "wrong_data",
    "unknown_version",
    "wrong_subject",
    "wrong_source",
    "wrong_topic",
    "from_the_future",
    "clock_refused",
    "store_error",
    "refused_by_kafka",
    "person_erased",
    "no_erasure_key",
    "removed_unread",
    "log_went_back",
]
"""Why a message was refused: a closed list, so that dead letters can be counted by reason."""


WarningKind = Literal[
    "unknown_field",
    "unknown_attribute",
    "unknown_source",
    "unknown_unit",
    "altered_id",
    "implausible_date",
    "version_not_standing",
    "other_source",
    "not_read_yet",
]
"""What is doubtful about a message that was taken all the same: a closed list, as for refusals."""


class Refused(Exception):
    """A message that cannot be processed. ``reason`` is from the closed list; ``message`` is for people.

    The message names the field and what is wrong with it, but never the value, which may be personal data.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason: Reason = reason
        self.message = message


class UnknownType(Exception):
    """A well-formed CloudEvent of a type that is not in the catalogue."""

    def __init__(self, type: str) -> None:
        super().__init__(f"type {type} is not in the catalogue")
        self.type = type


def schema_uri(type: str, version: int) -> str:
    """The ``dataschema`` of an event type in a major version."""
    return f"{SCHEMA_BASE}/{type}/{version}"


class Data(BaseModel):
    """The base of every event's data.

    Consumers ignore fields that they do not know. Our own producers send declared fields only.
    """

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        # Rules write from_=...; parse() accepts aliases only, so messages must say "from".
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,  # until the first use: a program uses few of the models
    )
    type_version: ClassVar[int] = 1


class Upstream(Data):
    """The base of what the feeds publish. A newer event with the same correction key replaces the older."""

    voided: bool = Field(default=False, description="True: it never happened.")


class Why(Data):
    """Why a service published an event: the rules, policy and evidence behind it."""

    rules: list[Annotated[str, StringConstraints(min_length=1, max_length=50)]] = Field(
        description="Ids of the rules applied, for example CONT-2."
    )
    policy: str = Field(
        min_length=1,
        max_length=200,
        description="Name and date of the policy in force, for example contacts@2021-06-26.",
    )
    evidence: list[EventId] = Field(description="Ids of the events that it is based on.")
    sources: list[Annotated[str, StringConstraints(pattern=URI_PATTERN)]] | None = Field(
        default=None,
        description="The sources of these events, in the same order: an id is unique only within its source. "
        "Left out if it is based on a day or a release alone.",
    )

    @model_serializer(mode="wrap")
    def _without_null(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if value is not None}


Kind = Literal["open_item", "record", "decision"]
"""What an event that a service publishes is; see ``published``."""


def _describe_published(schema: dict[str, Any], model: type["Published"]) -> None:
    """Every published message has ``why``; it is missing only between the rule and publication."""
    why = schema["properties"]["why"]
    schema["properties"]["why"] = {**why["anyOf"][0], "description": why["description"]}
    schema.setdefault("required", []).append("why")
    if model.x_kind is not None:
        schema["x-kind"] = model.x_kind


class Published(Data):
    """The base of what the services publish. An event stands until it is withdrawn.

    Rules leave out ``why`` and ``limited``; the engine adds them on publication. Neither is part of the
    finding, so if only they change, nothing is published. Consumers never get an event without ``why``.
    """

    model_config = ConfigDict(json_schema_extra=_describe_published)
    x_kind: ClassVar[Kind | None] = None

    why: Why | None = Field(default=None, description="The rules, policy and evidence behind it.")
    limited: bool = Field(
        default=False,
        description="True for a limited-access case: show its content only to people with access.",
    )


WithdrawalReason = Literal["corrected", "resolved", "ended", "superseded", "merged", "policy"]


class Withdrawn(Published):
    """An event published earlier on this topic no longer holds.

    ``corrected``: it was never true. ``resolved``: the action was taken. ``ended``: supervision ended first.
    ``superseded``: a new event with the same key follows. ``merged``: the person's record was merged into
    another. ``policy``: the case was assessed again under a new policy.
    """

    withdraws: EventId = Field(description="Id of the event that no longer holds.")
    withdrawn_type: Id = Field(description="Type of that event.")
    key: str = Field(max_length=1000, description="Key of that event: what identifies the finding.")
    reason: WithdrawalReason = Field(description="Why it no longer holds.")
    closed_on: Date | None = Field(
        default=None, description="Date on which an open item was resolved or ended; null for other reasons."
    )
    undoes: EventId | None = Field(
        default=None,
        description="Id of the event raised before under this key, if services follow how such items end: "
        "how that one ended no longer holds.",
    )


D = TypeVar("D", bound=Data, covariant=True)

_Attribute = Annotated[str, StringConstraints(pattern=LINE_255_PATTERN)]


class CloudEvent(BaseModel, Generic[D]):
    """One CloudEvents 1.0 message in structured mode."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"] = Field(description="Version of the CloudEvents specification.")
    id: EventId = Field(description="Unique within its source: the same source and id again is a duplicate.")
    source: Annotated[str, StringConstraints(pattern=URI_PATTERN)] = Field(  # a URI-reference
        description="URI-reference of the producer, for example /feeds/court."
    )
    type: _Attribute = Field(description="Name of the event, for example SentenceImposed.")
    subject: _Attribute | None = Field(
        default=None,
        description="Case reference number of the person, or the practitioner, provider or region.",
    )
    time: Instant = Field(description="When it happened.")
    recordedtime: Instant | None = Field(
        default=None, description="When the source recorded it; if left out, the same as time."
    )
    datacontenttype: (
        Annotated[
            str,
            StringConstraints(pattern=JSON_TYPE_PATTERN),
        ]
        | None
    ) = Field(default=None, description="application/json, which is also the default.")
    dataschema: _Attribute | None = Field(
        default=None, description="Name and major version of the JSON Schema of the data."
    )
    partitionkey: _Attribute | None = Field(
        default=None, description="The same as subject, and the key of the Kafka message."
    )
    sequence: _Attribute | None = Field(
        default=None,
        description="0000000001, 0000000002, ... without gaps for each service and subject, on what services "
        "publish.",
    )
    causationid: EventId | None = Field(default=None, description="Id of the event that caused this one.")
    correlationid: EventId | None = Field(default=None, description="Id of the first event in the chain.")
    traceparent: _Attribute | None = Field(default=None, description="W3C trace context.")
    dataclassification: _Attribute | None = Field(
        default=None, description="restricted, on all events about a person."
    )
    dataregulation: _Attribute | None = Field(
        default=None, description="UK-DPA-2018-3, on all events about a person."
    )
    datacategory: _Attribute | None = Field(
        default=None, description="special-category, on all events about a person."
    )
    data: D = Field(description="What happened.")

    @property
    def recorded(self) -> datetime:
        """When the source recorded it. The version recorded last stands."""
        return self.recordedtime or self.time


ATTRIBUTES = tuple(name for name in CloudEvent.model_fields if name != "data")
"""The attributes that are read and written, in the order of writing."""


def render(event: CloudEvent[Any]) -> bytes:
    """The event as one JSON object (structured mode), for publishing.

    Attributes have a fixed order, and those that are None are left out; null values in the data stay. The
    same event always gives the same bytes.
    """
    attributes = {name: value for name in ATTRIBUTES if (value := getattr(event, name)) is not None}
    data: Data = event.data
    return to_json(attributes)[:-1] + b',"data":' + data.model_dump_json().encode() + b"}"
