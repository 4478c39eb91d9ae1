"""What a sender is told about a mistake: what came, what was probably meant, and what to do."""

import json
from typing import Any

import pytest

from schemas import language
from schemas.envelope import Refused
from schemas.parsing import examine
from schemas.unknown import Unknown
from tests.schemas import encode, golden


def refusal(value: Any, headers: list[tuple[str, bytes]] | None = None) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(Refused) as caught:
        language.examine(raw, headers or [])
    return str(caught.value)


def changed(type: str = "SentenceImposed", /, **data: Any) -> dict[str, Any]:
    event = golden(type)
    return event | {"data": event["data"] | data}


# -- names -------------------------------------------------------------------------------------------


def test_a_misspelt_field_is_named_with_what_was_meant() -> None:
    event = golden("SentenceImposed")
    event["data"]["requirement"] = event["data"].pop("requirements")
    assert examine(encode(event))[1] == (Unknown("data.requirement", "data.requirements"),)


def test_a_misspelt_field_is_found_at_any_depth() -> None:
    event = golden("SentenceImposed")
    event["data"]["person"]["bornOn"] = "1990-01-01"
    event["data"]["requirements"][0]["programm"] = None
    assert set(examine(encode(event))[1]) == {
        Unknown("data.person.bornOn", "data.person.born_on"),
        Unknown("data.requirements.0.programm", "data.requirements.0.programme"),
    }


@pytest.mark.parametrize(
    ("given", "meant"),
    [("recordedTime", "recordedtime"), ("subjekt", "subject"), ("partition_key", "partitionkey")],
)
def test_a_misspelt_attribute_is_named_with_what_was_meant(given: str, meant: str) -> None:
    assert examine(encode(golden("PersonDied") | {given: "X123456"}))[1] == (Unknown(given, meant),)


def test_a_misspelt_header_in_binary_mode_is_named_too() -> None:
    event = golden("PersonDied")
    headers = [
        (f"ce_{name}", str(event[name]).encode())
        for name in ("specversion", "id", "source", "type", "time", "subject")
    ]
    _, _, unknown = language.examine(
        encode(event["data"]), [*headers, ("ce_recordedTime", b"2026-06-09T09:00:00Z")]
    )
    assert unknown == (Unknown("recordedTime", "recordedtime"),)


def test_a_documented_extension_is_no_mistake() -> None:
    assert examine(encode(golden("PersonDied") | {"tracestate": "a=b"}))[1] == ()


def test_a_name_that_says_something_of_a_person_is_not_repeated() -> None:
    assert examine(encode(changed("PersonDied", **{"Jane Doe of Derby": 1})))[1] == (Unknown("data.?", None),)


def test_a_missing_field_that_was_misspelt_is_told_with_its_name() -> None:
    event = golden("SentenceRevoked")
    event["data"]["revokedOn"] = event["data"].pop("revoked_on")
    assert refusal(event) == (
        "wrong_data: data.revoked_on: Field required (data.revoked_on was probably meant by data.revokedOn)"
    )
    event = golden("SentenceImposed")
    event["data"]["endsOn"] = event["data"].pop("ends_on")
    assert refusal(event).endswith("(data.ends_on was probably meant by data.endsOn)")
    event = golden("PersonDied")
    event["subjekt"] = event.pop("subject")
    assert refusal(event).endswith("subject: Field required (subject was probably meant by subjekt)")


def test_the_type_that_was_probably_meant() -> None:
    assert language.nearest_type("SentenceImpose") == "SentenceImposed"
    assert language.nearest_type("sentence_imposed") == "SentenceImposed"
    assert language.nearest_type("WeatherForecast") is None


