"""A service as docker-compose.yml runs it: with its own user and its own role, over TLS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from msgspec.msgpack import encode as packb

from feeds.postgres import SQL
from shared import kafka
from shared.engine.days import ONE_DAY
from shared.runtime.service import today_in_london
from tests.security.composed import Composed
from tests.system.instance import Instance, until
from tools.clock import the_ticker
from tools.principals import Acl, Operation, acls
from tools.rights import Rights

EXAMPLE = json.loads((Path(__file__).parents[2] / "docs" / "examples" / "sentence.json").read_text())
PREFIX = "probation."


def sentence(person: str) -> bytes:
    data = EXAMPLE["data"] | {"sentence_id": f"{person}-1"}
    return json.dumps(EXAMPLE | {"id": f"sentence-{person}", "subject": person, "data": data}).encode()


@pytest.fixture(scope="module")
async def allocation(secured: Composed) -> AsyncIterator[Instance]:
    instance = await secured.start("allocation")
    yield instance
    assert await instance.stop() == 0


@asynccontextmanager
async def publishing(secured: Composed) -> AsyncIterator[AIOKafkaProducer]:
    producer: AIOKafkaProducer
    async with kafka.producer(secured.settings("source-court"), "test") as producer:
        yield producer


async def test_with_the_tickers_day_it_concludes_from_a_sources_event_what_a_subscriber_reads(
    secured: Composed, allocation: Instance
) -> None:
    await the_ticker(secured.settings("ticker")).repeat(today_in_london() - ONE_DAY)
    async with publishing(secured) as producer:
        await producer.send_and_wait("probation.court", sentence("X100001"), key=b"X100001")
    subscriber = AIOKafkaConsumer(
        "probation.allocation",
        **kafka.client_options(secured.settings("subscriber"), "test"),
        group_id="subscriber.test",
        auto_offset_reset="earliest",
    )
    async with asyncio.timeout(60), subscriber:
        async for message in subscriber:
            event = json.loads(message.value)
            if event["subject"] == "X100001" and event["type"] == "AllocationDue":
                break


def topic(user: str, name: str, operation: Operation) -> Acl:
    return Acl(user, "topic", name, "literal", operation)


def group(user: str) -> Acl:
    return Acl(user, "group", f"probation.{user}", "literal", "Read")


LACKING: dict[str, dict[str, tuple[Acl, str]]] = {
    "to read a topic": {
        "allocation": (topic("allocation", "probation.court", "Read"), "grant Read on it"),
        "feed-practice": (topic("feed-practice", "feeds.practice", "Read"), "grant Describe, and Read"),
        # Told by the topic or by its partitions: whichever it asks first after it has started.
        "dashboard": (topic("dashboard", "probation.court", "Read"), "this user may not"),
    },
    "to be in its group": {
        "allocation": (group("allocation"), "grant Read on it"),
        "feed-practice": (group("feed-practice"), "this user may not use the consumer group"),
    },
    "to publish": {
        "allocation": (topic("allocation", "probation.allocation", "Write"), "probation.allocation"),
        "feed-practice": (topic("feed-practice", "probation.court", "Write"), "probation.court"),
        "ticker": (topic("ticker", "probation.clock", "Write"), "may write to no topic: grant Write"),
    },
}
"""What each program then says."""


@pytest.fixture(scope="module")
async def programs(secured: Composed, allocation: Instance) -> AsyncIterator[dict[str, Instance]]:
    """One of each kind that reads all the time."""
    feed, dashboard = await asyncio.gather(secured.start("feed-practice"), secured.start("dashboard"))
    yield {"allocation": allocation, "feed-practice": feed, "dashboard": dashboard}
    assert [await program.stop() for program in (feed, dashboard)] == [0, 0]


async def something_to_publish(secured: Composed, person: str) -> None:
    """For allocation a conclusion, and for the feed an event."""
    async with publishing(secured) as producer:
        await producer.send_and_wait("probation.court", sentence(person), key=person.encode())
    feeds = await asyncpg.connect(secured.address("feeds", "feeds_app"))
    event = ("court", person.encode(), f"sentence-{person}", sentence(person), packb([]))
    await feeds.execute(SQL["add_events"], *([value] for value in event))
    await feeds.close()


@pytest.mark.parametrize("right", LACKING)
async def test_a_program_is_not_ready_while_it_lacks_a_right_and_says_which(
    secured: Composed, programs: dict[str, Instance], right: str
) -> None:
    rights = Rights(secured.administrator())
    lacking = {acl for acl, _ in LACKING[right].values()}

    async def silent() -> str | None:
        for name, (_, told) in LACKING[right].items():
            health = await running[name].health()
            if health["ok"] or told not in str(health):
                return f"{name}: {health}"
        return None

    rights.apply([acl for acl in acls(PREFIX) if acl not in lacking])
    # The ticker asks for its rights when it starts, and when a day begins.
    started = {"ticker": await secured.launch("ticker")} if "ticker" in LACKING[right] else {}
    running = programs | started
    try:
        await something_to_publish(secured, f"X10001{list(LACKING).index(right)}")
        await until(silent)
        rights.apply(acls(PREFIX))
        await asyncio.gather(*(program.ready("clock") for program in started.values()))
        await asyncio.gather(*(program.ready() for program in programs.values()))
    finally:
        rights.apply(acls(PREFIX))
        for program in started.values():
            await program.kill()


def test_the_daily_job_of_retention_asks_allocation_and_reaches_kafka(secured: Composed) -> None:
    done = secured.run("retention")
    said = "0 people are due\n0 people are being erased by every service\n"
    assert (done.returncode, done.stdout) == (0, said), done.stderr


def test_no_list_of_processes_and_no_log_shows_a_secret(secured: Composed, allocation: Instance) -> None:
    secrets = {
        file.read_text().strip()
        for folder in ("database", "kafka", ".")
        for file in (secured.secrets / folder).iterdir()
        if file.stat().st_size
        and file.is_file()
        and file.suffix not in (".conf", ".crt", ".pem", ".key", ".json")
    }
    secrets |= {address.split("@")[0].rpartition(":")[2] for address in secrets if "://" in address}
    assert len(secrets) > 30
    shown = allocation.log.read_text()
    for pid in (allocation.pid, allocation.guard.pid, secured.kafka.pid, secured.postgres.pid):
        for kind in ("cmdline", "environ"):
            shown += Path(f"/proc/{pid}/{kind}").read_bytes().decode(errors="replace")
    assert "PROBATION_SECRETS_FOLDER" in shown
    assert not [secret for secret in secrets if secret in shown]
