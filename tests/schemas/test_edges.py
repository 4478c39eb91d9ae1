"""The JSON Schema of a type and the service agree on every value, at the limits of each field and beyond."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.catalogue import CATALOGUE
from schemas.envelope import Refused
from schemas.generate import json_schemas
from schemas.parsing import parse
from tests.schemas import golden
from tests.schemas.edges import at_the_edges, beyond

SCHEMAS = {name.split(".")[0]: schema for name, schema in json_schemas().items()}
FORMATS = jsonschema.FormatChecker(["date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value.upper()))


def service_accepts(type: str, data: Any) -> bool | None:
    """Does the service accept this data? None if fields do not agree, which a JSON Schema cannot say."""
    try:
        parse(json.dumps(golden(type) | {"data": data}).encode())
    except Refused as refused:
        if refused.reason == "wrong_subject":
            return None
        try:
            TypeAdapter(CATALOGUE[type].model).validate_json(json.dumps(data), by_alias=True, by_name=False)
        except ValidationError as error:
            if all(one["type"] == "value_error" for one in error.errors()):
                return None
        return False
    return True


def fields(schema: Any, data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each field in the data, at any depth."""
    if path:
        yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in inner:
        yield from fields(schema, value, (*path, name))


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The data with another value at one place."""
    copy = json.loads(json.dumps(data))
    holder = copy
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return copy


@pytest.mark.parametrize("type", CATALOGUE)
def test_the_schema_and_the_service_agree_on_every_value(type: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS[type], format_checker=FORMATS)
    data = golden(type)["data"]
    for path in fields(SCHEMAS[type], data):
        original: Any = data
        for part in path:
            original = original[part]
        for value in beyond(original):
            other = changed(data, path, value)
            accepted = service_accepts(type, other)
            if accepted is not None:
                assert validator.is_valid(other) == accepted, (path, value)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_the_service_accepts_the_limits_of_every_field(data: st.DataObject) -> None:
    type = data.draw(st.sampled_from(sorted(CATALOGUE)))
    schema = SCHEMAS[type]
    name = data.draw(st.sampled_from(sorted(schema["properties"])))
    edge = data.draw(at_the_edges(schema["properties"][name], schema))
    other = changed(golden(type)["data"], (name,), edge)
    assert jsonschema.Draft202012Validator(schema).is_valid(other)
    assert service_accepts(type, other) is not False
