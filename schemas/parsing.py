"""Turns bytes into a typed event or a reason for refusing them, whatever the bytes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, Union

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, create_model
from pydantic_core import ErrorDetails, from_json, to_json

from schemas import foreign
from schemas.catalogue import CATALOGUE, Entry
from schemas.envelope import ATTRIBUTES, CloudEvent, Published, Refused, UnknownType
from schemas.own_ids import with_own_id
from schemas.reasons import message
from schemas.scalars import Crn, Id
from schemas.unknown import Unknown, unknown_names
from schemas.voiding import may_be_voided, voided
from schemas.words import Region

MAX_BYTES = 1_048_576
"""The largest message accepted, in bytes. By default a Kafka broker refuses larger ones too."""

_SUBJECTS: dict[str, Any] = {
    "person": Crn,
    "practitioner": Id,
    "provider": Id,
    "region": Region,
    "none": Id | None,
    "any": Id,
}


def _with_why(data: Published) -> Published:
    if data.why is None:
        raise ValueError("why is required on events that a service publishes")
    return data


def _event_model(entry: Entry) -> type[CloudEvent[Any]]:
    """The envelope of one type, as strict as the catalogue requires."""
    data: Any = entry.model
    if issubclass(entry.model, Published):
        data = Annotated[entry.model, AfterValidator(_with_why)]
    fields: dict[str, Any] = {
        "type": (Literal[entry.type], ...),
        "subject": (_SUBJECTS[entry.subject], None if entry.subject == "none" else ...),
        "dataschema": (Literal[entry.dataschema] | None, None),
        "data": (data, ...),
    }
    return create_model(f"{entry.type}Event", __base__=CloudEvent, **fields)


def _any_of(models: Iterable[type[CloudEvent[Any]]]) -> TypeAdapter[CloudEvent[Any]]:
    union: Any = Annotated[Union[tuple(models)], Field(discriminator="type")]  # noqa: UP007 - a tuple of its members
    return TypeAdapter(union)


_ANY_EVENT = TypeAdapter(create_model("AnyEvent", __base__=CloudEvent, data=(Any, None)))


@cache  # made when the first event comes: it takes a quarter of a second, and many programs read none
def _event() -> TypeAdapter[CloudEvent[Any]]:
    return _any_of(_event_model(entry) for entry in CATALOGUE.values())


@cache
def _voiding_event() -> TypeAdapter[CloudEvent[Any]]:
    corrected = [entry for entry in CATALOGUE.values() if may_be_voided(entry)]
    return _any_of(_event_model(replace(entry, model=voided(entry))) for entry in corrected)


# pydantic's JSON reader accepts NaN and Infinity, which are not JSON, and U+0000, which PostgreSQL cannot
# store as text. Searching for the bytes is cheap; the slower check, which skips strings, is rarely needed.
_STRING_OR_NOT_FINITE = re.compile(rb'"(?:[^"\\]|\\.)*+"|(NaN|Infinity)', re.DOTALL)
_VERSION = re.compile(r"/[0-9]+(\.[0-9]+)*$")
_STRUCTURED_HEADER = ("content-type", b"application/cloudevents+json")
_STRUCTURED = re.compile(r"application/cloudevents\+json\s*(;.*)?", re.IGNORECASE | re.DOTALL)
_FORMAT = "the only CloudEvents format accepted is application/cloudevents+json"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")


def _check_bytes(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise Refused("unreadable", f"the message has {len(raw)} bytes, more than {MAX_BYTES}")
    if rb"\u0000" in raw and _NUL.search(raw):
        raise Refused("unreadable", "a text holds the character U+0000")
    if (b"NaN" in raw or b"Infinity" in raw) and any(m[1] for m in _STRING_OR_NOT_FINITE.finditer(raw)):
        raise Refused("unreadable", "NaN and Infinity are not JSON")


def parse(raw: bytes) -> CloudEvent[Any]:
    """One CloudEvent in structured mode, with typed data.

    Raises ``Refused``, with a reason that people can act on, if the message is not a valid event, and
    ``UnknownType`` if it is a well-formed event of a type that is not in the catalogue. If a JSON object has
    the same key twice, the last one counts.
    """
    return examine(raw)[0]


def examine(raw: bytes) -> tuple[CloudEvent[Any], tuple[Unknown, ...]]:
    """The same as ``parse``, with the names in the message that nobody reads."""
    _check_bytes(raw)
    unknown: tuple[Unknown, ...] = ()
    try:
        event = _validate(raw, "forbid")
    except ValidationError as error:
        event, unknown = _look_again(raw, error.errors(include_url=False))
    _check_subject(event)
    return with_own_id(event), unknown


def _validate(raw: bytes, extra: Literal["forbid", "ignore"] = "ignore") -> CloudEvent[Any]:
    return _event().validate_json(raw, by_alias=True, by_name=False, extra=extra)


def _look_again(raw: bytes, errors: list[ErrorDetails]) -> tuple[CloudEvent[Any], tuple[Unknown, ...]]:
    """What a message says that cannot be taken at once: because of its names, its numbers, or what it voids.

    Raises the same as ``parse``.
    """
    unknown = unknown_names([error["loc"] for error in errors if error["type"] == "extra_forbidden"])
    try:
        return _validate(raw), unknown
    except ValidationError as error:
        errors = error.errors(include_url=False)
    if mended := _with_whole_numbers(raw, errors):
        return examine(mended)
    if any(error["loc"][1:2] == ("data",) for error in errors) and _voids(raw):
        try:
            return _voiding_event().validate_json(raw, by_alias=True, by_name=False), unknown
        except ValidationError as error:
            errors = error.errors(include_url=False)
    raise _reason(raw, errors, unknown)


def _with_whole_numbers(raw: bytes, errors: list[ErrorDetails]) -> bytes | None:
    """The message with 480 for 480.0 where a whole number is wanted, as in JSON Schema; None if nowhere."""
    places = [
        error["loc"][1:]
        for error in errors
        if error["type"] in ("int_type", "int_from_float")
        and isinstance(error["input"], float)
        and error["input"].is_integer()
    ]
    if not places:
        return None
    message = from_json(raw)
    for *to, last in places:
        holder = message
        for part in to:
            holder = holder[part]
        holder[last] = int(holder[last])
    return to_json(message)


def _voids(raw: bytes) -> bool:
    data = from_json(raw).get("data")
    return isinstance(data, dict) and data.get("voided") is True


def _check_subject(event: CloudEvent[Any]) -> None:
    if event.partitionkey is not None and event.partitionkey != event.subject:
        raise Refused("wrong_subject", "partitionkey is not the subject")
    field = CATALOGUE[event.type].subject_field
    if field is not None and getattr(event.data, field) not in (event.subject, None):
        raise Refused("wrong_subject", f"subject is not data.{field}")


def _reason(raw: bytes, errors: list[ErrorDetails], unknown: Sequence[Unknown]) -> Refused | UnknownType:
    """The reason for a message that pydantic refused. The errors contain input, which must not leak."""
    kind = errors[0]["type"]
    if kind == "json_invalid":
        return Refused("unreadable", foreign.of_bytes(raw) or errors[0]["msg"])
    if kind == "union_tag_invalid":
        return _unknown_type(raw)
    if kind == "union_tag_not_found":
        what = foreign.of_json(raw)
        return Refused("not_cloudevent", f"type: Field required{f': {what}' if what else ''}")
    if not errors[0]["loc"]:
        what = foreign.of_json(raw)
        return Refused("not_cloudevent", f"a CloudEvent is a JSON object{f': {what}' if what else ''}")
    type, *_ = errors[0]["loc"]
    fields = {error["loc"][1] for error in errors}
    text = message(errors)
    meant = [f"{one.meant} was probably meant by {one.path}" for one in unknown if one.meant]
    if meant and any(error["type"] in ("missing", "value_error") for error in errors):
        text = f"{text} ({'; '.join(meant)})"
    if ("data",) in [error["loc"][1:] for error in errors if error["type"] == "missing"]:
        text += _other_data(unknown)
    if "dataschema" in fields:
        entry = CATALOGUE[str(type)]
        given = next(error["input"] for error in errors if error["loc"][1] == "dataschema")
        if isinstance(given, str) and _VERSION.search(given):
            text = f"dataschema is not a known version of {type}; the known version is {entry.dataschema}"
            return Refused("unknown_version", text)
        return Refused("not_cloudevent", text)
    if fields <= {"data"}:
        return Refused("wrong_data", text)
    if fields <= {"data", "subject", "partitionkey"}:
        return Refused("wrong_subject", text)
    return Refused("not_cloudevent", text)


def _other_data(unknown: Sequence[Unknown]) -> str:
    if any(one.path == "data_base64" for one in unknown):
        return ": it is in data_base64, which is for bytes; send it as a JSON object in data"
    return ""


def _unknown_type(raw: bytes) -> Refused | UnknownType:
    try:
        event = _ANY_EVENT.validate_json(raw)
    except ValidationError as error:
        text = message(error.errors(include_url=False), 0)
        what = foreign.of_json(raw)
        return Refused("not_cloudevent", f"{text} ({what})" if what else text)
    return UnknownType(event.type)


def structured(headers: Sequence[tuple[str, bytes]], value: bytes | None) -> bytes:
    """The structured JSON of a Kafka message. Its content type says whether its mode is structured or binary.

    In binary mode the attributes are headers ``ce_id``, ``ce_type``, ... and the value is the data as JSON.
    A message in structured mode is returned unchanged, and ``parse`` checks it. Raises ``Refused``.
    """
    if value is None:
        raise Refused("not_cloudevent", "the message has no value (a tombstone)")
    if _STRUCTURED_HEADER in headers:  # the common case, without looking at each header
        return value
    attributes = _attributes(headers)
    content_type = attributes.get("datacontenttype", "")
    if content_type[:23].lower() == "application/cloudevents":
        if not _STRUCTURED.fullmatch(content_type):
            raise Refused("not_cloudevent", f"content-type: {_FORMAT}{_batch(content_type)}")
        return value
    if "specversion" not in attributes:
        return value
    _check_bytes(value)
    try:
        from_json(value)  # checked on its own, so that it cannot close the object and add attributes
    except ValueError as error:
        raise Refused("unreadable", f"data: {error}") from None
    return to_json(attributes)[:-1] + b',"data":' + value + b"}"


def _batch(content_type: str) -> str:
    batch = content_type.lower().startswith("application/cloudevents-batch")
    return "; this is batch mode: send each event as a message of its own" if batch else ""


def _attributes(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, content in headers:
        if name.lower() == "content-type":
            key = "datacontenttype"
        elif name.startswith("ce_") and name not in ("ce_datacontenttype", "ce_data"):
            key = name[3:]
        else:
            continue
        if key in attributes and key in ATTRIBUTES:
            raise Refused("not_cloudevent", f"header {name} appears twice")
        try:
            attributes[key] = content.decode()
        except (UnicodeDecodeError, AttributeError):
            if key not in ATTRIBUTES:
                attributes[key] = ""  # nobody reads it
                continue
            raise Refused("not_cloudevent", f"header {name} is not UTF-8 text") from None
    return attributes


def parse_binary(headers: Sequence[tuple[str, bytes]], value: bytes | None) -> CloudEvent[Any]:
    """The event in a Kafka message, in structured or binary mode. Raises the same errors as ``parse``."""
    return parse(structured(headers, value))
