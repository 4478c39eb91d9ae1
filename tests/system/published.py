"""Checks what the services published, and says which events stand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.system.harness import Records, System

Event = dict[str, Any]
Statement = tuple[str, str, str, str]
"""The content of an event without why: source, type, subject, data."""


async def history(system: System, *services: str) -> list[Event]:
    """What these services published, without repetitions. Fails if it breaks a guarantee to subscribers."""
    events: list[Event] = []
    for service in services:
        events += check(await system.read(service))
    return events


def check(records: Records) -> list[Event]:
    """The events of a topic in order of their first occurrence.

    After a crash a message may be repeated, with the same bytes. For each subject the sequences count up from
    1 without gaps. Each withdrawn event was published before and is withdrawn once.
    """
    values: dict[str, bytes] = {}
    events: list[Event] = []
    sequences: dict[str, int] = defaultdict(int)
    withdrawn: set[str] = set()
    for record in records:
        assert record.value is not None
        event: Event = json.loads(record.value)
        assert record.key == event["subject"].encode()
        if event["id"] in values:
            again = values[event["id"]]
            assert again == record.value, f"{event} had other bytes:\n{_of(event['subject'], records)}"
            continue
        subject, data = event["subject"], event["data"]
        sequences[subject] += 1
        number = f"{sequences[subject]:010d}"
        assert event["sequence"] == number, f"{event} is out of order:\n{_of(subject, records)}"
        if event["type"] == "Withdrawn":
            assert data["withdraws"] in values, f"{event} withdraws what was not published"
            assert data["withdraws"] not in withdrawn, f"{event} withdraws it again"
            withdrawn.add(data["withdraws"])
        values[event["id"]] = record.value
        events.append(event)
    return events


def _of(subject: str, records: Records) -> str:
    """All that was published of a subject, with where and when, a line each."""
    return "\n".join(
        f"{r.partition}:{r.offset} {r.timestamp} {(r.value or b'').decode()}"
        for r in records
        if r.key == subject.encode()
    )


def standing(events: Iterable[Mapping[str, Any]]) -> Counter[Statement]:
    """What stands at the end of these events, in any order."""
    events = list(events)
    withdrawn = {e["data"]["withdraws"] for e in events if e["type"] == "Withdrawn"}
    return Counter(_statement(e) for e in events if e["type"] != "Withdrawn" and e["id"] not in withdrawn)


def _statement(event: Mapping[str, Any]) -> Statement:
    data = {name: value for name, value in event["data"].items() if name not in ("why", "limited")}
    return event["source"], event["type"], event["subject"], json.dumps(data, sort_keys=True)


def assert_same(found: Counter[Statement], expected: Counter[Statement]) -> None:
    """Fail with the first few differences, if there are any."""
    missing, extra = expected - found, found - expected
    assert found == expected, (
        f"{missing.total()} of {expected.total()} are missing, {extra.total()} are there beside them:\n"
        + "\n".join(f"- {s}" for s in list(missing)[:5])
        + "\n"
        + "\n".join(f"+ {s}" for s in list(extra)[:5])
    )
