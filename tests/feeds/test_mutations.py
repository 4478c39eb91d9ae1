"""Whatever a source sends, nothing is lost and nothing crashes.

PROBATION_TEST_MUTATIONS says how many messages are tried; the default keeps a run short.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from random import Random

from feeds.postgres import Postgres
from schemas.parsing import parse
from tests.feeds.mutation import mutated
from tests.feeds.samples import ADDRESSES, SAMPLES, Sample
from tests.feeds.world import World

MUTATIONS = int(os.environ.get("PROBATION_TEST_MUTATIONS", "1000"))
LATE = datetime(2026, 12, 1, tzinfo=UTC)


async def give(world: World, sample: Sample, body: bytes, detail: bytes | None) -> bool:
    """Take a message with its detail; returns whether it was new."""
    for url in ADDRESSES:
        world.details.pop(url, None)
        if detail is not None:
            world.details[url] = detail
    return await world.take(sample.feed, body) is not None


def detail_of(sample: Sample) -> bytes | None:
    return None if sample.detail is None else json.dumps(sample.detail).encode()


async def whole_day(world: World) -> None:
    """Take one message of every kind."""
    for sample in SAMPLES:
        await give(world, sample, json.dumps(sample.body).encode(), detail_of(sample))


async def test_one_message_of_every_kind_is_translated() -> None:
    world = World(now=LATE)
    await whole_day(world)
    types = {event.type for event in world.store.events}
    assert types >= {
        "AppealLodged",
        "BreachHearingResulted",
        "CaseAccessChanged",
        "ContactOutcomeRecorded",
        "EnforcementActionTaken",
        "PersonErased",
        "PersonMerged",
        "PersonReleased",
        "PersonTakenIntoCustody",
        "PreSentenceReportRequested",
        "ReferralRequested",
        "RegistrationChanged",
        "ReleasePlanned",
        "RiskAssessed",
        "SentenceImposed",
        "SentenceVaried",
        "SessionRecorded",
        "TemporaryReleaseGranted",
    }


async def test_mutated_messages_lose_nothing_and_crash_nothing() -> None:
    chance = Random(20260302)  # the same mutations in every run
    tried = 0
    while tried < MUTATIONS:
        world = World(now=LATE)
        for sample in SAMPLES:
            body, detail = json.dumps(sample.body).encode(), detail_of(sample)
            if sample.detail is not None and chance.random() < 0.5:
                detail = mutated(sample.detail, chance)
            else:
                body = mutated(sample.body, chance)
            await give(world, sample, body, detail)
            tried += 1
        await whole_day(world)  # what is in order afterwards is not held up
        for number, kept in world.store.messages.items():
            assert kept.settled is not None, number
            assert not [one for one in kept.settled.letters if "translation failed" in one.problem], (
                kept.message
            )
        for event in world.store.events:
            parse(event.body)


async def test_what_memory_survives_the_database_survives(store: Postgres) -> None:
    chance = Random(4711)
    world = World(store, now=LATE)
    kept = 0
    for sample in SAMPLES[:-1] * 3:  # the last one erases a person, with their messages
        kept += await give(world, sample, mutated(sample.body, chance), detail_of(sample))
    statuses = await store.pool.fetch("select status, count(*) from messages group by status")
    counts = {row["status"]: row["count"] for row in statuses}
    assert "new" not in counts
    assert sum(counts.values()) == kept


async def test_the_same_day_twice_publishes_nothing_new(store: Postgres) -> None:
    world = World(store, now=LATE)
    await whole_day(world)
    first = await store.pool.fetchval("select count(*) from outbox")
    await whole_day(world)
    assert await store.pool.fetchval("select count(*) from outbox") == first


async def test_an_erased_person_is_nowhere_in_the_database(store: Postgres) -> None:
    world = World(store, now=LATE)
    *before, erasing = SAMPLES
    for sample in before:
        await give(world, sample, json.dumps(sample.body).encode(), detail_of(sample))
    assert await mentions(store, "X000002") > 0
    await give(world, erasing, json.dumps(erasing.body).encode(), None)
    assert await mentions(store, "X000002") == 0
    left = await store.pool.fetch("select event_id from outbox where key = $1", b"X000002")
    assert len(left) == 1


async def mentions(store: Postgres, subject: str) -> int:
    """How many facts are held about a person."""
    counts = [
        await store.pool.fetchval(f"select count(*) from {table} where subject = $1", subject)
        for table in ("facts", "stated")
    ]
    return sum(counts)
