"""A service as docker-compose.yml runs it: with its own user and its own role, over TLS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared import kafka
from shared.engine.days import ONE_DAY
from shared.runtime.service import today_in_london
from tests.security.composed import Composed
from tests.system.instance import Instance, until
from tools.clock import the_ticker
from tools.principals import Acl, acls
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


LACKING = {
    "to read a topic": (Acl("allocation", "topic", "probation.court", "literal", "Read"), "grant Read on it"),
    "to be in its group": (
        Acl("allocation", "group", "probation.allocation", "literal", "Read"),
        "grant Read on it",
    ),
    "to publish": (
        Acl("allocation", "topic", "probation.allocation", "literal", "Write"),
        "probation.allocation",
    ),
}


@pytest.mark.parametrize("right", LACKING)
async def test_it_is_not_ready_while_it_lacks_a_right_and_says_which(
    secured: Composed, allocation: Instance, right: str
) -> None:
    rights = Rights(secured.administrator())
    lacking, told = LACKING[right]
    person = f"X10001{list(LACKING).index(right)}"

    async def silent() -> str | None:
        health = await allocation.health()
        return None if not health["ok"] and told in str(health) else str(health)

    rights.apply([acl for acl in acls(PREFIX) if acl != lacking])
    try:
        async with publishing(secured) as producer:
            await producer.send_and_wait("probation.court", sentence(person), key=person.encode())
        await until(silent)
    finally:
        rights.apply(acls(PREFIX))
    await allocation.ready()


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
