"""Reads messages from files, folders and standard input. Kafka is read by `topic.py`.

A file holds one message, or one on each line. A message is a JSON object as the source sends it, also within
an SNS notification, or `{"attributes": {...}, "body": ..., "detail": ...}` with the attributes that came with
it and what its address led to, each of which may be left out. A message with its detail needs none fetched.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from feeds.message import Message
from feeds.store import digest

STDIN = "-"


def messages_in(place: str, received: datetime) -> Iterator[Message]:
    """The messages in a file, in all files of a folder in the order of their names, or in standard input."""
    if place == STDIN:
        yield from _messages(sys.stdin.buffer.read(), received)
        return
    path = Path(place)
    if not path.is_dir():
        yield from _messages(path.read_bytes(), received)
        return
    for file in sorted(path.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            yield from _messages(file.read_bytes(), received)


def _messages(content: bytes, received: datetime) -> Iterator[Message]:
    if _is_json(content):
        yield message_of(content, received)
        return
    for line in content.splitlines():
        if line.strip():
            yield message_of(line, received)


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def message_of(raw: bytes, received: datetime) -> Message:
    """One message of a file."""
    attributes: dict[str, str] = {}
    body, detail = raw, None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and "body" in value and value.keys() <= {"attributes", "body", "detail"}:
        given = value.get("attributes")
        known = given if isinstance(given, dict) else {}
        attributes = {name: text for name, text in known.items() if isinstance(text, str)}
        body = _bytes(value["body"])
        detail = _bytes(value["detail"]) if "detail" in value else None
    fetched = received if detail is not None else None
    message = Message(body, attributes, received, "", detail, fetched)
    return replace(message, origin=f"file {digest(message).hex()[:16]}")


def _bytes(value: Any) -> bytes:
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")
