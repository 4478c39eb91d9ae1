"""What parse refuses, with which reason and message."""

import builtins
import json
from typing import Any

import pytest

from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused, UnknownType
from schemas.parsing import MAX_BYTES, parse
from tests.schemas import encode, golden
from tests.schemas.broken import BROKEN_CONTACTS, BROKEN_OTHERS, Change, broken, not_voided_without


def contact() -> dict[str, Any]:
    return golden("ContactOutcomeRecorded")


def refusal(raw: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(raw)
    return caught.value


NOT_JSON_IN_A_TEXT = {
    "NaN": "NaN",
    "Infinity": 'say "Infinity"',
    "the escape of U+0000": "\\u0000",
    "twice": "\\\\u0000",
    "an umlaut": "Jörg 🌧",
    "a quote after NaN": '\\"NaN',
}


@pytest.mark.parametrize("text", NOT_JSON_IN_A_TEXT.values(), ids=NOT_JSON_IN_A_TEXT)
def test_a_text_may_contain_what_is_not_json(text: str) -> None:
    event = golden("EnforcementActionTaken")
    event["data"]["rationale"] = text
    assert parse(encode(event)).data.rationale == text
    assert parse(json.dumps(event).encode()).data.rationale == text


@pytest.mark.parametrize("raw", [b"null", b"[]", b"{}", b"5", b'"text"', b"true", b'{"type":"Contact"}'])
def test_json_that_is_not_a_cloudevent_is_refused(raw: bytes) -> None:
    assert refusal(raw).reason == "not_cloudevent"


@pytest.mark.parametrize(("reason", "change", "message"), BROKEN_CONTACTS.values(), ids=BROKEN_CONTACTS)
def test_broken_messages_are_refused(reason: str, change: Change, message: str) -> None:
    refused = refusal(broken("ContactOutcomeRecorded", change))
    assert refused.reason == reason
    assert refused.message.startswith(message)


@pytest.mark.parametrize(("type", "reason", "change", "message"), BROKEN_OTHERS.values(), ids=BROKEN_OTHERS)
def test_messages_that_break_a_rule_of_their_type_are_refused(
    type: str, reason: str, change: Change, message: str
) -> None:
    refused = refusal(broken(type, change))
    assert refused.reason == reason
    assert refused.message.startswith(message)


def test_an_unknown_type_is_not_an_error_but_must_be_a_cloudevent() -> None:
    event = contact() | {"type": "uk.gov.weather.RainFell", "data": {"mm": 4}, "dataschema": "x"}
    with pytest.raises(UnknownType) as caught:
        parse(encode(event))
    assert caught.value.type == "uk.gov.weather.RainFell"
    del event["id"]
    assert refusal(encode(event)).message.startswith("id: ")


def test_the_message_never_contains_the_value() -> None:
    secret = "Jane Doe of Derby"
    for name in ("subject", "dataschema", "time", "specversion", "datacontenttype", "data"):
        assert "Jane" not in str(refusal(encode(contact() | {name: secret})))
    for name in contact()["data"]:
        event = contact()
        event["data"][name] = secret
        assert "Jane" not in str(refusal(encode(event)))
    excluded = golden("EligibilityAssessed")
    excluded["data"]["excluded"] = {secret: "too_late", "bbr": secret}
    assert "Jane" not in str(refusal(encode(excluded)))


def test_at_most_five_errors_are_listed() -> None:
    event = contact() | {"data": {}}
    assert refusal(encode(event)).message.endswith("; and 1 more")


def test_the_last_of_two_equal_keys_counts() -> None:
    twice = encode(contact())[:-1] + b',"subject":"X999999","partitionkey":"X999999"}'
    assert parse(twice).subject == "X999999"
    retyped = b'{"type":"RainFell",' + encode(contact())[1:]
    assert parse(retyped).type == "ContactOutcomeRecorded"


def test_the_largest_allowed_message_is_accepted() -> None:
    raw = encode(contact())
    parse(raw + b" " * (MAX_BYTES - len(raw)))
    assert "1048577 bytes, more than 1048576" in refusal(raw + b" " * (MAX_BYTES - len(raw) + 1)).message


def test_recorded_is_recordedtime_or_else_time() -> None:
    event = contact()
    assert parse(encode(event)).recorded.isoformat() == "2026-06-09T09:00:00.250000+01:00"
    del event["recordedtime"]
    assert parse(encode(event)).recorded.isoformat() == "2026-06-09T08:15:00+00:00"


def test_a_minimal_event_is_accepted() -> None:
    event = {
        name: contact()[name] for name in ("specversion", "id", "source", "type", "subject", "time", "data")
    }
    assert parse(encode(event)).data == parse(encode(contact())).data


def test_clock_needs_no_subject() -> None:
    assert parse(encode(golden("DayStarted"))).subject is None
    assert parse(encode(golden("DayStarted") | {"subject": "day"})).subject == "day"


@pytest.mark.parametrize("type", CATALOGUE)
def test_every_required_field_is_reported_if_missing(type: str) -> None:
    for name, field in CATALOGUE[type].model.model_fields.items():
        if field.is_required():
            refused = refusal(broken(type, not_voided_without(field.alias or name)))
            assert refused.reason == "wrong_data"
            assert refused.message == f"data.{field.alias or name}: Field required"


@pytest.mark.parametrize("type", CATALOGUE)
def test_no_field_accepts_a_value_of_another_kind(type: str) -> None:
    kinds: list[Any] = [["x"], {"x": 1}, 1.5, "x", True]
    for name, value in golden(type)["data"].items():
        for junk in kinds[:2] if value is None else kinds:
            if builtins.type(junk) is not builtins.type(value):
                event = golden(type)
                event["data"][name] = junk
                assert refusal(encode(event)).reason in ("wrong_data", "wrong_subject"), (name, junk)
