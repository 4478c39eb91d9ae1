"""Kafka is lost with all its topics: they are filled again from the databases, and everyone reads on."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas import language
from tests import facts as f
from tests.casebook import event_of
from tests.conftest import needs
from tests.system.harness import Records, System
from tests.system.instance import ROOT
from tests.system.oracle import FROM_FEEDS, day_of, unreliable
from tests.system.published import history
from tools.embedded import choose
from tools.embedded.kafka import ApacheKafka
from tools.republish import types_refilled_by
from tools.services import BY_NAME
from tools.simulate import caseload

DOCUMENT = (ROOT / "docs/operations/recover.md").read_text()
[OF_WALES] = re.findall(r'^psql .* -Atc "(.*)"', DOCUMENT, re.MULTILINE)
FEEDS = ("court", "prison", "practice", "providers", "workforce")


@pytest.fixture
def new_kafka(kafka: choose.Kafka) -> Iterator[choose.Kafka]:
    """Another Kafka, which is empty."""
    needs(kafka, "real_kafka")
    if not isinstance(kafka.server, ApacheKafka):
        pytest.skip("needs Apache Kafka on this machine's JDK")
    with ApacheKafka() as server:
        settings = choose.client_settings(server.bootstrap, embedded=False)
        yield replace(kafka, server=server, client_settings=settings)


def by_person(records: Records) -> dict[bytes | None, list[tuple[bytes | None, Any]]]:
    """The messages of a topic by their key, in order, each once: value and headers."""
    found: dict[bytes | None, dict[bytes | None, Any]] = defaultdict(dict)
    for record in records:
        found[record.key].setdefault(record.value, record.headers)
    return {key: list(messages.items()) for key, messages in found.items()}


def compacted(records: Records) -> dict[bytes | None, bytes | None]:
    """What is left of a compacted topic."""
    last = {record.key: record.value for record in records}
    return {key: value for key, value in last.items() if value is not None}


def facts_in(records: Records) -> set[tuple[str, str]]:
    return {(event["source"], event["id"]) for event in (json.loads(r.value or b"") for r in records)}


async def test_republished_topics_have_what_the_lost_ones_had_and_the_services_read_on(
    system: System, new_kafka: choose.Kafka
) -> None:
    lines = caseload(seed=6, people=25, days=45)
    last = max(map(day_of, lines))
    instances = await system.start_all(*BY_NAME)
    await system.begin(last)
    await system.publish(lines)
    await system.quiet(seconds=120)
    lost = {name: await system.read(name) for name in BY_NAME}
    stood = {name: await system.read(f"{name}.standing") for name in BY_NAME}
    known = {row["id"] for name in BY_NAME for row in await system.fetch(name, FROM_FEEDS)}
    assert await asyncio.gather(*(instance.stop() for instance in instances)) == [0] * len(BY_NAME)

    async with system.on(new_kafka) as again:
        for name in BY_NAME:
            database = {"PROBATION_DATABASE_URL": await again.database(name)}
            said = await again.run("republish", name, "--facts", **database)
            standing = compacted(stood[name])
            assert f"{name}: {len(lost[name])} events, of which {len(standing)} stand" in said
            assert by_person(await again.read(name)) == by_person(lost[name])
            assert compacted(await again.read(f"{name}.standing")) == standing
        told = [facts_in(await again.read(topic)) for topic in FEEDS]
        assert {id for facts in told for _, id in facts} == known
        assert sum(map(len, told)) == sum([len(await again.read(topic)) for topic in FEEDS]), "a fact twice"

        await again.begin(last)  # as the ticker does when it starts
        ends = {name: len(lost[name]) for name in BY_NAME}
        await again.start_all(*BY_NAME)
        await again.quiet(seconds=120)
        assert {name: len(await again.read(name)) for name in BY_NAME} == ends, "it was all known"
        for name in BY_NAME:
            letters = await again.fetch(name, "select reason, explanation from dead_letters")
            assert [dict(letter) for letter in letters] == []

        await again.begin(last + timedelta(days=1))
        await again.publish([language.render(event_of(fact)) for fact in f.told([new_order(last)])])
        await again.quiet(seconds=120)
        assert len(await history(again, *BY_NAME)) > sum(ends.values())


async def test_a_region_is_moved_to_another_deployment_with_all_that_was_published_and_decided_there(
    system: System, postgres: choose.Postgres, tmp_path: Path
) -> None:
    needs(system.kafka, "real_kafka")
    services = ("allocation", "contacts")
    lines = [*map(unreliable, caseload(seed=8, people=30, days=60))]
    last = max(map(day_of, lines))
    instances = await system.start_all(*services)
    await system.begin(last)
    await system.publish(lines)
    await system.quiet()
    assert await asyncio.gather(*(instance.stop() for instance in instances)) == [0] * len(services)
    rows = await system.fetch(
        "allocation", "select subject, coalesce(merged_into, subject) as root, region from cases"
    )
    [(region, _)] = Counter(row["region"] for row in rows if row["region"]).most_common(1)
    named = {row["subject"] for row in await system.fetch("allocation", OF_WALES.replace("wales", region))}
    roots = {row["root"] for row in rows if row["subject"] in named}
    moved = {row["subject"] for row in rows if row["root"] in roots}  # merged records go together
    (tmp_path / "subjects.txt").write_text("\n".join(moved))

    async with System(system.kafka, postgres, f"{system.prefix}moved-", tmp_path) as new:
        for service in services:
            old = await system.database(service)
            words = ("republish", service, "--facts", "--only", str(tmp_path / "subjects.txt"))
            await new.run(*words, PROBATION_DATABASE_URL=old)
        # The facts that the other services would refill.
        refilled = {type for service in services for type in types_refilled_by(BY_NAME[service])}
        told = [(line, json.loads(line)) for line in lines]
        await new.publish(
            line for line, event in told if event["type"] not in refilled and event["subject"] in moved
        )
        before = {service: by_person(await new.read(service)) for service in services}
        await new.begin(last)
        await new.start_all(*services)
        await new.quiet()
        for service in services:
            every = by_person(await system.read(service))
            theirs = {key: events for key, events in every.items() if (key or b"").decode() in moved}
            assert theirs
            assert before[service] == theirs
            assert by_person(await new.read(service)) == theirs, "nothing new, nothing withdrawn"
        decided = [event for event in await history(new, "allocation") if event["type"] == "CaseAllocated"]
        assert decided


def new_order(day: date) -> f.Fact:
    return f.order(day.isoformat(), id="S-new", subject="X999999")
