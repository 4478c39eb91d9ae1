"""Turns bytes into a typed event or a reason for refusing them, whatever the bytes."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, create_model
from pydantic_core import ErrorDetails, from_json, to_json

from schemas.catalogue import CATALOGUE, Entry
from schemas.envelope import ATTRIBUTES, CloudEvent, Published, Refused, UnknownType
from schemas.scalars import PATTERN_MEANINGS, Crn, Id
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


_MODELS = tuple(_event_model(entry) for entry in CATALOGUE.values())
_UNION: Any = Annotated[Union[_MODELS], Field(discriminator="type")]  # noqa: UP007 - a tuple of its members
_EVENT: TypeAdapter[CloudEvent[Any]] = TypeAdapter(_UNION)
_ANY_EVENT = TypeAdapter(create_model("AnyEvent", __base__=CloudEvent, data=(Any, None)))

# pydantic's JSON reader accepts NaN and Infinity, which are not JSON, and U+0000, which PostgreSQL cannot
# store as text. Searching for the bytes is cheap; the slower check, which skips strings, is rarely needed.
_STRING_OR_NOT_FINITE = re.compile(rb'"(?:[^"\\]|\\.)*+"|(NaN|Infinity)', re.DOTALL)
_VERSION = re.compile(r"/[0-9]+(\.[0-9]+)*$")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,49}")
_STRUCTURED_HEADER = ("content-type", b"application/cloudevents+json")
_STRUCTURED = re.compile(r"application/cloudevents\+json\s*(;.*)?", re.IGNORECASE | re.DOTALL)
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
    _check_bytes(raw)
    try:
        event = _EVENT.validate_json(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        raise _reason(raw, error.errors(include_url=False)) from None
    _check_subject(event)
    return event


def _check_subject(event: CloudEvent[Any]) -> None:
    if event.partitionkey is not None and event.partitionkey != event.subject:
        raise Refused("wrong_subject", "partitionkey is not the subject")
    field = CATALOGUE[event.type].subject_field
    if field is not None and getattr(event.data, field) != event.subject:
        raise Refused("wrong_subject", f"subject is not data.{field}")


def _reason(raw: bytes, errors: list[ErrorDetails]) -> Refused | UnknownType:
    """The reason for a message that pydantic refused. The errors contain input, which must not leak."""
    kind = errors[0]["type"]
    if kind == "json_invalid":
        return Refused("unreadable", errors[0]["msg"])
    if kind == "union_tag_invalid":
        return _unknown_type(raw)
    if kind == "union_tag_not_found":
        return Refused("not_cloudevent", "type: Field required")
    if not errors[0]["loc"]:
        return Refused("not_cloudevent", "a CloudEvent is a JSON object")
    type, *_ = errors[0]["loc"]
    fields = {error["loc"][1] for error in errors}
    message = _message(errors)
    if "dataschema" in fields:
        entry = CATALOGUE[str(type)]
        given = next(error["input"] for error in errors if error["loc"][1] == "dataschema")
        if isinstance(given, str) and _VERSION.search(given):
            message = f"dataschema is not a known version of {type}; the known version is {entry.dataschema}"
            return Refused("unknown_version", message)
        return Refused("not_cloudevent", message)
    if fields <= {"data"}:
        return Refused("wrong_data", message)
    if fields <= {"data", "subject", "partitionkey"}:
        return Refused("wrong_subject", message)
    return Refused("not_cloudevent", message)


def _unknown_type(raw: bytes) -> Refused | UnknownType:
    try:
        event = _ANY_EVENT.validate_json(raw)
    except ValidationError as error:
        return Refused("not_cloudevent", _message(error.errors(include_url=False, include_input=False), 0))
    return UnknownType(event.type)


def _message(errors: list[ErrorDetails], skip: int = 1) -> str:
    """``field.path: what is wrong; ...``: up to five errors. A key that the sender chose is not repeated."""
    shown = []
    for error in errors[:5]:
        path = ".".join(
            str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "?"
            for part in error["loc"][skip:]
        )
        pattern = error.get("ctx", {}).get("pattern", "")
        what = PATTERN_MEANINGS.get(pattern) or error["msg"].removeprefix("Value error, ")
        shown.append(f"{path}: {what}")
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    return "; ".join(shown)


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
            raise Refused(
                "not_cloudevent",
                "content-type: the only CloudEvents format accepted is application/cloudevents+json",
            )
        return value
    if "specversion" not in attributes:
        return value
    _check_bytes(value)
    try:
        from_json(value)  # checked on its own, so that it cannot close the object and add attributes
    except ValueError as error:
        raise Refused("unreadable", f"data: {error}") from None
    return to_json(attributes)[:-1] + b',"data":' + value + b"}"


def _attributes(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, content in headers:
        if name.lower() == "content-type":
            key = "datacontenttype"
        elif name.startswith("ce_") and name != "ce_datacontenttype":
            key = name[3:]
        else:
            continue
        if key not in ATTRIBUTES:
            continue
        if key in attributes:
            raise Refused("not_cloudevent", f"header {name} appears twice")
        try:
            attributes[key] = content.decode()
        except (UnicodeDecodeError, AttributeError):
            raise Refused("not_cloudevent", f"header {name} is not UTF-8 text") from None
    return attributes


def parse_binary(headers: Sequence[tuple[str, bytes]], value: bytes | None) -> CloudEvent[Any]:
    """The event in a Kafka message, in structured or binary mode. Raises the same errors as ``parse``."""
    return parse(structured(headers, value))
