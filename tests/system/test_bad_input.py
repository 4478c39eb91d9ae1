"""Broken messages among good ones: each becomes a dead letter with its reason, and no other message does."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from schemas.catalogue import CATALOGUE
from tests.schemas import encode, golden
from tests.schemas.broken import broken_messages
from tests.system.harness import System

KEY = b"X123456"
FIRST_DAY = date(2026, 6, 1)

GOOD = {
    "court": "SentenceImposed",
    "prison": "PersonReleased",
    "practice": "ContactOutcomeRecorded",
    "providers": "SessionRecorded",
    "allocation": "CaseAllocated",
}
LARGEST = 2 * 1024 * 1024
"""The largest message that the broker accepts on a dead-letter topic."""


def good(topic: str, number: int) -> bytes:
    """A good message for a topic."""
    event = golden(GOOD[topic])
    assert event["subject"].encode() == KEY
    event["id"] = f"good-{topic}-{number:04d}"
    return encode(event)


def broken(largest: int) -> Iterator[tuple[str, bytes | None, bytes | None, str]]:
    """Topic, key, value and reason of every broken message that is not too large for the broker."""
    for _, value, reason in broken_messages():
        if len(value) <= largest:
            yield _topic(value), KEY, value, reason
    in_two_days = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    future = golden("ContactOutcomeRecorded") | {"recordedtime": in_two_days}
    yield "practice", KEY, encode(future), "from_the_future"
    yield "practice", b"X999999", encode(golden("ContactScheduled")), "wrong_subject"
    yield "court", KEY, encode(golden("ContactScheduled")), "wrong_topic"
    yield "practice", KEY, None, "not_cloudevent"


def _topic(value: bytes) -> str:
    """The topic to publish it on: that of its type, or else the busiest one."""
    try:
        entry = CATALOGUE[json.loads(value)["type"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "practice"
    return entry.topics[0] if entry.topics[0] in GOOD else "practice"


async def test_every_broken_message_becomes_a_dead_letter_and_every_good_one_is_processed(
    system: System,
) -> None:
    real = "real_kafka" in system.kafka.features
    if real:
        for topic in GOOD:
            await system.alter_topic(system.prefix + topic, max_message_bytes=str(8_000_000))
    await system.start("contacts")
    await system.begin(FIRST_DAY)
    await system.reached("contacts", FIRST_DAY)

    goods: dict[str, list[str]] = defaultdict(list)
    sent = []
    messages = list(broken(8_000_000 if real else 900_000))
    for number, (topic, key, value, reason) in enumerate(messages):
        goods[topic].append(f"good-{topic}-{number:04d}")
        await system.send(topic, good(topic, number), KEY)
        sent.append((await system.send(topic, value, key), topic, value, reason))
    for topic in GOOD:
        goods[topic].append(f"good-{topic}-{len(messages):04d}")
        await system.send(topic, good(topic, len(messages)), KEY)
    kept: dict[tuple[str, int, int], tuple[bytes | None, str]] = {}
    for put, topic, value, reason in sent:
        place = await put
        kept[topic, place.partition, place.offset] = (value, reason)
    assert len(kept) >= 200
    await system.quiet()

    rows = await system.fetch("contacts", "select * from dead_letters order by number")
    found = {(r["topic"], r["partition"], r["offset"]): (r["value"], r["reason"]) for r in rows}
    assert found == kept
    assert all(row["explanation"] for row in rows)

    # Subscribers to the topic get the original bytes, in order of arrival. Only the service's table has the
    # bytes of the two largest.
    readable = {place for place, (value, _) in kept.items() if value is None or len(value) <= LARGEST}
    published = defaultdict(list)
    for record in await system.read("contacts.dead-letter", None if real else len(readable)):
        headers = dict(record.headers)
        topic, partition, offset = headers["dead-letter-from"].decode().split("/")
        place = (topic, int(partition), int(offset))
        assert (record.value, headers["dead-letter-reason"].decode()) == kept[place]
        assert headers["dead-letter-explanation"]
        published[record.partition, topic].append(place)
    assert all(places == sorted(places) for places in published.values())
    assert {place for places in published.values() for place in places} == readable

    facts = await system.fetch("contacts", "select id from journal where id like 'good-%' order by number")
    for topic in GOOD:
        assert [r["id"] for r in facts if r["id"].startswith(f"good-{topic}-")] == goods[topic]
    assert await system.fetch("contacts", "select * from cases where quarantined is not null") == []
    await system.instances[0].ready()
