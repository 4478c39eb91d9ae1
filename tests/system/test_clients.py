"""Official clients: what they publish is processed, and they can read what the services publish."""

import asyncio
import json
import shutil
import subprocess
from datetime import date, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka as official
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from schemas.envelope import ATTRIBUTES
from tests.conftest import needs
from tests.javascript import node
from tests.schemas import encode, golden
from tests.system.harness import System

PERSON = "X123456"


@pytest.fixture
async def contacts(system: System) -> System:
    """The contacts service on a day in June, with one sentence."""
    needs(system.kafka, "real_kafka")
    await system.start("contacts")
    await system.begin(date(2026, 6, 15))
    await system.publish([encode(golden("SentenceImposed"))])
    await system.quiet()
    return system


def missed(name: str) -> dict[str, Any]:
    """A missed appointment."""
    event = golden("ContactOutcomeRecorded")
    event["id"] = f"event-{name}"
    event["data"] |= {"contact_id": name, "outcome": "failed_to_comply", "acceptable_reason": None}
    return event


async def found_missed(system: System, *names: str) -> list[dict[str, Any]]:
    """What the service published, once it has reported exactly these appointments as missed."""
    await system.quiet()
    assert await system.fetch("contacts", "select * from dead_letters") == []
    published = [json.loads(record.value or b"") for record in await system.read("contacts")]
    found = {e["data"]["contact_id"] for e in published if e["type"] == "ContactMissed"}
    assert found == set(names)
    return published


async def test_the_official_javascript_sdk_and_kafkajs(contacts: System) -> None:
    topic, broker = contacts.prefix + "practice", contacts.kafka.bootstrap
    for mode in ("structured", "binary"):
        line = json.dumps(missed(f"javascript-{mode}"))
        await asyncio.to_thread(node, "publish_cloudevents.mjs", broker, topic, mode, stdin=line)
        contacts.sent["practice"] += 1
    published = await found_missed(contacts, "javascript-structured", "javascript-binary")

    arguments = (broker, contacts.prefix + "contacts", contacts.prefix + "javascript", str(len(published)))
    lines = await asyncio.to_thread(node, "subscribe_cloudevents.mjs", *arguments)
    read = [json.loads(line) for line in lines.splitlines()]
    assert [event["id"] for event in read] == [event["id"] for event in published]
    assert [event["data"] for event in read] == [event["data"] for event in published]
    assert {event["sequence"] for event in read} == {event["sequence"] for event in published}


async def test_kcat(contacts: System) -> None:
    line = encode(missed("kcat")).decode()
    arguments = ("-P", "-t", contacts.prefix + "practice", "-k", PERSON)
    await asyncio.to_thread(kcat, contacts, *arguments, stdin=line + "\n")
    contacts.sent["practice"] += 1
    published = await found_missed(contacts, "kcat")

    out = await asyncio.to_thread(
        kcat, contacts, "-C", "-t", contacts.prefix + "contacts", "-e", "-f", FORMAT
    )
    read = [line.split("\t") for line in out.splitlines()]
    assert [json.loads(value) for _, _, value in read] == published
    assert {key for key, _, _ in read} == {PERSON}
    for event, (_, headers, _) in zip(published, read, strict=True):
        copies = dict(header.partition("=")[::2] for header in headers.split(","))
        assert copies["content-type"] == "application/cloudevents+json"
        assert {name: copies[name] for name in ("id", "type", "source")} == {
            name: event[name] for name in ("id", "type", "source")
        }


FORMAT = "%k\\t%h\\t%s\\n"


def kcat(system: System, *arguments: str, stdin: str = "") -> str:
    """Run kcat on the system's broker and return its output."""
    if shutil.which("kcat") is None:
        pytest.skip("needs kcat (`apt-get install kcat`): it is not on this machine")
    command = ["kcat", "-b", system.kafka.bootstrap, "-q", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_official_python_sdk(contacts: System) -> None:
    writers = {"structured": official.to_structured, "binary": official.to_binary}
    for mode, write in writers.items():
        event = missed(f"python-{mode}")
        attributes = {name: event[name] for name in ATTRIBUTES if name in event}
        attributes["time"] = datetime.fromisoformat(event["time"])
        message = write(CloudEvent(attributes, event["data"]), JSONFormat())
        headers = list(message.headers.items())
        await (await contacts.send("practice", message.value, PERSON.encode(), headers))
    published = await found_missed(contacts, "python-structured", "python-binary")

    for record, event in zip(await contacts.read("contacts"), published, strict=True):
        assert record.value is not None
        consumed = official.KafkaMessage(dict(record.headers), record.key, record.value)
        read = official.from_kafka_event(consumed)
        assert read.get_data() == event["data"]
        for name in ("id", "source", "type", "subject", "sequence", "partitionkey"):
            assert read.get_attributes()[name] == event[name]
