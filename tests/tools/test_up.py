"""`up`: the whole system on this machine, as processes on the embedded broker and database.

It takes long to start, so one system runs for all tests that leave it as it was; the last of them stops it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from feeds.registry import ADAPTERS
from schemas.language import topics_of
from schemas.parsing import parse
from shared.calendar import LONDON
from tests.tools.programs import PATIENCE, ROOT, Program, shown_by
from tools.cli.local import Child, local
from tools.embedded import choose
from tools.services import BY_NAME
from tools.simulate import caseload

READY = "Ctrl-C stops it."


class Up:
    """`up --keep-data` in a folder, ready to use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = Program("up", "--keep-data", folder=folder)
        self.said = self.program.says(READY)
        self.state = json.loads(self.state_file.read_text())
        self.kafka: Mapping[str, str] = self.state["kafka"]
        self.databases: Mapping[str, str] = self.state["databases"]

    @property
    def state_file(self) -> Path:
        return self.folder / ".probation" / "running.json"

    def run(self, *words: str, codes: Iterable[int] = (0,)) -> str:
        """What a command prints, which ends with one of these exit codes."""
        program = Program(*words, folder=self.folder)
        assert program.ends() in codes, program.said
        return program.said

    def has(self, topic: str, *texts: str) -> None:
        """Wait until one message on a topic has these texts."""
        asyncio.run(self._has(f"probation.{topic}", [text.encode() for text in texts]))

    async def _has(self, topic: str, texts: list[bytes]) -> None:
        servers = self.kafka["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]
        async with (
            AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest") as consumer,
            asyncio.timeout(PATIENCE),
        ):
            async for record in consumer:
                if all(text in record.value for text in texts):
                    return

    async def publish(self) -> None:
        """The first 60 days of one person, which are long past: X100001."""
        servers = self.kafka["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]
        async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
            for line in caseload(people=1, days=60):
                event = parse(line)
                key = (event.subject or "").encode()
                await producer.send_and_wait(f"probation.{topics_of(event.type)[0]}", line, key)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own account can enter. Pytest's are for one user."""
    with tempfile.TemporaryDirectory(prefix="probation-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[Up]:
    made = Up(folder)
    yield made
    made.program.close()


def test_up_says_where_each_program_answers_and_where_the_databases_are(up: Up) -> None:
    feeds = [f"feed-{name}" for name in ADAPTERS]
    for name in (*BY_NAME, "ticker", *feeds, "dashboard"):
        assert re.search(rf"  {name} +http://127.0.0.1:\d+/readyz", up.said)
    assert re.search(r"  contacts +postgresql://contacts_app@127\.0\.0\.1:\d+/contacts\n", up.said)


def test_up_and_its_programs_show_nobody_a_password(up: Up) -> None:
    passwords = set(re.findall(r"://[^:/]+:([^@]+)@", json.dumps(up.state)))
    assert len(passwords) == len(BY_NAME) + 2
    children = up.program.children()
    assert len(children) >= 12  # ten programs, broker, database
    shown = shown_by(children) + up.program.said
    assert not [password for password in passwords if password in shown]


def test_up_shows_the_pages(up: Up) -> None:
    site = re.search(r"What needs doing: (http://127\.0\.0\.1:\d+)", up.said)
    assert site
    with urllib.request.urlopen(site[1], timeout=PATIENCE) as page:
        assert "What needs doing today" in page.read().decode()


def test_a_service_that_is_killed_is_started_again(up: Up) -> None:
    os.kill(up.program.child("serve", "allocation"), signal.SIGKILL)
    up.program.says("allocation ended with 137: it is started again in 1 s")


def test_a_hearing_is_translated_once_somebody_has_said_whose_it_is(up: Up) -> None:
    command = [sys.executable, str(ROOT / "docs/examples/send_hearing.py")]
    subprocess.run(command, env={**os.environ, **up.kafka}, check=True)
    known_as = _until(
        lambda: re.search(r"identity:defendant:[0-9a-f-]+", up.run("feeds", "list", codes=(0, 1)))
    )
    because = ("--because", "asked the court")
    assert up.run("feeds", "identify", known_as[0], "X100002", *because) == "decided\n"
    place = ("feeds", "place", "X100002", "london", "Camden", *because)
    _until(lambda: "decided" in up.run(*place, codes=(0, 1)))
    up.has("court", "SentenceImposed", "X100002")


def _until(found: Any) -> Any:
    """What a command of the feeds, which have no topic to wait on, says once they have got there."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end
    return answer


def test_a_second_instance_of_a_service_joins_what_runs_here(up: Up) -> None:
    assert all(f"export {name}={value}" in up.said for name, value in up.kafka.items())  # for other terminals
    told = {**up.kafka, "PROBATION_HTTP_PORT": "0"}
    second = Program("serve", "contacts", folder=up.folder, environment=told)
    try:
        second.says('"event": "serving"')
        os.kill(up.program.child("serve", "contacts"), signal.SIGKILL)
        second.says("this instance publishes the outbox")
        assert second.ends(signal.SIGTERM) == 0, second.said
    finally:
        second.close()


def test_what_is_published_is_concluded_upon_explained_and_reported(up: Up) -> None:
    asyncio.run(up.publish())
    up.has("allocation", "AllocationOverdue", "X100001")  # by the service that was killed, too
    assert "AllocationOverdue" in up.run("explain", "X100001")
    assert "sentences allocated on time" in up.run("report")


def test_up_that_is_stopped_leaves_nothing_but_its_databases_and_catches_up_on_the_days_since(up: Up) -> None:
    children = up.program.children()
    today = datetime.now(LONDON).date()
    asyncio.run(_go_back(up.databases, today - timedelta(days=40)))
    assert up.program.ends(signal.SIGINT) == 0, up.program.said
    assert up.program.said.endswith("stopped\n")
    assert re.search(  # one log, in which each line names its program
        r"ticker +\d\d:\d\d:\d\d info a day has started", up.program.said
    )
    assert _left_of(children) == set()
    assert not up.state_file.exists()
    again = Up(up.folder)
    try:
        asyncio.run(_reached(again.databases, today - timedelta(days=1)))
        assert "AllocationOverdue" in again.run("explain", "X100001")
        assert "sentences allocated on time" in again.run("report")
        again.has("court", "SentenceImposed", "X100001")  # the topics have what they had before
        children = again.program.children()
    finally:
        again.program.close()  # killed
    assert _left_of(children) == set()


def _left_of(pids: set[int]) -> set[int]:
    end = time.monotonic() + PATIENCE
    left = pids
    while left and time.monotonic() < end:
        left = {pid for pid in left if Path(f"/proc/{pid}").exists()}
    return left


async def _reached(databases: Mapping[str, str], day: date) -> None:
    """Wait until every service has reached the day."""
    for dsn in (databases[name] for name in BY_NAME):
        connection = await asyncpg.connect(dsn)
        async with asyncio.timeout(PATIENCE):
            while not await connection.fetchval("select day >= $1 from clock", day):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await connection.close()


async def _go_back(databases: Mapping[str, str], day: date) -> None:
    """Let the databases be as if they were used last on that day."""
    for dsn in (databases[name] for name in BY_NAME):
        connection = await asyncpg.connect(dsn)
        await connection.execute("update clock set day = $1", day)
        await connection.close()


def test_up_that_is_stopped_while_it_starts_ends_well(elsewhere: Path) -> None:
    starting = Program("up", folder=elsewhere)
    try:
        starting.says("waiting for the services")
        children = starting.children()
        assert starting.ends(signal.SIGTERM) == 0, starting.said
    finally:
        starting.close()
    assert children
    assert _left_of(children) == set()
    assert not (elsewhere / ".probation" / "running.json").exists()


def test_a_program_that_ends_again_and_again_is_started_after_a_longer_and_longer_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("tools.cli.local.time.monotonic", lambda: now)
    started = []

    class Ended:
        exit_code = 1

    def launch() -> Any:
        started.append(now)
        return Ended()

    child = Child("contacts", launch, tmp_path / "log", 0)
    said = []
    for now in (n / 2 for n in range(400)):  # noqa: B007 - the clock
        if what := child.look_after():
            said.append(what)
    waits = [later - earlier for earlier, later in pairwise(started)]
    assert [round(wait) for wait in waits[:6]] == [1, 2, 4, 8, 16, 30]
    assert max(waits) < 32
    assert said[0] == "contacts ended with 1: it is started again in 1 s"


async def test_up_uses_the_servers_that_the_environment_names(
    kafka: choose.Kafka, postgres: choose.Postgres, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        **kafka.client_settings,
        "PROBATION_TOPIC_PREFIX": topic_prefix,
        "PROBATION_KAFKA_PARTITIONS": "1",
        "PROBATION_DATABASE_URL": postgres.dsn(),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []

    def set_up() -> dict[str, str]:
        with local(said.append) as system:
            return dict(system.databases)

    databases = await asyncio.to_thread(set_up)
    try:
        assert said == ["creating topics and tables"]
        for name, dsn in databases.items():
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("select current_user") == f"{name}_app"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("delete from journal")
            await connection.close()
    finally:
        admin = await asyncpg.connect(postgres.dsn())
        for name in databases:
            await admin.execute(f'drop database "{name}" with (force)')
        await admin.close()
