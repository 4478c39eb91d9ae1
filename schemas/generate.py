"""Generates JSON Schemas and one AsyncAPI document of the whole system from the models.

Pure: returns dictionaries; ``tools.schemas`` writes and checks the files.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from schemas.catalogue import CATALOGUE, Entry, entries
from schemas.envelope import SCHEMA_BASE, CloudEvent, Data, Published, schema_uri
from schemas.topics import (
    SERVICES,
    SOURCES,
    TOPICS,
    dead_letter_topic,
    partitions,
    standing_topic,
    topic_name,
    warning_topic,
)
from schemas.voiding import may_be_voided, needed
from schemas.warning import MessageWarned

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Leaves out the title of each field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def json_schemas() -> dict[str, Json]:
    """File name -> JSON Schema: the data of each type in ``<Type>.<version>.json``, and ``CloudEvent.json``.

    ``x-correction-key``: the fields that two versions of the same fact share, beside the subject.
    ``x-own-id``: the field whose id counts together with the source.
    """
    schemas = {"CloudEvent.json": {"$schema": DIALECT, "$id": f"{SCHEMA_BASE}/CloudEvent/1", **_envelope()}}
    for entry in CATALOGUE.values():
        schemas[f"{entry.type}.{entry.version}.json"] = {
            "$schema": DIALECT,
            "$id": entry.dataschema,
            "x-topics": list(entry.topics),
            "x-subject": entry.subject,
            **({} if _published(entry) else {"x-correction-key": list(entry.key)}),
            **({"x-own-id": entry.own_id} if entry.own_id else {}),
            **_voidable(entry, entry.model.model_json_schema(schema_generator=_Generator)),
        }
    schemas[f"{MessageWarned.__name__}.{MessageWarned.type_version}.json"] = {
        "$schema": DIALECT,
        "$id": schema_uri(MessageWarned.__name__, MessageWarned.type_version),
        "x-topics": [warning_topic(service, "") for service in SERVICES],
        "x-subject": "any",
        **MessageWarned.model_json_schema(schema_generator=_Generator),
    }
    return schemas


def _voidable(entry: Entry, schema: Json) -> Json:
    """The schema, in which an event that never happened needs only the fields that say which one it is."""
    if not may_be_voided(entry):
        return schema
    required = schema.get("required", [])
    always = [name for name in required if name in needed(entry)]
    others = [name for name in required if name not in always]
    rest = {name: value for name, value in schema.items() if name != "required"}
    return {
        **rest,
        "required": always,
        **({"if": _IS_VOIDED, "else": {"required": others}} if others else {}),
    }


_IS_VOIDED: Json = {"required": ["voided"], "properties": {"voided": {"const": True}}}


def _published(entry: Entry) -> bool:
    return issubclass(entry.model, Published)


def _envelope() -> Json:
    schema = CloudEvent[Data].model_json_schema(schema_generator=_Generator)
    schema |= {"title": "CloudEvent", "description": CloudEvent.__doc__}
    schema["properties"]["data"] = {
        "type": "object",
        "description": CloudEvent.model_fields["data"].description,
    }
    del schema["$defs"]
    return schema


def asyncapi(reads: Mapping[str, Sequence[str]], prefix: str = "probation.") -> Json:
    """The AsyncAPI 3.0.0 document: servers, one channel for each topic, and who sends and receives what."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Probation events",
            "version": "1.0.0",
            "description": "Facts come in from the feeds; the services publish the findings that follow "
            "from them. Every message is a CloudEvent 1.0 in structured JSON. What the services publish "
            "stands until a Withdrawn event names it.",
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "Apache Kafka, or a broker that speaks its protocol.",
                "variables": {
                    "bootstrap": {"default": "localhost:9092", "description": "A broker's address."}
                },
            }
        },
        "channels": {
            **{topic: _channel(topic, prefix) for topic in TOPICS},
            **{f"{service}Standing": _standing(service, prefix) for service in SERVICES},
            **{f"{service}DeadLetter": _dead_letters(service, prefix) for service in SERVICES},
            **{f"{service}Warning": _warnings(service, prefix) for service in SERVICES},
        },
        "operations": _operations(reads),
        "components": {
            "messages": {
                **{entry.type: _message(entry) for entry in CATALOGUE.values()},
                "DeadLetter": _DEAD_LETTER,
                "MessageWarned": _warning_message(),
            },
            "schemas": _components(),
        },
    }


def _channel(topic: str, prefix: str) -> Json:
    return {
        "address": topic_name(topic, prefix),
        "description": f"Published by {SOURCES[topic]} only.",
        "messages": {e.type: {"$ref": f"#/components/messages/{e.type}"} for e in entries(topic)},
        "bindings": {"kafka": {"partitions": partitions(topic), "bindingVersion": "0.5.0"}},
    }


