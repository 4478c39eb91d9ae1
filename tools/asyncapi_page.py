"""The AsyncAPI document as one HTML page that needs nothing else: no network, no script.

It is not AsyncAPI's own React component, which was tried: with this many messages it took 22 seconds to show
anything where this page took 2, and axe had not finished with it after three minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

Json = Mapping[str, Any]

_SOURCES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_KINDS = {"record": "Record", "open_item": "Open item", "decision": "Decision"}


def page(document: Json) -> str:
    """The page. Pure: the same document gives the same page."""
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    told: set[str] = set()
    topics = []
    for name, channel in document["channels"].items():
        topic = _topic(document, name, channel)
        # What is on several topics is described once, at the first of them.
        topic["described"] = [_message(messages[one]) for one in topic["messages"] if one not in told]
        told |= set(topic["messages"])
        topics.append(topic)
    data = {_data(message) for message in messages.values()}
    parts = [_record(name, schema) for name, schema in schemas.items() if name not in data]
    described = {name: _record(name, schemas[name]) for name in data if name}
    return _SOURCES.get_template("asyncapi.html").render(
        info=document["info"], topics=topics, records=described, parts=sorted(parts, key=lambda p: p["name"])
    )


def _topic(document: Json, name: str, channel: Json) -> dict[str, Any]:
    uses: dict[str, list[str]] = {"send": [], "receive": []}
    for operation in document["operations"].values():
        if operation["channel"]["$ref"].removeprefix("#/channels/") == name:
            uses[operation["action"]].append(operation["tags"][0]["name"])
    return {
        "name": name,
        "address": channel["address"],
        "description": channel["description"],
        "messages": list(channel["messages"]),
        "readers": uses["receive"],
    }


def _message(message: Json) -> dict[str, Any]:
    return {
        "name": message["name"],
        "summary": message["summary"],
        "kind": _KINDS.get(message.get("x-kind", "")),
        "key": message.get("bindings", {}).get("kafka", {}).get("key", {}).get("description"),
        "data": _data(message),
    }


def _data(message: Json) -> str | None:
    """The name of the schema of a message's data; None if it has none."""
    for part in message["payload"].get("allOf", ()):
        if "data" in part.get("properties", {}):
            return str(part["properties"]["data"]["$ref"]).rpartition("/")[2]
    return None


def _record(name: str, schema: Json) -> dict[str, Any]:
    """An object with its fields. `needed`: always, if it happened (not if it is voided), or not."""
    always = set(schema.get("required", ()))
    happened = set(schema.get("else", {}).get("required", ()))
    fields = [
        {
            "name": field,
            "schema": told,
            "needed": "yes" if field in always else "unless voided" if field in happened else "no",
            "description": told.get("description", ""),
        }
        for field, told in schema.get("properties", {}).items()
    ]
    return {"name": name, "description": schema.get("description", ""), "fields": fields}
