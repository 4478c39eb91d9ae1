"""Any bytes give an event or a reason, and exactly what the JSON Schemas allow is accepted."""

import json
from collections.abc import Sequence
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent, Published, Reason, Refused, UnknownType, render
from schemas.generate import json_schemas
from schemas.parsing import parse
from tests.schemas import encode, golden
from tests.schemas.broken import broken_messages

SCHEMAS = {
    name.split(".")[0]: jsonschema.Draft202012Validator(schema) for name, schema in json_schemas().items()
}
SECRET = "Jane Doe of 4 Privet Drive"

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(
        ["", SECRET, "X123456", "2026-06-01", "2026-02-30", "\x00", "\ud800", "1", "true", "a/b"]
    )
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def attempt(raw: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> CloudEvent[Any] | None:
    """Read a message and check the guarantees about the result."""
    outcome: CloudEvent[Any] | Refused | UnknownType
    try:
        outcome, _ = language.read(raw, headers)
    except (Refused, UnknownType) as refused:
        outcome = refused
    if isinstance(outcome, CloudEvent):
        return outcome
    if isinstance(outcome, UnknownType):
        assert outcome.type not in CATALOGUE
    else:
        assert outcome.reason in get_args(Reason)
        assert 0 < len(outcome.message) < 3000
        assert "Privet" not in outcome.message
    return None


@given(st.binary(max_size=300))
@example(b"")
@example(b"\x00" * 100)
def test_random_bytes_are_an_event_or_refused(raw: bytes) -> None:
    assert attempt(raw) is None


@given(junk)
def test_random_json_is_an_event_or_refused(value: Any) -> None:
    attempt(json.dumps(value).encode())
    attempt(json.dumps({"type": "ContactMissed", "data": value}).encode())
    attempt(json.dumps({"type": value}).encode())


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, item in inner for p in _paths(item, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid event with one to three values replaced, removed or added."""
    event = golden(draw(st.sampled_from(sorted(CATALOGUE))))
    for _ in range(draw(st.integers(1, 3))):
        *to, last = draw(st.sampled_from(_paths(event)[1:]))
        parent = event
        for key in to:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                parent[last] = draw(junk)
            case "remove":
                del parent[last]
            case "add" if isinstance(parent, dict):
                parent[draw(st.text(min_size=1, max_size=8))] = draw(junk)
    return event


@given(mutated())
@settings(max_examples=400)
def test_mutated_events_are_accepted_or_refused(event: dict[str, Any]) -> None:
    taken = attempt(json.dumps(event).encode())
    if taken is not None:
        SCHEMAS[taken.type].validate(event["data"])
        SCHEMAS["CloudEvent"].validate(event)
        again = render(taken)
        assert b"\\u0000" not in again
        assert parse(again) == taken
        assert taken.recorded.utcoffset() is not None


@given(st.sampled_from(sorted(CATALOGUE)), st.data())
@settings(max_examples=300)
def test_mutated_bytes_are_accepted_or_refused(type: str, data: st.DataObject) -> None:
    raw = bytearray(encode(golden(type)))
    at = data.draw(st.integers(0, len(raw) - 1))
    length = data.draw(st.integers(0, 4))
    raw[at : at + length] = data.draw(st.binary(max_size=4))
    attempt(bytes(raw))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["content-type", "Content-Type", "ce_specversion", "ce_id", "ce_type", "ce_time", "ce_data"]
            ),
            st.sampled_from([b"application/cloudevents+json", b"application/json", b"1.0", b"ContactMissed"])
            | st.binary(max_size=30),
        ),
        max_size=6,
    ),
    st.binary(max_size=60) | st.just(encode(golden("ContactMissed")["data"])),
)
@settings(max_examples=300)
def test_random_headers_are_accepted_or_refused(headers: list[tuple[str, bytes]], value: bytes) -> None:
    attempt(value, headers)


@pytest.mark.parametrize(
    ("raw", "reason"), [p[1:] for p in broken_messages()], ids=[p[0] for p in broken_messages()]
)
def test_every_broken_message_has_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(raw)
    assert caught.value.reason == reason


@pytest.mark.parametrize("type", CATALOGUE)
def test_the_schema_accepts_the_example_and_refuses_missing_fields(type: str) -> None:
    data = golden(type)["data"]
    SCHEMAS[type].validate(data)
    schema: Any = SCHEMAS[type].schema
    for name in schema["required"]:
        assert not SCHEMAS[type].is_valid({key: value for key, value in data.items() if key != name})
    assert ("why" in schema["required"]) == issubclass(CATALOGUE[type].model, Published)
