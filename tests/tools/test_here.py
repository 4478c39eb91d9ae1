"""`demo` and `up`, which newcomers run first, as processes on the embedded broker and database."""

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
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from feeds.registry import ADAPTERS
from schemas.language import render, topics_of
from schemas.parsing import parse
from schemas.practice import ContactOutcomeRecorded
from schemas.words import AcceptableReason, Outcome
from shared.calendar import LONDON
from tests.ledger import PERSON, Ledger
from tools.cli.local import Child, local
from tools.demo import account
from tools.demo.follow import Follower
from tools.embedded import choose
from tools.services import BY_NAME
from tools.simulate import caseload

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


def start(*words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "tools.cli", *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Its output up to a line with that text."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it ended without saying {text!r}:\n{said}")


def ours(parent: int) -> set[int]:
    """The processes that a process started, directly or indirectly."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = status.read_text(errors="replace").rpartition(") ")
        except OSError:  # it has ended
            continue
        parents[int(status.parent.name)] = int(rest.split()[1])
    found = {parent}
    while more := {pid for pid, of in parents.items() if of in found} - found:
        found |= more
    return found - {parent}


def shown_by(pids: set[int]) -> str:
    """What every process of the same user can see of these: their arguments and their environment."""
    files = [Path(f"/proc/{pid}/{kind}") for pid in pids for kind in ("cmdline", "environ")]
    return "".join(file.read_bytes().decode(errors="replace") for file in files if file.exists())


def wait_until_gone(pids: set[int]) -> set[int]:
    end = time.monotonic() + 10
    left = pids
    while left and time.monotonic() < end:
        left = {pid for pid in left if Path(f"/proc/{pid}").exists()}
    return left


def test_the_demo_plays_a_month_of_ten_people(elsewhere: Path) -> None:
    process = start("demo", "--people", "10", "--days", "30", "--seed", "2")
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    lines = caseload(seed=2, people=10, days=30)
    sentences = {e.data.sentence_id for e in map(parse, lines) if e.type == "SentenceImposed"}
    allocated = re.search(r"sentences allocated on time +(\d+) of (\d+)", out)
    assert allocated
    assert int(allocated[2]) <= len(sentences)
    assert int(allocated[1]) > 0
    assert re.search(rf"facts in +{len(lines)} ", out)
    assert "2025-02-04" in out  # progress in plain lines: there is no terminal
    assert "\x1b[" not in out
    assert "What to try next" in out
    assert list(elsewhere.iterdir()) == []  # it leaves nothing behind


@pytest.fixture
def up() -> Iterator[subprocess.Popen[str]]:
    process = start("up")
    yield process
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_up_runs_everything_until_it_is_stopped(elsewhere: Path, up: subprocess.Popen[str]) -> None:
    said = read_until(up, "Ctrl-C stops it.")
    feeds = [f"feed-{name}" for name in ADAPTERS]
    for name in (*BY_NAME, "ticker", *feeds, "dashboard"):
        assert re.search(rf"  {name} +http://127.0.0.1:\d+/readyz", said)
    state = json.loads((elsewhere / ".probation" / "running.json").read_text())
    asyncio.run(_publish(state["kafka"]["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]))
    assert "AllocationOverdue" in _said("AllocationOverdue", "explain", "X100001")
    assert "sentences allocated on time" in _said(" on time  ", "report")
    _settle_a_hearing(state["kafka"])
    children = ours(up.pid)
    assert len(children) >= 12  # ten programs, broker, database
    passwords = set(re.findall(r"://[^:/]+:([^@]+)@", json.dumps(state)))
    assert len(passwords) == len(BY_NAME) + 2
    assert not [password for password in passwords if password in shown_by(children)]
    site = re.search(r"What needs doing: (http://127\.0\.0\.1:\d+)", said)
    assert site
    with urllib.request.urlopen(site[1], timeout=PATIENCE) as page:
        assert "What needs doing today" in page.read().decode()
    up.send_signal(signal.SIGINT)
    out, _ = up.communicate(timeout=PATIENCE)
    assert up.returncode == 0, out
    assert re.search(
        r"ticker +\d\d:\d\d:\d\d info a day has started", out
    )  # one log, in which each line names its program
    assert out.endswith("stopped\n")
    assert wait_until_gone(children) == set()
    assert not (elsewhere / ".probation" / "running.json").exists()


async def _publish(bootstrap: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for line in caseload(people=1, days=60):
            event = parse(line)
            key = (event.subject or "").encode()
            await producer.send_and_wait(f"probation.{topics_of(event.type)[0]}", line, key)


async def _first_message(kafka: Mapping[str, str], topic: str) -> bytes | None:
    servers = kafka["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest") as consumer,
        asyncio.timeout(PATIENCE),
    ):
        value: bytes | None = (await consumer.getone()).value
    return value


def _settle_a_hearing(kafka: Mapping[str, str]) -> None:
    """Send the example of a hearing to its feed, and decide what it waits for."""
    command = [sys.executable, str(ROOT / "docs/examples/send_hearing.py")]
    subprocess.run(command, env={**os.environ, **kafka}, check=True)
    known_as = re.search(r"identity:defendant:[0-9a-f-]+", _said("identity:", "feeds", "list"))
    assert known_as
    because = ("--because", "asked the court")
    assert _said("decided", "feeds", "identify", known_as[0], "X100002", *because) == "decided\n"
    assert _said("decided", "feeds", "place", "X100002", "london", "Camden", *because) == "decided\n"
    assert "AllocationOverdue" in _said("AllocationOverdue", "explain", "X100002")


def _said(awaited: str, *words: str) -> str:
    """What a command prints, as soon as it includes that text."""
    end = time.monotonic() + PATIENCE
    while True:
        process = start(*words)
        out, _ = process.communicate(timeout=PATIENCE)
        if awaited in out or time.monotonic() > end:
            return out


def test_a_service_that_is_killed_is_started_again_and_the_data_stays(
    elsewhere: Path, up: subprocess.Popen[str]
) -> None:
    read_until(up, "Ctrl-C stops it.")
    (killed,) = [pid for pid in ours(up.pid) if _runs(pid, "serve", "allocation")]
    os.kill(killed, signal.SIGKILL)
    read_until(up, "allocation ended with 137: it is started again in 1 s")
    state = json.loads((elsewhere / ".probation" / "running.json").read_text())
    asyncio.run(_publish(state["kafka"]["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]))
    assert "AllocationOverdue" in _said("AllocationOverdue", "explain", "X100001")
    up.send_signal(signal.SIGTERM)
    out, _ = up.communicate(timeout=PATIENCE)
    assert up.returncode == 0, out
    assert out.endswith("stopped\n")


def _runs(pid: int, *words: str) -> bool:
    """Whether the process runs this command itself, not as the guard of another."""
    command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return tuple(command[-len(words) - 1 : -1]) == words and "--log" not in command


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that PostgreSQL's own account can enter, as the current one. Pytest's are for one user."""
    with tempfile.TemporaryDirectory(prefix="probation-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.chdir(folder)
        yield Path(folder)


def test_a_second_instance_of_a_service_joins_what_runs_here(
    elsewhere: Path, up: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = read_until(up, "Ctrl-C stops it.")
    assert re.search(r"  contacts +postgresql://contacts_app@127\.0\.0\.1:\d+/contacts\n", said)
    state = json.loads((elsewhere / ".probation" / "running.json").read_text())
    assert not any(dsn.split(":")[2].partition("@")[0] in said for dsn in state["databases"].values())
    monkeypatch.setenv("PROBATION_HTTP_PORT", "0")
    second = start("serve", "contacts")
    try:
        read_until(second, '"event": "serving"')
        (first,) = [pid for pid in ours(up.pid) if _runs(pid, "serve", "contacts")]
        os.kill(first, signal.SIGKILL)
        read_until(second, "this instance publishes the outbox")
    finally:
        second.terminate()
        out, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, out


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


def test_up_keeps_its_databases_if_asked_and_catches_up_on_the_days_between(open_folder: Path) -> None:
    for run in (1, 2):
        process = start("up", "--keep-data")
        try:
            read_until(process, "Ctrl-C stops it.")
            state = json.loads((open_folder / ".probation" / "running.json").read_text())
            today = datetime.now(LONDON).date()
            asyncio.run(_reached(state["databases"], today - timedelta(days=1)))
            if run == 1:
                asyncio.run(_publish(state["kafka"]["PROBATION_KAFKA_BOOTSTRAP_SERVERS"]))
                assert "SentenceImposed" in _said("SentenceImposed", "explain", "X100001")
                asyncio.run(_go_back(state["databases"], today - timedelta(days=40)))
            assert "SentenceImposed" in _said("SentenceImposed", "explain", "X100001")
            if run == 2:  # the topics have what they had before
                assert "sentences allocated on time" in _said(" on time  ", "report")
                assert asyncio.run(_first_message(state["kafka"], "probation.court"))
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out


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


def test_up_that_is_stopped_while_it_starts_ends_well(up: subprocess.Popen[str]) -> None:
    read_until(up, "waiting for the services")
    children = ours(up.pid)
    up.terminate()
    out, _ = up.communicate(timeout=PATIENCE)
    assert up.returncode == 0, out
    assert wait_until_gone(children) == set()


@pytest.mark.parametrize("words", ["serve contacts", "ticker", "up"])
def test_a_program_that_is_stopped_while_it_loads_ends_well(words: str) -> None:
    code = (
        "import builtins, os, signal, sys, tools.cli\n"
        "take = builtins.__import__\n"
        "def stopped(name, *rest):\n"
        "    if name == 'tools.cli.commands': os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return take(name, *rest)\n"
        "builtins.__import__ = stopped\n"
        f"sys.argv[1:] = {words.split()}\n"
        "tools.cli.main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("words", ["serve contacts", "ticker"])
def test_a_program_that_waits_for_its_servers_ends_well_when_it_is_stopped(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("PROBATION_DATABASE_URL", "postgresql://a@127.0.0.1:1/x")
    monkeypatch.setenv("PROBATION_HTTP_PORT", "0")
    process = start(*words.split())
    read_until(process, "waiting")
    process.terminate()
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    assert '"event": "stopped"' in out


def test_up_is_killed_and_leaves_nothing_running(up: subprocess.Popen[str]) -> None:
    read_until(up, "waiting for the services")
    children = ours(up.pid)
    assert children
    up.kill()
    up.communicate()
    assert wait_until_gone(children) == set()


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


def test_the_follower_keeps_what_stands_and_why_the_rest_was_withdrawn() -> None:
    ledger = Ledger(BY_NAME["contacts"])
    ledger.day("2025-01-06")
    for line in caseload(people=1, days=60):
        if (event := parse(line)).type == "SentenceImposed":
            ledger.day(event.data.imposed_on)
            sentence, on = event.data, event.data.imposed_on
    ledger.tell(sentence, _outcome(sentence.sentence_id, on, "unacceptable_absence", None))
    ledger.tell(_outcome(sentence.sentence_id, on, "acceptable_absence", "medical"))
    follower = Follower()
    for event in [*ledger.published, *ledger.published]:
        follower.take(render(event))
    assert follower.count == {"contacts": len(ledger.published)}
    assert [e.type for e in follower.standing.events("ContactMissed", "ContactExcused")] == ["ContactExcused"]
    assert ("ContactMissed", "corrected") in [(e.type, by.reason) for e, by in follower.standing.withdrawn]
    assert account.choose(follower) == [("A case with a corrected record", PERSON)]


def _outcome(
    sentence_id: str, on: date, outcome: Outcome, reason: AcceptableReason | None
) -> ContactOutcomeRecorded:
    return ContactOutcomeRecorded(
        contact_id="C1",
        sentence_id=sentence_id,
        occurred_on=on,
        kind="planned",
        mode="face_to_face",
        national_standard=True,
        outcome=outcome,
        acceptable_reason=reason,
    )
