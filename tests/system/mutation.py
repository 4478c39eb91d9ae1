"""Mutations of good messages: what a broken or foreign sender may put on a feed's topic."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from schemas.catalogue import CATALOGUE
from schemas.language import is_feed, topics_of
from schemas.topics import TOPICS

FEEDS = [topic for topic in TOPICS if topic != "clock" and is_feed(topic)]
TYPES = sorted(set(CATALOGUE) - {"PersonErased", "DayStarted"})
"""What a message may be said to be. An erasure deletes what is looked for at the end."""

JUNK: list[Any] = [
    *(None, True, 0, -1, 480.0, 1e400, 10**30, "", " ", "x", "X123456", "true", "1", "\u0000", "\ud800"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "2062-05-01", "01/02/2026", "Ynys Mo\u0302n", "ä" * 300),
    *([], [[]], ["x"], {}, {"x": 1}, {"x": {"y": []}}),
]


@dataclass(frozen=True)
class Sent:
    """A message as it is sent."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    codec: str | None = None


Mutation = Callable[[Sent, Random], Sent]


def good(line: bytes) -> Sent:
    """A line as its feed sends it."""
    event = json.loads(line)
    key = event["subject"].encode() if event.get("subject") else None
    return Sent(topics_of(event["type"])[0], key, line)


def mutated(line: bytes, name: str, chance: Random) -> tuple[str, Sent]:
    """A good line with an id of its own, mutated; and how."""
    event = json.loads(line)
    event["id"] = name
    one = good(json.dumps(event, ensure_ascii=chance.random() < 0.5).encode())
    mutation = chance.choice(MUTATIONS)
    return mutation.__name__, mutation(one, chance)


# -- bytes ---------------------------------------------------------------------------------------


def bits_flipped(sent: Sent, chance: Random) -> Sent:
    """Up to five bits are wrong."""
    value = bytearray(_value(sent))
    for _ in range(chance.randint(1, 5)):
        value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
    return replace(sent, value=bytes(value))


def cut_off(sent: Sent, chance: Random) -> Sent:
    """The end is missing."""
    return replace(sent, value=_value(sent)[: chance.randrange(len(_value(sent)))])


def spliced(sent: Sent, chance: Random) -> Sent:
    """A piece is missing, or there twice, or foreign."""
    value = _value(sent)
    begin = chance.randrange(len(value))
    end = min(len(value), begin + chance.randint(1, 40))
    piece = chance.choice([b"", value[begin:end] * 2, chance.randbytes(end - begin), b'"', b"}", b",,"])
    return replace(sent, value=value[:begin] + piece + value[end:])


def encoded_otherwise(sent: Sent, chance: Random) -> Sent:
    """Another encoding, or compressed by the sender."""
    value = _value(sent)
    text = value.decode()
    ways: list[Callable[[], bytes]] = [
        lambda: gzip.compress(value),
        lambda: text.encode("utf-16"),
        lambda: b"\xef\xbb\xbf" + value,
        lambda: text.encode("latin-1", "replace"),
        lambda: text.replace('"', "'").encode(),
        lambda: json.dumps(text).encode(),
        lambda: value + b"\n" + value,
        lambda: json.dumps(json.loads(value), indent=2).encode(),
    ]
    return replace(sent, value=chance.choice(ways)())


def nothing(sent: Sent, chance: Random) -> Sent:
    """No value, or hardly any."""
    return replace(sent, value=chance.choice([None, b"", b" ", b"null", b"{}", b"[]", b"0", b"\x00" * 20]))


def huge(sent: Sent, chance: Random) -> Sent:
    """Padded to about 900 kB, or nested deeply; few, because they take long."""
    if chance.random() < 0.9:
        return cut_off(sent, chance)
    ways = [
        lambda: _value(sent)[:-1] + b',"pad":"' + b"x" * 900_000 + b'"}',
        lambda: _value(sent) + b" " * 900_000,
        lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        lambda: b"[" * 900_000,
    ]
    return replace(sent, value=chance.choice(ways)())


# -- names and values ----------------------------------------------------------------------------


def field_removed(sent: Sent, chance: Random) -> Sent:
    """An attribute or a field is missing."""

    def change(at: Any, name: Any) -> None:
        del at[name]

    return _at_one(sent, chance, change)


def field_renamed(sent: Sent, chance: Random) -> Sent:
    """The name of an attribute or a field is not quite right."""

    def change(at: Any, name: Any) -> None:
        if isinstance(name, str):
            n = chance.randrange(len(name))
            names = [name[:n] + name[n + 1 :], name.upper(), name + "s", f"{name[:n]}x{name[n:]}", f" {name}"]
            at[chance.choice(names)] = at.pop(name)

    return _at_one(sent, chance, change)


def value_replaced(sent: Sent, chance: Random) -> Sent:
    """A value is something else."""

    def change(at: Any, name: Any) -> None:
        at[name] = chance.choice(JUNK)

    return _at_one(sent, chance, change)


def value_altered(sent: Sent, chance: Random) -> Sent:
    """A text or a number is nearly right."""

    def change(at: Any, name: Any) -> None:
        value = at[name]
        if isinstance(value, str) and value:
            n = chance.randrange(len(value))
            at[name] = chance.choice([value[:n] + value[n + 1 :], f" {value}", value.upper(), value[::-1]])
        elif isinstance(value, bool) or value is None:
            at[name] = str(value)
        elif isinstance(value, int | float):
            at[name] = chance.choice([value + 0.5, -value, str(value), float(value)])

    return _at_one(sent, chance, change)