# -- values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2026-06-09T08:15:60Z", "There is no second 60 here: write a leap second as second 59"),
        ("2026-06-09T24:00:00Z", "There is no hour 24: write midnight as 00:00:00 of the next day"),
        ("2026-13-09T08:15:60Z", "There is no such date or time: month value is outside expected range"),
        ("2026-06-09T08:15:00", "Input should be a date and time like 2026-12-24T09:30:00Z"),
    ],
)
def test_an_impossible_instant_is_told_in_words(time: str, told: str) -> None:
    assert f"time: {told}" in refusal(golden("PersonDied") | {"time": time})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"custodial_days": "480"}, "Input should be a whole number, without quotation marks"),
        ({"partner_violence": "true"}, "Input should be true or false, without quotation marks"),
        ({"sentence_id": 17}, "Input should be a text, in quotation marks"),
        ({"sentence_id": "a/b"}, "Input should have 1 to 100 letters from A to Z, digits and . _ : @ + -"),
        ({"pdu": ""}, "Input should be one line of 1 to 200 characters"),
        ({"imposed_on": "2026-02-30"}, "There is no such date: day value is outside expected range"),
    ],
)
def test_a_wrong_value_is_told_in_words(data: dict[str, Any], told: str) -> None:
    assert f"data.{next(iter(data))}: {told}" in refusal(changed(**data))


def test_a_case_reference_is_told_in_words_and_not_as_a_pattern() -> None:
    told = refusal(golden("PersonDied") | {"subject": "x123456"})
    assert "a case reference number like X123456" in told
    assert "[" not in told


@pytest.mark.parametrize("written", [b"480.0", b"4.8e2", b"480"])
def test_a_whole_number_may_be_written_with_a_point_as_in_json_schema(written: bytes) -> None:
    raw = encode(changed("SessionRecorded", minutes=777)).replace(b"777", written)
    assert examine(raw)[0].data.minutes == 480
    assert examine(raw)[1] == ()


# -- messages of other systems -----------------------------------------------------------------------

FOREIGN: dict[str, tuple[Any, str]] = {
    "an SNS notification": (
        {"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": "{}"},
        "it is an SNS notification",
    ),
    "an SNS notification in SQS": ({"Message": "{}", "MessageAttributes": {}}, "it is an SNS notification"),
    "an SQS message": ({"messageId": "1", "receiptHandle": "h", "body": "{}"}, "it is an SQS message"),
    "an SQS batch": ({"Records": [{"body": "{}"}]}, "it is a batch of records"),
    "an EventBridge event": ({"id": "1", "detail-type": "x", "detail": {}}, "it is an EventBridge event"),
    "a domain event": (
        {"eventType": "prison.released", "version": 1, "occurredAt": "2026-01-01T00:00:00Z"},
        "it is an HMPPS domain event",
    ),
    "a hearing": ({"hearing": {"id": "1"}, "sharedTime": "2026-01-01"}, "it is a hearing"),
    "Kafka Connect with a schema": ({"schema": {}, "payload": {}}, "it is a Kafka Connect record"),
    "a Debezium change": ({"before": None, "after": {}, "op": "c"}, "it is a Debezium change record"),
    "a schema registry": (
        b"\x00\x00\x00\x00\x2a" + encode(golden("PersonDied")),
        "a schema registry's prefix",
    ),
    "a byte order mark": (b"\xef\xbb\xbf" + encode(golden("PersonDied")), "a byte order mark"),
    "UTF-16": (json.dumps(golden("PersonDied")).encode("utf-16"), "it is UTF-16"),
    "gzip": (b"\x1f\x8b\x08\x00rest", "it is compressed with gzip"),
    "XML": (b"<event/>", "it is XML"),
    "a list": ([golden("PersonDied")], "batch mode"),
    "encoded twice": (json.dumps(golden("PersonDied")), "it was encoded twice"),
    "the data alone": (golden("PersonDied")["data"], "it has no attribute of a CloudEvent"),
    "attributes in capitals": ({"Type": "PersonDied", "Id": "1", "source": "/x"}, "small letters only"),
}


@pytest.mark.parametrize(("value", "told"), FOREIGN.values(), ids=FOREIGN)
def test_a_message_of_another_system_is_recognised(value: Any, told: str) -> None:
    assert told in refusal(value)


def test_batch_mode_is_recognised_by_its_content_type() -> None:
    headers = [("content-type", b"application/cloudevents-batch+json; charset=utf-8")]
    assert "batch mode: send each event as a message of its own" in refusal([golden("PersonDied")], headers)


def test_data_in_base64_is_recognised() -> None:
    event = golden("PersonDied")
    del event["data"]
    assert "it is in data_base64, which is for bytes" in refusal(event | {"data_base64": "e30="})
