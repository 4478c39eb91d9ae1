"""Official parsers read what we publish."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cloudevents.core.bindings import kafka

from schemas.catalogue import CATALOGUE, entries
from schemas.envelope import render
from schemas.parsing import parse
from schemas.topics import SERVICES, TOPICS, dead_letter_topic, standing_topic, topic_name, warning_topic
from tests.javascript import node
from tests.schemas import ROOT, encode, golden
from tools import services

DOCUMENT = ROOT / "schemas" / "asyncapi.yaml"
# Besides the content type, each message has copies of some attributes, without the prefix ce_.
COPIES = {"id": b"1", "type": b"x", "source": b"/x", "traceparent": b"00-0-0-01"}


@pytest.mark.parametrize("type", CATALOGUE)
def test_the_python_sdk_reads_what_we_publish(type: str) -> None:
    event = golden(type)
    raw = render(parse(encode(event)))
    headers = {"content-type": b"application/cloudevents+json", **COPIES}
    key = event["subject"].encode() if "subject" in event else None
    official = kafka.from_kafka_event(kafka.KafkaMessage(headers=headers, key=key, value=raw))
    assert official.get_data() == event["data"]
    attributes = official.get_attributes() | {"time": event["time"]}
    assert attributes == {name: value for name, value in event.items() if name != "data"}


def test_the_javascript_sdk_reads_what_we_publish() -> None:
    events = [golden(type) for type in CATALOGUE]
    lines = b"\n".join(render(parse(encode(event))) for event in events)
    read = [json.loads(line) for line in node("parse_cloudevents.mjs", stdin=lines.decode()).splitlines()]
    assert len(read) == len(events)
    for event, official in zip(events, read, strict=True):
        assert official["data"] == event["data"]
        assert official["time"] == event["time"].replace("Z", ".000Z")
        # The SDK uses the partition key as the message's key.
        same = event.keys() - {"time", "data", "partitionkey"}
        assert {name: official.get(name) for name in same} == {name: event[name] for name in same}


def _broken_documents(folder: Path) -> list[Path]:
    """Our document with errors, to check that the parser reports them."""
    files = []
    for fault in ("no channel", "no title", "wrong type"):
        document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
        match fault:
            case "no channel":
                del document["channels"]["court"]
            case "no title":
                del document["info"]["title"]
            case "wrong type":
                document["components"]["schemas"]["ContactMissed"]["properties"]["missed_on"]["type"] = "day"
        files.append(folder / f"{fault}.yaml")
        files[-1].write_text(yaml.safe_dump(document), encoding="utf-8")
    return files


def test_the_asyncapi_parser_accepts_our_document(tmp_path: Path) -> None:
    documents = [DOCUMENT, *_broken_documents(tmp_path)]
    read, *broken = map(
        json.loads, node("parse_asyncapi.mjs", *map(str, documents), timeout=120).splitlines()
    )
    assert all(document["errors"] for document in broken)
    assert len(broken) == 3
    assert read["errors"] == []
    dead_letters: dict[str, list[str]] = {dead_letter_topic(service): ["DeadLetter"] for service in SERVICES}
    standing = {
        standing_topic(service): sorted(e.type for e in entries(service) if e.type != "Withdrawn")
        for service in SERVICES
    }
    warnings = {warning_topic(service): ["MessageWarned"] for service in SERVICES}
    assert read["channels"] == standing | dead_letters | warnings | {
        topic_name(topic): sorted(entry.type for entry in entries(topic)) for topic in TOPICS
    }
    received = [
        (name, address) for name, (action, address) in read["operations"].items() if action == "receive"
    ]
    for service in services.SERVICES:
        addresses = {address for name, address in received if name.startswith(service.name)}
        assert addresses == {topic_name(topic) for topic in service.reads}
    sent = [address for action, address in read["operations"].values() if action == "send"]
    assert sorted(sent) == sorted(read["channels"])  # each by exactly one
