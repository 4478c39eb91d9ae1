"""Values at the limits of what a JSON Schema allows, and just beyond them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

_LONGEST = re.compile(r"\{(\d+),(\d+)\}\$$")
_DATES = ("1900-01-01", "2199-12-31", "2000-02-29", "2026-06-01", "2026-05-31")
_INSTANTS = ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z", "2026-06-09T08:15:00+01:00")


def at_the_edges(schema: Json, root: Json | None = None) -> st.SearchStrategy[Any]:
    """Values that the schema allows, most of them at its limits."""
    root = root or schema
    if "$ref" in schema:
        return at_the_edges(
            {**_target(schema, root), **{k: v for k, v in schema.items() if k != "$ref"}}, root
        )
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([at_the_edges(choice, root) for choice in schema["anyOf"]])
    match schema.get("type"):
        case "object":
            return _object(schema, root)
        case "array":
            most = min(schema.get("maxItems", 3), 3)
            return st.lists(
                at_the_edges(schema["items"], root), min_size=schema.get("minItems", 0), max_size=most
            )
        case "integer":
            return st.sampled_from([*_limits(schema), min(1, schema["maximum"])])
        case "number":
            return st.sampled_from([*_limits(schema), (schema["minimum"] + schema["maximum"]) / 2])
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return st.sampled_from(_texts(schema))


def beyond(value: Any) -> list[Any]:
    """Other ways of writing a value, and values that are not quite right: allowed or not."""
    match value:
        case bool():
            return [int(value), str(value).lower(), None]
        case int() | float():
            return [float(value), value + 1, value - 1, value + 0.5, str(value), -value, True, None]
        case str():
            return ["", f"{value} ", f" {value}", value * 40, value.upper(), value.lower(), 7, None, [value]]
        case None:
            return ["", 0, False, [], {}]
        case list():
            return [value * 60, {}, None, [None]]
    return [{}, [], None]


def _object(schema: Json, root: Json) -> st.SearchStrategy[Any]:
    if "additionalProperties" in schema and "properties" not in schema:
        return st.just({})
    needed = {*schema.get("required", ()), *schema.get("else", {}).get("required", ())}
    fields = {name: at_the_edges(each, root) for name, each in schema.get("properties", {}).items()}
    fields["voided"] = st.just(False) if "voided" in fields else st.nothing()
    return st.fixed_dictionaries(
        {name: each for name, each in fields.items() if name in needed},
        optional={n: each for n, each in fields.items() if n not in needed and not each.is_empty},
    )


def _limits(schema: Json) -> list[Any]:
    return [schema["minimum"], schema["maximum"]]


def _texts(schema: Json) -> tuple[str, ...]:
    if schema.get("format") == "date":
        return _DATES
    if schema.get("format") == "date-time":
        return _INSTANTS
    most = schema.get("maxLength") or int(_LONGEST.search(schema["pattern"])[2])  # type: ignore[index]
    if schema.get("pattern", "").startswith("^[A-Z][A-Z0-9-]"):
        return ("X1", "X" * 32)
    if "A-Za-z0-9" in schema.get("pattern", ""):
        return ("A", "1", "A" * (most + 1), "z._:@+-")
    if r"\s" in schema.get("pattern", ""):
        return ("/feeds/court", "x" * most)
    return ("x", "Ynys Môn", "é" * most)


def _target(schema: Json, root: Json) -> Json:
    found: Any = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
