"""The generated files match the models, and are compatible with released ones."""

from typing import Any

import jsonschema
import pytest

from schemas.envelope import schema_uri
from schemas.generate import asyncapi, json_schemas
from tests.schemas import ROOT
from tools import schemas

SCHEMAS = json_schemas()


def test_the_files_are_up_to_date_and_compatible_with_the_released_ones() -> None:
    assert schemas.check(ROOT) == []


def test_every_released_type_is_frozen() -> None:
    frozen = {file.name for file in (ROOT / "schemas" / "frozen").iterdir()}
    assert {"SentenceImposed.1.json", "ContactMissed.1.json", "Withdrawn.1.json", "CloudEvent.json"} <= frozen


def _undescribed(schema: Any, path: str) -> list[str]:
    found = []
    if "properties" in schema and "description" not in schema:
        found.append(path)
    for name, field in schema.get("properties", {}).items():
        if not field.get("description", "").endswith("."):
            found.append(f"{path}.{name}")
    for name, inner in schema.get("$defs", {}).items():
        found += _undescribed(inner, f"{path}.{name}")
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_valid_and_describes_every_field(name: str) -> None:
    schema = SCHEMAS[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    type, _, rest = name.partition(".")
    version = int(rest.removesuffix(".json")) if rest != "json" else 1
    assert schema["$id"] == schema_uri(type, version)
    assert _undescribed(schema, type) == []


def test_every_text_and_number_is_bounded() -> None:
    def unbounded(schema: Any, path: str) -> list[str]:
        if isinstance(schema, list):
            return [p for i, item in enumerate(schema) for p in unbounded(item, f"{path}[{i}]")]
        if not isinstance(schema, dict):
            return []
        limits = {"string": {"enum", "const", "pattern", "maxLength"}, "integer": {"maximum", "enum"}}
        limits["number"] = limits["integer"]
        kind = schema.get("type")
        own = [path] if isinstance(kind, str) and kind in limits and not limits[kind] & schema.keys() else []
        return own + [p for key, value in schema.items() for p in unbounded(value, f"{path}.{key}")]

    assert [p for name, schema in SCHEMAS.items() for p in unbounded(schema, name)] == []


def test_the_document_says_what_each_service_reads() -> None:
    document = asyncapi({"contacts": ["court", "clock"]}, prefix="test.")
    received = {
        name for name, operation in document["operations"].items() if operation["action"] == "receive"
    }
    assert received == {"contactsReceivesCourt", "contactsReceivesClock"}
    assert document["channels"]["court"]["address"] == "test.court"