def _standing(service: str, prefix: str) -> Json:
    """What stands of a service: the events of its own topic, by their ids instead of their subjects."""
    return {
        "address": standing_topic(service, prefix),
        "description": f"The events of {service} that stand, compacted. The key is the event's id. A record "
        "without a value says that the event was withdrawn.",
        "messages": {
            e.type: {"$ref": f"#/components/messages/{e.type}"}
            for e in entries(service)
            if e.type != "Withdrawn"
        },
        "bindings": {
            "kafka": {
                "partitions": partitions(service),
                "topicConfiguration": {"cleanup.policy": ["compact"]},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _dead_letters(service: str, prefix: str) -> Json:
    return {
        "address": dead_letter_topic(service, prefix),
        "description": f"Messages that {service} refused.",
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
    }


def _warnings(service: str, prefix: str) -> Json:
    return {
        "address": warning_topic(service, prefix),
        "description": f"Messages that {service} took although something in them is doubtful.",
        "messages": {"MessageWarned": {"$ref": "#/components/messages/MessageWarned"}},
    }


def _warning_message() -> Json:
    entry = Entry(MessageWarned.__name__, MessageWarned, (), "any", MessageWarned.type_version, (), None)
    message = _message(entry)
    key = {"type": "string", "description": "The subject of the message that it is about."}
    return {**message, "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}}}


_DEAD_LETTER: Json = {
    "name": "DeadLetter",
    "title": "A message that was refused",
    "summary": "The original bytes and headers. Extra headers say where it came from and why it was refused.",
    "contentType": "application/octet-stream",
    "payload": {"type": "string", "format": "binary"},
}


def _operations(reads: Mapping[str, Sequence[str]]) -> Json:
    operations: Json = {}
    for topic, source in SOURCES.items():
        owner = (
            topic if topic in SERVICES else source.rsplit("/", 1)[1] + ("Feed" if "feeds" in source else "")
        )
        operations[f"{owner}Sends"] = _operation("send", topic, f"{source} publishes.", owner)
    for service, topics in reads.items():
        for topic in topics:
            name = f"{service}Receives{topic.capitalize()}"
            operations[name] = _operation("receive", topic, f"{service} reads {topic}.", service)
    for service in SERVICES:
        operations[f"{service}SendsStanding"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}Standing"},
            "summary": f"{service} keeps the events that stand.",
            "tags": [{"name": service}],
        }
        operations[f"{service}SendsDeadLetters"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}DeadLetter"},
            "summary": f"{service} publishes the messages that it refused.",
            "tags": [{"name": service}],
        }
        operations[f"{service}SendsWarnings"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}Warning"},
            "summary": f"{service} warns of messages that it took although something in them is doubtful.",
            "tags": [{"name": service}],
        }
    return operations


def _operation(action: str, topic: str, summary: str, owner: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": summary,
        "tags": [{"name": owner}],
        "messages": [{"$ref": f"#/channels/{topic}/messages/{entry.type}"} for entry in entries(topic)],
    }


_KEYS = {
    "person": "The person's case reference number.",
    "practitioner": "The practitioner's id.",
    "provider": "The provider's id.",
    "region": "The region.",
    "none": "The day.",
    "any": "The key of the withdrawn event.",
}


_HEADERS = ("id", "type", "source", "traceparent")
_OF_SERVICES = {
    "key": "What identifies the finding or decision among those of its type and subject.",
    "decision": "taken, on a decision that is published for the first time.",
}


def _message(entry: Entry) -> Json:
    headers: Json = {name: {"type": "string"} for name in _HEADERS}
    if issubclass(entry.model, Published):
        headers |= {name: {"type": "string", "description": says} for name, says in _OF_SERVICES.items()}
    return {
        "name": entry.type,
        "title": entry.type,
        "summary": (entry.model.__doc__ or "").split("\n")[0],
        **_kind(entry),
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "description": "Copies, to filter without parsing. Not named ce_*, which would mean binary mode.",
            "properties": headers,
        },
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {
                    "type": "object",
                    "required": ["type", "data", *(["subject"] if entry.subject != "none" else [])],
                    "properties": {
                        "type": {"const": entry.type},
                        "dataschema": {"const": entry.dataschema},
                        "data": {"$ref": f"#/components/schemas/{entry.model.__name__}"},
                    },
                },
            ]
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _KEYS[entry.subject]},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _kind(entry: Entry) -> Json:
    """What a published event is: open item, record or decision."""
    kind = entry.model.x_kind if issubclass(entry.model, Published) else None
    return {"x-kind": kind} if kind else {}


def _components() -> Json:
    _, defined = models_json_schema(
        [*((entry.model, "validation") for entry in CATALOGUE.values()), (MessageWarned, "validation")],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Generator,
    )
    models = {
        entry.model.__name__: _voidable(entry, defined["$defs"][entry.model.__name__])
        for entry in CATALOGUE.values()
    }
    return {"CloudEvent": _envelope(), **defined["$defs"], **models}
