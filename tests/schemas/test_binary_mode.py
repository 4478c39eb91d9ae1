"""Kafka messages in both modes of CloudEvents, written by hand and by the official Python SDK."""

from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as OfficialEvent

from schemas import language
from schemas.envelope import ATTRIBUTES, Refused
from schemas.parsing import parse, parse_binary
from tests.schemas import encode, golden

Headers = list[tuple[str, bytes]]


def binary(event: dict[str, Any], content_type: bytes = b"application/json") -> tuple[Headers, bytes]:
    headers = [(f"ce_{k}", str(v).encode()) for k, v in event.items() if k not in ("data", "datacontenttype")]
    return [*headers, ("content-type", content_type)], encode(event["data"])


@pytest.mark.parametrize("type", ["ContactOutcomeRecorded", "ContactMissed", "DayStarted", "Withdrawn"])
def test_both_modes_give_the_same_event(type: str) -> None:
    event = golden(type)
    headers, value = binary(event)
    read, body = language.read(value, headers)
    assert read == parse(encode(event)) == parse_binary(headers, value) == parse(body)


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json",
        b"application/cloudevents+json; charset=utf-8",
        b"Application/CloudEvents+JSON;charset=UTF-8",
        b"application/json",
    ],
)
def test_the_content_type_alone_makes_a_message_structured(content_type: bytes) -> None:
    raw = encode(golden("ContactMissed"))
    assert language.read(raw, [("content-type", content_type)]) == (parse(raw), raw)
    if content_type != b"application/json":
        copies = [("ce_id", b"another"), ("ce_specversion", b"1.0"), ("ce_type", b"DayStarted")]
        assert language.read(raw, [*copies, ("Content-Type", content_type)]) == (parse(raw), raw)


def test_without_headers_the_value_is_the_event() -> None:
    raw = encode(golden("ContactMissed"))
    assert language.read(raw, ()) == (parse(raw), raw)
    assert language.read(raw, [("id", b"\xff"), ("type", b"x"), ("content-length", b"9")])[1] == raw


def test_binary_mode_needs_no_content_type() -> None:
    headers, value = binary(golden("ContactMissed"))
    assert parse_binary(headers[:-1], value).type == "ContactMissed"


def _with(headers: Headers, name: str, value: bytes) -> Headers:
    return [*[(n, v) for n, v in headers if n != name], (name, value)]


def test_invalid_binary_messages_are_refused() -> None:
    headers, value = binary(golden("ContactMissed"))
    broken: list[tuple[Headers, bytes | None, str]] = [
        (headers, None, "not_cloudevent"),
        ([], None, "not_cloudevent"),
        (headers, b"", "unreadable"),
        (headers, value[:-1], "unreadable"),
        (headers, b"\xff", "unreadable"),
        (headers, b"[" * 100_000, "unreadable"),
        (headers, value + b',"subject":"X999999"', "unreadable"),
        (headers, b'{}},"data":{"a":{}', "unreadable"),
        (headers, b"[1, NaN]", "unreadable"),
        (headers, b" " * 2_000_000, "unreadable"),
        (headers, b"null", "wrong_data"),
        (_with(headers, "ce_subject", b"\xff"), value, "not_cloudevent"),
        (_with(headers, "ce_subject", b"X\x00"), value, "unreadable"),
        (_with(headers, "ce_subject", b"nobody"), value, "wrong_subject"),
        (_with(headers, "ce_specversion", b"2.0"), value, "not_cloudevent"),
        ([*headers, ("ce_id", b"again")], value, "not_cloudevent"),
        (_with(headers, "content-type", b"application/avro"), value, "not_cloudevent"),
        (_with(headers, "content-type", b"application/cloudevents+avro"), value, "not_cloudevent"),
        (_with(headers, "content-type", b"application/cloudevents-batch+json"), value, "not_cloudevent"),
        (
            _with(headers, "ce_dataschema", b"https://schemas.probation.example/ContactMissed/9"),
            value,
            "unknown_version",
        ),
    ]
    for bad_headers, bad_value, reason in broken:
        with pytest.raises(Refused) as caught:
            language.read(bad_value, bad_headers)
        assert caught.value.reason == reason, (bad_headers, bad_value, caught.value.message)


def test_headers_cannot_add_data_or_unknown_attributes() -> None:
    headers, value = binary(golden("ContactMissed"))
    read, _ = language.read(value, [*headers, ("ce_data", b"{}"), ("ce_weather", b"rain"), ("ce_", b"")])
    assert read == parse(encode(golden("ContactMissed")))


def _official(event: dict[str, Any]) -> OfficialEvent:
    attributes = {name: event[name] for name in ATTRIBUTES if name in event}
    attributes["time"] = datetime.fromisoformat(event["time"])
    return OfficialEvent(attributes, event["data"])


@pytest.mark.parametrize("write", [kafka.to_binary, kafka.to_structured])
def test_messages_from_the_official_sdk_are_read(write: Any) -> None:
    event = golden("ContactOutcomeRecorded")
    message = write(_official(event), JSONFormat())
    read, _ = language.read(message.value, list(message.headers.items()))
    assert read == parse(encode(event))
