"""Mutated messages between good ones: each is refused, warned of or still in order, and no good one is lost.

PROBATION_TEST_MUTATIONS and PROBATION_TEST_SEED say how many, and which.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas import language
from schemas.envelope import CloudEvent, Refused, UnknownType
from shared.calendar import london_date
from tests.conftest import needs
from tests.system.harness import System
from tests.system.mutation import FEEDS, Sent, good, mutated
from tests.system.oracle import day_of, replayed, undecided, unreliable
from tests.system.published import assert_same, history, standing
from tools.services import BY_NAME
from tools.simulate import caseload

SERVICES = ("contacts", "enforcement", "referrals")
MUTATIONS = int(os.environ.get("PROBATION_TEST_MUTATIONS", "600"))
SEED = int(os.environ.get("PROBATION_TEST_SEED", "1"))
ALIKE = 0.05
"""How many mutated messages have the id of a good one that was sent before."""

Place = tuple[str, int, int]
Name = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """What is to become of a message by itself: refused, or an event of that name and body."""

    event: CloudEvent[Any] | None
    body: bytes = b""
    doubtful: bool = False
    """Whether it has names that nobody reads."""

    @property
    def name(self) -> Name | None:
        return (self.event.source, self.event.id) if self.event else None


def judge(sent: Sent) -> Verdict:
    """What the published language says of a message, and what it says of its place."""
    try:
        event, body, unknown = language.examine(sent.value, sent.headers)
    except (Refused, UnknownType):
        return Verdict(None)
    concerns = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
    in_place = sent.topic in language.topics_of(event.type) and sent.topic in language.topics_of(concerns)
    own = language.owner_of(event.source) in (None, sent.topic)
    key = sent.key is None or event.subject is None or sent.key == event.subject.encode()
    early = event.recorded <= datetime.now(UTC) + timedelta(days=1)
    return Verdict(event, body, bool(unknown)) if in_place and own and key and early else Verdict(None)


@dataclass
class Traffic:
    """What is sent, in order, and what is expected of it."""

    sent: list[tuple[str, Sent, Verdict]]
    """How it was mutated ("" if it was not), the message, and what is expected of it."""
    last: date


def traffic() -> Traffic:
    """Good messages, and as many mutated ones between them."""
    chance = Random(SEED)
    lines = [unreliable(x) for x in undecided(caseload(seed=SEED, people=60 + MUTATIONS // 8, days=60))]
    assert len(lines) >= MUTATIONS
    lines = lines[:MUTATIONS]
    last = max(map(day_of, lines))
    found: list[tuple[str, Sent, Verdict]] = []
    names = {(event["source"], event["id"]) for event in map(json.loads, lines)}
    for n, line in enumerate(lines):
        one = good(line)
        found.append(("", one, judge(one)))
        again = chance.random() < ALIKE
        name = json.loads(line)["id"] if again else f"mutated-{n}"
        while True:
            how, bad = mutated(line if again else chance.choice(lines), name, chance)
            verdict = judge(bad)
            if verdict.event is None:
                break
            # Of two mutated messages with one id, either may be read first. A replay ends on the last day.
            told_apart = (again and verdict.event.id == name) or verdict.name not in names
            if told_apart and london_date(verdict.event.recorded) <= last:
                break
        if verdict.name is not None:
            names.add(verdict.name)
        found.append((how, bad, verdict))
    return Traffic(found, last)


async def send(system: System, work: Traffic) -> list[Place]:
    """Send it all; returns where each message is. What has the id of another comes after it."""
    producers = {
        codec: AIOKafkaProducer(
            bootstrap_servers=system.kafka.bootstrap,
            compression_type=codec,
            enable_idempotence=True,
            max_request_size=8_000_000,
        )
        for codec in (None, "gzip", "snappy", "lz4", "zstd")
    }
    for producer in producers.values():
        await producer.start()
    places: list[Place] = []
    try:
        waiting = []
        for _, sent, _ in work.sent:
            value = b"" if sent.value is None and sent.key is None else sent.value  # aiokafka asks for one
            topic, headers = system.prefix + sent.topic, list(sent.headers)
            future = await producers[sent.codec].send(topic, value, sent.key, headers=headers)
            waiting.append((sent.topic, future))
            system.sent[sent.topic] += 1
        for topic, future in waiting:
            at = await future
            places.append((topic, at.partition, at.offset))
    finally:
        for producer in producers.values():
            await producer.stop()
    return places


async def test_each_mutated_message_is_refused_warned_of_or_in_order_and_no_good_one_is_lost(
    system: System,
) -> None:
    needs(system.kafka, "real_kafka")
    print(f"{MUTATIONS} mutated messages among {MUTATIONS} good ones, seed {SEED}")
    work = traffic()
    first: dict[Name, Verdict] = {}
    for _, _, verdict in work.sent:
        if verdict.name is not None:
            first.setdefault(verdict.name, verdict)
    expected = await replayed(system.postgres, [v.body for v in first.values()], work.last, *SERVICES)

    for service in SERVICES:
        await system.start(service, ready=False, PROBATION_BRAKE_SHARE="1")
    for instance in system.instances:
        await instance.ready()
    await system.begin(work.last)
    places = await send(system, work)
    await system.quiet(seconds=60 + MUTATIONS / 10)

    became: Counter[str] = Counter()
    for service in SERVICES:
        became += await check(system, service, work, places, first)
        assert await system.fetch(service, "select subject from cases where quarantined is not null") == []
    print(dict(became))
    assert_same(standing(await history(system, *SERVICES)), standing(expected.published))
    for instance in system.instances:
        await instance.ready()


async def check(
    system: System, service: str, work: Traffic, places: list[Place], first: dict[Name, Verdict]
) -> Counter[str]:
    """Check what became of each message in a service, and count it."""
    topics = [topic for topic in FEEDS if topic in BY_NAME[service].reads]
    letters = await system.fetch(service, 'select topic, partition, "offset", reason from dead_letters')
    refused = {(r["topic"], r["partition"], r["offset"]): r["reason"] for r in letters}
    told = await system.fetch(service, 'select topic, partition, "offset" from warnings')
    warned = {(r["topic"], r["partition"], r["offset"]) for r in told}
    rows = await system.fetch(
        service, "select source, id, body from journal where source not like '/services/%'"
    )
    journal = {(row["source"], row["id"]): row["body"] for row in rows}
    became: Counter[str] = Counter()
    wrong = []
    for (how, sent, verdict), place in zip(work.sent, places, strict=True):
        if sent.topic not in topics:
            continue
        what = _became(service, verdict, first, journal, place in warned)
        if (what == "refused") != (place in refused):
            what = f"wrong: {what}, refused as {refused.get(place)}"
        became[what if how else "good"] += 1
        if what.startswith("wrong") or (not how and what in ("refused", "warned of")):
            wrong.append((how or "good", what, place, sent))
    assert not wrong, f"{len(wrong)} are wrong in {service}, such as {wrong[:3]}"
    assert set(refused) <= set(places)
    return became


def _became(
    service: str, verdict: Verdict, first: dict[Name, Verdict], journal: dict[Name, bytes], warned: bool
) -> str:
    if verdict.event is None or verdict.name is None:
        return "refused"
    before = first[verdict.name]
    if BY_NAME[service].model_of(verdict.event.type) is None:
        return "skipped"
    if before is not verdict:
        same = json.loads(before.body) == json.loads(verdict.body)
        return "repeated" if same else "warned of" if warned else "wrong: altered, and nobody was told"
    if journal.get(verdict.name) != verdict.body:
        return "wrong: not in the journal"
    if verdict.doubtful and not warned:
        return "wrong: doubtful, and nobody was told"
    return "taken" if not warned else "taken with a warning"
