"""The commands for the feeds, as integrators and operators use them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from feeds.postgres import DATABASE
from shared import kafka as kafka_clients
from shared.database import migrate
from shared.settings import KafkaSettings, load
from tests.feeds.hearings import defendant, hearing, order
from tests.feeds.notices import notice, prison, prisoner
from tests.runtime.environment import PATIENCE, until
from tests.tools.conftest import Said, is_one_line
from tools.embedded import choose

ROOT = Path(__file__).parents[2]
Call = Callable[..., Said]
ACall = Callable[..., Awaitable[Said]]


@pytest.fixture
def hearings(tmp_path: Path) -> Path:
    """A folder with a hearing of somebody whom the message names, and one of somebody new."""
    folder = tmp_path / "hearings"
    folder.mkdir()
    new = hearing(defendant(order(orderedHearingId="H2"), id="D2", master="M2", pncId=None), id="H2")
    (folder / "2.json").write_text(json.dumps(new, indent=2))
    (folder / "1.json").write_text(json.dumps(hearing(defendant(order(), crn="X123456"))))
    return folder


@pytest.fixture
async def settings(
    kafka: choose.Kafka, database: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> KafkaSettings:
    """The feeds' database, and topics, named by the environment."""
    await migrate(database, DATABASE)
    for name, value in kafka.client_settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PROBATION_DATABASE_URL", database)
    monkeypatch.setenv("PROBATION_TOPIC_PREFIX", topic_prefix)
    settings = load(KafkaSettings)
    await kafka_clients.create_topics(settings, {f"{topic_prefix}court": 1})
    return settings


def test_a_dry_run_prints_the_events_and_what_waits(call: Call, tmp_path: Path, hearings: Path) -> None:
    merge = tmp_path / "merge.jsonl"
    told = notice("probation-case.merge.completed", sourceCRN="X000001", targetCRN="X123456")
    merge.write_text(json.dumps({"attributes": {"eventType": "x"}, "body": told}) + "\n")
    said = call("feed", "hmpps", "--from", str(merge), "--dry-run")
    assert json.loads(said.out)["type"] == "PersonMerged"
    assert (said.code, said.err) == (0, "1 message: 0 waiting, 0 could not be translated\n")
    said = call("feed", "common-platform", "--from", str(hearings), "--dry-run")
    assert said.code == 1
    assert "place:X123456: case management has not said" in said.err
    assert "identity:defendant:D2: nobody is known by these identifiers yet" in said.err
    assert said.err.endswith("2 messages: 2 waiting, 0 could not be translated\n")


def test_a_dry_run_says_that_it_fetches_nothing_and_takes_the_detail_from_the_file(
    call: Call, tmp_path: Path
) -> None:
    thin = tmp_path / "thin.json"
    told = prison("released", "2026-03-02T11:00:00Z", "UNKNOWN", "UAL")
    thin.write_text(json.dumps(told))
    said = call("feed", "hmpps", "--from", str(thin), "--dry-run")
    assert said.code == 1
    assert "its detail is needed, and a dry run fetches nothing" in said.err
    assert said.err.endswith("1 message: 1 waiting, 0 could not be translated\n")
    thin.write_text(json.dumps({"body": told, "detail": prisoner()}))
    said = call("feed", "hmpps", "--from", str(thin), "--dry-run")
    assert "additionalInformation.reason UNKNOWN: the code is not in table releases" in said.err
    assert said.err.endswith("1 message: 0 waiting, 1 could not be translated\n")


async def test_what_waits_is_listed_and_settled_on_the_command_line(
    acall: ACall, settings: KafkaSettings, database: str, hearings: Path
) -> None:
    assert (await acall("feed", "common-platform", "--from", str(hearings))).code == 1
    listed = await acall("feeds", "list")
    assert listed.code == 1
    assert "identity:defendant:D2" in listed.out
    because = ("--because", "asked the court")
    assert (await acall("feeds", "identify", "identity:defendant:D2", "X000002", *because)).out == "decided\n"
    for crn in ("X123456", "X000002"):
        assert (await acall("feeds", "place", crn, "london", "Camden", *because)).code == 0
    done = await acall("feeds", "list", "common-platform")
    assert (done.code, done.out) == (0, "nothing waits\n")
    connection = await asyncpg.connect(database)
    try:
        facts = await connection.fetch(
            "select subject from facts where type = 'SentenceImposed' order by subject"
        )
        left = await connection.fetchval("select count(*) from outbox")
    finally:
        await connection.close()
    assert [row["subject"] for row in facts] == ["X000002", "X123456"]
    assert left == 0


async def test_a_feed_reads_its_topic_until_it_is_stopped(settings: KafkaSettings, database: str) -> None:
    topic = f"{settings.topic_prefix}feeds.hmpps"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tools.cli", "feed", "hmpps", "--from", topic]
    environment = os.environ | {"PROBATION_HTTP_PORT": str(port), "PROBATION_HTTP_HOST": "127.0.0.1"}
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

            async def says(path: str, words: str) -> bool:
                try:
                    return words in (await client.get(path)).text
                except httpx.TransportError:
                    return False

            await until(lambda: says("/readyz", f"topic {topic}: it does not exist: create it"))
            await kafka_clients.create_topics(settings, {topic: 1, f"{settings.topic_prefix}practice": 1})
            await until(lambda: says("/readyz", '"ok": true'))
            producer = kafka_clients.producer(settings, "test")
            await producer.start()
            await producer.send_and_wait(topic, b"not JSON")
            told = notice("probation-case.merge.completed", sourceCRN="X000001", targetCRN="X123456")
            await producer.send_and_wait(topic, json.dumps(told).encode())
            await producer.stop()
            await until(lambda: published(database))
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            output, _ = await running.communicate()
        assert running.returncode == 0, output
        assert b"Traceback" not in output
        assert b"X000001" not in output
    finally:
        if running.returncode is None:
            running.kill()


async def published(database: str) -> bool:
    """Is the merge a fact, and its event with the broker?"""
    connection = await asyncpg.connect(database)
    try:
        facts = await connection.fetchval("select count(*) from facts where type = 'PersonMerged'")
        return bool(facts) and not await connection.fetchval("select count(*) from outbox")
    finally:
        await connection.close()


async def test_a_message_is_given_up_with_a_reason(
    acall: ACall, settings: KafkaSettings, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("not JSON")
    assert (await acall("feed", "common-platform", "--from", str(broken))).code == 1
    assert "is not JSON in UTF-8" in (await acall("feeds", "list")).out
    assert (await acall("feeds", "discard", "1", "--because", "a test")).out == "1 is discarded\n"
    assert (await acall("feeds", "list")).code == 0
    is_one_line(await acall("feeds", "discard", "1", "--because", "again"), "no message 1 waits", code=1)


@pytest.mark.parametrize(
    ("words", "parts", "code"),
    [
        (("feed", "nonsense"), ("use one of common-platform, hmpps, practice, providers",), 2),
        (("feed", "hmpps", "--dry-run"), ("give it with --from",), 2),
        (("feed", "hmpps", "--from", "./nowhere.json"), ("nowhere.json: no such file",), 1),
        (("feed", "hmpps"), ("no database is known for feeds",), 1),
        (("feeds", "identify", "D1", "X1", "--because", "b"), ("write kind:value",), 1),
        (("feeds", "link", "event:1", "S1", "--because", "b"), ("link:CRN/kind:value",), 1),
    ],
)
def test_a_mistake_is_told_in_one_line(
    call: Call, words: tuple[str, ...], parts: tuple[str, ...], code: int
) -> None:
    is_one_line(call(*words), *parts, code=code)