def field_added(sent: Sent, chance: Random) -> Sent:
    """There is a field more."""
    event = json.loads(_value(sent))
    into = chance.choice([event, event["data"]])
    into[chance.choice(["note", "requirement", "voidedd", "datareff", "x"])] = chance.choice(JUNK)
    return replace(sent, value=_dumped(event))


def other_type(sent: Sent, chance: Random) -> Sent:
    """It says that it is something else, or nothing that is known."""
    event = json.loads(_value(sent))
    kind = event["type"]
    event["type"] = chance.choice([chance.choice(TYPES), kind.lower(), kind[:-1], f"{kind}V2", "person.died"])
    return replace(sent, value=_dumped(event))


def other_version(sent: Sent, chance: Random) -> Sent:
    """It follows another schema."""
    event = json.loads(_value(sent))
    event["dataschema"] = chance.choice(
        [
            f"https://schemas.probation.example/{event['type']}/2",
            "https://schemas.probation.example/PersonDied/1",
            "https://example.org/x",
            "",
        ]
    )
    return replace(sent, value=_dumped(event))


def other_source(sent: Sent, chance: Random) -> Sent:
    """Somebody else says it."""
    event = json.loads(_value(sent))
    event["source"] = chance.choice(
        [*(f"/feeds/{feed}" for feed in FEEDS), "/feeds/practice/x", "/services/contacts", "urn:x", "/x", ""]
    )
    return replace(sent, value=_dumped(event))


# -- around the value ----------------------------------------------------------------------------


def other_key(sent: Sent, chance: Random) -> Sent:
    """The key is not the subject."""
    key = sent.key or b""
    return replace(sent, key=chance.choice([None, b"", b"X999999", key.lower(), key + b" ", b"\xff\xfe"]))


def other_topic(sent: Sent, chance: Random) -> Sent:
    """It is on another feed's topic."""
    return replace(sent, topic=chance.choice(FEEDS))


def other_headers(sent: Sent, chance: Random) -> Sent:
    """Headers that say something else about the value, or nothing that is known."""
    choices = [
        ("content-type", b"application/cloudevents+json; charset=utf-8"),
        ("content-type", b"application/cloudevents-batch+json"),
        ("content-type", b"application/avro"),
        ("content-type", b"text/plain"),
        ("content-type", b"\xff\xfe"),
        ("traceparent", b"garbage"),
        ("id", b"another"),
        ("__TypeId__", b"uk.gov.justice.Event"),
        ("ce_id", b"x"),
        ("ce_specversion", b"1.0"),
    ]
    return replace(sent, headers=tuple(chance.sample(choices, chance.randint(1, 3))))


def binary_mode(sent: Sent, chance: Random) -> Sent:
    """In binary mode, whole or with something missing or wrong."""
    event = json.loads(_value(sent))
    data = event.pop("data")
    headers = {f"ce_{name}": str(value).encode() for name, value in event.items()}
    headers["content-type"] = b"application/json"
    for _ in range(chance.randint(0, 2)):
        name = chance.choice(sorted(headers))
        if chance.random() < 0.5:
            del headers[name]
        else:
            headers[name] = chance.choice([b"", b"\xff", b"x", b"1"])
    return replace(sent, value=_dumped(data), headers=tuple(headers.items()))


def other_codec(sent: Sent, chance: Random) -> Sent:
    """Compressed by the producer, which is in order."""
    return replace(sent, codec=chance.choice(["gzip", "snappy", "lz4", "zstd"]))


def foreign(sent: Sent, chance: Random) -> Sent:
    """What other systems send."""
    event = json.loads(_value(sent))
    text = _value(sent).decode()
    ways: list[Any] = [
        {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x", "Message": text},
        {"Records": [{"messageId": "1", "body": text}]},
        {"eventType": "probation-case.sentence.created", "detailUrl": "https://x", "version": 1},
        {"hearing": {"id": "1", "defendants": []}},
        {"schema": {"type": "string"}, "payload": text},
        {"before": None, "after": event["data"], "op": "c"},
        {"detail-type": event["type"], "detail": event["data"]},
        [event, event],
        event | {"data_base64": "e30="},
        {name: value for name, value in event.items() if name != "data"} | {"data_base64": "e30="},
        event["data"],
        b"\x00\x00\x00\x00\x07" + _value(sent),
        b"Obj\x01" + _value(sent),
        b"<event><type>PersonDied</type></event>",
        b"id,type,subject\n1,PersonDied,X1\n",
        b"---\ntype: PersonDied\n",
    ]
    found = chance.choice(ways)
    return replace(sent, value=found if isinstance(found, bytes) else _dumped(found))


MUTATIONS: list[Mutation] = [
    *(bits_flipped, cut_off, spliced, encoded_otherwise, nothing, huge),
    *(field_removed, field_renamed, value_replaced, value_altered, field_added),
    *(other_type, other_version, other_source),
    *(other_key, other_topic, other_headers, binary_mode, other_codec, foreign),
]


def _value(sent: Sent) -> bytes:
    assert sent.value is not None
    return sent.value


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def _at_one(sent: Sent, chance: Random, change: Callable[[Any, Any], None]) -> Sent:
    """Change the event at one place, at any depth."""
    event = json.loads(_value(sent))
    change(*chance.choice(_places(event)))
    return replace(sent, value=_dumped(event))


def _places(value: Any) -> list[tuple[Any, Any]]:
    if not isinstance(value, dict | list):
        return []
    names = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, name) for name in names] + [p for name in names for p in _places(value[name])]
